/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

START_TEST(appends_of_every_kind_follow_each_other)
{
    struct cas_buf buf = cas_buf_init(100, NULL);
    cas_buf_append(&buf, text_view("a"));
    cas_buf_append_u8(&buf, 'b');
    cas_buf_append_text(&buf, "c");
    cas_buf_append_format(&buf, "%d", 7);
    cas_buf_append_hex(&buf, text_view("\x0f\xa0"));
    ck_assert_buf_eq(&buf, "abc70fa0");
    cas_buf_finish(&buf);
}
END_TEST

START_TEST(it_never_grows_past_its_cap)
{
    struct cas_buf buf = cas_buf_init(3, NULL);
    cas_buf_append_text(&buf, "abc");
    ck_assert(cas_buf_ok(&buf));
    cas_buf_append_text(&buf, "d");
    ck_assert(!cas_buf_ok(&buf));
    ck_assert_uint_eq(buf.len, 3);
    ck_assert_ptr_null(cas_buf_take_string(&buf));
}
END_TEST

START_TEST(a_refused_charge_keeps_what_was_there)
{
    struct cas_budget budget = { .limit = 100 };
    struct cas_buf buf = cas_buf_init(1000, &budget);
    cas_buf_append_text(&buf, "kept");
    for (int i = 0; i < 100; i++) {
        cas_buf_append_text(&buf, "more");
    }
    ck_assert(!cas_buf_ok(&buf));
    ck_assert_mem_eq(buf.data, "kept", 4);
    cas_buf_finish(&buf);
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

START_TEST(a_string_is_taken_whole)
{
    struct cas_buf buf = cas_buf_init(100, NULL);
    char *empty = cas_buf_take_string(&buf);
    ck_assert_str_eq(empty, "");
    cas_buf_append_text(&buf, "abc");
    char *string = cas_buf_take_string(&buf);
    ck_assert_str_eq(string, "abc");
    ck_assert_uint_eq(buf.len, 0);
    free(empty);
    free(string);
}
END_TEST

/* 2^32 - 1 has the most digits. */
START_TEST(decimals_have_no_leading_zeros)
{
    struct cas_buf buf = cas_buf_init(100, NULL);
    static const uint32_t numbers[] = { 0, 9, 10, 65535, 4294967295 };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        cas_buf_append_decimal(&buf, numbers[i]);
        cas_buf_append_u8(&buf, ' ');
    }
    ck_assert_buf_eq(&buf, "0 9 10 65535 4294967295 ");
    cas_buf_finish(&buf);
}
END_TEST

START_TEST(reserved_room_is_charged_once)
{
    struct cas_budget budget = { .limit = 1000 };
    struct cas_buf buf = cas_buf_init(500, &budget);
    cas_buf_reserve(&buf, 300);
    size_t used = budget.used;
    ck_assert_uint_ge(used, 300);
    for (int i = 0; i < 300; i++) {
        cas_buf_append_u8(&buf, 'x');
    }
    ck_assert(cas_buf_ok(&buf));
    ck_assert_uint_eq(budget.used, used);
    cas_buf_reserve(&buf, 201);
    ck_assert(!cas_buf_ok(&buf));
    ck_assert_uint_eq(buf.len, 300);
    cas_buf_finish(&buf);
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

START_TEST(a_format_that_is_too_long_is_a_failure_and_no_cut)
{
    struct cas_buf buf = cas_buf_init(1000, NULL);
    cas_buf_append_format(&buf, "%255s", "x");
    ck_assert(cas_buf_ok(&buf));
    ck_assert_uint_eq(buf.len, 255);
    cas_buf_append_format(&buf, "%256s", "x");
    ck_assert(!cas_buf_ok(&buf));
    ck_assert_uint_eq(buf.len, 255);
    cas_buf_finish(&buf);
}
END_TEST

START_TEST(no_length_wraps_around)
{
    struct cas_buf buf = cas_buf_init(1000, NULL);
    cas_buf_append_hex(&buf, (struct cas_view){ .len = SIZE_MAX / 2 + 1 });
    ck_assert(!cas_buf_ok(&buf));
    ck_assert_uint_eq(buf.len, 0);
    cas_buf_finish(&buf);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("buf");
    TCase *tcase = tcase_create("buf");
    tcase_add_test(tcase, appends_of_every_kind_follow_each_other);
    tcase_add_test(tcase, it_never_grows_past_its_cap);
    tcase_add_test(tcase, a_refused_charge_keeps_what_was_there);
    tcase_add_test(tcase, a_string_is_taken_whole);
    tcase_add_test(tcase, decimals_have_no_leading_zeros);
    tcase_add_test(tcase, reserved_room_is_charged_once);
    tcase_add_test(tcase, a_format_that_is_too_long_is_a_failure_and_no_cut);
    tcase_add_test(tcase, no_length_wraps_around);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
