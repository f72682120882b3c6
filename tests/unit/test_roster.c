/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who goes when time, the table or memory runs out: rows D01 to D05 of the catalogue. */
#include <stdlib.h>

#include "net/embryos.h"
#include "net/table.h"
#include "support/frames.h"
#include "support/listener.h"
#include "support/support.h"

#define SECOND UINT64_C(1000000)

static const struct cas_view nothing;

/* Pushes one segment at a time, without keeping any. */
struct flood {
    struct listener *listener;
    struct frames frames; /* never more than one */
    uint64_t number;
    uint64_t now_us;
};

static void flood_push(struct flood *flood, const struct frame_spec *spec)
{
    frames_add_tcp(&flood->frames, spec);
    struct cas_frame *frame = &flood->frames.frame[0];
    frame->number = ++flood->number;
    frame->timestamp_us = flood->now_us;
    cas_flows_push(flood->listener->flows, frame);
    frames_drop(&flood->frames, 0);
}

static void flood_free(struct flood *flood)
{
    listener_destroy(flood->listener);
    frames_free(&flood->frames);
}

static struct frame_spec spec_of(uint32_t client, uint8_t flags)
{
    struct frame_spec spec = {
        .from = endpoint("10.0.0.0", (uint16_t)(1024 + client % 60000)),
        .to = endpoint("198.51.100.1", 443),
        .seq = client * 7919,
        .flags = flags,
    };
    spec.from.address[1] = (uint8_t)(client >> 16);
    spec.from.address[2] = (uint8_t)(client >> 8);
    spec.from.address[3] = (uint8_t)client;
    return spec;
}

static struct flood flood_init(struct listener_options options)
{
    return (struct flood){ .listener = listener_create(&options), .now_us = 1000 * SECOND };
}

/* D01 */
START_TEST(a_flood_of_syns_takes_no_memory_and_no_flow)
{
    struct flood flood = flood_init((struct listener_options){ 0 });
    size_t used = flood.listener->budget.used;
    struct frames canary = { 0 };
    struct talk talk = talk_init(&canary);
    talk_handshake(&talk);
    talk_send(&talk, 0, text_view("hello"), 1460);
    talk_send(&talk, 1, text_view("welcome"), 1460);
    for (uint32_t i = 0; i < 200000; i++) {
        struct frame_spec spec = spec_of(i, SYN);
        flood_push(&flood, &spec);
        ck_assert_uint_le(flood.listener->budget.used, used + 10000);
        if (i % 20000 == 0 && i / 20000 < canary.len) {
            cas_flows_push(flood.listener->flows, &canary.frame[i / 20000]);
        }
    }
    listener_finish(flood.listener);
    ck_assert_uint_eq(flood.listener->flows_len, 1);
    assert_heard(&flood.listener->flow[0], 0, text_view("hello"));
    assert_heard(&flood.listener->flow[0], 1, text_view("welcome"));
    frames_free(&canary);
    flood_free(&flood);
}
END_TEST

/* D02 */
START_TEST(handshakes_without_data_take_nothing)
{
    struct flood flood = flood_init((struct listener_options){ 0 });
    size_t used = flood.listener->budget.used;
    for (uint32_t i = 0; i < 50000; i++) {
        struct frame_spec spec = spec_of(i, SYN);
        flood_push(&flood, &spec);
        spec.seq++;
        spec.flags = ACK;
        flood_push(&flood, &spec);
        spec.flags = FIN | ACK;
        flood_push(&flood, &spec);
    }
    ck_assert_uint_eq(flood.listener->budget.used, used);
    listener_finish(flood.listener);
    ck_assert_uint_eq(flood.listener->opened, 0);
    flood_free(&flood);
}
END_TEST

static void say_hello(struct flood *flood, uint32_t client)
{
    struct frame_spec spec = spec_of(client, SYN);
    flood_push(flood, &spec);
    spec.seq++;
    spec.flags = ACK;
    spec.payload = text_view("a hello of some length, which is all that it ever says");
    flood_push(flood, &spec);
}

/* D03 */
START_TEST(a_flood_of_hellos_stays_within_memory_and_table)
{
    static const struct listener_options poor[] = {
        { .max_flows = 65536, .memory = (size_t)8 << 20, .is_forgetful = true },
        { .max_flows = 512, .is_forgetful = true },
    };
    for (size_t i = 0; i < 2; i++) {
        struct flood flood = flood_init(poor[i]);
        for (uint32_t client = 0; client < 50000; client++) {
            say_hello(&flood, client);
        }
        ck_assert_uint_eq(flood.listener->opened, 50000);
        ck_assert_uint_eq(count(flood.listener, CAS_COUNT_TCP_NO_ROOM), 0);
        ck_assert_uint_gt(count(flood.listener, CAS_COUNT_FLOWS_EVICTED), 40000);
        ck_assert_uint_eq(flood.listener->budget.refused, 0);
        listener_finish(flood.listener);
        flood_free(&flood);
    }
}
END_TEST

static void say_hellos_for_10_s(struct flood *flood, uint32_t clients)
{
    for (uint32_t client = 0; client < 10; client++) {
        flood->now_us += SECOND;
        say_hello(flood, clients + client);
    }
}

/* Where memory is short, the silent are given up after 5 s instead of 30. */
START_TEST(kept_frames_cost_no_patience)
{
    struct listener_options options = { .max_flows = 8192,
                                        .memory = (size_t)8 << 20,
                                        .is_forgetful = true };
    struct flood flood = flood_init(options);
    uint32_t clients = 0;
    while (flood.listener->budget.used < options.memory / 10 * 7) {
        say_hello(&flood, clients++);
    }
    say_hellos_for_10_s(&flood, clients);
    ck_assert_uint_eq(count(flood.listener, CAS_COUNT_FLOWS_TIMED_OUT), 0);
    listener_finish(flood.listener);
    flood_free(&flood);
    options.keeps_frames = true;
    flood = flood_init(options);
    for (uint32_t client = 0; client < clients; client++) {
        say_hello(&flood, client);
    }
    say_hellos_for_10_s(&flood, clients);
    ck_assert_uint_gt(count(flood.listener, CAS_COUNT_EVIDENCE_FRAMES_DROPPED), 0);
    ck_assert_uint_eq(count(flood.listener, CAS_COUNT_FLOWS_EVICTED), 0);
    ck_assert_uint_eq(count(flood.listener, CAS_COUNT_FLOWS_TIMED_OUT), 0);
    listener_finish(flood.listener);
    flood_free(&flood);
}
END_TEST

static unsigned canaries_are_dear(const struct cas_flow *flow)
{
    return flow->end[0].port == 50000 ? 1 : 0;
}

START_TEST(the_cheapest_goes_first)
{
    struct flood flood =
        flood_init((struct listener_options){ .max_flows = 8, .worth = canaries_are_dear });
    struct frames canary = { 0 };
    struct talk talk = talk_init(&canary);
    talk_handshake(&talk);
    talk_send(&talk, 0, text_view("hello"), 1460);
    listener_hear(flood.listener, &canary);
    for (uint32_t client = 0; client < 50; client++) {
        say_hello(&flood, client);
    }
    ck_assert(!flood.listener->flow[0].is_closed);
    for (size_t i = 1; i <= 50; i++) {
        ck_assert_int_eq(flood.listener->flow[i].is_closed, i <= 43);
        ck_assert(i > 43 || flood.listener->flow[i].close == CAS_CLOSE_EVICTED);
        ck_assert(i > 43 || flood.listener->flow[i].reason == CAS_REASON_TABLE_FULL);
    }
    frames_free(&canary);
    listener_finish(flood.listener);
    flood_free(&flood);
}
END_TEST

/* D04 */
START_TEST(early_bytes_of_many_flows_stay_within_memory)
{
    struct flood flood = flood_init((struct listener_options){
        .memory = (size_t)16 << 20, .max_flows = 4096, .is_forgetful = true });
    static uint8_t much[1400];
    for (uint32_t client = 0; client < 4000; client++) {
        struct frame_spec spec = spec_of(client, SYN);
        flood_push(&flood, &spec);
        spec.flags = ACK;
        spec.payload = cas_view_of(much, sizeof(much));
        for (uint32_t i = 0; i < 40; i++) {
            spec.seq = client * 7919 + 2 + i * 1400;
            flood_push(&flood, &spec);
        }
    }
    ck_assert_uint_le(flood.listener->budget.peak, flood.listener->budget.limit);
    ck_assert_uint_eq(flood.listener->budget.refused, 0);
    ck_assert_uint_gt(count(flood.listener, CAS_COUNT_FLOWS_EVICTED), 3000);
    listener_finish(flood.listener);
    flood_free(&flood);
}
END_TEST

START_TEST(silence_ends_a_flow_and_what_follows_is_ignored)
{
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    talk_handshake(&talk);
    talk_send(&talk, 0, text_view("hello"), 1460);
    size_t said = frames.len;
    /* Another connection, a segment a second. */
    talk.end[0].port = 50001;
    for (unsigned i = 0; i < 70; i++) {
        talk_say(&talk, 0, ACK, text_view("x"));
        frames.frame[frames.len - 1].timestamp_us = frames.frame[0].timestamp_us + i * SECOND;
    }
    talk.end[0].port = 50000;
    talk_say(&talk, 0, ACK, text_view("late"));
    struct listener *listener = hear(&frames);
    ck_assert_uint_eq(listener->flows_len, 2);
    ck_assert_int_eq(listener->flow[0].close, CAS_CLOSE_TIMEOUT);
    ck_assert_int_eq(listener->flow[0].reason, CAS_REASON_TIMEOUT);
    ck_assert_uint_eq(listener->flow[0].closed_at, said + 62);
    assert_heard(&listener->flow[0], 0, text_view("hello"));
    ck_assert_uint_eq(count(listener, CAS_COUNT_FLOWS_TIMED_OUT), 1);
    ck_assert_uint_eq(count(listener, CAS_COUNT_TCP_IGNORED), 1);
    listener_destroy(listener);
    frames_free(&frames);
}
END_TEST

/* O12 */
START_TEST(absurd_times_end_nothing)
{
    struct dice dice = dice_init("times");
    struct scene scene = scene_init(&dice, 300, 9000);
    scene_play(&scene, 1000);
    for (size_t i = 0; i < scene.frames.len; i++) {
        static const uint64_t times[] = { 0, UINT64_MAX, 5, UINT64_C(4294967295) * SECOND };
        scene.frames.frame[i].timestamp_us = times[i % 4];
    }
    struct listener *listener = hear(&scene.frames);
    assert_whole(listener, &scene);
    listener_destroy(listener);
    scene_free(&scene);
}
END_TEST

START_TEST(a_closed_flow_is_told_after_a_while)
{
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    talk_handshake(&talk);
    talk_send(&talk, 0, text_view("hello"), 1460);
    talk_close(&talk);
    talk.end[0].port = 50001;
    size_t first = frames.len;
    for (unsigned i = 0; i < 8; i++) {
        talk_say(&talk, 0, ACK, nothing);
        frames.frame[frames.len - 1].timestamp_us =
            frames.frame[first - 1].timestamp_us + i * SECOND;
    }
    struct listener *listener = hear(&frames);
    ck_assert_uint_eq(listener->flows_len, 1);
    ck_assert_int_eq(listener->flow[0].close, CAS_CLOSE_FIN);
    ck_assert_uint_eq(listener->flow[0].closed_at, first + 6);
    listener_destroy(listener);
    frames_free(&frames);
}
END_TEST

START_TEST(a_hole_that_was_acknowledged_long_ago_is_lost)
{
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    talk_handshake(&talk);
    talk_send(&talk, 1, text_view("lost"), 1460);
    frames_drop(&frames, 3);
    for (unsigned i = 0; i < 30; i++) {
        talk_send(&talk, 1, text_view("x"), 1460);
        frames.frame[frames.len - 1].timestamp_us += i * SECOND / 4;
    }
    struct listener *listener = listener_create(&(struct listener_options){ 0 });
    listener_hear(listener, &frames);
    ck_assert_uint_eq(listener->flows_len, 1);
    assert_text(&listener->flow[0].holes[1], "0+4 gap; ");
    ck_assert_uint_eq(listener->flow[0].bytes[1].len, 34);
    listener_finish(listener);
    listener_destroy(listener);
    frames_free(&frames);
}
END_TEST

START_TEST(the_key_of_the_table_changes_nothing)
{
    struct dice dice = dice_init("key");
    struct scene scene = scene_init(&dice, 300, 9000);
    scene_play(&scene, 1000);
    uint64_t id = 0;
    for (unsigned key = 0; key < 256; key++) {
        struct listener *listener =
            hear_all(&scene.frames, (struct listener_options){ .key = (uint8_t)key });
        assert_whole(listener, &scene);
        ck_assert(key == 0 || listener->flow[0].flow.id == id);
        id = listener->flow[0].flow.id;
        listener_destroy(listener);
    }
    scene_free(&scene);
}
END_TEST

START_TEST(a_finished_connection_costs_64_bytes)
{
    ck_assert_uint_le(sizeof(struct cas_table_entry), 64);
    ck_assert_uint_le(sizeof(struct cas_embryo), 40);
    struct flood flood = flood_init((struct listener_options){ .wants = 5, .max_flows = 4096 });
    size_t used = flood.listener->budget.used;
    for (uint32_t client = 0; client < LISTENER_FLOWS_MAX; client++) {
        struct frame_spec spec = spec_of(client, ACK);
        spec.payload = text_view("hello");
        flood_push(&flood, &spec);
        struct cas_endpoint from = spec.from;
        spec.from = spec.to;
        spec.to = from;
        flood_push(&flood, &spec);
    }
    ck_assert_uint_gt(flood.listener->budget.used, used); /* patience: no SYN was seen */
    listener_finish(flood.listener);
    ck_assert_uint_eq(flood.listener->budget.used, used);
    flood_free(&flood);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("roster");
    TCase *tcase = tcase_create("roster");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_flood_of_syns_takes_no_memory_and_no_flow);
    tcase_add_test(tcase, handshakes_without_data_take_nothing);
    tcase_add_test(tcase, a_flood_of_hellos_stays_within_memory_and_table);
    tcase_add_test(tcase, kept_frames_cost_no_patience);
    tcase_add_test(tcase, the_cheapest_goes_first);
    tcase_add_test(tcase, early_bytes_of_many_flows_stay_within_memory);
    tcase_add_test(tcase, silence_ends_a_flow_and_what_follows_is_ignored);
    tcase_add_test(tcase, absurd_times_end_nothing);
    tcase_add_test(tcase, a_closed_flow_is_told_after_a_while);
    tcase_add_test(tcase, a_hole_that_was_acknowledged_long_ago_is_lost);
    tcase_add_test(tcase, the_key_of_the_table_changes_nothing);
    tcase_add_test(tcase, a_finished_connection_costs_64_bytes);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
