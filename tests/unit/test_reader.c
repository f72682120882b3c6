/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "support/support.h"

START_TEST(integers_are_read_in_network_order)
{
    struct cas_view bytes = hex_copy("01 0203 040506 0708090a 0b0c0d0e0f101112 13141516");
    struct cas_reader r = cas_reader_init(bytes);
    ck_assert_uint_eq(cas_reader_u8(&r), 0x01);
    ck_assert_uint_eq(cas_reader_u16(&r), 0x0203);
    ck_assert_uint_eq(cas_reader_u24(&r), 0x040506);
    ck_assert_uint_eq(cas_reader_u32(&r), 0x0708090a);
    ck_assert_uint_eq(cas_reader_u64(&r), 0x0b0c0d0e0f101112);
    ck_assert_uint_eq(cas_reader_u32le(&r), 0x16151413);
    ck_assert(cas_reader_done(&r));
    ck_assert_uint_eq(cas_reader_offset(&r), bytes.len);
    exact_free(bytes);
}
END_TEST

START_TEST(a_failed_read_empties_the_reader)
{
    struct cas_view bytes = hex_copy("01 02 03");
    struct cas_reader r = cas_reader_init(bytes);
    ck_assert_uint_eq(cas_reader_u32(&r), 0);
    ck_assert(!cas_reader_ok(&r));
    ck_assert_uint_eq(cas_reader_left(&r), 0);
    ck_assert_uint_eq(cas_reader_u8(&r), 0);
    ck_assert(!cas_reader_done(&r));
    exact_free(bytes);
}
END_TEST

START_TEST(a_vector_is_exactly_its_length)
{
    struct cas_view bytes = hex_copy("02 aabb 0001 cc 000000 dd");
    struct cas_reader r = cas_reader_init(bytes);
    ck_assert_uint_eq(cas_reader_vec8(&r).len, 2);
    ck_assert_uint_eq(cas_reader_vec16(&r).data[0], 0xcc);
    ck_assert_uint_eq(cas_reader_vec24(&r).len, 0);
    ck_assert(cas_reader_ok(&r));
    ck_assert_uint_eq(cas_reader_left(&r), 1);
    exact_free(bytes);
}
END_TEST

START_TEST(a_vector_longer_than_the_rest_fails)
{
    struct cas_view bytes = hex_copy("03 aabb");
    struct cas_reader r = cas_reader_init(bytes);
    ck_assert_uint_eq(cas_reader_vec8(&r).len, 0);
    ck_assert(!cas_reader_ok(&r));
    exact_free(bytes);
}
END_TEST

START_TEST(an_empty_view_is_done_at_once)
{
    struct cas_reader r = cas_reader_init((struct cas_view){ 0 });
    ck_assert(cas_reader_done(&r));
    ck_assert_uint_eq(cas_reader_rest(&r).len, 0);
    ck_assert(cas_reader_done(&r));
    ck_assert_uint_eq(cas_reader_u8(&r), 0);
    ck_assert(!cas_reader_ok(&r));
}
END_TEST

START_TEST(views_compare_by_bytes_then_length)
{
    ck_assert(cas_view_equal(text_view("abc"), text_view("abc")));
    ck_assert(!cas_view_equal(text_view("abc"), text_view("abd")));
    ck_assert(cas_view_equal(text_view(""), (struct cas_view){ 0 }));
    ck_assert_int_lt(cas_view_compare(text_view("ab"), text_view("abc")), 0);
    ck_assert_int_gt(cas_view_compare(text_view("b"), text_view("abc")), 0);
    ck_assert_int_eq(cas_view_compare(text_view("b"), text_view("b")), 0);
}
END_TEST

START_TEST(a_part_stays_inside_its_view)
{
    struct cas_view bytes = text_view("abcdef");
    ck_assert_uint_eq(cas_view_part(bytes, 4, 10).len, 2);
    ck_assert_uint_eq(cas_view_part(bytes, 6, 1).len, 0);
    ck_assert_uint_eq(cas_view_part(bytes, SIZE_MAX, SIZE_MAX).len, 0);
    ck_assert_int_eq(cas_view_part(bytes, 2, 1).data[0], 'c');
}
END_TEST

START_TEST(until_takes_the_byte_looked_for_or_all)
{
    struct cas_view copy = exact_copy(text_view("ab\n\ncd"));
    struct cas_reader r = cas_reader_init(copy);
    ck_assert_uint_eq(cas_reader_until(&r, '\n').len, 3);
    ck_assert_uint_eq(cas_reader_until(&r, '\n').len, 1);
    ck_assert_uint_eq(cas_reader_until(&r, '\n').len, 2);
    ck_assert_uint_eq(cas_reader_until(&r, '\n').len, 0);
    ck_assert(cas_reader_done(&r));
    exact_free(copy);
}
END_TEST

START_TEST(a_failed_reader_tells_where_it_stood)
{
    struct cas_view copy = exact_copy(text_view("abcdef"));
    struct cas_reader r = cas_reader_init(cas_view_part(copy, 2, 4));
    cas_reader_skip(&r, 1);
    ck_assert_uint_eq(cas_reader_offset_in(&r, copy), 3);
    cas_reader_fail(&r);
    ck_assert(!cas_reader_ok(&r));
    ck_assert_uint_eq(cas_reader_left(&r), 0);
    ck_assert_uint_eq(cas_reader_offset_in(&r, copy), 3);
    exact_free(copy);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reader");
    TCase *tcase = tcase_create("reader");
    tcase_add_test(tcase, integers_are_read_in_network_order);
    tcase_add_test(tcase, a_failed_read_empties_the_reader);
    tcase_add_test(tcase, a_vector_is_exactly_its_length);
    tcase_add_test(tcase, a_vector_longer_than_the_rest_fails);
    tcase_add_test(tcase, an_empty_view_is_done_at_once);
    tcase_add_test(tcase, views_compare_by_bytes_then_length);
    tcase_add_test(tcase, a_part_stays_inside_its_view);
    tcase_add_test(tcase, until_takes_the_byte_looked_for_or_all);
    tcase_add_test(tcase, a_failed_reader_tells_where_it_stood);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
