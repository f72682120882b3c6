/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

START_TEST(the_first_secret_stays_and_another_is_counted)
{
    const char *label = _i == 0 ? "CLIENT_HANDSHAKE_TRAFFIC_SECRET" : "CLIENT_RANDOM";
    const char *last = _i == 0 ? "f0" : "f1";
    struct cas_keylog *keylog = cas_keylog_create();
    struct cas_error error = { 0 };
    char text[1024];
    snprintf(text, sizeof(text), "%s " RANDOM " %094d30\n%s " RANDOM " %094d30\n", label, 0,
             label, 0);
    ck_assert_int_eq(add(keylog, text, &error), CAS_OK);
    snprintf(text, sizeof(text), "#\n%s " RANDOM " %094d%s\n", label, 0, last);
    ck_assert_int_eq(add(keylog, text, &error), CAS_OK);
    ck_assert_uint_eq(cas_keylog_stats(keylog).bad_lines, 1);
    ck_assert_uint_eq(cas_keylog_connections(keylog), 1);
    const struct cas_secrets *secrets = cas_keylog_find(keylog, random_bytes);
    ck_assert_ptr_nonnull(secrets);
    enum cas_secret_kind kind = _i == 0 ? CAS_SECRET_CLIENT_HANDSHAKE : CAS_SECRET_MASTER;
    ck_assert_uint_eq(secrets->secret[kind].bytes[47], 0x30);
    cas_keylog_destroy(keylog);
}
END_TEST

/* A hash of another length is another connection's, or a lie. */
START_TEST(a_secret_of_another_length_is_counted_too)
{
    const char *first = _i == 0 ? SECRET32 : SECRET48;
    const char *second = _i == 0 ? SECRET48 : SECRET32;
    struct cas_keylog *keylog = cas_keylog_create();
    char text[1024];
    snprintf(text, sizeof(text),
             "SERVER_TRAFFIC_SECRET_0 " RANDOM " %s\nSERVER_TRAFFIC_SECRET_0 " RANDOM " %s\n",
             first, second);
    ck_assert_int_eq(add(keylog, text, NULL), CAS_OK);
    ck_assert_uint_eq(cas_keylog_stats(keylog).bad_lines, 1);
    const struct cas_secrets *secrets = cas_keylog_find(keylog, random_bytes);
    ck_assert_ptr_nonnull(secrets);
    ck_assert_uint_eq(secrets->secret[CAS_SECRET_SERVER_TRAFFIC].len, strlen(first) / 2);
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

/* --- what is held --- */

static void add_connection(struct cas_keylog *keylog, unsigned number)
{
    char line[256];
    snprintf(line, sizeof(line), "CLIENT_RANDOM %064x %096x\n", number, number);
    ck_assert_int_eq(add(keylog, line, NULL), CAS_OK);
}

static bool knows(const struct cas_keylog *keylog, unsigned number)
{
    const uint8_t random[CAS_RANDOM_LEN] = { [CAS_RANDOM_LEN - 2] = (uint8_t)(number >> 8),
                                             [CAS_RANDOM_LEN - 1] = (uint8_t)number };
    return cas_keylog_find(keylog, random) != NULL;
}

START_TEST(the_oldest_go_where_there_is_no_room)
{
    struct cas_keylog *keylog = cas_keylog_create();
    cas_keylog_limit(keylog, 10000);
    for (unsigned i = 0; i < 1000; i++) {
        add_connection(keylog, i);
        ck_assert(knows(keylog, i));
    }
    const struct cas_keylog_stats stats = cas_keylog_stats(keylog);
    ck_assert_uint_ge(stats.connections, 10);
    ck_assert_uint_le(stats.connections * sizeof(struct cas_secrets), 10000);
    ck_assert_uint_eq(stats.connections + stats.dropped, 1000);
    for (unsigned i = 0; i < 1000; i++) {
        ck_assert_int_eq(knows(keylog, i), i >= 1000 - stats.connections);
    }
    cas_keylog_destroy(keylog);
}
END_TEST

START_TEST(who_holds_secrets_keeps_them)
{
    struct cas_keylog *keylog = cas_keylog_create();
    const uint8_t random[CAS_RANDOM_LEN] = { [CAS_RANDOM_LEN - 1] = 7 };
    add_connection(keylog, 7);
    const struct cas_secrets *secrets = cas_keylog_hold(keylog, random);
    const struct cas_secrets *again = cas_keylog_hold(keylog, random);
    ck_assert_ptr_eq(secrets, again);
    cas_keylog_limit(keylog, 1);
    add_connection(keylog, 8);
    ck_assert(!knows(keylog, 7));
    cas_keylog_release(keylog, again);
    ck_assert_uint_eq(secrets->secret[CAS_SECRET_MASTER].bytes[47], 7);
    cas_keylog_release(keylog, secrets);
    cas_keylog_release(keylog, NULL);
    cas_keylog_destroy(keylog);
}
END_TEST

static void hear(void *ctx, const uint8_t random[CAS_RANDOM_LEN])
{
    unsigned *heard = ctx;
    *heard = *heard * 10 + random[CAS_RANDOM_LEN - 1];
}

START_TEST(what_is_held_is_charged)
{
    struct cas_budget budget = { .limit = 4000 };
    struct cas_keylog *keylog = cas_keylog_create();
    unsigned heard = 0;
    const struct cas_keylog_listener listener = { .ctx = &heard, .secret = hear };
    for (unsigned i = 0; i < 100; i++) {
        add_connection(keylog, i);
    }
    cas_keylog_join(keylog, &budget, &listener);
    uint64_t held = cas_keylog_stats(keylog).connections;
    ck_assert_uint_gt(held, 5);
    ck_assert_uint_ge(budget.used, held * sizeof(struct cas_secrets));
    ck_assert(knows(keylog, 99) && !knows(keylog, 0));
    const uint8_t random[CAS_RANDOM_LEN] = { [CAS_RANDOM_LEN - 1] = 99 };
    const struct cas_secrets *secrets = cas_keylog_hold(keylog, random);
    for (unsigned i = 1; i < 4; i++) {
        add_connection(keylog, i);
    }
    ck_assert_uint_eq(heard, 123);
    ck_assert_uint_eq(cas_keylog_stats(keylog).connections, held);
    ck_assert_uint_le(budget.used, budget.limit);
    cas_keylog_release(keylog, secrets);
    cas_keylog_leave(keylog);
    ck_assert_uint_eq(budget.used, 0);
    add_connection(keylog, 5);
    ck_assert_uint_eq(heard, 123);
    cas_keylog_destroy(keylog);
}
END_TEST

START_TEST(without_memory_nothing_is_held_and_that_is_counted)
{
    struct cas_budget budget = { .limit = 10 };
    struct cas_keylog *keylog = cas_keylog_create();
    const struct cas_keylog_listener nobody = { 0 };
    cas_keylog_join(keylog, &budget, &nobody);
    add_connection(keylog, 1);
    ck_assert(!knows(keylog, 1));
    ck_assert_uint_eq(cas_keylog_stats(keylog).dropped, 1);
    cas_keylog_leave(keylog);
    cas_keylog_destroy(keylog);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keylog");
    TCase *tcase = tcase_create("keylog");
    tcase_add_test(tcase, secrets_are_found_by_the_clients_random);
    tcase_add_loop_test(tcase, a_bad_line_is_named_and_never_quoted, 0, 10);
    tcase_add_loop_test(tcase, the_first_secret_stays_and_another_is_counted, 0, 2);
    tcase_add_loop_test(tcase, a_secret_of_another_length_is_counted_too, 0, 2);
    tcase_add_test(tcase, every_prefix_is_taken_or_named);
    tcase_add_test(tcase, many_connections_are_kept_apart);
    tcase_add_test(tcase, randoms_that_begin_alike_are_kept_apart);
    tcase_add_test(tcase, the_oldest_go_where_there_is_no_room);
    tcase_add_test(tcase, who_holds_secrets_keeps_them);
    tcase_add_test(tcase, what_is_held_is_charged);
    tcase_add_test(tcase, without_memory_nothing_is_held_and_that_is_counted);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
