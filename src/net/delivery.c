/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/delivery.h"

#include "bytes/reader.h"

/* Differing runs told of one segment, and such that cannot be compared; what is left is told as
 * one. */
#define DIFFERENCES_MAX 64

static struct cas_range from_next(const struct cas_stream *s)
{
    return (struct cas_range){ .begin = s->next, .end = UINT64_MAX };
}

/* The position at or behind next from which bytes are there; UINT64_MAX when there are none. */
uint64_t cas_delivery_first(const struct cas_stream *s, const struct cas_incoming *in)
{
    uint64_t first = cas_window_first_known(&s->window, from_next(s)).begin;
    if (in->range.end > s->next && in->range.begin < first) {
        first = in->range.begin > s->next ? in->range.begin : s->next;
    }
    return first;
}

/* --- doubts --- */

static void tell_doubt(const struct cas_stream *s, struct cas_range range,
                       enum cas_reason reason, const struct cas_stream_sink *sink)
{
    uint64_t last = s->next + CAS_STREAM_REACH;
    uint64_t begin = range.begin > s->base ? range.begin : s->base;
    uint64_t end = range.end < last ? range.end : last;
    if (end > begin) {
        sink->doubt(sink->user, begin - s->base, end - begin, reason);
    }
}

void cas_delivery_doubt(struct cas_stream *s, struct cas_range range, enum cas_reason reason,
                        const struct cas_stream_sink *sink)
{
    if (s->has_base) {
        tell_doubt(s, range, reason, sink);
    } else {
        cas_stream_doubts_add(&s->doubts, s->window.budget, range, reason);
        s->has_doubts = true;
    }
}

void cas_delivery_note(struct cas_stream *s, struct cas_gaps **gaps, struct cas_range range)
{
    if (*gaps == NULL) {
        *gaps = cas_budget_alloc(s->window.budget, sizeof(**gaps));
    }
    if (*gaps != NULL) {
        (void)cas_gaps_insert(*gaps, range);
    }
}

void cas_delivery_forget(struct cas_stream *s, struct cas_gaps **gaps)
{
    cas_budget_free(s->window.budget, *gaps, sizeof(**gaps));
    *gaps = NULL;
}

/* The base has become known: what was doubtful before can be told. */
static void tell_old_doubts(struct cas_stream *s, const struct cas_stream_sink *sink)
{
    struct cas_range range;
    enum cas_reason reason;
    if (!s->has_doubts) {
        return;
    }
    s->has_doubts = false;
    while (cas_stream_doubts_next(&s->doubts, &range, &reason)) {
        tell_doubt(s, range, reason, sink);
    }
}

static struct cas_range difference_from(const struct cas_stream *s,
                                        const struct cas_incoming *in, uint64_t from)
{
    size_t skip = (size_t)(from - in->range.begin);
    return cas_window_first_difference(&s->window, from,
                                       cas_view_part(in->bytes, skip, SIZE_MAX));
}

/* The first run of differing bytes from a position on, where the window's pages split it. */
static struct cas_range first_difference(const struct cas_stream *s,
                                         const struct cas_incoming *in, uint64_t from)
{
    struct cas_range found = difference_from(s, in, from);
    struct cas_range more = found;
    while (cas_range_len(more) > 0 && more.end % CAS_WINDOW_PAGE == 0) {
        more = difference_from(s, in, found.end);
        if (more.begin != found.end) {
            break;
        }
        found.end = more.end;
    }
    return found;
}

/* A part of a range that was told as a hole, or else is none. */
static struct cas_range first_told(const struct cas_stream *s, struct cas_range range)
{
    if (s->lost == NULL) {
        return (struct cas_range){ .begin = range.end, .end = range.end };
    }
    return cas_gaps_first_known(s->lost, range);
}

/* It was delivered, and cannot be shown to be what came again. */
static void doubt_all(struct cas_stream *s, struct cas_range range,
                      const struct cas_stream_sink *sink)
{
    for (unsigned i = 0; range.begin < range.end; i++) {
        struct cas_range told = { .begin = range.end, .end = range.end };
        if (i < DIFFERENCES_MAX) {
            told = first_told(s, range);
        }
        if (told.begin > range.begin) {
            struct cas_range part = { .begin = range.begin, .end = told.begin };
            cas_delivery_doubt(s, part, CAS_REASON_OVERLAP, sink);
        }
        range.begin = told.end;
    }
}

/* The part of a range that was delivered, and mattered. */
static struct cas_range delivered_of(const struct cas_stream *s, struct cas_range range)
{
    uint64_t from = s->plain_end > s->base ? s->plain_end : s->base;
    range.begin = range.begin > from ? range.begin : from;
    range.end = range.end < s->next ? range.end : s->next;
    return range;
}

/* A part of the segment that is not kept: in doubt where it is not known by its print. */
static void doubt_unknown(struct cas_stream *s, const struct cas_incoming *in,
                          struct cas_range range, const struct cas_stream_sink *sink)
{
    for (unsigned i = 0; i < DIFFERENCES_MAX && s->prints != NULL && sink->hash != NULL; i++) {
        struct cas_view bytes =
            cas_view_part(in->bytes, (size_t)(range.begin - in->range.begin), SIZE_MAX);
        struct cas_range same = cas_prints_first_same(s->prints, sink->hash, range, bytes);
        struct cas_range strange = { .begin = range.begin, .end = same.begin };
        doubt_all(s, strange, sink);
        range.begin = same.end;
        if (cas_range_len(range) == 0) {
            return;
        }
    }
    doubt_all(s, range, sink);
}

/* Of what was delivered: what is not kept any more, and what was cut off of the segment. */
static void doubt_uncompared(struct cas_stream *s, const struct cas_incoming *in,
                             uint64_t wire_end, const struct cas_stream_sink *sink)
{
    struct cas_range range = in->range;
    if (!s->has_base || range.begin >= s->next) {
        return;
    }
    struct cas_range cut = { .begin = in->range.end, .end = wire_end };
    range = delivered_of(s, range);
    cut = delivered_of(s, cut);
    for (unsigned i = 0; range.begin < range.end; i++) {
        struct cas_range part = range;
        if (i < DIFFERENCES_MAX) {
            part = cas_window_first_new(&s->window, range);
        }
        doubt_unknown(s, in, part, sink);
        range.begin = cas_range_len(part) > 0 ? part.end : range.end;
    }
    doubt_all(s, cut, sink);
}

bool cas_delivery_compare(struct cas_stream *s, const struct cas_incoming *in,
                          uint64_t wire_end, const struct cas_stream_sink *sink)
{
    doubt_uncompared(s, in, wire_end, sink);
    uint64_t from = in->range.begin;
    for (unsigned i = 0; i <= DIFFERENCES_MAX; i++) {
        struct cas_range found = first_difference(s, in, from);
        if (cas_range_len(found) == 0) {
            return i > 0;
        }
        if (i == DIFFERENCES_MAX) {
            found.end = in->range.end;
        }
        cas_delivery_doubt(s, found, CAS_REASON_OVERLAP, sink);
        from = found.end;
    }
    return true;
}

/* --- delivery --- */

static enum cas_want deliver(struct cas_stream *s, struct cas_view bytes,
                             const struct cas_stream_sink *sink)
{
    uint64_t offset = s->next - s->base;
    s->next += bytes.len;
    enum cas_want want = sink->bytes(sink->user, offset, bytes);
    if (want == CAS_WANT_NOTHING) {
        cas_stream_end(s);
    } else if (want == CAS_WANT_REST) {
        s->plain_end = s->next;
        cas_window_forget_below(&s->window, s->next);
    }
    return want;
}

/* Since half of all memory was in use: the rest is for what is not known yet. */
static bool keeps_prints(const struct cas_stream *s)
{
    const struct cas_budget *budget = s->window.budget;
    return s->prints != NULL || budget->used > budget->limit / 2;
}

/* Of bytes that were just delivered their print is kept. */
static void keep_print(struct cas_stream *s, struct cas_view bytes,
                       const struct cas_stream_sink *sink)
{
    if (sink->hash != NULL) {
        cas_prints_add(&s->prints, s->window.budget, sink->hash, s->next - bytes.len, bytes);
    }
}

/* Keeps the last of what was delivered straight from a packet. Without memory it is not kept,
 * and what repeats it is in doubt. */
static void remember(struct cas_stream *s, struct cas_view bytes,
                     const struct cas_stream_sink *sink)
{
    if (keeps_prints(s)) {
        keep_print(s, bytes, sink);
        return;
    }
    size_t skip = bytes.len > CAS_STREAM_HISTORY ? bytes.len - CAS_STREAM_HISTORY : 0;
    struct cas_view last = cas_view_part(bytes, skip, SIZE_MAX);
    (void)cas_window_put(&s->window, s->next - last.len, last);
}

static void forget_old(struct cas_stream *s)
{
    cas_window_forget_below(&s->window, s->next - CAS_STREAM_HISTORY);
    if (s->cut != NULL) {
        cas_gaps_forget_below(s->cut, s->next);
    }
    if (s->unjoined != NULL) {
        cas_gaps_forget_below(s->unjoined, s->next);
    }
}

/* Delivers bytes that waited. They stay, for nobody knows any more which segments brought them;
 * their prints are between those of others. */
static void deliver_early(struct cas_stream *s, struct cas_view bytes,
                          const struct cas_stream_sink *sink)
{
    if (deliver(s, bytes, sink) == CAS_WANT_BYTES && s->prints != NULL) {
        keep_print(s, bytes, sink);
    }
}

/* Delivers the bytes of the packet that are next, up to those that came before it. */
static void deliver_arrival(struct cas_stream *s, const struct cas_incoming *in,
                            const struct cas_stream_sink *sink)
{
    struct cas_range range = { .begin = s->next, .end = in->range.end };
    range = cas_window_first_new(&s->window, range);
    struct cas_view bytes = cas_view_part(in->bytes, (size_t)(range.begin - in->range.begin),
                                          (size_t)cas_range_len(range));
    if (deliver(s, bytes, sink) == CAS_WANT_BYTES) {
        remember(s, bytes, sink);
    }
}

/* The first part of a hole that is one of these ranges, or is none. */
static struct cas_range first_part(struct cas_range hole, const struct cas_gaps *gaps,
                                   enum cas_reason reason, enum cas_reason *why)
{
    if (gaps == NULL) {
        return hole;
    }
    struct cas_range known = cas_gaps_first_known(gaps, hole);
    bool is_known = cas_range_len(known) > 0 && known.begin == hole.begin;
    *why = is_known ? reason : *why;
    hole.end = is_known ? known.end : known.begin;
    return hole;
}

/* Tells the hole from next on, up to a position: the cut parts as cut, those that came in
 * fragments as such, the others as reason. */
void cas_delivery_hole(struct cas_stream *s, uint64_t end, enum cas_reason reason,
                       const struct cas_stream_sink *sink)
{
    while (s->next < end && !s->is_done) {
        struct cas_range part = { .begin = s->next, .end = end };
        enum cas_reason why = reason;
        part = first_part(part, s->unjoined, CAS_REASON_FRAGMENT, &why);
        part = first_part(part, s->cut, CAS_REASON_SNAPLEN, &why);
        uint64_t offset = s->next - s->base;
        s->next = part.end;
        cas_delivery_note(s, &s->lost, part);
        if (sink->hole(sink->user, offset, cas_range_len(part), why) == CAS_WANT_NOTHING) {
            cas_stream_end(s);
        }
    }
}

/* Bytes that the snaplen took are next: nobody will bring them. */
static bool tell_cut(struct cas_stream *s, const struct cas_incoming *in,
                     const struct cas_stream_sink *sink)
{
    if (s->cut == NULL) {
        return false;
    }
    struct cas_range cut = cas_gaps_first_known(s->cut, from_next(s));
    if (cas_range_len(cut) == 0 || cut.begin != s->next) {
        return false;
    }
    uint64_t there = cas_delivery_first(s, in);
    cas_delivery_hole(s, cut.end < there ? cut.end : there, CAS_REASON_SNAPLEN, sink);
    return true;
}

void cas_delivery_advance(struct cas_stream *s, const struct cas_incoming *in,
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
            deliver_early(s, early, sink);
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
 * acknowledgments are known from the first on, began to acknowledge. What lies before that may
 * be its beginning all the same, where those were lost. */
static void guess_base(struct cas_stream *s, uint64_t earliest,
                       const struct cas_stream_sink *sink)
{
    s->base = earliest;
    if (s->has_acks && s->first_ack != 0 && s->first_ack < earliest &&
        earliest - s->first_ack <= CAS_STREAM_REACH) {
        s->base = s->first_ack;
    }
    s->next = s->base;
    s->has_base = true;
    s->is_guessed = true;
    if (s->has_acks && s->first_ack > s->base) {
        const struct cas_range strange = { .begin = s->base, .end = s->first_ack };
        cas_delivery_doubt(s, strange, CAS_REASON_SEQUENCE, sink);
    }
}

void cas_delivery_skip(struct cas_stream *s, const struct cas_incoming *in,
                       enum cas_reason reason, const struct cas_stream_sink *sink)
{
    s->held = 0;
    if (!s->has_base) {
        struct cas_range all = { .begin = 0, .end = UINT64_MAX };
        uint64_t earliest = cas_window_first_known(&s->window, all).begin;
        if (cas_range_len(in->range) > 0 && in->range.begin < earliest) {
            earliest = in->range.begin;
        }
        guess_base(s, earliest, sink);
    } else {
        tell_old_doubts(s, sink);
        cas_delivery_hole(s, cas_delivery_first(s, in), reason, sink);
    }
    cas_delivery_advance(s, in, sink);
}

/* Puts early bytes into the window; where they do not fit, what was delivered goes first. */
static enum cas_window_result put_early(struct cas_stream *s, uint64_t position,
                                        struct cas_view bytes)
{
    enum cas_window_result result = cas_window_put(&s->window, position, bytes);
    if (result != CAS_WINDOW_KEPT && s->has_base) {
        cas_window_forget_below(&s->window, s->next);
        result = cas_window_put(&s->window, position, bytes);
    }
    return result;
}

/* Keeps a part of the arrival until its time comes. False, with the reason, when it cannot. */
static bool keep(struct cas_stream *s, const struct cas_incoming *in, struct cas_range part,
                 enum cas_reason *out_reason)
{
    size_t len = (size_t)cas_range_len(part);
    struct cas_view bytes =
        cas_view_part(in->bytes, (size_t)(part.begin - in->range.begin), len);
    *out_reason = CAS_REASON_OUT_OF_ORDER;
    if (len > CAS_STREAM_EARLY_MAX - s->early) {
        return false;
    }
    switch (put_early(s, part.begin, bytes)) {
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
void cas_delivery_take(struct cas_stream *s, const struct cas_incoming *in,
                       const struct cas_stream_sink *sink)
{
    cas_delivery_advance(s, in, sink);
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
            cas_delivery_skip(s, in, reason, sink);
        }
    }
}
