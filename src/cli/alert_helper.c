/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/alert_helper.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* At the end: so long may commands still run, so long clean up. Less than the parent waits. */
#define GRACE_MS 1000
#define TERM_MS  1000
#define HASTE_MS 200

#define NEVER UINT64_MAX

/* memfd_create()'s flag; its declaration is a GNU extension. */
#define CLOSE_ON_EXEC 1U

struct job {
    pid_t pid; /* and its process group; 0: the place is free */
    uint64_t deadline_ms;
    bool is_asked; /* to end, by SIGTERM: what follows is SIGKILL */
};

struct helper {
    const struct cas_cli_alert_helper *tie;
    struct job jobs[CAS_CLI_ALERT_EXEC_JOBS_MAX];
    uint64_t running;
    int children;     /* signalfd: one has ended */
    bool is_ending;   /* the parent sends nothing more */
    uint64_t last_ms; /* then: when the grace is over */
    char *event;
    struct cas_cli_alert_helper_end end;
};

static uint64_t now_ms(void)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* A file in memory, not a pipe: a command that reads slowly, or not at all, blocks nobody. */
static int event_file(const char *event, size_t len)
{
    int fd = (int)syscall(SYS_memfd_create, "casniff-event", CLOSE_ON_EXEC);
    if (fd >= 0 && (write(fd, event, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* In the command's process: everything as a program expects it. */
static void run_command(const char *command, int event)
{
    sigset_t none;
    setpgid(0, 0);
    for (int i = 1; i < NSIG; i++) {
        signal(i, SIG_DFL);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (dup2(event, STDIN_FILENO) == STDIN_FILENO) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    }
    _exit(127);
}

static struct job *free_job(struct helper *helper)
{
    for (uint64_t i = 0; i < helper->tie->options->jobs; i++) {
        if (helper->jobs[i].pid == 0) {
            return &helper->jobs[i];
        }
    }
    return NULL;
}

/* Where the parent has not read for long there is no room: the next one tells it all. */
static void report(const struct helper *helper)
{
    (void)!write(helper->tie->events, &helper->end, sizeof(helper->end));
}

static void start(struct helper *helper, size_t len)
{
    struct job *job = free_job(helper);
    int event = event_file(helper->event, len);
    pid_t pid = job != NULL && event >= 0 ? fork() : -1;
    if (pid == 0) {
        run_command(helper->tie->options->command, event);
    }
    if (event >= 0) {
        close(event);
    }
    if (pid < 0) {
        helper->end.failed++;
        report(helper);
        return;
    }
    setpgid(pid, pid); /* whoever of the two is first */
    *job = (struct job){
        .pid = pid,
        .deadline_ms = now_ms() + helper->tie->options->timeout_us / 1000,
    };
    helper->running++;
    helper->end.started++;
}

static void forget(struct helper *helper, pid_t pid, int status)
{
    for (uint64_t i = 0; i < helper->tie->options->jobs; i++) {
        struct job *job = &helper->jobs[i];
        if (job->pid == pid) {
            if (job->is_asked) {
                helper->end.killed++;
            } else if (status != 0) {
                helper->end.failed++;
            }
            *job = (struct job){ 0 };
            helper->running--;
            report(helper);
        }
    }
}

/* A command's number cannot pass on before it is waited for, so its group is ended first. */
static void reap(struct helper *helper)
{
    struct signalfd_siginfo unused;
    siginfo_t info;
    int status = 0;
    while (read(helper->children, &unused, sizeof(unused)) > 0) {
    }
    for (;;) {
        info.si_pid = 0;
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) {
            return;
        }
        kill(-info.si_pid, SIGKILL);
        if (waitpid(info.si_pid, &status, 0) == info.si_pid) {
            forget(helper, info.si_pid, status);
        }
    }
}

/* TERM to those whose time is over, KILL to those that did not listen. */
static void end_late(struct helper *helper)
{
    uint64_t now = now_ms();
    for (uint64_t i = 0; i < helper->tie->options->jobs; i++) {
        struct job *job = &helper->jobs[i];
        if (job->pid != 0 && now >= job->deadline_ms) {
            kill(-job->pid, job->is_asked ? SIGKILL : SIGTERM);
            job->is_asked = true;
            job->deadline_ms = now + (helper->is_ending ? HASTE_MS : TERM_MS);
        }
    }
}

/* Nothing runs on after the grace, whatever its time was. */
static void hasten(struct helper *helper)
{
    for (uint64_t i = 0; i < helper->tie->options->jobs; i++) {
        struct job *job = &helper->jobs[i];
        if (job->pid != 0 && !job->is_asked && job->deadline_ms > helper->last_ms) {
            job->deadline_ms = helper->last_ms;
        }
    }
}

static void begin_to_end(struct helper *helper)
{
    helper->is_ending = true;
    helper->last_ms = now_ms() + GRACE_MS;
    hasten(helper);
}

static bool has_room(const struct helper *helper)
{
    return helper->running < helper->tie->options->jobs;
}

/* An event is taken only when there is room for its command: the others wait in the socket. */
static void take_events(struct helper *helper)
{
    bool is_late = helper->is_ending && now_ms() >= helper->last_ms;
    while (is_late || has_room(helper)) {
        ssize_t len = read(helper->tie->events, helper->event, CAS_CLI_ALERT_EXEC_EVENT_MAX);
        if (len <= 0) {
            return;
        }
        if (is_late) {
            helper->end.dropped++;
        } else {
            start(helper, (size_t)len);
        }
    }
}

/* poll()'s words for how long until something has to be ended. */
static int until_next(const struct helper *helper)
{
    uint64_t next = NEVER;
    uint64_t now = now_ms();
    for (uint64_t i = 0; i < helper->tie->options->jobs; i++) {
        if (helper->jobs[i].pid != 0 && helper->jobs[i].deadline_ms < next) {
            next = helper->jobs[i].deadline_ms;
        }
    }
    if (next == NEVER) {
        return -1;
    }
    return next <= now ? 0 : (int)(next - now < INT_MAX ? next - now : INT_MAX);
}

/* At the end nothing is sent any more: what take_events() has left waits for room. */
static void work(struct helper *helper)
{
    while (!helper->is_ending || helper->running > 0) {
        bool takes = has_room(helper) && !helper->is_ending;
        struct pollfd wait[] = {
            { .fd = takes ? helper->tie->events : -1, .events = POLLIN },
            { .fd = helper->is_ending ? -1 : helper->tie->life, .events = POLLIN },
            { .fd = helper->children, .events = POLLIN },
        };
        (void)poll(wait, 3, until_next(helper));
        reap(helper);
        if (wait[1].revents != 0) {
            begin_to_end(helper);
        }
        take_events(helper);
        if (helper->is_ending) {
            hasten(helper);
        }
        end_late(helper);
    }
}

static bool is_kept(const struct cas_cli_alert_helper *tie, int fd)
{
    return fd <= STDERR_FILENO || fd == tie->events || fd == tie->life;
}

/* No capture, no report: neither here nor in a command. */
static bool close_others(const struct cas_cli_alert_helper *tie)
{
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL) {
        return false;
    }
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        int fd = (int)strtol(entry->d_name, NULL, 10);
        if (!is_kept(tie, fd) && fd != dirfd(folder)) {
            close(fd);
        }
    }
    closedir(folder);
    return true;
}

/* A capture's ring is mapped, and would hold its socket open. */
static bool unmap_captures(void)
{
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "re");
    if (maps == NULL) {
        return false;
    }
    while (fgets(line, sizeof(line), maps) != NULL) {
        char *end = NULL;
        uintptr_t from = (uintptr_t)strtoull(line, &end, 16);
        uintptr_t to = *end == '-' ? (uintptr_t)strtoull(&end[1], NULL, 16) : from;
        if (strstr(line, " socket:") != NULL && to > from) {
            (void)munmap((void *)from, to - from);
        }
    }
    fclose(maps);
    return true;
}

/*
 * What the capture's own library frees is not wiped by it: with glibc, whatever is freed is
 * overwritten from here on.
 */
static void forget_secrets(const struct cas_cli_alert_exec_secrets *secrets)
{
    if (secrets->forget == NULL) {
        return;
    }
#ifdef M_PERTURB
    (void)mallopt(M_PERTURB, 0xff);
#endif
    secrets->forget(secrets->ctx);
#ifdef M_PERTURB
    (void)mallopt(M_PERTURB, 0);
#endif
}

/* Reports may be on standard output, so what commands print goes to standard error. */
static bool set_stdio(void)
{
    int null = open("/dev/null", O_RDWR);
    bool is_good = null >= 0 && dup2(null, STDIN_FILENO) >= 0;
    if (fcntl(STDERR_FILENO, F_GETFD) < 0) {
        is_good = is_good && dup2(null, STDERR_FILENO) >= 0;
    }
    return is_good && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0;
}

/* A terminal's and a service manager's signals are for the parent, whose end is ours. */
static bool set_signals(struct helper *helper)
{
    sigset_t set;
    sigfillset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    signal(SIGCHLD, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    helper->children = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return helper->children >= 0;
}

static bool give_rights_away(const struct cas_cli_alert_helper *tie)
{
    enum cas_cli_became became = cas_cli_user_become(tie->user);
    return (became == CAS_CLI_BECAME ||
            (became == CAS_CLI_BECAME_NOT && !tie->user->is_chosen)) &&
           prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static bool prepare(struct helper *helper)
{
    (void)setsid();
    (void)prctl(PR_SET_NAME, "casniff-alerts", 0, 0, 0);
    unsetenv("NOTIFY_SOCKET"); /* is the service's own */
    unsetenv("WATCHDOG_PID");
    unsetenv("WATCHDOG_USEC");
    forget_secrets(&helper->tie->options->secrets);
    helper->event = malloc(CAS_CLI_ALERT_EXEC_EVENT_MAX);
    return helper->event != NULL && set_stdio() && unmap_captures() &&
           close_others(helper->tie) && set_signals(helper) && chdir("/") == 0 &&
           give_rights_away(helper->tie);
}

void cas_cli_alert_helper_be(const struct cas_cli_alert_helper *tie)
{
    struct helper helper = { .tie = tie, .last_ms = NEVER };
    if (!prepare(&helper) || write(tie->events, "", 1) != 1) {
        _exit(1);
    }
    work(&helper);
    report(&helper);
    _exit(0);
}
