/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/workers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <casniff/relay.h>

#include "cli/clock.h"
#include "cli/say.h"
#include "cli/worker.h"

/* Workers that do not end by then are ended. They need some tenths of a second, more where the
 * machine is busy. */
#define END_MS 5000

#define SENTENCE_MAX 1024

struct cas_cli_worker_source {
    struct cas_relayed *relayed;
    struct cas_capture_stats *stats; /* of each interface, as it was told last */
    bool has_begun;
    bool is_over; /* it has said so, or nothing of it is taken any more */
};

static void note(struct cas_cli_workers *workers, int ended)
{
    workers->ended = workers->ended == CAS_EXIT_DONE ? ended : workers->ended;
}

/* --- letters --- */

/* Its process has been taken over, or has a fault: what it said until now stays. */
static void give_up(struct cas_cli_workers *workers, size_t i)
{
    workers->source[i].is_over = true;
    cas_cli_say("worker %zu says what makes no sense, so the report is partial", i + 1);
    note(workers, CAS_EXIT_FAILED);
}

static bool take_message(struct cas_cli_workers *workers, size_t i, struct cas_view message)
{
    enum cas_err err = cas_relayed_take(workers->source[i].relayed, message);
    if (err == CAS_ERR_NOMEM) {
        cas_cli_say("out of memory: an event could not be told");
        note(workers, CAS_EXIT_FAILED);
    }
    return err == CAS_OK || err == CAS_ERR_NOMEM;
}

/* Every worker sees it: the first one tells. */
static bool take_change(struct cas_cli_workers *workers, size_t i, struct cas_view content)
{
    struct cas_cli_iface_change change;
    char text[SENTENCE_MAX];
    if (!cas_cli_mail_read_change(content, &change) ||
        change.iface >= workers->interfaces->len) {
        return false;
    }
    if (i == 0) {
        (void)snprintf(text, sizeof(text), "%.*s", (int)change.text_len, change.text);
        workers->interfaces->interface[change.iface].is_up =
            change.state == CAS_IFACE_UP || change.state == CAS_IFACE_BACK;
        cas_cli_interfaces_tell(workers->interfaces, change.iface, change.state, text);
    }
    return true;
}

static bool take_stats(struct cas_cli_workers *workers, size_t i, struct cas_view content)
{
    size_t iface = 0;
    struct cas_capture_stats now;
    if (!cas_cli_mail_read_stats(content, &iface, &now) || iface >= workers->interfaces->len) {
        return false;
    }
    struct cas_capture_stats *sum = &workers->interfaces->interface[iface].stats;
    struct cas_capture_stats *before = &workers->source[i].stats[iface];
    sum->received += now.received - before->received;
    sum->dropped_kernel += now.dropped_kernel - before->dropped_kernel;
    sum->dropped_interface += now.dropped_interface - before->dropped_interface;
    *before = now;
    return true;
}

static bool take_letter(struct cas_cli_workers *workers, size_t i,
                        const struct cas_cli_letter *letter)
{
    struct cas_cli_worker_source *source = &workers->source[i];
    const struct cas_view content = letter->content;
    if (letter->kind == CAS_CLI_LETTER_BEGIN) {
        bool is_first = !source->has_begun;
        source->has_begun = true;
        return is_first && content.len == 0;
    }
    switch (letter->kind) {
    case CAS_CLI_LETTER_MESSAGE:
        return take_message(workers, i, content);
    case CAS_CLI_LETTER_SAY:
        cas_cli_say("%.*s", (int)content.len, (const char *)content.data);
        return true;
    case CAS_CLI_LETTER_CHANGE:
        return take_change(workers, i, content);
    case CAS_CLI_LETTER_STATS:
        return take_stats(workers, i, content);
    case CAS_CLI_LETTER_END:
        source->is_over = true;
        note(workers, content.len == 1 ? content.data[0] : CAS_EXIT_FAILED);
        return content.len == 1;
    default:
        return false;
    }
}

/* --- what has come --- */

/* One that has gone without a word. */
static void say_broken(struct cas_cli_workers *workers, size_t i)
{
    int status = workers->readers.reader[i].status;
    workers->source[i].is_over = true;
    note(workers, CAS_EXIT_FAILED);
    if (!workers->source[i].has_begun) {
        cas_cli_say("worker %zu could not begin", i + 1);
    } else if (WIFSIGNALED(status)) {
        cas_cli_say(
            "worker %zu was ended by signal %d, and its connections with it: the report "
            "is partial",
            i + 1, WTERMSIG(status));
    } else {
        cas_cli_say("worker %zu has ended, and its connections with it: the report is partial",
                    i + 1);
    }
}

static void tell_worker(struct cas_cli_workers *workers, size_t i)
{
    struct cas_cli_reader *reader = &workers->readers.reader[i];
    struct cas_cli_worker_source *source = &workers->source[i];
    struct cas_cli_letter letter;
    enum cas_cli_next next = CAS_CLI_NEXT_LETTER;
    while (!source->is_over && next != CAS_CLI_NEXT_NONE) {
        next = cas_cli_queue_next(&reader->queue, &letter);
        if (next == CAS_CLI_NEXT_BAD ||
            (next == CAS_CLI_NEXT_LETTER && !take_letter(workers, i, &letter))) {
            give_up(workers, i);
        }
    }
    if (!source->is_over && reader->fd < 0) {
        say_broken(workers, i);
    }
}

static void tell_all(struct cas_cli_workers *workers)
{
    for (size_t i = 0; i < workers->readers.len; i++) {
        tell_worker(workers, i);
    }
}

void cas_cli_workers_poll(const struct cas_cli_workers *workers, struct pollfd *out_polls)
{
    cas_cli_readers_poll(&workers->readers, out_polls);
}

void cas_cli_workers_take(struct cas_cli_workers *workers, const struct pollfd *polls)
{
    cas_cli_readers_take(&workers->readers, polls);
    tell_all(workers);
}

bool cas_cli_workers_are_whole(const struct cas_cli_workers *workers)
{
    for (size_t i = 0; i < workers->readers.len; i++) {
        if (workers->source[i].is_over) {
            return false;
        }
    }
    return true;
}

void cas_cli_workers_reopen(struct cas_cli_workers *workers)
{
    atomic_fetch_add(&workers->readers.board->reopenings, 1);
}

/* --- beginning --- */

static bool make_sources(struct cas_cli_workers *workers, size_t len)
{
    size_t ifaces = workers->interfaces->len;
    workers->source = calloc(len, sizeof(*workers->source));
    for (size_t i = 0; workers->source != NULL && i < len; i++) {
        workers->source[i].stats = calloc(ifaces, sizeof(*workers->source[i].stats));
        if (workers->source[i].stats == NULL) {
            return false;
        }
    }
    return workers->source != NULL;
}

/* Those of one worker after the other, so that both directions of a connection come to the same
 * one also when they pass different interfaces. */
static int open_interfaces(struct cas_cli_workers *workers, struct cas_cli_interfaces *each,
                           size_t len)
{
    int ended = CAS_EXIT_DONE;
    for (size_t i = 0; i < len && ended == CAS_EXIT_DONE; i++) {
        ended = cas_cli_interfaces_open(&each[i], workers->session->options, workers->groups);
    }
    return ended;
}

static int fork_workers(struct cas_cli_workers *workers, struct cas_cli_interfaces *each,
                        size_t len)
{
    struct cas_cli_worker_job job = {
        .session = workers->session,
        .interfaces = each,
        .len = len,
    };
    const struct cas_cli_readers_work work = { .ctx = &job, .run = cas_cli_worker_run };
    return cas_cli_readers_start(&workers->readers, len, &work) ? CAS_EXIT_DONE
                                                                : CAS_EXIT_FAILED;
}

int cas_cli_workers_start(struct cas_cli_workers *out_workers, struct cas_cli_session *session,
                          struct cas_cli_interfaces *interfaces)
{
    struct cas_cli_workers *workers = out_workers;
    const struct cas_cli_options *options = session->options;
    size_t len = (size_t)options->workers;
    size_t named = options->interfaces.len;
    struct cas_cli_interfaces *each = calloc(len, sizeof(*each));
    int ended = CAS_EXIT_FAILED;
    *workers = (struct cas_cli_workers){
        .session = session,
        .interfaces = interfaces,
        .groups = calloc(named > 0 ? named : 1, sizeof(*workers->groups)),
    };
    session->part = CAS_CLI_PART_TELLER;
    session->readers = len;
    if (each == NULL || workers->groups == NULL) {
        cas_cli_say("out of memory");
        free(each);
        return CAS_EXIT_FAILED;
    }
    ended = open_interfaces(workers, each, len);
    if (ended == CAS_EXIT_DONE) {
        session->link_type = cas_capture_link_number(each[0].interface[0].capture);
        ended = fork_workers(workers, each, len);
    }
    for (size_t i = 1; i < len; i++) {
        cas_cli_interfaces_close(&each[i]);
    }
    *interfaces = each[0]; /* and closed by its owner */
    cas_cli_interfaces_let_go(interfaces);
    free(each);
    return ended;
}

bool cas_cli_workers_begin(struct cas_cli_workers *workers)
{
    size_t begun = 0;
    size_t len = workers->readers.len;
    bool is_good = make_sources(workers, len);
    for (size_t i = 0; i < len && is_good; i++) {
        workers->source[i].relayed = cas_relayed_open(workers->session->sniffer);
        is_good = workers->source[i].relayed != NULL;
    }
    if (!is_good) {
        cas_cli_say("out of memory");
        return false;
    }
    while (begun < len && cas_cli_workers_are_whole(workers)) {
        if (!cas_cli_readers_wait(&workers->readers)) {
            return false;
        }
        tell_all(workers);
        for (begun = 0; begun < len && workers->source[begun].has_begun; begun++) {
        }
    }
    return begun == len;
}

/* --- the end --- */

static void end_late(struct cas_cli_workers *workers)
{
    for (size_t i = 0; i < workers->readers.len; i++) {
        if (!workers->source[i].is_over) {
            workers->source[i].is_over = true;
            cas_cli_say("worker %zu does not end: the report is partial", i + 1);
            note(workers, CAS_EXIT_FAILED);
        }
    }
}

static bool are_over(const struct cas_cli_workers *workers)
{
    for (size_t i = 0; i < workers->readers.len; i++) {
        if (!workers->source[i].is_over) {
            return false;
        }
    }
    return true;
}

/* Evenly or not: whoever chooses a number of workers wants to know. */
static void say_shares(const struct cas_cli_workers *workers)
{
    for (size_t i = 0; i < workers->readers.len; i++) {
        uint64_t received = 0;
        for (size_t j = 0; j < workers->interfaces->len; j++) {
            received += workers->source[i].stats[j].received;
        }
        cas_cli_say("worker %zu of %zu had %" PRIu64 " packets", i + 1, workers->readers.len,
                    received);
    }
}

void cas_cli_workers_end(struct cas_cli_workers *workers)
{
    uint64_t deadline_ms = cas_cli_clock_ms() + END_MS;
    cas_cli_readers_end(&workers->readers);
    while (!are_over(workers) && cas_cli_clock_ms() < deadline_ms &&
           cas_cli_readers_wait(&workers->readers)) {
        tell_all(workers);
        cas_cli_reports_flush(&workers->session->reports, cas_cli_clock_ms());
    }
    end_late(workers);
    for (size_t i = 0; i < workers->readers.len; i++) {
        cas_relayed_close(workers->source[i].relayed);
        workers->source[i].relayed = NULL;
    }
    if (workers->session->options->is_verbose) {
        say_shares(workers);
    }
}

void cas_cli_workers_close(struct cas_cli_workers *workers)
{
    size_t len = workers->readers.len;
    for (size_t i = 0; workers->source != NULL && i < len; i++) {
        cas_relayed_close(workers->source[i].relayed);
        free(workers->source[i].stats);
    }
    cas_cli_readers_close(&workers->readers);
    free(workers->source);
    free(workers->groups);
    *workers = (struct cas_cli_workers){ 0 };
}
