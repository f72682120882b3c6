/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who the process is and which files it can open, once it is confined. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef CAS_HAVE_SECCOMP
#include <seccomp.h>
#endif

#include "support/confined.h"
#include "support/folder.h"
#include "support/support.h"

/* Where a test needs what is not there, it passes: without root or Landlock, less is to see. */
static int confine_files(void *data)
{
    struct cas_cli_confinement confinement = { 0 };
    const struct cas_cli_confine_plan plan = { .sandbox = CAS_CLI_SANDBOX_ON,
                                               .is_quiet = true };
    (void)data;
    (void)cas_cli_confine(&plan, &confinement);
    return confinement.landlock_abi;
}

static int landlock_abi(void)
{
    int status = 0;
    pid_t pid = process_begin(confine_files, NULL);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static const struct cas_cli_confine_plan on = { .sandbox = CAS_CLI_SANDBOX_ON,
                                                .is_quiet = true };

START_TEST(root_has_become_somebody_without_any_right)
{
    if (!is_root()) {
        return;
    }
    unsigned uid[4];
    ck_assert_int_eq(
        sscanf(confined_status(&on, "Uid"), "%u %u %u %u", &uid[0], &uid[1], &uid[2], &uid[3]),
        4);
    for (int i = 0; i < 4; i++) {
        ck_assert_uint_ne(uid[i], 0);
        ck_assert_uint_eq(uid[i], uid[0]);
    }
    ck_assert_ptr_null(strpbrk(confined_status(&on, "Groups"), "0123456789"));
    ck_assert_str_eq(confined_status(&on, "CapInh"), "0000000000000000");
    ck_assert_str_eq(confined_status(&on, "CapPrm"), "0000000000000000");
    ck_assert_str_eq(confined_status(&on, "CapEff"), "0000000000000000");
    ck_assert_str_eq(confined_status(&on, "CapAmb"), "0000000000000000");
#ifdef CAS_HAVE_CAPNG
    ck_assert_str_eq(confined_status(&on, "CapBnd"), "0000000000000000");
#endif
}
END_TEST

START_TEST(the_kernel_says_that_it_is_confined)
{
    ck_assert_str_eq(confined_status(&on, "NoNewPrivs"), "1");
#if defined(CAS_HAVE_SECCOMP) && !defined(CAS_INSTRUMENTED)
    ck_assert_str_eq(confined_status(&on, "Seccomp"), "2");
#endif
}
END_TEST

START_TEST(root_by_its_own_wish_has_no_capabilities_either)
{
    const struct cas_cli_confine_plan plan = { .sandbox = CAS_CLI_SANDBOX_ON,
                                               .is_quiet = true,
                                               .user = "root" };
    if (is_root()) {
        ck_assert_int_eq(strncmp(confined_status(&plan, "Uid"), "0\t0\t0\t0", 7), 0);
        ck_assert_str_eq(confined_status(&plan, "CapEff"), "0000000000000000");
        ck_assert_str_eq(confined_status(&plan, "CapPrm"), "0000000000000000");
    }
}
END_TEST

static int make_socket(void)
{
    return socket(AF_UNIX, SOCK_DGRAM, 0) < 0 ? errno : 0;
}

START_TEST(switched_off_the_user_still_goes)
{
    const struct cas_cli_confine_plan plan = { .sandbox = CAS_CLI_SANDBOX_OFF };
    ck_assert_int_eq(confined_does(&plan, make_socket), 0);
    ck_assert_str_eq(confined_status(&plan, "NoNewPrivs"), "0");
    if (is_root()) {
        ck_assert_int_ne(atoi(confined_status(&plan, "Uid")), 0);
    }
}
END_TEST

#ifdef CAS_INSTRUMENTED
#define IS_KEPT_BY_DUMPABLE 0
#else
#define IS_KEPT_BY_DUMPABLE 1
#endif

/* 0: no core file is written of the process, and nobody looks into it. */
static int leave_a_core(void)
{
    struct rlimit limit = { .rlim_cur = 1 };
    bool is_kept =
        getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0;
    is_kept = is_kept && (!IS_KEPT_BY_DUMPABLE || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
    return is_kept ? 0 : 1;
}

START_TEST(secrets_are_kept_whatever_the_sandbox)
{
    static const enum cas_cli_sandbox sandboxes[] = { CAS_CLI_SANDBOX_OFF,
                                                      CAS_CLI_SANDBOX_LOG };
    struct cas_cli_confine_plan plan = { .sandbox = sandboxes[_i],
                                         .user = is_root() ? "root" : NULL,
                                         .is_quiet = true };
    struct rlimit most;
    ck_assert_int_eq(getrlimit(RLIMIT_CORE, &most), 0);
    most.rlim_max = is_root() ? RLIM_INFINITY : most.rlim_max;
    most.rlim_cur = most.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_CORE, &most), 0);
    /* An instrumented program leaves none anyhow. */
    ck_assert_int_eq(WEXITSTATUS(confined_does(&plan, leave_a_core)), IS_KEPT_BY_DUMPABLE);
    plan.has_secrets = true;
    ck_assert_int_eq(confined_does(&plan, leave_a_core), 0);
}
END_TEST

static int nothing(void)
{
    return 0;
}

START_TEST(a_user_that_does_not_exist_is_no_user)
{
    const struct cas_cli_confine_plan plan = { .user = "no-such-user-here" };
    ck_assert_int_eq(WEXITSTATUS(confined_does(&plan, nothing)), NOT_CONFINED);
}
END_TEST

START_TEST(only_root_can_become_another)
{
    const struct cas_cli_confine_plan plan = { .user = "daemon", .is_quiet = true };
    ck_assert_int_eq(WEXITSTATUS(confined_user_does(&plan, nothing)), NOT_CONFINED);
}
END_TEST

START_TEST(created_files_are_given_away_and_others_are_not)
{
    struct stat file;
    int fds[] = {
        open(folder_path("ours"), O_CREAT | O_RDWR, 0600),
        open(folder_path("linked"), O_CREAT | O_RDWR, 0600),
        open("/dev/null", O_RDWR),
    };
    char linked[256];
    strcpy(linked, folder_path("linked"));
    ck_assert_int_eq(link(linked, folder_path("second-name")), 0);
    const struct cas_cli_confine_plan plan = { .is_quiet = true,
                                               .created = fds,
                                               .created_len = 3 };
    ck_assert_int_eq(confined_does(&plan, nothing), 0);
    if (is_root()) {
        ck_assert_int_eq(fstat(fds[0], &file), 0);
        ck_assert_uint_ne(file.st_uid, 0);
        ck_assert_int_eq(fstat(fds[1], &file), 0);
        ck_assert_uint_eq(file.st_uid, 0);
        ck_assert_int_eq(fstat(fds[2], &file), 0);
        ck_assert_uint_eq(file.st_uid, 0);
    }
}
END_TEST

/* Files */

static char report[256];
static char aside[256];
static char elsewhere[256];

/* As after a rotation, and as metrics are replaced. */
static int replace(void)
{
    int again = open(report, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    int fresh = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (again < 0 || fresh < 0 || write(fresh, "x\n", 2) != 2 || fsync(fresh) != 0 ||
        fchmod(fresh, 0644) != 0 || rename(aside, report) != 0 || unlink(report) != 0) {
        return errno;
    }
    return close(again) + close(fresh);
}

static int write_elsewhere(void)
{
    return open(elsewhere, O_WRONLY | O_CREAT, 0600) < 0 ? errno : 0;
}

static int read_report(void)
{
    return open(report, O_RDONLY) < 0 ? errno : 0;
}

static int read_passwords(void)
{
    return open("/etc/passwd", O_RDONLY) < 0 ? errno : 0;
}

static int exited(int status)
{
    ck_assert_msg(WIFEXITED(status), "ended by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

START_TEST(reports_are_replaced_where_they_are_and_nowhere_else)
{
    const char *paths[] = { report };
    const struct cas_cli_confine_plan plan = { .sandbox = CAS_CLI_SANDBOX_ON,
                                               .is_quiet = true,
                                               .write_paths = paths,
                                               .write_paths_len = 1 };
    folder_give();
    strcpy(report, folder_path("report"));
    strcpy(aside, folder_path("aside"));
    (void)snprintf(elsewhere, sizeof(elsewhere), "/tmp/casniff-test-%d", (int)getpid());
    ck_assert_int_eq(exited(confined_does(&plan, replace)), 0);
    if (landlock_abi() > 0) {
        ck_assert_int_eq(exited(confined_does(&plan, write_elsewhere)), EACCES);
        ck_assert_int_eq(exited(confined_does(&plan, read_passwords)), EACCES);
        ck_assert_int_eq(close(open(report, O_CREAT | O_WRONLY, 0666)), 0);
        ck_assert_int_eq(exited(confined_does(&plan, read_report)), EACCES);
    }
    (void)unlink(elsewhere);
}
END_TEST

#if defined(CAS_HAVE_SECCOMP) && !defined(CAS_INSTRUMENTED)
/* As a kernel that was built without it, or a container that hides it. */
static void lose(int number)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    ck_assert_ptr_nonnull(filter);
    ck_assert_int_eq(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0), 0);
    ck_assert_int_eq(seccomp_load(filter), 0);
    seccomp_release(filter);
}

struct loss {
    int number;
    enum cas_cli_sandbox sandbox;
    int said;
};

static int confine_without(void *data)
{
    const struct loss *loss = data;
    struct cas_cli_confinement confinement = { 0 };
    const struct cas_cli_confine_plan plan = { .sandbox = loss->sandbox };
    dup2(loss->said, STDERR_FILENO);
    lose(loss->number);
    return cas_cli_confine(&plan, &confinement);
}

static int said_without(int number, enum cas_cli_sandbox sandbox, char *said, size_t size)
{
    int pipes[2];
    ck_assert_int_eq(pipe(pipes), 0);
    struct loss loss = { .number = number, .sandbox = sandbox, .said = pipes[1] };
    pid_t pid = process_begin(confine_without, &loss);
    close(pipes[1]);
    ssize_t len = read(pipes[0], said, size - 1);
    said[len > 0 ? len : 0] = '\0';
    close(pipes[0]);
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return exited(status);
}

START_TEST(what_the_kernel_lacks_is_one_line_or_a_failure)
{
    const int number = SCMP_SYS(landlock_create_ruleset);
    char said[1024];
    ck_assert_int_eq(said_without(number, CAS_CLI_SANDBOX_ON, said, sizeof(said)), 0);
    ck_assert_ptr_nonnull(strstr(said, "Landlock"));
    ck_assert_ptr_eq(strchr(said, '\n'), said + strlen(said) - 1);
    ck_assert_int_eq(said_without(number, CAS_CLI_SANDBOX_REQUIRE, said, sizeof(said)), 1);
    ck_assert_ptr_nonnull(strstr(said, "Landlock"));
}
END_TEST
#endif

START_TEST(what_holds_is_told_in_a_line)
{
    char text[128];
    struct cas_cli_confinement confinement = { .user = "nobody",
                                               .landlock_abi = 3,
                                               .calls = CAS_CLI_CALLS_KILLED };
    cas_cli_confine_tell(&confinement, text, sizeof(text));
    ck_assert_str_eq(text, "user nobody, no capabilities, Landlock 3, seccomp");
    confinement = (struct cas_cli_confinement){ .has_capabilities = true };
    cas_cli_confine_tell(&confinement, text, sizeof(text));
    ck_assert_str_eq(text, "same user, capabilities, no Landlock, no seccomp");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("confine");
    TCase *tcase = tcase_create("confine");
    tcase_set_timeout(tcase, 30);
    tcase_add_checked_fixture(tcase, folder_make, folder_remove);
    tcase_add_test(tcase, root_has_become_somebody_without_any_right);
    tcase_add_test(tcase, the_kernel_says_that_it_is_confined);
    tcase_add_test(tcase, root_by_its_own_wish_has_no_capabilities_either);
    tcase_add_test(tcase, switched_off_the_user_still_goes);
    tcase_add_loop_test(tcase, secrets_are_kept_whatever_the_sandbox, 0, 2);
    tcase_add_test(tcase, a_user_that_does_not_exist_is_no_user);
    tcase_add_test(tcase, only_root_can_become_another);
    tcase_add_test(tcase, created_files_are_given_away_and_others_are_not);
    tcase_add_test(tcase, reports_are_replaced_where_they_are_and_nowhere_else);
#if defined(CAS_HAVE_SECCOMP) && !defined(CAS_INSTRUMENTED)
    tcase_add_test(tcase, what_the_kernel_lacks_is_one_line_or_a_failure);
#endif
    tcase_add_test(tcase, what_holds_is_told_in_a_line);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
