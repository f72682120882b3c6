/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Of a stream that was told two first numbers: somebody between the ends renumbers it, and both
 * forms were captured; or one was forged, and each side believes another one. Both number the
 * same positions then, so that what does not agree is found.
 *
 *     number of the base   T            T+n
 *                          |#############|
 *     the other number     F            F+n
 */
#ifndef CAS_NET_STREAM_NUMBERS_H
#define CAS_NET_STREAM_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/stream.h"

/* The first byte was said to have this number as well, of the same attempt or of an earlier one
 * that had not ended. The last one counts. */
void cas_stream_note_other(struct cas_stream *stream, uint32_t seq, bool is_contested);

/*
 * With two first numbers, has_other: who acknowledges does so in the numbers in which he was
 * sent it. Data came, or an acknowledgment, with a number that was renumbered or was not. What
 * came by the one numbering alone, and was acknowledged by the other, is in doubt.
 */
void cas_stream_note_seen(struct cas_stream *stream, uint32_t seq, size_t len,
                          bool is_renumbered, const struct cas_stream_sink *sink);
void cas_stream_note_ack(struct cas_stream *stream, uint32_t ack, bool is_renumbered,
                         const struct cas_stream_sink *sink);

/* The number that a segment would have, had it been numbered from the base; as it is, where
 * that fits better. */
uint32_t cas_stream_renumbered(const struct cas_stream *stream, uint32_t seq);
static inline uint32_t cas_stream_renumber(const struct cas_stream *stream, uint32_t seq)
{
    return stream->has_other ? cas_stream_renumbered(stream, seq) : seq;
}

/* Gives back what is known of either numbering. */
void cas_stream_forget_seen(struct cas_stream *stream);

#endif
