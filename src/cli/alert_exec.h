/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --alert-exec: a command for each alert. A confined process can start nothing, so a helper
 * process is forked before the confinement, and the events go to it over a socket.
 *
 * The command is run by /bin/sh, as the service user, with the event on its standard input and
 * nothing of it in its arguments or its environment; what it prints goes to standard error.
 */
#ifndef CAS_CLI_ALERT_EXEC_H
#define CAS_CLI_ALERT_EXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

/* Longer events are dropped: an alert has no list of names, so none is near that. */
#define CAS_CLI_ALERT_EXEC_EVENT_MAX ((size_t)128 * 1024)

#define CAS_CLI_ALERT_EXEC_JOBS_MAX 64

/*
 * The helper is a copy of its parent: forget() is called in it, once, before it becomes ready,
 * and frees whatever may hold secrets there; what is freed is overwritten. NULL: there is none.
 */
struct cas_cli_alert_exec_secrets {
    void *ctx;
    void (*forget)(void *ctx);
};

struct cas_cli_alert_exec_options {
    const char *command;
    uint64_t jobs;       /* commands at once, 1 to CAS_CLI_ALERT_EXEC_JOBS_MAX */
    uint64_t timeout_us; /* then the command and its process group are ended */
    const char *user;    /* -Z, as in cas_cli_confine_plan */
    struct cas_cli_alert_exec_secrets secrets;
};

struct cas_cli_alert_exec_counts {
    uint64_t sent;    /* to the helper */
    uint64_t dropped; /* the helper was behind, or has ended */
    /* By the helper, as soon as a command has ended. */
    uint64_t started;
    uint64_t failed; /* ended with another status than 0, or could not be started */
    uint64_t killed; /* when their time was over */
};

struct cas_cli_alert_exec;

/* Before the confinement. False when it did not start: that has been said. */
bool cas_cli_alert_exec_start(const struct cas_cli_alert_exec_options *options,
                              struct cas_cli_alert_exec **out_exec);

/* One event, a line of JSON. Never waits: what the helper has no room for is dropped. */
void cas_cli_alert_exec_send(struct cas_cli_alert_exec *exec, struct cas_view event);

/* Until now. */
struct cas_cli_alert_exec_counts cas_cli_alert_exec_counts(struct cas_cli_alert_exec *exec);

/*
 * Gives the commands that run or wait a second to end, ends them and the helper, and frees
 * exec, which may be NULL. The final counts. Takes 1.5 s at most, whatever the helper does.
 */
struct cas_cli_alert_exec_counts cas_cli_alert_exec_end(struct cas_cli_alert_exec *exec);

#endif
