/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/reader.h"
#include "support/support.h"
#include "tls/keylog.h"

#define RANDOM                                                                                 \
    "00112233445566778899aabbccddeeff"                                                         \
    "00112233445566778899AABBCCDDEEFF"
#define SECRET32                                                                               \
    "0102030405060708090a0b0c0d0e0f10"                                                         \
    "1112131415161718191a1b1c1d1e1f20"
#define SECRET48 SECRET32 "2122232425262728292a2b2c2d2e2f30"

static const uint8_t random_bytes[CAS_RANDOM_LEN] = {
    0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa,
    0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
    0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
};

static enum cas_err add(struct cas_keylog *keylog, const char *text, struct cas_error *error)
{
    return cas_keylog_add_text(keylog, "keys.log", cas_view_of(text, strlen(text)), error);
}

START_TEST(secrets_are_found_by_the_clients_random)
{
    struct cas_keylog *keylog = cas_keylog_create();
    ck_assert_int_eq(add(keylog,
                         "# made by a test\n"
                         "CLIENT_HANDSHAKE_TRAFFIC_SECRET " RANDOM " " SECRET32 "\r\n"
                         "\n"
                         "EXPORTER_SECRET " RANDOM " " SECRET32 "\n"
                         "SERVER_HANDSHAKE_TRAFFIC_SECRET " RANDOM " " SECRET48,
                         NULL),
                     CAS_OK);
    ck_assert_uint_eq(cas_keylog_connections(keylog), 1);
    const struct cas_secrets *secrets = cas_keylog_find(keylog, random_bytes);
    ck_assert_ptr_nonnull(secrets);
    ck_assert_uint_eq(secrets->secret[CAS_SECRET_CLIENT_HANDSHAKE].len, 32);
    ck_assert_uint_eq(secrets->secret[CAS_SECRET_SERVER_HANDSHAKE].len, 48);
    ck_assert_uint_eq(secrets->secret[CAS_SECRET_SERVER_HANDSHAKE].bytes[47], 0x30);
    ck_assert_uint_eq(secrets->secret[CAS_SECRET_MASTER].len, 0);
    const uint8_t other[CAS_RANDOM_LEN] = { 1 };
    ck_assert_ptr_null(cas_keylog_find(keylog, other));
    cas_keylog_destroy(keylog);
}
END_TEST

struct bad {
    const char *text;
    const char *place; /* how the error begins */
};

START_TEST(a_bad_line_is_named_and_never_quoted)
{
    const struct bad bads[] = {
        { "CLIENT_RANDOM " RANDOM " " SECRET32 "\n", "keys.log:1: the secret must be 96" },
        { "#\nCLIENT_RANDOM 0011 " SECRET48 "\n", "keys.log:2: the client's random" },
        { "\n\nCLIENT_RANDOM " RANDOM " " SECRET48 " x\n", "keys.log:3: the secret" },
        { "SERVER_TRAFFIC_SECRET_0 " RANDOM " " SECRET32 "0\n", "keys.log:1: the secret" },
        { "SERVER_TRAFFIC_SECRET_0 " RANDOM " zz" SECRET32 "\n", "keys.log:1: the secret" },
        { "SERVER_TRAFFIC_SECRET_0 " RANDOM "\n", "keys.log:1: the secret" },
        { "SERVER_TRAFFIC_SECRET_0\n", "keys.log:1: the client's random" },
        { "-----BEGIN CERTIFICATE-----\n", "keys.log:1: this is no line" },
        { "NONSENSE\n", "keys.log:1: this is no line" },
        { " CLIENT_RANDOM " RANDOM " " SECRET48 "\n", "keys.log:1: this is no line" },
    };
    const struct bad *bad = &bads[_i];
    struct cas_keylog *keylog = cas_keylog_create();
    struct cas_error error = { 0 };
    ck_assert_int_eq(add(keylog, bad->text, &error), CAS_ERR_FORMAT);
    ck_assert_msg(strncmp(error.text, bad->place, strlen(bad->place)) == 0, "%s", error.text);
    ck_assert_ptr_null(strstr(error.text, "0102"));
    ck_assert_ptr_null(strstr(error.text, "0011"));
    cas_keylog_destroy(keylog);
}
END_TEST

START_TEST(every_prefix_is_taken_or_named)
{
    const char *text = "#\nSERVER_TRAFFIC_SECRET_0 " RANDOM " " SECRET48 "\n";
    for (size_t len = 0; len <= strlen(text); len++) {
        struct cas_keylog *keylog = cas_keylog_create();
        struct cas_view copy = exact_copy(cas_view_of(text, len));
        struct cas_error error = { 0 };
        enum cas_err err = cas_keylog_add_text(keylog, "keys.log", copy, &error);
        ck_assert(err == CAS_OK || strncmp(error.text, "keys.log:2: ", 12) == 0);
        free((void *)(uintptr_t)copy.data);
        cas_keylog_destroy(keylog);
    }
}
END_TEST

START_TEST(many_connections_are_kept_apart)
{
    struct cas_keylog *keylog = cas_keylog_create();
    char line[256];
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(line, sizeof(line), "CLIENT_RANDOM %016x%048x %096x\n", i, 0, i);
        ck_assert_int_eq(add(keylog, line, NULL), CAS_OK);
    }
    ck_assert_uint_eq(cas_keylog_connections(keylog), 1000);
    uint8_t random[CAS_RANDOM_LEN] = { 0 };
    random[6] = 3;
    random[7] = 0xe7;
    const struct cas_secrets *secrets = cas_keylog_find(keylog, random);
    ck_assert_ptr_nonnull(secrets);
    ck_assert_uint_eq(secrets->secret[CAS_SECRET_MASTER].bytes[46], 3);
    ck_assert_uint_eq(secrets->secret[CAS_SECRET_MASTER].bytes[47], 0xe7);
    cas_keylog_destroy(keylog);
}
END_TEST

START_TEST(randoms_that_begin_alike_are_kept_apart)
{
    struct cas_keylog *keylog = cas_keylog_create();
    uint8_t random[CAS_RANDOM_LEN] = { 0 };
    char line[256];
    for (unsigned i = 0; i < 200; i++) {
        snprintf(line, sizeof(line), "CLIENT_RANDOM %064x %096x\n", i, i);
        ck_assert_int_eq(add(keylog, line, NULL), CAS_OK);
    }
    for (unsigned i = 0; i < 200; i++) {
        random[CAS_RANDOM_LEN - 1] = (uint8_t)i;
        const struct cas_secrets *secrets = cas_keylog_find(keylog, random);
        ck_assert_ptr_nonnull(secrets);
        ck_assert_uint_eq(secrets->secret[CAS_SECRET_MASTER].bytes[47], i);
    }
    cas_keylog_destroy(keylog);
}
END_TEST

START_TEST(a_file_that_everybody_may_read_is_refused_unless_told_otherwise)
{
    char path[] = "/tmp/casniff-keylog-XXXXXX";
    int fd = mkstemp(path);
    static const char text[] = "CLIENT_RANDOM " RANDOM " " SECRET48 "\n";
    struct cas_keylog *keylog = cas_keylog_create();
    struct cas_error error = { 0 };
    ck_assert_int_eq(write(fd, text, sizeof(text) - 1), (ssize_t)(sizeof(text) - 1));
    ck_assert_int_eq(fchmod(fd, 0644), 0);
    ck_assert_int_eq(cas_keylog_add_file(keylog, path, CAS_KEYLOG_PRIVATE, &error),
                     CAS_ERR_USAGE);
    ck_assert_uint_eq(cas_keylog_connections(keylog), 0);
    ck_assert_int_eq(cas_keylog_add_file(keylog, path, CAS_KEYLOG_ANY, &error), CAS_OK);
    ck_assert_int_eq(fchmod(fd, 0600), 0);
    ck_assert_int_eq(cas_keylog_add_file(keylog, path, CAS_KEYLOG_PRIVATE, &error), CAS_OK);
    ck_assert_uint_eq(cas_keylog_connections(keylog), 1);
    unlink(path);
    ck_assert_int_eq(cas_keylog_add_file(keylog, path, CAS_KEYLOG_ANY, &error), CAS_ERR_IO);
    close(fd);
    cas_keylog_destroy(keylog);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keylog");
    TCase *tcase = tcase_create("keylog");
    tcase_add_test(tcase, secrets_are_found_by_the_clients_random);
    tcase_add_loop_test(tcase, a_bad_line_is_named_and_never_quoted, 0, 10);
    tcase_add_test(tcase, every_prefix_is_taken_or_named);
    tcase_add_test(tcase, many_connections_are_kept_apart);
    tcase_add_test(tcase, randoms_that_begin_alike_are_kept_apart);
    tcase_add_test(tcase, a_file_that_everybody_may_read_is_refused_unless_told_otherwise);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
