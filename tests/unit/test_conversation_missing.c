/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The module conversation where bytes are missing, doubted, or came before the capture. */
#include "support/support.h"
#include "support/tls_recorder.h"
#include "support/tls_records.h"

static const struct tls_flight_options usual = { 16384, 3, 40 };

START_TEST(a_stream_that_ends_anywhere_never_gives_a_false_whole)
{
    struct tls_flights flights = tls_flights_build(&usual);
    struct tls_recorder whole;
    tls_recorder_run_one(&whole, TLS_SERVER, cas_buf_view(&flights.server));
    struct cas_buf request_end = tls_buf();
    tls_cert_request(&request_end, 3, 40);

    for (size_t len = 0; len < flights.server.len; len++) {
        struct tls_recorder recorder;
        tls_recorder_run_one(&recorder, TLS_SERVER,
                             cas_view_part(cas_buf_view(&flights.server), 0, len));
        if (recorder.any_whole_request) {
            /* everything of it has come: what it says is what the whole stream says */
            ck_assert_uint_eq(recorder.last_request.list.len, whole.last_request.list.len);
            ck_assert_uint_eq(recorder.last_request.sight.declared_len, request_end.len - 4);
        }
        const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
        ck_assert(!recorder.any_whole_request || facts->server.cert_requests == 1);
        ck_assert(facts->server.lost_framing == false);
        tls_recorder_finish(&recorder);
    }
    cas_buf_finish(&request_end);
    tls_recorder_finish(&whole);
    tls_flights_finish(&flights);
}
END_TEST

/* One record a message, coalesced, and in pieces: hole lengths of 1, of a few, of a segment. */
static const struct {
    size_t record_len;
    size_t hole_len;
} holes[] = {
    { 16384, 1 }, { 16384, 7 }, { 16384, 150 }, { 97, 1 },
    { 97, 11 },   { 97, 150 },  { 1, 1 },       { 5, 3 },
};

START_TEST(a_request_with_a_missing_byte_is_never_whole)
{
    struct tls_flight_options options = usual;
    options.record_len = holes[_i].record_len;
    struct tls_flights flights = tls_flights_build(&options);
    struct cas_view server = cas_buf_view(&flights.server);
    size_t hole_len = holes[_i].hole_len;
    struct tls_recorder wanted;
    tls_recorder_run_one(&wanted, TLS_SERVER, server);
    size_t num_whole = 0;

    for (size_t at = 0; at + hole_len <= server.len; at++) {
        struct tls_recorder recorder;
        tls_recorder_init(&recorder, false);
        tls_recorder_bytes(&recorder, TLS_SERVER, cas_view_part(server, 0, at));
        tls_recorder_hole(&recorder, TLS_SERVER, hole_len, CAS_REASON_GAP);
        tls_recorder_bytes(&recorder, TLS_SERVER,
                           cas_view_part(server, at + hole_len, server.len));
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        if (recorder.any_whole_request) {
            /* the hole was elsewhere: the request is the same as without it */
            ck_assert(cas_view_equal(cas_buf_view(&recorder.whole_list),
                                     cas_buf_view(&wanted.whole_list)));
            num_whole++;
        }
        tls_recorder_finish(&recorder);
    }
    ck_assert_uint_gt(num_whole, 0);
    tls_recorder_finish(&wanted);
    tls_flights_finish(&flights);
}
END_TEST

/* Several holes and pieces of any length; the names differ from each other. */
START_TEST(no_set_of_holes_gives_a_false_whole)
{
    struct tls_flight_options options = { _i % 2 == 0 ? 16384 : 333, 20, 40 };
    struct tls_flights flights = tls_flights_build(&options);
    struct cas_view server = cas_buf_view(&flights.server);
    struct tls_recorder wanted;
    tls_recorder_run_one(&wanted, TLS_SERVER, server);
    uint32_t state = (uint32_t)_i + 77;

    for (int round = 0; round < 20; round++) {
        struct tls_recorder recorder;
        tls_recorder_init(&recorder, round % 4 == 3);
        for (size_t at = 0; at < server.len;) {
            size_t len = 1 + tls_random(&state) % 600;
            struct cas_view piece = cas_view_part(server, at, len);
            if (tls_random(&state) % 4 == 0) {
                tls_recorder_hole(&recorder, TLS_SERVER, piece.len, CAS_REASON_GAP);
            } else {
                tls_recorder_bytes(&recorder, TLS_SERVER, piece);
            }
            at += piece.len;
        }
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        ck_assert(!recorder.any_whole_request ||
                  cas_view_equal(cas_buf_view(&recorder.whole_list),
                                 cas_buf_view(&wanted.whole_list)));
        tls_recorder_finish(&recorder);
    }
    tls_recorder_finish(&wanted);
    tls_flights_finish(&flights);
}
END_TEST

START_TEST(a_hole_in_a_body_does_not_lose_what_follows)
{
    /* every message in a record of its own; the hole is in the Certificate */
    struct cas_buf server = tls_buf();
    struct cas_buf message = tls_buf();
    tls_server_hello(&message, 0x0303);
    tls_record(&server, 22, 0x0303, cas_buf_view(&message));
    cas_buf_clear(&message);
    tls_certificate(&message, 1, 500);
    tls_record(&server, 22, 0x0303, cas_buf_view(&message));
    size_t hole_at = server.len - 200;
    cas_buf_clear(&message);
    tls_cert_request(&message, 4, 30);
    tls_record(&server, 22, 0x0303, cas_buf_view(&message));

    struct cas_view all = cas_buf_view(&server);
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, false);
    tls_recorder_bytes(&recorder, TLS_SERVER, cas_view_part(all, 0, hole_at));
    tls_recorder_hole(&recorder, TLS_SERVER, 100, CAS_REASON_SNAPLEN);
    tls_recorder_bytes(&recorder, TLS_SERVER, cas_view_part(all, hole_at + 100, all.len));
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert(recorder.any_whole_request);
    ck_assert_uint_eq(facts->server.certificates, 1);
    ck_assert_uint_eq(facts->server.reasons, CAS_REASON_BIT(CAS_REASON_SNAPLEN));
    ck_assert(!facts->server.may_lack_messages);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&message);
    cas_buf_finish(&server);
}
END_TEST

START_TEST(a_request_with_a_hole_tells_what_lies_before_it)
{
    struct tls_flight_options options = { 16384, 100, 60 };
    struct tls_flights flights = tls_flights_build(&options);
    struct cas_view all = cas_buf_view(&flights.server);
    size_t at = all.len - 4000; /* inside the list */
    struct tls_recorder recorder;

    tls_recorder_init(&recorder, false);
    tls_recorder_bytes(&recorder, TLS_SERVER, cas_view_part(all, 0, at));
    tls_recorder_hole(&recorder, TLS_SERVER, 50, CAS_REASON_GAP);
    tls_recorder_bytes(&recorder, TLS_SERVER, cas_view_part(all, at + 50, all.len));
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    ck_assert_uint_eq(recorder.num_requests, 1);
    ck_assert_uint_eq(recorder.last_request.sight.reasons, CAS_REASON_BIT(CAS_REASON_GAP));
    ck_assert_uint_eq(recorder.last_request.list_declared_len, 6200);
    ck_assert_uint_eq(recorder.last_request.sight.declared_len, 3 + 6 + 2 + 6200);
    ck_assert_uint_lt(recorder.last_request.list.len, 6200);
    ck_assert_uint_gt(recorder.last_request.list.len, 1000);
    ck_assert(!recorder.last_request.is_malformed);
    ck_assert_uint_eq(recorder.last_request.trailing_len, 0);
    ck_assert(tls_recorder_facts(&recorder)->server.has_hello_done);
    tls_recorder_finish(&recorder);
    tls_flights_finish(&flights);
}
END_TEST

START_TEST(a_hole_over_a_record_header_is_survived_at_the_next_sure_record)
{
    struct cas_buf server = tls_buf();
    struct cas_buf message = tls_buf();
    tls_server_hello(&message, 0x0303);
    tls_record(&server, 22, 0x0303, cas_buf_view(&message));
    size_t hole_at = server.len; /* the whole header of the Certificate's record */
    cas_buf_clear(&message);
    tls_certificate(&message, 1, 500);
    tls_record(&server, 22, 0x0303, cas_buf_view(&message));
    cas_buf_clear(&message);
    tls_cert_request(&message, 4, 30);
    tls_record(&server, 22, 0x0303, cas_buf_view(&message));
    tls_change_cipher_spec(&server);
    tls_opaque(&server, 22, 40);

    struct cas_view all = cas_buf_view(&server);
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, false);
    tls_recorder_bytes(&recorder, TLS_SERVER, cas_view_part(all, 0, hole_at));
    tls_recorder_hole(&recorder, TLS_SERVER, 5, CAS_REASON_GAP);
    tls_recorder_bytes(&recorder, TLS_SERVER, cas_view_part(all, hole_at + 5, all.len));
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_uint_eq(recorder.num_requests, 1);
    ck_assert(!recorder.any_whole_request); /* its beginning was guessed */
    ck_assert_uint_eq(recorder.last_request.list.len, 4 * 32);
    ck_assert(facts->server.may_lack_messages);
    ck_assert(!facts->server.lost_framing);
    ck_assert_uint_eq(facts->server.encrypted_handshakes, 1);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&message);
    cas_buf_finish(&server);
}
END_TEST

START_TEST(a_hole_over_an_encrypted_header_loses_framing)
{
    struct cas_buf server = tls_buf();
    struct cas_buf message = tls_buf();
    tls_server_hello(&message, 0x0303);
    tls_record(&server, 22, 0x0303, cas_buf_view(&message));
    tls_change_cipher_spec(&server);
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, false);
    tls_recorder_bytes(&recorder, TLS_SERVER, cas_buf_view(&server));
    tls_recorder_hole(&recorder, TLS_SERVER, 20, CAS_REASON_GAP);
    ck_assert_int_eq(recorder.want[TLS_SERVER], CAS_WANT_BYTES); /* for doubts */
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    ck_assert(tls_recorder_facts(&recorder)->server.lost_framing);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&message);
    cas_buf_finish(&server);
}
END_TEST

START_TEST(doubt_about_a_byte_of_a_message_reaches_it_before_and_after_the_byte)
{
    struct tls_flights flights = tls_flights_build(&usual);
    struct cas_view all = cas_buf_view(&flights.server);
    struct tls_recorder plain;
    tls_recorder_run_one(&plain, TLS_SERVER, all);
    size_t list_len = plain.last_request.list.len;
    size_t at = all.len - 5 - 200 - 5 - 40 - 6 - 4 - list_len / 2; /* inside the list */

    for (int when = 0; when < 2; when++) {
        struct tls_recorder recorder;
        tls_recorder_init(&recorder, false);
        if (when == 0) {
            cas_conversation_doubt(recorder.conversation, NULL, TLS_SERVER, at, 1,
                                   CAS_REASON_OVERLAP);
        }
        tls_recorder_bytes(&recorder, TLS_SERVER, cas_view_part(all, 0, at + 1));
        if (when == 1) {
            cas_conversation_doubt(recorder.conversation, NULL, TLS_SERVER, at, 1,
                                   CAS_REASON_OVERLAP);
        }
        tls_recorder_bytes(&recorder, TLS_SERVER, cas_view_part(all, at + 1, all.len));
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        ck_assert_uint_eq(recorder.last_request.sight.reasons,
                          CAS_REASON_BIT(CAS_REASON_OVERLAP));
        ck_assert_uint_eq(recorder.last_request.list.len, list_len);
        ck_assert_uint_eq(recorder.num_anomalies, 0);
        tls_recorder_finish(&recorder);
    }
    tls_recorder_finish(&plain);
    tls_flights_finish(&flights);
}
END_TEST

START_TEST(doubt_that_comes_after_a_message_was_told_is_kept_for_its_side)
{
    struct tls_flights flights = tls_flights_build(&usual);
    struct cas_view all = cas_buf_view(&flights.server);
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, false);
    tls_recorder_bytes(&recorder, TLS_SERVER, cas_view_part(all, 0, all.len - 205));
    ck_assert(recorder.any_whole_request);
    cas_conversation_doubt(recorder.conversation, NULL, TLS_SERVER, 900, 1, CAS_REASON_URGENT);
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_uint_eq(facts->server.reasons, CAS_REASON_BIT(CAS_REASON_URGENT));
    ck_assert_uint_eq(recorder.num_anomalies, 1);
    tls_recorder_finish(&recorder);
    tls_flights_finish(&flights);
}
END_TEST

START_TEST(doubt_elsewhere_leaves_a_message_alone)
{
    struct tls_flights flights = tls_flights_build(&usual);
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, false);
    /* a byte of the Certificate */
    cas_conversation_doubt(recorder.conversation, NULL, TLS_SERVER, 100, 1, CAS_REASON_OVERLAP);
    tls_recorder_bytes(&recorder, TLS_SERVER, cas_buf_view(&flights.server));
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    ck_assert(recorder.any_whole_request);
    tls_recorder_finish(&recorder);
    tls_flights_finish(&flights);
}
END_TEST

/* The server's side is captured from each of its bytes on. */
START_TEST(a_capture_that_begins_late_never_claims_more_than_it_saw)
{
    struct tls_flight_options options = usual;
    options.record_len = _i == 0 ? 16384 : 97;
    struct tls_flights flights = tls_flights_build(&options);
    struct cas_view all = cas_buf_view(&flights.server);
    for (size_t from = 0; from < all.len; from++) {
        struct tls_recorder recorder;
        tls_recorder_init(&recorder, true);
        tls_recorder_bytes(&recorder, TLS_SERVER, cas_view_part(all, from, all.len));
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
        if (recorder.any_whole_request) {
            ck_assert_uint_eq(recorder.last_request.list_declared_len, 3 * 42);
            ck_assert_uint_eq(recorder.last_request.list.len, 3 * 42);
        }
        ck_assert(from == 0 || !facts->is_tls ||
                  (facts->server.reasons & CAS_REASON_BIT(CAS_REASON_MIDSTREAM)) != 0 ||
                  facts->client_end == -1);
        tls_recorder_finish(&recorder);
    }
    tls_flights_finish(&flights);
}
END_TEST

START_TEST(a_capture_may_begin_with_the_certificate)
{
    struct cas_buf messages = tls_buf();
    struct cas_buf server = tls_buf();
    tls_certificate(&messages, 2, 300);
    tls_record(&server, 22, 0x0303, cas_buf_view(&messages));
    cas_buf_clear(&messages);
    tls_cert_request(&messages, 3, 40);
    tls_record(&server, 22, 0x0303, cas_buf_view(&messages));
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, true);
    tls_recorder_bytes(&recorder, TLS_CLIENT, cas_buf_view(&server));
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert(recorder.any_whole_request);
    ck_assert_int_eq(facts->client_end, 1);
    ck_assert(facts->server.may_lack_messages);
    ck_assert_uint_eq(facts->server.reasons, CAS_REASON_BIT(CAS_REASON_MIDSTREAM));
    tls_recorder_finish(&recorder);
    cas_buf_finish(&messages);
    cas_buf_finish(&server);
}
END_TEST

/* A ServerHello of TLS 1.3, and what looks like a resumption of TLS 1.2. */
static void tls13_server(struct cas_buf *out)
{
    static const uint8_t random[32] = { 7 };
    struct cas_buf message = tls_buf();
    tls_server_hello13(&message, cas_view_of(random, 32));
    tls_record(out, 22, 0x0303, cas_buf_view(&message));
    tls_change_cipher_spec(out);
    tls_opaque(out, 23, 40);
    tls_opaque(out, 23, 900);
    cas_buf_finish(&message);
}

START_TEST(a_server_hello_with_a_hole_is_of_no_wrong_version)
{
    struct cas_buf server = tls_buf();
    tls13_server(&server);
    struct cas_view all = cas_buf_view(&server);
    const size_t hello_end = 5 + 4 + 46; /* headers of record and message; its body */

    for (size_t at = 9; at < hello_end; at++) {
        for (size_t len = 1; at + len <= hello_end; len++) {
            struct tls_recorder recorder;
            tls_recorder_init(&recorder, false);
            tls_recorder_bytes(&recorder, TLS_SERVER, cas_view_part(all, 0, at));
            tls_recorder_hole(&recorder, TLS_SERVER, len, CAS_REASON_GAP);
            tls_recorder_bytes(&recorder, TLS_SERVER, cas_view_part(all, at + len, all.len));
            tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
            const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
            ck_assert(facts->server_hello.is_seen && !facts->server_hello.is_whole);
            ck_assert_uint_eq(facts->server_hello.version, 0);
            ck_assert(!facts->server.may_lack_messages);
            ck_assert(!facts->has_later_handshake);
            tls_recorder_finish(&recorder);
        }
    }
    cas_buf_finish(&server);
}
END_TEST

/* RFC 8446, D.4: ChangeCipherSpec, then in the clear the hello that the server asked for. */
START_TEST(a_retry_that_was_cut_leaves_no_encrypted_handshake_of_the_client)
{
    struct cas_buf client = tls_buf();
    struct cas_buf server = tls_buf();
    struct cas_buf message = tls_buf();
    tls_client_hello13(&message, "host.example");
    tls_record(&client, 22, 0x0301, cas_buf_view(&message));
    tls_change_cipher_spec(&client);
    tls_record(&client, 22, 0x0303, cas_buf_view(&message));
    tls_opaque(&client, 23, 53);
    cas_buf_clear(&message);
    tls_server_hello13(&message, cas_view_of(tls_retry_random, 32));
    tls_record(&server, 22, 0x0303, cas_buf_view(&message));
    size_t hello_end = server.len;
    tls_change_cipher_spec(&server);
    tls13_server(&server);

    struct cas_view all = cas_buf_view(&server);
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, false);
    tls_recorder_bytes(&recorder, TLS_CLIENT, cas_buf_view(&client));
    tls_recorder_bytes(&recorder, TLS_SERVER, cas_view_part(all, 0, hello_end - 10));
    tls_recorder_hole(&recorder, TLS_SERVER, 10, CAS_REASON_SNAPLEN);
    tls_recorder_bytes(&recorder, TLS_SERVER, cas_view_part(all, hello_end, all.len));
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_uint_eq(facts->server_hello.version, 0);
    ck_assert(!facts->client.has_encrypted_handshake);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&message);
    cas_buf_finish(&client);
    cas_buf_finish(&server);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
    Suite *suite = suite_create("conversation_missing");
    TCase *tcase = tcase_create("conversation_missing");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_stream_that_ends_anywhere_never_gives_a_false_whole);
    tcase_add_loop_test(tcase, a_request_with_a_missing_byte_is_never_whole, 0, COUNT(holes));
    tcase_add_loop_test(tcase, no_set_of_holes_gives_a_false_whole, 0, 50);
    tcase_add_test(tcase, a_hole_in_a_body_does_not_lose_what_follows);
    tcase_add_test(tcase, a_request_with_a_hole_tells_what_lies_before_it);
    tcase_add_test(tcase, a_hole_over_a_record_header_is_survived_at_the_next_sure_record);
    tcase_add_test(tcase, a_hole_over_an_encrypted_header_loses_framing);
    tcase_add_test(tcase, doubt_about_a_byte_of_a_message_reaches_it_before_and_after_the_byte);
    tcase_add_test(tcase, doubt_that_comes_after_a_message_was_told_is_kept_for_its_side);
    tcase_add_test(tcase, doubt_elsewhere_leaves_a_message_alone);
    tcase_add_loop_test(tcase, a_capture_that_begins_late_never_claims_more_than_it_saw, 0, 2);
    tcase_add_test(tcase, a_capture_may_begin_with_the_certificate);
    tcase_add_test(tcase, a_server_hello_with_a_hole_is_of_no_wrong_version);
    tcase_add_test(tcase, a_retry_that_was_cut_leaves_no_encrypted_handshake_of_the_client);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
