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

/* Which piece comes is nobody's business; but one that was used before must be zeroed again,
 * and large enough. */
START_TEST(what_comes_from_the_stock_is_zeroed)
{
    struct cas_budget budget = { .limit = 1u << 24 };
    cas_budget_keep_stock(&budget);
    for (size_t len = 1; len <= 4096; len += len < 64 ? 1 : 61) {
        unsigned char *memory = cas_budget_alloc(&budget, len);
        ck_assert_ptr_nonnull(memory);
        memset(memory, 0xff, len);
        cas_budget_free(&budget, memory, len);
        memory = cas_budget_alloc(&budget, len);
        ck_assert_ptr_nonnull(memory);
        for (size_t i = 0; i < len; i++) {
            ck_assert_uint_eq(memory[i], 0);
        }
        cas_budget_free(&budget, memory, len);
    }
    ck_assert_uint_eq(budget.used, 0);
    cas_budget_drop_stock(&budget);
    ck_assert_ptr_null(budget.stock);
}
END_TEST

/* Pieces of all sizes, 5 MB of them: a thirty-second of the limit is kept, or nothing. */
START_TEST(the_stock_of_all_sizes_has_a_limit)
{
    enum {
        LIMIT = 1u << 20,
        PIECES = 20
    };
    static void *piece[PIECES];
    struct cas_budget budget = { .limit = LIMIT };
    cas_budget_keep_stock(&budget);
    for (size_t len = 64; len <= 2048; len += 8) {
        for (size_t i = 0; i < PIECES; i++) {
            piece[i] = cas_budget_alloc(&budget, len);
            ck_assert_ptr_nonnull(piece[i]);
        }
        for (size_t i = 0; i < PIECES; i++) {
            cas_budget_free(&budget, piece[i], len);
        }
    }
    ck_assert_uint_eq(budget.used, 0);
    ck_assert_uint_le(cas_budget_stocked(&budget), LIMIT / 32);
    ck_assert(cas_budget_stocked(&budget) > LIMIT / 64 || budget.stock == NULL);
    cas_budget_drop_stock(&budget);
    ck_assert_uint_eq(cas_budget_stocked(&budget), 0);
}
END_TEST

/* The budget has the last word, whatever lies in the stock. */
START_TEST(the_stock_is_no_way_round_the_limit)
{
    struct cas_budget budget = { .limit = 1000 };
    cas_budget_keep_stock(&budget);
    void *memory = cas_budget_alloc(&budget, 648);
    cas_budget_free(&budget, memory, 648);
    budget.limit = 500;
    ck_assert_ptr_null(cas_budget_alloc(&budget, 648));
    ck_assert_ptr_null(cas_budget_alloc_raw(&budget, 648));
    ck_assert_uint_eq(budget.refused, 2);
    cas_budget_drop_stock(&budget);
}
END_TEST

/* 1,000 pieces of 1,024 bytes are freed: 128 of them are kept, and each is given once. */
START_TEST(each_piece_of_the_stock_is_given_once)
{
    enum {
        PIECES = 1000,
        LEN = 1024
    };
    static unsigned char *piece[PIECES];
    struct cas_budget budget = { .limit = 1u << 24 };
    cas_budget_keep_stock(&budget);
    for (unsigned round = 0; round < 2; round++) {
        for (size_t i = 0; i < PIECES; i++) {
            piece[i] = cas_budget_alloc_raw(&budget, LEN);
            ck_assert_ptr_nonnull(piece[i]);
            memset(piece[i], (int)(i % 251), LEN);
        }
        for (size_t i = 0; i < PIECES; i++) {
            ck_assert_uint_eq(piece[i][0], i % 251);
            ck_assert_uint_eq(piece[i][LEN - 1], i % 251);
            cas_budget_free(&budget, piece[i], LEN);
        }
    }
    ck_assert_uint_eq(budget.used, 0);
    ck_assert_uint_eq(cas_budget_stocked(&budget), budget.stock != NULL ? 128 * LEN : 0);
    cas_budget_drop_stock(&budget);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("budget");
    TCase *tcase = tcase_create("budget");
    tcase_add_test(tcase, charges_count_malloc_s_share);
    tcase_add_test(tcase, a_huge_charge_is_refused_without_wrapping);
    tcase_add_test(tcase, allocations_are_zeroed_and_given_back);
    tcase_add_test(tcase, what_comes_from_the_stock_is_zeroed);
    tcase_add_test(tcase, the_stock_of_all_sizes_has_a_limit);
    tcase_add_test(tcase, the_stock_is_no_way_round_the_limit);
    tcase_add_test(tcase, each_piece_of_the_stock_is_given_once);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
