/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Live reports: several at once, in trouble one by one. */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/clock.h"
#include "cli/reports.h"
#include "support/events.h"
#include "support/folder.h"
#include "support/support.h"

#define REPORTS 3

/* Live, for no capture is named; the paths are to be set. */
static struct cas_cli_report wanted[REPORTS] = {
    { .form = CAS_REPORT_JSON },
    { .form = CAS_REPORT_CSV },
    { .form = CAS_REPORT_JSON },
};

static struct cas_cli_options options_of(size_t len)
{
    return (struct cas_cli_options){
        .action = CAS_CLI_SNIFF,
        .reports = wanted,
        .reports_len = len,
        .colour = CAS_CLI_COLOUR_NEVER,
    };
}

static void open_reports(struct cas_cli_reports *reports, size_t len)
{
    const struct cas_cli_options options = options_of(len);
    ck_assert(cas_cli_reports_open(reports, &options));
}

static void tell_handshake(struct cas_cli_reports *reports)
{
    const struct cas_sink sink = cas_cli_reports_sink(reports);
    sink.handshake(sink.user, sample_handshake(SAMPLE_RICH));
}

static size_t lines_in(const char *name)
{
    struct cas_view text = file_copy(folder_path(name));
    size_t lines = 0;
    for (size_t i = 0; i < text.len; i++) {
        lines += text.data[i] == '\n' ? 1 : 0;
    }
    ck_assert(text.len == 0 || text.data[text.len - 1] == '\n');
    exact_free(text);
    return lines;
}

START_TEST(what_is_full_holds_up_nothing_else)
{
    struct cas_cli_reports reports;
    wanted[0].path = folder_path("json");
    wanted[1].path = folder_path("csv");
    wanted[2].path = "/dev/full";
    open_reports(&reports, REPORTS);
    for (unsigned i = 0; i < 10; i++) {
        tell_handshake(&reports);
        cas_cli_reports_flush(&reports, i);
    }
    ck_assert_uint_eq(lines_in("json"), 10);
    ck_assert_uint_eq(lines_in("csv"), 11); /* and its heading */
    ck_assert_uint_eq(cas_cli_reports_stats(&reports, 0).written, 10);
    ck_assert_uint_eq(cas_cli_reports_stats(&reports, 2).queued, 10);
    ck_assert_uint_gt(cas_cli_reports_stats(&reports, 2).errors, 0);
    ck_assert_uint_ne(cas_cli_reports_retry_ms(&reports), CAS_CLI_NEVER);
    ck_assert_int_eq(cas_cli_reports_state(&reports), CAS_CLI_WRITTEN);
    cas_cli_reports_end_by(&reports, cas_cli_clock_ms());
    ck_assert_int_eq(cas_cli_reports_close(&reports), CAS_CLI_UNWRITTEN);
}
END_TEST

START_TEST(a_report_that_is_continued_has_one_heading)
{
    struct cas_cli_reports reports;
    wanted[1].path = folder_path("csv");
    wanted[0] = wanted[1];
    for (unsigned run = 1; run <= 2; run++) {
        open_reports(&reports, 1);
        tell_handshake(&reports);
        ck_assert_int_eq(cas_cli_reports_close(&reports), CAS_CLI_WRITTEN);
        ck_assert_uint_eq(lines_in("csv"), 1 + run);
    }
}
END_TEST

START_TEST(reopening_begins_new_files)
{
    struct cas_cli_reports reports;
    wanted[0].path = folder_path("json");
    open_reports(&reports, 1);
    tell_handshake(&reports);
    ck_assert_int_eq(rename(folder_path("json"), folder_path("json.1")), 0);
    tell_handshake(&reports);
    cas_cli_reports_reopen(&reports, 0);
    tell_handshake(&reports);
    ck_assert_int_eq(cas_cli_reports_close(&reports), CAS_CLI_WRITTEN);
    ck_assert_uint_eq(lines_in("json.1"), 2);
    ck_assert_uint_eq(lines_in("json"), 1);
}
END_TEST

/* Standard output becomes a pipe, whose reading end is given. */
static int pipe_to_stdout(void)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
    close(ends[1]);
    return ends[0];
}

START_TEST(the_run_ends_when_nobody_listens_any_more)
{
    struct cas_cli_reports reports;
    int reader = pipe_to_stdout();
    wanted[0].path = NULL;
    open_reports(&reports, 1);
    tell_handshake(&reports);
    cas_cli_reports_flush(&reports, 0);
    ck_assert_int_eq(cas_cli_reports_state(&reports), CAS_CLI_WRITTEN);
    close(reader);
    tell_handshake(&reports);
    cas_cli_reports_flush(&reports, 0);
    ck_assert_int_eq(cas_cli_reports_state(&reports), CAS_CLI_UNWANTED);
    ck_assert_int_eq(cas_cli_reports_close(&reports), CAS_CLI_UNWANTED);
}
END_TEST

START_TEST(a_sink_that_joined_still_listens)
{
    struct cas_cli_reports reports;
    const struct cas_sink joined = { 0 };
    int reader = pipe_to_stdout();
    wanted[0].path = "/dev/stdout";
    open_reports(&reports, 1);
    ck_assert(cas_cli_reports_join(&reports, &joined));
    close(reader);
    tell_handshake(&reports);
    cas_cli_reports_flush(&reports, 0);
    ck_assert_int_eq(cas_cli_reports_state(&reports), CAS_CLI_WRITTEN);
    (void)cas_cli_reports_close(&reports);
}
END_TEST

START_TEST(a_stalled_reader_is_polled_for_and_not_waited_for)
{
    struct cas_cli_reports reports;
    struct pollfd polls[REPORTS];
    int reader = pipe_to_stdout();
    wanted[0].path = NULL;
    wanted[1].path = folder_path("csv");
    open_reports(&reports, 2);
    uint64_t begin_ms = cas_cli_clock_ms();
    for (unsigned i = 0; i < 5000; i++) {
        tell_handshake(&reports);
        cas_cli_reports_flush(&reports, 0);
    }
    ck_assert_uint_eq(cas_cli_reports_poll(&reports, polls, REPORTS), 1);
    ck_assert_int_eq(polls[0].events, POLLOUT);
    ck_assert_int_eq(poll(polls, 1, 0), 0);
    ck_assert_uint_eq(lines_in("csv"), 5001);
    cas_cli_reports_end_by(&reports, cas_cli_clock_ms() + 50);
    ck_assert_int_eq(cas_cli_reports_close(&reports), CAS_CLI_WRITTEN);
    ck_assert_uint_lt(cas_cli_clock_ms() - begin_ms, 30000);
    close(reader);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reports");
    TCase *tcase = tcase_create("reports");
    signal(SIGPIPE, SIG_IGN);
    tcase_add_checked_fixture(tcase, folder_make, folder_remove);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, what_is_full_holds_up_nothing_else);
    tcase_add_test(tcase, a_report_that_is_continued_has_one_heading);
    tcase_add_test(tcase, reopening_begins_new_files);
    tcase_add_test(tcase, the_run_ends_when_nobody_listens_any_more);
    tcase_add_test(tcase, a_sink_that_joined_still_listens);
    tcase_add_test(tcase, a_stalled_reader_is_polled_for_and_not_waited_for);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
