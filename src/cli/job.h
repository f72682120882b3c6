/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process of -j that reads captures, as many as there are for it. */
#ifndef CAS_CLI_JOB_H
#define CAS_CLI_JOB_H

#include "cli/readers.h"
#include "cli/session.h"

struct cas_cli_job {
    struct cas_cli_session *session;
    struct cas_cli_files *files;
    bool *is_pipe; /* of each capture */
    size_t pipes;
};

/* Before there are any. False without memory. */
bool cas_cli_job_open(struct cas_cli_job *out_job, struct cas_cli_session *session,
                      struct cas_cli_files *files);
void cas_cli_job_close(struct cas_cli_job *job);

/*
 * How many processes there are when so many read files: a pipe has one more to itself, for it
 * brings secrets that are nobody else's, and its reader waits for whoever writes to it.
 */
size_t cas_cli_job_count(const struct cas_cli_job *job, size_t jobs);

/* As struct cas_cli_readers_work wants it; ctx is a struct cas_cli_job. */
void cas_cli_job_run(void *ctx, size_t i, struct cas_cli_board *board, struct cas_cli_mail *to);

#endif
