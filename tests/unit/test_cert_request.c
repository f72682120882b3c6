/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "support/support.h"
#include "support/tls_records.h"
#include "tls/cert_request.h"

struct expected {
    const char *what;
    uint16_t version; /* negotiated; 0: not seen */
    uint16_t record_version;
    const char *body;
    uint32_t declared_len; /* 0: that of the body */
    uint32_t reasons;
    size_t types_len;
    bool has_algorithms;
    size_t algorithms_len;
    uint32_t list_declared_len;
    size_t list_len;
    size_t trailing_len;
    bool is_malformed;
};

#define GAP CAS_REASON_BIT(CAS_REASON_GAP)

static const struct expected table[] = {
    { "TLS 1.2: types, algorithms, one name of 2 bytes", 0x0303, 0x0303,
      "02 01 40  0004 0401 0403  0004 0002 3000", .types_len = 2, .has_algorithms = true,
      .algorithms_len = 4, .list_declared_len = 4, .list_len = 4 },
    { "TLS 1.0: no algorithms", 0x0301, 0x0301, "01 01  0004 0002 3000", .types_len = 1,
      .list_declared_len = 4, .list_len = 4 },
    { "SSL 3.0: no algorithms, an empty list", 0x0300, 0x0300, "02 01 02  0000",
      .types_len = 2 },
    { "TLS 1.2: an empty list means any CA", 0x0303, 0x0303, "01 01  0002 0401  0000",
      .types_len = 1, .has_algorithms = true, .algorithms_len = 2 },
    { "no types at all", 0x0301, 0x0301, "00  0000" },
    { "types longer than the message", 0x0301, 0x0301, "05 01 02", .is_malformed = true },
    { "algorithms of an odd length", 0x0303, 0x0303, "01 01  0003 040104  0000", .types_len = 1,
      .has_algorithms = true, .algorithms_len = 3, .is_malformed = true },
    { "a list longer than the message", 0x0301, 0x0301, "01 01  0005 00023000", .types_len = 1,
      .list_declared_len = 5, .list_len = 4, .is_malformed = true },
    { "a wrapped length: bytes after the list", 0x0301, 0x0301,
      "01 01  0002 0000 0000 0000 0000", .types_len = 1, .list_declared_len = 2, .list_len = 2,
      .trailing_len = 6 },
    { "not negotiated here: the form that fits, with algorithms", 0, 0x0301,
      "01 01  0002 0401  0004 00023000", .types_len = 1, .has_algorithms = true,
      .algorithms_len = 2, .list_declared_len = 4, .list_len = 4 },
    { "not negotiated here: the form that fits, without", 0, 0x0303, "01 01  0004 00023000",
      .types_len = 1, .list_declared_len = 4, .list_len = 4 },
    { "not negotiated here, nothing fits: as the record's version says", 0, 0x0303,
      "01 01  0002 0401  0002 0000 00", .types_len = 1, .has_algorithms = true,
      .algorithms_len = 2, .list_declared_len = 2, .list_len = 2, .trailing_len = 1 },
    { "cut in the list: the rest is missing, not malformed", 0x0301, 0x0301,
      "01 01  0008 0002 30", .declared_len = 12, .reasons = GAP, .types_len = 1,
      .list_declared_len = 8, .list_len = 3 },
    { "cut, and the list was longer than the message", 0x0301, 0x0301, "01 01  0009 0002 30",
      .declared_len = 12, .reasons = GAP, .types_len = 1, .list_declared_len = 9, .list_len = 3,
      .is_malformed = true },
    { "cut, and bytes were to follow the list", 0x0301, 0x0301, "01 01  0003 0002 30",
      .declared_len = 12, .reasons = GAP, .types_len = 1, .list_declared_len = 3, .list_len = 3,
      .trailing_len = 5 },
    { "nothing of it came", 0x0303, 0x0303, "", .declared_len = 100, .reasons = GAP,
      .has_algorithms = true },
    { "an empty message", 0x0303, 0x0303, "", .has_algorithms = true, .is_malformed = true },
};

START_TEST(requests_are_split_in_every_form)
{
    const struct expected *e = &table[_i];
    struct cas_view body = hex_copy(e->body);
    struct cas_handshake_message message = {
        .type = 13,
        .record_version = e->record_version,
        .body = body,
        .sight = { .declared_len = e->declared_len > 0 ? e->declared_len : (uint32_t)body.len,
                   .reasons = e->reasons },
    };
    struct cas_cert_request got = { 0 };
    cas_cert_request_parse(&message, e->version, &got);
    ck_assert_msg(got.certificate_types.len == e->types_len, "%s: types", e->what);
    ck_assert_msg(got.has_signature_algorithms == e->has_algorithms, "%s: form", e->what);
    ck_assert_msg(got.signature_algorithms.len == e->algorithms_len, "%s", e->what);
    ck_assert_msg(got.list_declared_len == e->list_declared_len, "%s: length", e->what);
    ck_assert_msg(got.list.len == e->list_len, "%s: list", e->what);
    ck_assert_msg(got.trailing_len == e->trailing_len, "%s: trailing", e->what);
    ck_assert_msg(got.is_malformed == e->is_malformed, "%s: malformed", e->what);
    exact_free(body);
}
END_TEST

START_TEST(every_prefix_keeps_what_was_whole)
{
    struct cas_view body = hex_copy("02 01 40  0004 0401 0403  0006 0004 3002 3100");
    for (size_t len = 0; len < body.len; len++) {
        struct cas_view prefix = exact_copy(cas_view_part(body, 0, len));
        struct cas_handshake_message message = {
            .body = prefix,
            .sight = { .declared_len = (uint32_t)body.len, .reasons = GAP },
        };
        struct cas_cert_request got = { 0 };
        cas_cert_request_parse(&message, 0x0303, &got);
        ck_assert_uint_eq(got.certificate_types.len, len >= 3 ? 2 : 0);
        ck_assert_uint_eq(got.signature_algorithms.len, len >= 9 ? 4 : 0);
        ck_assert_uint_eq(got.list_declared_len, len >= 11 ? 6 : 0);
        ck_assert_uint_eq(got.list.len, len >= 11 ? len - 11 : 0);
        ck_assert(!got.is_malformed);
        exact_free(prefix);
    }
    exact_free(body);
}
END_TEST

START_TEST(a_list_of_65800_bytes_under_a_wrapped_length_is_there_whole)
{
    struct cas_buf body = tls_buf();
    tls_u8(&body, 1);
    tls_u8(&body, 1);
    tls_u16(&body, 65800 - 65536);
    tls_fill(&body, 0x30, 65800);
    struct cas_handshake_message message = {
        .body = cas_buf_view(&body),
        .sight = { .declared_len = (uint32_t)body.len },
    };
    struct cas_cert_request got = { 0 };
    cas_cert_request_parse(&message, 0x0302, &got);
    ck_assert_uint_eq(got.list_declared_len, 264);
    ck_assert_uint_eq(got.list.len, 264);
    ck_assert_uint_eq(got.trailing_len, 65536);
    ck_assert_uint_eq(got.rest_of_message.len, 65800);
    ck_assert(!got.is_malformed);
    cas_buf_finish(&body);
}
END_TEST

struct expected13 {
    const char *what;
    const char *body;
    uint32_t reasons;
    size_t algorithms_len;
    size_t list_len;
    bool is_malformed;
};

/* Context, then extensions: 13 is signature_algorithms, 47 certificate_authorities. */
static const struct expected13 table13[] = {
    { "both, after a context",
      "01 aa  0014  000d 0006 0004 0804 0403  002f 0006 0004 0002 3000", 0, 4, 4, false },
    { "no list: any CA will do", "00  000a  000d 0006 0004 0804 0403", 0, 4, 0, false },
    { "the shortest list, and others between them",
      "00  0019  0005 0000  000d 0004 0002 0403  ff01 0000  002f 0005 0003 0001 30", 0, 2, 3,
      false },
    { "a list that ends early", "00  0012  000d 0004 0002 0403  002f 0006 0005 0002 3000", 0, 2,
      0, true },
    { "bytes after the list", "00  0013  000d 0004 0002 0403  002f 0007 0004 0002 3000 00", 0,
      2, 4, true },
    { "bytes after the extensions", "00  0008  000d 0004 0002 0403  00", 0, 2, 0, true },
    { "a list that is there and empty", "00  000e  000d 0004 0002 0403  002f 0002 0000", 0, 2,
      0, true },
    { "a list of one name of no byte", "00  0010  000d 0004 0002 0403  002f 0004 0002 0000", 0,
      2, 2, true },
    { "a list without its length", "00  000c  000d 0004 0002 0403  002f 0000", 0, 2, 0, true },
    { "two lists: the first one counts",
      "00  001d  000d 0004 0002 0403  002f 0006 0004 0002 3000  002f 0007 0005 0003 300131", 0,
      2, 4, true },
    { "the algorithms twice", "00  0014  000d 0006 0004 0804 0403  000d 0006 0004 0804 0403", 0,
      4, 0, true },
    { "an extension longer than the rest of them",
      "00  0012  000d 0004 0002 0403  002f 0007 0004 0002 3000", 0, 2, 0, true },
    { "one of no use that is longer, before the list",
      "00  0016  000d 0004 0002 0403  0063 00ff  002f 0006 0004 0002 3000", 0, 2, 0, true },
    { "half a header behind the list",
      "00  0015  000d 0004 0002 0403  002f 0006 0004 0002 3000  002f 00", 0, 2, 4, true },
    { "no algorithms", "00  000a  002f 0006 0004 0002 3000", 0, 0, 4, true },
    { "no extension at all", "00  0000", 0, 0, 0, true },
    { "algorithms of an odd length",
      "00  0013  000d 0005 0003 040308  002f 0006 0004 0002 3000", 0, 3, 4, true },
    { "algorithms of no length", "00  0010  000d 0002 0000  002f 0006 0004 0002 3000", 0, 0, 4,
      true },
    { "algorithms that are longer than their extension",
      "00  0012  000d 0004 0020 0403  002f 0006 0004 0002 3000", 0, 0, 4, true },
    { "bytes after the algorithms",
      "00  0013  000d 0005 0002 0403 00  002f 0006 0004 0002 3000", 0, 2, 4, true },
    { "nothing of it came", "", GAP, 0, 0, false },
    { "cut in the extensions by the capture: none is sure",
      "00  0014  000d 0006 0004 0804 0403", GAP, 0, 0, false },
};

START_TEST(requests_of_tls13_are_extensions)
{
    const struct expected13 *e = &table13[_i];
    struct cas_view body = hex_copy(e->body);
    struct cas_handshake_message message = {
        .type = 13, .record_version = 0x0303, .body = body, .sight = { .reasons = e->reasons }
    };
    struct cas_cert_request got = { 0 };
    cas_cert_request_parse13(&message, &got);
    ck_assert_msg(got.has_signature_algorithms, "%s: form", e->what);
    ck_assert_msg(got.signature_algorithms.len == e->algorithms_len, "%s: algorithms", e->what);
    ck_assert_msg(got.list.len == e->list_len, "%s: list of %zu", e->what, got.list.len);
    ck_assert_msg(got.rest_of_message.len == e->list_len, "%s: rest", e->what);
    ck_assert_msg(got.is_malformed == e->is_malformed, "%s: malformed", e->what);
    exact_free(body);
}
END_TEST

/* Only the last byte makes a message of it; what is missing is not malformed. */
START_TEST(every_prefix_of_one_of_tls13_is_cut_by_the_capture_alone)
{
    struct cas_view body = hex_copy("00  0012  000d 0004 0002 0403  002f 0006 0004 0002 3000");
    for (size_t len = 0; len <= body.len; len++) {
        struct cas_view prefix = exact_copy(cas_view_part(body, 0, len));
        struct cas_handshake_message message = {
            .body = prefix,
            .sight = { .declared_len = (uint32_t)body.len, .reasons = GAP },
        };
        struct cas_cert_request got = { 0 };
        cas_cert_request_parse13(&message, &got);
        ck_assert(!got.is_malformed);
        ck_assert_uint_eq(got.list.len, len == body.len ? 4 : 0);
        message.sight = (struct cas_message_sight){ .declared_len = (uint32_t)len };
        cas_cert_request_parse13(&message, &got);
        ck_assert(got.is_malformed == (len < body.len));
        exact_free(prefix);
    }
    exact_free(body);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cert_request");
    TCase *tcase = tcase_create("cert_request");
    tcase_add_loop_test(tcase, requests_are_split_in_every_form, 0,
                        (int)(sizeof(table) / sizeof(table[0])));
    tcase_add_loop_test(tcase, requests_of_tls13_are_extensions, 0,
                        (int)(sizeof(table13) / sizeof(table13[0])));
    tcase_add_test(tcase, every_prefix_keeps_what_was_whole);
    tcase_add_test(tcase, every_prefix_of_one_of_tls13_is_cut_by_the_capture_alone);
    tcase_add_test(tcase, a_list_of_65800_bytes_under_a_wrapped_length_is_there_whole);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
