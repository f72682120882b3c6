/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/support.h"
#include "tls/extensions.h"

START_TEST(extensions_come_one_after_the_other)
{
    struct cas_view list = hex_copy("0a0a 0000" /* GREASE */ "0017 0000"
                                    "002b 0003 020304");
    struct cas_reader r = cas_reader_init(list);
    struct cas_extension extension = { 0 };
    ck_assert(cas_extension_next(&r, &extension));
    ck_assert(cas_extension_is_grease(extension.type));
    ck_assert(cas_extension_next(&r, &extension));
    ck_assert(cas_extension_next(&r, &extension));
    ck_assert_uint_eq(extension.type, 43);
    ck_assert_uint_eq(extension.data.len, 3);
    ck_assert(!cas_extension_next(&r, &extension));
    ck_assert(cas_reader_done(&r));
    exact_free(list);
}
END_TEST

START_TEST(a_broken_extension_ends_the_list)
{
    struct cas_view list = hex_copy("0017 0000 0000 0009 00");
    struct cas_view data = { 0 };
    ck_assert(cas_extension_find(list, 23, &data));
    ck_assert(!cas_extension_find(list, 0, &data));
    exact_free(list);
}
END_TEST

START_TEST(grease_is_told_by_its_shape)
{
    ck_assert(cas_extension_is_grease(0x0a0a));
    ck_assert(cas_extension_is_grease(0xfafa));
    ck_assert(!cas_extension_is_grease(0x0a1a));
    ck_assert(!cas_extension_is_grease(0x0b0b));
    ck_assert(!cas_extension_is_grease(0x0303));
}
END_TEST

START_TEST(the_first_host_name_counts)
{
    struct cas_view data = hex_copy("000c"
                                    "01 0001 78" /* no host name */
                                    "00 0002 6162"
                                    "00 0000");
    struct cas_view name = cas_extension_host_name(data);
    ck_assert_uint_eq(name.len, 2);
    ck_assert_int_eq(name.data[0], 'a');
    exact_free(data);
}
END_TEST

START_TEST(a_name_list_cut_anywhere_gives_none)
{
    struct cas_view data = hex_copy("0005 00 0002 6162");
    for (size_t len = 0; len < data.len; len++) {
        struct cas_view prefix = exact_copy(cas_view_part(data, 0, len));
        ck_assert_uint_eq(cas_extension_host_name(prefix).len, 0);
        exact_free(prefix);
    }
    exact_free(data);
}
END_TEST

START_TEST(the_highest_version_leaves_grease_out_and_knows_drafts)
{
    struct cas_view data = hex_copy("06 fafa 0303 0304");
    ck_assert_uint_eq(cas_extension_highest_version(data), 0x0304);
    exact_free(data);
    data = hex_copy("04 7f1c 0303");
    ck_assert_uint_eq(cas_extension_highest_version(data), 0x0304);
    exact_free(data);
    data = hex_copy("00");
    ck_assert_uint_eq(cas_extension_highest_version(data), 0);
    exact_free(data);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("extensions");
    TCase *tcase = tcase_create("extensions");
    tcase_add_test(tcase, extensions_come_one_after_the_other);
    tcase_add_test(tcase, a_broken_extension_ends_the_list);
    tcase_add_test(tcase, grease_is_told_by_its_shape);
    tcase_add_test(tcase, the_first_host_name_counts);
    tcase_add_test(tcase, a_name_list_cut_anywhere_gives_none);
    tcase_add_test(tcase, the_highest_version_leaves_grease_out_and_knows_drafts);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
