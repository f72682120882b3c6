/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/stream.h"

#include "bytes/reader.h"

/* Positions start here, so that going back from the first one does not wrap, and 0 is none. */
#define FIRST_LAP (UINT64_C(1) << 32)

/* Differing runs told of one segment; what is left is told as one. */
#define DIFFERENCES_MAX 64

/* The segment being taken: its captured bytes and where they belong. */
struct arrival {
    struct cas_range range;
    struct cas_view bytes;
};

/* No segment: only what waits can go on. */
static const struct arrival nothing;

static uint64_t position_of(const struct cas_stream *s, uint32_t seq)
{
    return s->next + (uint64_t)(int64_t)(int32_t)(seq - (uint32_t)s->next);
}

static bool in_reach(const struct cas_stream *s, uint64_t position)
{
    return position + CAS_STREAM_REACH >= s->next && position <= s->next + CAS_STREAM_REACH;
}

static bool is_untouched(const struct cas_stream *s)
{
    return s->early == 0 && (!s->has_base || s->next == s->base);
}

static void place(struct cas_stream *s, uint32_t seq)
{
    s->next = FIRST_LAP + seq;
    s->acked = 0;
    s->first_ack = 0;
    s->fin = 0;
    s->rst = 0;
}

static struct cas_range from_next(const struct cas_stream *s)
{
    return (struct cas_range){ .begin = s->next, .end = UINT64_MAX };
}

/* The position at or behind next from which bytes are there; UINT64_MAX when there are none. */
static uint64_t first_there(const struct cas_stream *s, const struct arrival *in)
{
    uint64_t first = cas_window_first_known(&s->window, from_next(s)).begin;
    if (in->range.end > s->next && in->range.begin < first) {
        first = in->range.begin > s->next ? in->range.begin : s->next;
    }
    return first;
}

static void free_mark(struct cas_stream *s, enum cas_stream_mark which)
{
    cas_budget_free(s->window.budget, s->mark[which], sizeof(*s->mark[which]));
    s->mark[which] = NULL;
}

static bool set_mark(struct cas_stream *s, enum cas_stream_mark which, struct cas_range range)
{
    if (s->mark[which] == NULL) {
        s->mark[which] = cas_budget_alloc(s->window.budget, sizeof(*s->mark[which]));
    }
    return s->mark[which] != NULL && cas_gaps_insert(s->mark[which], range);
}

/* --- doubts --- */

static void tell_doubt(const struct cas_stream *s, struct cas_range range,
                       enum cas_reason reason, const struct cas_stream_sink *sink)
{
    uint64_t begin = range.begin > s->base ? range.begin : s->base;
    if (range.end > begin) {
        sink->doubt(sink->user, begin - s->base, range.end - begin, reason);
    }
}

static void doubt(struct cas_stream *s, enum cas_stream_mark which, struct cas_range range,
                  const struct cas_stream_sink *sink)
{
    if (s->has_base) {
        tell_doubt(s, range,
                   which == CAS_STREAM_URGENT ? CAS_REASON_URGENT : CAS_REASON_OVERLAP, sink);
    } else if (!set_mark(s, which, range)) {
        s->is_suspicious = true;
    }
}

static void tell_marks(struct cas_stream *s, enum cas_stream_mark which, enum cas_reason reason,
                       const struct cas_stream_sink *sink)
{
    if (s->mark[which] != NULL) {
        for (size_t i = 0; i < s->mark[which]->len; i++) {
            tell_doubt(s, s->mark[which]->range[i], reason, sink);
        }
        free_mark(s, which);
    }
}

/* The base has become known: what was doubtful before can be told. */
static void tell_old_doubts(struct cas_stream *s, const struct cas_stream_sink *sink)
{
    tell_marks(s, CAS_STREAM_OVERLAP, CAS_REASON_OVERLAP, sink);
    tell_marks(s, CAS_STREAM_URGENT, CAS_REASON_URGENT, sink);
    if (s->is_suspicious) {
        struct cas_range all = { .begin = s->base, .end = s->next + CAS_STREAM_REACH };
        tell_doubt(s, all, CAS_REASON_OVERLAP, sink);
        s->is_suspicious = false;
    }
}

static void compare(struct cas_stream *s, const struct arrival *in,
                    const struct cas_stream_sink *sink)
{
    struct cas_range left = in->range;
    for (unsigned i = 0; i <= DIFFERENCES_MAX; i++) {
        struct cas_view bytes =
            cas_view_part(in->bytes, (size_t)(left.begin - in->range.begin), SIZE_MAX);
        struct cas_range found = cas_window_first_difference(&s->window, left.begin, bytes);
        if (cas_range_len(found) == 0) {
            return;
        }
        if (i == DIFFERENCES_MAX) {
            found.end = left.end;
        }
        doubt(s, CAS_STREAM_OVERLAP, found, sink);
        left.begin = found.end;
    }
}

/* --- delivery --- */

static void deliver(struct cas_stream *s, struct cas_view bytes,
                    const struct cas_stream_sink *sink)
{
    uint64_t offset = s->next - s->base;
    s->next += bytes.len;
    if (sink->bytes(sink->user, offset, bytes) == CAS_WANT_NOTHING) {
        cas_stream_finish(s);
    }
}

/* Keeps the last of what was delivered straight from a packet. Without memory it is not kept,
 * and repetitions of it are not judged. */
static void remember(struct cas_stream *s, struct cas_view bytes)
{
    size_t skip = bytes.len > CAS_STREAM_HISTORY ? bytes.len - CAS_STREAM_HISTORY : 0;
    struct cas_view last = cas_view_part(bytes, skip, SIZE_MAX);
    (void)cas_window_put(&s->window, s->next - last.len, last);
}

static void forget_old(struct cas_stream *s)
{
    cas_window_forget_below(&s->window, s->next - CAS_STREAM_HISTORY);
}

/* Delivers the bytes of the packet that are next, up to those that came before it. */
static void deliver_arrival(struct cas_stream *s, const struct arrival *in,
                            const struct cas_stream_sink *sink)
{
    struct cas_range range = { .begin = s->next, .end = in->range.end };
    range = cas_window_first_new(&s->window, range);
    struct cas_view bytes = cas_view_part(in->bytes, (size_t)(range.begin - in->range.begin),
                                          (size_t)cas_range_len(range));
    deliver(s, bytes, sink);
    if (!s->is_done) {
        remember(s, bytes);
    }
}

/* Tells the hole from next on, up to a position: the cut parts as cut, the others as reason. */
static void tell_hole(struct cas_stream *s, uint64_t end, enum cas_reason reason,
                      const struct cas_stream_sink *sink)
{
    while (s->next < end && !s->is_done) {
        struct cas_range part = { .begin = s->next, .end = end };
        enum cas_reason why = reason;
        if (s->mark[CAS_STREAM_CUT] != NULL) {
            struct cas_range cut = cas_gaps_first_known(s->mark[CAS_STREAM_CUT], part);
            why = cut.begin == part.begin && cut.end > cut.begin ? CAS_REASON_SNAPLEN : reason;
            part.end = why == CAS_REASON_SNAPLEN ? cut.end : cut.begin;
        }
        uint64_t offset = s->next - s->base;
        s->next = part.end;
        if (sink->hole(sink->user, offset, cas_range_len(part), why) == CAS_WANT_NOTHING) {
            cas_stream_finish(s);
        }
    }
}

/* Bytes that the snaplen took are next: nobody will bring them. */
static bool tell_cut(struct cas_stream *s, const struct arrival *in,
                     const struct cas_stream_sink *sink)
{
    if (s->mark[CAS_STREAM_CUT] == NULL) {
        return false;
    }
    struct cas_range cut = cas_gaps_first_known(s->mark[CAS_STREAM_CUT], from_next(s));
    if (cas_range_len(cut) == 0 || cut.begin != s->next) {
        return false;
    }
    uint64_t there = first_there(s, in);
    tell_hole(s, cut.end < there ? cut.end : there, CAS_REASON_SNAPLEN, sink);
    if (!s->is_done) {
        cas_gaps_forget_below(s->mark[CAS_STREAM_CUT], s->next);
    }
    return true;
}

static void advance(struct cas_stream *s, const struct arrival *in,
                    const struct cas_stream_sink *sink)
{
    if (!s->has_base || s->held != 0 || s->is_done) {
        return;
    }
    tell_old_doubts(s, sink);
    bool goes_on = true;
    while (goes_on && !s->is_done) {
        struct cas_view early = cas_window_at(&s->window, s->next);
        if (early.len > 0) {
            s->early -= early.len;
            deliver(s, early, sink);
        } else if (in->range.begin <= s->next && s->next < in->range.end) {
            deliver_arrival(s, in, sink);
        } else {
            goes_on = tell_cut(s, in, sink);
        }
    }
    if (!s->is_done) {
        forget_old(s);
    }
}

/* --- patience --- */

/* Without a SYN the stream begins where its earliest byte is; or where the other side, whose
 * acknowledgments are known from the first on, began to acknowledge. */
static void guess_base(struct cas_stream *s, uint64_t earliest)
{
    s->base = earliest;
    if (s->has_acks && s->first_ack != 0 && s->first_ack < earliest &&
        earliest - s->first_ack <= CAS_STREAM_REACH) {
        s->base = s->first_ack;
    }
    s->next = s->base;
    s->has_base = true;
}

static void skip(struct cas_stream *s, const struct arrival *in, enum cas_reason reason,
                 const struct cas_stream_sink *sink)
{
    s->held = 0;
    if (!s->has_base) {
        struct cas_range all = { .begin = 0, .end = UINT64_MAX };
        uint64_t earliest = cas_window_first_known(&s->window, all).begin;
        if (cas_range_len(in->range) > 0 && in->range.begin < earliest) {
            earliest = in->range.begin;
        }
        guess_base(s, earliest);
    } else {
        tell_old_doubts(s, sink);
        tell_hole(s, first_there(s, in), reason, sink);
    }
    advance(s, in, sink);
}

/* Keeps a part of the arrival until its time comes. False, with the reason, when it cannot. */
static bool keep(struct cas_stream *s, const struct arrival *in, struct cas_range part,
                 enum cas_reason *out_reason)
{
    size_t len = (size_t)cas_range_len(part);
    struct cas_view bytes =
        cas_view_part(in->bytes, (size_t)(part.begin - in->range.begin), len);
    *out_reason = CAS_REASON_OUT_OF_ORDER;
    if (len > CAS_STREAM_EARLY_MAX - s->early) {
        return false;
    }
    switch (cas_window_put(&s->window, part.begin, bytes)) {
    case CAS_WINDOW_KEPT:
        s->early += len;
        return true;
    case CAS_WINDOW_RANGES:
        return false;
    case CAS_WINDOW_MEMORY:
        *out_reason = CAS_REASON_MEMORY;
        return false;
    }
    return false;
}

/* Delivers or keeps all of the arrival. Each round keeps a part of it or moves next on. */
static void take(struct cas_stream *s, const struct arrival *in,
                 const struct cas_stream_sink *sink)
{
    advance(s, in, sink);
    while (!s->is_done) {
        struct cas_range left = in->range;
        if (s->has_base && left.begin < s->next) {
            left.begin = s->next < left.end ? s->next : left.end;
        }
        struct cas_range part = cas_window_first_new(&s->window, left);
        if (cas_range_len(part) == 0) {
            return;
        }
        enum cas_reason reason;
        if (!keep(s, in, part, &reason)) {
            skip(s, in, reason, sink);
        }
    }
}

/* --- the public functions --- */

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

static struct arrival arrival_of(struct cas_stream *s, const struct cas_stream_segment *segment,
                                 uint64_t position)
{
    struct arrival in = {
        .range = { .begin = position, .end = position + segment->payload.len },
        .bytes = segment->payload,
    };
    uint64_t wire_end = position + segment->wire_len;
    if (in.range.end < wire_end && wire_end > s->next) {
        struct cas_range cut = { .begin = in.range.end, .end = wire_end };
        (void)set_mark(s, CAS_STREAM_CUT, cut);
    }
    if (s->fin != 0 && s->fin < wire_end) {
        s->fin = 0;
    }
    return in;
}

enum cas_stream_result cas_stream_push(struct cas_stream *stream,
                                       const struct cas_stream_segment *segment,
                                       const struct cas_stream_sink *sink)
{
    struct cas_stream *s = stream;
    if (s->is_done) {
        return CAS_STREAM_DONE;
    }
    if (s->next == 0) {
        place(s, segment->seq);
    }
    uint64_t position = position_of(s, segment->seq);
    if (!in_reach(s, position)) {
        if (s->has_base || s->early > 0) {
            return CAS_STREAM_FAR;
        }
        place(s, segment->seq);
        position = s->next;
    }
    if (is_keep_alive(s, segment, position)) {
        return CAS_STREAM_DUPLICATE;
    }
    if (s->held != 0 && !segment->is_syn) {
        judge_held(s, position);
    }
    struct arrival in = arrival_of(s, segment, position);
    struct cas_range on_wire = { .begin = position, .end = position + segment->wire_len };
    if (segment->is_urgent) {
        doubt(s, CAS_STREAM_URGENT, on_wire, sink);
    }
    compare(s, &in, sink);
    if (segment->is_syn && is_untouched(s)) {
        s->held = in.range.end;
    }
    bool is_old = s->has_base && on_wire.end <= s->next;
    uint64_t before = s->next;
    size_t early_before = s->early;
    take(s, &in, sink);
    if (s->next > before || s->is_done) {
        return CAS_STREAM_TAKEN;
    }
    return is_old || s->early == early_before ? CAS_STREAM_DUPLICATE : CAS_STREAM_EARLY;
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
    uint64_t position = position_of(s, ack);
    if (!in_reach(s, position)) {
        return;
    }
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
    if (s->has_base && (s->is_confirmed || !is_untouched(s))) {
        return CAS_STREAM_BASE_OTHER;
    }
    if (s->next == 0) {
        place(s, seq);
    }
    uint64_t base = position_of(s, seq);
    struct cas_range all = { .begin = 0, .end = UINT64_MAX };
    uint64_t earliest = cas_window_first_known(&s->window, all).begin;
    if (s->early > 0 && (base > earliest || earliest - base > CAS_STREAM_REACH)) {
        return CAS_STREAM_BASE_OTHER;
    }
    if (s->early == 0 && !in_reach(s, base)) {
        place(s, seq);
        base = s->next;
    }
    s->base = base;
    s->next = base;
    s->has_base = true;
    return CAS_STREAM_BASE_SET;
}

void cas_stream_advance(struct cas_stream *stream, const struct cas_stream_sink *sink)
{
    advance(stream, &nothing, sink);
}

void cas_stream_set_fin(struct cas_stream *stream, uint32_t seq)
{
    if (stream->next == 0) {
        place(stream, seq);
    }
    uint64_t position = position_of(stream, seq);
    struct cas_range behind = { .begin = position, .end = UINT64_MAX };
    if (in_reach(stream, position) && position > stream->fin &&
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
    uint64_t position = position_of(stream, seq);
    if (!in_reach(stream, position) || (stream->has_base && position < stream->next)) {
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
           (!stream->has_base || stream->acked >= first_there(stream, &nothing));
}

void cas_stream_skip(struct cas_stream *stream, enum cas_reason reason,
                     const struct cas_stream_sink *sink)
{
    if (stream->early > 0) {
        skip(stream, &nothing, reason, sink);
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
        skip(stream, &nothing, reason, sink);
    }
    if (stream->has_base && !stream->is_done && last_end(stream) > stream->next) {
        tell_hole(stream, last_end(stream), reason, sink);
    }
}

void cas_stream_finish(struct cas_stream *stream)
{
    for (unsigned i = 0; i < CAS_STREAM_MARKS; i++) {
        free_mark(stream, (enum cas_stream_mark)i);
    }
    cas_window_finish(&stream->window);
    stream->early = 0;
    stream->held = 0;
    stream->is_done = true;
}
