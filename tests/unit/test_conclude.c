/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/conclude.h"
#include "support/support.h"

/* A TLS 1.2 handshake with everything seen and nothing asked. */
static struct cas_conversation_facts full_handshake(void)
{
    return (struct cas_conversation_facts){
        .is_tls = true,
        .client_hello = { .is_seen = true },
        .server_hello = { .is_seen = true, .is_whole = true, .version = CAS_TLS_VERSION_TLS12 },
        .server = { .is_seen = true,
                    .certificates = 1,
                    .has_hello_done = true,
                    .has_key_exchange = true,
                    .has_change_cipher_spec = true,
                    .has_encrypted_handshake = true,
                    .encrypted_handshakes = 1 },
        .client = { .is_seen = true,
                    .has_key_exchange = true,
                    .has_change_cipher_spec = true,
                    .has_encrypted_handshake = true,
                    .encrypted_handshakes = 1 },
    };
}

static struct cas_conclusion conclude(const struct cas_conversation_facts *facts)
{
    return cas_conclude(facts, CAS_ANSWER_UNSEEN, CAS_HANDSHAKE_OVER);
}

START_TEST(a_whole_flight_without_a_request_is_a_no)
{
    struct cas_conversation_facts facts = full_handshake();
    struct cas_conclusion conclusion = conclude(&facts);
    ck_assert_int_eq(conclusion.requested, CAS_REQUESTED_NO);
    ck_assert_int_eq(conclusion.answer, CAS_ANSWER_NONE);
    ck_assert_int_eq(conclusion.established, CAS_ESTABLISHED_YES);
}
END_TEST

/* Of messages that are not all the server's own, and beside a request that is shown. */
START_TEST(a_flight_in_doubt_is_no_no)
{
    struct cas_conversation_facts facts = full_handshake();
    facts.client.cert_requests = 1;
    ck_assert_int_eq(conclude(&facts).requested, CAS_REQUESTED_UNSEEN);
    facts.client.cert_requests = 0;
    facts.client.has_refused_request = true;
    ck_assert_int_eq(conclude(&facts).requested, CAS_REQUESTED_UNSEEN);
    facts.client.has_refused_request = false;
    facts.client.reasons = CAS_REASON_BIT(CAS_REASON_PROTOCOL);
    ck_assert_int_eq(conclude(&facts).requested, CAS_REQUESTED_NO);
    facts.server.reasons = CAS_REASON_BIT(CAS_REASON_PROTOCOL);
    ck_assert_int_eq(conclude(&facts).requested, CAS_REQUESTED_UNSEEN);
    facts.server.has_hello_done = false; /* RFC 5246, 7.3: abbreviated */
    facts.server.has_key_exchange = false;
    facts.server.certificates = 0;
    ck_assert_int_eq(conclude(&facts).requested, CAS_REQUESTED_UNSEEN);
    facts.server.reasons = 0;
    ck_assert_int_eq(conclude(&facts).requested, CAS_REQUESTED_NO);
}
END_TEST

START_TEST(a_flight_with_a_hole_is_unseen)
{
    struct cas_conversation_facts facts = full_handshake();
    facts.server.may_lack_messages = true;
    facts.client.may_lack_messages = true;
    struct cas_conclusion conclusion = conclude(&facts);
    ck_assert_int_eq(conclusion.requested, CAS_REQUESTED_UNSEEN);
    ck_assert_int_eq(conclusion.answer, CAS_ANSWER_UNSEEN);
}
END_TEST

/* RFC 5246, 7.4.6: with keys, the client's own Certificate shows that it was asked. */
START_TEST(a_client_that_sent_a_certificate_was_asked_when_that_was_decrypted)
{
    struct cas_conversation_facts facts = full_handshake();
    facts.is_renewed = true;
    facts.client.certificates = 1;
    ck_assert_int_eq(conclude(&facts).requested, CAS_REQUESTED_NO);
    facts.client.is_decrypted = true;
    ck_assert_int_eq(conclude(&facts).requested, CAS_REQUESTED_YES);
}
END_TEST

START_TEST(a_certificate_message_is_the_answer)
{
    struct cas_conversation_facts facts = full_handshake();
    facts.server.cert_requests = 1;
    facts.client.certificates = 1;
    struct cas_conclusion conclusion =
        cas_conclude(&facts, CAS_ANSWER_EMPTY, CAS_HANDSHAKE_OVER);
    ck_assert_int_eq(conclusion.requested, CAS_REQUESTED_YES);
    ck_assert_int_eq(conclusion.answer, CAS_ANSWER_EMPTY);
    ck_assert(!conclusion.has_several_requests);
    facts.server.cert_requests = 2;
    ck_assert(conclude(&facts).has_several_requests);
}
END_TEST

/* Missing bytes are no doubt; and the server's are not the client's. */
START_TEST(an_answer_is_in_doubt_with_the_client_s_bytes)
{
    struct cas_conversation_facts facts = full_handshake();
    facts.client.reasons = CAS_REASON_BIT(CAS_REASON_GAP) | CAS_REASON_BIT(CAS_REASON_SNAPLEN);
    facts.server.reasons = CAS_REASONS_OF_DOUBT;
    ck_assert(!conclude(&facts).is_answer_in_doubt);
    facts.client.reasons = CAS_REASON_BIT(CAS_REASON_OVERLAP);
    ck_assert(conclude(&facts).is_answer_in_doubt);
    facts.client.reasons = CAS_REASON_BIT(CAS_REASON_PROTOCOL);
    ck_assert(conclude(&facts).is_answer_in_doubt);
}
END_TEST

/* RFC 5246, 7.4.6. One that gave up was not obliged any more; and what was missed may be it. */
START_TEST(an_answer_is_skipped_by_who_goes_on)
{
    const struct cas_alert_facts refusal = { .level = 2, .description = 40 };
    struct cas_conversation_facts facts = full_handshake();
    ck_assert(!conclude(&facts).has_skipped_answer);
    facts.server.cert_requests = 1;
    ck_assert(conclude(&facts).has_skipped_answer);
    facts.client.may_lack_messages = true;
    ck_assert(!conclude(&facts).has_skipped_answer);
    facts.client = (struct cas_direction_facts){ .is_seen = true };
    facts.alerts[0] = refusal;
    facts.alerts_len = 1;
    ck_assert_int_eq(conclude(&facts).answer, CAS_ANSWER_NONE);
    ck_assert(!conclude(&facts).has_skipped_answer);
}
END_TEST

/* RFC 5246, 7.3: an abbreviated handshake has no place for a request, nor for its answer. */
START_TEST(no_answer_is_skipped_where_none_has_a_place)
{
    struct cas_conversation_facts facts = full_handshake();
    facts.server.cert_requests = 1;
    facts.server.has_hello_done = false;
    ck_assert(!conclude(&facts).has_skipped_answer);
    facts.server.certificates = 0;
    facts.server.has_key_exchange = false;
    facts.client.has_key_exchange = false;
    struct cas_conclusion conclusion = conclude(&facts);
    ck_assert(!conclusion.has_skipped_answer && !conclusion.is_resumed);
    ck_assert_int_eq(conclusion.requested, CAS_REQUESTED_YES);
}
END_TEST

/* RFC 6066, 5: it is an answer, and not read. */
START_TEST(a_certificate_url_is_an_answer_that_is_not_seen)
{
    struct cas_conversation_facts facts = full_handshake();
    facts.server.cert_requests = 1;
    facts.client.has_certificate_url = true;
    ck_assert_int_eq(conclude(&facts).answer, CAS_ANSWER_UNSEEN);
    ck_assert(!conclude(&facts).has_skipped_answer);
}
END_TEST

/* RFC 8446, 4.4.2 and 4.6.2 */
START_TEST(tls13_demands_an_answer_too)
{
    struct cas_conversation_facts facts = {
        .server_hello = { .is_seen = true, .is_whole = true, .version = CAS_TLS_VERSION_TLS13 },
        .client = { .is_seen = true, .is_decrypted = true, .has_finished = true },
        .server = { .is_seen = true,
                    .is_decrypted = true,
                    .has_finished = true,
                    .cert_requests = 1 },
    };
    ck_assert(conclude(&facts).has_skipped_answer);
    facts.server.has_later_request = true;
    ck_assert(!conclude(&facts).has_skipped_answer);
    facts.server.has_later_request = false;
    facts.client.has_finished = false;
    ck_assert(!conclude(&facts).has_skipped_answer);
}
END_TEST

START_TEST(ssl3_says_no_certificate_by_alert_41)
{
    struct cas_conversation_facts facts = full_handshake();
    facts.server.cert_requests = 1;
    facts.alerts[0] = (struct cas_alert_facts){ .level = 1, .description = 41 };
    facts.alerts_len = 1;
    facts.server_hello.version = CAS_TLS_VERSION_SSL3;
    ck_assert_int_eq(conclude(&facts).answer, CAS_ANSWER_EMPTY);
    ck_assert_int_eq(conclude(&facts).established, CAS_ESTABLISHED_YES);
    facts.server_hello = (struct cas_server_hello_facts){ 0 }; /* it may be SSL 3.0 */
    ck_assert_int_eq(conclude(&facts).answer, CAS_ANSWER_EMPTY);
}
END_TEST

/* RFC 2246 and RFC 5246, 7.2.2: of TLS it is none; a client has an empty Certificate there. */
START_TEST(in_tls_alert_41_is_no_answer)
{
    static const uint16_t versions[] = { CAS_TLS_VERSION_TLS10, CAS_TLS_VERSION_TLS11,
                                         CAS_TLS_VERSION_TLS12 };
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        struct cas_conversation_facts facts = full_handshake();
        facts.server.cert_requests = 1;
        facts.server_hello.version = versions[i];
        facts.alerts[0] = (struct cas_alert_facts){ .level = 1, .description = 41 };
        facts.alerts_len = 1;
        ck_assert_int_eq(conclude(&facts).answer, CAS_ANSWER_NONE);
    }
}
END_TEST

START_TEST(a_request_in_the_clear_is_not_inferred_whatever_the_version)
{
    static const uint16_t versions[] = { CAS_TLS_VERSION_TLS12, CAS_TLS_VERSION_TLS13 + 1 };
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        struct cas_conversation_facts facts = full_handshake();
        facts.server_hello.version = versions[i];
        facts.server.cert_requests = 1;
        struct cas_conclusion conclusion =
            cas_conclude(&facts, CAS_ANSWER_EMPTY, CAS_HANDSHAKE_OVER);
        ck_assert_int_eq(conclusion.requested, CAS_REQUESTED_YES);
        ck_assert_int_eq(conclusion.how, CAS_HOW_PLAINTEXT);
        ck_assert_int_eq(conclusion.answer, CAS_ANSWER_EMPTY);
    }
}
END_TEST

START_TEST(change_cipher_spec_after_server_hello_is_a_resumption)
{
    struct cas_conversation_facts facts = full_handshake();
    facts.server.certificates = 0;
    facts.server.has_hello_done = false;
    facts.server.has_key_exchange = false;
    facts.client.has_key_exchange = false;
    struct cas_conclusion conclusion = conclude(&facts);
    ck_assert(conclusion.is_resumed);
    ck_assert_int_eq(conclusion.requested, CAS_REQUESTED_NO);
}
END_TEST

/* RFC 8446, D.4: in TLS 1.3 both sides may send ChangeCipherSpec, too, which means nothing. */
START_TEST(without_the_version_change_cipher_spec_tells_nothing)
{
    struct cas_conversation_facts facts = full_handshake();
    facts.server_hello.is_whole = false;
    facts.server_hello.version = 0;
    facts.server.certificates = 0;
    facts.server.has_hello_done = false;
    facts.server.has_key_exchange = false;
    facts.client.has_key_exchange = false;
    struct cas_conclusion conclusion = conclude(&facts);
    ck_assert(!conclusion.is_resumed && !conclusion.is_tls13);
    ck_assert_int_eq(conclusion.requested, CAS_REQUESTED_UNSEEN);
    ck_assert_int_eq(conclusion.answer, CAS_ANSWER_UNSEEN);
    /* so has TLS 1.2 alone */
    facts.server.has_hello_done = true;
    facts.client.has_key_exchange = true;
    conclusion = conclude(&facts);
    ck_assert(!conclusion.is_resumed);
    ck_assert_int_eq(conclusion.requested, CAS_REQUESTED_NO);
    ck_assert_int_eq(conclusion.answer, CAS_ANSWER_NONE);
}
END_TEST

/* RFC 8773, 4: tls_cert_with_extern_psk may follow. */
START_TEST(a_key_accepted_in_a_hello_that_was_cut_rules_no_request_out)
{
    struct cas_conversation_facts facts = {
        .is_tls = true,
        .client_hello = { .is_seen = true, .is_whole = true, .psks_with_age = 1 },
        .server_hello = { .is_seen = true,
                          .version = CAS_TLS_VERSION_TLS13,
                          .is_psk_accepted = true },
    };
    struct cas_conclusion conclusion = conclude(&facts);
    ck_assert(!conclusion.is_psk && !conclusion.is_resumed);
    ck_assert_int_eq(conclusion.requested, CAS_REQUESTED_HIDDEN);
    ck_assert_int_eq(conclusion.answer, CAS_ANSWER_HIDDEN);
}
END_TEST

START_TEST(tls13_hides_the_request_unless_resumed)
{
    struct cas_conversation_facts facts = {
        .is_tls = true,
        .server_hello = { .is_seen = true, .is_whole = true, .version = CAS_TLS_VERSION_TLS13 },
    };
    ck_assert_int_eq(conclude(&facts).requested, CAS_REQUESTED_HIDDEN);
    ck_assert_int_eq(conclude(&facts).answer, CAS_ANSWER_HIDDEN);
    ck_assert_int_eq(conclude(&facts).established, CAS_ESTABLISHED_UNKNOWN);
    facts.server_hello.is_psk_accepted = true;
    ck_assert_int_eq(conclude(&facts).requested, CAS_REQUESTED_NO);
    facts.client_hello.is_whole = true;
    facts.client_hello.psks_with_age = 1;
    ck_assert_int_eq(conclude(&facts).requested, CAS_REQUESTED_NO);
    ck_assert(conclude(&facts).is_resumed);
}
END_TEST

/* RFC 8446, 4.2.11: the key of a ticket has an age, one agreed on elsewhere has none. */
START_TEST(a_key_that_may_be_another_than_a_ticket_s_is_no_resumption)
{
    const struct cas_conversation_facts resumed = {
        .is_tls = true,
        .client_hello = { .is_seen = true, .is_whole = true, .psks_with_age = 2 },
        .server_hello = { .is_seen = true,
                          .is_whole = true,
                          .version = CAS_TLS_VERSION_TLS13,
                          .is_psk_accepted = true,
                          .psk_index = 1 },
    };
    struct cas_conversation_facts facts = resumed;
    ck_assert(conclude(&facts).is_resumed);
    facts.server_hello.psk_index = 0;
    ck_assert(!conclude(&facts).is_resumed);
    ck_assert(conclude(&facts).is_psk);
    ck_assert_int_eq(conclude(&facts).requested, CAS_REQUESTED_NO);
    facts = resumed;
    facts.server_hello.psk_index = 33; /* past those that were looked at */
    ck_assert(!conclude(&facts).is_resumed);
    facts = resumed;
    facts.server_hello.is_retry = true; /* the second hello may offer less keys */
    ck_assert(!conclude(&facts).is_resumed);
    facts = resumed;
    facts.client_hello.offers_ech = true; /* the keys that count may be encrypted */
    ck_assert(!conclude(&facts).is_resumed);
}
END_TEST

START_TEST(with_certificates_beside_the_key_the_request_is_hidden)
{
    struct cas_conversation_facts facts = {
        .is_tls = true,
        .client_hello = { .is_seen = true, .is_whole = true },
        .server_hello = { .is_seen = true,
                          .is_whole = true,
                          .version = CAS_TLS_VERSION_TLS13,
                          .is_psk_accepted = true,
                          .has_certificates_also = true },
    };
    ck_assert_int_eq(conclude(&facts).requested, CAS_REQUESTED_HIDDEN);
    ck_assert_int_eq(conclude(&facts).answer, CAS_ANSWER_HIDDEN);
    ck_assert(!conclude(&facts).is_resumed);
}
END_TEST

/* A TLS 1.3 handshake without a request, read with keys up to the connection's end. */
static struct cas_conversation_facts read_handshake(void)
{
    const struct cas_direction_facts side = {
        .is_seen = true,
        .is_decrypted = true,
        .has_finished = true,
        .is_decrypted_on = true,
        .is_read_on = true,
    };
    return (struct cas_conversation_facts){
        .is_tls = true,
        .client_hello = { .is_seen = true, .allows_later_request = true },
        .server_hello = { .is_seen = true, .is_whole = true, .version = CAS_TLS_VERSION_TLS13 },
        .client = side,
        .server = side,
    };
}

static struct cas_conclusion conclude_at(const struct cas_conversation_facts *facts,
                                         enum cas_handshake_end end)
{
    return cas_conclude(facts, CAS_ANSWER_UNSEEN, end);
}

START_TEST(a_later_request_is_ruled_out_by_all_that_follows_only)
{
    struct cas_conversation_facts facts = read_handshake();
    ck_assert_int_eq(conclude_at(&facts, CAS_HANDSHAKE_CLOSED).requested, CAS_REQUESTED_NO);
    ck_assert_int_eq(conclude_at(&facts, CAS_HANDSHAKE_LEFT).requested, CAS_REQUESTED_HIDDEN);
    facts.server.is_read_on = false;
    ck_assert_int_eq(conclude_at(&facts, CAS_HANDSHAKE_CLOSED).requested, CAS_REQUESTED_HIDDEN);
    ck_assert_int_eq(conclude_at(&facts, CAS_HANDSHAKE_CLOSED).answer, CAS_ANSWER_HIDDEN);
    facts.client.certificates = 1;
    ck_assert_int_eq(conclude_at(&facts, CAS_HANDSHAKE_CLOSED).requested, CAS_REQUESTED_YES);
}
END_TEST

START_TEST(a_reset_rules_nothing_out_but_a_closing_alert_does)
{
    static const enum cas_handshake_end ends[] = { CAS_HANDSHAKE_OVER, CAS_HANDSHAKE_RESET,
                                                   CAS_HANDSHAKE_LEFT };
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct cas_conversation_facts facts = read_handshake();
        ck_assert_int_eq(conclude_at(&facts, ends[i]).requested, CAS_REQUESTED_HIDDEN);
        ck_assert_int_eq(conclude_at(&facts, ends[i]).answer, CAS_ANSWER_HIDDEN);
        facts.server.has_closed = true;
        ck_assert_int_eq(conclude_at(&facts, ends[i]).requested, CAS_REQUESTED_NO);
    }
}
END_TEST

START_TEST(a_later_request_is_unanswered_only_if_all_of_the_client_was_read)
{
    struct cas_conversation_facts facts = read_handshake();
    facts.server.cert_requests = 1;
    facts.server.has_later_request = true;
    ck_assert_int_eq(conclude_at(&facts, CAS_HANDSHAKE_CLOSED).answer, CAS_ANSWER_NONE);
    ck_assert_int_eq(conclude_at(&facts, CAS_HANDSHAKE_RESET).answer, CAS_ANSWER_HIDDEN);
    facts.client.is_read_on = false;
    ck_assert_int_eq(conclude_at(&facts, CAS_HANDSHAKE_CLOSED).answer, CAS_ANSWER_HIDDEN);
}
END_TEST

START_TEST(the_answer_to_the_first_request_is_not_that_to_the_later_one)
{
    struct cas_conversation_facts facts = read_handshake();
    facts.server.cert_requests = 2;
    facts.server.has_later_request = true;
    facts.client.certificates = 1;
    facts.client.is_read_on = false;
    ck_assert_int_eq(cas_conclude(&facts, CAS_ANSWER_EMPTY, CAS_HANDSHAKE_CLOSED).answer,
                     CAS_ANSWER_HIDDEN);
    facts.client.certificates = 2;
    ck_assert_int_eq(cas_conclude(&facts, CAS_ANSWER_EMPTY, CAS_HANDSHAKE_CLOSED).answer,
                     CAS_ANSWER_EMPTY);
}
END_TEST

START_TEST(what_a_part_of_the_server_tells_is_not_decrypted)
{
    struct cas_conversation_facts facts = read_handshake();
    ck_assert_int_eq(conclude(&facts).how, CAS_HOW_DECRYPTED);
    facts.server.has_finished = false;
    ck_assert_int_eq(conclude(&facts).how, CAS_HOW_INFERRED);
    facts.server.cert_requests = 1;
    ck_assert_int_eq(conclude(&facts).how, CAS_HOW_DECRYPTED);
}
END_TEST

START_TEST(a_server_that_asked_has_accepted_with_a_ticket_only)
{
    struct cas_conversation_facts facts = read_handshake();
    ck_assert_int_eq(conclude(&facts).established, CAS_ESTABLISHED_YES);
    facts.server.cert_requests = 1;
    ck_assert_int_eq(conclude(&facts).established, CAS_ESTABLISHED_UNKNOWN);
    facts.server.has_ticket = true;
    ck_assert_int_eq(conclude(&facts).established, CAS_ESTABLISHED_YES);
}
END_TEST

START_TEST(a_second_encrypted_handshake_hides_a_request)
{
    struct cas_conversation_facts facts = full_handshake();
    facts.has_later_handshake = true;
    struct cas_conclusion conclusion = conclude(&facts);
    ck_assert(conclusion.is_renegotiated);
    ck_assert_int_eq(conclusion.requested, CAS_REQUESTED_HIDDEN);
}
END_TEST

START_TEST(a_fatal_alert_in_the_clear_ends_it)
{
    struct cas_conversation_facts facts = full_handshake();
    facts.alerts[0] =
        (struct cas_alert_facts){ .from_server = true, .level = 2, .description = 42 };
    facts.alerts_len = 1;
    struct cas_conclusion conclusion = conclude(&facts);
    ck_assert_int_eq(conclusion.established, CAS_ESTABLISHED_NO);
    ck_assert_ptr_eq(conclusion.fatal_from_server, &facts.alerts[0]);
    ck_assert_ptr_null(conclusion.fatal_from_client);
}
END_TEST

/* RFC 8446, 6, 6.1 and 6.2; RFC 5246, 7.2. */
START_TEST(in_tls13_the_level_of_an_alert_does_not_count)
{
    static const struct {
        uint8_t level;
        uint8_t description;
        bool is_fatal12;
        bool is_fatal13;
    } cases[] = {
        { 2, 116, true, true }, { 1, 116, false, true }, { 0, 42, false, true },
        { 1, 48, false, true }, { 1, 255, false, true }, { 1, 0, false, false },
        { 2, 0, true, false },  { 1, 90, false, false }, { 2, 90, true, false },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cas_conversation_facts older = full_handshake();
        struct cas_conversation_facts tls13 = read_handshake();
        older.alerts[0] = (struct cas_alert_facts){ .from_server = true,
                                                    .level = cases[i].level,
                                                    .description = cases[i].description };
        older.alerts_len = 1;
        tls13.alerts[0] = older.alerts[0];
        tls13.alerts_len = 1;
        ck_assert((conclude(&older).fatal_from_server != NULL) == cases[i].is_fatal12);
        ck_assert((conclude(&tls13).fatal_from_server != NULL) == cases[i].is_fatal13);
        ck_assert((conclude(&tls13).established == CAS_ESTABLISHED_NO) == cases[i].is_fatal13);
    }
}
END_TEST

START_TEST(closed_before_the_server_finished_is_a_no_if_all_was_seen)
{
    struct cas_conversation_facts facts = full_handshake();
    facts.server.has_encrypted_handshake = false;
    facts.server.encrypted_handshakes = 0;
    facts.server.has_change_cipher_spec = false;
    ck_assert_int_eq(conclude(&facts).established, CAS_ESTABLISHED_UNKNOWN);
    ck_assert_int_eq(cas_conclude(&facts, CAS_ANSWER_UNSEEN, CAS_HANDSHAKE_CLOSED).established,
                     CAS_ESTABLISHED_NO);
    ck_assert_int_eq(cas_conclude(&facts, CAS_ANSWER_UNSEEN, CAS_HANDSHAKE_RESET).established,
                     CAS_ESTABLISHED_NO);
    facts.server.reasons = CAS_REASON_BIT(CAS_REASON_GAP);
    ck_assert_int_eq(cas_conclude(&facts, CAS_ANSWER_UNSEEN, CAS_HANDSHAKE_CLOSED).established,
                     CAS_ESTABLISHED_UNKNOWN);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conclude");
    TCase *tcase = tcase_create("conclude");
    tcase_add_test(tcase, a_whole_flight_without_a_request_is_a_no);
    tcase_add_test(tcase, a_flight_in_doubt_is_no_no);
    tcase_add_test(tcase, a_flight_with_a_hole_is_unseen);
    tcase_add_test(tcase, a_client_that_sent_a_certificate_was_asked_when_that_was_decrypted);
    tcase_add_test(tcase, a_certificate_message_is_the_answer);
    tcase_add_test(tcase, an_answer_is_in_doubt_with_the_client_s_bytes);
    tcase_add_test(tcase, an_answer_is_skipped_by_who_goes_on);
    tcase_add_test(tcase, no_answer_is_skipped_where_none_has_a_place);
    tcase_add_test(tcase, a_certificate_url_is_an_answer_that_is_not_seen);
    tcase_add_test(tcase, tls13_demands_an_answer_too);
    tcase_add_test(tcase, ssl3_says_no_certificate_by_alert_41);
    tcase_add_test(tcase, in_tls_alert_41_is_no_answer);
    tcase_add_test(tcase, a_request_in_the_clear_is_not_inferred_whatever_the_version);
    tcase_add_test(tcase, change_cipher_spec_after_server_hello_is_a_resumption);
    tcase_add_test(tcase, without_the_version_change_cipher_spec_tells_nothing);
    tcase_add_test(tcase, a_key_accepted_in_a_hello_that_was_cut_rules_no_request_out);
    tcase_add_test(tcase, tls13_hides_the_request_unless_resumed);
    tcase_add_test(tcase, a_key_that_may_be_another_than_a_ticket_s_is_no_resumption);
    tcase_add_test(tcase, with_certificates_beside_the_key_the_request_is_hidden);
    tcase_add_test(tcase, a_later_request_is_ruled_out_by_all_that_follows_only);
    tcase_add_test(tcase, a_reset_rules_nothing_out_but_a_closing_alert_does);
    tcase_add_test(tcase, the_answer_to_the_first_request_is_not_that_to_the_later_one);
    tcase_add_test(tcase, a_later_request_is_unanswered_only_if_all_of_the_client_was_read);
    tcase_add_test(tcase, what_a_part_of_the_server_tells_is_not_decrypted);
    tcase_add_test(tcase, a_server_that_asked_has_accepted_with_a_ticket_only);
    tcase_add_test(tcase, a_second_encrypted_handshake_hides_a_request);
    tcase_add_test(tcase, a_fatal_alert_in_the_clear_ends_it);
    tcase_add_test(tcase, in_tls13_the_level_of_an_alert_does_not_count);
    tcase_add_test(tcase, closed_before_the_server_finished_is_a_no_if_all_was_seen);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
