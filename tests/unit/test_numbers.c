/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections whose sides were told more than one first number: renumbered on the way, and both
 * forms captured; or by a forger, who answers the client's SYN in the server's name; or because
 * the ports were used again.
 */
#include "support/frames.h"
#include "support/listener.h"
#include "support/stage.h"
#include "support/support.h"

static const struct cas_view nothing;

/* The server's first numbers, the one far from the other, and near it. */
#define TRUE_FIRST 0x10000000u
#define FAR_FIRST  0x50000000u
#define NEAR_FIRST (TRUE_FIRST + 70000)

#define ANSWER "welcome, I am the server"
#define FORGED "welcome, I am a forgery!"

/* From an end whose next byte has this number, as the other end would see it. */
static void say_at(struct talk *talk, unsigned from, uint32_t seq, uint8_t flags,
                   const char *text)
{
    uint32_t before = talk->seq[from];
    talk->seq[from] = seq;
    talk_say(talk, from, flags, text_view(text));
    talk->seq[from] = before;
}

/* The client acknowledges all before this number of the server's. */
static void acknowledge(struct talk *talk, uint32_t ack, const char *text)
{
    uint32_t before = talk->seq[1];
    talk->seq[1] = ack;
    talk_say(talk, 0, ACK, text_view(text));
    talk->seq[1] = before;
}

/* The client's SYN, and these answers to it. */
static struct stage *begin(const uint32_t *first, size_t len)
{
    struct stage *stage = stage_create();
    talk_say(&stage->talk, 0, SYN, nothing);
    for (size_t i = 0; i < len; i++) {
        say_at(&stage->talk, 1, first[i], SYN | ACK, "");
    }
    return stage;
}

static bool is_doubted(const struct listener *listener, size_t flow, unsigned end)
{
    return listener->flow[flow].doubts[end].len > 0;
}

/* What the server said is in doubt. */
static void finish_doubted(struct stage *stage)
{
    struct listener *listener = hear(&stage->frames);
    ck_assert(is_doubted(listener, 0, 1));
    listener_destroy(listener);
    stage_destroy(stage);
}

/* Both sides were heard, and nothing is in doubt. */
static void finish_whole(struct stage *stage)
{
    struct listener *listener = hear(&stage->frames);
    ck_assert_uint_eq(listener->flows_len, 1);
    assert_heard(&listener->flow[0], 0, text_view("hello"));
    assert_heard(&listener->flow[0], 1, text_view(ANSWER));
    listener_destroy(listener);
    stage_destroy(stage);
}

static const uint32_t both_orders[2][2] = { { TRUE_FIRST, FAR_FIRST },
                                            { FAR_FIRST, TRUE_FIRST } };

/* Every segment of the server, and every acknowledgment, comes in both forms. */
START_TEST(what_is_captured_before_and_behind_who_renumbers_it_is_whole)
{
    const uint32_t *first = both_orders[_i];
    struct stage *stage = begin(first, 2);
    struct talk *talk = &stage->talk;
    acknowledge(talk, first[0] + 1, "hello");
    talk->seq[0] -= 5;
    acknowledge(talk, first[1] + 1, "hello");
    for (uint32_t at = 0; at < strlen(ANSWER); at += 8) {
        const char part[] = { ANSWER[at],     ANSWER[at + 1], ANSWER[at + 2],
                              ANSWER[at + 3], ANSWER[at + 4], ANSWER[at + 5],
                              ANSWER[at + 6], ANSWER[at + 7], '\0' };
        say_at(talk, 1, first[0] + 1 + at, ACK, part);
        say_at(talk, 1, first[1] + 1 + at, ACK, part);
        acknowledge(talk, first[1] + 9 + at, "");
        acknowledge(talk, first[0] + 9 + at, "");
    }
    finish_whole(stage);
}
END_TEST

/* The client's numbers are those that are changed: the SYN comes twice, and so do its answer
 * and all that follows. */
START_TEST(a_client_that_is_renumbered_is_whole)
{
    struct stage *stage = stage_create();
    struct talk *talk = &stage->talk;
    const uint32_t first[2] = { FAR_FIRST, TRUE_FIRST };
    for (unsigned i = 0; i < 2; i++) {
        say_at(talk, 0, first[i], SYN, "");
    }
    for (unsigned i = 2; i-- > 0;) {
        talk->seq[0] = first[i] + 1;
        say_at(talk, 1, 77, SYN | ACK, "");
    }
    talk->seq[1] = 78;
    for (unsigned i = 0; i < 2; i++) {
        say_at(talk, 0, first[i] + 1, ACK, "hello");
    }
    for (unsigned i = 2; i-- > 0;) {
        talk->seq[0] = first[i] + 6;
        say_at(talk, 1, 78, ACK, ANSWER);
    }
    finish_whole(stage);
}
END_TEST

/* Whichever of the two comes first, and whichever SYN/ACK did. */
START_TEST(a_forged_answer_by_other_numbers_is_in_doubt)
{
    const uint32_t *first = both_orders[_i / 2];
    struct stage *stage = begin(first, 2);
    struct talk *talk = &stage->talk;
    acknowledge(talk, FAR_FIRST + 1, "h");
    acknowledge(talk, TRUE_FIRST + 1, "ello");
    if (_i % 2 == 0) {
        say_at(talk, 1, FAR_FIRST + 1, ACK, FORGED);
        say_at(talk, 1, TRUE_FIRST + 1, ACK, ANSWER);
    } else {
        say_at(talk, 1, TRUE_FIRST + 1, ACK, ANSWER);
        say_at(talk, 1, FAR_FIRST + 1, ACK, FORGED);
    }
    struct listener *listener = hear(&stage->frames);
    ck_assert_uint_eq(listener->flows_len, 1);
    ck_assert_uint_eq(listener->flow[0].bytes[1].len, strlen(ANSWER));
    ck_assert(is_doubted(listener, 0, 1));
    listener_destroy(listener);
    stage_destroy(stage);
}
END_TEST

/* The capture lost the true one: but the client acknowledges it. */
START_TEST(an_answer_that_only_one_of_two_numberings_has_is_in_doubt)
{
    const uint32_t *first = both_orders[_i];
    struct stage *stage = begin(first, 2);
    struct talk *talk = &stage->talk;
    acknowledge(talk, FAR_FIRST + 1, "h");
    say_at(talk, 1, FAR_FIRST + 1, ACK, FORGED);
    acknowledge(talk, TRUE_FIRST + 1, "ello");
    acknowledge(talk, TRUE_FIRST + 1 + strlen(ANSWER), "");
    finish_doubted(stage);
}
END_TEST

/* Nobody took it up. */
START_TEST(a_number_that_nobody_acknowledges_is_nothing)
{
    struct stage *stage = begin(both_orders[_i], 2);
    acknowledge(&stage->talk, TRUE_FIRST + 1, "hello");
    say_at(&stage->talk, 1, TRUE_FIRST + 1, ACK, ANSWER);
    acknowledge(&stage->talk, TRUE_FIRST + 1 + strlen(ANSWER), "");
    finish_whole(stage);
}
END_TEST

/* More numbers than are remembered, or the true SYN/ACK was lost. */
START_TEST(data_out_of_reach_that_knows_the_other_side_makes_all_doubtful)
{
    static const uint32_t three[] = { TRUE_FIRST, FAR_FIRST + 0x20000000u, FAR_FIRST };
    struct stage *stage = _i == 0 ? begin(three, 3) : begin(&three[2], 1);
    struct talk *talk = &stage->talk;
    acknowledge(talk, FAR_FIRST + 1, "h");
    say_at(talk, 1, FAR_FIRST + 1, ACK, FORGED);
    acknowledge(talk, TRUE_FIRST + 1, "ello");
    say_at(talk, 1, TRUE_FIRST + 1, ACK, ANSWER);
    struct listener *listener = hear(&stage->frames);
    ck_assert_uint_eq(count(listener, CAS_COUNT_TCP_OUT_OF_WINDOW), 1);
    ck_assert(is_doubted(listener, 0, 1));
    listener_destroy(listener);
    stage_destroy(stage);
}
END_TEST

/* Whose bytes have which number cannot be told. */
START_TEST(two_numbers_of_a_server_close_together_make_all_doubtful)
{
    static const uint32_t near[2][2] = { { TRUE_FIRST, NEAR_FIRST },
                                         { NEAR_FIRST, TRUE_FIRST } };
    struct stage *stage = begin(near[_i], 2);
    acknowledge(&stage->talk, TRUE_FIRST + 1, "hello");
    say_at(&stage->talk, 1, TRUE_FIRST + 1, ACK, ANSWER);
    struct listener *listener = hear(&stage->frames);
    ck_assert_uint_eq(listener->flow[0].bytes[1].len, strlen(ANSWER));
    ck_assert(is_doubted(listener, 0, 1));
    listener_destroy(listener);
    stage_destroy(stage);
}
END_TEST

/* A SYN and its answer that nobody sent, in the middle: after how many of the true segments. */
START_TEST(a_forged_beginning_in_the_middle_hides_nothing)
{
    struct stage *stage = begin(both_orders[0], 1);
    struct talk *talk = &stage->talk;
    uint32_t client = talk->seq[0];
    acknowledge(talk, TRUE_FIRST + 1, _i == 0 ? "" : "hello");
    for (uint32_t i = 0; i < 4; i++) {
        talk->seq[0] = client + 0x30000000u + i * 0x10000000u;
        talk_say(talk, 0, SYN, nothing);
        say_at(talk, 1, FAR_FIRST + i * 0x10000000u, SYN | ACK, "");
    }
    talk->seq[0] = client + (_i == 0 ? 0 : 5);
    acknowledge(talk, TRUE_FIRST + 1, _i == 0 ? "hello" : "");
    say_at(talk, 1, TRUE_FIRST + 1, ACK, ANSWER);
    struct listener *listener = hear(&stage->frames);
    ck_assert_uint_eq(listener->flows_len, 1);
    const struct heard *heard = &listener->flow[0];
    ck_assert(cas_view_equal(cas_buf_view(&heard->bytes[0]), text_view("hello")));
    ck_assert(cas_view_equal(cas_buf_view(&heard->bytes[1]), text_view(ANSWER)));
    ck_assert(is_doubted(listener, 0, 0) == (_i == 0)); /* nothing had come of it */
    listener_destroy(listener);
    stage_destroy(stage);
}
END_TEST

/* Of both connections only the server's direction was captured, or the second SYN is lost. */
START_TEST(a_port_used_again_is_noticed_by_the_answer_alone)
{
    struct stage *stage = begin(both_orders[0], 1);
    struct talk *talk = &stage->talk;
    bool has_client = _i != 0;
    if (has_client) {
        acknowledge(talk, TRUE_FIRST + 1, "hello");
    } else {
        frames_drop(&stage->frames, 0);
    }
    say_at(talk, 1, TRUE_FIRST + 1, ACK, ANSWER);
    size_t later = stage->frames.len;
    talk->seq[0] += 0x30000000u;
    say_at(talk, 1, FAR_FIRST, SYN | ACK, "");
    if (has_client) {
        acknowledge(talk, FAR_FIRST + 1, "again");
    }
    say_at(talk, 1, FAR_FIRST + 1, ACK, "welcome again");
    frames_delay(&stage->frames, later, 2000000);
    struct listener *listener = hear(&stage->frames);
    ck_assert_uint_eq(listener->flows_len, 2);
    assert_heard(&listener->flow[0], 1, text_view(ANSWER));
    assert_heard(&listener->flow[1], 0, has_client ? text_view("again") : nothing);
    assert_heard(&listener->flow[1], 1, text_view("welcome again"));
    listener_destroy(listener);
    stage_destroy(stage);
}
END_TEST

/* Two SYN/ACKs, of which nobody used one; the other's data comes out of order. */
START_TEST(a_second_answer_takes_nothing_from_what_comes_out_of_order)
{
    struct stage *stage = begin(both_orders[_i], 2);
    struct talk *talk = &stage->talk;
    uint32_t first = both_orders[0][0];
    acknowledge(talk, first + 1, "hello");
    say_at(talk, 1, first + 9, ACK, &ANSWER[8]);
    acknowledge(talk, first + 9, ""); /* a little too early */
    say_at(talk, 1, first + 1, ACK, "welcome,");
    acknowledge(talk, first + 1 + strlen(ANSWER), "");
    finish_whole(stage);
}
END_TEST

/* Of who knows no number at all: SYN/ACKs, SYNs and RSTs before the first data, or behind it.
 */
START_TEST(blind_segments_hide_nothing)
{
    struct stage *stage = begin(both_orders[0], 1);
    struct talk *talk = &stage->talk;
    uint32_t client = talk->seq[0];
    if (_i >= 3) {
        acknowledge(talk, TRUE_FIRST + 1, "hel");
    }
    for (uint32_t i = 1; i < 4; i++) {
        talk->seq[0] = client + i * 0x22222222u;
        if (_i % 3 == 0) {
            say_at(talk, 1, TRUE_FIRST + i * 0x11111111u, SYN | ACK, "");
        } else if (_i % 3 == 1) {
            talk_say(talk, 0, SYN, nothing);
        } else {
            talk_say(talk, 0, RST, nothing);
        }
    }
    talk->seq[0] = client + (_i >= 3 ? 3 : 0);
    acknowledge(talk, TRUE_FIRST + 1, _i >= 3 ? "lo" : "hello");
    say_at(talk, 1, TRUE_FIRST + 1, ACK, ANSWER);
    finish_whole(stage);
}
END_TEST

/* A right RST, and another connection on the same ports; but the first one goes on. */
START_TEST(a_conversation_that_goes_on_out_of_reach_makes_all_doubtful)
{
    struct stage *stage = begin(both_orders[0], 1);
    struct talk *talk = &stage->talk;
    uint32_t client = talk->seq[0];
    acknowledge(talk, TRUE_FIRST + 1, "he");
    talk_say(talk, 0, RST, nothing);
    talk->seq[0] = client + 0x30000000u;
    talk_say(talk, 0, SYN, nothing);
    say_at(talk, 1, FAR_FIRST, SYN | ACK, "");
    acknowledge(talk, FAR_FIRST + 1, "hello");
    say_at(talk, 1, FAR_FIRST + 1, ACK, FORGED);
    talk->seq[0] = client + 2;
    if (_i == 0) {
        acknowledge(talk, TRUE_FIRST + 1, "llo"); /* both sides of it */
        say_at(talk, 1, TRUE_FIRST + 1, ACK, ANSWER);
    } else {
        say_at(talk, 1, TRUE_FIRST + 1, ACK, "welcome,"); /* or two segments of one */
        say_at(talk, 1, TRUE_FIRST + 9, ACK, &ANSWER[8]);
    }
    struct listener *listener = hear(&stage->frames);
    ck_assert_uint_eq(listener->flows_len, 2);
    ck_assert(is_doubted(listener, 1, 0));
    ck_assert(is_doubted(listener, 1, 1));
    listener_destroy(listener);
    stage_destroy(stage);
}
END_TEST

/* Neither is believed: that nobody ended the first one, and that it is so soon. */
START_TEST(who_takes_the_place_of_a_busy_connection_is_suspect)
{
    struct stage *stage = begin(both_orders[0], 1);
    struct talk *talk = &stage->talk;
    acknowledge(talk, TRUE_FIRST + 1, "hello");
    say_at(talk, 1, TRUE_FIRST + 1, ACK, ANSWER);
    size_t later = stage->frames.len;
    talk->seq[0] += 0x30000000u;
    talk_say(talk, 0, SYN, nothing);
    say_at(talk, 1, FAR_FIRST, SYN | ACK, "");
    acknowledge(talk, FAR_FIRST + 1, "hello");
    say_at(talk, 1, FAR_FIRST + 1, ACK, FORGED);
    if (_i == 1) {
        frames_delay(&stage->frames, later, 2000000);
    }
    struct listener *listener = hear(&stage->frames);
    ck_assert_uint_eq(listener->flows_len, 2);
    for (size_t flow = 0; flow < 2; flow++) {
        ck_assert(is_doubted(listener, flow, 1) == (_i == 0));
    }
    listener_destroy(listener);
    stage_destroy(stage);
}
END_TEST

/* A segment of either side that nothing fits, before the SYN, the SYN/ACK or the first data. */
START_TEST(blind_data_hides_nothing)
{
    struct stage *stage = stage_create();
    struct talk *talk = &stage->talk;
    uint32_t client = talk->seq[0];
    for (int at = 0; at < 3; at++) {
        if (at == _i / 2) {
            talk->seq[0] = client + 0x33333333u;
            talk->seq[1] = 0x77777777u;
            talk_say(talk, (unsigned)_i % 2, ACK, text_view("blind"));
            talk->seq[0] = client + (at > 0 ? 1 : 0);
        }
        if (at == 0) {
            talk_say(talk, 0, SYN, nothing);
        } else if (at == 1) {
            say_at(talk, 1, TRUE_FIRST, SYN | ACK, "");
        }
    }
    acknowledge(talk, TRUE_FIRST + 1, "hello");
    say_at(talk, 1, TRUE_FIRST + 1, ACK, ANSWER);
    struct listener *listener = hear(&stage->frames);
    ck_assert_uint_eq(listener->flows_len, 1);
    /* What came first at a place wins, where nobody has more use for the other. */
    const struct heard *heard = &listener->flow[0];
    struct cas_view said = cas_buf_view(&heard->bytes[1]);
    ck_assert_uint_eq(heard->bytes[0].len, strlen("hello"));
    ck_assert(cas_view_equal(cas_view_part(said, 5, SIZE_MAX), text_view(&ANSWER[5])));
    listener_destroy(listener);
    stage_destroy(stage);
}
END_TEST

/* Its SYN is not the late one of what was captured from the middle on. */
START_TEST(a_port_used_again_behind_a_middle_is_a_new_connection)
{
    struct stage *stage = stage_create();
    struct talk *talk = &stage->talk;
    bool has_client = _i % 2 != 0;
    uint32_t away = _i < 2 ? 0x30000000u : 20000;
    talk->seq[1] = TRUE_FIRST;
    if (has_client) {
        talk_say(talk, 0, ACK, text_view("old"));
    }
    talk_say(talk, 1, ACK, text_view("tail"));
    size_t later = stage->frames.len;
    talk->seq[0] -= away;
    talk->seq[1] += away;
    talk_handshake(talk);
    talk_send(talk, 0, text_view("hello"), 1460);
    talk_send(talk, 1, text_view(ANSWER), 1460);
    talk_close(talk);
    frames_delay(&stage->frames, later, 2000000);
    struct listener *listener = hear(&stage->frames);
    const struct heard *last = &listener->flow[listener->flows_len - 1];
    assert_heard(last, 0, text_view("hello"));
    assert_heard(last, 1, text_view(ANSWER));
    listener_destroy(listener);
    stage_destroy(stage);
}
END_TEST

/* The SYN/ACK is lost: what the client acknowledges first is where the server begins. */
START_TEST(what_lies_before_the_first_acknowledgment_is_in_doubt)
{
    struct stage *stage = begin(NULL, 0);
    struct talk *talk = &stage->talk;
    acknowledge(talk, TRUE_FIRST + 1, "hello");
    say_at(talk, 1, TRUE_FIRST - 70000, ACK, FORGED);
    finish_doubted(stage);
}
END_TEST

/* More numbers than are remembered again: the true one was below that which counts. */
START_TEST(data_in_front_that_knows_the_other_side_makes_all_doubtful)
{
    static const uint32_t first = TRUE_FIRST;
    struct stage *stage = begin(&first, 1);
    struct talk *talk = &stage->talk;
    acknowledge(talk, FAR_FIRST + 1, "hello");
    say_at(talk, 1, NEAR_FIRST, SYN | ACK, "");
    talk->seq[0] -= 5;
    acknowledge(talk, NEAR_FIRST + 1, "hello");
    say_at(talk, 1, NEAR_FIRST + 1, ACK, FORGED);
    say_at(talk, 1, TRUE_FIRST + 1, ACK, ANSWER);
    finish_doubted(stage);
}
END_TEST

/* The ports were used before, a moment ago: its last bytes come again. Or a keep-alive does. */
START_TEST(data_in_front_of_an_old_connection_is_nothing)
{
    static const uint32_t first = NEAR_FIRST;
    struct stage *stage = begin(&first, 1);
    struct talk *talk = &stage->talk;
    acknowledge(talk, NEAR_FIRST + 1, "hello");
    if (_i == 0) {
        talk->seq[0] -= 70000;
        say_at(talk, 1, NEAR_FIRST - 1000, ACK, FORGED);
        talk->seq[0] += 70000;
    } else {
        say_at(talk, 1, NEAR_FIRST, ACK, "x");
    }
    say_at(talk, 1, NEAR_FIRST + 1, ACK, ANSWER);
    finish_whole(stage);
}
END_TEST

/* Half of all numbers further on, that looks as if it were before the beginning. */
START_TEST(what_nobody_wants_any_more_is_never_in_front)
{
    struct stage *stage = stage_create();
    struct talk *talk = &stage->talk;
    talk_handshake(talk);
    talk_say(talk, 0, ACK, text_view("hi"));
    talk_say(talk, 1, ACK, text_view(ANSWER));
    say_at(talk, 1, talk->seq[1] + (1u << 31) + (1u << 20), ACK, FORGED);
    struct listener *listener =
        hear_all(&stage->frames, (struct listener_options){ .wants = strlen(ANSWER) });
    ck_assert(!is_doubted(listener, 0, 1));
    listener_destroy(listener);
    stage_destroy(stage);
}
END_TEST

/* Three answers to an attempt that came to nothing; to the next one there are but two. */
START_TEST(how_many_numbers_there_were_is_forgotten_with_the_attempt)
{
    static const uint32_t three[] = { TRUE_FIRST + 0x20000000u, TRUE_FIRST + 0x30000000u,
                                      TRUE_FIRST + 0x40000000u };
    struct stage *stage = begin(three, 3);
    struct talk *talk = &stage->talk;
    size_t later = stage->frames.len;
    talk->seq[0] += 0x30000000u;
    talk_say(talk, 0, SYN, nothing);
    say_at(talk, 1, FAR_FIRST, SYN | ACK, "");
    say_at(talk, 1, TRUE_FIRST, SYN | ACK, "");
    acknowledge(talk, TRUE_FIRST + 1, "hello");
    say_at(talk, 1, TRUE_FIRST + 9, ACK, &ANSWER[8]);
    const char first[] = { ANSWER[0], ANSWER[1], ANSWER[2], ANSWER[3], ANSWER[4],
                           ANSWER[5], ANSWER[6], ANSWER[7], '\0' };
    say_at(talk, 1, TRUE_FIRST + 1, ACK, first);
    frames_delay(&stage->frames, later, 2000000);
    finish_whole(stage);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("numbers");
    TCase *tcase = tcase_create("numbers");
    tcase_add_loop_test(tcase, what_is_captured_before_and_behind_who_renumbers_it_is_whole, 0,
                        2);
    tcase_add_test(tcase, a_client_that_is_renumbered_is_whole);
    tcase_add_loop_test(tcase, a_forged_answer_by_other_numbers_is_in_doubt, 0, 4);
    tcase_add_loop_test(tcase, an_answer_that_only_one_of_two_numberings_has_is_in_doubt, 0, 2);
    tcase_add_loop_test(tcase, a_number_that_nobody_acknowledges_is_nothing, 0, 2);
    tcase_add_loop_test(tcase, data_out_of_reach_that_knows_the_other_side_makes_all_doubtful,
                        0, 2);
    tcase_add_loop_test(tcase, two_numbers_of_a_server_close_together_make_all_doubtful, 0, 2);
    tcase_add_loop_test(tcase, a_forged_beginning_in_the_middle_hides_nothing, 0, 2);
    tcase_add_loop_test(tcase, a_port_used_again_is_noticed_by_the_answer_alone, 0, 2);
    tcase_add_loop_test(tcase, a_second_answer_takes_nothing_from_what_comes_out_of_order, 0,
                        2);
    tcase_add_loop_test(tcase, blind_segments_hide_nothing, 0, 6);
    tcase_add_loop_test(tcase, a_conversation_that_goes_on_out_of_reach_makes_all_doubtful, 0,
                        2);
    tcase_add_loop_test(tcase, who_takes_the_place_of_a_busy_connection_is_suspect, 0, 2);
    tcase_add_test(tcase, what_lies_before_the_first_acknowledgment_is_in_doubt);
    tcase_add_test(tcase, data_in_front_that_knows_the_other_side_makes_all_doubtful);
    tcase_add_test(tcase, what_nobody_wants_any_more_is_never_in_front);
    tcase_add_test(tcase, how_many_numbers_there_were_is_forgotten_with_the_attempt);
    tcase_add_loop_test(tcase, data_in_front_of_an_old_connection_is_nothing, 0, 2);
    tcase_add_loop_test(tcase, blind_data_hides_nothing, 0, 6);
    tcase_add_loop_test(tcase, a_port_used_again_behind_a_middle_is_a_new_connection, 0, 4);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
