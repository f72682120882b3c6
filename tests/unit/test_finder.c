/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "support/support.h"
#include "support/tls_records.h"
#include "tls/finder.h"

/* What is found, and where: nothing is -1. The result must not depend on the pieces. */
static long find(enum cas_finder_mode mode, struct cas_view bytes, size_t piece_len,
                 enum cas_found_kind *out_kind)
{
    struct cas_finder finder = cas_finder_init(mode, 0);

    for (size_t at = 0; at < bytes.len; at += piece_len) {
        struct cas_view piece = exact_copy(cas_view_part(bytes, at, piece_len));
        struct cas_reader r = cas_reader_init(piece);
        struct cas_found found = { 0 };
        enum cas_finder_step step = cas_finder_push(&finder, &r, &found);
        size_t left = cas_reader_left(&r);
        exact_free(piece);
        if (step == CAS_FINDER_FOUND) {
            *out_kind = found.kind;
            /* what was carried and what is left are the stream from there on */
            ck_assert_uint_eq(found.offset + found.carried.len, at + piece.len - left);
            ck_assert_mem_eq(found.carried.data, bytes.data + found.offset, found.carried.len);
            return (long)found.offset;
        }
        ck_assert_uint_eq(left, 0);
        if (step == CAS_FINDER_NEVER) {
            return -1;
        }
    }
    return -1;
}

static void expect(enum cas_finder_mode mode, struct cas_view bytes, long offset,
                   enum cas_found_kind kind)
{
    for (size_t piece = 1; piece <= bytes.len; piece = piece < 100 ? piece + 1 : piece * 2) {
        enum cas_found_kind got = kind;
        ck_assert_int_eq(find(mode, bytes, piece, &got), offset);
        ck_assert_int_eq(got, kind);
    }
}

static struct cas_buf hello_record(void)
{
    struct cas_buf message = tls_buf();
    struct cas_buf record = tls_buf();
    tls_client_hello(&message, "host.example");
    tls_record(&record, 22, 0x0301, cas_buf_view(&message));
    cas_buf_finish(&message);
    return record;
}

START_TEST(a_hello_is_found_at_any_byte)
{
    struct cas_buf hello = hello_record();
    for (size_t before = 0; before < 120; before += 7) {
        struct cas_buf bytes = tls_buf();
        tls_fill(&bytes, 0x16, before); /* every byte may begin a record */
        tls_bytes(&bytes, cas_buf_view(&hello));
        expect(CAS_FINDER_HELLO, cas_buf_view(&bytes), (long)before, CAS_FOUND_HELLO);
        cas_buf_finish(&bytes);
    }
    cas_buf_finish(&hello);
}
END_TEST

/* RFC 5246, E.2: two ciphers, no session id, a challenge of 16 bytes. */
START_TEST(an_ssl2_hello_is_found_at_any_byte)
{
    static const uint8_t fillers[] = { 0x80, 0x01, 0x03, 0x16 };
    struct cas_view hello =
        hex_copy("801f 01 0301 0006 0000 0010 00000a 010080 00112233445566778899aabbccddeeff");
    for (size_t before = 0; before < 120; before += 7) {
        struct cas_buf bytes = tls_buf();
        tls_fill(&bytes, fillers[before % sizeof(fillers)], before);
        tls_bytes(&bytes, hello);
        expect(CAS_FINDER_HELLO, cas_buf_view(&bytes), (long)before, CAS_FOUND_SSL2_HELLO);
        cas_buf_finish(&bytes);
    }
    exact_free(hello);
}
END_TEST

/* Both kinds, behind every four bytes of those that they begin with. */
START_TEST(a_hello_is_found_behind_what_looks_like_its_beginning)
{
    static const uint8_t likes[] = { 0x80, 0x16, 0x03, 0x01, 0x00 };
    struct cas_buf record = hello_record();
    struct cas_view ssl2 =
        hex_copy("801f 01 0301 0006 0000 0010 00000a 010080 00112233445566778899aabbccddeeff");
    for (unsigned i = 0; i < 5 * 5 * 5 * 5; i++) {
        const uint8_t before[] = { 'x', likes[i % 5], likes[i / 5 % 5], likes[i / 25 % 5],
                                   likes[i / 125] };
        struct cas_buf bytes = tls_buf();
        tls_bytes(&bytes, cas_view_of(before, sizeof(before)));
        tls_bytes(&bytes, i % 2 == 0 ? cas_buf_view(&record) : ssl2);
        expect(CAS_FINDER_HELLO, cas_buf_view(&bytes), sizeof(before),
               i % 2 == 0 ? CAS_FOUND_HELLO : CAS_FOUND_SSL2_HELLO);
        cas_buf_finish(&bytes);
    }
    exact_free(ssl2);
    cas_buf_finish(&record);
}
END_TEST

START_TEST(a_hello_in_records_of_one_byte_is_found_at_the_start)
{
    struct cas_buf message = tls_buf();
    for (size_t record_len = 1; record_len < 45; record_len++) {
        struct cas_buf bytes = tls_buf();
        cas_buf_clear(&message);
        tls_server_hello(&message, 0x0303);
        tls_records(&bytes, 22, 0x0303, cas_buf_view(&message), record_len);
        expect(CAS_FINDER_HELLO, cas_buf_view(&bytes), 0, CAS_FOUND_HELLO);
        cas_buf_finish(&bytes);
    }
    cas_buf_finish(&message);
}
END_TEST

static const struct {
    const char *what;
    const char *bytes;
    enum cas_finder_mode mode;
    long offset;
    enum cas_found_kind kind;
} cases[] = {
    { "an SSLv2-compatible hello", "801f 01 0301 0006 0000 0010 00000a 010080 0011223344556677",
      CAS_FINDER_HELLO, 0, CAS_FOUND_SSL2_HELLO },
    { "one whose lengths disagree",
      "8020 01 0301 0006 0000 0010 00000a 010080 0011223344556677", CAS_FINDER_HELLO, -1, 0 },
    { "one behind other bytes, which look alike",
      "80 80 01 03 01 801f 01 0301 0006 0000 0010 00000a 010080 0011223344556677",
      CAS_FINDER_HELLO, 5, CAS_FOUND_SSL2_HELLO },
    { "one behind these whose lengths disagree",
      "03 8020 01 0301 0006 0000 0010 00000a 010080 0011223344556677", CAS_FINDER_HELLO, -1,
      0 },
    { "one of 4,095 bytes behind them", "03 8fff 01 0301 0fd5 0001 0020 00000a 010080",
      CAS_FINDER_HELLO, 1, CAS_FOUND_SSL2_HELLO },
    { "one that is too long for that", "03 9000 01 0301 0fd5 0002 0020 00000a 010080",
      CAS_FINDER_HELLO, -1, 0 },
    { "one where bytes are missing", "00 801f 01 0301 0006 0000 0010 00000a 010080 00112233",
      CAS_FINDER_MIDDLE, -1, 0 },
    { "a record within what looks like one", "80 16 01 03 03 16 0303 0004 0e000000 0303",
      CAS_FINDER_MIDDLE, 5, CAS_FOUND_HANDSHAKE },
    { "an alert at the start", "15 0303 0002 02 28", CAS_FINDER_HELLO, 0, CAS_FOUND_ALERT },
    { "an alert of an unknown level", "15 0303 0002 03 28", CAS_FINDER_HELLO, -1, 0 },
    { "an alert behind other bytes", "41 15 0303 0002 02 28", CAS_FINDER_HELLO, -1, 0 },
    { "the same where bytes are missing", "41 15 0303 0002 02 28", CAS_FINDER_MIDDLE, 1,
      CAS_FOUND_ALERT },
    { "garbage that starts as a record", "16 03 01 02 00 47 45 54 20 2f 20 48 54 54 50 2f 31",
      CAS_FINDER_HELLO, -1, 0 },
    { "ServerHelloDone, where a hello must be", "16 0303 0004 0e000000", CAS_FINDER_HELLO, 0,
      CAS_FOUND_HANDSHAKE },
    { "a byte of a CertificateRequest there", "16 0301 0001 0d", CAS_FINDER_HELLO, 0,
      CAS_FOUND_HANDSHAKE },
    { "ServerHelloDone behind other bytes", "41 16 0303 0004 0e000000", CAS_FINDER_HELLO, -1,
      0 },
    { "ServerHelloDone in the middle", "00 16 0303 0004 0e000000", CAS_FINDER_MIDDLE, 1,
      CAS_FOUND_HANDSHAKE },
    { "a CertificateRequest in the middle", "aa 16 0301 4000 0d010000 02 01 40 0000",
      CAS_FINDER_MIDDLE, 1, CAS_FOUND_HANDSHAKE },
    { "one of unknown types", "aa 16 0301 4000 0d010000 02 99 40 0000", CAS_FINDER_MIDDLE, -1,
      0 },
    { "a Certificate in the middle", "aa 16 0303 0400 0b000203 000200 0001fd 30",
      CAS_FINDER_MIDDLE, 1, CAS_FOUND_HANDSHAKE },
    { "one whose list does not fit it", "aa 16 0303 0400 0b000203 000201 0001fd 30",
      CAS_FINDER_MIDDLE, -1, 0 },
    { "a ClientKeyExchange of its record's length", "aa 16 0303 0046 10000042 41",
      CAS_FINDER_MIDDLE, 1, CAS_FOUND_HANDSHAKE },
    { "one of another length", "aa 16 0303 0047 10000042 41", CAS_FINDER_MIDDLE, -1, 0 },
    { "ChangeCipherSpec with a record behind it", "aa 14 0303 0001 01 16 0303 0028",
      CAS_FINDER_MIDDLE, 1, CAS_FOUND_CHANGE_CIPHER_SPEC },
    { "ChangeCipherSpec with something else", "aa 14 0303 0001 01 47 4554", CAS_FINDER_MIDDLE,
      -1, 0 },
};

START_TEST(beginnings_are_told_from_what_only_looks_alike)
{
    struct cas_view bytes = hex_copy(cases[_i].bytes);
    struct cas_buf long_enough = tls_buf();
    tls_bytes(&long_enough, bytes);
    tls_fill(&long_enough, 0, 50);
    for (size_t piece = 1; piece < long_enough.len; piece++) {
        enum cas_found_kind kind = cases[_i].kind;
        long got = find(cases[_i].mode, cas_buf_view(&long_enough), piece, &kind);
        ck_assert_msg(got == cases[_i].offset && kind == cases[_i].kind, "%s: %ld",
                      cases[_i].what, got);
    }
    cas_buf_finish(&long_enough);
    exact_free(bytes);
}
END_TEST

START_TEST(the_search_has_a_reach)
{
    struct cas_buf hello = hello_record();
    for (long offset = CAS_FINDER_REACH - 1; offset <= CAS_FINDER_REACH; offset++) {
        struct cas_buf bytes = tls_buf();
        tls_fill(&bytes, 'x', (size_t)offset);
        tls_bytes(&bytes, cas_buf_view(&hello));
        for (size_t piece = 40; piece < 100000; piece *= 9) {
            enum cas_found_kind kind = CAS_FOUND_HELLO;
            ck_assert_int_eq(find(CAS_FINDER_HELLO, cas_buf_view(&bytes), piece, &kind),
                             offset < CAS_FINDER_REACH ? offset : -1);
        }
        cas_buf_finish(&bytes);
    }
    cas_buf_finish(&hello);
}
END_TEST

START_TEST(an_alert_that_is_passed_over_is_remembered)
{
    struct cas_finder finder = cas_finder_init(CAS_FINDER_HELLO, 0);
    struct cas_view bytes = hex_copy("414243 15 0303 0002 02 46 41");
    struct cas_reader r = cas_reader_init(bytes);
    struct cas_found found = { 0 };
    ck_assert_int_eq(cas_finder_push(&finder, &r, &found), CAS_FINDER_MORE);
    ck_assert(finder.passed.has_alert);
    ck_assert_uint_eq(finder.passed.alert_level, 2);
    ck_assert_uint_eq(finder.passed.alert_description, 70);
    exact_free(bytes);
}
END_TEST

/* Noticed in any pieces. */
static const struct {
    const char *what;
    const char *bytes;
    bool is_noticed;
} passed[] = {
    /* RFC 5246, 7.4.4: type 1, algorithm 0x0401, no name */
    { "a request", "16 0303 000c 0d 000008 01 01 0002 0401 0000", true },
    { "behind a HelloRequest", "16 0303 0010 00 000000 0d 000008 01 01 0002 0401 0000", true },
    { "behind a message that nobody knows",
      "16 0303 0013 63 000003 313233 0d 000008 01 01 0002 0401 0000", true },
    { "in records of one byte", "16 0303 0001 0d 16 0303 0001 00 16 0303 0001 00", true },
    { "of three", "16 0301 0003 0d 0000 16 0301 0003 08 01 01", true },
    { "behind an empty one", "16 0301 0000 16 0301 0003 0d 0000", true },
    { "a ServerHello that is none", "16 0303 0010 02 000010 0501 0101010101010101", true },
    { "an empty record", "16 0303 0000", false },
    { "no version", "16 0305 000c 0d 000008 01 01 0002 0401 0000", false },
    { "another record", "17 0303 000c 0d 000008 01 01 0002 0401 0000", false },
    { "a message of 8 MiB", "16 0303 000c 0d 800000 01 01 0002 0401 0000", false },
};

START_TEST(a_handshake_record_that_is_passed_over_is_remembered)
{
    struct cas_view record = hex_copy(passed[_i].bytes);
    struct cas_buf bytes = tls_buf();
    tls_text(&bytes, "220 ready\r\n");
    tls_bytes(&bytes, record);
    tls_text(&bytes, "what else is said, so long that no hello can be there any more");
    struct cas_view all = cas_buf_view(&bytes);
    for (size_t at = 1; at < all.len; at++) {
        struct cas_finder finder = cas_finder_init(CAS_FINDER_HELLO, 0);
        struct cas_reader first = cas_reader_init(cas_view_part(all, 0, at));
        struct cas_reader second = cas_reader_init(cas_view_part(all, at, all.len));
        struct cas_found found = { 0 };
        ck_assert_int_eq(cas_finder_push(&finder, &first, &found), CAS_FINDER_MORE);
        ck_assert_int_eq(cas_finder_push(&finder, &second, &found), CAS_FINDER_MORE);
        ck_assert_msg(finder.passed.has_handshake == passed[_i].is_noticed, "%s, %zu",
                      passed[_i].what, at);
    }
    cas_buf_finish(&bytes);
    exact_free(record);
}
END_TEST

/* RFC 5246, 7.4: a type that no peer knows, and more behind it; no beginning of anything. */
START_TEST(a_first_record_that_is_no_beginning_is_remembered)
{
    struct cas_finder finder = cas_finder_init(CAS_FINDER_HELLO, 0);
    struct cas_view bytes = hex_copy("16 0303 0013 63 000003 313233 0d 000008 01 01 0002 0401");
    struct cas_reader r = cas_reader_init(bytes);
    struct cas_found found = { 0 };
    ck_assert_int_eq(cas_finder_push(&finder, &r, &found), CAS_FINDER_MORE);
    ck_assert(finder.passed.has_handshake);
    exact_free(bytes);
}
END_TEST

START_TEST(a_first_hello_that_is_cut_is_still_found)
{
    struct cas_buf hello = hello_record();
    for (size_t len = 0; len < 44; len++) {
        struct cas_finder finder = cas_finder_init(CAS_FINDER_HELLO, 0);
        struct cas_reader r = cas_reader_init(cas_view_part(cas_buf_view(&hello), 0, len));
        struct cas_found found = { 0 };
        ck_assert_int_eq(cas_finder_push(&finder, &r, &found), CAS_FINDER_MORE);
        ck_assert_int_eq(cas_finder_miss(&finder, 10, &found),
                         len >= 6 ? CAS_FINDER_FOUND : CAS_FINDER_MORE);
        ck_assert_uint_eq(found.carried.len, len >= 6 ? len : 0);
    }
    cas_buf_finish(&hello);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("finder");
    TCase *tcase = tcase_create("finder");
    tcase_add_test(tcase, a_hello_is_found_at_any_byte);
    tcase_add_test(tcase, an_ssl2_hello_is_found_at_any_byte);
    tcase_add_test(tcase, a_hello_is_found_behind_what_looks_like_its_beginning);
    tcase_add_test(tcase, a_hello_in_records_of_one_byte_is_found_at_the_start);
    tcase_add_loop_test(tcase, beginnings_are_told_from_what_only_looks_alike, 0,
                        (int)(sizeof(cases) / sizeof(cases[0])));
    tcase_add_test(tcase, the_search_has_a_reach);
    tcase_add_test(tcase, an_alert_that_is_passed_over_is_remembered);
    tcase_add_loop_test(tcase, a_handshake_record_that_is_passed_over_is_remembered, 0,
                        (int)(sizeof(passed) / sizeof(passed[0])));
    tcase_add_test(tcase, a_first_record_that_is_no_beginning_is_remembered);
    tcase_add_test(tcase, a_first_hello_that_is_cut_is_still_found);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
