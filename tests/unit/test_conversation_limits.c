/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The module conversation at its limits and where a peer breaks the protocol. */
#include "support/support.h"
#include "support/tls_recorder.h"
#include "support/tls_records.h"

static const struct tls_flight_options usual = { 16384, 3, 40 };

START_TEST(a_side_is_not_followed_forever_after_encryption_began)
{
    struct tls_flights flights = tls_flights_build(&usual);
    struct tls_recorder recorder;
    struct cas_buf more = tls_buf();
    tls_opaque(&more, 22, 16000);
    tls_recorder_init(&recorder, false);
    tls_recorder_bytes(
        &recorder, TLS_SERVER,
        cas_view_part(cas_buf_view(&flights.server), 0, flights.server.len - 205));
    size_t num_records = 0;
    while (recorder.want[TLS_SERVER] == CAS_WANT_BYTES) {
        tls_recorder_bytes(&recorder, TLS_SERVER, cas_buf_view(&more));
        num_records++;
    }
    ck_assert_uint_le(num_records, 6);
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    cas_buf_finish(&more);
    tls_recorder_finish(&recorder);
    tls_flights_finish(&flights);
}
END_TEST

/* ServerHello and half a message, then a record that must not come here. */
static struct cas_buf half_a_request(void)
{
    struct cas_buf messages = tls_buf();
    struct cas_buf server = tls_buf();
    tls_server_hello(&messages, 0x0303);
    tls_cert_request(&messages, 5, 50);
    tls_record(&server, 22, 0x0303,
               cas_view_part(cas_buf_view(&messages), 0, messages.len / 2));
    cas_buf_finish(&messages);
    return server;
}

START_TEST(another_record_inside_a_message_breaks_the_protocol)
{
    static const unsigned types[] = { 20, 21, 23 };
    struct cas_buf server = half_a_request();
    if (types[_i] == 20) {
        tls_change_cipher_spec(&server);
    } else if (types[_i] == 21) {
        tls_alert(&server, 2, 80);
    } else {
        tls_opaque(&server, 23, 100);
    }
    struct tls_recorder recorder;
    tls_recorder_run_one(&recorder, TLS_SERVER, cas_buf_view(&server));
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_uint_eq(recorder.num_requests, 1);
    ck_assert(recorder.last_request.sight.is_broken);
    ck_assert(!recorder.any_whole_request);
    ck_assert(facts->server.is_malformed);
    ck_assert_uint_eq(facts->alerts_count, types[_i] == 21 ? 1 : 0);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_TLS_MALFORMED], 1);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&server);
}
END_TEST

START_TEST(a_request_in_one_record_too_long_is_read_and_marked)
{
    struct cas_buf messages = tls_buf();
    struct cas_buf server = tls_buf();
    tls_server_hello(&messages, 0x0303);
    tls_record(&server, 22, 0x0303, cas_buf_view(&messages));
    cas_buf_clear(&messages);
    tls_cert_request(&messages, 400, 48); /* 20,000 bytes of list */
    tls_record(&server, 22, 0x0303, cas_buf_view(&messages));
    struct tls_recorder recorder;
    tls_recorder_run_one(&recorder, TLS_SERVER, cas_buf_view(&server));
    ck_assert(recorder.any_whole_request);
    ck_assert_uint_eq(recorder.last_request.list.len, 20000);
    ck_assert(recorder.last_request.sight.is_record_too_long);
    ck_assert(recorder.last_request.sight.is_message_too_long_for_record);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_TLS_MALFORMED], 1);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&messages);
    cas_buf_finish(&server);
}
END_TEST

START_TEST(the_longest_legal_request_is_read_over_nine_records)
{
    struct cas_buf messages = tls_buf();
    struct cas_buf server = tls_buf();
    tls_server_hello(&messages, 0x0303);
    tls_record(&server, 22, 0x0303, cas_buf_view(&messages));
    cas_buf_clear(&messages);
    tls_u8(&messages, 13);
    tls_u24(&messages, 131329);
    tls_u8(&messages, 255);
    tls_fill(&messages, 1, 255);
    tls_u16(&messages, 65534);
    tls_fill(&messages, 4, 65534);
    tls_u16(&messages, 65535);
    tls_fill(&messages, 0x30, 65535);
    tls_records(&server, 22, 0x0303, cas_buf_view(&messages), 16384);
    struct tls_recorder recorder;
    tls_recorder_run_one(&recorder, TLS_SERVER, cas_buf_view(&server));
    ck_assert(recorder.any_whole_request);
    ck_assert_uint_eq(recorder.last_request.list.len, 65535);
    ck_assert_uint_eq(recorder.last_request.sight.records, 9);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&messages);
    cas_buf_finish(&server);
}
END_TEST

START_TEST(a_claim_of_16_mib_costs_nothing)
{
    static const unsigned types[] = { 13, 11, 2, 99 };
    struct cas_buf server = tls_buf();
    struct cas_buf messages = tls_buf();
    tls_server_hello(&messages, 0x0303);
    tls_u8(&messages, types[_i]);
    tls_u24(&messages, 0xffffff);
    tls_fill(&messages, 1, 14000);
    tls_record(&server, 22, 0x0303, cas_buf_view(&messages));
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, false);
    tls_recorder_bytes(&recorder, TLS_SERVER, cas_view_part(cas_buf_view(&server), 0, 200));
    size_t used = recorder.budget.used;
    tls_recorder_pieces(&recorder, TLS_SERVER,
                        cas_view_part(cas_buf_view(&server), 200, server.len), 1000);
    ck_assert_uint_eq(recorder.budget.used, used);
    tls_recorder_close(&recorder, CAS_REASON_CLOSED);
    ck_assert(!recorder.any_whole_request);
    if (types[_i] == 13) {
        ck_assert_uint_eq(recorder.last_request.sight.reasons,
                          CAS_REASON_BIT(CAS_REASON_CLOSED) |
                              CAS_REASON_BIT(CAS_REASON_MESSAGE_CAP));
        ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_TLS_MESSAGES_CAPPED], 1);
    }
    tls_recorder_finish(&recorder);
    cas_buf_finish(&messages);
    cas_buf_finish(&server);
}
END_TEST

START_TEST(without_memory_no_request_is_whole)
{
    struct tls_flights flights = tls_flights_build(&usual);
    struct tls_recorder recorder;

    for (size_t limit = 0; limit < 8000; limit += 50) {
        tls_recorder_init(&recorder, false);
        recorder.budget.limit = recorder.budget.used + limit;
        tls_recorder_pieces(&recorder, TLS_SERVER, cas_buf_view(&flights.server), 100);
        tls_recorder_pieces(&recorder, TLS_CLIENT, cas_buf_view(&flights.client), 100);
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        ck_assert_uint_eq(recorder.num_done, 1);
        if (recorder.any_whole_request) {
            ck_assert_uint_eq(recorder.last_request.list.len, 3 * 42);
        }
        tls_recorder_finish(&recorder);
    }
    tls_flights_finish(&flights);
}
END_TEST

START_TEST(empty_records_are_counted_and_33_in_a_row_break_the_protocol)
{
    for (size_t count = 1; count <= 33; count += 16) {
        struct cas_buf server = tls_buf();
        struct cas_buf messages = tls_buf();
        tls_server_hello(&messages, 0x0303);
        tls_record(&server, 22, 0x0303, cas_buf_view(&messages));
        for (size_t i = 0; i < count; i++) {
            tls_opaque(&server, 22, 0);
        }
        cas_buf_clear(&messages);
        tls_cert_request(&messages, 3, 40);
        tls_record(&server, 22, 0x0303, cas_buf_view(&messages));
        struct tls_recorder recorder;
        tls_recorder_run_one(&recorder, TLS_SERVER, cas_buf_view(&server));
        ck_assert(recorder.any_whole_request == (count < 33));
        ck_assert(tls_recorder_facts(&recorder)->server.is_malformed == (count == 33));
        ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_TLS_MALFORMED], count);
        ck_assert_uint_le(recorder.num_anomalies, 2);
        tls_recorder_finish(&recorder);
        cas_buf_finish(&messages);
        cas_buf_finish(&server);
    }
}
END_TEST

START_TEST(more_than_65535_records_are_counted)
{
    struct cas_buf server = tls_buf();
    struct cas_buf messages = tls_buf();
    tls_server_hello(&messages, 0x0303);
    tls_cert_request(&messages, 2, 32760);
    tls_records(&server, 22, 0x0303, cas_buf_view(&messages), 1);
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, false);
    tls_recorder_pieces(&recorder, TLS_SERVER, cas_buf_view(&server), 1460);
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    ck_assert(recorder.any_whole_request);
    ck_assert_uint_eq(recorder.last_request.sight.records, 4 + 3 + 6 + 2 + 2 * (2 + 32760));
    tls_recorder_finish(&recorder);
    cas_buf_finish(&messages);
    cas_buf_finish(&server);
}
END_TEST

START_TEST(a_hello_request_in_the_clear_is_harmless)
{
    struct cas_buf server = tls_buf();
    struct cas_buf messages = tls_buf();
    tls_server_hello(&messages, 0x0303);
    tls_message(&messages, 0, 0);
    tls_cert_request(&messages, 3, 40);
    tls_record(&server, 22, 0x0303, cas_buf_view(&messages));
    struct tls_recorder recorder;
    tls_recorder_run_one(&recorder, TLS_SERVER, cas_buf_view(&server));
    ck_assert(recorder.any_whole_request);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_TLS_MALFORMED], 0);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&messages);
    cas_buf_finish(&server);
}
END_TEST

START_TEST(a_message_of_the_wrong_side_is_not_believed)
{
    struct tls_flights flights = tls_flights_build(&usual);
    struct cas_buf message = tls_buf();
    struct cas_buf client = tls_buf();
    tls_client_hello(&message, "host.example");
    tls_cert_request(&message, 3, 40);
    tls_record(&client, 22, 0x0301, cas_buf_view(&message));
    struct tls_recorder recorder;
    tls_recorder_run_one(&recorder, TLS_CLIENT, cas_buf_view(&client));
    ck_assert_uint_eq(recorder.num_requests, 0);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_TLS_MALFORMED], 1);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&client);
    cas_buf_finish(&message);
    tls_flights_finish(&flights);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conversation_limits");
    TCase *tcase = tcase_create("conversation_limits");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_side_is_not_followed_forever_after_encryption_began);
    tcase_add_loop_test(tcase, another_record_inside_a_message_breaks_the_protocol, 0, 3);
    tcase_add_test(tcase, a_request_in_one_record_too_long_is_read_and_marked);
    tcase_add_test(tcase, the_longest_legal_request_is_read_over_nine_records);
    tcase_add_loop_test(tcase, a_claim_of_16_mib_costs_nothing, 0, 4);
    tcase_add_test(tcase, without_memory_no_request_is_whole);
    tcase_add_test(tcase, empty_records_are_counted_and_33_in_a_row_break_the_protocol);
    tcase_add_test(tcase, more_than_65535_records_are_counted);
    tcase_add_test(tcase, a_hello_request_in_the_clear_is_harmless);
    tcase_add_test(tcase, a_message_of_the_wrong_side_is_not_believed);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
