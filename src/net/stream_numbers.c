/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/stream_numbers.h"

#include "net/delivery.h"

void cas_stream_forget_seen(struct cas_stream *stream)
{
    for (unsigned i = 0; i < 2; i++) {
        cas_delivery_forget(stream, &stream->seen[i]);
        stream->told[i] = 0;
    }
}

void cas_stream_note_other(struct cas_stream *stream, uint32_t seq, bool is_contested)
{
    if (stream->has_other && stream->other_first == seq) {
        return;
    }
    if (stream->has_other && stream->is_contested &&
        stream->other_first != (uint32_t)stream->base) {
        stream->has_more = true;
    }
    stream->has_other = true;
    stream->is_contested = is_contested;
    stream->other_first = seq;
    cas_stream_forget_seen(stream);
    if (stream->next > stream->base) {
        const struct cas_range before = { .begin = stream->base, .end = stream->next };
        cas_delivery_note(stream, &stream->seen[0], before);
    }
}

/* Acknowledged by one numbering, and seen by the other alone. */
static void compare_numberings(struct cas_stream *s, unsigned acked,
                               const struct cas_stream_sink *sink)
{
    const struct cas_gaps none = { .len = 0 };
    const struct cas_gaps *own = s->seen[acked] != NULL ? s->seen[acked] : &none;
    const struct cas_gaps *other = s->seen[1 - acked];
    if (other == NULL || s->told[acked] <= s->base) {
        return;
    }
    struct cas_range left = { .begin = s->base, .end = s->told[acked] };
    while (cas_range_len(left) > 0) {
        struct cas_range part = cas_gaps_first_known(other, left);
        struct cas_range strange = cas_gaps_first_new(own, part);
        if (cas_range_len(strange) > 0) {
            cas_delivery_doubt(s, strange, CAS_REASON_SEQUENCE, sink);
        }
        left.begin = cas_range_len(part) > 0 ? part.end : left.end;
    }
}

void cas_stream_note_seen(struct cas_stream *stream, uint32_t seq, size_t len,
                          bool is_renumbered, const struct cas_stream_sink *sink)
{
    unsigned numbering = is_renumbered ? 1 : 0;
    uint64_t begin = cas_stream_position(stream, seq);
    const struct cas_range range = { .begin = begin, .end = begin + len };
    cas_delivery_note(stream, &stream->seen[numbering], range);
    compare_numberings(stream, 1 - numbering, sink);
}

void cas_stream_note_ack(struct cas_stream *stream, uint32_t ack, bool is_renumbered,
                         const struct cas_stream_sink *sink)
{
    unsigned numbering = is_renumbered ? 1 : 0;
    uint64_t position = cas_stream_position(stream, ack);
    if (cas_stream_in_reach(stream, position) && position > stream->told[numbering]) {
        stream->told[numbering] = position;
        compare_numberings(stream, numbering, sink);
    }
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

uint32_t cas_stream_renumbered(const struct cas_stream *stream, uint32_t seq)
{
    if (!stream->has_base) {
        return seq;
    }
    uint32_t renumbered = (uint32_t)stream->base + (seq - stream->other_first);
    uint64_t away = distance(cas_stream_position(stream, renumbered), stream->next);
    bool fits = away <= CAS_STREAM_REACH &&
                away < distance(cas_stream_position(stream, seq), stream->next);
    return fits ? renumbered : seq;
}
