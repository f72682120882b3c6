/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "bytes/arena.h"
#include "support/support.h"

START_TEST(what_was_allocated_stays_while_more_is_allocated)
{
    struct cas_budget budget = { .limit = 1u << 20 };
    struct cas_arena arena = cas_arena_init(&budget);
    char *strings[100];
    for (int i = 0; i < 100; i++) {
        strings[i] = cas_arena_format(&arena, "string %d of some length", i);
    }
    for (int i = 0; i < 100; i++) {
        char wanted[64];
        snprintf(wanted, sizeof(wanted), "string %d of some length", i);
        ck_assert_str_eq(strings[i], wanted);
    }
    ck_assert(cas_arena_ok(&arena));
    cas_arena_finish(&arena);
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

START_TEST(memory_is_zeroed_also_after_clear)
{
    struct cas_budget budget = { .limit = 1u << 20 };
    struct cas_arena arena = cas_arena_init(&budget);
    memset(cas_arena_alloc(&arena, 500), 0xff, 500);
    cas_arena_clear(&arena);
    const unsigned char *again = cas_arena_alloc(&arena, 500);
    for (size_t i = 0; i < 500; i++) {
        ck_assert_uint_eq(again[i], 0);
    }
    cas_arena_finish(&arena);
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

START_TEST(a_refusal_is_remembered_until_clear)
{
    struct cas_budget budget = { .limit = 4096 };
    struct cas_arena arena = cas_arena_init(&budget);
    ck_assert_ptr_nonnull(cas_arena_string(&arena, "fits"));
    ck_assert_ptr_null(cas_arena_alloc(&arena, 100000));
    ck_assert(!cas_arena_ok(&arena));
    ck_assert_ptr_null(cas_arena_string(&arena, "no more"));
    cas_arena_clear(&arena);
    ck_assert_ptr_nonnull(cas_arena_string(&arena, "fits"));
    ck_assert_ptr_null(cas_arena_array(&arena, SIZE_MAX / 2, 8));
    cas_arena_finish(&arena);
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

/* Text is tried in place first: what did not fit must not show in what is allocated later. */
START_TEST(a_text_that_does_not_fit_leaves_no_trace)
{
    struct cas_budget budget = { .limit = 1200 };
    struct cas_arena arena = cas_arena_init(&budget);
    (void)cas_arena_alloc(&arena, 800);
    ck_assert_ptr_null(cas_arena_format(&arena, "%0500d", 7));
    ck_assert(!cas_arena_ok(&arena));
    cas_arena_clear(&arena);
    const unsigned char *again = cas_arena_alloc(&arena, 1000);
    ck_assert_ptr_nonnull(again);
    for (size_t i = 0; i < 1000; i++) {
        ck_assert_uint_eq(again[i], 0);
    }
    cas_arena_finish(&arena);
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

START_TEST(texts_of_every_length_are_whole)
{
    struct cas_budget budget = { .limit = 1u << 20 };
    struct cas_arena arena = cas_arena_init(&budget);
    for (int width = 1; width < 1500; width++) {
        char wanted[1500];
        snprintf(wanted, sizeof(wanted), "%*d", width, 7);
        const char *text = cas_arena_format(&arena, "%*d", width, 7);
        ck_assert_str_eq(text, wanted);
        const unsigned char *next = cas_arena_alloc(&arena, 16);
        ck_assert_uint_eq(next[0], 0);
        if (width % 7 == 0) {
            cas_arena_clear(&arena);
        }
    }
    cas_arena_finish(&arena);
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

START_TEST(copies_are_whole)
{
    struct cas_budget budget = { .limit = 1u << 20 };
    struct cas_arena arena = cas_arena_init(&budget);
    struct cas_view copy = cas_arena_copy(&arena, text_view("abc"));
    ck_assert(cas_view_equal(copy, text_view("abc")));
    struct cas_buf failed = cas_buf_init(1, NULL);
    cas_buf_append_text(&failed, "ab");
    ck_assert_ptr_null(cas_arena_string_of(&arena, &failed));
    ck_assert(!cas_arena_ok(&arena));
    cas_buf_finish(&failed);
    cas_arena_finish(&arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arena");
    TCase *tcase = tcase_create("arena");
    tcase_add_test(tcase, what_was_allocated_stays_while_more_is_allocated);
    tcase_add_test(tcase, memory_is_zeroed_also_after_clear);
    tcase_add_test(tcase, a_refusal_is_remembered_until_clear);
    tcase_add_test(tcase, a_text_that_does_not_fit_leaves_no_trace);
    tcase_add_test(tcase, texts_of_every_length_are_whole);
    tcase_add_test(tcase, copies_are_whole);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
