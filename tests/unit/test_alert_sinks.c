/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Alerts to daemons that listen, that are slow, that are gone and that come back. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/alert_sinks.h"
#include "support/events.h"
#include "support/folder.h"
#include "support/support.h"

/* A daemon's socket; type is SOCK_DGRAM or SOCK_STREAM. */
static int listen_at(const char *name, int type)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, type, 0);
    ck_assert_int_ge(fd, 0);
    strcpy(address.sun_path, folder_path(name));
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

static void tell(struct cas_cli_alert_sinks *sinks)
{
    const struct cas_sink sink = cas_cli_alert_sinks_sink(sinks);
    sink.alert(sink.user, sample_alert(SAMPLE_RICH));
}

/* The next datagram as a string; "" when there is none. */
static const char *heard(int fd)
{
    static char text[8192];
    ssize_t len = read(fd, text, sizeof(text) - 1);
    text[len > 0 ? len : 0] = '\0';
    return text;
}

START_TEST(both_logs_hear_of_an_alert)
{
    struct cas_cli_alert_sinks sinks;
    char pid[32];
    int syslog = listen_at("log", SOCK_DGRAM);
    int journal = listen_at("journal", SOCK_DGRAM);
    ck_assert(cas_cli_alert_sinks_open(&sinks, folder_path("log"), folder_path("journal")));
    tell(&sinks);
    const char *line = heard(syslog);
    snprintf(pid, sizeof(pid), " casniff %d list_shrank [", (int)getpid());
    ck_assert_int_eq(strncmp(line, "<27>1 2026-11-23T10:31:07.123456Z ", 34), 0);
    ck_assert_ptr_nonnull(strstr(line, pid));
    ck_assert_str_eq(heard(syslog), "");
    ck_assert_int_eq(strncmp(heard(journal), "MESSAGE\n", 8), 0);
    ck_assert_uint_eq(sinks.syslog.written, 1);
    ck_assert_uint_eq(sinks.journal.written, 1);
    cas_cli_alert_sinks_close(&sinks);
    close(syslog);
    close(journal);
}
END_TEST

START_TEST(a_daemon_that_does_not_read_is_not_waited_for)
{
    struct cas_cli_alert_sinks sinks;
    int syslog = listen_at("log", SOCK_DGRAM);
    ck_assert(cas_cli_alert_sinks_open(&sinks, folder_path("log"), NULL));
    for (unsigned i = 0; i < 10000; i++) {
        tell(&sinks);
    }
    ck_assert_uint_gt(sinks.syslog.dropped, 0);
    ck_assert_uint_eq(sinks.syslog.written + sinks.syslog.dropped, 10000);
    ck_assert_uint_eq(sinks.syslog.errors, 0);
    ck_assert_str_ne(heard(syslog), "");
    tell(&sinks);
    ck_assert_uint_eq(sinks.syslog.written + sinks.syslog.dropped, 10001);
    cas_cli_alert_sinks_close(&sinks);
    close(syslog);
}
END_TEST

START_TEST(a_daemon_that_restarts_is_found_again)
{
    struct cas_cli_alert_sinks sinks;
    int syslog = listen_at("log", SOCK_DGRAM);
    ck_assert(cas_cli_alert_sinks_open(&sinks, folder_path("log"), NULL));
    close(syslog);
    tell(&sinks); /* nobody there */
    ck_assert_uint_eq(sinks.syslog.dropped, 1);
    ck_assert_uint_eq(sinks.syslog.errors, 1);
    ck_assert_int_eq(unlink(folder_path("log")), 0);
    syslog = listen_at("log", SOCK_DGRAM);
    tell(&sinks); /* not again within a second */
    ck_assert_uint_eq(sinks.syslog.dropped, 2);
    sinks.syslog.connect_ms = 0;
    tell(&sinks);
    ck_assert_uint_eq(sinks.syslog.written, 1);
    ck_assert_str_ne(heard(syslog), "");
    cas_cli_alert_sinks_close(&sinks);
    close(syslog);
}
END_TEST

START_TEST(what_is_not_there_is_said_at_the_start)
{
    struct cas_cli_alert_sinks sinks;
    char long_path[200];
    int stream = listen_at("stream", SOCK_STREAM);
    ck_assert_int_eq(listen(stream, 1), 0);
    memset(long_path, 'x', sizeof(long_path));
    long_path[sizeof(long_path) - 1] = '\0';
    ck_assert(!cas_cli_alert_sinks_open(&sinks, folder_path("none"), NULL));
    ck_assert(!cas_cli_alert_sinks_open(&sinks, NULL, folder_path("stream")));
    ck_assert(!cas_cli_alert_sinks_open(&sinks, long_path, NULL));
    close(stream);
}
END_TEST

START_TEST(none_is_wanted_and_none_is_told)
{
    struct cas_cli_alert_sinks sinks;
    ck_assert(cas_cli_alert_sinks_open(&sinks, NULL, NULL));
    tell(&sinks);
    ck_assert_uint_eq(sinks.syslog.written + sinks.syslog.dropped, 0);
    ck_assert_uint_eq(sinks.journal.written + sinks.journal.dropped, 0);
    cas_cli_alert_sinks_close(&sinks);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("alert_sinks");
    TCase *tcase = tcase_create("alert_sinks");
    signal(SIGPIPE, SIG_IGN);
    tcase_add_checked_fixture(tcase, folder_make, folder_remove);
    tcase_add_test(tcase, both_logs_hear_of_an_alert);
    tcase_add_test(tcase, a_daemon_that_does_not_read_is_not_waited_for);
    tcase_add_test(tcase, a_daemon_that_restarts_is_found_again);
    tcase_add_test(tcase, what_is_not_there_is_said_at_the_start);
    tcase_add_test(tcase, none_is_wanted_and_none_is_told);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
