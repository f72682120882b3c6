/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One direction of a TCP connection: segments in any order in, bytes in order out. Knows
 * sequence numbers; knows nothing of the other direction but what it acknowledged.
 *
 *     position   base                    next              (a hole)
 *                  |######################|~~~~~~~~~~~~~~~~~~|######|~~~~|##|
 *     offset       0      delivered           not yet seen     early: kept
 *                  |......| the last of it is kept, to compare repetitions with
 *
 * Positions are sequence numbers unwrapped to 64 bits: the lower 32 bits are the number on the
 * wire. Offsets, which the sink sees, count from the base, the first byte after the SYN.
 *
 * Bytes in order go out straight from the packet. What comes early waits, for what is merely
 * late must not be called lost, until the hole is filled, or until something ends the patience:
 * too much waits, memory is short, the caller says so. As long as the SYN was not seen the base
 * is not known, and everything waits in the same way.
 *
 * It may have been told two first numbers: net/stream_numbers.h.
 *
 * The first byte received at a position wins. One that comes again and differs is told as
 * doubt; so is one of which nothing is kept any more, for it cannot be shown to be the same.
 * Once memory was short, not the bytes are kept but what a segment is known by: net/prints.h.
 * But not one of the beginning for which the handler had no use: it is asked whether it has for
 * this one, and then the stream is told from there once more.
 */
#ifndef CAS_NET_STREAM_H
#define CAS_NET_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/types.h>

#include "net/flows.h"
#include "net/gaps.h"
#include "net/prints.h"
#include "net/stream_doubts.h"
#include "net/window.h"

/* Early bytes that wait, at most: more than any honest reordering, little enough to lose. */
#define CAS_STREAM_EARLY_MAX 65536

/* Delivered bytes kept to compare repetitions with: the longest request (131,333 bytes) and the
 * certificates before it. */
#define CAS_STREAM_HISTORY 262144

/* How far from the expected byte a segment may lie and still be believed. */
#define CAS_STREAM_REACH (1u << 20)

/* Data that a SYN can carry, at most: one segment. */
#define CAS_STREAM_SYN_DATA_MAX 65535u

struct cas_stream_sink {
    void *user;
    const struct cas_keyhash *hash; /* of net/prints.h; NULL: there are none */
    enum cas_want (*bytes)(void *user, uint64_t offset, struct cas_view bytes);
    enum cas_want (*hole)(void *user, uint64_t offset, uint64_t len, enum cas_reason reason);
    void (*doubt)(void *user, uint64_t offset, uint64_t len, enum cas_reason reason);
    /* may be NULL */
    bool (*again)(void *user, uint64_t offset, struct cas_view bytes, uint64_t before);
};

/* All zero but for window.budget is a stream of which nothing is known. */
struct cas_stream {
    uint64_t next;      /* position of the next byte to deliver; 0: nothing is known at all */
    uint64_t base;      /* position of offset 0, once has_base */
    uint64_t acked;     /* highest position that the other side acknowledged; 0: none */
    uint64_t first_ack; /* lowest of those; 0: none */
    size_t early;       /* bytes that wait */
    bool has_base;
    bool is_guessed;          /* the base: no SYN told it */
    bool is_confirmed;        /* the other side acknowledged the base */
    bool has_acks;            /* the other side's acknowledgments were seen from the first on */
    bool is_done;             /* the handler wants no more */
    bool has_doubts;          /* some that could not be told without the base */
    bool has_other;           /* other_first is known */
    bool is_contested;        /* it is of the same attempt: somebody lies, or renumbers */
    bool has_more;            /* there was a third number, which is forgotten */
    uint32_t other_first;     /* another number that the first byte was said to have */
    struct cas_gaps *seen[2]; /* has_other: data that came by either number; or NULL */
    uint64_t told[2];         /* and up to where it was acknowledged by either; 0: not */
    uint64_t fin;             /* position behind the last byte; 0: no FIN */
    uint64_t rst;             /* position of the last RST; 0: none */
    uint64_t plain_end;       /* what was delivered before it did not matter; 0: all does */
    uint64_t held;        /* data of the SYN ends here, not yet known to be accepted; 0: none */
    struct cas_gaps *cut; /* the snaplen took these: they need not be waited for; or NULL */
    struct cas_gaps *unjoined; /* came in IP fragments that could not be joined; or NULL */
    struct cas_gaps *lost; /* told as holes: what fills them later repeats nothing; or NULL */
    struct cas_range unproven; /* from the first to the last byte that is; empty: none is */
    struct cas_prints *prints; /* of what was delivered since memory was short; or NULL */
    struct cas_window window;
    struct cas_stream_doubts doubts;
};

struct cas_stream_segment {
    uint32_t seq;            /* of its first byte of data */
    struct cas_view payload; /* captured */
    size_t wire_len;         /* on the wire */
    bool is_unproven;        /* with a wrong checksum, and believed all the same */
    bool is_syn;             /* data that came with a SYN: it counts when it is acknowledged */
};

enum cas_stream_result {
    CAS_STREAM_TAKEN,     /* in order */
    CAS_STREAM_EARLY,     /* out of order: it waits */
    CAS_STREAM_DUPLICATE, /* nothing new in it */
    CAS_STREAM_FAR,       /* out of reach: not taken */
    CAS_STREAM_DONE       /* nobody wants it */
};

/* Data came. Delivers what that makes deliverable. When nobody wants more, what comes again is
 * compared all the same: it is told as doubt where it differs. */
enum cas_stream_result cas_stream_push(struct cas_stream *stream,
                                       const struct cas_stream_segment *segment,
                                       const struct cas_stream_sink *sink);

/* Data came in IP fragments, and not all of them could be used: it may be sent again; else it
 * is told as a hole for that reason. */
void cas_stream_note_unjoined(struct cas_stream *stream, uint32_t seq, size_t len);

/* A segment whose data is pushed next, if it has any, says that so many bytes are urgent, and
 * the one behind them may be, whether they came yet or not: receivers take a byte of them out
 * of the stream (RFC 6093). They are in doubt. */
void cas_stream_note_urgent(struct cas_stream *stream, uint32_t seq, size_t len, bool has_data,
                            const struct cas_stream_sink *sink);

/* Other bytes came that cannot be taken: those that are there are in doubt, for this reason. */
void cas_stream_dispute(struct cas_stream *stream, uint32_t seq, size_t len,
                        enum cas_reason reason, const struct cas_stream_sink *sink);

/* Whose bytes these are is not sure: all of them, and those that come, are in doubt. */
void cas_stream_doubt_all(struct cas_stream *stream, enum cas_reason reason,
                          const struct cas_stream_sink *sink);

/* What is unproven was believed wrongly: it is in doubt. */
void cas_stream_doubt_unproven(struct cas_stream *stream, const struct cas_stream_sink *sink);

/* The other side acknowledged everything before ack. */
void cas_stream_ack(struct cas_stream *stream, uint32_t ack);

enum cas_stream_base {
    CAS_STREAM_BASE_SET,  /* now known; cas_stream_advance() delivers what waited */
    CAS_STREAM_BASE_SAME, /* as known before */
    CAS_STREAM_BASE_OTHER /* contradicts what is known: nothing was done */
};

/* The first byte of the stream has this number, as its SYN says. A base that is not confirmed,
 * and with which nothing came yet, is replaced: it is the other number then. */
enum cas_stream_base cas_stream_set_base(struct cas_stream *stream, uint32_t seq);

/* A SYN/ACK acknowledges the SYN, and data that came with it. False when it contradicts what is
 * known. */
bool cas_stream_confirm_base(struct cas_stream *stream, uint32_t ack);

/* Where a number lies, and whether that is near enough to be believed. */
static inline uint64_t cas_stream_position(const struct cas_stream *stream, uint32_t seq)
{
    return stream->next + (uint64_t)(int64_t)(int32_t)(seq - (uint32_t)stream->next);
}

static inline bool cas_stream_in_reach(const struct cas_stream *stream, uint64_t position)
{
    return position + CAS_STREAM_REACH >= stream->next &&
           position <= stream->next + CAS_STREAM_REACH;
}

/* This number is one that the stream could have now. */
bool cas_stream_is_near(const struct cas_stream *stream, uint32_t seq);

/* Nothing came of it, or nothing but what it is to begin with. */
bool cas_stream_is_untouched(const struct cas_stream *stream);

/* The next byte has this number, whatever was expected. What waits is forgotten. */
void cas_stream_jump(struct cas_stream *stream, uint32_t seq);

/* Of an untouched stream: it begins with this number. What it was said to begin with is the
 * other one then. */
void cas_stream_move(struct cas_stream *stream, uint32_t seq);

/* Delivers what can be delivered. */
void cas_stream_advance(struct cas_stream *stream, const struct cas_stream_sink *sink);

/* The stream ends before seq, as a FIN says; data behind it takes that back. */
void cas_stream_set_fin(struct cas_stream *stream, uint32_t seq);

/* A RST with this number: true when the stream expects it, or may come to. */
bool cas_stream_set_rst(struct cas_stream *stream, uint32_t seq);

/* Every byte up to the FIN was delivered, or nobody wants more. */
bool cas_stream_has_ended(const struct cas_stream *stream);

/* A RST came exactly where the stream stands. */
bool cas_stream_is_reset(const struct cas_stream *stream);

/* Early bytes wait, for a hole or for the base. */
bool cas_stream_is_waiting(const struct cas_stream *stream);

/* They wait for bytes that the other side acknowledged, or for a base that nobody told. */
bool cas_stream_is_overtaken(const struct cas_stream *stream);

/* Patience has ended: the first hole is lost, for this reason; or the base is where the
 * earliest byte is. */
void cas_stream_skip(struct cas_stream *stream, enum cas_reason reason,
                     const struct cas_stream_sink *sink);

/* Nothing more comes: skips every hole, also the one between the last byte and what was
 * acknowledged or the FIN. */
void cas_stream_flush(struct cas_stream *stream, enum cas_reason reason,
                      const struct cas_stream_sink *sink);

/* Nobody wants more of it. */
void cas_stream_end(struct cas_stream *stream);

/* A segment with this number may repeat what was delivered. */
static inline bool cas_stream_may_repeat(const struct cas_stream *stream, uint32_t seq)
{
    return (int32_t)(seq - (uint32_t)stream->next) < 0;
}

/* Gives back all memory; the stream is done. */
void cas_stream_finish(struct cas_stream *stream);

#endif
