/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How connections begin and end: rows T09 to T13 and T21 to T23 of the catalogue. */
#include "support/frames.h"
#include "support/listener.h"
#include "support/stage.h"
#include "support/support.h"

static const struct cas_view nothing;

/* The client says "hello", the server "welcome". */
static void talk_both(struct talk *talk)
{
    talk_send(talk, 0, text_view("hello"), 1460);
    talk_send(talk, 1, text_view("welcome"), 1460);
}

static void assert_both(const struct heard *heard)
{
    assert_heard(heard, 0, text_view("hello"));
    assert_heard(heard, 1, text_view("welcome"));
    ck_assert_uint_eq(heard->flow.end[0].port, 50000);
    ck_assert(heard->is_closed);
}

/* One flow, told whole, in the order of the frames and in many others. */
static void assert_one_flow(struct stage *stage)
{
    struct dice dice = dice_init("one flow");
    for (unsigned round = 0; round < 50; round++) {
        struct listener *listener = hear(&stage->frames);
        ck_assert_uint_eq(listener->flows_len, 1);
        assert_both(&listener->flow[0]);
        listener_destroy(listener);
        dice_shuffle(&dice, &stage->frames);
    }
}

/* T10: SYN, ACK, SYN, SYN/ACK, ACK. */
START_TEST(a_split_handshake_is_followed)
{
    struct stage *stage = stage_create();
    struct talk *talk = &stage->talk;
    talk_say(talk, 0, SYN, nothing);
    talk_say(talk, 1, ACK, nothing);
    talk_say(talk, 1, SYN, nothing);
    talk->seq[0]--;
    talk_say(talk, 0, SYN | ACK, nothing);
    talk_say(talk, 1, ACK, nothing);
    talk_both(talk);
    talk_close(talk);
    struct listener *listener = hear(&stage->frames);
    ck_assert_uint_eq(listener->flows_len, 1);
    assert_both(&listener->flow[0]);
    listener_destroy(listener);
    stage_destroy(stage);
}
END_TEST

/* T10 */
START_TEST(a_simultaneous_open_is_followed)
{
    struct stage *stage = stage_create();
    struct talk *talk = &stage->talk;
    talk_say(talk, 0, SYN, nothing);
    talk_say(talk, 1, SYN, nothing);
    talk->seq[0]--;
    talk_say(talk, 0, SYN | ACK, nothing);
    talk->seq[1]--;
    talk_say(talk, 1, SYN | ACK, nothing);
    talk_both(talk);
    talk_close(talk);
    struct listener *listener = hear(&stage->frames);
    ck_assert_uint_eq(listener->flows_len, 1);
    assert_both(&listener->flow[0]);
    listener_destroy(listener);
    stage_destroy(stage);
}
END_TEST

/* T10: each of SYN, SYN/ACK and ACK is lost, or two of them. */
START_TEST(a_handshake_may_lack_parts)
{
    static const struct {
        unsigned lost; /* mask */
        bool is_midstream;
    } cases[] = { { 1, false }, { 2, false }, { 4, false }, { 5, false },
                  { 6, false }, { 3, true },  { 7, true } };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct stage *stage = stage_create();
        talk_handshake(&stage->talk);
        talk_both(&stage->talk);
        talk_close(&stage->talk);
        for (unsigned frame = 3; frame-- > 0;) {
            if ((cases[i].lost >> frame & 1) != 0) {
                frames_drop(&stage->frames, frame);
            }
        }
        struct listener *listener = hear(&stage->frames);
        ck_assert_uint_eq(listener->flows_len, 1);
        assert_both(&listener->flow[0]);
        ck_assert_int_eq(listener->flow[0].flow.is_midstream, cases[i].is_midstream);
        listener_destroy(listener);
        stage_destroy(stage);
    }
}
END_TEST

/* T10: CVE-2018-6794. */
START_TEST(data_before_the_handshake_ends_is_taken)
{
    struct stage *stage = stage_create();
    struct talk *talk = &stage->talk;
    talk_say(talk, 0, SYN, nothing);
    talk_say(talk, 1, SYN | ACK, nothing);
    talk_say(talk, 1, ACK | PSH, text_view("welcome"));
    talk_say(talk, 0, ACK, nothing);
    talk_say(talk, 0, ACK | PSH, text_view("hello"));
    talk_close(talk);
    assert_one_flow(stage);
    stage_destroy(stage);
}
END_TEST

/* T09 */
START_TEST(a_syn_may_carry_data)
{
    struct stage *stage = stage_create();
    struct talk *talk = &stage->talk;
    talk_say(talk, 0, SYN, text_view("hello"));
    talk_say(talk, 1, SYN | ACK, text_view("wel"));
    talk_say(talk, 0, ACK, nothing);
    talk_say(talk, 1, ACK, text_view("come"));
    talk_close(talk);
    struct listener *listener = hear(&stage->frames);
    ck_assert_uint_eq(listener->flows_len, 1);
    assert_both(&listener->flow[0]);
    listener_destroy(listener);
    stage_destroy(stage);
}
END_TEST

/* T11 */
START_TEST(the_acknowledged_syn_counts)
{
    for (unsigned good = 0; good < 5; good++) {
        struct stage *stage = stage_create();
        struct talk *talk = &stage->talk;
        for (unsigned i = 0; i < 5; i++) {
            talk->seq[0] = 1000 + i * 50000000;
            talk_say(talk, 0, SYN, nothing);
        }
        talk->seq[0] = 1001 + good * 50000000;
        for (unsigned i = 0; i < 5; i++) {
            talk->seq[1] = 77 + i * 70000000;
            talk_say(talk, 1, SYN | ACK, nothing);
        }
        talk->seq[1] = 78 + good * 70000000;
        talk_say(talk, 0, ACK, nothing);
        talk_both(talk);
        talk_close(talk);
        struct listener *listener = hear(&stage->frames);
        ck_assert_uint_eq(listener->flows_len, 1);
        assert_both(&listener->flow[0]);
        listener_destroy(listener);
        stage_destroy(stage);
    }
}
END_TEST

static void talk_rst(struct talk *talk, unsigned from, int32_t away)
{
    uint32_t seq = talk->seq[from];
    talk->seq[from] += (uint32_t)away;
    talk_say(talk, from, RST | ACK, text_view("refused"));
    talk->seq[from] = seq;
}

/* T12 */
START_TEST(an_exact_rst_ends_a_flow)
{
    struct stage *stage = stage_create();
    talk_handshake(&stage->talk);
    talk_both(&stage->talk);
    talk_rst(&stage->talk, 1, 0);
    struct dice dice = dice_init("rst");
    for (unsigned round = 0; round < 50; round++) {
        struct listener *listener = hear(&stage->frames);
        ck_assert_uint_eq(listener->flows_len, 1);
        assert_both(&listener->flow[0]);
        ck_assert_int_eq(listener->flow[0].close, CAS_CLOSE_RST);
        ck_assert_int_eq(listener->flow[0].reason, CAS_REASON_CLOSED);
        listener_destroy(listener);
        dice_shuffle(&dice, &stage->frames);
    }
    stage_destroy(stage);
}
END_TEST

/* T12 */
START_TEST(a_flow_survives_every_other_rst)
{
    static const int32_t away[] = { 0, 1, 100, -1, -100, 2000000, -2000000 };
    struct stage *stage = stage_create();
    struct talk *talk = &stage->talk;
    talk_handshake(talk);
    talk_send(talk, 0, text_view("hello"), 1460);
    for (size_t i = 0; i < sizeof(away) / sizeof(away[0]); i++) {
        talk_rst(talk, 1, away[i]);
    }
    talk->spec.sum = FRAME_SUM_BAD;
    talk_rst(talk, 1, 0);
    talk->spec.sum = FRAME_SUM_GOOD;
    talk_send(talk, 1, text_view("welcome"), 1460);
    talk_close(talk);
    struct listener *listener = hear(&stage->frames);
    ck_assert_uint_eq(listener->flows_len, 1);
    assert_both(&listener->flow[0]);
    ck_assert_int_eq(listener->flow[0].close, CAS_CLOSE_FIN);
    ck_assert_uint_ge(count(listener, CAS_COUNT_RST_IGNORED), 4);
    ck_assert_uint_eq(count(listener, CAS_COUNT_TCP_CHECKSUM_BAD), 1);
    listener_destroy(listener);
    stage_destroy(stage);
}
END_TEST

/* T13: CVE-2019-18625. */
START_TEST(data_after_a_fake_fin_is_taken)
{
    struct stage *stage = stage_create();
    struct talk *talk = &stage->talk;
    talk_handshake(talk);
    talk_send(talk, 0, text_view("hello"), 1460);
    talk_say(talk, 0, FIN | ACK, nothing);
    talk_say(talk, 1, FIN | ACK, nothing);
    talk->seq[1]--;
    talk_send(talk, 1, text_view("welcome"), 3);
    struct listener *listener = hear(&stage->frames);
    ck_assert_uint_eq(listener->flows_len, 1);
    assert_both(&listener->flow[0]);
    listener_destroy(listener);
    stage_destroy(stage);
}
END_TEST

/* T13 */
START_TEST(a_half_closed_flow_goes_on)
{
    struct stage *stage = stage_create();
    struct talk *talk = &stage->talk;
    talk_handshake(talk);
    talk_send(talk, 0, text_view("hello"), 1460);
    talk_say(talk, 0, FIN | ACK, nothing);
    talk_send(talk, 1, text_view("welcome"), 3);
    talk_say(talk, 1, FIN | ACK, nothing);
    talk_say(talk, 0, ACK, nothing);
    assert_one_flow(stage);
    stage_destroy(stage);
}
END_TEST

/* T21: how the first connection stands when its port is used again. */
enum {
    ESTABLISHED,
    HALF_CLOSED,
    CLOSED,
    RESET,
    STATES
};

START_TEST(a_port_used_again_makes_a_new_flow)
{
    static const uint32_t isns[] = { 5, 500, 70000000, 3000000000, 1006 };
    for (unsigned state = 0; state < STATES; state++) {
        for (size_t i = 0; i < sizeof(isns) / sizeof(isns[0]); i++) {
            struct stage *stage = stage_create();
            struct talk *talk = &stage->talk;
            talk_handshake(talk);
            talk_both(talk);
            if (state == HALF_CLOSED) {
                talk_say(talk, 0, FIN | ACK, nothing);
            } else if (state == CLOSED) {
                talk_close(talk);
            } else if (state == RESET) {
                talk_say(talk, 1, RST, nothing);
            }
            size_t later = stage->frames.len;
            talk->seq[0] = isns[i];
            talk->seq[1] = isns[i] ^ 0x33330000;
            talk_handshake(talk);
            talk_both(talk);
            talk_close(talk);
            frames_delay(&stage->frames, later, 2000000);
            for (size_t wants = 0; wants < 2; wants++) {
                struct listener_options options = { .checksums = CAS_FLOWS_CHECK_ALWAYS,
                                                    .wants = wants * 5 };
                struct listener *listener = hear_all(&stage->frames, options);
                ck_assert_uint_eq(listener->flows_len, 2);
                ck_assert_uint_ne(listener->flow[0].flow.id, listener->flow[1].flow.id);
                for (size_t flow = 0; flow < 2; flow++) {
                    assert_heard(&listener->flow[flow], 0, text_view("hello"));
                    assert_heard(&listener->flow[flow], 1, text_view("welcome"));
                }
                listener_destroy(listener);
            }
            stage_destroy(stage);
        }
    }
}
END_TEST

START_TEST(a_repeated_syn_of_a_finished_flow_is_no_new_one)
{
    struct stage *stage = stage_create();
    talk_handshake(&stage->talk);
    talk_both(&stage->talk);
    for (size_t i = stage->frames.len; i > 0; i--) {
        frames_repeat(&stage->frames, i - 1);
    }
    struct listener_options options = { .checksums = CAS_FLOWS_CHECK_ALWAYS, .wants = 5 };
    struct listener *listener = hear_all(&stage->frames, options);
    ck_assert_uint_eq(listener->flows_len, 1);
    ck_assert(listener->flow[0].is_closed);
    ck_assert_int_eq(listener->flow[0].close, CAS_CLOSE_UNWANTED);
    ck_assert_uint_gt(count(listener, CAS_COUNT_TCP_IGNORED), 0);
    listener_destroy(listener);
    stage_destroy(stage);
}
END_TEST

/* T22 */
START_TEST(one_direction_alone_is_told)
{
    for (uint16_t port = 0; port < 2; port++) {
        struct stage *stage = stage_create();
        talk_handshake(&stage->talk);
        talk_both(&stage->talk);
        talk_close(&stage->talk);
        uint8_t low = port == 0 ? 443 & 0xff : 50000 & 0xff;
        for (size_t i = stage->frames.len; i-- > 0;) {
            /* The last byte of the destination port. */
            if (stage->frames.frame[i].bytes.data[14 + 20 + 3] == low) {
                frames_drop(&stage->frames, i);
            }
        }
        struct listener *listener = hear(&stage->frames);
        ck_assert_uint_eq(listener->flows_len, 1);
        const struct heard *heard = &listener->flow[0];
        ck_assert(!heard->flow.is_midstream);
        ck_assert_uint_eq(heard->flow.end[0].port, 50000);
        unsigned seen = port == 0 ? 1 : 0;
        assert_heard(heard, seen, text_view(seen == 0 ? "hello" : "welcome"));
        /* As it was acknowledged: with the FIN. */
        assert_text(&heard->holes[1 - seen], seen == 0 ? "0+8 gap; " : "0+6 gap; ");
        listener_destroy(listener);
        stage_destroy(stage);
    }
}
END_TEST

/* T23 */
START_TEST(a_doubled_capture_tells_one_flow)
{
    struct stage *stage = stage_create();
    talk_handshake(&stage->talk);
    talk_both(&stage->talk);
    talk_close(&stage->talk);
    for (size_t i = stage->frames.len; i > 0; i--) {
        frames_repeat(&stage->frames, i - 1);
    }
    assert_one_flow(stage);
    stage_destroy(stage);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("connection");
    TCase *tcase = tcase_create("connection");
    tcase_add_test(tcase, a_split_handshake_is_followed);
    tcase_add_test(tcase, a_simultaneous_open_is_followed);
    tcase_add_test(tcase, a_handshake_may_lack_parts);
    tcase_add_test(tcase, data_before_the_handshake_ends_is_taken);
    tcase_add_test(tcase, a_syn_may_carry_data);
    tcase_add_test(tcase, the_acknowledged_syn_counts);
    tcase_add_test(tcase, an_exact_rst_ends_a_flow);
    tcase_add_test(tcase, a_flow_survives_every_other_rst);
    tcase_add_test(tcase, data_after_a_fake_fin_is_taken);
    tcase_add_test(tcase, a_half_closed_flow_goes_on);
    tcase_add_test(tcase, a_port_used_again_makes_a_new_flow);
    tcase_add_test(tcase, a_repeated_syn_of_a_finished_flow_is_no_new_one);
    tcase_add_test(tcase, one_direction_alone_is_told);
    tcase_add_test(tcase, a_doubled_capture_tells_one_flow);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
