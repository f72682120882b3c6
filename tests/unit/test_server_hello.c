/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/support.h"
#include "support/tls_records.h"
#include "tls/server_hello.h"

#define RANDOM "b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2"
#define RETRY  "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"

static const struct {
    const char *what;
    const char *body;
    uint16_t version;
    uint16_t cipher;
    size_t session_id_len;
    bool is_retry_request;
    bool is_psk_accepted;
    bool is_whole;
} hellos[] = {
    { "TLS 1.2", "0303" RANDOM "01 ff c030 00", 0x0303, 0xc030, 1, false, false, true },
    { "SSL 3.0", "0300" RANDOM "00 000a 00", 0x0300, 0x000a, 0, false, false, true },
    { "TLS 1.3", "0303" RANDOM "00 1302 00 0006 002b 0002 0304", 0x0304, 0x1302, 0, false,
      false, true },
    { "TLS 1.3 with a PSK", "0303" RANDOM "00 1301 00 000c 0029 0002 0000 002b 0002 0304",
      0x0304, 0x1301, 0, false, true, true },
    { "a retry", "0303" RETRY "00 1301 00 0006 002b 0002 0304", 0x0304, 0x1301, 0, true, false,
      true },
    { "a draft of TLS 1.3", "0303" RANDOM "00 1301 00 0006 002b 0002 7f17", 0x0304, 0x1301, 0,
      false, false, true },
    { "an early draft: neither session id nor compression", "7f12" RANDOM "1301 0004 0028 0000",
      0x0304, 0x1301, 0, false, false, true },
    { "supported_versions of a wrong length", "0303" RANDOM "00 1301 00 0005 002b 0001 03", 0,
      0x1301, 0, false, false, false },
    { "an extension that is longer than the list",
      "0303" RANDOM "00 1301 00 000a 0033 0007 002b 0002 0304", 0, 0x1301, 0, false, false,
      false },
    { "supported_versions behind the end of the list",
      "0303" RANDOM "00 1301 00 0004 0017 0000 002b 0002 0304", 0, 0x1301, 0, false, false,
      false },
    { "bytes behind the extensions", "0303" RANDOM "00 c030 00 0000 aa", 0, 0xc030, 0, false,
      false, false },
    { "bytes behind those of TLS 1.1", "0302" RANDOM "00 c014 00 0000 aa", 0x0302, 0xc014, 0,
      false, false, false },
    { "bytes behind those of TLS 1.3", "0303" RANDOM "00 1301 00 0006 002b 0002 0304 aa",
      0x0304, 0x1301, 0, false, false, false },
    { "a session id longer than 32", "0303" RANDOM "ff c030 00", 0, 0, 0, false, false, false },
};

/* The first bytes of a hello of declared_len. */
static void parse(struct cas_view body, size_t declared_len, struct cas_server_hello *out_hello)
{
    const struct cas_handshake_message message = {
        .type = CAS_HANDSHAKE_SERVER_HELLO,
        .body = body,
        .sight.declared_len = (uint32_t)declared_len,
    };
    cas_server_hello_parse(&message, out_hello);
}

START_TEST(server_hellos_of_every_version_are_read)
{
    struct cas_view body = hex_copy(hellos[_i].body);
    struct cas_server_hello got = { 0 };
    parse(body, body.len, &got);
    const char *what = hellos[_i].what;
    ck_assert_msg(got.version == hellos[_i].version, "%s: version %x", what, got.version);
    ck_assert_msg(got.cipher == hellos[_i].cipher, "%s: cipher", what);
    ck_assert_msg(got.session_id.len == hellos[_i].session_id_len, "%s: session id", what);
    ck_assert_msg(got.is_retry_request == hellos[_i].is_retry_request, "%s: retry", what);
    ck_assert_msg(got.is_psk_accepted == hellos[_i].is_psk_accepted, "%s: psk", what);
    ck_assert_msg(got.is_whole == hellos[_i].is_whole, "%s: whole", what);
    exact_free(body);
}
END_TEST

/* RFC 8446, 4.2.11: selected_identity; RFC 8773, 4: tls_cert_with_extern_psk, empty. */
START_TEST(which_key_was_accepted_is_read_and_whether_certificates_come_with_it)
{
    struct cas_view body =
        hex_copy("0303" RANDOM "00 1301 00 000c 0029 0002 0103 002b 0002 0304");
    struct cas_server_hello got = { 0 };
    parse(body, body.len, &got);
    ck_assert_uint_eq(got.psk_index, 0x0103);
    ck_assert(!got.has_certificates_also);
    exact_free(body);
    body = hex_copy("0303" RANDOM "00 1301 00 0010 0029 0002 0000 0021 0000 002b 0002 0304");
    parse(body, body.len, &got);
    ck_assert(got.is_psk_accepted && got.has_certificates_also);
    exact_free(body);
}
END_TEST

/*
 * RFC 8446, 4.1.3: version and 32 bytes of random, the id's length, the cipher suite. TLS 1.3
 * says so in supported_versions alone.
 */
static const struct {
    const char *body;
    size_t version_from; /* so many bytes say which version it is */
    uint16_t version;
} prefixes[] = {
    { "0303" RANDOM "00 1302 00 0006 002b 0002 0304", 46, 0x0304 },
    { "0303" RANDOM "00 1302 00 000a 002b 0002 0304 0029 0000", 46, 0x0304 },
    { "0303" RANDOM "00 c02f 00 0008 0017 0000 ff01 0000", 48, 0x0303 },
    { "0303" RANDOM "00 c02f 00", 38, 0x0303 },
    { "0302" RANDOM "00 c014 00 0004 0017 0000", 2, 0x0302 },
};

START_TEST(every_prefix_keeps_the_fields_before_it)
{
    struct cas_view body = hex_copy(prefixes[_i].body);
    struct cas_server_hello whole = { 0 };
    parse(body, body.len, &whole);
    ck_assert(whole.is_whole);
    ck_assert_uint_eq(whole.version, prefixes[_i].version);
    for (size_t len = 0; len < body.len; len++) {
        struct cas_view prefix = exact_copy(cas_view_part(body, 0, len));
        struct cas_server_hello got = { 0 };
        parse(prefix, body.len, &got);
        ck_assert_uint_eq(got.version,
                          len >= prefixes[_i].version_from ? prefixes[_i].version : 0);
        ck_assert_uint_eq(got.random.len, len >= 34 ? 32 : 0);
        ck_assert_uint_eq(got.cipher, len >= 37 ? whole.cipher : 0);
        ck_assert(!got.is_whole);
        exact_free(prefix);
    }
    exact_free(body);
}
END_TEST

START_TEST(a_hello_that_ends_early_is_whole_only_without_extensions)
{
    struct cas_view body = hex_copy("0303" RANDOM "00 c02f 00 0004 0017 0000");
    for (size_t len = 0; len < body.len; len++) {
        struct cas_view prefix = exact_copy(cas_view_part(body, 0, len));
        struct cas_server_hello got = { 0 };
        parse(prefix, len, &got);
        ck_assert(got.is_whole == (len == 38));
        ck_assert_uint_eq(got.version, len == 38 ? 0x0303 : 0);
        exact_free(prefix);
    }
    exact_free(body);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("server_hello");
    TCase *tcase = tcase_create("server_hello");
    tcase_add_loop_test(tcase, server_hellos_of_every_version_are_read, 0,
                        (int)(sizeof(hellos) / sizeof(hellos[0])));
    tcase_add_test(tcase, which_key_was_accepted_is_read_and_whether_certificates_come_with_it);
    tcase_add_loop_test(tcase, every_prefix_keeps_the_fields_before_it, 0,
                        (int)(sizeof(prefixes) / sizeof(prefixes[0])));
    tcase_add_test(tcase, a_hello_that_ends_early_is_whole_only_without_extensions);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
