/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The moving part of a stream (net/stream.h): what is delivered, what waits, what is given up.
 * Only stream.c uses it.
 */
#ifndef CAS_NET_DELIVERY_H
#define CAS_NET_DELIVERY_H

#include "net/stream.h"

/* The segment being taken: its captured bytes and the positions where they belong. All zero: no
 * segment, only what waits can go on. */
struct cas_incoming {
    struct cas_range range;
    struct cas_view bytes;
};

/* The position at or behind next from which bytes are there; UINT64_MAX when there are none. */
uint64_t cas_delivery_first(const struct cas_stream *stream, const struct cas_incoming *in);

/* Tells that a range is in doubt; as soon as the base is known. */
void cas_delivery_doubt(struct cas_stream *stream, struct cas_range range,
                        enum cas_reason reason, const struct cas_stream_sink *sink);

/* Remembers a range among others, which are NULL as long as there is none. Without memory for
 * it these bytes are like any other. */
void cas_delivery_note(struct cas_stream *stream, struct cas_gaps **gaps,
                       struct cas_range range);

/* Forgets them: they are NULL again. */
void cas_delivery_forget(struct cas_stream *stream, struct cas_gaps **gaps);

/* Tells as doubt where the segment, which ends at wire_end, differs from what is kept, and what
 * of it was delivered and is not kept. True: it differs. */
bool cas_delivery_compare(struct cas_stream *stream, const struct cas_incoming *in,
                          uint64_t wire_end, const struct cas_stream_sink *sink);

/* Delivers what is next, from what waits and from the segment, as far as it goes. */
void cas_delivery_advance(struct cas_stream *stream, const struct cas_incoming *in,
                          const struct cas_stream_sink *sink);

/* Delivers or keeps all of the segment. */
void cas_delivery_take(struct cas_stream *stream, const struct cas_incoming *in,
                       const struct cas_stream_sink *sink);

/* Tells the hole from next on, up to a position: what the snaplen took, and what came in IP
 * fragments, as such, the rest with this reason. */
void cas_delivery_hole(struct cas_stream *stream, uint64_t end, enum cas_reason reason,
                       const struct cas_stream_sink *sink);

/* Patience has ended, and something waits or comes: without a base the earliest byte makes one,
 * else the first hole is lost. */
void cas_delivery_skip(struct cas_stream *stream, const struct cas_incoming *in,
                       enum cas_reason reason, const struct cas_stream_sink *sink);

#endif
