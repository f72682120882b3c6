/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/alert_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/alert_helper.h"
#include "cli/clock.h"
#include "cli/say.h"

/* What waits for a free command waits in the socket. The kernel grants less to non-root. */
#define SOCKET_BYTES (1024 * 1024)

#define START_MS 5000
#define END_MS   1500

struct cas_cli_alert_exec {
    int events;
    int life;
    bool has_ended; /* that the helper is gone has been said */
    uint64_t sent;
    uint64_t dropped;
    struct cas_cli_alert_helper_end told; /* by the helper, last */
};

static bool wait_for(int fd, int timeout_ms)
{
    struct pollfd wait = { .fd = fd, .events = POLLIN };
    int result = 0;
    do {
        result = poll(&wait, 1, timeout_ms);
    } while (result < 0 && errno == EINTR);
    return result == 1;
}

static bool is_ready(int events)
{
    char word = 0;
    return wait_for(events, START_MS) && read(events, &word, 1) == 1;
}

/* Both ends of both, closed by whatever program is started. */
static bool tie(int events[2], int life[2])
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, events) != 0) {
        return false;
    }
    if (pipe(life) != 0) {
        close(events[0]);
        close(events[1]);
        return false;
    }
    const int bytes = SOCKET_BYTES;
    (void)setsockopt(events[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    (void)fcntl(life[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(life[1], F_SETFD, FD_CLOEXEC);
    return true;
}

/* False when no process could be had: the parent has closed all ends then. */
static bool fork_helper(const struct cas_cli_alert_exec_options *options,
                        const struct cas_cli_user *user, struct cas_cli_alert_exec *exec)
{
    int events[2];
    int life[2];
    if (!tie(events, life)) {
        return false;
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(events[0]);
        close(life[1]);
        const struct cas_cli_alert_helper helper = {
            .options = options, .user = user, .events = events[1], .life = life[0]
        };
        cas_cli_alert_helper_be(&helper);
    }
    close(events[1]);
    close(life[0]);
    exec->events = events[0];
    exec->life = life[1];
    if (pid > 0 && is_ready(events[0])) {
        return true;
    }
    close(events[0]);
    close(life[1]);
    return false;
}

bool cas_cli_alert_exec_start(const struct cas_cli_alert_exec_options *options,
                              struct cas_cli_alert_exec **out_exec)
{
    struct cas_cli_user user;
    struct cas_cli_alert_exec *exec = calloc(1, sizeof(*exec));
    if (exec == NULL) {
        cas_cli_say("out of memory");
        return false;
    }
    if (!cas_cli_user_find(options->user, &user)) {
        free(exec);
        return false;
    }
    if (!fork_helper(options, &user, exec)) {
        cas_cli_say("the helper process for --alert-exec did not start");
        free(exec);
        return false;
    }
    *out_exec = exec;
    return true;
}

/* False when the helper has ended, and all that it has told was read. */
static bool take_told(struct cas_cli_alert_exec *exec)
{
    struct cas_cli_alert_helper_end told;
    ssize_t len = 0;
    while ((len = read(exec->events, &told, sizeof(told))) == (ssize_t)sizeof(told)) {
        exec->told = told;
    }
    return len < 0 && (errno == EAGAIN || errno == EINTR);
}

void cas_cli_alert_exec_send(struct cas_cli_alert_exec *exec, struct cas_view event)
{
    (void)take_told(exec);
    if (event.len > 0 && event.len <= CAS_CLI_ALERT_EXEC_EVENT_MAX &&
        write(exec->events, event.data, event.len) == (ssize_t)event.len) {
        exec->sent++;
        return;
    }
    exec->dropped++;
    if (errno == EPIPE && !exec->has_ended) {
        exec->has_ended = true;
        cas_cli_say("the helper process for --alert-exec has ended: no more commands are "
                    "started");
    }
}

struct cas_cli_alert_exec_counts cas_cli_alert_exec_counts(struct cas_cli_alert_exec *exec)
{
    (void)take_told(exec);
    return (struct cas_cli_alert_exec_counts){
        .sent = exec->sent - exec->told.dropped,
        .dropped = exec->dropped + exec->told.dropped,
        .started = exec->told.started,
        .failed = exec->told.failed,
        .killed = exec->told.killed,
    };
}

struct cas_cli_alert_exec_counts cas_cli_alert_exec_end(struct cas_cli_alert_exec *exec)
{
    struct cas_cli_alert_exec_counts counts = { 0 };
    if (exec == NULL) {
        return counts;
    }
    (void)take_told(exec); /* room for its last words */
    close(exec->life);
    uint64_t now_ms = cas_cli_clock_ms();
    uint64_t end_ms = now_ms + END_MS;
    while (take_told(exec) && now_ms < end_ms) {
        (void)wait_for(exec->events, (int)(end_ms - now_ms));
        now_ms = cas_cli_clock_ms();
    }
    counts = cas_cli_alert_exec_counts(exec);
    close(exec->events);
    free(exec);
    return counts;
}
