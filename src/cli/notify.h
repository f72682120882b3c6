/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells the service manager how the program stands: sd_notify(3)'s protocol, one datagram a
 * message, without systemd's library. Where no service manager listens, nothing is sent.
 *
 * The socket is connected when it is opened and then only written to: the confinement allows
 * write(2), but neither sendto(2) nor connect(2).
 */
#ifndef CAS_CLI_NOTIFY_H
#define CAS_CLI_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/api.h>

struct cas_cli_notify {
    int fd;               /* -1: nobody listens */
    uint64_t watchdog_us; /* how often the service manager wants to hear from us; 0: never */
};

/*
 * Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment, so that no child
 * speaks for us. To be called before the program is confined.
 */
struct cas_cli_notify cas_cli_notify_open(void);

/* The main loop runs, everything is open and confined. */
void cas_cli_notify_ready(const struct cas_cli_notify *notify);

/* One line for `systemctl status`; a line break in it is shown as a blank. */
void cas_cli_notify_status(const struct cas_cli_notify *notify, const char *format, ...)
    CAS_PRINTF(2, 3);

/* Reports are reopened; CLOCK_MONOTONIC in microseconds. cas_cli_notify_ready() ends it. */
void cas_cli_notify_reloading(const struct cas_cli_notify *notify, uint64_t monotonic_us);

void cas_cli_notify_stopping(const struct cas_cli_notify *notify);

/* We are alive: at least twice in watchdog_us, and from the main loop only. */
void cas_cli_notify_watchdog(const struct cas_cli_notify *notify);

void cas_cli_notify_close(struct cas_cli_notify *notify);

#endif
