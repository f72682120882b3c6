/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/job.h"

#include <stdlib.h>

#include "cli/interrupt.h"
#include "cli/say.h"

/* One that is at work. */
struct worker {
    const struct cas_cli_job *job;
    struct cas_cli_board *board;
    struct cas_cli_mail *to;
};

static size_t captures(const struct cas_cli_job *job)
{
    return job->session->options->captures.len;
}

bool cas_cli_job_open(struct cas_cli_job *out_job, struct cas_cli_session *session,
                      struct cas_cli_files *files)
{
    size_t len = session->options->captures.len;
    *out_job = (struct cas_cli_job){
        .session = session,
        .files = files,
        .is_pipe = calloc(len, sizeof(*out_job->is_pipe)),
    };
    for (size_t i = 0; out_job->is_pipe != NULL && i < len; i++) {
        out_job->is_pipe[i] = cas_cli_key_logs_is_pipe(session->options->captures.word[i]);
        out_job->pipes += out_job->is_pipe[i];
    }
    return out_job->is_pipe != NULL;
}

void cas_cli_job_close(struct cas_cli_job *job)
{
    free(job->is_pipe);
    *job = (struct cas_cli_job){ 0 };
}

size_t cas_cli_job_count(const struct cas_cli_job *job, size_t jobs)
{
    size_t files = captures(job) - job->pipes;
    size_t room = CAS_CLI_READERS_MAX - job->pipes;
    size_t most = jobs < room ? jobs : room;
    return job->pipes + (files < most ? files : most);
}

static bool is_wanted(void *user)
{
    const struct worker *worker = user;
    return !cas_cli_is_interrupted() && !atomic_load(&worker->board->is_over) &&
           !worker->to->has_failed;
}

static int read_capture(struct worker *worker, size_t i)
{
    struct cas_cli_session *session = worker->job->session;
    const struct cas_relay relay = { .user = worker->to, .message = cas_cli_mail_message };
    struct cas_cli_reading reading = {
        .options = session->options,
        .sniffer = cas_cli_session_reader(session, &relay),
        .keys = &session->stores.keys,
        .is_wanted = is_wanted,
        .user = worker,
    };
    if (reading.sniffer == NULL) {
        return CAS_EXIT_FAILED;
    }
    int ended = cas_cli_files_read(worker->job->files, i, &reading);
    cas_sniffer_finish(reading.sniffer);
    cas_sniffer_destroy(reading.sniffer);
    return ended;
}

static void do_capture(struct worker *worker, size_t i)
{
    const uint8_t number[] = { (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8),
                               (uint8_t)i };
    cas_cli_mail_send(worker->to, CAS_CLI_LETTER_BEGIN,
                      (struct cas_view){ number, sizeof(number) });
    cas_cli_mail_flush(worker->to);
    uint8_t ended = 0; /* what could not be opened was told then */
    if (worker->job->files->capture[i] != NULL) {
        ended = (uint8_t)read_capture(worker, i);
    }
    cas_cli_mail_send(worker->to, CAS_CLI_LETTER_END, (struct cas_view){ &ended, 1 });
    cas_cli_mail_flush(worker->to);
}

static void do_files(struct worker *worker)
{
    size_t len = captures(worker->job);
    for (size_t i = atomic_fetch_add(&worker->board->next, 1); i < len && is_wanted(worker);
         i = atomic_fetch_add(&worker->board->next, 1)) {
        if (!worker->job->is_pipe[i]) {
            do_capture(worker, i);
        }
    }
}

static void do_pipe(struct worker *worker, size_t number)
{
    for (size_t i = 0; i < captures(worker->job); i++) {
        if (worker->job->is_pipe[i] && number-- == 0) {
            do_capture(worker, i);
            return;
        }
    }
}

void cas_cli_job_run(void *ctx, size_t i, struct cas_cli_board *board, struct cas_cli_mail *to)
{
    const struct cas_cli_job *job = ctx;
    struct worker worker = { .job = job, .board = board, .to = to };
    struct cas_cli_confinement confinement = { 0 };
    if (cas_cli_session_confine_reader(job->session, &confinement) == CAS_EXIT_DONE) {
        cas_cli_say_divert(cas_cli_mail_sentence, to);
        if (i < job->pipes) {
            do_pipe(&worker, i);
        } else {
            do_files(&worker);
        }
    }
    cas_cli_files_close(job->files);
    cas_cli_stores_close(&job->session->stores);
}
