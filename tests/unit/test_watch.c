/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections that are looked at as they pass, and what ends that. */
#include <string.h>

#include "net/flows.h"
#include "support/fragments.h"
#include "support/frames.h"
#include "support/support.h"

#define SECOND     UINT64_C(1000000)
#define SHOWN_MAX  16
#define WATCH_MARK 0x5741544348u
#define AHEAD      1000u /* what the handler awaits lies so far behind "hello" */

static const struct cas_view nothing;

/* A handler that wants one segment of each side in order, and then to look. */
struct stage {
    struct frames frames;
    struct talk talk;
    struct cas_budget budget;
    struct cas_counters counters;
    struct cas_flows *flows;
    size_t heard; /* frames pushed */
    size_t opened;
    struct cas_flow first; /* as it was opened */
    struct cas_glimpse shown[SHOWN_MAX];
    size_t shown_len;
    uint32_t step; /* what it adds to next each time */
    bool is_careful;
    bool is_next; /* what follows is awaited */
    enum cas_watching says;
    size_t ended;
    struct cas_flow last; /* as it was given to unwatch() */
};

struct state {
    uint64_t mark;
};

static void *hear_open(void *ctx, const struct cas_flow *flow)
{
    struct stage *stage = ctx;
    if (stage->opened++ == 0) {
        stage->first = *flow;
    }
    return stage;
}

static enum cas_want hear_bytes(void *ctx, void *user, const struct cas_frame *frame,
                                unsigned end, uint64_t offset, struct cas_view bytes)
{
    (void)ctx, (void)user, (void)frame, (void)offset, (void)bytes;
    return end == 1 ? CAS_WANT_NEITHER : CAS_WANT_BYTES;
}

static enum cas_want hear_hole(void *ctx, void *user, const struct cas_frame *frame,
                               unsigned end, uint64_t offset, uint64_t len,
                               enum cas_reason reason)
{
    (void)ctx, (void)user, (void)frame, (void)end, (void)offset, (void)len, (void)reason;
    return CAS_WANT_BYTES;
}

static void hear_doubt(void *ctx, void *user, const struct cas_frame *frame, unsigned end,
                       uint64_t offset, uint64_t len, enum cas_reason reason)
{
    (void)ctx, (void)user, (void)frame, (void)end, (void)offset, (void)len, (void)reason;
}

static void hear_close(void *ctx, void *user, const struct cas_frame *frame,
                       enum cas_close close, enum cas_reason reason)
{
    (void)ctx, (void)user, (void)frame, (void)close, (void)reason;
}

static unsigned hear_worth(void *ctx, void *user)
{
    (void)ctx, (void)user;
    return 0;
}

static bool begin_watch(void *ctx, void *user, void *state, struct cas_watch_start *start)
{
    static const struct state empty;
    struct state *mine = state;
    (void)ctx, (void)user;
    ck_assert_int_eq(memcmp(mine, &empty, sizeof(empty)), 0);
    mine->mark = WATCH_MARK;
    for (unsigned end = 0; end < 2; end++) {
        start->next[end] = start->base[end] + AHEAD;
        start->is_wanted[end] = true;
    }
    return true;
}

static enum cas_watching look(void *ctx, void *state, struct cas_glimpse *glimpse)
{
    struct stage *stage = ctx;
    ck_assert_uint_eq(((struct state *)state)->mark, WATCH_MARK);
    if (stage->is_careful && !glimpse->is_believed) {
        return CAS_WATCH_DOUBT;
    }
    if (stage->shown_len < SHOWN_MAX) {
        stage->shown[stage->shown_len] = *glimpse;
    }
    stage->shown_len++;
    glimpse->next =
        stage->is_next ? glimpse->seq + glimpse->wire_len : glimpse->next + stage->step;
    return stage->says;
}

static void end_watch(void *ctx, void *state, const struct cas_flow *flow,
                      const struct cas_frame *frame)
{
    struct stage *stage = ctx;
    (void)frame;
    ck_assert_uint_eq(((struct state *)state)->mark, WATCH_MARK);
    stage->ended++;
    stage->last = *flow;
}

static void hear(struct stage *stage)
{
    for (; stage->heard < stage->frames.len; stage->heard++) {
        cas_flows_push(stage->flows, &stage->frames.frame[stage->heard]);
    }
}

static void open_stage_for(struct stage *stage, size_t max_flows, enum cas_flows_clock clock)
{
    *stage = (struct stage){ .budget = { .limit = 8 << 20 } };
    const struct cas_flows_config config = {
        .handler = { .ctx = stage,
                     .open = hear_open,
                     .bytes = hear_bytes,
                     .hole = hear_hole,
                     .doubt = hear_doubt,
                     .close = hear_close,
                     .worth = hear_worth,
                     .watch_size = sizeof(struct state),
                     .watch = begin_watch,
                     .look = look,
                     .unwatch = end_watch },
        .budget = &stage->budget,
        .counters = &stage->counters,
        .checksums = CAS_FLOWS_CHECK_ALWAYS,
        .clock = clock,
        .max_flows = max_flows,
    };
    stage->flows = cas_flows_create(&config);
    ck_assert_ptr_nonnull(stage->flows);
    stage->talk = talk_init(&stage->frames);
}

/* A connection is opened, and watched from then on. */
static void begin_connection(struct stage *stage)
{
    talk_handshake(&stage->talk);
    talk_say(&stage->talk, 0, PSH | ACK, text_view("hello"));
    talk_say(&stage->talk, 1, PSH | ACK, text_view("welcome"));
    hear(stage);
}

static void open_stage(struct stage *stage)
{
    open_stage_for(stage, 1024, CAS_FLOWS_CLOCK_PACKETS);
    begin_connection(stage);
    ck_assert_uint_eq(stage->counters.value[CAS_COUNT_FLOWS_WATCHED], 1);
}

static void close_stage(struct stage *stage)
{
    cas_flows_finish(stage->flows);
    ck_assert_uint_eq(stage->ended, stage->counters.value[CAS_COUNT_FLOWS_WATCHED]);
    cas_flows_destroy(stage->flows);
    ck_assert_uint_eq(stage->budget.used, 0);
    frames_free(&stage->frames);
}

/* A segment of this side that begins at an offset of its stream. */
static void say_at(struct stage *stage, unsigned from, uint32_t offset, size_t len)
{
    static const uint8_t bytes[1448];
    struct talk talk = stage->talk;
    talk.seq[from] = (from == 0 ? 1001u : 9001u) + offset;
    talk_say(&talk, from, PSH | ACK, cas_view_of(bytes, len));
    hear(stage);
}

static void pass(struct stage *stage, uint64_t *now_us, unsigned seconds)
{
    const struct cas_frame moment = { .timestamp_us = *now_us };
    for (unsigned i = 0; i < seconds; i++) {
        *now_us += SECOND;
        (void)cas_flows_tick(stage->flows, *now_us, &moment);
    }
}

/* Its segments are known by their prints when it begins: net/prints.h. */
START_TEST(what_waited_when_memory_was_short_goes_on)
{
    struct stage stage;
    open_stage_for(&stage, 1024, CAS_FLOWS_CLOCK_PACKETS);
    stage.budget.limit = stage.budget.used * 3 / 2 + 30000;
    talk_handshake(&stage.talk);
    const struct talk before = stage.talk;
    talk_say(&stage.talk, 0, PSH | ACK, text_view("hello"));
    say_at(&stage, 0, 100, 50);
    talk_say(&stage.talk, 1, PSH | ACK, text_view("welcome"));
    hear(&stage);
    ck_assert_uint_eq(stage.counters.value[CAS_COUNT_FLOWS_WATCHED], 1);
    struct talk again = before;
    talk_say(&again, 0, PSH | ACK, text_view("hello"));
    hear(&stage);
    say_at(&stage, 0, AHEAD, 5);
    hear(&stage);
    close_stage(&stage);
}
END_TEST
START_TEST(only_what_reaches_the_awaited_number_is_shown)
{
    struct stage stage;
    open_stage(&stage);
    say_at(&stage, 0, 500, 499);
    say_at(&stage, 0, 999, 1);
    ck_assert_uint_eq(stage.shown_len, 0);
    say_at(&stage, 0, 999, 2);
    ck_assert_uint_eq(stage.shown_len, 1);
    ck_assert_uint_eq(stage.shown[0].end, 0);
    ck_assert_uint_eq(stage.shown[0].seq, 2000);
    ck_assert_uint_eq(stage.shown[0].bytes.len, 2);
    close_stage(&stage);
}
END_TEST

/* It may differ. What lies behind it and before the awaited number is not. */
START_TEST(what_was_shown_last_is_shown_when_it_comes_again)
{
    struct stage stage;
    open_stage(&stage);
    stage.step = 5000;
    say_at(&stage, 0, AHEAD - 10, 100);
    ck_assert_uint_eq(stage.shown_len, 1);
    stage.step = 0;
    say_at(&stage, 0, AHEAD + 90, 100);
    ck_assert_uint_eq(stage.shown_len, 1);
    say_at(&stage, 0, AHEAD + 89, 1);
    say_at(&stage, 0, AHEAD, 5);
    ck_assert_uint_eq(stage.shown_len, 3);
    close_stage(&stage);
}
END_TEST

START_TEST(what_comes_early_waits_and_then_all_is_shown_in_order)
{
    struct stage stage;
    open_stage(&stage);
    stage.is_next = true;
    say_at(&stage, 1, AHEAD + 100, 100);
    say_at(&stage, 1, AHEAD + 300, 100);
    ck_assert_uint_eq(stage.shown_len, 0);
    say_at(&stage, 1, AHEAD + 200, 100);
    ck_assert_uint_eq(stage.shown_len, 0);
    say_at(&stage, 1, AHEAD - 50, 150);
    ck_assert_uint_ge(stage.shown_len, 2);
    uint32_t at = 9001 + AHEAD;
    for (size_t i = 0; i < stage.shown_len; i++) {
        ck_assert_uint_eq(stage.shown[i].seq, at);
        at += stage.shown[i].wire_len;
    }
    ck_assert_uint_eq(at, 9001 + AHEAD + 400);
    stage.shown_len = 0;
    say_at(&stage, 1, AHEAD + 400, 100); /* nothing waits any more */
    ck_assert_uint_eq(stage.shown_len, 1);
    close_stage(&stage);
}
END_TEST

/* More than 64 KiB wait, or the end comes: what is between is lost. */
START_TEST(what_waits_too_long_is_shown_behind_a_hole)
{
    struct stage stage;
    open_stage(&stage);
    for (uint32_t i = 0; i < 46 && stage.shown_len == 0; i++) {
        say_at(&stage, 0, AHEAD + 100 + i * 1448, 1448);
        ck_assert(stage.shown_len == 0 || i == 45);
        stage.shown_len = stage.shown_len > 0 ? 1 : 0;
    }
    ck_assert_uint_eq(stage.shown_len, 1);
    ck_assert_uint_eq(stage.shown[0].seq, 1001 + AHEAD + 100);
    stage.shown_len = 0;
    say_at(&stage, 1, AHEAD + 100, 100);
    ck_assert_uint_eq(stage.shown_len, 0);
    cas_flows_finish(stage.flows);
    ck_assert_uint_ge(stage.shown_len, 1);
    close_stage(&stage);
}
END_TEST

START_TEST(the_awaited_number_moves_as_the_handler_says)
{
    struct stage stage;
    open_stage(&stage);
    stage.step = 0xfffffff0u / 4; /* round and round */
    for (unsigned i = 0; i < 12; i++) {
        say_at(&stage, 0, AHEAD + i * stage.step, 1);
        say_at(&stage, 0, AHEAD + i * stage.step, 1);
    }
    ck_assert_uint_eq(stage.shown_len, 12);
    close_stage(&stage);
}
END_TEST

START_TEST(an_end_has_the_flow_as_it_was_opened)
{
    struct stage stage;
    open_stage_for(&stage, 1024, CAS_FLOWS_CLOCK_PACKETS);
    stage.talk.end[0] = endpoint("2001:db8::2", 50000);
    stage.talk.end[1] = endpoint("2001:db8::1", 443);
    stage.talk.spec.vlan_len = 2;
    stage.talk.spec.vlan[0] = 7;
    stage.talk.spec.vlan[1] = 4094;
    begin_connection(&stage);
    close_stage(&stage);
    ck_assert_uint_eq(stage.last.id, stage.first.id);
    ck_assert_int_eq(memcmp(stage.last.end, stage.first.end, sizeof(stage.first.end)), 0);
    ck_assert_uint_eq(stage.last.end[0].port, 50000);
    ck_assert_uint_eq(stage.last.vlan_len, 2);
    ck_assert_uint_eq(stage.last.vlan[0], 7);
    ck_assert_uint_eq(stage.last.vlan[1], 4094);
}
END_TEST

/* The middle one is not in the key: it could not be told. */
START_TEST(three_tags_are_not_watched)
{
    struct stage stage;
    open_stage_for(&stage, 1024, CAS_FLOWS_CLOCK_PACKETS);
    stage.talk.spec.vlan_len = 3;
    for (unsigned i = 0; i < 3; i++) {
        stage.talk.spec.vlan[i] = (uint16_t)(7 + i);
    }
    begin_connection(&stage);
    ck_assert_uint_eq(stage.opened, 1);
    ck_assert_uint_eq(stage.counters.value[CAS_COUNT_FLOWS_WATCHED], 0);
    close_stage(&stage);
}
END_TEST

START_TEST(both_fins_end_it_when_nothing_comes_any_more)
{
    struct stage stage;
    uint64_t now_us = SECOND;
    open_stage_for(&stage, 1024, CAS_FLOWS_CLOCK_CALLER);
    pass(&stage, &now_us, 1);
    begin_connection(&stage);
    talk_say(&stage.talk, 0, FIN | ACK, nothing);
    hear(&stage);
    ck_assert_uint_eq(stage.ended, 0);
    talk_say(&stage.talk, 1, FIN | ACK, nothing);
    hear(&stage);
    say_at(&stage, 0, AHEAD, 1); /* late, but in time */
    ck_assert_uint_eq(stage.shown_len, 1);
    pass(&stage, &now_us, 62);
    ck_assert_uint_eq(stage.ended, 1);
    close_stage(&stage);
}
END_TEST

/* A reset may be forged. */
START_TEST(a_reset_does_not)
{
    struct stage stage;
    open_stage(&stage);
    talk_say(&stage.talk, 0, RST, nothing);
    hear(&stage);
    ck_assert_uint_eq(stage.ended, 0);
    say_at(&stage, 0, AHEAD, 1);
    ck_assert_uint_eq(stage.shown_len, 1);
    close_stage(&stage);
}
END_TEST

START_TEST(a_port_used_again_ends_it)
{
    struct stage stage;
    open_stage(&stage);
    stage.talk.seq[0] = 700000;
    stage.talk.seq[1] = 800000;
    talk_say(&stage.talk, 0, SYN, nothing);
    hear(&stage);
    ck_assert_uint_eq(stage.ended, 0);
    talk_say(&stage.talk, 1, SYN | ACK, nothing);
    hear(&stage);
    ck_assert_uint_eq(stage.ended, 1);
    talk_say(&stage.talk, 0, ACK, nothing);
    talk_say(&stage.talk, 0, PSH | ACK, text_view("hello"));
    hear(&stage);
    ck_assert_uint_eq(stage.opened, 2);
    close_stage(&stage);
}
END_TEST

START_TEST(what_matters_has_a_good_checksum)
{
    struct stage stage;
    open_stage(&stage);
    stage.is_careful = true;
    stage.talk.spec.sum = FRAME_SUM_BAD;
    say_at(&stage, 0, AHEAD, 1);
    ck_assert_uint_eq(stage.shown_len, 0);
    ck_assert_uint_eq(stage.counters.value[CAS_COUNT_TCP_CHECKSUM_BAD], 1);
    stage.talk.spec.sum = FRAME_SUM_GOOD;
    say_at(&stage, 0, AHEAD, 1);
    ck_assert_uint_eq(stage.shown_len, 1);
    close_stage(&stage);
}
END_TEST

START_TEST(it_is_over_when_the_handler_says_so)
{
    struct stage stage;
    open_stage(&stage);
    stage.says = CAS_WATCH_OVER;
    say_at(&stage, 0, AHEAD, 1);
    ck_assert_uint_eq(stage.ended, 1);
    say_at(&stage, 0, AHEAD, 1);
    ck_assert_uint_eq(stage.shown_len, 1);
    close_stage(&stage);
}
END_TEST

START_TEST(what_is_due_is_told_after_a_minute_of_silence)
{
    struct stage stage;
    uint64_t now_us = SECOND;
    open_stage_for(&stage, 1024, CAS_FLOWS_CLOCK_CALLER);
    pass(&stage, &now_us, 1);
    begin_connection(&stage);
    pass(&stage, &now_us, 3600);
    ck_assert_uint_eq(stage.ended, 0); /* nothing is due */
    stage.says = CAS_WATCH_SOON;
    say_at(&stage, 0, AHEAD, 1);
    pass(&stage, &now_us, 50);
    say_at(&stage, 1, 0, 1); /* not shown, but not silent */
    pass(&stage, &now_us, 58);
    ck_assert_uint_eq(stage.ended, 0);
    pass(&stage, &now_us, 4);
    ck_assert_uint_eq(stage.ended, 1);
    close_stage(&stage);
}
END_TEST

START_TEST(a_full_table_takes_the_oldest_watch_before_a_connection)
{
    struct stage stage;
    open_stage_for(&stage, 8, CAS_FLOWS_CLOCK_PACKETS);
    for (uint16_t i = 0; i < 20; i++) {
        stage.talk = talk_init(&stage.frames);
        stage.talk.end[0].port = (uint16_t)(50000 + i);
        begin_connection(&stage);
    }
    uint64_t evicted = stage.counters.value[CAS_COUNT_WATCHES_EVICTED];
    ck_assert_uint_ge(evicted, 12);
    ck_assert_uint_eq(stage.ended, evicted);
    ck_assert_uint_eq(stage.counters.value[CAS_COUNT_FLOWS_EVICTED], 0);
    close_stage(&stage);
}
END_TEST

START_TEST(short_memory_gives_up_what_is_watched)
{
    struct stage stage;
    open_stage(&stage);
    size_t taken =
        stage.budget.limit - stage.budget.used - CAS_BUDGET_OVERHEAD; /* as if others had it */
    ck_assert(cas_budget_charge(&stage.budget, taken));
    say_at(&stage, 0, 0, 1);
    ck_assert_uint_eq(stage.ended, 1);
    ck_assert_uint_eq(stage.counters.value[CAS_COUNT_WATCHES_EVICTED], 1);
    cas_budget_release(&stage.budget, taken);
    close_stage(&stage);
}
END_TEST

/* Half a segment waits for the rest when the connection is over, and is given up then. What is
 * no connection any more must not be taken for one, as ASan would see. */
START_TEST(lost_fragments_of_what_is_watched_are_nobodys)
{
    static const uint8_t bytes[1448];
    struct stage stage;
    open_stage(&stage);
    talk_say(&stage.talk, 0, PSH | ACK, cas_view_of(bytes, sizeof(bytes)));
    size_t pieces = frames_fragment(&stage.frames, stage.frames.len - 1, 7, 800);
    ck_assert_uint_eq(pieces, 2);
    frames_drop(&stage.frames, stage.frames.len - 1);
    hear(&stage);
    for (unsigned i = 1; i <= 40; i++) {
        talk_say(&stage.talk, 0, ACK, nothing);
        stage.frames.frame[stage.frames.len - 1].timestamp_us += i * SECOND;
    }
    hear(&stage);
    ck_assert_uint_eq(stage.counters.value[CAS_COUNT_FRAGMENTS_UNFINISHED], 1);
    ck_assert_uint_eq(stage.shown_len, 0);
    say_at(&stage, 0, AHEAD, 100);
    ck_assert_uint_eq(stage.shown_len, 1);
    ck_assert_uint_eq(stage.ended, 0);
    close_stage(&stage);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("watch");
    TCase *tcase = tcase_create("watch");
    tcase_add_test(tcase, what_waited_when_memory_was_short_goes_on);
    tcase_add_test(tcase, only_what_reaches_the_awaited_number_is_shown);
    tcase_add_test(tcase, what_was_shown_last_is_shown_when_it_comes_again);
    tcase_add_test(tcase, what_comes_early_waits_and_then_all_is_shown_in_order);
    tcase_add_test(tcase, what_waits_too_long_is_shown_behind_a_hole);
    tcase_add_test(tcase, the_awaited_number_moves_as_the_handler_says);
    tcase_add_test(tcase, an_end_has_the_flow_as_it_was_opened);
    tcase_add_test(tcase, three_tags_are_not_watched);
    tcase_add_test(tcase, both_fins_end_it_when_nothing_comes_any_more);
    tcase_add_test(tcase, a_reset_does_not);
    tcase_add_test(tcase, a_port_used_again_ends_it);
    tcase_add_test(tcase, what_matters_has_a_good_checksum);
    tcase_add_test(tcase, it_is_over_when_the_handler_says_so);
    tcase_add_test(tcase, what_is_due_is_told_after_a_minute_of_silence);
    tcase_add_test(tcase, a_full_table_takes_the_oldest_watch_before_a_connection);
    tcase_add_test(tcase, short_memory_gives_up_what_is_watched);
    tcase_add_test(tcase, lost_fragments_of_what_is_watched_are_nobodys);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
