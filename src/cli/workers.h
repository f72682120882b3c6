/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --workers: the processes that share a live run's packets, as the one sees them that tells
 * what they saw. The kernel gives both directions of a connection to the same worker.
 */
#ifndef CAS_CLI_WORKERS_H
#define CAS_CLI_WORKERS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "cli/interfaces.h"
#include "cli/readers.h"
#include "cli/session.h"

struct cas_cli_worker_source; /* what is known of one */

struct cas_cli_workers {
    struct cas_cli_session *session;
    struct cas_cli_interfaces *interfaces; /* names, states, and the sums of all workers */
    struct cas_capture_group *groups;
    struct cas_cli_readers readers;
    struct cas_cli_worker_source *source;
    int ended; /* the worst so far: an exit code */
};

/*
 * Opens the interfaces for each worker and starts them, before there is any report; of
 * *interfaces names are left to this process. An exit code; what is wrong has been said. To be
 * closed in any case.
 */
int cas_cli_workers_start(struct cas_cli_workers *out_workers, struct cas_cli_session *session,
                          struct cas_cli_interfaces *interfaces);

/* Once the session is open: waits until all of them look at packets. False when one does not,
 * which has been said. */
bool cas_cli_workers_begin(struct cas_cli_workers *workers);

/* One entry for each worker; and what has come once that has been polled, which is told. */
void cas_cli_workers_poll(const struct cas_cli_workers *workers, struct pollfd *out_polls);
void cas_cli_workers_take(struct cas_cli_workers *workers, const struct pollfd *polls);

/* All are there. When one is gone its connections are, and the run must end. */
bool cas_cli_workers_are_whole(const struct cas_cli_workers *workers);

/* SIGHUP: the key logs may have been replaced. */
void cas_cli_workers_reopen(struct cas_cli_workers *workers);

/* They end, and what they still had to say is told. */
void cas_cli_workers_end(struct cas_cli_workers *workers);

/* Before the session is. */
void cas_cli_workers_close(struct cas_cli_workers *workers);

#endif
