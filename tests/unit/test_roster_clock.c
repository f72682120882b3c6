/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The caller's clock: time goes on although nothing comes, and no stepped clock ends a thing.
 */
#include "support/frames.h"
#include "support/listener.h"
#include "support/support.h"

#define SECOND UINT64_C(1000000)
#define YEAR   (365 * 86400 * SECOND)

/* A clock that has run for a day when the capture begins, beside the wall's. */
struct clocks {
    struct listener *listener;
    uint64_t monotonic_us;
    struct cas_frame moment;
    bool has_more;
};

static struct clocks clocks_init(struct listener_options options)
{
    options.clock = CAS_FLOWS_CLOCK_CALLER;
    struct clocks clocks = {
        .listener = listener_create(&options),
        .monotonic_us = 86400 * SECOND,
        .moment = { .number = 99, .timestamp_us = 1000 * SECOND },
    };
    (void)cas_flows_tick(clocks.listener->flows, clocks.monotonic_us, &clocks.moment);
    return clocks;
}

static void pass(struct clocks *clocks, uint64_t us)
{
    clocks->monotonic_us += us;
    clocks->moment.timestamp_us += us;
    clocks->has_more =
        cas_flows_tick(clocks->listener->flows, clocks->monotonic_us, &clocks->moment);
}

static void pass_seconds(struct clocks *clocks, unsigned seconds)
{
    for (unsigned i = 0; i < seconds; i++) {
        pass(clocks, SECOND);
    }
}

static struct frames hello(void)
{
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    talk_handshake(&talk);
    talk_send(&talk, 0, text_view("hello"), 1460);
    return frames;
}

START_TEST(silence_ends_a_flow_on_an_idle_link)
{
    struct clocks clocks = clocks_init((struct listener_options){ 0 });
    struct frames frames = hello();
    listener_hear(clocks.listener, &frames);
    pass_seconds(&clocks, 59);
    ck_assert(!clocks.listener->flow[0].is_closed);
    pass_seconds(&clocks, 1);
    ck_assert(clocks.listener->flow[0].is_closed);
    ck_assert_int_eq(clocks.listener->flow[0].close, CAS_CLOSE_TIMEOUT);
    ck_assert_uint_eq(clocks.listener->flow[0].closed_at, 99);
    ck_assert(!clocks.has_more);
    listener_destroy(clocks.listener);
    frames_free(&frames);
}
END_TEST

START_TEST(a_closed_flow_is_closed_without_another_frame)
{
    struct clocks clocks = clocks_init((struct listener_options){ 0 });
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    talk_handshake(&talk);
    talk_send(&talk, 0, text_view("hello"), 1460);
    talk_close(&talk);
    listener_hear(clocks.listener, &frames);
    pass_seconds(&clocks, 5);
    ck_assert_int_eq(clocks.listener->flow[0].close, CAS_CLOSE_FIN);
    listener_destroy(clocks.listener);
    frames_free(&frames);
}
END_TEST

/* O12 */
START_TEST(a_stepped_wall_clock_ends_nothing)
{
    struct clocks clocks = clocks_init((struct listener_options){ 0 });
    struct frames frames = hello();
    struct talk talk = talk_init(&frames);
    talk.seq[0] += 5;
    talk_say(&talk, 0, ACK, text_view(" again"));
    for (size_t i = 0; i < frames.len; i++) {
        frames.frame[i].timestamp_us = i % 2 == 0 ? 5 * YEAR : 50 * YEAR;
    }
    frames.frame[frames.len - 1].timestamp_us = 90 * YEAR;
    for (size_t i = 0; i < frames.len; i++) {
        cas_flows_push(clocks.listener->flows, &frames.frame[i]);
        clocks.moment.timestamp_us += i % 2 == 0 ? YEAR : 0;
        pass(&clocks, SECOND);
    }
    ck_assert_uint_eq(clocks.listener->flows_len, 1);
    ck_assert(!clocks.listener->flow[0].is_closed);
    listener_destroy(clocks.listener);
    frames_free(&frames);
}
END_TEST

START_TEST(a_process_that_stood_still_gives_nothing_up)
{
    struct clocks clocks = clocks_init((struct listener_options){ 0 });
    struct frames frames = hello();
    listener_hear(clocks.listener, &frames);
    pass(&clocks, YEAR);
    clocks.monotonic_us -= YEAR / 2; /* and one that goes back does not hurt */
    pass(&clocks, SECOND);
    ck_assert(!clocks.listener->flow[0].is_closed);
    listener_destroy(clocks.listener);
    frames_free(&frames);
}
END_TEST

START_TEST(what_is_due_at_once_is_closed_in_portions)
{
    struct clocks clocks =
        clocks_init((struct listener_options){ .is_forgetful = true, .max_flows = 4096 });
    for (uint16_t port = 1024; port < 2024; port++) {
        struct frames frames = { 0 };
        struct talk talk = talk_init(&frames);
        talk.end[0].port = port;
        talk_handshake(&talk);
        talk_send(&talk, 0, text_view("hello"), 1460);
        for (size_t i = 0; i < frames.len; i++) {
            cas_flows_push(clocks.listener->flows, &frames.frame[i]);
        }
        frames_free(&frames);
    }
    pass_seconds(&clocks, 59);
    ck_assert_uint_eq(count(clocks.listener, CAS_COUNT_FLOWS_TIMED_OUT), 0);
    uint64_t before = 0;
    do {
        pass(&clocks, before == 0 ? SECOND : 0);
        uint64_t now = count(clocks.listener, CAS_COUNT_FLOWS_TIMED_OUT);
        ck_assert_uint_gt(now, before);
        ck_assert_uint_le(now - before, 256);
        before = now;
    } while (clocks.has_more);
    ck_assert_uint_eq(before, 1000);
    listener_destroy(clocks.listener);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("roster_clock");
    TCase *tcase = tcase_create("roster_clock");
    tcase_add_test(tcase, silence_ends_a_flow_on_an_idle_link);
    tcase_add_test(tcase, a_closed_flow_is_closed_without_another_frame);
    tcase_add_test(tcase, a_stepped_wall_clock_ends_nothing);
    tcase_add_test(tcase, a_process_that_stood_still_gives_nothing_up);
    tcase_add_test(tcase, what_is_due_at_once_is_closed_in_portions);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
