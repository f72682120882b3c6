/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals as something to poll for: live, none interrupts anything. */
#ifndef CAS_CLI_SIGNALS_H
#define CAS_CLI_SIGNALS_H

#include <stdbool.h>

enum cas_cli_signal {
    CAS_CLI_SIGNAL_NONE,
    CAS_CLI_SIGNAL_END,        /* SIGTERM, SIGINT */
    CAS_CLI_SIGNAL_REOPEN,     /* SIGHUP */
    CAS_CLI_SIGNAL_STATISTICS, /* SIGUSR1 */
    CAS_CLI_SIGNAL_FLUSH       /* SIGUSR2 */
};

/* Blocks them all; the descriptor to poll, or -1, which has been said. */
int cas_cli_signals_open(void);

/* In a process for which another one obeys them. */
void cas_cli_signals_ignore(void);

/* From now on they do what they do to every program. */
void cas_cli_signals_restore(void);

/* The next one that came; never waits. */
enum cas_cli_signal cas_cli_signals_next(int fd);

#endif
