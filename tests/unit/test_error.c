/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include <casniff/error.h>

#include "support/support.h"

START_TEST(the_code_comes_back_and_the_sentence_is_kept)
{
    struct cas_error error;
    ck_assert_int_eq(cas_error_set(&error, CAS_ERR_IO, "%s: gone", "file"), CAS_ERR_IO);
    ck_assert_int_eq(error.code, CAS_ERR_IO);
    ck_assert_str_eq(error.text, "file: gone");
    ck_assert_int_eq(cas_error_set(NULL, CAS_ERR_NOMEM, "nobody asks"), CAS_ERR_NOMEM);
}
END_TEST

START_TEST(a_long_sentence_is_cut_at_a_character)
{
    char text[600];
    for (size_t i = 0; i + 2 < sizeof(text); i += 2) {
        memcpy(text + i, "\xc3\xa4", 2); /* a with diaeresis */
    }
    text[sizeof(text) - 2] = '\0';
    struct cas_error error;
    cas_error_set(&error, CAS_ERR_IO, "x%s", text);
    ck_assert_uint_eq(strlen(error.text) % 2, 1);
    ck_assert_uint_gt(strlen(error.text), 500);
}
END_TEST

START_TEST(a_whole_character_at_the_end_stays)
{
    char text[600];
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    struct cas_error error;
    cas_error_set(&error, CAS_ERR_IO, "%s", text);
    ck_assert_uint_eq(strlen(error.text), sizeof(error.text) - 1);
    memset(text, 0x80, sizeof(text) - 1); /* no character has such a beginning */
    cas_error_set(&error, CAS_ERR_IO, "%s", text);
    ck_assert_str_eq(error.text, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("error");
    TCase *tcase = tcase_create("error");
    tcase_add_test(tcase, the_code_comes_back_and_the_sentence_is_kept);
    tcase_add_test(tcase, a_long_sentence_is_cut_at_a_character);
    tcase_add_test(tcase, a_whole_character_at_the_end_stays);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
