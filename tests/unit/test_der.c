/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "support/der_text.h"
#include "x509/der.h"

START_TEST(an_element_gives_tag_content_and_whole)
{
    struct cas_view copy = hex_copy("04 03 61 62 63" /* OCTET STRING "abc" */
                                    "05 00" /* NULL */);
    struct cas_reader r = cas_reader_init(copy);
    struct cas_der first = cas_der_next(&r);
    ck_assert_uint_eq(first.tag, 0x04);
    ck_assert_uint_eq(first.content.len, 3);
    ck_assert_mem_eq(first.content.data, "abc", 3);
    ck_assert_uint_eq(first.whole.len, 5);
    ck_assert_uint_eq(cas_der_peek(&r), 0x05);
    struct cas_der second = cas_der_next(&r);
    ck_assert_uint_eq(second.tag, 0x05);
    ck_assert_uint_eq(second.content.len, 0);
    ck_assert(cas_reader_done(&r));
    ck_assert_uint_eq(cas_der_peek(&r), 0);
    exact_free(copy);
}
END_TEST

START_TEST(what_is_not_strict_der_fails_the_reader)
{
    const char *const samples[] = {
        "",                     /* nothing */
        "30",                   /* no length */
        "30 01",                /* one byte promised, none there */
        "30 80 00 00",          /* indefinite length */
        "30 81 7f",             /* long form of a length below 128 */
        "30 81",                /* length of the length without bytes */
        "04 82 00 80",          /* leading zero in the length */
        "04 85 01 00 00 00 00", /* a length of five bytes */
        "04 84 ff ff ff ff 00", /* 4 GiB promised */
        "1f 01 00",             /* high tag number */
        "bf 81 01 00",          /* high tag number, context specific */
        "00 00",                /* end of contents */
        "ff",                   /* high tag number and nothing else */
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct cas_view copy = hex_copy(samples[i]);
        struct cas_reader r = cas_reader_init(copy);
        struct cas_der element = cas_der_next(&r);
        ck_assert_msg(!cas_reader_ok(&r), "accepted: %s", samples[i]);
        ck_assert_uint_eq(cas_reader_left(&r), 0);
        ck_assert_uint_eq(element.tag, 0);
        ck_assert_uint_eq(element.whole.len + element.content.len, 0);
        ck_assert(!cas_der_is_one(copy));
        exact_free(copy);
    }
}
END_TEST

START_TEST(lengths_of_one_to_three_bytes_are_read)
{
    const size_t lengths[] = { 0, 127, 128, 255, 256, 65535, 65536 };
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct cas_buf content = cas_buf_init(1u << 20, NULL);
        while (content.len < lengths[i]) {
            cas_buf_append_u8(&content, 'x');
        }
        struct cas_buf out = cas_buf_init(1u << 20, NULL);
        cas_der_append(&out, 0x04, cas_buf_view(&content));
        ck_assert_uint_eq(out.len, cas_der_len(lengths[i]));
        struct cas_view copy = exact_copy(cas_buf_view(&out));
        struct cas_reader r = cas_reader_init(copy);
        ck_assert_uint_eq(cas_der_take(&r, 0x04).content.len, lengths[i]);
        ck_assert(cas_reader_done(&r));
        exact_free(copy);
        cas_buf_finish(&out);
        cas_buf_finish(&content);
    }
}
END_TEST

START_TEST(the_written_length_is_the_shortest)
{
    uint8_t content[300] = { 0 };
    struct cas_buf out = cas_buf_init(1000, NULL);
    cas_der_append(&out, 0x04, cas_view_of(content, 127));
    ck_assert_mem_eq(out.data, "\x04\x7f\x00", 3);
    cas_buf_clear(&out);
    cas_der_append(&out, 0x04, cas_view_of(content, 128));
    ck_assert_mem_eq(out.data, "\x04\x81\x80\x00", 4);
    cas_buf_clear(&out);
    cas_der_append(&out, 0x04, cas_view_of(content, 300));
    ck_assert_mem_eq(out.data, "\x04\x82\x01\x2c\x00", 5);
    ck_assert_uint_eq(out.len, 304);
    cas_buf_finish(&out);
}
END_TEST

START_TEST(a_wrong_tag_fails_take_but_not_take_optional)
{
    struct cas_view copy = der_copy("02:05");
    struct cas_reader r = cas_reader_init(copy);
    ck_assert_uint_eq(cas_der_take_optional(&r, 0xa0).content.len, 0);
    ck_assert(cas_reader_ok(&r));
    ck_assert_uint_eq(cas_der_take_optional(&r, 0x02).content.len, 1);
    ck_assert(cas_reader_done(&r));
    r = cas_reader_init(copy);
    ck_assert_uint_eq(cas_der_take(&r, 0x30).content.len, 0);
    ck_assert(!cas_reader_ok(&r));
    exact_free(copy);
}
END_TEST

START_TEST(one_element_and_nothing_else_is_one)
{
    struct cas_view one = der_copy("30{ 02:05 }");
    struct cas_view two = der_copy("30{ 02:05 } 05:");
    ck_assert(cas_der_is_one(one));
    ck_assert(!cas_der_is_one(two));
    exact_free(one);
    exact_free(two);
}
END_TEST

struct oid_sample {
    const char *content;
    const char *dotted; /* "" when it is malformed */
};

START_TEST(object_identifiers_are_printed_with_dots)
{
    const struct oid_sample samples[] = {
        { "55 04 03", "2.5.4.3" },
        { "2a 86 48 86 f7 0d 01 01 0b", "1.2.840.113549.1.1.11" },
        { "09 92 26 89 93 f2 2c 64 01 19", "0.9.2342.19200300.100.1.25" },
        { "00", "0.0" },
        { "27", "0.39" },
        { "28", "1.0" },
        { "4f", "1.39" },
        { "50", "2.0" },
        { "88 37 03", "2.999.3" },        /* X.660's example arc */
        { "55 1d 25 00", "2.5.29.37.0" }, /* ends in a zero arc */
        { "69 83 f0 9d a7 eb cf de e0 c7 a1 a7 b2 c0 94 8c c8 f9 d7 76",
          "2.25.329800735698586629295641978511506172918" }, /* X.667's example UUID */
        { "2a 82 80 80 80 80 80 80 80 80 00", "1.2.18446744073709551616" }, /* 2^64 */
        { "2a ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff 7f",
          "1.2.1393796574908163946345982392040522594123775" }, /* 2^140 - 1 */
        { "2a 81 ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff 7f",
          "" }, /* an arc of 21 bytes */
        { "", "" },
        { "80 01", "" },    /* an arc with a leading zero digit */
        { "55 80 01", "" }, /* the same behind */
        { "55 04 83", "" }, /* ends inside an arc */
        { "81", "" },       /* ends inside the first arc */
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct cas_view copy = hex_copy(samples[i].content);
        ck_assert_str_eq(cas_oid_dotted(copy).text, samples[i].dotted);
        ck_assert_int_eq(cas_oid_is_valid(copy), samples[i].dotted[0] != '\0');
        exact_free(copy);
    }
}
END_TEST

START_TEST(an_object_identifier_of_more_than_64_bytes_is_malformed)
{
    uint8_t oid[65] = { 0 };
    for (size_t i = 0; i < sizeof(oid); i++) {
        oid[i] = 0x7f;
    }
    ck_assert(cas_oid_is_valid(cas_view_of(oid, 64)));
    ck_assert_uint_eq(strlen(cas_oid_dotted(cas_view_of(oid, 64)).text), 4 + 63 * 4);
    ck_assert(!cas_oid_is_valid(cas_view_of(oid, 65)));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("der");
    TCase *tcase = tcase_create("der");
    tcase_add_test(tcase, an_element_gives_tag_content_and_whole);
    tcase_add_test(tcase, what_is_not_strict_der_fails_the_reader);
    tcase_add_test(tcase, lengths_of_one_to_three_bytes_are_read);
    tcase_add_test(tcase, the_written_length_is_the_shortest);
    tcase_add_test(tcase, a_wrong_tag_fails_take_but_not_take_optional);
    tcase_add_test(tcase, one_element_and_nothing_else_is_one);
    tcase_add_test(tcase, object_identifiers_are_printed_with_dots);
    tcase_add_test(tcase, an_object_identifier_of_more_than_64_bytes_is_malformed);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
