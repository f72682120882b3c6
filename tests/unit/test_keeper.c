/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which frames cas_flows keeps of a connection, and which come late. */
#include <stdlib.h>

#include <casniff/evidence.h>

#include "net/flows.h"
#include "net/keeper.h"
#include "support/frames.h"
#include "support/support.h"

/* Bytes of the server after which a connection is of no interest any more. */
#define ENOUGH 3000

/* Hears everything as evidence, and notes the numbers of its frames. */
struct court {
    struct cas_budget budget;
    struct cas_counters counters;
    struct cas_flows *flows;
    struct cas_buf kept; /* "1 2 3 | " for each connection */
    struct cas_buf late;
    uint64_t heard;
    size_t missing;
    bool is_indifferent; /* nothing is evidence */
};

struct hearing {
    struct court *court;
    const struct cas_flow *flow;
};

static void *hear_open(void *ctx, const struct cas_flow *flow)
{
    struct hearing *hearing = calloc(1, sizeof(*hearing));
    ck_assert_ptr_nonnull(hearing);
    hearing->court = ctx;
    hearing->flow = flow;
    return hearing;
}

static enum cas_want hear_bytes(void *ctx, void *user, const struct cas_frame *frame,
                                unsigned end, uint64_t offset, struct cas_view bytes)
{
    (void)ctx;
    (void)user;
    (void)frame;
    return end == 1 && offset + bytes.len >= ENOUGH ? CAS_WANT_NEITHER : CAS_WANT_BYTES;
}

static enum cas_want hear_hole(void *ctx, void *user, const struct cas_frame *frame,
                               unsigned end, uint64_t offset, uint64_t len,
                               enum cas_reason reason)
{
    (void)ctx;
    (void)user;
    (void)frame;
    (void)end;
    (void)offset;
    (void)len;
    (void)reason;
    return CAS_WANT_BYTES;
}

static void hear_doubt(void *ctx, void *user, const struct cas_frame *frame, unsigned end,
                       uint64_t offset, uint64_t len, enum cas_reason reason)
{
    (void)hear_hole(ctx, user, frame, end, offset, len, reason);
}

static void hear_close(void *ctx, void *user, const struct cas_frame *frame,
                       enum cas_close close, enum cas_reason reason)
{
    struct hearing *hearing = user;
    struct court *court = ctx;
    (void)frame;
    (void)close;
    (void)reason;
    struct cas_kept *kept = hearing->flow->kept;
    const struct cas_evidence evidence = { .frames_len = kept->len, .kept = kept };
    struct cas_evidence_cursor cursor = { 0 };
    struct cas_frame each;
    while (cas_evidence_next(&evidence, &cursor, &each)) {
        cas_buf_append_format(&court->kept, "%llu ", (unsigned long long)each.number);
    }
    cas_buf_append_text(&court->kept, "| ");
    court->missing += kept->missing;
    kept->is_evidence = !court->is_indifferent;
    free(hearing);
}

static unsigned hear_worth(void *ctx, void *user)
{
    (void)ctx;
    (void)user;
    return 0;
}

static void hear_late(void *ctx, const struct cas_endpoint end[2],
                      const struct cas_frame *frame)
{
    (void)end;
    struct court *court = ctx;
    cas_buf_append_format(&court->late, "%llu ", (unsigned long long)frame->number);
}

static struct court *court_create(size_t memory)
{
    struct court *court = calloc(1, sizeof(*court));
    ck_assert_ptr_nonnull(court);
    court->budget.limit = memory;
    court->kept = cas_buf_init(SIZE_MAX / 2, NULL);
    court->late = cas_buf_init(SIZE_MAX / 2, NULL);
    const struct cas_flows_config config = {
        .handler = { .ctx = court,
                     .open = hear_open,
                     .bytes = hear_bytes,
                     .hole = hear_hole,
                     .doubt = hear_doubt,
                     .close = hear_close,
                     .worth = hear_worth,
                     .late = hear_late },
        .budget = &court->budget,
        .counters = &court->counters,
        .checksums = CAS_FLOWS_CHECK_AUTO,
        .max_flows = 1024,
        .keeps_frames = true,
        .hash_key = { 1 },
    };
    court->flows = cas_flows_create(&config);
    ck_assert_ptr_nonnull(court->flows);
    return court;
}

static void court_hear(struct court *court, const struct frames *frames)
{
    for (size_t i = 0; i < frames->len; i++) {
        cas_flows_push(court->flows, &frames->frame[i]);
    }
}

static void court_destroy(struct court *court)
{
    cas_flows_destroy(court->flows);
    ck_assert_uint_eq(court->budget.used, 0);
    cas_buf_finish(&court->kept);
    cas_buf_finish(&court->late);
    free(court);
}

/* A client asks, and the server says more than is wanted of it. */
static void talk_much(struct talk *talk)
{
    static uint8_t answer[4000];
    talk_send(talk, 0, text_view("question"), 1460);
    talk_send(talk, 1, cas_view_of(answer, sizeof(answer)), 1000);
}

START_TEST(from_the_syn_to_the_last_wanted_byte_and_the_fins)
{
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    struct court *court = court_create((size_t)64 << 20);
    talk_handshake(&talk); /* 1 to 3 */
    talk_much(&talk);      /* 4 5, 6 7 8 9 10, then 11 to 13 */
    talk_close(&talk);
    court_hear(court, &frames);
    cas_flows_finish(court->flows);
    ck_assert_buf_eq(&court->kept, "1 2 3 4 5 6 7 8 9 10 | ");
    ck_assert_buf_eq(&court->late, "14 15 ");
    ck_assert_uint_eq(court->missing, 0);
    frames_free(&frames);
    court_destroy(court);
}
END_TEST

START_TEST(a_rst_ends_what_comes_late)
{
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    struct court *court = court_create((size_t)64 << 20);
    talk_handshake(&talk);
    talk_much(&talk);
    talk_say(&talk, 0, RST, text_view("")); /* 14 */
    talk_say(&talk, 0, RST, text_view(""));
    talk_say(&talk, 1, FIN | ACK, text_view(""));
    court_hear(court, &frames);
    cas_flows_finish(court->flows);
    ck_assert_buf_eq(&court->late, "14 ");
    frames_free(&frames);
    court_destroy(court);
}
END_TEST

START_TEST(nothing_comes_late_of_what_is_no_evidence)
{
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    struct court *court = court_create((size_t)64 << 20);
    court->is_indifferent = true;
    talk_handshake(&talk);
    talk_much(&talk);
    talk_close(&talk);
    court_hear(court, &frames);
    cas_flows_finish(court->flows);
    ck_assert_buf_eq(&court->late, "");
    frames_free(&frames);
    court_destroy(court);
}
END_TEST

START_TEST(a_wrong_checksum_that_is_not_believed_is_not_kept)
{
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    struct court *court = court_create((size_t)64 << 20);
    talk_handshake(&talk);
    talk.spec.sum = FRAME_SUM_BAD;
    talk_say(&talk, 0, ACK, text_view("forged"));
    talk.spec.sum = FRAME_SUM_GOOD;
    talk.seq[0] -= 6;
    talk_say(&talk, 0, ACK, text_view("honest"));
    court_hear(court, &frames);
    cas_flows_finish(court->flows);
    ck_assert_buf_eq(&court->kept, "1 2 3 5 | ");
    frames_free(&frames);
    court_destroy(court);
}
END_TEST

START_TEST(a_syn_with_data_or_behind_it_is_kept_once)
{
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    struct court *court = court_create((size_t)64 << 20);
    talk_say(&talk, 0, SYN, text_view("early"));
    talk_say(&talk, 1, SYN | ACK, text_view(""));
    talk_say(&talk, 0, ACK, text_view("more"));
    frames_repeat(&frames, 0); /* again, behind the data */
    court_hear(court, &frames);
    cas_flows_finish(court->flows);
    ck_assert_buf_eq(&court->kept, "1 2 3 4 | ");
    ck_assert_uint_eq(court->missing, 0);
    frames_free(&frames);
    court_destroy(court);
}
END_TEST

/* The embryo survives a flood that its set of early frames does not: that is not silent. */
START_TEST(syns_that_a_flood_overwrote_are_missing)
{
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    struct court *court = court_create((size_t)1 << 20); /* few early frames */
    uint64_t number = 100;
    talk_handshake(&talk);
    talk_say(&talk, 0, ACK, text_view("question"));
    for (size_t i = 0; i < 3; i++) {
        cas_flows_push(court->flows, &frames.frame[i]);
    }
    struct frames flood = { 0 };
    for (uint32_t i = 0; i < 400; i++) {
        struct frame_spec spec = { .from = endpoint("10.1.1.1", (uint16_t)(1024 + i)),
                                   .to = endpoint("198.51.100.1", 443),
                                   .flags = SYN };
        frames_add_tcp(&flood, &spec);
        flood.frame[i].number = ++number;
        cas_flows_push(court->flows, &flood.frame[i]);
    }
    cas_flows_push(court->flows, &frames.frame[3]);
    cas_flows_finish(court->flows);
    bool is_whole = court->kept.len == sizeof("1 2 3 4 | ") - 1;
    ck_assert(is_whole || court->missing > 0);
    ck_assert_uint_eq(court->counters.value[CAS_COUNT_EVIDENCE_FRAMES_DROPPED], court->missing);
    frames_free(&frames);
    frames_free(&flood);
    court_destroy(court);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keeper");
    TCase *tcase = tcase_create("keeper");
    tcase_add_test(tcase, from_the_syn_to_the_last_wanted_byte_and_the_fins);
    tcase_add_test(tcase, a_rst_ends_what_comes_late);
    tcase_add_test(tcase, nothing_comes_late_of_what_is_no_evidence);
    tcase_add_test(tcase, a_wrong_checksum_that_is_not_believed_is_not_kept);
    tcase_add_test(tcase, a_syn_with_data_or_behind_it_is_kept_once);
    tcase_add_test(tcase, syns_that_a_flood_overwrote_are_missing);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
