/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sniffer: frames in, events out. It holds no global state, reads no clock and prints
 * nothing; several can live in one process.
 *
 *     struct cas_sniffer_config config = cas_sniffer_defaults();
 *     config.sink = my_sink;
 *     sniffer = cas_sniffer_create(&config);
 *     while (cas_capture_next(capture, &frame, NULL) == CAS_CAPTURE_FRAME) {
 *         cas_sniffer_push(sniffer, &frame);
 *     }
 *     cas_sniffer_finish(sniffer);
 *     cas_sniffer_destroy(sniffer);
 */
#ifndef CASNIFF_SNIFFER_H
#define CASNIFF_SNIFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/capture.h>
#include <casniff/counters.h>
#include <casniff/error.h>
#include <casniff/events.h>
#include <casniff/evidence.h>
#include <casniff/keylog.h>
#include <casniff/limits.h>
#include <casniff/relay.h>
#include <casniff/trust_store.h>
#include <casniff/types.h>

struct cas_sniffer;
struct cas_state_server; /* state.h */

enum cas_checksums {
    CAS_CHECKSUMS_AUTO,  /* checked, but given up when 10 % of the first 1,000 are wrong */
    CAS_CHECKSUMS_CHECK, /* always checked */
    CAS_CHECKSUMS_TRUST  /* never checked */
};

/* Which connections get a handshake event. */
enum cas_select {
    CAS_SELECT_ALL,
    CAS_SELECT_REQUESTS, /* a request was seen, or may be hidden */
    CAS_SELECT_FINDINGS  /* a diagnosis of severity warning or error */
};

/* What tells how long a connection has been silent. */
enum cas_clock {
    CAS_CLOCK_PACKETS, /* the frames' timestamps, of which each advances it by 1 s at most */
    CAS_CLOCK_CALLER   /* cas_sniffer_tick(): live, where nothing may come for hours */
};

struct cas_sniffer_config {
    struct cas_sink sink;
    struct cas_relay relay;              /* with a function: it tells nothing by itself */
    struct cas_evidence_sink evidence;   /* without a function: no packets are kept */
    const struct cas_trust_store *store; /* NULL: none; kept alive by the caller */
    struct cas_keylog *keylog;           /* NULL: none; as the store, and one sniffer's only */
    bool keylog_grows; /* packets may come before their secrets, by a few seconds */
    const struct cas_trust_store *client_cert; /* --client-cert: its first entry is the leaf */
    const struct cas_limit *limits;            /* copied; NULL: schannel */
    size_t limits_len;
    uint32_t warn_percent;
    uint32_t crit_percent;
    enum cas_checksums checksums;
    enum cas_clock clock;
    enum cas_select select;
    size_t memory_bytes;   /* the budget for everything that traffic can make it keep */
    size_t max_flows;      /* connections followed at once */
    uint64_t realert_us;   /* an alert that still holds goes out again; 0: never */
    uint64_t heartbeat_us; /* a known list that is still shown is told again; 0: never */
    uint32_t alerts_per_s; /* of all servers together, a part of it of each address and port;
                              more are held back and counted */
    uint32_t alerts_burst;
    uint32_t evidence_per_hour; /* handshakes told to evidence, beside those that raise an
                                   alert, of each address and port and kind of finding; more
                                   are counted; 0: all of them */
    uint32_t anomalies_per_s;   /* of each code; more are held back and counted */
    uint32_t anomalies_burst;
    const char *sensor_name; /* kept alive by the caller, as the next two */
    const char *in_iface;
    const char *pcap_filename;
    uint8_t
        hash_key[16]; /* of the flow table; all zero: taken from the system's random source */
};

CAS_API struct cas_sniffer_config cas_sniffer_defaults(void);

/* NULL when memory, or randomness, could not be had. The config is copied. */
CAS_API CAS_MUST_CHECK struct cas_sniffer *
cas_sniffer_create(const struct cas_sniffer_config *config);

/* Takes one frame; all events that it completes are told to the sink before this returns. */
CAS_API void cas_sniffer_push(struct cas_sniffer *sniffer, const struct cas_frame *frame);

/* The next capture begins: pcap_filename of the events from now on. Kept alive by the caller.
 */
CAS_API void cas_sniffer_set_file(struct cas_sniffer *sniffer, const char *pcap_filename);

/* The same for in_iface: call it before the frames of another interface; with NULL before the
 * statistics of several. A connection keeps the one on which its last bytes came in. */
CAS_API void cas_sniffer_set_iface(struct cas_sniffer *sniffer, const char *iface);

/* A moment, on two clocks. */
struct cas_tick {
    uint64_t monotonic_us; /* of a clock that nobody sets; from any start */
    uint64_t wall_us;      /* since 1970: the timestamp of what is told for no frame */
};

/*
 * With CAS_CLOCK_CALLER: time goes on, by a second at most for each call, so that a process
 * that stood still gives up nothing; and what has become due is told. Call it every 100 ms or
 * so, after the frames that are there.
 *
 * A bounded amount of work: true when more is due, and another call, after the next frames,
 * goes on with it.
 */
CAS_API bool cas_sniffer_tick(struct cas_sniffer *sniffer, const struct cas_tick *now);

/* The sum over all interfaces, for the statistics. */
CAS_API void cas_sniffer_set_capture_stats(struct cas_sniffer *sniffer,
                                           const struct cas_capture_stats *sum);

/* What the reports took, for the statistics: whoever feeds them knows. */
struct cas_output_stats {
    uint64_t written;
    uint64_t dropped;
    uint64_t errors;
};
CAS_API void cas_sniffer_set_output_stats(struct cas_sniffer *sniffer,
                                          const struct cas_output_stats *sum);

/* Tells the statistics now; a reader (relay.h) hands its counters over. */
CAS_API void cas_sniffer_tell_stats(struct cas_sniffer *sniffer, uint64_t wall_us);

/*
 * Tells the sink what happened to an interface. Of event the head's timestamp_us, iface, state
 * and text are taken; the rest of the head is filled in.
 */
CAS_API void cas_sniffer_tell_capture(struct cas_sniffer *sniffer,
                                      const struct cas_capture_event *event);

/*
 * Tells every server seen so far, as they are told at the end, but to this function instead of
 * the sink, and without numbers (head.seq is 0). It must not call the sniffer.
 */
CAS_API void cas_sniffer_servers(struct cas_sniffer *sniffer,
                                 void (*tell)(void *user, const struct cas_server_event *event),
                                 void *user);

/*
 * What must outlive a restart, so that no alert is repeated before its time and a change is
 * noticed: a text of its own form (see state.h), the same bytes for the same state and time.
 * wall_us is now, since 1970. write gets it in pieces, and returns 0 or an errno, which ends
 * it. 0, or what write returned.
 */
CAS_API CAS_MUST_CHECK int
cas_sniffer_state_save(const struct cas_sniffer *sniffer, uint64_t wall_us,
                       int (*write)(void *user, struct cas_view text), void *user);

/*
 * Takes up what was saved; before the first frame. CAS_ERR_FORMAT when it is no whole state of
 * a version that is known, CAS_ERR_NOMEM; then nothing of it is taken. Servers for which there
 * is no room are left out and counted.
 */
CAS_API CAS_MUST_CHECK enum cas_err cas_sniffer_state_load(struct cas_sniffer *sniffer,
                                                           struct cas_view text,
                                                           struct cas_error *out_error);

/*
 * Tells the servers with a list that was seen whole before a restart, but not since: what
 * cas_sniffer_servers() does not know yet. The one seen last first; it must not call the
 * sniffer.
 */
CAS_API void cas_sniffer_remembered(const struct cas_sniffer *sniffer,
                                    void (*tell)(void *user,
                                                 const struct cas_state_server *server),
                                    void *user);

/* The input has ended: tells what is left, the servers and the statistics. Call it once. */
CAS_API void cas_sniffer_finish(struct cas_sniffer *sniffer);

CAS_API const struct cas_counters *cas_sniffer_counters(const struct cas_sniffer *sniffer);

/* Tells the plan for config's store and limits to config's sink. CAS_ERR_NOMEM, or
 * CAS_ERR_USAGE without a store. */
CAS_API CAS_MUST_CHECK enum cas_err cas_plan(const struct cas_sniffer_config *config);

CAS_API void cas_sniffer_destroy(struct cas_sniffer *sniffer);

#endif
