/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* clone() */
#include "support/confined.h"

#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

#include "support/folder.h"

#define LINE_MAX_BYTES 256
#define PATH_BYTES     128

bool is_root(void)
{
    return geteuid() == 0;
}

uid_t nobody(void)
{
    const struct passwd *entry = getpwnam("nobody");
    ck_assert_ptr_nonnull(entry);
    return entry->pw_uid;
}

/*
 * A process that is confined can open no file to write down which lines it has run. In a build
 * that counts them it shares the memory, and so the counters, of a process that stays behind
 * for that: of one for each, for libraries remember in their memory what they have given away.
 */
#ifdef CAS_COUNTED
#define STACK_BYTES (1u << 20)

pid_t process_begin(int (*does)(void *data), void *data)
{
    static _Alignas(16) char stack[STACK_BYTES];
    void *page =
        mmap(NULL, sizeof(pid_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(page, MAP_FAILED);
    const volatile pid_t *begun = page;
    pid_t keeper = fork();
    ck_assert_int_ge(keeper, 0);
    if (keeper == 0) {
        /* Our parent's child, for which we wait until it has ended. */
        (void)clone(does, stack + sizeof(stack),
                    CLONE_VM | CLONE_VFORK | CLONE_PARENT | CLONE_PARENT_SETTID | SIGCHLD, data,
                    page);
        _exit(0);
    }
    while (*begun == 0) {
        (void)poll(NULL, 0, 1);
    }
    return *begun;
}
#else
pid_t process_begin(int (*does)(void *data), void *data)
{
    pid_t pid = fork();
    if (pid == 0) {
        _exit(does(data));
    }
    return pid;
}
#endif

static int ended(pid_t pid)
{
    int status = 0;
    ck_assert_int_ge(pid, 0);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

struct task {
    const struct cas_cli_confine_plan *plan;
    deed *does;
    uid_t user;
};

static int confine_and_do(void *data)
{
    const struct task *task = data;
    struct cas_cli_confinement confinement = { 0 };
    if (cas_cli_confine(task->plan, &confinement) != 0) {
        return NOT_CONFINED;
    }
    cas_cli_confine_run(&confinement);
    return task->does();
}

static int become_and_do(void *data)
{
    const struct task *task = data;
    return setuid(task->user) == 0 ? confine_and_do(data) : NOT_CONFINED;
}

int confined_does(const struct cas_cli_confine_plan *plan, deed *does)
{
    struct task task = { .plan = plan, .does = does };
    return ended(process_begin(confine_and_do, &task));
}

int confined_user_does(const struct cas_cli_confine_plan *plan, deed *does)
{
    struct task task = { .plan = plan, .does = does, .user = is_root() ? nobody() : geteuid() };
    return ended(process_begin(become_and_do, &task));
}

static int ready[2];
static int go_on[2];

static int wait_until_looked_at(void)
{
    char word = 'r';
    return write(ready[1], &word, 1) == 1 && read(go_on[0], &word, 1) == 1 ? 0 : 1;
}

static const char *line_of(pid_t pid, const char *name)
{
    static char line[LINE_MAX_BYTES];
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *status = fopen(path, "r");
    ck_assert_ptr_nonnull(status);
    bool is_found = false;
    while (!is_found && fgets(line, sizeof(line), status) != NULL) {
        is_found = strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':';
    }
    fclose(status);
    ck_assert(is_found);
    line[strcspn(line, "\n")] = '\0';
    return line + strlen(name) + 2;
}

const char *confined_status(const struct cas_cli_confine_plan *plan, const char *name)
{
    char word = 'g';
    ck_assert_int_eq(pipe(ready), 0);
    ck_assert_int_eq(pipe(go_on), 0);
    struct task task = { .plan = plan, .does = wait_until_looked_at };
    pid_t pid = process_begin(confine_and_do, &task);
    close(ready[1]);
    ck_assert_int_eq(read(ready[0], &word, 1), 1);
    const char *line = line_of(pid, name);
    ck_assert_int_eq(write(go_on[1], &word, 1), 1);
    ck_assert_int_eq(ended(pid), 0);
    close(ready[0]);
    close(go_on[0]);
    close(go_on[1]);
    return line;
}

void folder_give(void)
{
    if (is_root()) {
        ck_assert_int_eq(chown(folder_path("."), nobody(), (gid_t)-1), 0);
    }
}
