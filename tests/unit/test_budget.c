/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "bytes/budget.h"
#include "support/support.h"

START_TEST(charges_count_malloc_s_share)
{
    struct cas_budget budget = { .limit = 100 };
    ck_assert(cas_budget_charge(&budget, 84));
    ck_assert_uint_eq(budget.used, 100);
    ck_assert(!cas_budget_charge(&budget, 0));
    ck_assert_uint_eq(budget.refused, 1);
    cas_budget_release(&budget, 84);
    ck_assert_uint_eq(budget.used, 0);
    ck_assert_uint_eq(budget.peak, 100);
}
END_TEST

START_TEST(a_huge_charge_is_refused_without_wrapping)
{
    struct cas_budget budget = { .limit = 100 };
    ck_assert(!cas_budget_charge(&budget, SIZE_MAX));
    ck_assert(!cas_budget_charge(&budget, SIZE_MAX - CAS_BUDGET_OVERHEAD));
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

START_TEST(allocations_are_zeroed_and_given_back)
{
    struct cas_budget budget = { .limit = 1000 };
    unsigned char *memory = cas_budget_alloc(&budget, 10);
    ck_assert_ptr_nonnull(memory);
    for (size_t i = 0; i < 10; i++) {
        ck_assert_uint_eq(memory[i], 0);
    }
    cas_budget_free(&budget, memory, 10);
    cas_budget_free(&budget, NULL, 10);
    ck_assert_uint_eq(budget.used, 0);
    ck_assert_ptr_null(cas_budget_alloc(&budget, 2000));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("budget");
    TCase *tcase = tcase_create("budget");
    tcase_add_test(tcase, charges_count_malloc_s_share);
    tcase_add_test(tcase, a_huge_charge_is_refused_without_wrapping);
    tcase_add_test(tcase, allocations_are_zeroed_and_given_back);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
