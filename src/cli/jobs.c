/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/jobs.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <casniff/relay.h>

#include "cli/files.h"
#include "cli/interrupt.h"
#include "cli/job.h"
#include "cli/readers.h"
#include "cli/say.h"
#include "cli/session.h"

/* No capture is being told. */
#define NO_CAPTURE SIZE_MAX

/* What is known of a reader beside what it has sent. */
struct source {
    size_t capture; /* whose letters come next, or NO_CAPTURE */
    bool is_bad;    /* it says what makes no sense: nothing of it is taken any more */
};

struct telling {
    struct cas_cli_session *session;
    struct cas_cli_readers readers;
    struct source *source;
    size_t turn; /* the capture that is told now, or is next */
    struct cas_relayed *relayed;
    int ended; /* the worst so far: an exit code */
};

static const char *name_of(const struct telling *telling, size_t capture)
{
    return telling->session->options->captures.word[capture];
}

static void note(struct telling *telling, int ended)
{
    telling->ended = telling->ended == CAS_EXIT_DONE ? ended : telling->ended;
}

static bool begin(struct telling *telling)
{
    cas_sniffer_set_file(telling->session->sniffer, name_of(telling, telling->turn));
    telling->relayed = cas_relayed_open(telling->session->sniffer);
    if (telling->relayed == NULL) {
        cas_cli_say("out of memory");
    }
    return telling->relayed != NULL;
}

static void end(struct telling *telling, struct source *source, int ended)
{
    cas_relayed_close(telling->relayed);
    telling->relayed = NULL;
    source->capture = NO_CAPTURE;
    telling->turn++;
    note(telling, ended);
}

/* --- letters --- */

/* The reader's process has been taken over, or has a fault: what it said until now stays. */
static void give_up(struct telling *telling, struct source *source)
{
    source->is_bad = true;
    cas_cli_say(
        "%s: the process that reads it says what makes no sense, so the report is "
        "partial",
        name_of(telling, source->capture != NO_CAPTURE ? source->capture : telling->turn));
    note(telling, CAS_EXIT_FAILED);
}

static bool take_message(struct telling *telling, struct cas_view message)
{
    switch (cas_relayed_take(telling->relayed, message)) {
    case CAS_OK:
        return true;
    case CAS_ERR_NOMEM:
        cas_cli_say("out of memory: an event could not be told");
        note(telling, CAS_EXIT_FAILED);
        return true;
    case CAS_ERR_IO:
    case CAS_ERR_FORMAT:
    case CAS_ERR_USAGE:
    case CAS_ERR_RIGHTS:
    case CAS_ERR_GONE:
        break;
    }
    return false;
}

/* Between two captures: only the beginning of a later one makes sense. */
static bool take_begin(struct telling *telling, struct source *source,
                       const struct cas_cli_letter *letter)
{
    const struct cas_view number = letter->content;
    if (letter->kind != CAS_CLI_LETTER_BEGIN || number.len != sizeof(uint32_t)) {
        return false;
    }
    size_t capture = (size_t)number.data[0] << 24 | (size_t)number.data[1] << 16 |
                     (size_t)number.data[2] << 8 | number.data[3];
    if (capture < telling->turn || capture >= telling->session->options->captures.len) {
        return false;
    }
    source->capture = capture;
    return true;
}

static bool take_letter(struct telling *telling, struct source *source,
                        const struct cas_cli_letter *letter)
{
    const struct cas_view content = letter->content;
    switch (letter->kind) {
    case CAS_CLI_LETTER_MESSAGE:
        return take_message(telling, content);
    case CAS_CLI_LETTER_SAY:
        cas_cli_say("%.*s", (int)content.len, (const char *)content.data);
        return true;
    case CAS_CLI_LETTER_END:
        if (content.len != 1) {
            return false;
        }
        end(telling, source, content.data[0]);
        return true;
    default:
        return false;
    }
}

/* --- whose turn it is --- */

/* The letters of one reader, as long as they are wanted now; false when there was none. */
static bool tell_source(struct telling *telling, size_t i)
{
    struct source *source = &telling->source[i];
    struct cas_cli_letter letter;
    bool has_told = false;
    while (!source->is_bad) {
        if (source->capture != NO_CAPTURE && source->capture != telling->turn) {
            return has_told;
        }
        enum cas_cli_next next = cas_cli_queue_next(&telling->readers.reader[i].queue, &letter);
        if (next == CAS_CLI_NEXT_NONE) {
            return has_told;
        }
        has_told = true;
        bool is_begin = source->capture == NO_CAPTURE;
        bool is_good = next == CAS_CLI_NEXT_LETTER &&
                       (is_begin ? take_begin(telling, source, &letter)
                                 : (telling->relayed != NULL || begin(telling)) &&
                                       take_letter(telling, source, &letter));
        if (!is_good) {
            give_up(telling, source);
        }
    }
    return has_told;
}

/* A reader that ended too early; its capture is over with that. */
static void say_broken(struct telling *telling, size_t i)
{
    int status = telling->readers.reader[i].status;
    const char *name = name_of(telling, telling->source[i].capture);
    if (WIFSIGNALED(status)) {
        cas_cli_say("%s: the process that read it was ended by signal %d, so the report is "
                    "partial",
                    name, WTERMSIG(status));
    } else {
        cas_cli_say("%s: the process that read it has ended too early, so the report is "
                    "partial",
                    name);
    }
}

/* The capture whose turn it is comes from nobody any more: was it begun? */
static void pass_over(struct telling *telling)
{
    for (size_t i = 0; i < telling->readers.len; i++) {
        struct source *source = &telling->source[i];
        if (source->capture == telling->turn) {
            if (!source->is_bad) {
                say_broken(telling, i);
            }
            end(telling, source, CAS_EXIT_FAILED);
            return;
        }
    }
    if (!cas_cli_is_interrupted()) {
        cas_cli_say("%s was not read, for the processes that read have ended",
                    name_of(telling, telling->turn));
        note(telling, CAS_EXIT_FAILED);
    }
    telling->turn++;
}

/* Could letters of this capture still come? Readers take captures in order. */
static bool can_come(const struct telling *telling)
{
    for (size_t i = 0; i < telling->readers.len; i++) {
        const struct source *source = &telling->source[i];
        bool is_running = telling->readers.reader[i].fd >= 0;
        bool is_later = source->capture != NO_CAPTURE && source->capture > telling->turn;
        if (is_running && !source->is_bad && !is_later) {
            return true;
        }
    }
    return false;
}

static bool is_wanted(const struct telling *telling)
{
    return cas_cli_reports_state(&telling->session->reports) == CAS_CLI_WRITTEN;
}

/* Interrupted, what was learnt until then is told: the readers have heard of it as well. */
static int tell_all(struct telling *telling)
{
    size_t len = telling->session->options->captures.len;
    while (telling->turn < len && is_wanted(telling)) {
        bool has_told = false;
        for (size_t i = 0; i < telling->readers.len; i++) {
            has_told |= tell_source(telling, i);
        }
        if (cas_cli_is_interrupted()) {
            cas_cli_readers_end(&telling->readers);
        }
        if (has_told) {
            continue;
        }
        if (!can_come(telling)) {
            pass_over(telling);
        } else if (!cas_cli_readers_wait(&telling->readers)) {
            return CAS_EXIT_FAILED;
        }
    }
    return telling->ended;
}

static int tell(struct telling *telling)
{
    struct cas_cli_session *session = telling->session;
    int ended = tell_all(telling);
    cas_relayed_close(telling->relayed);
    telling->relayed = NULL;
    bool is_nothing = cas_sniffer_counters(session->sniffer)->value[CAS_COUNT_FRAMES] == 0 &&
                      ended == CAS_EXIT_FAILED;
    if (!is_nothing) {
        cas_sniffer_finish(session->sniffer);
        cas_cli_session_write_metrics(session, NULL);
    }
    return ended;
}

/* --- opening --- */

/* The memory is shared by captures, not by jobs: so N changes nothing. */
static size_t shares(size_t captures)
{
    return captures < CAS_CLI_READERS_MAX ? captures : CAS_CLI_READERS_MAX;
}

static bool start(struct telling *telling, struct cas_cli_files *files)
{
    struct cas_cli_job job;
    size_t jobs = (size_t)telling->session->options->jobs;
    bool is_good = cas_cli_job_open(&job, telling->session, files);
    size_t len = is_good ? cas_cli_job_count(&job, jobs) : 0;
    telling->source = len > 0 ? calloc(len, sizeof(*telling->source)) : NULL;
    if (telling->source == NULL) {
        cas_cli_say("out of memory");
        cas_cli_job_close(&job);
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        telling->source[i].capture = NO_CAPTURE;
    }
    const struct cas_cli_readers_work work = { .ctx = &job, .run = cas_cli_job_run };
    if (job.pipes >= CAS_CLI_READERS_MAX) {
        cas_cli_say("-j: no more than %d captures may be pipes: leave it out",
                    CAS_CLI_READERS_MAX - 1);
        is_good = false;
    } else {
        is_good = cas_cli_readers_start(&telling->readers, len, &work);
    }
    cas_cli_job_close(&job);
    return is_good;
}

int cas_cli_jobs(const struct cas_cli_options *options)
{
    struct cas_cli_session session;
    struct cas_cli_files files = { 0 };
    struct telling telling = { .session = &session };
    cas_cli_interrupt_catch();
    int ended = cas_cli_session_begin(&session, options);
    session.part = CAS_CLI_PART_TELLER;
    session.readers = shares(options->captures.len);
    if (ended == CAS_EXIT_DONE &&
        !cas_cli_files_open(&files, options, session.stores.keys.keylog)) {
        ended = files.ended;
    }
    telling.ended = files.ended;
    if (ended == CAS_EXIT_DONE && !start(&telling, &files)) {
        ended = CAS_EXIT_FAILED;
    }
    cas_cli_files_close(&files); /* they are the readers' */
    if (ended == CAS_EXIT_DONE) {
        ended = cas_cli_session_open(&session);
    }
    if (ended == CAS_EXIT_DONE) {
        ended = cas_cli_session_confine(&session, NULL);
    }
    if (ended == CAS_EXIT_DONE) {
        ended = tell(&telling);
    }
    cas_cli_readers_close(&telling.readers);
    free(telling.source);
    return cas_cli_session_close(&session, ended);
}
