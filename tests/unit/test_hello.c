/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/support.h"
#include "support/tls_records.h"
#include "tls/hello.h"

#define RANDOM "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"

static const char plain[] = "0303" RANDOM    /* version, random */
                            "02 1122"        /* session id */
                            "0004 c02f 00ff" /* ciphers */
                            "01 00"          /* compression */
                            "0004 0017 0000" /* extensions: extended_master_secret */;

START_TEST(the_fields_are_found)
{
    struct cas_view body = hex_copy(plain);
    struct cas_client_hello hello = { 0 };
    cas_client_hello_parse(body, &hello);
    ck_assert(hello.is_whole);
    ck_assert_uint_eq(hello.version, 0x0303);
    ck_assert_uint_eq(hello.session_id.len, 2);
    ck_assert_uint_eq(hello.ciphers.len, 4);
    ck_assert_uint_eq(hello.extensions.len, 4);
    ck_assert(hello.has_extensions);
    exact_free(body);
}
END_TEST

START_TEST(a_hello_may_have_no_extensions)
{
    struct cas_view body = hex_copy("0300" RANDOM "00 0002 000a 01 00");
    struct cas_client_hello hello = { 0 };
    cas_client_hello_parse(body, &hello);
    ck_assert(hello.is_whole);
    ck_assert(!hello.has_extensions);
    exact_free(body);
}
END_TEST

START_TEST(every_prefix_keeps_the_fields_before_it_and_is_not_whole)
{
    struct cas_view body = hex_copy(plain);
    for (size_t len = 0; len < body.len; len++) {
        struct cas_view prefix = exact_copy(cas_view_part(body, 0, len));
        struct cas_client_hello hello = { 0 };
        cas_client_hello_parse(prefix, &hello);
        ck_assert_uint_eq(hello.version, len >= 2 ? 0x0303 : 0);
        ck_assert_uint_eq(hello.session_id.len, len >= 37 ? 2 : 0);
        ck_assert_uint_eq(hello.ciphers.len, len >= 43 ? 4 : 0);
        ck_assert_uint_eq(hello.extensions.len, len > 47 ? len - 47 : 0);
        /* without extensions it would be one of SSL 3.0 */
        ck_assert(hello.is_whole == (len == 45));
        exact_free(prefix);
    }
    exact_free(body);
}
END_TEST

START_TEST(what_contradicts_itself_is_not_whole)
{
    static const char *bodies[] = {
        "0303" RANDOM "21 "
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
        "0002 c02f 01 00",                          /* a session id of 33 bytes */
        "0303" RANDOM "00 0003 c02f00 01 00",       /* half a cipher */
        "0303" RANDOM "00 0002 c02f 01 00 0001",    /* extensions longer than the message */
        "0303" RANDOM "00 0002 c02f 01 00 0000 00", /* and shorter */
        "0303" RANDOM "00 0002 c02f 05 00",         /* compression longer */
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct cas_view body = hex_copy(bodies[i]);
        struct cas_client_hello hello = { 0 };
        cas_client_hello_parse(body, &hello);
        ck_assert_msg(!hello.is_whole, "body %zu", i);
        exact_free(body);
    }
}
END_TEST

static const char ssl2[] = "01"   /* CLIENT-HELLO */
                           "0301" /* TLS 1.0 */
                           "0006" /* two ciphers */
                           "0000" /* no session id */
                           "0010" /* challenge */
                           "00000a 010080"
                           "00112233445566778899aabbccddeeff";

START_TEST(an_ssl2_hello_has_ciphers_of_three_bytes)
{
    struct cas_view body = hex_copy(ssl2);
    struct cas_client_hello hello = { 0 };
    cas_client_hello_parse_ssl2(body, &hello);
    ck_assert(hello.is_whole);
    ck_assert_uint_eq(hello.version, 0x0301);
    ck_assert_uint_eq(hello.cipher_len, 3);
    ck_assert_uint_eq(hello.ciphers.len, 6);
    ck_assert_uint_eq(hello.session_id.len, 0);
    for (size_t len = 0; len < body.len; len++) {
        struct cas_view prefix = exact_copy(cas_view_part(body, 0, len));
        cas_client_hello_parse_ssl2(prefix, &hello);
        ck_assert(!hello.is_whole);
        exact_free(prefix);
    }
    exact_free(body);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hello");
    TCase *tcase = tcase_create("hello");
    tcase_add_test(tcase, the_fields_are_found);
    tcase_add_test(tcase, a_hello_may_have_no_extensions);
    tcase_add_test(tcase, every_prefix_keeps_the_fields_before_it_and_is_not_whole);
    tcase_add_test(tcase, what_contradicts_itself_is_not_whole);
    tcase_add_test(tcase, an_ssl2_hello_has_ciphers_of_three_bytes);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
