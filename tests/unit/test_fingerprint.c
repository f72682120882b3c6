/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "support/support.h"
#include "tls/fingerprint.h"

static struct cas_budget budget = { .limit = 1u << 20 };

/* ciphers as on the wire; extensions with their headers. */
static struct cas_client_hello hello_of(uint16_t version, struct cas_view ciphers,
                                        struct cas_view extensions)
{
    return (struct cas_client_hello){
        .version = version,
        .ciphers = ciphers,
        .cipher_len = 2,
        .extensions = extensions,
        .is_whole = true,
    };
}

/* The two examples of the text that introduced JA3. */
START_TEST(ja3_is_as_published)
{
    struct cas_view ciphers =
        hex_copy("002f 0035 0005 000a c009 c00a c013 c014 0032 0038 0013 0004");
    struct cas_view extensions = hex_copy("0000 0000"
                                          "000a 0008 0006 0017 0018 0019" /* groups */
                                          "000b 0002 01 00" /* point formats */);
    struct cas_client_hello hello = hello_of(769, ciphers, extensions);
    char text[CAS_JA3_SIZE] = "";
    ck_assert(cas_ja3(&hello, &budget, text));
    ck_assert_str_eq(text, "ada70206e40642a3e4461f35503241d5");
    exact_free(ciphers);
    exact_free(extensions);

    ciphers = hex_copy("0004 0005 000a 0009 0064 0062 0003 0006 0013 0012 0063");
    hello = hello_of(769, ciphers, (struct cas_view){ 0 });
    ck_assert(cas_ja3(&hello, &budget, text));
    ck_assert_str_eq(text, "de350869b8c85de67a350c8d186f11e6");
    exact_free(ciphers);
}
END_TEST

/* By md5sum of "769,47,65281-0-11-35-5-16". */
START_TEST(ja3s_is_the_digest_of_its_text)
{
    struct cas_view extensions = hex_copy("ff01 0001 00 0000 0000 000b 0002 0100 0023 0000"
                                          "0005 0000 0010 0005 0003 02 6832");
    struct cas_server_hello hello = {
        .legacy_version = 769,
        .cipher = 47,
        .extensions = extensions,
    };
    char text[CAS_JA3_SIZE] = "";
    ck_assert(cas_ja3s(&hello, &budget, text));
    ck_assert_str_eq(text, "836ce314215654b5b1f85f97c73e506f");
    exact_free(extensions);
}
END_TEST

/*
 * FoxIO's example of Chrome, with GREASE and in another order, as Chrome shuffles them. By its
 * specification: t13d1516h2, then SHA-256 of "002f,0035,...,cca9" and of
 * "0005,...,ff01_0403,0804,0401,0503,0805,0501,0806,0601".
 */
START_TEST(ja4_is_as_published_in_any_order_of_extensions)
{
    struct cas_view ciphers = hex_copy("2a2a 1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013"
                                       "c014 009c 009d 002f 0035");
    struct cas_view extensions = hex_copy(
        "6a6a 0000"
        "000d 0012 0010 0403 0804 0401 0503 0805 0501 0806 0601" /* signature_algorithms */
        "0000 000c 000a 00 0007 61 2e 65 78 61 6d 70"            /* server_name */
        "002b 0007 06 9a9a 0304 0303"                            /* supported_versions */
        "0010 000b 0009 08 687474702f312e31"                     /* ALPN "http/1.1" */
        "0017 0000 ff01 0001 00 000a 0002 0000 000b 0002 0100 0023 0000"
        "0005 0000 0012 0000 0033 0000 002d 0000 001b 0000 4469 0000 1a1a 0001 00 0015 0000");
    struct cas_client_hello hello = hello_of(0x0303, ciphers, extensions);
    char text[CAS_JA4_SIZE] = "";
    ck_assert(cas_ja4(&hello, &budget, text));
    /* http/1.1: first and last character */
    ck_assert_str_eq(text, "t13d1516h1_8daaf6152771_e5627efa2ab1");
    exact_free(ciphers);
    exact_free(extensions);
}
END_TEST

START_TEST(ja4_of_a_bare_hello_has_zeros)
{
    struct cas_client_hello hello =
        hello_of(0x0300, (struct cas_view){ 0 }, (struct cas_view){ 0 });
    char text[CAS_JA4_SIZE] = "";
    ck_assert(cas_ja4(&hello, &budget, text));
    ck_assert_str_eq(text, "ts3i000000_000000000000_000000000000");
}
END_TEST

/* A protocol name that is no text: its first and last hex digit. */
START_TEST(ja4_shows_alpn_of_bytes_as_hex)
{
    struct cas_view extensions = hex_copy("0010 0005 0003 02 ab cd");
    struct cas_client_hello hello = hello_of(0x0303, (struct cas_view){ 0 }, extensions);
    char text[CAS_JA4_SIZE] = "";
    ck_assert(cas_ja4(&hello, &budget, text));
    ck_assert_str_eq(text, "t12i0001ad_000000000000_000000000000");
    exact_free(extensions);
}
END_TEST

START_TEST(without_memory_there_is_no_fingerprint)
{
    struct cas_budget none = { .limit = 0 };
    struct cas_view ciphers = hex_copy("1301");
    struct cas_client_hello hello = hello_of(0x0303, ciphers, (struct cas_view){ 0 });
    char text[CAS_JA4_SIZE] = "";
    ck_assert(!cas_ja3(&hello, &none, text));
    ck_assert(!cas_ja4(&hello, &none, text));
    ck_assert_str_eq(text, "");
    ck_assert_uint_eq(none.used, 0);
    ck_assert_uint_eq(budget.used, 0);
    exact_free(ciphers);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fingerprint");
    TCase *tcase = tcase_create("fingerprint");
    tcase_add_test(tcase, ja3_is_as_published);
    tcase_add_test(tcase, ja3s_is_the_digest_of_its_text);
    tcase_add_test(tcase, ja4_is_as_published_in_any_order_of_extensions);
    tcase_add_test(tcase, ja4_of_a_bare_hello_has_zeros);
    tcase_add_test(tcase, ja4_shows_alpn_of_bytes_as_hex);
    tcase_add_test(tcase, without_memory_there_is_no_fingerprint);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
