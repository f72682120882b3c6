/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process of --workers that reads its share of the packets of all interfaces. */
#ifndef CAS_CLI_WORKER_H
#define CAS_CLI_WORKER_H

#include "cli/interfaces.h"
#include "cli/readers.h"
#include "cli/session.h"

struct cas_cli_worker_job {
    struct cas_cli_session *session;
    struct cas_cli_interfaces *interfaces; /* of each worker its own */
    size_t len;
};

/* As struct cas_cli_readers_work wants it; ctx is a struct cas_cli_worker_job. */
void cas_cli_worker_run(void *ctx, size_t i, struct cas_cli_board *board,
                        struct cas_cli_mail *to);

#endif
