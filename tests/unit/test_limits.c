/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include <casniff/limits.h>

#include "support/support.h"

START_TEST(names_aliases_and_numbers_are_found)
{
    struct cas_limit limit;
    ck_assert(cas_limit_find("schannel", &limit));
    ck_assert_str_eq(limit.name, "schannel-16k");
    ck_assert_uint_eq(limit.bytes, 16384);
    ck_assert(cas_limit_find("java-recv", &limit));
    ck_assert_uint_eq(limit.bytes, 32768);
    ck_assert(cas_limit_find("16777215", &limit));
    ck_assert_uint_eq(limit.bytes, 16777215);
    ck_assert_int_eq(limit.effect, CAS_EFFECT_TRUNCATES);
}
END_TEST

START_TEST(everything_else_is_not)
{
    const char *const wrong[] = { "",        "0",  "16777216", "99999999999999999999",
                                  "-1",      "1k", "0x4000",   "schannel ",
                                  "Schannel" };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct cas_limit limit;
        ck_assert_msg(!cas_limit_find(wrong[i], &limit), "%s", wrong[i]);
    }
}
END_TEST

START_TEST(every_row_says_where_it_comes_from_and_has_its_own_name)
{
    size_t len = 0;
    const struct cas_limit *table = cas_limits(&len);
    ck_assert_uint_gt(len, 20);
    for (size_t i = 0; i < len; i++) {
        struct cas_limit found;
        ck_assert(strlen(table[i].source) > 0 && strlen(table[i].standing) > 0);
        ck_assert(cas_limit_find(table[i].name, &found));
        ck_assert_uint_eq(found.bytes, table[i].bytes);
        for (size_t j = 0; j < i; j++) {
            ck_assert_str_ne(table[i].name, table[j].name);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("limits");
    TCase *tcase = tcase_create("limits");
    tcase_add_test(tcase, names_aliases_and_numbers_are_found);
    tcase_add_test(tcase, everything_else_is_not);
    tcase_add_test(tcase, every_row_says_where_it_comes_from_and_has_its_own_name);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
