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

START_TEST(the_front_can_be_dropped)
{
    struct cas_buf buf = cas_buf_init(100, NULL);
    cas_buf_append_text(&buf, "abcdef");
    cas_buf_drop_front(&buf, 4);
    ck_assert_buf_eq(&buf, "ef");
    cas_buf_drop_front(&buf, 2);
    ck_assert_uint_eq(buf.len, 0);
    cas_buf_finish(&buf);
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

int main(void)
{
    Suite *suite = suite_create("buf");
    TCase *tcase = tcase_create("buf");
    tcase_add_test(tcase, appends_of_every_kind_follow_each_other);
    tcase_add_test(tcase, it_never_grows_past_its_cap);
    tcase_add_test(tcase, a_refused_charge_keeps_what_was_there);
    tcase_add_test(tcase, the_front_can_be_dropped);
    tcase_add_test(tcase, a_string_is_taken_whole);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
