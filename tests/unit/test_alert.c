/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/support.h"
#include "tls/alert.h"

START_TEST(alerts_are_read_in_every_split)
{
    struct cas_view bytes = hex_copy("0129" /* warning, no_certificate */ "0228");
    for (size_t piece = 1; piece <= 4; piece++) {
        struct cas_side_alerts alerts = { 0 };
        for (size_t at = 0; at < bytes.len; at += piece) {
            cas_side_alerts_push(&alerts, cas_view_part(bytes, at, piece));
            ck_assert(!alerts.has_end || at + piece >= 4);
        }
        ck_assert_uint_eq(alerts.len, 2);
        ck_assert_uint_eq(alerts.alert[0].level, 1);
        ck_assert_uint_eq(alerts.alert[0].description, 41);
        ck_assert_uint_eq(alerts.alert[1].description, 40);
        ck_assert(alerts.has_end);
    }
    exact_free(bytes);
}
END_TEST

START_TEST(more_than_are_kept_are_counted)
{
    struct cas_side_alerts alerts = { 0 };
    for (int i = 0; i < 100; i++) {
        cas_side_alerts_push(&alerts, text_view("\x01\x5a"));
    }
    ck_assert_uint_eq(alerts.len, CAS_ALERTS_OF_SIDE_MAX);
    ck_assert_uint_eq(alerts.count, 100);
}
END_TEST

START_TEST(half_an_alert_is_none)
{
    struct cas_side_alerts alerts = { 0 };
    cas_side_alerts_push(&alerts, text_view("\x02"));
    ck_assert_uint_eq(alerts.count, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("alert");
    TCase *tcase = tcase_create("alert");
    tcase_add_test(tcase, alerts_are_read_in_every_split);
    tcase_add_test(tcase, more_than_are_kept_are_counted);
    tcase_add_test(tcase, half_an_alert_is_none);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
