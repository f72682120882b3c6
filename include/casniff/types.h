/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The small types that every part of casniff shares: borrowed bytes, a captured frame, an
 * address with its port, and the reasons why something was not seen whole.
 */
#ifndef CASNIFF_TYPES_H
#define CASNIFF_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include <casniff/api.h>

/* Bytes that belong to somebody else. How long they live is said where a view is handed out. */
struct cas_view {
    const uint8_t *data; /* may be NULL when len is 0 */
    size_t len;
};

/* One captured frame, as it came from the capture file or the interface. */
struct cas_frame {
    uint64_t number;       /* 1 for the first frame of the run */
    uint64_t timestamp_us; /* microseconds since 1970-01-01 UTC */
    int link_type;         /* a DLT_ value, as pcap_datalink() gives it */
    uint32_t wire_len;     /* bytes on the wire; more than bytes.len when cut by the snaplen */
    struct cas_view bytes; /* what was captured; valid until the next frame is asked for */
};

/* An IP address and a TCP port. */
struct cas_endpoint {
    uint8_t family;      /* 4 or 6; 0 when unknown */
    uint8_t address[16]; /* network order; the first 4 bytes for family 4 */
    uint16_t port;       /* host order */
};

/* VLAN tags kept of one frame, outermost first. */
#define CAS_VLAN_MAX 8

/*
 * Why bytes of a connection were not all seen, once, unambiguously. Several can hold at once:
 * they are kept as a mask of CAS_REASON_BIT(reason).
 */
enum cas_reason {
    CAS_REASON_GAP,          /* segments are missing from the capture */
    CAS_REASON_SNAPLEN,      /* frames were cut when captured */
    CAS_REASON_MIDSTREAM,    /* the capture began after the connection did */
    CAS_REASON_CAPTURE_END,  /* the capture ended before the message did */
    CAS_REASON_CLOSED,       /* the connection ended before the message did */
    CAS_REASON_TIMEOUT,      /* nothing came for too long */
    CAS_REASON_MEMORY,       /* the memory budget was used up */
    CAS_REASON_TABLE_FULL,   /* the flow table was full */
    CAS_REASON_OUT_OF_ORDER, /* more was out of order than is kept */
    CAS_REASON_MESSAGE_CAP,  /* the message is longer than is kept */
    CAS_REASON_OVERLAP,      /* bytes were sent twice, and differ or cannot be compared */
    CAS_REASON_URGENT,       /* urgent data: the receiver decides what counts */
    CAS_REASON_CHECKSUM,     /* wrong ones were believed, until a right one came */
    CAS_REASON_FRAGMENT,     /* IP fragments that could not be joined */
    CAS_REASON_FRAMING,      /* TLS record framing was lost */
    CAS_REASON_PROTOCOL,     /* a message where none may be: not all is the peer's */
    CAS_REASON_SEQUENCE,     /* other data came, with numbers that do not fit */
    CAS_REASONS              /* how many there are */
};

#define CAS_REASON_BIT(reason) (1u << (unsigned)(reason))

/* Reasons for which bytes are there, but in doubt; all others mean that some are missing. */
#define CAS_REASONS_OF_DOUBT                                                                   \
    (CAS_REASON_BIT(CAS_REASON_OVERLAP) | CAS_REASON_BIT(CAS_REASON_URGENT) |                  \
     CAS_REASON_BIT(CAS_REASON_CHECKSUM) | CAS_REASON_BIT(CAS_REASON_SEQUENCE) |               \
     CAS_REASON_BIT(CAS_REASON_PROTOCOL))

/* The reason as events spell it, e.g. "snaplen". A constant string. */
CAS_API const char *cas_reason_name(enum cas_reason reason);

#endif
