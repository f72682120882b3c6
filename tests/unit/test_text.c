/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "bytes/text.h"
#include "support/support.h"

struct sample {
    const char *bytes;
    const char *escaped;
};

START_TEST(hostile_text_is_made_visible)
{
    const struct sample samples[] = {
        { "plain", "plain" },
        { "Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80",
          "Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80" },
        { "a\\b", "a\\\\b" },
        { "\x1b[31m", "\\1b[31m" },
        { "\r\n\x7f", "\\0d\\0a\\7f" },
        { "\xc2\x9b", "\\c2\\9b" },         /* CSI, C1 */
        { "\xe2\x80\xae", "\\e2\\80\\ae" }, /* right-to-left override */
        { "\xe2\x80\xa8", "\\e2\\80\\a8" }, /* line separator */
        { "\xff\xfe", "\\ff\\fe" },
        { "\xc0\x80", "\\c0\\80" },                 /* overlong NUL */
        { "\xed\xa0\x80", "\\ed\\a0\\80" },         /* surrogate */
        { "\xf4\x90\x80\x80", "\\f4\\90\\80\\80" }, /* beyond U+10FFFF */
        { "\xe2\x82", "\\e2\\82" },                 /* ends early */
        { "\xef\xbf\xbf", "\\ef\\bf\\bf" },         /* U+FFFF */
        { "\xf3\xa0\x81\x81", "\\f3\\a0\\81\\81" }, /* tag */
        { "\xf3\xb0\x80\x80", "\xf3\xb0\x80\x80" }, /* private use, plane 15 */
        { "\xf0\x80\x80\x80", "\\f0\\80\\80\\80" }, /* overlong */
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct cas_view copy = exact_copy(text_view(samples[i].bytes));
        struct cas_buf out = cas_buf_init(1000, NULL);
        cas_text_append_escaped(&out, copy);
        ck_assert_buf_eq(&out, samples[i].escaped);
        cas_buf_finish(&out);
        exact_free(copy);
    }
}
END_TEST

START_TEST(every_code_point_survives_encoding_and_decoding)
{
    struct cas_buf out = cas_buf_init(8, NULL);
    unsigned wrong = 0;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        if (c >= 0xd800 && c <= 0xdfff) {
            continue;
        }
        cas_buf_clear(&out);
        cas_text_append_utf8(&out, c);
        struct cas_reader r = cas_reader_init(cas_buf_view(&out));
        wrong += cas_text_next(&r) != c || !cas_reader_done(&r);
    }
    cas_buf_finish(&out);
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(ascii_ends_at_the_first_byte_that_is_none)
{
    uint8_t bytes[20];
    for (size_t at = 0; at < sizeof(bytes); at++) {
        memset(bytes, 0x7f, sizeof(bytes));
        bytes[at] = 0x80;
        for (size_t len = 0; len <= sizeof(bytes); len++) {
            struct cas_view copy = exact_copy(cas_view_of(bytes, len));
            ck_assert_uint_eq(cas_text_ascii_len(copy), at < len ? at : len);
            exact_free(copy);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text");
    TCase *tcase = tcase_create("text");
    tcase_add_test(tcase, hostile_text_is_made_visible);
    tcase_add_test(tcase, every_code_point_survives_encoding_and_decoding);
    tcase_add_test(tcase, ascii_ends_at_the_first_byte_that_is_none);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
