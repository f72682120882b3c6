/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a peer may seal, and what is made of that which it must not (RFC 8446, 4 and 5). */
#include "support/sealed_talk.h"
#include "support/support.h"
#include "support/tls_records.h"

#define HANDSHAKE  22
#define HASH_LEN   32
#define MAX_LEN    16384
#define CLIENT_END 0

START_TEST(a_sealed_handshake_is_read_as_one_in_the_clear)
{
    struct sealed_talk talk;
    sealed_talk_begin(&talk, 0);
    sealed_talk_server_flight(&talk, 1);
    sealed_talk_client_flight(&talk, 1);
    sealed_talk_message(&talk, TLS_KEY_SERVER_TRAFFIC, 4, 50);
    const struct cas_conversation_facts *facts = sealed_talk_close(&talk);
    ck_assert_uint_eq(talk.recorder.num_requests, 1);
    ck_assert(talk.recorder.any_whole_request);
    ck_assert_uint_eq(talk.recorder.last_request.list_declared_len, 2 * (2 + 40));
    ck_assert_uint_eq(talk.recorder.num_certificates, 2);
    ck_assert(facts->client.has_finished && facts->server.has_finished);
    ck_assert(facts->client.is_read_on && facts->server.is_read_on);
    ck_assert(facts->server.has_ticket && !facts->server.has_later_request);
    ck_assert(!facts->client.is_unsealing_cut && !facts->server.is_unsealing_cut);
    ck_assert_uint_eq(talk.recorder.num_anomalies, 0);
    ck_assert_uint_eq(talk.recorder.counters.value[CAS_COUNT_TLS_DECRYPTION_CUT], 0);
    sealed_talk_finish(&talk);
}
END_TEST

/* The fact of what was broken: nothing behind it is believed, and nothing before it is lost. */
static void expect_broken(struct sealed_talk *talk, enum tls_key key, const char *anomaly)
{
    const struct cas_conversation_facts *facts = sealed_talk_close(talk);
    bool is_client = key == TLS_KEY_CLIENT_HANDSHAKE || key == TLS_KEY_CLIENT_TRAFFIC;
    const struct cas_direction_facts *side = is_client ? &facts->client : &facts->server;

    ck_assert_str_eq(talk->recorder.last_anomaly, anomaly);
    ck_assert(side->is_malformed && !side->is_read_on);
    ck_assert_int_eq(facts->client_end, CLIENT_END);
    ck_assert_str_eq(facts->client_hello.sni, "host.example");
    ck_assert_uint_eq(facts->server_hello.version, 0x0304);
    ck_assert_uint_eq(facts->server_hello.cipher, 0x1301);
    ck_assert(!facts->server_hello.is_retry);
    sealed_talk_finish(talk);
}

/* Hellos, what an older version sends, EndOfEarlyData, which is of other keys. */
static const unsigned never_sealed[] = { 0, 1, 2, 5, 12, 14, 16, 22 };

START_TEST(what_is_never_sealed_is_refused_and_changes_no_hello)
{
    static const enum tls_key sides[] = { TLS_KEY_CLIENT_HANDSHAKE, TLS_KEY_SERVER_HANDSHAKE };
    for (size_t i = 0; i < 2; i++) {
        struct sealed_talk talk;
        sealed_talk_begin(&talk, 0);
        sealed_talk_message(&talk, sides[i], never_sealed[_i], 40);
        expect_broken(&talk, sides[i], "unexpected_message");
    }
}
END_TEST

/* Well-formed ones, as a peer would want them to be believed; whole, and without their end. */
START_TEST(sealed_hellos_are_refused_though_they_are_well_formed)
{
    for (size_t i = 0; i < 6; i++) {
        struct sealed_talk talk;
        struct cas_buf hello = tls_buf();
        enum tls_key key = i % 2 == 0 ? TLS_KEY_CLIENT_HANDSHAKE : TLS_KEY_SERVER_HANDSHAKE;
        sealed_talk_begin(&talk, 0);
        if (i < 2) {
            tls_client_hello13(&hello, "other.example");
        } else if (i < 4) {
            tls_server_hello(&hello, 0x0303);
        } else {
            tls_server_hello13(&hello, cas_view_of(tls_retry_random, 32));
        }
        sealed_talk_say(&talk, key, HANDSHAKE, cas_buf_view(&hello));
        expect_broken(&talk, key, "unexpected_message");
        sealed_talk_begin(&talk, 0);
        sealed_talk_say(&talk, key, HANDSHAKE,
                        cas_view_part(cas_buf_view(&hello), 0, hello.len - 1));
        const struct cas_conversation_facts *facts = sealed_talk_close(&talk);
        ck_assert_str_eq(talk.recorder.last_anomaly, "unexpected_message");
        ck_assert_str_eq(facts->client_hello.sni, "host.example");
        ck_assert_uint_eq(facts->server_hello.version, 0x0304);
        sealed_talk_finish(&talk);
        cas_buf_finish(&hello);
    }
}
END_TEST

START_TEST(types_of_records_that_are_never_sealed_are_refused)
{
    static const unsigned types[] = { 20, 24, 99 };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct sealed_talk talk;
        sealed_talk_begin(&talk, 0);
        sealed_talk_say(&talk, TLS_KEY_SERVER_HANDSHAKE, types[i], text_view("\1"));
        expect_broken(&talk, TLS_KEY_SERVER_HANDSHAKE, "unexpected_message");
    }
    struct sealed_talk talk;
    struct cas_buf record = tls_buf();
    sealed_talk_begin(&talk, 0);
    tls_seal_zeros(&record, &talk.sealer[TLS_KEY_SERVER_HANDSHAKE], 40);
    sealed_talk_send(&talk, TLS_KEY_SERVER_HANDSHAKE, cas_buf_view(&record));
    expect_broken(&talk, TLS_KEY_SERVER_HANDSHAKE, "unexpected_message");
    sealed_talk_begin(&talk, 0);
    sealed_talk_say(&talk, TLS_KEY_SERVER_HANDSHAKE, 23, text_view("data before Finished"));
    expect_broken(&talk, TLS_KEY_SERVER_HANDSHAKE, "unexpected_message");
    cas_buf_finish(&record);
}
END_TEST

struct order {
    enum tls_key key;
    unsigned types[3]; /* 0 ends them; the last one is refused */
};

static const struct order orders[] = {
    { TLS_KEY_SERVER_HANDSHAKE, { 11, 13, 0 } }, { TLS_KEY_SERVER_HANDSHAKE, { 8, 13, 13 } },
    { TLS_KEY_SERVER_HANDSHAKE, { 15, 11, 0 } }, { TLS_KEY_SERVER_HANDSHAKE, { 11, 25, 0 } },
    { TLS_KEY_SERVER_HANDSHAKE, { 4, 0, 0 } },   { TLS_KEY_SERVER_HANDSHAKE, { 24, 0, 0 } },
    { TLS_KEY_CLIENT_HANDSHAKE, { 13, 0, 0 } },  { TLS_KEY_CLIENT_HANDSHAKE, { 4, 0, 0 } },
    { TLS_KEY_CLIENT_HANDSHAKE, { 11, 11, 0 } }, { TLS_KEY_CLIENT_HANDSHAKE, { 11, 15, 8 } },
};

START_TEST(messages_out_of_their_order_or_of_the_wrong_side_are_refused)
{
    const struct order *order = &orders[_i];
    struct sealed_talk talk;
    sealed_talk_begin(&talk, 0);
    for (size_t i = 0; i < 3 && order->types[i] != 0; i++) {
        ck_assert_str_ne(talk.recorder.last_anomaly, "unexpected_message");
        sealed_talk_message(&talk, order->key, order->types[i], 40);
    }
    expect_broken(&talk, order->key, "unexpected_message");
}
END_TEST

/* RFC 8446, 4.3.2: one. As in TLS 1.2, nobody knows which of two counts, nor says that it is
 * whole; but Finished settles what came before it. */
START_TEST(a_second_request_in_the_handshake_puts_the_first_in_doubt)
{
    struct sealed_talk talk;
    sealed_talk_begin(&talk, 0);
    sealed_talk_message(&talk, TLS_KEY_SERVER_HANDSHAKE, 8, 2);
    sealed_talk_request(&talk, TLS_KEY_SERVER_HANDSHAKE);
    sealed_talk_request(&talk, TLS_KEY_SERVER_HANDSHAKE);
    const struct cas_conversation_facts *facts = sealed_talk_close(&talk);
    ck_assert_uint_eq(facts->server.cert_requests, 1);
    ck_assert_uint_eq(facts->server.reasons, CAS_REASON_BIT(CAS_REASON_PROTOCOL));
    ck_assert_uint_eq(facts->client.reasons, 0);
    sealed_talk_finish(&talk);
    sealed_talk_begin(&talk, 0);
    sealed_talk_server_flight(&talk, 1);
    sealed_talk_request(&talk, TLS_KEY_SERVER_TRAFFIC);
    facts = sealed_talk_close(&talk);
    ck_assert_uint_eq(facts->server.cert_requests, 1);
    ck_assert_uint_eq(facts->server.reasons, 0);
    sealed_talk_finish(&talk);
}
END_TEST

/* What may follow the handshake only where the client has allowed a later request. */
START_TEST(a_later_request_needs_the_client_s_leave)
{
    for (size_t may = 0; may < 2; may++) {
        struct sealed_talk talk;
        sealed_talk_begin(&talk, may > 0 ? TLS_POST_HANDSHAKE_AUTH : 0);
        sealed_talk_server_flight(&talk, 0);
        sealed_talk_client_flight(&talk, 0);
        sealed_talk_request(&talk, TLS_KEY_SERVER_TRAFFIC);
        if (may > 0) {
            sealed_talk_message(&talk, TLS_KEY_CLIENT_TRAFFIC, 11, 40);
            const struct cas_conversation_facts *facts = sealed_talk_close(&talk);
            ck_assert(facts->server.has_later_request && facts->client.certificates == 1);
            sealed_talk_finish(&talk);
        } else {
            expect_broken(&talk, TLS_KEY_SERVER_TRAFFIC, "unexpected_message");
        }
    }
}
END_TEST

/* RFC 8446, 5.1: a message in front of a change of keys ends its record. */
START_TEST(nothing_stands_behind_finished_in_its_record)
{
    static const unsigned behind[] = { 24, 4, 0 };
    for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++) {
        struct sealed_talk talk;
        struct cas_buf content = tls_buf();
        sealed_talk_begin(&talk, TLS_POST_HANDSHAKE_AUTH);
        tls_message(&content, 8, 2);
        tls_message(&content, 20, HASH_LEN);
        if (behind[i] != 0) {
            tls_message(&content, behind[i], 1);
        } else {
            tls_u8(&content, 13); /* the first byte of a request */
        }
        sealed_talk_say(&talk, TLS_KEY_SERVER_HANDSHAKE, HANDSHAKE, cas_buf_view(&content));
        ck_assert(!tls_recorder_facts(&talk.recorder)->server.has_finished);
        expect_broken(&talk, TLS_KEY_SERVER_HANDSHAKE, "unexpected_message");
        cas_buf_finish(&content);
    }
}
END_TEST

START_TEST(nothing_stands_behind_a_key_update_in_its_record)
{
    struct sealed_talk talk;
    struct cas_buf content = tls_buf();
    sealed_talk_begin(&talk, TLS_POST_HANDSHAKE_AUTH);
    sealed_talk_server_flight(&talk, 0);
    tls_message(&content, 24, 1);
    tls_message(&content, 4, 50);
    sealed_talk_say(&talk, TLS_KEY_SERVER_TRAFFIC, HANDSHAKE, cas_buf_view(&content));
    expect_broken(&talk, TLS_KEY_SERVER_TRAFFIC, "unexpected_message");
    cas_buf_finish(&content);
}
END_TEST

START_TEST(behind_a_key_update_the_next_keys_open)
{
    struct sealed_talk talk;
    sealed_talk_begin(&talk, TLS_POST_HANDSHAKE_AUTH);
    sealed_talk_server_flight(&talk, 0);
    sealed_talk_message(&talk, TLS_KEY_SERVER_TRAFFIC, 4, 50);
    sealed_talk_message(&talk, TLS_KEY_SERVER_TRAFFIC, 24, 1);
    sealed_talk_request(&talk, TLS_KEY_SERVER_UPDATED);
    const struct cas_conversation_facts *facts = sealed_talk_close(&talk);
    ck_assert(facts->server.has_later_request && talk.recorder.any_whole_request);
    ck_assert_uint_eq(talk.recorder.num_anomalies, 0);
    sealed_talk_finish(&talk);
}
END_TEST

START_TEST(messages_of_another_length_than_theirs_are_refused)
{
    struct sealed_talk talk;
    sealed_talk_begin(&talk, 0);
    sealed_talk_message(&talk, TLS_KEY_SERVER_HANDSHAKE, 20, HASH_LEN - 1);
    expect_broken(&talk, TLS_KEY_SERVER_HANDSHAKE, "malformed_message");
    sealed_talk_begin(&talk, 0);
    sealed_talk_server_flight(&talk, 0);
    sealed_talk_message(&talk, TLS_KEY_SERVER_TRAFFIC, 24, 2);
    expect_broken(&talk, TLS_KEY_SERVER_TRAFFIC, "malformed_message");
    sealed_talk_begin(&talk, 0);
    sealed_talk_say(&talk, TLS_KEY_SERVER_HANDSHAKE, 21, text_view("\2"));
    expect_broken(&talk, TLS_KEY_SERVER_HANDSHAKE, "malformed_message");
}
END_TEST

START_TEST(no_other_record_comes_between_the_parts_of_a_message)
{
    static const unsigned types[] = { 21, 23 };
    for (size_t i = 0; i < 2; i++) {
        struct sealed_talk talk;
        struct cas_buf request = tls_buf();
        sealed_talk_begin(&talk, TLS_POST_HANDSHAKE_AUTH);
        sealed_talk_server_flight(&talk, 0);
        tls_cert_request13(&request, 2, 40);
        sealed_talk_say(&talk, TLS_KEY_SERVER_TRAFFIC, HANDSHAKE,
                        cas_view_part(cas_buf_view(&request), 0, 50));
        sealed_talk_say(&talk, TLS_KEY_SERVER_TRAFFIC, types[i], text_view("\1\2"));
        sealed_talk_say(&talk, TLS_KEY_SERVER_TRAFFIC, HANDSHAKE,
                        cas_view_part(cas_buf_view(&request), 50, request.len));
        ck_assert(!talk.recorder.any_whole_request);
        expect_broken(&talk, TLS_KEY_SERVER_TRAFFIC, "interleaved_record");
        cas_buf_finish(&request);
    }
}
END_TEST

START_TEST(a_message_may_have_parts_of_one_byte_each_but_none_of_zero)
{
    struct sealed_talk talk;
    struct cas_buf request = tls_buf();
    sealed_talk_begin(&talk, 0);
    tls_cert_request13(&request, 2, 40);
    for (size_t i = 0; i < request.len; i++) {
        sealed_talk_say(&talk, TLS_KEY_SERVER_HANDSHAKE, HANDSHAKE,
                        cas_view_part(cas_buf_view(&request), i, 1));
    }
    ck_assert(talk.recorder.any_whole_request);
    ck_assert_uint_eq(talk.recorder.last_request.sight.records, request.len);
    static const unsigned types[] = { HANDSHAKE, 21 };
    for (size_t i = 0; i < 2; i++) {
        sealed_talk_say(&talk, TLS_KEY_SERVER_HANDSHAKE, types[i], text_view(""));
        expect_broken(&talk, TLS_KEY_SERVER_HANDSHAKE, "empty_record");
        sealed_talk_begin(&talk, 0);
    }
    sealed_talk_finish(&talk);
    cas_buf_finish(&request);
}
END_TEST

/* RFC 8446, 5.4: content, type and padding are 2^14 + 1 bytes at most. */
START_TEST(padding_may_fill_a_record)
{
    struct sealed_talk talk;
    struct cas_buf message = tls_buf();
    struct cas_buf record = tls_buf();
    sealed_talk_begin(&talk, 0);
    tls_cert_request13(&message, 2, 40);
    tls_seal(&record, &talk.sealer[TLS_KEY_SERVER_HANDSHAKE], HANDSHAKE, cas_buf_view(&message),
             MAX_LEN - message.len);
    sealed_talk_send(&talk, TLS_KEY_SERVER_HANDSHAKE, cas_buf_view(&record));
    ck_assert(talk.recorder.any_whole_request);
    ck_assert_uint_eq(talk.recorder.num_anomalies, 0);
    cas_buf_clear(&record);
    tls_seal(&record, &talk.sealer[TLS_KEY_SERVER_HANDSHAKE], HANDSHAKE, cas_buf_view(&message),
             MAX_LEN + 256 - message.len);
    sealed_talk_send(&talk, TLS_KEY_SERVER_HANDSHAKE, cas_buf_view(&record));
    expect_broken(&talk, TLS_KEY_SERVER_HANDSHAKE, "record_too_long");
    cas_buf_finish(&message);
    cas_buf_finish(&record);
}
END_TEST

START_TEST(content_above_the_limit_is_refused)
{
    for (size_t more = 0; more < 2; more++) {
        struct sealed_talk talk;
        struct cas_buf message = tls_buf();
        sealed_talk_begin(&talk, 0);
        sealed_talk_message(&talk, TLS_KEY_SERVER_HANDSHAKE, 11, MAX_LEN - 4 + more);
        if (more > 0) {
            expect_broken(&talk, TLS_KEY_SERVER_HANDSHAKE, "record_too_long");
        } else {
            ck_assert_uint_eq(sealed_talk_close(&talk)->server.certificates, 1);
            sealed_talk_finish(&talk);
        }
        cas_buf_finish(&message);
    }
}
END_TEST

/* The suite of a HelloRetryRequest would take another secret; that of the ServerHello counts.
 */
START_TEST(a_retry_request_does_not_settle_the_keys)
{
    static const uint8_t random[32] = { 0xb2 };
    struct sealed_talk talk;
    struct cas_buf hello = tls_buf();
    struct cas_buf records = tls_buf();
    sealed_talk_init(&talk, TLS_KEYS);
    tls_client_hello13(&hello, "host.example");
    tls_record(&records, HANDSHAKE, 0x0301, cas_buf_view(&hello));
    sealed_talk_send(&talk, TLS_KEY_CLIENT_HANDSHAKE, cas_buf_view(&records));
    cas_buf_clear(&hello);
    cas_buf_clear(&records);
    tls_server_hello13(&hello, cas_view_of(tls_retry_random, 32));
    hello.data[4 + 2 + 32 + 1 + 1] = 0x02; /* 0x1302 */
    tls_record(&records, HANDSHAKE, 0x0303, cas_buf_view(&hello));
    cas_buf_clear(&hello);
    tls_server_hello13(&hello, cas_view_of(random, sizeof(random)));
    tls_record(&records, HANDSHAKE, 0x0303, cas_buf_view(&hello));
    sealed_talk_send(&talk, TLS_KEY_SERVER_HANDSHAKE, cas_buf_view(&records));
    sealed_talk_server_flight(&talk, 1);
    const struct cas_conversation_facts *facts = sealed_talk_close(&talk);
    ck_assert(facts->server_hello.is_retry && facts->server.has_finished);
    ck_assert(talk.recorder.any_whole_request);
    ck_assert_uint_eq(talk.recorder.num_anomalies, 0);
    sealed_talk_finish(&talk);
    cas_buf_finish(&hello);
    cas_buf_finish(&records);
}
END_TEST

/* Up to where the traffic keys of both sides have begun, and a ticket was read. */
static void go_on(struct sealed_talk *talk)
{
    sealed_talk_begin(talk, TLS_POST_HANDSHAKE_AUTH);
    sealed_talk_server_flight(talk, 1);
    sealed_talk_client_flight(talk, 1);
    sealed_talk_message(talk, TLS_KEY_SERVER_TRAFFIC, 4, 50);
}

static void expect_read_on(struct sealed_talk *talk, bool wanted)
{
    const struct cas_conversation_facts *facts = sealed_talk_close(talk);
    ck_assert(facts->server.has_finished && facts->server.has_ticket);
    ck_assert_int_eq(facts->server.is_read_on, wanted);
    sealed_talk_finish(talk);
}

START_TEST(all_was_read_only_when_nothing_is_left)
{
    struct sealed_talk talk;
    struct cas_buf record = tls_buf();
    go_on(&talk);
    ck_assert(!tls_recorder_facts(&talk.recorder)->server.is_read_on); /* not yet */
    expect_read_on(&talk, true);
    tls_seal(&record, &talk.sealer[TLS_KEY_SERVER_TRAFFIC], 23, text_view("data"), 0);
    for (size_t len = 1; len < record.len; len++) { /* a record without its end */
        go_on(&talk);
        sealed_talk_send(&talk, TLS_KEY_SERVER_TRAFFIC,
                         cas_view_part(cas_buf_view(&record), 0, len));
        expect_read_on(&talk, false);
    }
    go_on(&talk); /* a message without its end */
    sealed_talk_say(&talk, TLS_KEY_SERVER_TRAFFIC, HANDSHAKE, text_view("\x0d"));
    expect_read_on(&talk, false);
    cas_buf_finish(&record);
}
END_TEST

START_TEST(all_was_not_read_when_bytes_are_missing_or_broken)
{
    struct sealed_talk talk;
    struct cas_buf record = tls_buf();
    go_on(&talk); /* a header is missing */
    tls_recorder_hole(&talk.recorder, TLS_SERVER, 30, CAS_REASON_GAP);
    expect_read_on(&talk, false);
    go_on(&talk); /* a body is */
    tls_seal(&record, &talk.sealer[TLS_KEY_SERVER_TRAFFIC], 23, text_view("data"), 0);
    sealed_talk_send(&talk, TLS_KEY_SERVER_TRAFFIC, cas_view_part(cas_buf_view(&record), 0, 9));
    tls_recorder_hole(&talk.recorder, TLS_SERVER, record.len - 9, CAS_REASON_GAP);
    expect_read_on(&talk, false);
    go_on(&talk); /* no record */
    sealed_talk_send(&talk, TLS_KEY_SERVER_TRAFFIC, text_view("HTTP/1.1 200 OK\r\n"));
    expect_read_on(&talk, false);
    go_on(&talk); /* one that does not open */
    record.data[10] ^= 1;
    sealed_talk_send(&talk, TLS_KEY_SERVER_TRAFFIC, cas_buf_view(&record));
    expect_read_on(&talk, false);
    cas_buf_finish(&record);
}
END_TEST

START_TEST(a_sealed_closing_alert_ends_it)
{
    struct sealed_talk talk;
    go_on(&talk);
    sealed_talk_say(&talk, TLS_KEY_SERVER_TRAFFIC, 21, cas_view_of("\1\0", 2));
    ck_assert(tls_recorder_facts(&talk.recorder)->server.is_read_on);
    ck_assert(tls_recorder_facts(&talk.recorder)->server.has_closed);
    expect_read_on(&talk, true);
    go_on(&talk); /* one in the clear can be forged */
    struct cas_buf alert = tls_buf();
    tls_alert(&alert, 1, 0);
    sealed_talk_send(&talk, TLS_KEY_SERVER_TRAFFIC, cas_buf_view(&alert));
    ck_assert(!tls_recorder_facts(&talk.recorder)->server.has_closed);
    sealed_talk_finish(&talk);
    cas_buf_finish(&alert);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("talk_unseal13");
    TCase *tcase = tcase_create("talk_unseal13");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_sealed_handshake_is_read_as_one_in_the_clear);
    tcase_add_loop_test(tcase, what_is_never_sealed_is_refused_and_changes_no_hello, 0,
                        (int)(sizeof(never_sealed) / sizeof(never_sealed[0])));
    tcase_add_test(tcase, sealed_hellos_are_refused_though_they_are_well_formed);
    tcase_add_test(tcase, types_of_records_that_are_never_sealed_are_refused);
    tcase_add_loop_test(tcase, messages_out_of_their_order_or_of_the_wrong_side_are_refused, 0,
                        (int)(sizeof(orders) / sizeof(orders[0])));
    tcase_add_test(tcase, a_second_request_in_the_handshake_puts_the_first_in_doubt);
    tcase_add_test(tcase, a_later_request_needs_the_client_s_leave);
    tcase_add_test(tcase, nothing_stands_behind_finished_in_its_record);
    tcase_add_test(tcase, nothing_stands_behind_a_key_update_in_its_record);
    tcase_add_test(tcase, behind_a_key_update_the_next_keys_open);
    tcase_add_test(tcase, messages_of_another_length_than_theirs_are_refused);
    tcase_add_test(tcase, no_other_record_comes_between_the_parts_of_a_message);
    tcase_add_test(tcase, a_message_may_have_parts_of_one_byte_each_but_none_of_zero);
    tcase_add_test(tcase, padding_may_fill_a_record);
    tcase_add_test(tcase, content_above_the_limit_is_refused);
    tcase_add_test(tcase, a_retry_request_does_not_settle_the_keys);
    tcase_add_test(tcase, all_was_read_only_when_nothing_is_left);
    tcase_add_test(tcase, all_was_not_read_when_bytes_are_missing_or_broken);
    tcase_add_test(tcase, a_sealed_closing_alert_ends_it);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
