/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "net/window.h"
#include "support/frames.h"
#include "support/support.h"

#define MAP_LEN 20000
#define START   UINT64_C(0x1fffff000)

START_TEST(bytes_are_kept_across_pages)
{
    struct cas_budget budget = { .limit = 1000000 };
    struct cas_window window = { .budget = &budget };
    ck_assert_uint_eq(cas_window_at(&window, START).len, 0);
    ck_assert_int_eq(cas_window_put(&window, START + CAS_WINDOW_PAGE - 2, text_view("abcd")),
                     CAS_WINDOW_KEPT);
    ck_assert(
        cas_view_equal(cas_window_at(&window, START + CAS_WINDOW_PAGE - 2), text_view("ab")));
    ck_assert(cas_view_equal(cas_window_at(&window, START + CAS_WINDOW_PAGE), text_view("cd")));
    ck_assert_uint_eq(cas_window_at(&window, START).len, 0);
    cas_window_finish(&window);
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

START_TEST(a_difference_is_found_to_the_byte)
{
    struct cas_budget budget = { .limit = 1000000 };
    struct cas_window window = { .budget = &budget };
    ck_assert_int_eq(cas_window_put(&window, START, text_view("hello, world")),
                     CAS_WINDOW_KEPT);
    struct cas_range found =
        cas_window_first_difference(&window, START - 2, text_view("xxheLLo, world!"));
    ck_assert_uint_eq(found.begin, START + 2);
    ck_assert_uint_eq(found.end, START + 4);
    found = cas_window_first_difference(&window, START + 4, text_view("o, world and more"));
    ck_assert_uint_eq(cas_range_len(found), 0);
    cas_window_finish(&window);
}
END_TEST

START_TEST(a_refusal_keeps_what_was_there)
{
    struct cas_budget budget = { .limit = 4000 };
    struct cas_window window = { .budget = &budget };
    ck_assert_int_eq(cas_window_put(&window, START, text_view("hello")), CAS_WINDOW_KEPT);
    uint8_t much[8000] = { 0 };
    ck_assert_int_eq(cas_window_put(&window, START + 5, cas_view_of(much, sizeof(much))),
                     CAS_WINDOW_MEMORY);
    ck_assert(cas_view_equal(cas_window_at(&window, START), text_view("hello")));
    cas_window_finish(&window);
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

/* Against a plain array: -1 is not known. */
START_TEST(random_writes_agree_with_an_array)
{
    struct dice dice = dice_init("window");
    struct cas_budget budget = { .limit = 1000000 };
    for (unsigned round = 0; round < 30; round++) {
        static int map[MAP_LEN];
        memset(map, 0xff, sizeof(map));
        bool agrees = true;
        struct cas_window window = { .budget = &budget };
        for (unsigned step = 0; step < 60; step++) {
            size_t at = dice_roll(&dice, MAP_LEN - 3000);
            struct cas_view bytes = dice_bytes(&dice, 1 + dice_roll(&dice, 2999));
            struct cas_range left = { .begin = START + at, .end = START + at + bytes.len };
            struct cas_range part;
            while (cas_range_len(part = cas_window_first_new(&window, left)) > 0) {
                size_t from = (size_t)(part.begin - START);
                struct cas_view piece =
                    cas_view_part(bytes, from - at, (size_t)cas_range_len(part));
                if (cas_window_put(&window, part.begin, piece) == CAS_WINDOW_KEPT) {
                    for (size_t i = 0; i < piece.len; i++) {
                        agrees = agrees && map[from + i] == -1;
                        map[from + i] = piece.data[i];
                    }
                }
                left.begin = part.end;
            }
            exact_free(bytes);
        }
        size_t low = dice_roll(&dice, MAP_LEN);
        cas_window_forget_below(&window, START + low);
        for (size_t i = 0; i < MAP_LEN; i++) {
            struct cas_view there = cas_window_at(&window, START + i);
            bool is_right =
                there.len > 0 ? i >= low && there.data[0] == map[i] : i < low || map[i] == -1;
            agrees = agrees && is_right;
        }
        ck_assert(agrees);
        cas_window_finish(&window);
        ck_assert_uint_eq(budget.used, 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("window");
    TCase *tcase = tcase_create("window");
    tcase_add_test(tcase, bytes_are_kept_across_pages);
    tcase_add_test(tcase, a_difference_is_found_to_the_byte);
    tcase_add_test(tcase, a_refusal_keeps_what_was_there);
    tcase_add_test(tcase, random_writes_agree_with_an_array);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
