/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the metrics file is written, and that its trouble is counted. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <casniff/sniffer.h>

#include "cli/metrics_file.h"
#include "support/events.h"
#include "support/folder.h"
#include "support/support.h"

static struct cas_cli_metrics_file file;
static struct cas_sniffer *sniffer;

static void begin(void)
{
    struct cas_sniffer_config config = cas_sniffer_defaults();
    folder_make();
    ck_assert(cas_cli_metrics_file_open(&file, folder_path("casniff.prom")));
    sniffer = cas_sniffer_create(&config);
    ck_assert_ptr_nonnull(sniffer);
}

static void end(void)
{
    cas_sniffer_destroy(sniffer);
    cas_cli_metrics_file_close(&file);
    folder_remove();
}

static void write_at(uint64_t now_ms)
{
    struct cas_metrics_facts facts = { 0 };
    cas_cli_metrics_file_write(&file, now_ms, sniffer, &facts);
}

static void tell_alert(void)
{
    const struct cas_sink sink = cas_cli_metrics_file_sink(&file);
    sink.alert(sink.user, sample_alert(SAMPLE_RICH));
}

static bool file_has(const char *text)
{
    struct cas_view found = file_copy(folder_path("casniff.prom"));
    char *string = strndup((const char *)found.data, found.len);
    bool has = strstr(string, text) != NULL;
    free(string);
    exact_free(found);
    return has;
}

START_TEST(it_is_due_at_once_and_every_15_seconds)
{
    ck_assert_uint_eq(cas_cli_metrics_file_due_ms(&file), 0);
    write_at(1000);
    ck_assert_uint_eq(cas_cli_metrics_file_due_ms(&file), 16000);
    ck_assert(file_has("\ncasniff_alerts_total{cause=\"list_shrank\"} 0\n"));
}
END_TEST

START_TEST(an_alert_is_there_within_a_second)
{
    write_at(1000);
    tell_alert();
    tell_alert();
    ck_assert_uint_eq(cas_cli_metrics_file_due_ms(&file), 2000);
    write_at(2000);
    ck_assert(file_has("\ncasniff_alerts_total{cause=\"list_shrank\"} 2\n"));
    ck_assert_uint_eq(cas_cli_metrics_file_due_ms(&file), 17000);
}
END_TEST

START_TEST(everybody_may_read_it)
{
    struct stat status;
    umask(0077);
    write_at(1000);
    ck_assert_int_eq(stat(folder_path("casniff.prom"), &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777u, 0644);
}
END_TEST

START_TEST(what_fails_is_counted_and_tried_again)
{
    ck_assert_int_eq(mkdir(folder_path("casniff.prom"), 0700), 0);
    write_at(1000);
    write_at(16000);
    ck_assert_uint_eq(file.counts.errors, 2);
    ck_assert_uint_eq(file.counts.written, 0);
    ck_assert_int_eq(rmdir(folder_path("casniff.prom")), 0);
    write_at(31000);
    ck_assert_uint_eq(file.counts.written, 1);
    ck_assert(file_has("casniff_build_info"));
}
END_TEST

START_TEST(what_is_no_regular_file_is_refused)
{
    struct cas_cli_metrics_file other;
    ck_assert_int_eq(mkfifo(folder_path("fifo"), 0600), 0);
    ck_assert(!cas_cli_metrics_file_open(&other, folder_path("fifo")));
    cas_cli_metrics_file_close(&other);
    ck_assert_int_eq(symlink("nowhere", folder_path("link")), 0);
    ck_assert(!cas_cli_metrics_file_open(&other, folder_path("link")));
    cas_cli_metrics_file_close(&other);
    ck_assert(folder_has("fifo"));
    ck_assert(folder_has("link"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics_file");
    TCase *tcase = tcase_create("metrics_file");
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, it_is_due_at_once_and_every_15_seconds);
    tcase_add_test(tcase, an_alert_is_there_within_a_second);
    tcase_add_test(tcase, everybody_may_read_it);
    tcase_add_test(tcase, what_fails_is_counted_and_tried_again);
    tcase_add_test(tcase, what_is_no_regular_file_is_refused);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
