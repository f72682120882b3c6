/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a stream makes of numbers that contradict it: its base, acknowledgments, FIN and RST. */
#include <stdlib.h>

#include "net/stream.h"
#include "support/support.h"

#define FAR (UINT32_C(1) << 30) /* out of any reach */

struct stage {
    struct cas_budget budget;
    struct cas_stream stream;
    size_t bytes;
    size_t holes;
    enum cas_reason reason;
};

static enum cas_want hear_bytes(void *user, uint64_t offset, struct cas_view bytes)
{
    struct stage *stage = user;
    ck_assert_uint_eq(offset, stage->bytes + stage->holes);
    stage->bytes += bytes.len;
    return CAS_WANT_BYTES;
}

static enum cas_want hear_hole(void *user, uint64_t offset, uint64_t len,
                               enum cas_reason reason)
{
    struct stage *stage = user;
    ck_assert_uint_eq(offset, stage->bytes + stage->holes);
    stage->holes += len;
    stage->reason = reason;
    return CAS_WANT_BYTES;
}

static void hear_doubt(void *user, uint64_t offset, uint64_t len, enum cas_reason reason)
{
    (void)user;
    (void)offset;
    (void)len;
    (void)reason;
}

static struct cas_stream_sink sink_of(struct stage *stage)
{
    return (struct cas_stream_sink){
        .user = stage, .bytes = hear_bytes, .hole = hear_hole, .doubt = hear_doubt
    };
}

static struct cas_stream *open_stage(struct stage *stage)
{
    *stage = (struct stage){ .budget = { .limit = 1000000 } };
    stage->stream.window.budget = &stage->budget;
    return &stage->stream;
}

static void close_stage(struct stage *stage)
{
    cas_stream_finish(&stage->stream);
    ck_assert_uint_eq(stage->budget.used, 0);
}

static enum cas_stream_result push(struct stage *stage, uint32_t seq, const char *text)
{
    const struct cas_stream_sink sink = sink_of(stage);
    const struct cas_stream_segment segment = { .seq = seq,
                                                .payload = text_view(text),
                                                .wire_len = text_view(text).len };
    return cas_stream_push(&stage->stream, &segment, &sink);
}

static void flush(struct stage *stage)
{
    const struct cas_stream_sink sink = sink_of(stage);
    cas_stream_flush(&stage->stream, CAS_REASON_GAP, &sink);
}

START_TEST(a_first_segment_too_far_off_is_followed_and_a_later_one_is_not)
{
    struct stage stage;
    struct cas_stream *s = open_stage(&stage);
    cas_stream_ack(s, 100);
    ck_assert_int_eq(push(&stage, 100 + FAR, "abc"), CAS_STREAM_EARLY);
    ck_assert_int_eq(push(&stage, 100, "abc"), CAS_STREAM_FAR);
    close_stage(&stage);
    ck_assert_int_eq(push(&stage, 100, "abc"), CAS_STREAM_DONE);
}
END_TEST

START_TEST(a_base_is_replaced_until_something_came_of_it)
{
    struct stage stage;
    struct cas_stream *s = open_stage(&stage);
    ck_assert_int_eq(cas_stream_set_base(s, 100), CAS_STREAM_BASE_SET);
    ck_assert_int_eq(cas_stream_set_base(s, 100), CAS_STREAM_BASE_SAME);
    ck_assert_int_eq(cas_stream_set_base(s, 200), CAS_STREAM_BASE_SET);
    ck_assert_int_eq(cas_stream_set_base(s, 200 + FAR), CAS_STREAM_BASE_SET);
    ck_assert_int_eq(push(&stage, 200 + FAR, "abc"), CAS_STREAM_TAKEN);
    ck_assert_int_eq(cas_stream_set_base(s, 100), CAS_STREAM_BASE_OTHER);
    close_stage(&stage);
    ck_assert_int_eq(cas_stream_set_base(s, 300), CAS_STREAM_BASE_SAME);
}
END_TEST

START_TEST(a_base_that_was_acknowledged_stays)
{
    struct stage stage;
    struct cas_stream *s = open_stage(&stage);
    ck_assert(cas_stream_confirm_base(s, 100));
    ck_assert(cas_stream_confirm_base(s, 100));
    ck_assert(cas_stream_confirm_base(s, 110)); /* and ten bytes of data with the SYN */
    ck_assert(!cas_stream_confirm_base(s, 100 + FAR));
    ck_assert_int_eq(cas_stream_set_base(s, 200), CAS_STREAM_BASE_OTHER);
    cas_stream_ack(s, 100 + FAR); /* nobody's */
    ck_assert_int_eq(push(&stage, 100, "abc"), CAS_STREAM_TAKEN);
    close_stage(&stage);
    cas_stream_ack(s, 103); /* heard by nobody */
}
END_TEST

/* Of several SYNs it is the one that the other side took. */
START_TEST(an_acknowledgment_chooses_among_syns)
{
    struct stage stage;
    struct cas_stream *s = open_stage(&stage);
    ck_assert_int_eq(cas_stream_set_base(s, 100), CAS_STREAM_BASE_SET);
    cas_stream_ack(s, 100 + FAR);
    ck_assert_int_eq(push(&stage, 100 + FAR, "abc"), CAS_STREAM_TAKEN);
    ck_assert_uint_eq(stage.bytes, 3);
    close_stage(&stage);
}
END_TEST

START_TEST(no_base_is_behind_what_came)
{
    struct stage stage;
    struct cas_stream *s = open_stage(&stage);
    ck_assert_int_eq(push(&stage, 100, "abc"), CAS_STREAM_EARLY);
    ck_assert_int_eq(cas_stream_set_base(s, 101), CAS_STREAM_BASE_OTHER);
    ck_assert_int_eq(cas_stream_set_base(s, 100 - FAR), CAS_STREAM_BASE_OTHER);
    ck_assert_int_eq(cas_stream_set_base(s, 98), CAS_STREAM_BASE_SET);
    close_stage(&stage);
}
END_TEST

START_TEST(a_fin_is_where_nothing_is_behind)
{
    struct stage stage;
    struct cas_stream *s = open_stage(&stage);
    cas_stream_set_fin(s, 103); /* before anything else */
    ck_assert_int_eq(cas_stream_set_base(s, 100), CAS_STREAM_BASE_SET);
    ck_assert(!cas_stream_has_ended(s));
    ck_assert_int_eq(push(&stage, 100, "abc"), CAS_STREAM_TAKEN);
    ck_assert(cas_stream_has_ended(s));
    ck_assert_int_eq(push(&stage, 103, "def"), CAS_STREAM_TAKEN); /* takes it back */
    ck_assert(!cas_stream_has_ended(s));
    cas_stream_set_fin(s, 102); /* what it ends before was delivered */
    cas_stream_set_fin(s, 106 + FAR);
    ck_assert(!cas_stream_has_ended(s));
    ck_assert_int_eq(push(&stage, 110, "xyz"), CAS_STREAM_EARLY);
    cas_stream_set_fin(s, 108); /* bytes behind it have come */
    flush(&stage);
    ck_assert_uint_eq(stage.bytes, 9);
    ck_assert_uint_eq(stage.holes, 4);
    cas_stream_set_fin(s, 113);
    cas_stream_set_fin(s, 113);
    ck_assert(cas_stream_has_ended(s));
    close_stage(&stage);
    ck_assert(cas_stream_has_ended(s));
}
END_TEST

START_TEST(a_reset_counts_where_the_stream_stands)
{
    struct stage stage;
    struct cas_stream *s = open_stage(&stage);
    ck_assert(cas_stream_set_rst(s, 100)); /* of a stream of which nothing is known */
    ck_assert(!cas_stream_is_reset(s));
    ck_assert_int_eq(cas_stream_set_base(s, 100), CAS_STREAM_BASE_SET);
    ck_assert(cas_stream_is_reset(s));
    ck_assert_int_eq(push(&stage, 100, "abc"), CAS_STREAM_TAKEN);
    ck_assert(!cas_stream_is_reset(s));
    ck_assert(!cas_stream_set_rst(s, 102)); /* was delivered */
    ck_assert(!cas_stream_set_rst(s, 103 + FAR));
    ck_assert(cas_stream_set_rst(s, 104));
    ck_assert(!cas_stream_is_reset(s)); /* a byte is missing ... */
    cas_stream_set_fin(s, 103);
    ck_assert(cas_stream_is_reset(s)); /* ... which was the FIN's number */
    close_stage(&stage);
}
END_TEST

START_TEST(early_bytes_wait_for_what_was_received_or_for_a_base)
{
    struct stage stage;
    struct cas_stream *s = open_stage(&stage);
    const struct cas_stream_sink sink = sink_of(&stage);
    ck_assert(!cas_stream_is_waiting(s));
    ck_assert(!cas_stream_is_overtaken(s));
    cas_stream_skip(s, CAS_REASON_GAP, &sink); /* nothing is skipped */
    ck_assert_int_eq(push(&stage, 105, "abc"), CAS_STREAM_EARLY);
    ck_assert(cas_stream_is_overtaken(s));
    ck_assert_int_eq(cas_stream_set_base(s, 100), CAS_STREAM_BASE_SET);
    ck_assert(cas_stream_is_waiting(s));
    ck_assert(!cas_stream_is_overtaken(s));
    cas_stream_ack(s, 104);
    ck_assert(!cas_stream_is_overtaken(s));
    cas_stream_ack(s, 105);
    ck_assert(cas_stream_is_overtaken(s));
    cas_stream_skip(s, CAS_REASON_OUT_OF_ORDER, &sink);
    ck_assert_uint_eq(stage.holes, 5);
    ck_assert_uint_eq(stage.bytes, 3);
    ck_assert_int_eq(stage.reason, CAS_REASON_OUT_OF_ORDER);
    close_stage(&stage);
}
END_TEST

START_TEST(a_stream_of_acknowledgments_alone_is_a_hole)
{
    struct stage stage;
    struct cas_stream *s = open_stage(&stage);
    s->has_acks = true;
    cas_stream_ack(s, 100);
    cas_stream_ack(s, 350);
    cas_stream_ack(s, 300);
    flush(&stage);
    ck_assert_uint_eq(stage.holes, 250);
    close_stage(&stage);
    /* One byte may have been the FIN's number: it proves nothing. */
    s = open_stage(&stage);
    s->has_acks = true;
    cas_stream_ack(s, 100);
    cas_stream_ack(s, 101);
    flush(&stage);
    ck_assert_uint_eq(stage.holes, 0);
    close_stage(&stage);
    /* Without the first of them it may have begun earlier. */
    s = open_stage(&stage);
    cas_stream_ack(s, 100);
    cas_stream_ack(s, 350);
    flush(&stage);
    ck_assert_uint_eq(stage.holes, 0);
    close_stage(&stage);
}
END_TEST

START_TEST(what_was_not_joined_is_a_hole_of_its_own_kind)
{
    struct stage stage;
    struct cas_stream *s = open_stage(&stage);
    cas_stream_note_unjoined(s, 100, 50); /* of a stream of which nothing is known */
    ck_assert_int_eq(cas_stream_set_base(s, 100), CAS_STREAM_BASE_SET);
    ck_assert_int_eq(push(&stage, 100, "abc"), CAS_STREAM_TAKEN);
    cas_stream_note_unjoined(s, 100, 3);        /* was delivered */
    cas_stream_note_unjoined(s, 100 + FAR, 50); /* out of reach */
    ck_assert_ptr_null(s->unjoined);
    cas_stream_note_unjoined(s, 103, 7);
    ck_assert_int_eq(push(&stage, 110, "xyz"), CAS_STREAM_EARLY);
    flush(&stage);
    ck_assert_uint_eq(stage.bytes, 6);
    ck_assert_uint_eq(stage.holes, 7);
    ck_assert_int_ne(stage.reason, CAS_REASON_GAP);
    close_stage(&stage);
    cas_stream_note_unjoined(s, 113, 7);
    ck_assert_ptr_null(s->unjoined);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stream_ends");
    TCase *tcase = tcase_create("stream_ends");
    tcase_add_test(tcase, a_first_segment_too_far_off_is_followed_and_a_later_one_is_not);
    tcase_add_test(tcase, a_base_is_replaced_until_something_came_of_it);
    tcase_add_test(tcase, a_base_that_was_acknowledged_stays);
    tcase_add_test(tcase, an_acknowledgment_chooses_among_syns);
    tcase_add_test(tcase, no_base_is_behind_what_came);
    tcase_add_test(tcase, a_fin_is_where_nothing_is_behind);
    tcase_add_test(tcase, a_reset_counts_where_the_stream_stands);
    tcase_add_test(tcase, early_bytes_wait_for_what_was_received_or_for_a_base);
    tcase_add_test(tcase, a_stream_of_acknowledgments_alone_is_a_hole);
    tcase_add_test(tcase, what_was_not_joined_is_a_hole_of_its_own_kind);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
