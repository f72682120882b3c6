/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that casniff counts. Each frame ends in exactly one of the frame outcomes, so
 * that their sum is `frames`; every cap that is hit has its counter here.
 */
#ifndef CASNIFF_COUNTERS_H
#define CASNIFF_COUNTERS_H

#include <stdint.h>

#include <casniff/api.h>

enum cas_counter {
    CAS_COUNT_FRAMES,      /* frames handed to the sniffer */
    CAS_COUNT_FRAME_BYTES, /* bytes captured of them */
    CAS_COUNT_FRAMES_CUT,  /* shorter than on the wire (snaplen) */

    /* Live, as the system tells it: 0 for files. */
    CAS_COUNT_CAPTURE_RECEIVED,          /* that passed the filter; the dropped ones as well */
    CAS_COUNT_CAPTURE_DROPPED_KERNEL,    /* for want of room in the capture's buffer */
    CAS_COUNT_CAPTURE_DROPPED_INTERFACE, /* by the interface or its driver */

    /* The outcomes: one for each frame. */
    CAS_COUNT_LINK_UNSUPPORTED,  /* a link type that is not decoded */
    CAS_COUNT_LINK_MALFORMED,    /* the link header ends early or contradicts itself */
    CAS_COUNT_NOT_IP,            /* ARP, LLDP, ... */
    CAS_COUNT_IP_MALFORMED,      /* a bad IPv4 or IPv6 header */
    CAS_COUNT_IP_FRAGMENT,       /* a fragment that did not complete its packet */
    CAS_COUNT_NOT_TCP,           /* UDP, ICMP, ... */
    CAS_COUNT_TCP_MALFORMED,     /* a bad TCP header */
    CAS_COUNT_TCP_CHECKSUM_BAD,  /* dropped for its checksum */
    CAS_COUNT_TCP_CONTROL,       /* no data: SYN, ACK, FIN, RST */
    CAS_COUNT_TCP_IGNORED,       /* data of a connection that is finished or not TLS */
    CAS_COUNT_TCP_DATA,          /* data that was looked at */
    CAS_COUNT_TCP_OUT_OF_WINDOW, /* data far outside of any window */
    CAS_COUNT_TCP_NO_ROOM,       /* data dropped for lack of memory */

    /* Packets that came in fragments; but for the copies, not more than one of each packet, or
     * joined, and overlapping when other fragments contradicted it afterwards */
    CAS_COUNT_FRAGMENTS_JOINED,      /* put together */
    CAS_COUNT_FRAGMENTS_COPIES,      /* fragments that came again, just as they were */
    CAS_COUNT_FRAGMENTS_OVERLAPPING, /* discarded, as RFC 5722 wants it; or disputed */
    CAS_COUNT_FRAGMENTS_MALFORMED,   /* discarded: lengths that contradict each other */
    CAS_COUNT_FRAGMENTS_UNFINISHED,  /* given up: a fragment never came */
    CAS_COUNT_FRAGMENTS_NO_ROOM,     /* given up: more than are kept at once */

    /* TCP */
    CAS_COUNT_CHECKSUM_TRUSTED, /* wrong checksums accepted: checking switched itself off */
    CAS_COUNT_FLOWS,            /* connections that carried data */
    CAS_COUNT_FLOWS_EVICTED,    /* given up for room in the flow table or in memory */
    CAS_COUNT_FLOWS_TIMED_OUT,  /* given up after silence */
    CAS_COUNT_FLOWS_MIDSTREAM,  /* whose start is not in the capture */
    CAS_COUNT_FLOWS_WATCHED,    /* looked at behind their handshake, for another one */
    CAS_COUNT_WATCHES_EVICTED,  /* of these, given up for room */
    CAS_COUNT_SEGMENTS_OUT_OF_ORDER,
    CAS_COUNT_SEGMENTS_DUPLICATE, /* nothing new in them */
    CAS_COUNT_OVERLAPS_DIFFERENT, /* repeated bytes that differ, or cannot be compared */
    CAS_COUNT_HOLES,              /* lost data, as the other side's ACK proves or at the end */
    CAS_COUNT_HOLE_BYTES,
    CAS_COUNT_REORDER_CAPPED, /* more out of order than is kept */
    CAS_COUNT_RST_IGNORED,    /* resets that the connection survived */
    CAS_COUNT_URGENT,         /* segments with an urgent pointer */

    /* TLS */
    CAS_COUNT_NOT_TLS, /* connections in which no TLS was found */
    CAS_COUNT_TLS_CONNECTIONS,
    CAS_COUNT_TLS13_CONNECTIONS,      /* their requests are encrypted */
    CAS_COUNT_TLS_ONE_SIDED,          /* of which one direction alone was seen */
    CAS_COUNT_TLS_RESUMED,            /* resumed sessions have no request */
    CAS_COUNT_TLS_MALFORMED,          /* records or messages that break the protocol */
    CAS_COUNT_TLS_MESSAGES_CAPPED,    /* messages longer than is kept */
    CAS_COUNT_TLS_DECRYPTION_CUT,     /* whose secrets are known, but not all could be opened */
    CAS_COUNT_RENEGOTIATIONS,         /* encrypted handshakes after the first */
    CAS_COUNT_SYNC_LOST,              /* behind it a record's header was missing */
    CAS_COUNT_SYNC_FOUND,             /* of these, found again */
    CAS_COUNT_SYNC_GIVEN_UP,          /* of these, not found within reach */
    CAS_COUNT_CERT_REQUESTS,          /* CertificateRequest messages seen, whole or not */
    CAS_COUNT_CERT_REQUESTS_HIDDEN,   /* connections in which one may be hidden */
    CAS_COUNT_CERT_REQUESTS_INFERRED, /* connections in which one is, as record sizes tell */
    CAS_COUNT_CERT_LISTS_COMPLETE,
    CAS_COUNT_CERT_LISTS_INCOMPLETE,
    CAS_COUNT_CERT_LISTS_AMBIGUOUS,
    CAS_COUNT_CERT_LISTS_MALFORMED,
    CAS_COUNT_LISTS_NOT_RETOLD, /* known lists that take turns too often to be told each time */

    /* The key log */
    CAS_COUNT_KEYLOG_CONNECTIONS,    /* of which secrets are held now */
    CAS_COUNT_KEYLOG_DROPPED,        /* of which they were dropped, the oldest, for room */
    CAS_COUNT_KEYLOG_BAD_LINES,      /* none of a key log, or contradicting an earlier one */
    CAS_COUNT_KEYLOG_WAITED,         /* connections that were ahead of their secrets, */
    CAS_COUNT_KEYLOG_WAITED_IN_VAIN, /* and whose secrets did not come in time */

    /* Alerts */
    CAS_COUNT_ALERTS_TOLD,
    CAS_COUNT_ALERTS_SUPPRESSED, /* held back by a rate limit */
    CAS_COUNT_ANOMALIES_TOLD,
    CAS_COUNT_ANOMALIES_SUPPRESSED, /* held back by their rate limit */

    /* Packets kept for what may become a finding, when config.evidence has a function */
    CAS_COUNT_EVIDENCE_HANDSHAKES,     /* handshakes with a finding: their packets were told */
    CAS_COUNT_EVIDENCE_SKIPPED,        /* more than are saved of one server an hour */
    CAS_COUNT_EVIDENCE_NOT_WHOLE,      /* of which packets are missing */
    CAS_COUNT_EVIDENCE_FRAMES,         /* packets told */
    CAS_COUNT_EVIDENCE_FRAMES_DROPPED, /* packets not kept, for the cap of a connection or of
                                          memory; most belong to handshakes without a finding */

    /* Reports, as cas_sniffer_set_output_stats() was told */
    CAS_COUNT_OUTPUT_WRITTEN, /* events, of all reports together */
    CAS_COUNT_OUTPUT_DROPPED, /* events that a report could not take in time */
    CAS_COUNT_OUTPUT_ERRORS,  /* writes that failed */

    /* Memory */
    CAS_COUNT_MEMORY_PEAK_BYTES,
    CAS_COUNT_MEMORY_REFUSED, /* allocations that the budget refused */
    CAS_COUNT_SERVERS_CAPPED, /* servers not kept for the summary: too many */
    CAS_COUNTERS              /* how many there are */
};

struct cas_counters {
    uint64_t value[CAS_COUNTERS];
};

/* The counter as events spell it, group and name, e.g. "tcp.segments_duplicate". */
CAS_API const char *cas_counter_name(enum cas_counter counter);

static inline void cas_count(struct cas_counters *counters, enum cas_counter counter)
{
    counters->value[counter]++;
}

static inline void cas_count_add(struct cas_counters *counters, enum cas_counter counter,
                                 uint64_t amount)
{
    counters->value[counter] += amount;
}

#endif
