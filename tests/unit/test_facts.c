/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "support/support.h"
#include "support/tls_records.h"
#include "tls/facts.h"

static struct cas_budget budget = { .limit = 1u << 22 };

/* A whole hello with these extensions. */
static struct cas_facts_result take(struct cas_client_hello_facts *facts,
                                    struct cas_view extensions)
{
    struct cas_buf body = tls_buf();
    tls_u16(&body, 0x0303);
    tls_fill(&body, 0xa1, 32);
    tls_u8(&body, 0);
    tls_u16(&body, 2);
    tls_u16(&body, 0x1301);
    tls_u8(&body, 1);
    tls_u8(&body, 0);
    size_t list = tls_open(&body, 2);
    tls_bytes(&body, extensions);
    tls_close(&body, 2, list);
    struct cas_view copy = exact_copy(cas_buf_view(&body));
    struct cas_handshake_message message = {
        .type = CAS_HANDSHAKE_CLIENT_HELLO,
        .body = copy,
        .sight = { .declared_len = (uint32_t)copy.len },
    };
    struct cas_facts_result result =
        cas_client_hello_facts_take(facts, &message, &budget, NULL);
    exact_free(copy);
    cas_buf_finish(&body);
    return result;
}

static struct cas_facts_result take_hex(struct cas_client_hello_facts *facts, const char *hex)
{
    struct cas_view extensions = hex_copy(hex);
    struct cas_facts_result result = take(facts, extensions);
    exact_free(extensions);
    return result;
}

static void finish(struct cas_client_hello_facts *facts)
{
    cas_client_hello_facts_finish(facts, &budget);
    ck_assert_uint_eq(budget.used, 0);
}

START_TEST(a_hostile_server_name_is_escaped)
{
    struct cas_client_hello_facts facts = { 0 };
    /* "a", NUL, ESC, an invalid byte, a bidirectional override */
    take_hex(&facts, "0000 000c 000a 00 0007 61 00 1b ff e2 80 ae");
    ck_assert_str_eq(facts.sni, "a\\00\\1b\\ff\\e2\\80\\ae");
    finish(&facts);
}
END_TEST

START_TEST(of_repeated_names_the_first_counts)
{
    struct cas_client_hello_facts facts = { 0 };
    take_hex(&facts, "0000 0006 0004 00 0001 61  0000 0006 0004 00 0001 62");
    ck_assert_str_eq(facts.sni, "a");
    ck_assert(facts.is_whole);
    finish(&facts);
}
END_TEST

START_TEST(a_name_of_300_bytes_is_kept)
{
    struct cas_client_hello_facts facts = { 0 };
    struct cas_buf extensions = tls_buf();
    tls_u16(&extensions, 0);
    size_t data = tls_open(&extensions, 2);
    size_t list = tls_open(&extensions, 2);
    tls_u8(&extensions, 0);
    size_t name = tls_open(&extensions, 2);
    tls_fill(&extensions, 'x', 300);
    tls_close(&extensions, 2, name);
    tls_close(&extensions, 2, list);
    tls_close(&extensions, 2, data);
    take(&facts, cas_buf_view(&extensions));
    ck_assert_uint_eq(strlen(facts.sni), 300);
    finish(&facts);
    cas_buf_finish(&extensions);
}
END_TEST

START_TEST(sixteen_protocols_are_kept)
{
    struct cas_client_hello_facts facts = { 0 };
    struct cas_buf extensions = tls_buf();
    tls_u16(&extensions, 16);
    size_t data = tls_open(&extensions, 2);
    size_t list = tls_open(&extensions, 2);
    for (unsigned i = 0; i < 20; i++) {
        tls_u8(&extensions, 1);
        tls_u8(&extensions, 'a' + i);
    }
    tls_close(&extensions, 2, list);
    tls_close(&extensions, 2, data);
    take(&facts, cas_buf_view(&extensions));
    ck_assert_uint_eq(facts.alpn_len, CAS_TLS_ALPN_MAX);
    ck_assert_str_eq(facts.alpn[15], "p");
    finish(&facts);
    cas_buf_finish(&extensions);
}
END_TEST

START_TEST(the_client_s_authorities_are_kept)
{
    struct cas_client_hello_facts facts = { 0 };
    take_hex(&facts, "002f 0008 0006 0004 3002 3100");
    ck_assert(facts.has_ca_names);
    ck_assert_uint_eq(facts.ca_names.len, 6);
    ck_assert_uint_eq(facts.ca_names.data[1], 4);
    finish(&facts);
    take_hex(&facts, "0017 0000");
    ck_assert(!facts.has_ca_names);
    finish(&facts);
}
END_TEST

START_TEST(tickets_and_psks_are_noticed)
{
    static const struct {
        const char *extensions;
        bool offers;
    } cases[] = { { "0023 0000", false }, { "0023 0001 aa", true }, { "0029 0000", true } };
    for (size_t i = 0; i < 3; i++) {
        struct cas_client_hello_facts facts = { 0 };
        take_hex(&facts, cases[i].extensions);
        ck_assert(facts.offers_ticket_or_psk == cases[i].offers);
        finish(&facts);
    }
}
END_TEST

/* RFC 8446, 4.2.11: identities "a" and "bc" with their ages, and a binder. */
START_TEST(a_key_that_was_agreed_on_elsewhere_has_no_age)
{
    static const struct {
        const char *extension;
        uint32_t with_age;
    } cases[] = {
        { "0029 0034 000f 0001 61 00000000 0002 6263 01020304 0021 20"
          "0000000000000000000000000000000000000000000000000000000000000000",
          2 },
        { "0029 0009 0007 0001 61 80000000", 1 },
        { "0029 0006 0007 0001 61 80", 0 }, /* cut */
        { "0029 0000", 0 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cas_client_hello_facts facts = { 0 };
        take_hex(&facts, cases[i].extension);
        ck_assert_uint_eq(facts.psks_with_age, cases[i].with_age);
        finish(&facts);
    }
}
END_TEST

START_TEST(forty_keys_are_read_as_far_as_they_are_kept)
{
    struct cas_client_hello_facts facts = { 0 };
    struct cas_buf extensions = tls_buf();
    tls_u16(&extensions, 41);
    size_t data = tls_open(&extensions, 2);
    size_t list = tls_open(&extensions, 2);
    for (unsigned i = 0; i < 40; i++) {
        tls_u16(&extensions, 1);
        tls_u8(&extensions, 'a');
        tls_u16(&extensions, 0);
        tls_u16(&extensions, i % 2);
    }
    tls_close(&extensions, 2, list);
    tls_close(&extensions, 2, data);
    take(&facts, cas_buf_view(&extensions));
    ck_assert_uint_eq(facts.psks_with_age, 0xaaaaaaaa);
    finish(&facts);
    cas_buf_finish(&extensions);
}
END_TEST

START_TEST(an_encrypted_hello_is_noticed)
{
    struct cas_client_hello_facts facts = { 0 };
    take_hex(&facts, "0017 0000");
    ck_assert(!facts.offers_ech);
    finish(&facts);
    take_hex(&facts, "fe0d 0001 01");
    ck_assert(facts.offers_ech);
    finish(&facts);
}
END_TEST

START_TEST(six_hundred_extensions_and_grease_do_no_harm)
{
    struct cas_client_hello_facts facts = { 0 };
    struct cas_buf extensions = tls_buf();
    for (unsigned i = 0; i < 600; i++) {
        tls_u16(&extensions, i % 3 == 0 ? 0x1a1a : 0xfe0d); /* GREASE, ECH */
        tls_u16(&extensions, 100);
        tls_fill(&extensions, i, 100);
    }
    take(&facts, cas_buf_view(&extensions));
    ck_assert(facts.is_whole);
    ck_assert_int_eq(strncmp(facts.ja4, "t12i0199", 8), 0);
    finish(&facts);
    cas_buf_finish(&extensions);
}
END_TEST

START_TEST(a_hello_that_contradicts_itself_has_no_fingerprint)
{
    struct cas_client_hello_facts facts = { 0 };
    struct cas_view body = hex_copy("0303 00");
    struct cas_handshake_message message = {
        .type = CAS_HANDSHAKE_CLIENT_HELLO,
        .body = body,
        .sight = { .declared_len = 3 },
    };
    ck_assert(cas_client_hello_facts_take(&facts, &message, &budget, NULL).is_malformed);
    ck_assert(facts.is_seen && !facts.is_whole);
    ck_assert_str_eq(facts.ja3, "");
    ck_assert_str_eq(facts.ja4, "");
    finish(&facts);
    exact_free(body);
}
END_TEST

START_TEST(a_hello_that_was_cut_keeps_its_name)
{
    struct cas_client_hello_facts facts = { 0 };
    struct cas_buf hello = tls_buf();
    tls_client_hello(&hello, "host.example");
    struct cas_view body = exact_copy(cas_view_part(cas_buf_view(&hello), 4, hello.len - 8));
    struct cas_handshake_message message = {
        .type = CAS_HANDSHAKE_CLIENT_HELLO,
        .body = body,
        .sight = { .declared_len = (uint32_t)hello.len - 4,
                   .reasons = CAS_REASON_BIT(CAS_REASON_GAP) },
    };
    ck_assert(!cas_client_hello_facts_take(&facts, &message, &budget, NULL).is_malformed);
    ck_assert(!facts.is_whole);
    ck_assert_str_eq(facts.sni, "host.example");
    ck_assert_str_eq(facts.ja3, "");
    finish(&facts);
    exact_free(body);
    cas_buf_finish(&hello);
}
END_TEST

START_TEST(a_server_hello_after_a_retry_replaces_it_and_no_other)
{
    struct cas_server_hello_facts facts = { 0 };
    uint8_t random[32] = { 1 };
    const struct {
        struct cas_view random;
        bool is_retry;
    } hellos[] = { { cas_view_of(tls_retry_random, 32), true },
                   { cas_view_of(tls_retry_random, 32), true },
                   { cas_view_of(random, 32), true } };
    for (size_t i = 0; i < 3; i++) {
        struct cas_buf hello = tls_buf();
        tls_server_hello13(&hello, hellos[i].random);
        struct cas_handshake_message message = {
            .type = CAS_HANDSHAKE_SERVER_HELLO,
            .body = cas_view_part(cas_buf_view(&hello), 4, hello.len),
            .sight = { .declared_len = (uint32_t)hello.len - 4 },
        };
        cas_server_hello_facts_take(&facts, &message, &budget, NULL);
        ck_assert(facts.is_retry == hellos[i].is_retry);
        ck_assert_uint_eq(facts.version, 0x0304);
        cas_buf_finish(&hello);
    }
}
END_TEST

/* The first len bytes of the body of a ServerHello of TLS 1.3. */
static void take_cut(struct cas_server_hello_facts *facts, const uint8_t random[32], size_t len)
{
    struct cas_buf hello = tls_buf();
    tls_server_hello13(&hello, cas_view_of(random, 32));
    struct cas_view body = exact_copy(cas_view_part(cas_buf_view(&hello), 4, len));
    struct cas_handshake_message message = {
        .type = CAS_HANDSHAKE_SERVER_HELLO,
        .body = body,
        .sight = { .declared_len = (uint32_t)hello.len - 4,
                   .reasons = CAS_REASON_BIT(CAS_REASON_GAP) },
    };
    ck_assert(!cas_server_hello_facts_take(facts, &message, &budget, NULL).is_malformed);
    exact_free(body);
    cas_buf_finish(&hello);
}

START_TEST(a_server_hello_that_was_cut_tells_no_version)
{
    static const uint8_t random[32] = { 1 };
    /* 34: behind the random; 38: behind what TLS 1.2 must have; 45: in supported_versions */
    for (size_t len = 0; len <= 45; len++) {
        struct cas_server_hello_facts facts = { 0 };
        take_cut(&facts, random, len);
        ck_assert(facts.is_seen && !facts.is_whole);
        ck_assert_uint_eq(facts.version, 0);
        ck_assert_uint_eq(facts.cipher, len >= 37 ? 0x1301 : 0);
        ck_assert(facts.has_random == (len >= 34) && facts.is_final == (len >= 34));
    }
}
END_TEST

/* RFC 8446, 4.1.4: then the first one was a HelloRetryRequest. */
START_TEST(one_that_was_cut_in_its_random_may_have_another_behind_it)
{
    static const uint8_t random[32] = { 1 };
    struct cas_server_hello_facts facts = { 0 };
    take_cut(&facts, tls_retry_random, 33);
    ck_assert(!facts.is_final && !facts.is_retry);
    take_cut(&facts, random, 46);
    ck_assert(facts.is_final && facts.is_retry);
    ck_assert_uint_eq(facts.version, 0x0304);
}
END_TEST

START_TEST(without_memory_texts_are_missing_and_that_is_said)
{
    for (size_t limit = 0; limit < 600; limit += 20) {
        struct cas_client_hello_facts facts = { 0 };
        budget.limit = limit;
        struct cas_facts_result result =
            take_hex(&facts, "0000 0006 0004 00 0001 61 0010 0005 0003 02 6832"
                             "002f 0008 0006 0004 3002 3100");
        ck_assert(result.is_refused || (facts.sni != NULL && facts.alpn_len == 1 &&
                                        facts.ca_names.len == 6 && facts.ja4[0] == 't'));
        finish(&facts);
    }
    budget.limit = 1u << 22;
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("facts");
    TCase *tcase = tcase_create("facts");
    tcase_add_test(tcase, a_hostile_server_name_is_escaped);
    tcase_add_test(tcase, of_repeated_names_the_first_counts);
    tcase_add_test(tcase, a_name_of_300_bytes_is_kept);
    tcase_add_test(tcase, sixteen_protocols_are_kept);
    tcase_add_test(tcase, the_client_s_authorities_are_kept);
    tcase_add_test(tcase, tickets_and_psks_are_noticed);
    tcase_add_test(tcase, a_key_that_was_agreed_on_elsewhere_has_no_age);
    tcase_add_test(tcase, forty_keys_are_read_as_far_as_they_are_kept);
    tcase_add_test(tcase, an_encrypted_hello_is_noticed);
    tcase_add_test(tcase, six_hundred_extensions_and_grease_do_no_harm);
    tcase_add_test(tcase, a_hello_that_contradicts_itself_has_no_fingerprint);
    tcase_add_test(tcase, a_hello_that_was_cut_keeps_its_name);
    tcase_add_test(tcase, a_server_hello_after_a_retry_replaces_it_and_no_other);
    tcase_add_test(tcase, a_server_hello_that_was_cut_tells_no_version);
    tcase_add_test(tcase, one_that_was_cut_in_its_random_may_have_another_behind_it);
    tcase_add_test(tcase, without_memory_texts_are_missing_and_that_is_said);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
