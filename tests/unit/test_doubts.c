/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/support.h"
#include "tls/doubts.h"

START_TEST(ranges_are_half_open)
{
    struct cas_budget budget = { .limit = 4096 };
    struct cas_doubts doubts = cas_doubts_init(&budget);
    ck_assert_uint_eq(cas_doubts_within(&doubts, 0, UINT64_MAX), 0);
    cas_doubts_add(&doubts, (struct cas_doubt){ 10, 20, 1 });
    ck_assert_uint_eq(cas_doubts_within(&doubts, 0, 10), 0);
    ck_assert_uint_eq(cas_doubts_within(&doubts, 20, 30), 0);
    ck_assert_uint_eq(cas_doubts_within(&doubts, 19, 30), 1);
    ck_assert_uint_eq(cas_doubts_within(&doubts, 0, 11), 1);
    ck_assert_uint_eq(cas_doubts_within(&doubts, 12, 13), 1);
    cas_doubts_finish(&doubts);
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

START_TEST(too_many_ranges_grow_together_and_none_is_lost)
{
    struct cas_budget budget = { .limit = 4096 };
    struct cas_doubts doubts = cas_doubts_init(&budget);
    for (uint64_t i = 0; i < 100; i++) {
        cas_doubts_add(&doubts, (struct cas_doubt){ i * 10, i * 10 + 1, 1u << (i % 2) });
    }
    for (uint64_t i = 0; i < 100; i++) {
        uint32_t reasons = cas_doubts_within(&doubts, i * 10, i * 10 + 1);
        ck_assert_uint_ne(reasons & 1u << (i % 2), 0);
    }
    cas_doubts_finish(&doubts);
}
END_TEST

START_TEST(forgotten_ranges_are_those_wholly_before)
{
    struct cas_budget budget = { .limit = 4096 };
    struct cas_doubts doubts = cas_doubts_init(&budget);
    cas_doubts_add(&doubts, (struct cas_doubt){ 0, 10, 1 });
    cas_doubts_add(&doubts, (struct cas_doubt){ 5, 20, 2 });
    cas_doubts_forget(&doubts, 10);
    ck_assert_uint_eq(cas_doubts_within(&doubts, 0, 100), 2);
    cas_doubts_finish(&doubts);
}
END_TEST

START_TEST(without_memory_everything_is_in_doubt)
{
    struct cas_budget budget = { .limit = 0 };
    struct cas_doubts doubts = cas_doubts_init(&budget);
    cas_doubts_add(&doubts, (struct cas_doubt){ 0, 10, 4 });
    ck_assert_uint_eq(cas_doubts_within(&doubts, 500, 501), 4);
    cas_doubts_finish(&doubts);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("doubts");
    TCase *tcase = tcase_create("doubts");
    tcase_add_test(tcase, ranges_are_half_open);
    tcase_add_test(tcase, too_many_ranges_grow_together_and_none_is_lost);
    tcase_add_test(tcase, forgotten_ranges_are_those_wholly_before);
    tcase_add_test(tcase, without_memory_everything_is_in_doubt);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
