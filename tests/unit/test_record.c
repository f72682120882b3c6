/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/support.h"
#include "support/tls_records.h"
#include "tls/record.h"

/* A handshake record of 3 bytes, an empty one, an alert. */
static const char stream[] = "16 0301 0003 aabbcc" /* type, version, length, body */
                             "16 0303 0000"
                             "15 0303 0002 0228";

/* type:length@position=bytes of all parts of a stream in pieces of this length. */
static void expect_parts(struct cas_view bytes, size_t piece_len, const char *expected)
{
    struct cas_record_layer layer = cas_record_layer_init(100);
    struct cas_buf text = tls_buf();

    for (size_t at = 0; at < bytes.len; at += piece_len) {
        struct cas_view piece = exact_copy(cas_view_part(bytes, at, piece_len));
        struct cas_reader r = cas_reader_init(piece);
        struct cas_record_part part = { 0 };
        while (cas_record_next(&layer, &r, &part) == CAS_RECORD_PART) {
            cas_buf_append_format(&text, "%u:%u@%u=", part.record.type, part.record.len,
                                  part.at);
            cas_buf_append_hex(&text, part.bytes);
            cas_buf_append_u8(&text, ' ');
        }
        ck_assert_uint_eq(cas_reader_left(&r), 0);
        exact_free(piece);
    }
    ck_assert_buf_eq(&text, expected);
    cas_buf_finish(&text);
}

START_TEST(bodies_are_handed_on_as_they_come)
{
    struct cas_view bytes = hex_copy(stream);
    expect_parts(bytes, bytes.len, "22:3@0=aabbcc 22:0@0= 21:2@0=0228 ");
    expect_parts(bytes, 7, "22:3@0=aabb 22:3@2=cc 22:0@0= 21:2@0=0228 ");
    expect_parts(bytes, 1, "22:3@0=aa 22:3@1=bb 22:3@2=cc 22:0@0= 21:2@0=02 21:2@1=28 ");
    exact_free(bytes);
}
END_TEST

START_TEST(every_prefix_is_short_not_bad)
{
    struct cas_view bytes = hex_copy(stream);
    for (size_t len = 0; len <= bytes.len; len++) {
        struct cas_view prefix = exact_copy(cas_view_part(bytes, 0, len));
        struct cas_record_layer layer = cas_record_layer_init(0);
        struct cas_reader r = cas_reader_init(prefix);
        struct cas_record_part part = { 0 };
        enum cas_record_step step = CAS_RECORD_PART;
        while (step == CAS_RECORD_PART) {
            step = cas_record_next(&layer, &r, &part);
        }
        ck_assert_int_eq(step, CAS_RECORD_SHORT);
        ck_assert_uint_eq(layer.offset, len);
        exact_free(prefix);
    }
    exact_free(bytes);
}
END_TEST

START_TEST(offsets_and_numbers_are_those_of_the_stream)
{
    struct cas_view bytes = hex_copy(stream);
    struct cas_record_layer layer = cas_record_layer_init(1000);
    struct cas_reader r = cas_reader_init(bytes);
    struct cas_record_part part = { 0 };
    ck_assert_int_eq(cas_record_next(&layer, &r, &part), CAS_RECORD_PART);
    ck_assert_uint_eq(part.record.offset, 1000);
    ck_assert_uint_eq(part.record.body_offset, 1005);
    ck_assert_uint_eq(part.record.version, 0x0301);
    ck_assert_int_eq(cas_record_next(&layer, &r, &part), CAS_RECORD_PART);
    ck_assert_int_eq(cas_record_next(&layer, &r, &part), CAS_RECORD_PART);
    ck_assert_uint_eq(part.record.offset, 1013);
    ck_assert_uint_eq(part.record.number, 3);
    exact_free(bytes);
}
END_TEST

static const struct {
    const char *header; /* with one byte of body */
    bool is_encrypted;
    enum cas_record_step step;
} headers[] = {
    { "16 0300 0001 00", false, CAS_RECORD_PART }, /* SSL 3.0 */
    { "16 0304 0001 00", false, CAS_RECORD_PART },
    { "16 0309 0001 00", false, CAS_RECORD_PART }, /* a minor version of the future */
    { "16 0403 0001 00", false, CAS_RECORD_BAD },
    { "16 0203 0001 00", false, CAS_RECORD_BAD },
    { "13 0303 0001 00", false, CAS_RECORD_BAD }, /* no such type */
    { "19 0303 0001 00", false, CAS_RECORD_BAD },
    { "18 0303 0001 00", false, CAS_RECORD_PART }, /* heartbeat */
    { "15 0303 4000 00", false, CAS_RECORD_PART },
    { "15 0303 4001 00", false, CAS_RECORD_BAD }, /* 2^14 + 1 in the clear */
    { "16 0303 4000 00", false, CAS_RECORD_PART },
    { "16 0303 4001 00", false, CAS_RECORD_PART }, /* followed, and told above */
    { "16 0303 ffff 00", false, CAS_RECORD_PART },
    { "16 0303 4800 00", true, CAS_RECORD_PART }, /* 2^14 + 2048, encrypted */
    { "16 0303 4801 00", true, CAS_RECORD_BAD },
    { "17 0303 4800 00", false, CAS_RECORD_PART }, /* always encrypted */
    { "17 0303 4801 00", false, CAS_RECORD_BAD },
    { "14 0303 4800 00", true, CAS_RECORD_PART },
};

START_TEST(headers_are_judged_by_type_version_and_length)
{
    struct cas_view bytes = hex_copy(headers[_i].header);
    struct cas_record_layer layer = cas_record_layer_init(0);
    struct cas_reader r = cas_reader_init(bytes);
    struct cas_record_part part = { 0 };
    layer.is_encrypted = headers[_i].is_encrypted;
    ck_assert_msg(cas_record_next(&layer, &r, &part) == headers[_i].step, "header %d", _i);
    exact_free(bytes);
}
END_TEST

START_TEST(thirty_three_empty_records_in_a_row_are_bad)
{
    struct cas_buf bytes = tls_buf();
    struct cas_record_layer layer = cas_record_layer_init(0);
    struct cas_record_part part = { 0 };
    for (int i = 0; i < 33; i++) {
        tls_opaque(&bytes, 23, 0);
    }
    struct cas_reader r = cas_reader_init(cas_buf_view(&bytes));
    for (int i = 0; i < 32; i++) {
        ck_assert_int_eq(cas_record_next(&layer, &r, &part), CAS_RECORD_PART);
    }
    ck_assert_int_eq(cas_record_next(&layer, &r, &part), CAS_RECORD_BAD);
    cas_buf_finish(&bytes);
}
END_TEST

START_TEST(a_hole_in_a_body_is_a_part_and_keeps_the_framing)
{
    struct cas_view bytes = hex_copy("16 0303 0004 aa");
    struct cas_view rest = hex_copy("15 0303 0002 0228");
    struct cas_record_layer layer = cas_record_layer_init(0);
    struct cas_reader r = cas_reader_init(bytes);
    struct cas_record_part part = { 0 };
    uint64_t hole = 3;
    ck_assert_int_eq(cas_record_next(&layer, &r, &part), CAS_RECORD_PART);
    ck_assert_int_eq(cas_record_next_missing(&layer, &hole, &part), CAS_RECORD_PART);
    ck_assert_uint_eq(part.at, 1);
    ck_assert_uint_eq(part.missing_len, 3);
    ck_assert_int_eq(cas_record_next_missing(&layer, &hole, &part), CAS_RECORD_SHORT);
    r = cas_reader_init(rest);
    ck_assert_int_eq(cas_record_next(&layer, &r, &part), CAS_RECORD_PART);
    ck_assert_uint_eq(part.record.type, 21);
    exact_free(rest);
    exact_free(bytes);
}
END_TEST

START_TEST(a_hole_over_a_header_is_bad_and_says_how_much_of_it_is_left)
{
    struct cas_view bytes = hex_copy("16 0303 0004 aa");
    struct cas_record_layer layer = cas_record_layer_init(0);
    struct cas_reader r = cas_reader_init(bytes);
    struct cas_record_part part = { 0 };
    uint64_t hole = 10;
    ck_assert_int_eq(cas_record_next(&layer, &r, &part), CAS_RECORD_PART);
    ck_assert_int_eq(cas_record_next_missing(&layer, &hole, &part), CAS_RECORD_PART);
    ck_assert_int_eq(cas_record_next_missing(&layer, &hole, &part), CAS_RECORD_BAD);
    ck_assert_uint_eq(hole, 7);
    ck_assert_uint_eq(layer.offset, 9);
    exact_free(bytes);
}
END_TEST

START_TEST(a_header_that_never_was_whole_may_be_none)
{
    static const struct {
        uint8_t bytes[CAS_RECORD_HEADER_LEN - 1];
        size_t len;
        bool is_none;
    } cases[] = {
        { { 0 }, 0, false },    { { 22 }, 1, false },   { { 24, 3, 3, 0 }, 4, false },
        { { 19 }, 1, true }, /* RFC 5246, 6.2.1 and A.1: no such type */
        { { 25, 3 }, 2, true }, { { 22, 4 }, 2, true }, /* nor such a version */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cas_record_layer layer = cas_record_layer_init(0);
        struct cas_record_part part = { 0 };
        struct cas_reader bytes = cas_reader_init(cas_view_of(cases[i].bytes, cases[i].len));
        ck_assert_uint_eq(cas_record_next(&layer, &bytes, &part), CAS_RECORD_SHORT);
        ck_assert_msg(cas_record_layer_ends_in_none(&layer) == cases[i].is_none, "%zu", i);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record");
    TCase *tcase = tcase_create("record");
    tcase_add_test(tcase, bodies_are_handed_on_as_they_come);
    tcase_add_test(tcase, every_prefix_is_short_not_bad);
    tcase_add_test(tcase, offsets_and_numbers_are_those_of_the_stream);
    tcase_add_loop_test(tcase, headers_are_judged_by_type_version_and_length, 0,
                        (int)(sizeof(headers) / sizeof(headers[0])));
    tcase_add_test(tcase, thirty_three_empty_records_in_a_row_are_bad);
    tcase_add_test(tcase, a_hole_in_a_body_is_a_part_and_keeps_the_framing);
    tcase_add_test(tcase, a_hole_over_a_header_is_bad_and_says_how_much_of_it_is_left);
    tcase_add_test(tcase, a_header_that_never_was_whole_may_be_none);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
