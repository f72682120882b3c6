/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line that moves, on a terminal of the test's own. */
#define _XOPEN_SOURCE 700 /* posix_openpt() */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/progress.h"
#include "support/support.h"

static int master = -1;

/* Standard output and error become a terminal. */
static void open_terminal(void)
{
    master = posix_openpt(O_RDWR | O_NOCTTY);
    ck_assert_int_ge(master, 0);
    ck_assert_int_eq(grantpt(master), 0);
    ck_assert_int_eq(unlockpt(master), 0);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    ck_assert_int_ge(slave, 0);
    ck_assert_int_eq(dup2(slave, STDERR_FILENO), STDERR_FILENO);
    ck_assert_int_eq(dup2(slave, STDOUT_FILENO), STDOUT_FILENO);
    setenv("TERM", "xterm", 1);
}

/* What came to the terminal since; it comes piece by piece. */
static const char *shown(void)
{
    static char text[512];
    size_t len = 0;
    struct pollfd waiting = { .fd = master, .events = POLLIN };
    while (poll(&waiting, 1, 100) == 1) {
        ssize_t got = read(master, &text[len], sizeof(text) - 1 - len);
        ck_assert_int_gt(got, 0);
        len += (size_t)got;
    }
    text[len] = '\0';
    return text;
}

static struct cas_capture *open_capture(const char *name)
{
    struct cas_capture *capture = NULL;
    ck_assert_int_eq(cas_capture_open_file(name, NULL, &capture, NULL), CAS_OK);
    return capture;
}

static const struct cas_counters counters = {
    .value = { [CAS_COUNT_FRAMES] = 17, [CAS_COUNT_CERT_REQUESTS] = 3 }
};

START_TEST(it_waits_a_second_and_tells_at_most_so_often)
{
    const struct cas_cli_options options = { 0 };
    open_terminal();
    struct cas_capture *capture = open_capture(source_path("pcaps/few-cas.pcap"));
    struct cas_cli_progress progress = cas_cli_progress_begin(&options);
    ck_assert_uint_eq(progress.due_ms, progress.began_ms + 1000);
    cas_cli_progress_show(&progress, "some/site.pcap", capture, &counters);
    ck_assert_str_eq(shown(), "");
    progress.due_ms = 0;
    cas_cli_progress_show(&progress, "some/site.pcap", capture, &counters);
    const char *line = shown();
    ck_assert_ptr_eq(strstr(line, "\rsite.pcap "), line);
    ck_assert_ptr_nonnull(strstr(line, ", 3 lists\x1b[K"));
    cas_cli_progress_show(&progress, "some/site.pcap", capture, &counters);
    ck_assert_str_eq(shown(), "");
    cas_cli_progress_end(&progress);
    ck_assert_str_eq(shown(), "\r\x1b[K");
    cas_cli_progress_end(&progress);
    ck_assert_str_eq(shown(), "");
    cas_capture_close(capture);
}
END_TEST

START_TEST(a_share_is_told_where_the_size_is_known_and_packets_elsewhere)
{
    const struct cas_cli_options options = { 0 };
    int pipes[2];
    struct cas_frame frame;
    open_terminal();
    struct cas_cli_progress progress = cas_cli_progress_begin(&options);
    struct cas_capture *capture = open_capture(source_path("pcaps/few-cas.pcap"));
    while (cas_capture_next(capture, &frame, NULL) == CAS_CAPTURE_FRAME) {
        continue;
    }
    progress.due_ms = 0;
    cas_cli_progress_show(&progress, "few-cas.pcap", capture, &counters);
    ck_assert_str_eq(shown(), "\rfew-cas.pcap 100 %  00:00 left, 3 lists\x1b[K");
    cas_capture_close(capture);

    struct cas_view bytes = file_copy(source_path("pcaps/few-cas.pcap"));
    ck_assert_int_eq(pipe(pipes), 0);
    ck_assert_int_eq(write(pipes[1], bytes.data, bytes.len), (ssize_t)bytes.len);
    close(pipes[1]);
    ck_assert_int_eq(dup2(pipes[0], STDIN_FILENO), STDIN_FILENO);
    capture = open_capture("-");
    progress.due_ms = 0;
    cas_cli_progress_show(&progress, "-", capture, &counters);
    ck_assert_str_eq(shown(), "\rstandard input 17 packets, 3 lists\x1b[K");
    cas_capture_close(capture);
    exact_free(bytes);
}
END_TEST

START_TEST(nobody_is_disturbed)
{
    struct cas_cli_report text = { .form = CAS_REPORT_TEXT };
    struct cas_cli_options options = { .reports = &text, .reports_len = 1 };
    ck_assert(!cas_cli_progress_begin(&options).is_wanted || isatty(STDERR_FILENO) == 1);
    open_terminal();
    ck_assert(cas_cli_progress_begin(&options).is_wanted);
    options.is_verbose = true; /* writes a line for each connection */
    ck_assert(!cas_cli_progress_begin(&options).is_wanted);
    options.is_verbose = false;
    text.form = CAS_REPORT_JSON;
    ck_assert(!cas_cli_progress_begin(&options).is_wanted);
    text.path = "to a file";
    ck_assert(cas_cli_progress_begin(&options).is_wanted);
    options.is_quiet = true;
    ck_assert(!cas_cli_progress_begin(&options).is_wanted);
    options.is_quiet = false;
    setenv("TERM", "dumb", 1);
    ck_assert(!cas_cli_progress_begin(&options).is_wanted);
    unsetenv("TERM");
    ck_assert(!cas_cli_progress_begin(&options).is_wanted);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("progress");
    TCase *tcase = tcase_create("progress");
    tcase_add_test(tcase, it_waits_a_second_and_tells_at_most_so_often);
    tcase_add_test(tcase, a_share_is_told_where_the_size_is_known_and_packets_elsewhere);
    tcase_add_test(tcase, nobody_is_disturbed);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
