/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The helper process of --alert-exec: starts the commands, watches them and ends them. */
#ifndef CAS_CLI_ALERT_HELPER_H
#define CAS_CLI_ALERT_HELPER_H

#include "cli/alert_exec.h"
#include "cli/confine_user.h"

/* The helper's ends of what ties it to its parent. */
struct cas_cli_alert_helper {
    const struct cas_cli_alert_exec_options *options;
    const struct cas_cli_user *user;
    int events; /* SOCK_SEQPACKET: an event a message; back goes one byte when the helper is
                 * ready, and struct cas_cli_alert_helper_end after each command */
    int life;   /* a pipe that the parent closes when all has been sent, or by dying */
};

/* All so far. */
struct cas_cli_alert_helper_end {
    uint64_t started;
    uint64_t failed;
    uint64_t killed;
    uint64_t dropped;
};

/* Is the process from here on: to be called in the child, and never returns. */
void cas_cli_alert_helper_be(const struct cas_cli_alert_helper *helper);

#endif
