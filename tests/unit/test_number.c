/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/number.h"
#include "support/support.h"

START_TEST(digits_are_grouped_by_three)
{
    ck_assert_str_eq(cas_number_format(0).text, "0");
    ck_assert_str_eq(cas_number_format(999).text, "999");
    ck_assert_str_eq(cas_number_format(1000).text, "1,000");
    ck_assert_str_eq(cas_number_format(16384).text, "16,384");
    ck_assert_str_eq(cas_number_format(UINT64_MAX).text, "18,446,744,073,709,551,615");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("number");
    TCase *tcase = tcase_create("number");
    tcase_add_test(tcase, digits_are_grouped_by_three);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
