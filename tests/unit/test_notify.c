/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A socket of the test's own stands for the service manager's. Protocol: sd_notify(3). */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/notify.h"
#include "support/support.h"

#define RECEIVED_MAX 1024

static int manager = -1;
static char path[64];

/* Binds the manager's socket; name as NOTIFY_SOCKET has it. */
static void listen_at(const char *name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t len = strlen(name);
    memcpy(address.sun_path, name, len);
    if (name[0] == '@') {
        address.sun_path[0] = '\0';
    }
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ck_assert_int_ge(manager, 0);
    ck_assert_int_eq(bind(manager, (const struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
                     0);
    setenv("NOTIFY_SOCKET", name, 1);
}

static void set_up(void)
{
    (void)snprintf(path, sizeof(path), "/tmp/casniff-notify-%ld", (long)getpid());
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    listen_at(path);
}

static void tear_down(void)
{
    close(manager);
    unlink(path);
}

static void expect(const char *message)
{
    char received[RECEIVED_MAX] = "";
    ssize_t len = recv(manager, received, sizeof(received) - 1, 0);
    ck_assert_int_ge(len, 0);
    ck_assert_str_eq(received, message);
}

START_TEST(each_message_is_one_datagram)
{
    struct cas_cli_notify notify = cas_cli_notify_open();
    cas_cli_notify_ready(&notify);
    cas_cli_notify_status(&notify, "%s: %d handshakes", "eth0", 812);
    cas_cli_notify_watchdog(&notify);
    cas_cli_notify_reloading(&notify, 18446744073709551615u);
    cas_cli_notify_stopping(&notify);
    expect("READY=1\n");
    expect("STATUS=eth0: 812 handshakes");
    expect("WATCHDOG=1\n");
    expect("RELOADING=1\nMONOTONIC_USEC=18446744073709551615\n");
    expect("STOPPING=1\n");
    cas_cli_notify_close(&notify);
    ck_assert_int_eq(notify.fd, -1);
}
END_TEST

START_TEST(a_status_cannot_smuggle_in_another_message)
{
    struct cas_cli_notify notify = cas_cli_notify_open();
    cas_cli_notify_status(&notify, "%s", "eth0\nMAINPID=1\r\n");
    expect("STATUS=eth0 MAINPID=1  ");
    cas_cli_notify_close(&notify);
}
END_TEST

START_TEST(a_long_status_is_cut)
{
    char received[RECEIVED_MAX] = "";
    struct cas_cli_notify notify = cas_cli_notify_open();
    cas_cli_notify_status(&notify, "%0900d", 0);
    ssize_t len = recv(manager, received, sizeof(received) - 1, 0);
    ck_assert_int_gt(len, 400);
    ck_assert_int_lt(len, 600);
    cas_cli_notify_close(&notify);
}
END_TEST

START_TEST(an_abstract_socket_begins_with_an_at_sign)
{
    char name[64];
    close(manager);
    (void)snprintf(name, sizeof(name), "@casniff-notify-%ld", (long)getpid());
    listen_at(name);
    struct cas_cli_notify notify = cas_cli_notify_open();
    cas_cli_notify_ready(&notify);
    expect("READY=1\n");
    cas_cli_notify_close(&notify);
}
END_TEST

START_TEST(nothing_is_left_in_the_environment)
{
    setenv("WATCHDOG_USEC", "30000000", 1);
    setenv("WATCHDOG_PID", "1", 1);
    struct cas_cli_notify notify = cas_cli_notify_open();
    ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
    ck_assert_ptr_null(getenv("WATCHDOG_USEC"));
    ck_assert_ptr_null(getenv("WATCHDOG_PID"));
    cas_cli_notify_close(&notify);
}
END_TEST

START_TEST(the_watchdog_is_wanted_of_this_process_only)
{
    char pid[32];
    struct {
        const char *usec;
        const char *pid;
        uint64_t expected;
    } rows[] = {
        { "30000000", NULL, 30000000 },
        { "30000000", pid, 30000000 },
        { "30000000", "1", 0 },
        { NULL, NULL, 0 },
        { "-1", NULL, 0 },
        { "30s", NULL, 0 },
        { "", NULL, 0 },
        { "99999999999999999999999", NULL, 0 },
    };
    (void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        setenv("NOTIFY_SOCKET", path, 1);
        if (rows[i].usec != NULL) {
            setenv("WATCHDOG_USEC", rows[i].usec, 1);
        }
        if (rows[i].pid != NULL) {
            setenv("WATCHDOG_PID", rows[i].pid, 1);
        }
        struct cas_cli_notify notify = cas_cli_notify_open();
        ck_assert_msg(notify.watchdog_us == rows[i].expected, "row %zu", i);
        cas_cli_notify_close(&notify);
    }
}
END_TEST

START_TEST(without_a_listener_nothing_happens)
{
    static const char *const names[] = { NULL, "", "@", "relative", "/nonexistent/notify" };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        unsetenv("NOTIFY_SOCKET");
        if (names[i] != NULL) {
            setenv("NOTIFY_SOCKET", names[i], 1);
        }
        setenv("WATCHDOG_USEC", "30000000", 1);
        struct cas_cli_notify notify = cas_cli_notify_open();
        ck_assert_int_eq(notify.fd, -1);
        ck_assert_uint_eq(notify.watchdog_us, 0);
        cas_cli_notify_ready(&notify);
        cas_cli_notify_status(&notify, "%s", "nobody reads this");
        cas_cli_notify_close(&notify);
    }
}
END_TEST

START_TEST(a_manager_that_does_not_read_costs_no_time)
{
    struct cas_cli_notify notify = cas_cli_notify_open();
    for (int i = 0; i < 10000; i++) {
        cas_cli_notify_watchdog(&notify);
    }
    expect("WATCHDOG=1\n");
    cas_cli_notify_close(&notify);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("notify");
    TCase *tcase = tcase_create("notify");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, each_message_is_one_datagram);
    tcase_add_test(tcase, a_status_cannot_smuggle_in_another_message);
    tcase_add_test(tcase, a_long_status_is_cut);
    tcase_add_test(tcase, an_abstract_socket_begins_with_an_at_sign);
    tcase_add_test(tcase, nothing_is_left_in_the_environment);
    tcase_add_test(tcase, the_watchdog_is_wanted_of_this_process_only);
    tcase_add_test(tcase, without_a_listener_nothing_happens);
    tcase_add_test(tcase, a_manager_that_does_not_read_costs_no_time);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
