/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames in, bytes of TCP connections out: the top of net/. Finds the connection of each
 * segment, puts both directions in order, and hands what is in order to a handler. Knows
 * Ethernet to TCP; knows nothing of what the bytes mean.
 */
#ifndef CAS_NET_FLOWS_H
#define CAS_NET_FLOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/counters.h>
#include <casniff/types.h>

#include "bytes/budget.h"
#include "net/kept.h"

/*
 * A connection as the handler may know it. Its two ends are numbered: end 0 sent the SYN, or
 * else the first segment that was captured. Which of them is the TLS client is not known here.
 */
struct cas_flow {
    uint64_t id; /* from the addresses and the start time; below 2^53, never 0 */
    struct cas_endpoint end[2];
    uint16_t vlan[CAS_VLAN_MAX];
    size_t vlan_len;
    bool is_midstream;     /* neither SYN nor SYN/ACK was captured */
    uint64_t first_us;     /* time of its first captured segment */
    struct cas_kept *kept; /* its frames so far; NULL when none are kept */
};

/* What a handler wants of this direction of a connection from now on. */
enum cas_want {
    CAS_WANT_BYTES, /* go on */
    CAS_WANT_REST,  /* go on; what came so far does not matter, unless again() finds it does */
    CAS_WANT_NOTHING, /* no more of this direction */
    CAS_WANT_NEITHER  /* no more of either: close() follows, it becomes a tombstone */
};

enum cas_close {
    CAS_CLOSE_FIN, /* both directions ended */
    CAS_CLOSE_RST,
    CAS_CLOSE_REPLACED, /* the port was used again */
    CAS_CLOSE_TIMEOUT,
    CAS_CLOSE_EVICTED, /* for room; which: CAS_REASON_MEMORY or CAS_REASON_TABLE_FULL */
    CAS_CLOSE_CAPTURE_END,
    CAS_CLOSE_UNWANTED /* the handler wanted no more of either direction */
};

/*
 * A connection of which not all bytes are wanted any more may be watched: segments are shown to
 * the handler, in order, once they reach a sequence number that it names for each end.
 */
struct cas_watch_start {
    uint32_t base[2]; /* by ends: the sequence number of offset 0 */
    uint32_t next[2]; /* set by the handler: nothing before it is to be looked at */
    bool is_wanted[2];
};

/* A segment that reaches what is awaited; or lies behind it, where bytes are missing. */
struct cas_glimpse {
    const struct cas_frame *frame;
    unsigned end;
    uint32_t seq;          /* of its first byte */
    struct cas_view bytes; /* captured */
    uint32_t wire_len;     /* on the wire */
    bool is_believed;      /* its checksum does not speak against it */
    uint32_t next;         /* set by the handler: what is awaited of this end */
    bool is_last;          /* set by the handler: nothing more is */
};

enum cas_watching {
    CAS_WATCH_ON,
    CAS_WATCH_DOUBT, /* the same again, once the segment is believed; nothing was done */
    CAS_WATCH_SOON,  /* something is to be told: at unwatch(), if nothing comes for a minute */
    CAS_WATCH_OVER   /* unwatch() follows: what is to be told is told there */
};

/* See fetch() below. */
#define CAS_FLOW_FETCH_STEPS 3

/*
 * What the flows call. user is what open() returned for that connection. A frame's number and
 * time are those of the frame that made the call possible. All bytes are valid during the call.
 */
struct cas_flow_handler {
    void *ctx;
    /*
     * The first data of a connection is about to come. NULL refuses it: for lack of memory,
     * say. flow stays valid until close().
     */
    void *(*open)(void *ctx, const struct cas_flow *flow);
    /* The next bytes of a direction; offset counts from the first byte after the SYN (from the
     * first byte captured when is_midstream), holes included. */
    enum cas_want (*bytes)(void *ctx, void *user, const struct cas_frame *frame, unsigned end,
                           uint64_t offset, struct cas_view bytes);
    /* len bytes at offset will never come; what follows comes next. */
    enum cas_want (*hole)(void *ctx, void *user, const struct cas_frame *frame, unsigned end,
                          uint64_t offset, uint64_t len, enum cas_reason reason);
    /* Bytes of that range were sent again and differ (CAS_REASON_OVERLAP), are urgent data
     * (CAS_REASON_URGENT), were believed wrongly (CAS_REASON_CHECKSUM), or may belong to
     * another connection (CAS_REASON_SEQUENCE). The range may have been delivered already, or
     * may come later. */
    void (*doubt)(void *ctx, void *user, const struct cas_frame *frame, unsigned end,
                  uint64_t offset, uint64_t len, enum cas_reason reason);
    /*
     * These bytes came where others did that the handler had no use of (CAS_WANT_REST), or that
     * differ: does it have use of something in them that begins before this offset? Then what
     * came of this end from offset on is forgotten, and what follows begins there; a doubt says
     * which of it came before. May be NULL: they are not.
     */
    bool (*again)(void *ctx, void *user, unsigned end, uint64_t offset, struct cas_view bytes,
                  uint64_t before);
    /* Nothing more comes: the last call for this connection, once for each open(). frame is
     * NULL at the end of the capture; reason says why it was evicted. */
    void (*close)(void *ctx, void *user, const struct cas_frame *frame, enum cas_close close,
                  enum cas_reason reason);
    /*
     * Memory is short: how dear is this connection? The cheapest go first.
     */
    unsigned (*worth)(void *ctx, void *user);
    /*
     * The first FIN of a side, or the RST, of a connection that was closed, and whose kept
     * frames the handler had made evidence; its sender and its receiver. May be NULL.
     */
    void (*late)(void *ctx, const struct cas_endpoint end[2], const struct cas_frame *frame);
    /* It is closed soon: what that needs may be fetched (bytes/fetch.h), in so many steps, the
     * first one 0. May be NULL. */
    void (*fetch)(void *ctx, const void *user, unsigned step);
    /*
     * The next two, with CAS_FLOWS_CLOCK_CALLER only; NULL: nothing is told before close().
     * Has all come that is worth waiting for? How it has ended: CAS_CLOSE_FIN, CAS_CLOSE_RST,
     * or CAS_CLOSE_TIMEOUT as long as it has not.
     */
    bool (*is_over)(void *ctx, void *user, enum cas_close ending);
    /* It has been over for a while: what is known can be told. More may come, even so: a reset
     * can be forged, and bytes can be sent again and differ. Once at most. */
    void (*tell)(void *ctx, void *user, enum cas_close ending);
    /*
     * The next three may be NULL, together. Just before close(), which has the reason
     * CAS_CLOSE_UNWANTED: is the connection to be watched? Then state is filled, of watch_size
     * bytes that are 0, and lives until unwatch(), which comes once for each.
     */
    size_t watch_size;
    bool (*watch)(void *ctx, void *user, void *state, struct cas_watch_start *start);
    enum cas_watching (*look)(void *ctx, void *state, struct cas_glimpse *glimpse);
    /* It is over, silent, or given up. frame: NULL at the end of the capture. */
    void (*unwatch)(void *ctx, void *state, const struct cas_flow *flow,
                    const struct cas_frame *frame);
};

enum cas_flows_checksums {
    CAS_FLOWS_CHECK_AUTO,
    CAS_FLOWS_CHECK_ALWAYS,
    CAS_FLOWS_CHECK_NEVER
};

enum cas_flows_clock {
    CAS_FLOWS_CLOCK_PACKETS, /* the highest timestamp, advanced by a second a frame at most */
    CAS_FLOWS_CLOCK_CALLER   /* cas_flows_tick() */
};

struct cas_flows_config {
    struct cas_flow_handler handler;
    struct cas_budget *budget; /* charged for the table and all that is kept */
    struct cas_counters *counters;
    enum cas_flows_checksums checksums;
    enum cas_flows_clock clock;
    size_t max_flows;  /* rounded up to a power of two */
    bool keeps_frames; /* of each connection, until it is closed: net/kept.h */
    uint8_t hash_key[16];
};

struct cas_flows;

/* NULL when the table does not fit the budget or memory. */
struct cas_flows *cas_flows_create(const struct cas_flows_config *config);

/*
 * One frame. Counts it (frames, bytes, cut or not), and its outcome, exactly one.
 *
 * What is merely late is waited for, so that any order of the same segments is told in the same
 * way, even if the SYN comes last: 64 KiB and 64 ranges a direction. A hole is lost when that
 * is exceeded, when memory is, when the connection ends by silence, eviction or the end of the
 * capture; and when the other side has acknowledged it, and both 3 seconds and 16 further
 * segments of the connection have passed. Where the last acknowledgment reaches beyond the last
 * byte, or the FIN stands behind it, the hole at the end is told before close(): one byte too
 * long if it was a FIN that was acknowledged and not captured. A direction of which nothing
 * was captured but acknowledgments is told as one hole.
 *
 * CAS_FLOWS_CHECK_AUTO: a wrong checksum drops the segment if its sender has sent a good one
 * in this connection (its SYN, as a rule), else it is believed and counted as trusted: a host
 * whose card computes the sums sends none that is good. When 100 of the first 1,000 are wrong,
 * and of such hosts, all are believed from then on.
 */
void cas_flows_push(struct cas_flows *flows, const struct cas_frame *frame);

/*
 * CAS_FLOWS_CLOCK_CALLER: it is now_us, of a clock that starts anywhere; one call advances by a
 * second at most. Closes what has been silent too long, a bounded number at once: true when
 * there are more. frame, without bytes, has the time for what is told.
 */
bool cas_flows_tick(struct cas_flows *flows, uint64_t now_us, const struct cas_frame *frame);

/* The capture has ended: declares what is missing lost, delivers the rest, closes everything.
 */
void cas_flows_finish(struct cas_flows *flows);

/* Calls no handler. */
void cas_flows_destroy(struct cas_flows *flows);

#endif
