/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/community_id.h"
#include "support/support.h"

/* 128.232.110.120:34855 to 66.35.250.204:80: an example of the specification's own tests. */
START_TEST(the_specifications_example_in_either_order)
{
    const struct cas_endpoint a = { .family = 4,
                                    .address = { 128, 232, 110, 120 },
                                    .port = 34855 };
    const struct cas_endpoint b = { .family = 4, .address = { 66, 35, 250, 204 }, .port = 80 };
    char id[CAS_COMMUNITY_ID_MAX];
    cas_community_id(&a, &b, id);
    ck_assert_str_eq(id, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
    cas_community_id(&b, &a, id);
    ck_assert_str_eq(id, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("community_id");
    TCase *tcase = tcase_create("community_id");
    tcase_add_test(tcase, the_specifications_example_in_either_order);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
