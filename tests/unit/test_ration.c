/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/ration.h"
#include "support/support.h"

#define HOUR_US UINT64_C(3600000000)
#define NOW_US  (1000 * HOUR_US)

START_TEST(each_kind_has_so_many_an_hour)
{
    struct cas_ration ration = { 0 };
    for (unsigned kind = 0; kind < CAS_RATION_KINDS; kind++) {
        for (uint64_t i = 0; i < 20; i++) {
            ck_assert_int_eq(cas_ration_take(&ration, kind, 8, NOW_US + i), i < 8);
        }
    }
    ck_assert(!cas_ration_take(&ration, 0, 8, NOW_US + HOUR_US - 1));
    ck_assert(cas_ration_take(&ration, 0, 8, NOW_US + HOUR_US));
    ck_assert(cas_ration_take(&ration, CAS_RATION_LIST, 8, NOW_US + HOUR_US));
}
END_TEST

START_TEST(nothing_is_refused_when_the_number_is_0)
{
    struct cas_ration ration = { 0 };
    for (uint64_t i = 0; i < 1000; i++) {
        ck_assert(cas_ration_take(&ration, CAS_RATION_LIST, 0, NOW_US));
    }
}
END_TEST

START_TEST(a_clock_that_was_set_back_does_not_end_it)
{
    struct cas_ration ration = { 0 };
    ck_assert(cas_ration_take(&ration, 0, 1, NOW_US));
    ck_assert(!cas_ration_take(&ration, 0, 1, NOW_US));
    ck_assert(cas_ration_take(&ration, 0, 1, NOW_US - 500 * HOUR_US));
    ck_assert(!cas_ration_take(&ration, 0, 1, NOW_US - 500 * HOUR_US + 1));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ration");
    TCase *tcase = tcase_create("ration");
    tcase_add_test(tcase, each_kind_has_so_many_an_hour);
    tcase_add_test(tcase, nothing_is_refused_when_the_number_is_0);
    tcase_add_test(tcase, a_clock_that_was_set_back_does_not_end_it);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
