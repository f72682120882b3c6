/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The module conversation, without keys: another handshake right behind the first. */
#include "support/support.h"
#include "support/tls_recorder.h"
#include "support/tls_records.h"
#include "tls/follower.h"

static const struct tls_flight_options usual = { .record_len = 16384 };

/* The record of data with which either flight ends. */
#define DATA_LEN (5 + 200)

struct stage {
    struct tls_flights flights;
    size_t first_len[2]; /* of the first handshake of each end */
};

static struct stage first_handshake(void)
{
    struct stage stage = { .flights = tls_flights_build(&usual) };
    cas_buf_cut(&stage.flights.client, stage.flights.client.len - DATA_LEN);
    cas_buf_cut(&stage.flights.server, stage.flights.server.len - DATA_LEN);
    stage.first_len[TLS_CLIENT] = stage.flights.client.len;
    stage.first_len[TLS_SERVER] = stage.flights.server.len;
    return stage;
}

static void change_and_finish(struct cas_buf *out)
{
    tls_opaque(out, 20, 25);
    tls_opaque(out, 22, 40);
}

/* The server asks for it, and asks in it. */
static struct stage two_handshakes(void)
{
    struct stage stage = first_handshake();
    tls_opaque(&stage.flights.server, 22, 28);
    tls_opaque(&stage.flights.client, 22, 453);
    tls_opaque(&stage.flights.server, 22, 141);
    tls_opaque(&stage.flights.server, 22, 1015);
    tls_opaque(&stage.flights.client, 22, 508);
    tls_opaque(&stage.flights.client, 22, 61);
    change_and_finish(&stage.flights.client);
    change_and_finish(&stage.flights.server);
    return stage;
}

static struct cas_view said_by(const struct stage *stage, unsigned end)
{
    return cas_buf_view(end == TLS_CLIENT ? &stage->flights.client : &stage->flights.server);
}

/* Of one end len bytes are lost from this offset on. */
static void send_with_hole(struct tls_recorder *recorder, const struct stage *stage,
                           unsigned end, size_t at, size_t len)
{
    struct cas_view all = said_by(stage, end);
    tls_recorder_bytes(recorder, end, cas_view_part(all, 0, at));
    if (len > 0) {
        tls_recorder_hole(recorder, end, len, CAS_REASON_GAP);
    }
    if (at + len < all.len) {
        tls_recorder_bytes(recorder, end, cas_view_part(all, at + len, all.len));
    }
}

/* Whatever the server's lost segment took, the client would not have gone on alone. */
START_TEST(a_renegotiation_with_a_hole_on_the_server_s_side_is_one)
{
    struct stage stage = two_handshakes();
    size_t server_len = stage.flights.server.len;
    for (size_t at = stage.first_len[TLS_SERVER]; at < server_len; at += 3) {
        for (unsigned first = 0; first < 2; first++) {
            struct tls_recorder recorder;
            tls_recorder_init(&recorder, false);
            for (unsigned i = 0; i < 2; i++) {
                unsigned end = i == 0 ? first : 1 - first;
                bool is_server = end == TLS_SERVER;
                size_t left = server_len - at;
                send_with_hole(&recorder, &stage, end, is_server ? at : 0,
                               is_server ? (left < 500 ? left : 500) : 0);
            }
            tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
            ck_assert_msg(tls_recorder_facts(&recorder)->has_later_handshake, "at %zu", at);
            tls_recorder_finish(&recorder);
        }
    }
    tls_flights_finish(&stage.flights);
}
END_TEST

static bool has_later(const struct stage *stage)
{
    struct tls_recorder recorder;
    tls_recorder_run(&recorder, &stage->flights);
    bool is_told = tls_recorder_facts(&recorder)->has_later_handshake;
    tls_recorder_finish(&recorder);
    return is_told;
}

/* A header that says data, where the handshake begins: somebody else's byte. */
START_TEST(a_renegotiation_behind_data_of_one_side_is_one)
{
    for (unsigned end = 0; end < 2; end++) {
        struct stage stage = two_handshakes();
        struct cas_buf *said =
            end == TLS_CLIENT ? &stage.flights.client : &stage.flights.server;
        said->data[stage.first_len[end]] = 23;
        ck_assert(has_later(&stage));
        tls_flights_finish(&stage.flights);
    }
}
END_TEST

static void doubt(struct tls_recorder *recorder, unsigned end, uint64_t at)
{
    cas_conversation_doubt(recorder->conversation, NULL, end, at, 1, CAS_REASON_OVERLAP);
}

/* A header of somebody else's comes first, and says that all which follows is its body. */
START_TEST(a_header_that_swallows_a_renegotiation_is_not_believed_when_the_true_one_comes)
{
    for (unsigned i = 0; i < 2; i++) {
        struct stage stage = two_handshakes();
        struct tls_recorder recorder;
        tls_recorder_init(&recorder, false);
        for (unsigned end = 0; end < 2; end++) {
            uint8_t *header =
                end == TLS_CLIENT ? stage.flights.client.data : stage.flights.server.data;
            header += stage.first_len[end];
            header[0] = 23;
            header[3] = 0x40;
            struct cas_view all = said_by(&stage, end);
            size_t known = stage.first_len[end] + (i == 0 ? 1 : 5);
            tls_recorder_bytes(&recorder, end, cas_view_part(all, 0, known));
            doubt(&recorder, end, stage.first_len[end]);
            tls_recorder_bytes(&recorder, end, cas_view_part(all, known, all.len));
        }
        if (recorder.num_done == 0) {
            tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        }
        ck_assert_str_eq(recorder.last_anomaly, "overlap");
        struct cas_follower follower = { 0 };
        uint32_t next[2];
        bool is_left = cas_conversation_take_follower(recorder.conversation, &follower, next);
        ck_assert(is_left);
        for (unsigned end = 0; end < 2; end++) {
            ck_assert_int_ne(follower.side[end].state, CAS_FOLLOWED_NOT);
            ck_assert(follower.side[end].is_broken);
        }
        cas_follower_finish(&follower, &recorder.context);
        tls_recorder_finish(&recorder);
        tls_flights_finish(&stage.flights);
    }
}
END_TEST

/* Its lengths tell no more than that it was there. */
START_TEST(a_renegotiation_with_bytes_in_doubt_is_broken)
{
    for (unsigned end = 0; end < 2; end++) {
        struct stage stage = two_handshakes();
        struct tls_recorder recorder;
        tls_recorder_init(&recorder, false);
        send_with_hole(&recorder, &stage, TLS_CLIENT, 0, 0);
        send_with_hole(&recorder, &stage, TLS_SERVER, 0, 0);
        doubt(&recorder, end, stage.first_len[end]);
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
        ck_assert(facts->has_later_handshake && facts->later->side[end].is_broken);
        ck_assert(!facts->later->side[1 - end].is_broken);
        ck_assert_uint_eq(recorder.num_anomalies, 0);
        tls_recorder_finish(&recorder);
        tls_flights_finish(&stage.flights);
    }
}
END_TEST

/* One half of a mirror port, and a client that was lost in its first handshake. */
START_TEST(what_the_server_has_answered_is_one_without_the_client)
{
    struct stage stage = two_handshakes();
    for (size_t len = 0; len < stage.first_len[TLS_CLIENT]; len += 40) {
        struct tls_recorder recorder;
        tls_recorder_init(&recorder, false);
        if (len > 0) {
            tls_recorder_bytes(&recorder, TLS_CLIENT,
                               cas_view_part(said_by(&stage, TLS_CLIENT), 0, len));
        }
        send_with_hole(&recorder, &stage, TLS_SERVER, 0, 0);
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        ck_assert(tls_recorder_facts(&recorder)->has_later_handshake);
        tls_recorder_finish(&recorder);
    }
    tls_flights_finish(&stage.flights);
}
END_TEST

/* RFC 5246, 7.2.2: the server answers with no_renegotiation, or not at all. */
START_TEST(what_the_client_alone_begins_is_none)
{
    for (int i = 0; i < 3; i++) {
        struct stage stage = first_handshake();
        tls_opaque(&stage.flights.client, 22, 453);
        if (i > 0) {
            tls_opaque(&stage.flights.server, 21, 26);
        }
        if (i > 1) {
            tls_opaque(&stage.flights.server, 23, 300);
        }
        ck_assert(!has_later(&stage));
        tls_flights_finish(&stage.flights);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conversation_later");
    TCase *tcase = tcase_create("conversation_later");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_renegotiation_with_a_hole_on_the_server_s_side_is_one);
    tcase_add_test(tcase, a_renegotiation_behind_data_of_one_side_is_one);
    tcase_add_test(
        tcase, a_header_that_swallows_a_renegotiation_is_not_believed_when_the_true_one_comes);
    tcase_add_test(tcase, a_renegotiation_with_bytes_in_doubt_is_broken);
    tcase_add_test(tcase, what_the_server_has_answered_is_one_without_the_client);
    tcase_add_test(tcase, what_the_client_alone_begins_is_none);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
