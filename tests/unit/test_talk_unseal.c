/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a record that does not open means, and how much is opened at most. */
#include "support/sealed_talk.h"
#include "support/support.h"
#include "support/tls_records.h"
#include "tls/talk.h"

#define MAX_CONTENT 16384

static struct cas_view bytes_of(struct cas_buf *buf, size_t len)
{
    cas_buf_clear(buf);
    tls_fill(buf, 'a', len);
    return cas_buf_view(buf);
}

START_TEST(a_wrong_secret_is_told)
{
    static const enum tls_key wrongs[] = { TLS_KEY_CLIENT_HANDSHAKE, TLS_KEY_SERVER_HANDSHAKE,
                                           TLS_KEY_CLIENT_TRAFFIC, TLS_KEY_SERVER_TRAFFIC };
    for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
        struct sealed_talk talk;
        bool is_client = i % 2 == 0;
        sealed_talk_init(&talk, wrongs[i]);
        sealed_talk_hellos(&talk, TLS_POST_HANDSHAKE_AUTH);
        sealed_talk_server_flight(&talk, 1);
        sealed_talk_client_flight(&talk, 1);
        sealed_talk_message(&talk, TLS_KEY_CLIENT_TRAFFIC, 24, 1);
        sealed_talk_message(&talk, TLS_KEY_SERVER_TRAFFIC, 4, 50);
        const struct cas_conversation_facts *facts = sealed_talk_close(&talk);
        ck_assert_str_eq(talk.recorder.last_anomaly, "wrong_key");
        ck_assert_uint_eq(talk.recorder.num_anomalies, 1);
        ck_assert_int_eq(facts->client.has_wrong_key, is_client);
        ck_assert_int_eq(facts->server.has_wrong_key, !is_client);
        ck_assert(!(is_client ? &facts->client : &facts->server)->is_read_on);
        ck_assert_uint_eq(talk.recorder.counters.value[CAS_COUNT_TLS_DECRYPTION_CUT], 1);
        ck_assert_uint_eq(talk.recorder.num_requests,
                          wrongs[i] != TLS_KEY_SERVER_HANDSHAKE ? 1u : 0u);
        sealed_talk_finish(&talk);
    }
}
END_TEST

START_TEST(in_doubt_nobody_says_that_the_secret_is_wrong)
{
    struct sealed_talk talk;
    sealed_talk_init(&talk, TLS_KEY_SERVER_HANDSHAKE);
    sealed_talk_hellos(&talk, 0);
    uint64_t sent = talk.recorder.sent[TLS_SERVER];
    cas_conversation_doubt(talk.recorder.conversation, NULL, TLS_SERVER, sent + 10, 4,
                           CAS_REASON_OVERLAP);
    sealed_talk_server_flight(&talk, 1);
    const struct cas_conversation_facts *facts = sealed_talk_close(&talk);
    ck_assert(!facts->server.has_wrong_key && facts->server.is_unsealing_cut);
    ck_assert_str_ne(talk.recorder.last_anomaly, "wrong_key");
    sealed_talk_finish(&talk);
}
END_TEST

/* One byte of the record with the second half of the request. */
START_TEST(a_damaged_record_behind_good_ones_is_no_wrong_secret)
{
    struct sealed_talk talk;
    struct cas_buf request = tls_buf();
    struct cas_buf record = tls_buf();
    sealed_talk_begin(&talk, 0);
    sealed_talk_message(&talk, TLS_KEY_SERVER_HANDSHAKE, 8, 2);
    tls_cert_request13(&request, 2, 40);
    sealed_talk_say(&talk, TLS_KEY_SERVER_HANDSHAKE, 22,
                    cas_view_part(cas_buf_view(&request), 0, 60));
    tls_seal(&record, &talk.sealer[TLS_KEY_SERVER_HANDSHAKE], 22,
             cas_view_part(cas_buf_view(&request), 60, request.len), 0);
    record.data[20] ^= 1;
    sealed_talk_send(&talk, TLS_KEY_SERVER_HANDSHAKE, cas_buf_view(&record));
    const struct cas_conversation_facts *facts = sealed_talk_close(&talk);
    ck_assert_str_eq(talk.recorder.last_anomaly, "damaged_record");
    ck_assert(!facts->server.has_wrong_key && facts->server.is_unsealing_cut);
    ck_assert_uint_eq(talk.recorder.num_requests, 1);
    ck_assert(!talk.recorder.any_whole_request);
    ck_assert_uint_eq(talk.recorder.last_request.sight.reasons,
                      CAS_REASON_BIT(CAS_REASON_FRAMING));
    sealed_talk_finish(&talk);
    cas_buf_finish(&record);
    cas_buf_finish(&request);
}
END_TEST

/* Every amount of memory: nothing is said that is not so, and what is whole is right. */
START_TEST(without_memory_no_secret_is_called_wrong)
{
    size_t opened = 0;
    size_t cut = 0;
    for (size_t limit = 500; limit < 60000; limit += 97) {
        struct sealed_talk talk;
        sealed_talk_init(&talk, TLS_KEYS);
        talk.recorder.budget.limit = talk.recorder.budget.used + limit;
        sealed_talk_hellos(&talk, 0);
        sealed_talk_server_flight(&talk, 1);
        sealed_talk_client_flight(&talk, 1);
        const struct cas_conversation_facts *facts = sealed_talk_close(&talk);
        ck_assert_str_eq(talk.recorder.last_anomaly, "");
        ck_assert(!facts->server.has_wrong_key && !facts->client.has_wrong_key);
        opened += facts->server.has_finished;
        cut += facts->server.is_unsealing_cut;
        sealed_talk_finish(&talk);
    }
    ck_assert_uint_gt(opened, 0);
    ck_assert_uint_gt(cut, 0);
}
END_TEST

struct lot {
    size_t records;
    size_t len; /* of each one's content */
    bool is_within;
};

/* 64 records, 131,072 bytes with headers, tags and types (5 + 16 + 1); the request is one. */
static const struct lot lots[] = {
    { 63, 1, true },           { 64, 1, false },        { 7, MAX_CONTENT, true },
    { 8, MAX_CONTENT, false }, { 62, 2048 - 22, true },
};

START_TEST(application_data_is_opened_within_a_bound)
{
    struct sealed_talk talk;
    struct cas_buf data = tls_buf();
    const struct lot *lot = &lots[_i];
    sealed_talk_begin(&talk, TLS_POST_HANDSHAKE_AUTH);
    sealed_talk_server_flight(&talk, 0);
    sealed_talk_client_flight(&talk, 0);
    for (size_t i = 0; i < lot->records; i++) {
        sealed_talk_say(&talk, TLS_KEY_SERVER_TRAFFIC, 23, bytes_of(&data, lot->len));
    }
    sealed_talk_request(&talk, TLS_KEY_SERVER_TRAFFIC);
    const struct cas_conversation_facts *facts = sealed_talk_close(&talk);
    ck_assert_int_eq(facts->server.has_later_request, lot->is_within);
    ck_assert_uint_eq(talk.recorder.num_requests, lot->is_within);
    ck_assert_int_eq(facts->server.is_read_on, lot->is_within);
    ck_assert_int_eq(facts->server.is_unsealing_cut, !lot->is_within);
    ck_assert_uint_eq(talk.recorder.counters.value[CAS_COUNT_TLS_DECRYPTION_CUT],
                      !lot->is_within);
    ck_assert_uint_eq(talk.recorder.num_anomalies, 0);
    sealed_talk_finish(&talk);
    cas_buf_finish(&data);
}
END_TEST

START_TEST(a_handshake_is_opened_within_a_bound)
{
    struct sealed_talk talk;
    struct cas_buf data = tls_buf();
    sealed_talk_begin(&talk, 0);
    tls_u8(&data, 99); /* a message that nobody knows */
    tls_u24(&data, 0xffffff);
    tls_fill(&data, 0, MAX_CONTENT - data.len);
    for (size_t sent = 0; sent <= CAS_TALK_SEALED_MAX; sent += MAX_CONTENT + 22) {
        ck_assert_uint_eq(talk.recorder.counters.value[CAS_COUNT_TLS_DECRYPTION_CUT], 0);
        sealed_talk_say(&talk, TLS_KEY_SERVER_HANDSHAKE, 22, cas_buf_view(&data));
    }
    const struct cas_conversation_facts *facts = sealed_talk_close(&talk);
    ck_assert(facts->server.is_unsealing_cut && !facts->server.has_finished);
    sealed_talk_finish(&talk);
    cas_buf_finish(&data);
}
END_TEST

/* Records of early data, which are of other keys; with headers 131,072 bytes may come. */
static const struct lot early[] = {
    { 1, 100, true },   { 64, 100, true },   { 65, 100, false },
    { 8, 16379, true }, { 8, 16380, false },
};

START_TEST(early_data_is_passed_over_within_a_bound)
{
    struct sealed_talk talk;
    struct cas_buf data = tls_buf();
    const struct lot *lot = &early[_i];
    sealed_talk_begin(&talk, TLS_EARLY_DATA);
    for (size_t i = 0; i < lot->records; i++) {
        cas_buf_clear(&data);
        tls_opaque(&data, 23, lot->len);
        sealed_talk_send(&talk, TLS_KEY_CLIENT_HANDSHAKE, cas_buf_view(&data));
    }
    sealed_talk_client_flight(&talk, 1);
    const struct cas_conversation_facts *facts = sealed_talk_close(&talk);
    ck_assert_int_eq(facts->client.has_finished, lot->is_within);
    ck_assert_uint_eq(facts->client.certificates, lot->is_within);
    ck_assert_int_eq(facts->client.is_unsealing_cut, !lot->is_within);
    ck_assert_uint_eq(talk.recorder.num_anomalies, 0);
    sealed_talk_finish(&talk);
    cas_buf_finish(&data);
}
END_TEST

/* Behind its first own record, and behind Finished, a client has no early data any more. */
START_TEST(early_data_ends_with_the_first_record_that_opens)
{
    for (size_t certificates = 0; certificates < 2; certificates++) {
        struct sealed_talk talk;
        struct cas_buf data = tls_buf();
        sealed_talk_begin(&talk, TLS_EARLY_DATA);
        tls_opaque(&data, 23, 100);
        if (certificates > 0) {
            sealed_talk_message(&talk, TLS_KEY_CLIENT_HANDSHAKE, 8, 2);
        } else {
            sealed_talk_client_flight(&talk, 0);
        }
        sealed_talk_send(&talk, TLS_KEY_CLIENT_HANDSHAKE, cas_buf_view(&data));
        const struct cas_conversation_facts *facts = sealed_talk_close(&talk);
        ck_assert_str_eq(talk.recorder.last_anomaly,
                         certificates > 0 ? "damaged_record" : "wrong_key");
        ck_assert(facts->client.is_unsealing_cut);
        sealed_talk_finish(&talk);
        cas_buf_finish(&data);
    }
}
END_TEST

/* The server's flight comes first, as when two cards are read: a few kilobytes wait. */
START_TEST(what_waits_for_the_other_hello_is_bounded)
{
    for (size_t records = 1; records < 3; records++) {
        struct sealed_talk talk;
        struct cas_buf hello = tls_buf();
        struct cas_buf record = tls_buf();
        struct cas_buf data = tls_buf();
        static const uint8_t random[32] = { 0xb2 };
        sealed_talk_init(&talk, TLS_KEYS);
        tls_server_hello13(&hello, cas_view_of(random, sizeof(random)));
        tls_record(&record, 22, 0x0303, cas_buf_view(&hello));
        sealed_talk_send(&talk, TLS_KEY_SERVER_HANDSHAKE, cas_buf_view(&record));
        for (size_t i = 0; i < records; i++) {
            sealed_talk_message(&talk, TLS_KEY_SERVER_HANDSHAKE, 99, MAX_CONTENT - 4);
        }
        sealed_talk_server_flight(&talk, 1);
        ck_assert_uint_lt(talk.recorder.budget.used, 60000);
        cas_buf_clear(&hello);
        cas_buf_clear(&record);
        tls_client_hello13(&hello, "host.example");
        tls_record(&record, 22, 0x0303, cas_buf_view(&hello));
        sealed_talk_send(&talk, TLS_KEY_CLIENT_HANDSHAKE, cas_buf_view(&record));
        const struct cas_conversation_facts *facts = sealed_talk_close(&talk);
        ck_assert_int_eq(facts->server.has_finished, records == 1);
        ck_assert_uint_eq(talk.recorder.num_requests, records == 1);
        ck_assert_uint_eq(talk.recorder.num_anomalies, 0);
        sealed_talk_finish(&talk);
        cas_buf_finish(&hello);
        cas_buf_finish(&record);
        cas_buf_finish(&data);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("talk_unseal");
    TCase *tcase = tcase_create("talk_unseal");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_wrong_secret_is_told);
    tcase_add_test(tcase, in_doubt_nobody_says_that_the_secret_is_wrong);
    tcase_add_test(tcase, a_damaged_record_behind_good_ones_is_no_wrong_secret);
    tcase_add_test(tcase, without_memory_no_secret_is_called_wrong);
    tcase_add_loop_test(tcase, application_data_is_opened_within_a_bound, 0,
                        (int)(sizeof(lots) / sizeof(lots[0])));
    tcase_add_test(tcase, a_handshake_is_opened_within_a_bound);
    tcase_add_loop_test(tcase, early_data_is_passed_over_within_a_bound, 0,
                        (int)(sizeof(early) / sizeof(early[0])));
    tcase_add_test(tcase, early_data_ends_with_the_first_record_that_opens);
    tcase_add_test(tcase, what_waits_for_the_other_hello_is_bounded);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
