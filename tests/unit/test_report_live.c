/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "support/events.h"
#include "support/report.h"
#include "support/support.h"

static const struct cas_report_options options = {
    .form = CAS_REPORT_TEXT,
    .names = CAS_NAMES_DEFAULT,
    .is_live = true,
};

START_TEST(a_new_list_is_shown_at_once)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    struct cas_ca_list_event event = *sample_ca_list(SAMPLE_RICH);
    event.version = "TLS 1.2";
    memory.sink.ca_list(memory.sink.user, &event);
    const char *text = memory_report_text(&memory);
    const char *first =
        "10.0.0.2:443  www.example.at  TLS 1.2    CONFIRMED: the list was cut\n";
    ck_assert_mem_eq(text, first, strlen(first));
    ck_assert_ptr_nonnull(
        strstr(text, "\n  seen      2026-11-23T10:31:07.123456Z by 10.0.0.1:40000 on eth0\n"));
    ck_assert_ptr_nonnull(strstr(text, "CN=Root 1\n"));
    ck_assert_ptr_nonnull(strstr(text, "CN=Root 134"));
    memory_report_close(&memory);
}
END_TEST

START_TEST(a_heartbeat_is_not_shown)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    struct cas_ca_list_event event = *sample_ca_list(SAMPLE_RICH);
    event.is_heartbeat = true;
    memory.sink.ca_list(memory.sink.user, &event);
    memory_report_text(&memory);
    ck_assert_uint_eq(memory.len, 0);
    memory_report_close(&memory);
}
END_TEST

START_TEST(an_alert_is_one_line)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    memory.sink.alert(memory.sink.user, sample_alert(SAMPLE_RICH));
    ck_assert_str_eq(memory_report_text(&memory),
                     "2026-11-23T10:31:07.123456Z  error  10.0.0.2:443 www.example.at: "
                     "The CA list shrank from 405 names to 9. "
                     "(1,000 more handshakes since its last alert) "
                     "(12 alerts were held back before)\n");
    memory_report_close(&memory);
}
END_TEST

START_TEST(what_happens_to_an_interface_is_one_line)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    memory.sink.capture(memory.sink.user, sample_capture(SAMPLE_RICH));
    ck_assert_str_eq(memory_report_text(&memory), "2026-11-23T10:31:07.123456Z  gone  eth0: "
                                                  "The interface does not exist any more.\n");
    memory_report_close(&memory);
}
END_TEST

START_TEST(the_totals_come_at_the_end)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    memory.sink.anomaly(memory.sink.user, sample_anomaly(SAMPLE_RICH));
    memory.sink.anomaly(memory.sink.user, sample_anomaly(SAMPLE_RICH));
    memory.sink.server(memory.sink.user, sample_server(SAMPLE_RICH));
    const struct cas_counters counters = {
        .value = { [CAS_COUNT_TLS_CONNECTIONS] = 1234, [CAS_COUNT_HOLES] = 1 }
    };
    const struct cas_stats_event stats = { .counters = &counters };
    memory.sink.stats(memory.sink.user, &stats);
    memory_report_text(&memory);
    ck_assert_uint_eq(memory.len, 0); /* nothing before */
    memory.sink.end(memory.sink.user);
    const char *text = memory_report_text(&memory);
    const char *first = "1 CA list seen in 1,234 TLS handshakes: 1 CONFIRMED cut.";
    ck_assert_mem_eq(text, first, strlen(first));
    ck_assert_ptr_nonnull(strstr(text, "overlap 2 times, first 2026-11-23T10:31:07.123456Z"));
    ck_assert_ptr_nonnull(strstr(text, "\nNot seen:\n  1 gap: "));
    memory_report_close(&memory);
}
END_TEST

START_TEST(a_month_of_servers_holds_nothing)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    for (size_t i = 0; i < 100000; i++) {
        memory.sink.handshake(memory.sink.user, sample_handshake(SAMPLE_MINIMAL));
        memory.sink.server(memory.sink.user, sample_server(SAMPLE_MINIMAL));
        memory.sink.anomaly(memory.sink.user, sample_anomaly(SAMPLE_MINIMAL));
    }
    memory_report_text(&memory);
    ck_assert_uint_eq(memory.len, 0);
    memory.sink.end(memory.sink.user);
    ck_assert_uint_lt(strlen(memory_report_text(&memory)), 1000);
    memory_report_close(&memory);
}
END_TEST

START_TEST(connections_are_shown_when_asked_for)
{
    struct cas_report_options verbose = options;
    verbose.verbose = true;
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &verbose);
    memory.sink.handshake(memory.sink.user, sample_handshake(SAMPLE_RICH));
    ck_assert_ptr_nonnull(strstr(memory_report_text(&memory), "10.0.0.1:40000 > 10.0.0.2:443"));
    memory_report_close(&memory);
}
END_TEST

START_TEST(text_from_the_wire_is_harmless)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    sample_tell_all(&memory.sink);
    const char *text = memory_report_text(&memory);
    ck_assert_ptr_null(strchr(text, '\x1b'));
    ck_assert_ptr_null(strchr(text, '\r'));
    memory_report_close(&memory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report_live");
    TCase *tcase = tcase_create("report_live");
    tcase_add_test(tcase, a_new_list_is_shown_at_once);
    tcase_add_test(tcase, a_heartbeat_is_not_shown);
    tcase_add_test(tcase, an_alert_is_one_line);
    tcase_add_test(tcase, what_happens_to_an_interface_is_one_line);
    tcase_add_test(tcase, the_totals_come_at_the_end);
    tcase_add_test(tcase, a_month_of_servers_holds_nothing);
    tcase_add_test(tcase, connections_are_shown_when_asked_for);
    tcase_add_test(tcase, text_from_the_wire_is_harmless);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
