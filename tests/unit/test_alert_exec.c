/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands for alerts: what they are given, how many run, and that none outstays. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/alert_exec.h"
#include "support/confined.h"
#include "support/folder.h"
#include "support/support.h"

#define COMMAND_MAX 512

static struct cas_cli_alert_exec *exec;

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void pause_ms(long ms)
{
    const struct timespec time = { ms / 1000, ms % 1000 * 1000000 };
    nanosleep(&time, NULL);
}

/* In the command %s is the folder, as often as it stands there. */
static void start(const char *format, unsigned jobs, unsigned timeout_s)
{
    static char command[COMMAND_MAX];
    char folder[COMMAND_MAX];
    size_t len = 0;
    folder_give();
    strcpy(folder, folder_path("."));
    for (const char *c = format; *c != '\0'; c++) {
        bool is_folder = strncmp(c, "%s", 2) == 0;
        len += (size_t)snprintf(command + len, sizeof(command) - len, "%.*s",
                                is_folder ? COMMAND_MAX : 1, is_folder ? folder : c);
        c += is_folder ? 1 : 0;
    }
    const struct cas_cli_alert_exec_options options = {
        .command = command, .jobs = jobs, .timeout_us = UINT64_C(1000000) * timeout_s
    };
    signal(SIGPIPE, SIG_IGN); /* as the program does */
    ck_assert(cas_cli_alert_exec_start(&options, &exec));
}

static void send_event(const char *event)
{
    cas_cli_alert_exec_send(exec, text_view(event));
}

static char *content(const char *name)
{
    static char text[256 * 1024];
    FILE *file = fopen(folder_path(name), "rb");
    ck_assert_msg(file != NULL, "%s: %s", folder_path(name), strerror(errno));
    size_t len = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[len] = '\0';
    return text;
}

/* The figure behind NAME: in a copy of /proc/PID/status. */
static const char *field(char *status, const char *name)
{
    char *at = strstr(status, name);
    ck_assert_ptr_nonnull(at);
    at += strlen(name) + 2;
    at[strcspn(at, "\n")] = '\0';
    return at;
}

START_TEST(the_event_arrives_as_it_is)
{
    char event[60000];
    for (size_t i = 0; i < sizeof(event); i++) {
        event[i] = (char)(i * 7 + i / 256);
    }
    const char hostile[] = "{\"sni\":\"$(touch /tmp/x)`id`';\\\"\n\r\t\x1b\0%s";
    memcpy(event, hostile, sizeof(hostile));
    start("cat > %s/event", 1, 5);
    cas_cli_alert_exec_send(exec, (struct cas_view){ (const uint8_t *)event, sizeof(event) });
    const struct cas_cli_alert_exec_counts counts = cas_cli_alert_exec_end(exec);
    ck_assert_uint_eq(counts.sent, 1);
    ck_assert_uint_eq(counts.started, 1);
    ck_assert_uint_eq(counts.failed, 0);
    struct cas_view got = file_copy(folder_path("event"));
    ck_assert_uint_eq(got.len, sizeof(event));
    ck_assert_mem_eq(got.data, event, sizeof(event));
    exact_free(got);
}
END_TEST

START_TEST(nothing_of_the_event_is_in_arguments_or_environment)
{
    setenv("NOTIFY_SOCKET", "/run/not-for-commands", 1);
    start("cat /proc/$$/cmdline /proc/$$/environ | tr '\\0' '\\n' > %s/out", 1, 5);
    send_event("{\"sni\":\"secret-name.example\"}");
    cas_cli_alert_exec_end(exec);
    ck_assert_ptr_nonnull(strstr(content("out"), "cmdline"));
    ck_assert_ptr_null(strstr(content("out"), "secret-name"));
    ck_assert_ptr_null(strstr(content("out"), "not-for-commands"));
}
END_TEST

START_TEST(the_command_has_no_rights_and_plain_signals)
{
    start("cat /proc/self/status > %s/status", 1, 5);
    send_event("{}");
    cas_cli_alert_exec_end(exec);
    ck_assert_str_eq(field(content("status"), "NoNewPrivs"), "1");
    ck_assert_str_eq(field(content("status"), "SigBlk"), "0000000000000000");
    ck_assert_str_eq(field(content("status"), "SigIgn"), "0000000000000000");
    ck_assert_str_eq(field(content("status"), "CapEff"), "0000000000000000");
    ck_assert_str_eq(field(content("status"), "CapPrm"), "0000000000000000");
    if (is_root()) {
        ck_assert_uint_eq((unsigned)strtoul(field(content("status"), "Uid"), NULL, 10),
                          nobody());
    }
}
END_TEST

START_TEST(no_descriptor_is_handed_on)
{
    int capture = open("/dev/zero", O_RDONLY); /* without close-on-exec */
    start("readlink /proc/self/fd/* > %s/fds; sleep 0.1; readlink /proc/$PPID/fd/* >> %s/fds",
          1, 5);
    send_event("{}");
    cas_cli_alert_exec_end(exec);
    ck_assert_ptr_nonnull(strstr(content("fds"), "memfd:casniff-event"));
    ck_assert_ptr_null(strstr(content("fds"), "/dev/zero"));
    close(capture);
}
END_TEST

START_TEST(so_many_run_at_once_and_not_more)
{
    start("echo s >> %s/log; sleep 0.2; echo e >> %s/log", 3, 5);
    for (int i = 0; i < 9; i++) {
        send_event("{}");
    }
    pause_ms(300);
    const struct cas_cli_alert_exec_counts counts = cas_cli_alert_exec_end(exec);
    ck_assert_uint_eq(counts.started, 9);
    ck_assert_uint_eq(counts.killed, 0);
    int running = 0;
    int most = 0;
    for (const char *c = content("log"); *c != '\0'; c++) {
        running += *c == 's' ? 1 : *c == 'e' ? -1 : 0;
        most = running > most ? running : most;
    }
    ck_assert_int_eq(most, 3);
    ck_assert_int_eq(running, 0);
}
END_TEST

/* Whether a process of that group runs: one that only waits to be reaped does not. */
static bool runs(pid_t wanted)
{
    bool is_there = false;
    DIR *processes = opendir("/proc");
    ck_assert_ptr_nonnull(processes);
    for (struct dirent *entry = readdir(processes); entry != NULL; entry = readdir(processes)) {
        char path[300];
        char state = 0;
        int group = 0;
        snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
        FILE *stat = fopen(path, "r");
        if (stat != NULL) {
            is_there =
                is_there || (fscanf(stat, "%*d (%*[^)]) %c %*d %d", &state, &group) == 2 &&
                             group == wanted && state != 'Z' && state != 'X');
            fclose(stat);
        }
    }
    closedir(processes);
    return is_there;
}

/* The command has written its process group's number. */
static bool is_gone(const char *name, int within_ms)
{
    pid_t group = (pid_t)strtol(content(name), NULL, 10);
    ck_assert_int_gt(group, 1);
    for (int waited = 0; waited < within_ms; waited += 20) {
        if (!runs(group)) {
            return true;
        }
        pause_ms(20);
    }
    return false;
}

START_TEST(a_command_whose_time_is_over_ends_with_all_its_children)
{
    start("trap '' TERM; echo $$ > %s/group; sleep 60 & (trap '' TERM; sleep 60)", 1, 1);
    send_event("{}");
    pause_ms(500);
    ck_assert(!is_gone("group", 100));
    ck_assert(is_gone("group", 3000));
    const struct cas_cli_alert_exec_counts counts = cas_cli_alert_exec_end(exec);
    ck_assert_uint_eq(counts.started, 1);
    ck_assert_uint_eq(counts.killed, 1);
}
END_TEST

START_TEST(a_command_that_fails_is_counted)
{
    start("exit 3", 2, 5);
    send_event("{}");
    send_event("{}");
    for (int i = 0; i < 50 && cas_cli_alert_exec_counts(exec).failed < 2; i++) {
        pause_ms(100);
    }
    ck_assert_uint_eq(cas_cli_alert_exec_counts(exec).failed, 2); /* while it runs */
    send_event("{}");
    const struct cas_cli_alert_exec_counts counts = cas_cli_alert_exec_end(exec);
    ck_assert_uint_eq(counts.failed, 3);
    ck_assert_uint_eq(counts.started, 3);
    ck_assert_uint_eq(counts.sent, 3);
}
END_TEST

START_TEST(slow_commands_cost_events_but_no_time)
{
    static char event[2000];
    memset(event, 'x', sizeof(event) - 1);
    start("sleep 60", 1, 60);
    uint64_t begin = now_ms();
    for (int i = 0; i < 20000; i++) {
        send_event(event);
    }
    ck_assert_uint_lt(now_ms() - begin, 2000);
    ck_assert_uint_gt(cas_cli_alert_exec_counts(exec).dropped, 10000);
    begin = now_ms();
    const struct cas_cli_alert_exec_counts counts = cas_cli_alert_exec_end(exec);
    ck_assert_uint_lt(now_ms() - begin, 1700);
    ck_assert_uint_eq(counts.sent + counts.dropped, 20000);
    ck_assert_uint_eq(counts.started, counts.sent);
    ck_assert_uint_eq(counts.killed, 1);
}
END_TEST

START_TEST(what_is_too_long_is_dropped)
{
    struct cas_view event = { calloc(CAS_CLI_ALERT_EXEC_EVENT_MAX + 1, 1),
                              CAS_CLI_ALERT_EXEC_EVENT_MAX + 1 };
    start("wc -c > %s/size", 1, 5);
    cas_cli_alert_exec_send(exec, event);
    event.len--;
    cas_cli_alert_exec_send(exec, event);
    const struct cas_cli_alert_exec_counts counts = cas_cli_alert_exec_end(exec);
    ck_assert_uint_eq(counts.dropped, 1);
    ck_assert_uint_eq(counts.sent, 1);
    ck_assert_int_eq(atoi(content("size")), (int)CAS_CLI_ALERT_EXEC_EVENT_MAX);
    free((void *)(uintptr_t)event.data);
}
END_TEST

/* The one child of this process. */
static pid_t helper(void)
{
    char path[64];
    int pid = 0;
    snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    FILE *children = fopen(path, "r");
    bool is_known = children != NULL && fscanf(children, "%d", &pid) == 1;
    if (children != NULL) {
        fclose(children);
    }
    return is_known ? pid : 0;
}

START_TEST(a_helper_that_hangs_or_is_gone_is_not_waited_for)
{
    const int signals[] = { SIGSTOP, SIGKILL };
    for (int i = 0; i < 2; i++) {
        start("true", 1, 5);
        pid_t pid = helper();
        if (pid > 0) {
            ck_assert_int_eq(kill(pid, signals[i]), 0);
            pause_ms(50);
            uint64_t begin = now_ms();
            for (int j = 0; j < 5000; j++) {
                send_event("{\"n\":1}");
            }
            ck_assert_uint_lt(now_ms() - begin, 1000);
            ck_assert_uint_gt(cas_cli_alert_exec_counts(exec).dropped, 1000);
            cas_cli_alert_exec_end(exec);
            ck_assert_uint_lt(now_ms() - begin, 3000);
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
        } else {
            cas_cli_alert_exec_end(exec);
        }
    }
}
END_TEST

START_TEST(when_the_parent_dies_nothing_is_left)
{
    pid_t parent = fork();
    if (parent == 0) {
        start("echo $$ > %s/group; echo $PPID > %s/helper; sleep 60", 1, 60);
        send_event("{}");
        pause_ms(500);
        kill(getpid(), SIGKILL);
    }
    ck_assert_int_eq(waitpid(parent, NULL, 0), parent);
    ck_assert(is_gone("group", 2000));
    ck_assert(is_gone("helper", 1000));
}
END_TEST

static int confine_send_and_end(void *data)
{
    struct cas_cli_confinement confinement = { 0 };
    const struct cas_cli_confine_plan plan = { .sandbox = CAS_CLI_SANDBOX_ON,
                                               .is_quiet = true };
    (void)data;
    start("cat > %s/event", 1, 5);
    if (cas_cli_confine(&plan, &confinement) != 0) {
        return 1;
    }
    send_event("{\"from\":\"a confined process\"}");
    const struct cas_cli_alert_exec_counts counts = cas_cli_alert_exec_end(exec);
    return counts.started == 1 && counts.failed == 0 ? 0 : 2;
}

START_TEST(a_confined_process_can_use_it)
{
    int status = 0;
    pid_t pid = process_begin(confine_send_and_end, NULL);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
    folder_check("event", "{\"from\":\"a confined process\"}");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("alert_exec");
    TCase *tcase = tcase_create("alert_exec");
    tcase_set_timeout(tcase, 30);
    tcase_add_checked_fixture(tcase, folder_make, folder_remove);
    tcase_add_test(tcase, the_event_arrives_as_it_is);
    tcase_add_test(tcase, nothing_of_the_event_is_in_arguments_or_environment);
    tcase_add_test(tcase, the_command_has_no_rights_and_plain_signals);
    tcase_add_test(tcase, no_descriptor_is_handed_on);
    tcase_add_test(tcase, so_many_run_at_once_and_not_more);
    tcase_add_test(tcase, a_command_whose_time_is_over_ends_with_all_its_children);
    tcase_add_test(tcase, a_command_that_fails_is_counted);
    tcase_add_test(tcase, slow_commands_cost_events_but_no_time);
    tcase_add_test(tcase, what_is_too_long_is_dropped);
    tcase_add_test(tcase, a_helper_that_hangs_or_is_gone_is_not_waited_for);
    tcase_add_test(tcase, when_the_parent_dies_nothing_is_left);
    tcase_add_test(tcase, a_confined_process_can_use_it);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
