/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/stream.h"

#include "bytes/reader.h"
#include "net/delivery.h"
#include "net/stream_numbers.h"

/* Positions start here, so that going back from the first one does not wrap, and 0 is none. */
#define FIRST_LAP (UINT64_C(1) << 32)

/* No segment. */
static const struct cas_incoming nothing;

bool cas_stream_is_near(const struct cas_stream *stream, uint32_t seq)
{
    return stream->next != 0 && cas_stream_in_reach(stream, cas_stream_position(stream, seq));
}

bool cas_stream_is_untouched(const struct cas_stream *stream)
{
    return stream->early == 0 && (!stream->has_base || stream->next == stream->base);
}

static void place(struct cas_stream *s, uint32_t seq)
{
    s->next = FIRST_LAP + seq;
    s->acked = 0;
    s->first_ack = 0;
    s->fin = 0;
    s->rst = 0;
    s->unproven = (struct cas_range){ 0 };
}

/* Data decides where a stream is of which nothing came, and no SYN was seen. */
static bool is_placed_anew(const struct cas_stream *s, uint32_t seq)
{
    return !s->has_base && s->early == 0 &&
           !cas_stream_in_reach(s, cas_stream_position(s, seq));
}

static void note_unproven(struct cas_stream *s, struct cas_range range)
{
    if (cas_range_len(s->unproven) == 0) {
        s->unproven = range;
    }
    s->unproven.begin = range.begin < s->unproven.begin ? range.begin : s->unproven.begin;
    s->unproven.end = range.end > s->unproven.end ? range.end : s->unproven.end;
}

/* RFC 9293, 3.8.4: a probe of one byte that was acknowledged long ago; it may be garbage. */
static bool is_keep_alive(const struct cas_stream *s, const struct cas_stream_segment *segment,
                          uint64_t position)
{
    return s->has_base && segment->wire_len == 1 && position + 1 == s->next &&
           s->acked >= s->next;
}

/* Later data decides over that of the SYN: it follows it, so it was accepted; or it takes its
 * place. */
static void judge_held(struct cas_stream *s, uint64_t position)
{
    if (position < s->held) {
        struct cas_range range = { .begin = s->base, .end = s->held };
        s->early -= (size_t)cas_range_len(cas_window_first_known(&s->window, range));
        cas_window_forget_below(&s->window, s->held);
    }
    s->held = 0;
}

static struct cas_incoming incoming_at(uint64_t position, struct cas_view bytes)
{
    return (struct cas_incoming){
        .range = { .begin = position, .end = position + bytes.len },
        .bytes = bytes,
    };
}

static struct cas_incoming
incoming_of(struct cas_stream *s, const struct cas_stream_segment *segment, uint64_t position)
{
    struct cas_incoming in = incoming_at(position, segment->payload);
    uint64_t wire_end = position + segment->wire_len;
    if (in.range.end < wire_end && wire_end > s->next) {
        struct cas_range cut = { .begin = in.range.end, .end = wire_end };
        cas_delivery_note(s, &s->cut, cut);
    }
    if (s->fin != 0 && s->fin < wire_end) {
        s->fin = 0;
    }
    return in;
}

/* It brings bytes for which the handler has use, in the place of others for which it had none;
 * what it has use of begins before this position. */
static bool is_better(const struct cas_stream *s, const struct cas_stream_segment *segment,
                      uint64_t position, uint64_t before, const struct cas_stream_sink *sink)
{
    return s->has_base && position >= s->base && position <= s->next && before > position &&
           segment->payload.len > 0 && sink->again != NULL &&
           sink->again(sink->user, position - s->base, segment->payload, before - s->base);
}

/* The stream is told from there on once more, with the bytes of the segment that ends there in
 * the place of those that wait; which of the two are true is in doubt. */
static void go_back(struct cas_stream *s, uint64_t position, uint64_t end,
                    const struct cas_stream_sink *sink)
{
    const struct cas_range again = { .begin = position, .end = s->next };
    struct cas_range waits = { .begin = s->next, .end = end > s->next ? end : s->next };
    if (cas_range_len(again) > 0) {
        cas_delivery_doubt(s, again, CAS_REASON_OVERLAP, sink);
    }
    while (cas_range_len(waits) > 0) {
        struct cas_range part = cas_window_first_known(&s->window, waits);
        s->early -= (size_t)cas_range_len(part);
        waits.begin = cas_range_len(part) > 0 ? part.end : waits.end;
    }
    cas_window_forget_below(&s->window, waits.end);
    cas_prints_forget(&s->prints, s->window.budget);
    s->next = position;
    s->plain_end = position;
    s->is_done = false;
}

/* Only what comes again is looked at. */
static enum cas_stream_result push_done(struct cas_stream *s,
                                        const struct cas_stream_segment *segment,
                                        const struct cas_stream_sink *sink)
{
    uint64_t position = cas_stream_position(s, segment->seq);
    if (s->has_base && cas_stream_in_reach(s, position) &&
        !is_keep_alive(s, segment, position)) {
        struct cas_incoming in = incoming_at(position, segment->payload);
        cas_delivery_compare(s, &in, position + segment->wire_len, sink);
    }
    return CAS_STREAM_DONE;
}

enum cas_stream_result cas_stream_push(struct cas_stream *stream,
                                       const struct cas_stream_segment *segment,
                                       const struct cas_stream_sink *sink)
{
    struct cas_stream *s = stream;
    if (s->next == 0) {
        place(s, segment->seq);
    }
    uint64_t position = cas_stream_position(s, segment->seq);
    uint64_t end = position + segment->payload.len;
    if (is_better(s, segment, position, s->plain_end, sink)) {
        go_back(s, position, end, sink);
    }
    if (s->is_done) {
        return push_done(s, segment, sink);
    }
    if (is_placed_anew(s, segment->seq)) {
        place(s, segment->seq);
        position = s->next;
    }
    if (!cas_stream_in_reach(s, position)) {
        return CAS_STREAM_FAR;
    }
    if (is_keep_alive(s, segment, position)) {
        return CAS_STREAM_DUPLICATE;
    }
    if (s->held != 0 && !segment->is_syn) {
        judge_held(s, position);
    }
    struct cas_incoming in = incoming_of(s, segment, position);
    struct cas_range on_wire = { .begin = position, .end = position + segment->wire_len };
    if (segment->is_unproven) {
        note_unproven(s, on_wire);
    }
    if (cas_delivery_compare(s, &in, on_wire.end, sink) &&
        is_better(s, segment, position, UINT64_MAX, sink)) {
        go_back(s, position, end, sink);
    }
    if (segment->is_syn && cas_stream_is_untouched(s)) {
        s->held = in.range.end;
    }
    bool is_old = s->has_base && on_wire.end <= s->next;
    uint64_t before = s->next;
    size_t early_before = s->early;
    cas_delivery_take(s, &in, sink);
    if (s->next > before || s->is_done) {
        return CAS_STREAM_TAKEN;
    }
    return is_old || s->early == early_before ? CAS_STREAM_DUPLICATE : CAS_STREAM_EARLY;
}

void cas_stream_note_unjoined(struct cas_stream *stream, uint32_t seq, size_t len)
{
    if (stream->is_done || stream->next == 0) {
        return;
    }
    struct cas_range range = { .begin = cas_stream_position(stream, seq) };
    range.end = range.begin + len;
    if (cas_stream_in_reach(stream, range.begin) && range.end > stream->next) {
        cas_delivery_note(stream, &stream->unjoined, range);
    }
}

void cas_stream_note_urgent(struct cas_stream *stream, uint32_t seq, size_t len, bool has_data,
                            const struct cas_stream_sink *sink)
{
    struct cas_stream *s = stream;
    if (s->next == 0 || (has_data && is_placed_anew(s, seq))) {
        place(s, seq);
    }
    const uint64_t position = cas_stream_position(s, seq);
    if (!s->is_done && cas_stream_in_reach(s, position)) {
        const struct cas_range range = { .begin = position, .end = position + len + 1 };
        cas_delivery_doubt(s, range, CAS_REASON_URGENT, sink);
    }
}

void cas_stream_dispute(struct cas_stream *stream, uint32_t seq, size_t len,
                        enum cas_reason reason, const struct cas_stream_sink *sink)
{
    if (stream->next == 0) {
        return;
    }
    struct cas_range range = { .begin = cas_stream_position(stream, seq) };
    range.end = range.begin + len;
    bool is_delivered = stream->has_base && range.begin < stream->next;
    if (cas_stream_in_reach(stream, range.begin) &&
        (is_delivered || cas_range_len(cas_window_first_known(&stream->window, range)) > 0)) {
        cas_delivery_doubt(stream, range, reason, sink);
    }
}

void cas_stream_doubt_all(struct cas_stream *stream, enum cas_reason reason,
                          const struct cas_stream_sink *sink)
{
    const struct cas_range all = { .begin = 0, .end = UINT64_MAX };
    cas_delivery_doubt(stream, all, reason, sink);
}

void cas_stream_doubt_unproven(struct cas_stream *stream, const struct cas_stream_sink *sink)
{
    if (cas_range_len(stream->unproven) > 0) {
        cas_delivery_doubt(stream, stream->unproven, CAS_REASON_CHECKSUM, sink);
        stream->unproven = (struct cas_range){ 0 };
    }
}

static void forget_ranges(struct cas_stream *s)
{
    cas_delivery_forget(s, &s->cut);
    cas_delivery_forget(s, &s->unjoined);
    cas_delivery_forget(s, &s->lost);
    cas_prints_forget(&s->prints, s->window.budget);
    cas_stream_forget_seen(s);
}

void cas_stream_jump(struct cas_stream *stream, uint32_t seq)
{
    struct cas_stream *s = stream;
    uint64_t offset = s->next - s->base;
    forget_ranges(s);
    cas_window_forget_below(&s->window, UINT64_MAX);
    s->early = 0;
    s->held = 0;
    s->has_other = false;
    s->is_contested = false;
    s->has_more = false;
    place(s, seq);
    s->base = s->next - offset;
    s->plain_end = s->next;
}

void cas_stream_move(struct cas_stream *stream, uint32_t seq)
{
    struct cas_stream *s = stream;
    uint32_t before = (uint32_t)s->base;
    place(s, seq);
    s->base = s->next;
    if (s->has_base) {
        cas_stream_note_other(s, before, true);
    }
}

void cas_stream_ack(struct cas_stream *stream, uint32_t ack)
{
    struct cas_stream *s = stream;
    if (s->is_done) {
        return;
    }
    if (s->next == 0) {
        place(s, ack);
    }
    uint64_t position = cas_stream_position(s, ack);
    bool is_movable = !s->is_confirmed && cas_stream_is_untouched(s);
    bool is_elsewhere =
        !cas_stream_in_reach(s, position) || (s->has_base && position < s->base);
    if (is_movable && (is_elsewhere || (s->has_other && ack == s->other_first))) {
        cas_stream_move(s, ack); /* of several SYNs it is this one that the other side took */
        position = s->next;
    } else if (!cas_stream_in_reach(s, position)) {
        return;
    }
    s->is_confirmed = s->is_confirmed || (s->has_base && position == s->base);
    if (s->first_ack == 0 || position < s->first_ack) {
        s->first_ack = position;
    }
    if (position > s->acked) {
        s->acked = position;
    }
    if (s->held != 0 && position >= s->held) {
        s->held = 0;
    } else if (s->held != 0 && position == s->base) {
        judge_held(s, position);
    }
}

enum cas_stream_base cas_stream_set_base(struct cas_stream *stream, uint32_t seq)
{
    struct cas_stream *s = stream;
    if (s->is_done) {
        return CAS_STREAM_BASE_SAME;
    }
    if (s->has_base && (uint32_t)s->base == seq) {
        return CAS_STREAM_BASE_SAME;
    }
    if (s->has_base && (s->is_confirmed || !cas_stream_is_untouched(s))) {
        return CAS_STREAM_BASE_OTHER;
    }
    if (s->next == 0) {
        place(s, seq);
    }
    uint64_t base = cas_stream_position(s, seq);
    struct cas_range all = { .begin = 0, .end = UINT64_MAX };
    uint64_t earliest = cas_window_first_known(&s->window, all).begin;
    if (s->early > 0 && (base > earliest || earliest - base > CAS_STREAM_REACH)) {
        return CAS_STREAM_BASE_OTHER;
    }
    if (s->early == 0 && !cas_stream_in_reach(s, base)) {
        place(s, seq);
        base = s->next;
    }
    uint32_t before = (uint32_t)s->base;
    bool had_base = s->has_base;
    s->base = base;
    s->next = base;
    s->has_base = true;
    s->is_guessed = false;
    if (had_base) {
        cas_stream_note_other(s, before, true);
    }
    return CAS_STREAM_BASE_SET;
}

bool cas_stream_confirm_base(struct cas_stream *stream, uint32_t ack)
{
    if (stream->has_base && ack - (uint32_t)stream->base <= CAS_STREAM_SYN_DATA_MAX) {
        stream->is_confirmed = true;
        return true;
    }
    if (cas_stream_set_base(stream, ack) == CAS_STREAM_BASE_OTHER) {
        return false;
    }
    stream->is_confirmed = true;
    return true;
}

void cas_stream_advance(struct cas_stream *stream, const struct cas_stream_sink *sink)
{
    cas_delivery_advance(stream, &nothing, sink);
}

void cas_stream_set_fin(struct cas_stream *stream, uint32_t seq)
{
    if (stream->next == 0) {
        place(stream, seq);
    }
    uint64_t position = cas_stream_position(stream, seq);
    struct cas_range behind = { .begin = position, .end = UINT64_MAX };
    if (cas_stream_in_reach(stream, position) && position > stream->fin &&
        (!stream->has_base || position >= stream->next) &&
        cas_range_len(cas_window_first_known(&stream->window, behind)) == 0) {
        stream->fin = position;
    }
}

bool cas_stream_set_rst(struct cas_stream *stream, uint32_t seq)
{
    if (stream->next == 0) {
        place(stream, seq);
    }
    uint64_t position = cas_stream_position(stream, seq);
    if (!cas_stream_in_reach(stream, position) ||
        (stream->has_base && position < stream->next)) {
        return false;
    }
    stream->rst = position;
    return true;
}

bool cas_stream_has_ended(const struct cas_stream *stream)
{
    return stream->is_done ||
           (stream->has_base && stream->fin != 0 && stream->next >= stream->fin);
}

bool cas_stream_is_reset(const struct cas_stream *stream)
{
    return stream->rst != 0 && stream->has_base &&
           (stream->next == stream->rst ||
            (stream->fin == stream->next && stream->fin + 1 == stream->rst));
}

bool cas_stream_is_waiting(const struct cas_stream *stream)
{
    return stream->early > 0;
}

bool cas_stream_is_overtaken(const struct cas_stream *stream)
{
    return stream->early > 0 &&
           (!stream->has_base || stream->acked >= cas_delivery_first(stream, &nothing));
}

void cas_stream_skip(struct cas_stream *stream, enum cas_reason reason,
                     const struct cas_stream_sink *sink)
{
    if (stream->early > 0) {
        cas_delivery_skip(stream, &nothing, reason, sink);
    }
}

/* Where the stream ends as far as anybody said. An acknowledgment counts a FIN as one byte,
 * which may not have been captured: a single byte proves nothing. */
static uint64_t last_end(const struct cas_stream *s)
{
    uint64_t end = s->fin;
    if (end == 0 && s->acked > s->next + 1) {
        end = s->acked;
    }
    return end;
}

void cas_stream_flush(struct cas_stream *stream, enum cas_reason reason,
                      const struct cas_stream_sink *sink)
{
    while (stream->early > 0) {
        cas_delivery_skip(stream, &nothing, reason, sink);
    }
    if (!stream->has_base && stream->has_acks && stream->first_ack != 0) {
        /* Nothing of it was captured but that the other side received it. */
        stream->base = stream->first_ack;
        stream->next = stream->base;
        stream->has_base = true;
        stream->is_guessed = true;
    }
    if (stream->has_base && !stream->is_done && last_end(stream) > stream->next) {
        cas_delivery_hole(stream, last_end(stream), reason, sink);
    }
}

void cas_stream_end(struct cas_stream *stream)
{
    stream->early = 0;
    stream->held = 0;
    stream->is_done = true;
}

void cas_stream_finish(struct cas_stream *stream)
{
    cas_stream_end(stream);
    forget_ranges(stream);
    cas_stream_doubts_finish(&stream->doubts, stream->window.budget);
    cas_window_finish(&stream->window);
}
