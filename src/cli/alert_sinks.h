/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Alerts to the system's logs: /dev/log and the journal's socket, datagram sockets that are
 * connected before confinement and written to with write(2). Nothing waits: what a full or
 * absent daemon does not take is dropped and counted.
 *
 * systemd holds both sockets while their daemon restarts. A syslog daemon of its own makes a
 * new one; then the same socket is connected again, at most once a second. That takes
 * connect(2) on these two descriptors, which a filter of system calls can tell by their number.
 */
#ifndef CAS_CLI_ALERT_SINKS_H
#define CAS_CLI_ALERT_SINKS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/un.h>

#include <casniff/events.h>

#define CAS_CLI_SYSLOG_PATH  "/dev/log"
#define CAS_CLI_JOURNAL_PATH "/run/systemd/journal/socket"

#define CAS_CLI_HOSTNAME_SIZE 256

struct cas_cli_alert_socket {
    int fd; /* -1: not wanted */
    struct sockaddr_un address;
    uint64_t connect_ms; /* not again before */
    uint64_t written;
    uint64_t dropped;
    uint64_t errors;
};

struct cas_cli_alert_sinks {
    struct cas_cli_alert_socket syslog;
    struct cas_cli_alert_socket journal;
    char hostname[CAS_CLI_HOSTNAME_SIZE];
    uint32_t pid;
};

/* Opens those whose path is not NULL. False when one is not there: that has been said. */
bool cas_cli_alert_sinks_open(struct cas_cli_alert_sinks *out_sinks, const char *syslog_path,
                              const char *journal_path);

/* Hears alerts only; valid until closed. */
struct cas_sink cas_cli_alert_sinks_sink(struct cas_cli_alert_sinks *sinks);

void cas_cli_alert_sinks_close(struct cas_cli_alert_sinks *sinks);

#endif
