/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "output/text_layout.h"
#include "support/support.h"

struct bar {
    uint64_t counted;
    uint64_t limit;
    const char *picture;
};

START_TEST(the_bar_shows_how_much_of_the_limit_is_used)
{
    const struct bar bars[] = {
        { 0, 16384, "[..................................................|]" },
        { 8192, 16384, "[#########################.........................|]" },
        { 16383, 16384, "[#################################################.|]" },
        { 16384, 16384, "[##################################################|]" },
        { 32768, 16384, "[#########################|#########################]" },
        { UINT32_MAX, 1, "[|##################################################]" },
    };
    for (size_t i = 0; i < sizeof(bars) / sizeof(bars[0]); i++) {
        struct cas_buf out = cas_buf_init(1000, NULL);
        const struct cas_text text = { .out = &out };
        cas_text_bar(&text, bars[i].counted, bars[i].limit);
        ck_assert_buf_eq(&out, bars[i].picture);
        cas_buf_finish(&out);
    }
}
END_TEST

START_TEST(sentences_are_broken_between_words)
{
    struct cas_buf out = cas_buf_init(1000, NULL);
    const struct cas_text text = { .out = &out };
    /* 47 and 49 columns: together one too many. The second starts with a 2-byte character. */
    cas_text_sentence(&text, 2, 0,
                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "
                      "\xc3\xbc"
                      "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
    ck_assert_buf_eq(&out, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
                           "  \xc3\xbc"
                           "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n");
    cas_buf_clear(&out);
    cas_text_sentence(&text, 2, 0,
                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "
                      "\xc3\xbc"
                      "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
    ck_assert_buf_eq(&out, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "
                           "\xc3\xbc"
                           "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n");
    cas_buf_finish(&out);
}
END_TEST

START_TEST(a_missing_sentence_is_an_empty_line)
{
    struct cas_buf out = cas_buf_init(1000, NULL);
    const struct cas_text text = { .out = &out };
    cas_text_sentence(&text, 2, 0, NULL);
    cas_text_sentence(&text, 2, 0, "");
    ck_assert_buf_eq(&out, "\n\n");
    cas_buf_finish(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text_layout");
    TCase *tcase = tcase_create("text_layout");
    tcase_add_test(tcase, the_bar_shows_how_much_of_the_limit_is_used);
    tcase_add_test(tcase, sentences_are_broken_between_words);
    tcase_add_test(tcase, a_missing_sentence_is_an_empty_line);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
