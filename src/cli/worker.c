/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/worker.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "cli/clock.h"
#include "cli/say.h"
#include "cli/signals.h"

/* How often the clock is looked at, and the teller hears how things stand. */
#define TICK_MS 100

/* At the end: for what the kernel still holds. */
#define DRAIN_MS 300

struct worker {
    struct cas_cli_session *session;
    struct cas_cli_interfaces *interfaces;
    struct cas_sniffer *sniffer;
    struct cas_cli_board *board;
    struct cas_cli_mail *to;
    struct pollfd *polls;
    uint64_t tick_ms;    /* when the next is due */
    unsigned reopenings; /* of key logs, that were obeyed */
};

/* --- letters --- */

static void send_change(void *user, size_t i, enum cas_iface_state state, const char *text)
{
    const struct worker *worker = user;
    const struct cas_cli_iface_change change = {
        .iface = i,
        .state = state,
        .text = text,
        .text_len = strlen(text),
    };
    cas_cli_mail_send_change(worker->to, &change);
}

static void send_figures(const struct worker *worker)
{
    for (size_t i = 0; i < worker->interfaces->len; i++) {
        cas_cli_mail_send_stats(worker->to, i, &worker->interfaces->interface[i].stats);
    }
    cas_sniffer_tell_stats(worker->sniffer, cas_cli_wall_us());
}

/* --- the loop --- */

static void read_secrets_on(struct worker *worker, uint64_t now_ms)
{
    struct cas_cli_key_logs *keys = &worker->session->stores.keys;
    unsigned reopenings = atomic_load(&worker->board->reopenings);
    if (reopenings != worker->reopenings) {
        worker->reopenings = reopenings;
        cas_cli_key_logs_reopen(keys);
    }
    cas_cli_key_logs_read_on(keys, now_ms);
}

static void tick(struct worker *worker)
{
    const struct cas_tick now = {
        .monotonic_us = cas_cli_clock_us(),
        .wall_us = cas_cli_wall_us(),
    };
    worker->tick_ms = now.monotonic_us / 1000 + TICK_MS;
    (void)cas_sniffer_tick(worker->sniffer, &now);
    read_secrets_on(worker, now.monotonic_us / 1000);
    cas_cli_interfaces_watch(worker->interfaces, now.monotonic_us);
    cas_cli_interfaces_count(worker->interfaces);
    send_figures(worker);
}

/* Not beyond the next tick. */
static void wait_for_packets(struct worker *worker)
{
    uint64_t now_ms = cas_cli_clock_ms();
    int wait_ms = now_ms < worker->tick_ms ? (int)(worker->tick_ms - now_ms) : 0;
    for (size_t i = 0; i < worker->interfaces->len; i++) {
        const struct cas_capture *capture = worker->interfaces->interface[i].capture;
        worker->polls[i] = (struct pollfd){
            .fd = capture != NULL ? cas_capture_fd(capture) : -1,
            .events = POLLIN,
        };
    }
    (void)poll(worker->polls, worker->interfaces->len, wait_ms);
}

/* A teller that is no more shows in letters that do not arrive. */
static bool is_wanted(const struct worker *worker)
{
    return !atomic_load(&worker->board->is_over) && !worker->to->has_failed &&
           !worker->interfaces->has_lost;
}

static void read_packets(struct worker *worker)
{
    while (is_wanted(worker)) {
        wait_for_packets(worker);
        (void)cas_cli_interfaces_read(worker->interfaces);
        if (cas_cli_clock_ms() >= worker->tick_ms) {
            tick(worker);
        }
        cas_cli_mail_flush(worker->to);
    }
}

static void drain(struct worker *worker)
{
    uint64_t deadline_ms = cas_cli_clock_ms() + DRAIN_MS;
    cas_cli_interfaces_stop(worker->interfaces);
    while (!cas_cli_interfaces_are_read_out(worker->interfaces) &&
           cas_cli_clock_ms() < deadline_ms) {
        if (!cas_cli_interfaces_read(worker->interfaces)) {
            (void)poll(NULL, 0, 5);
        }
    }
}

static void sniff(struct worker *worker)
{
    read_packets(worker);
    drain(worker);
    cas_cli_key_logs_end(&worker->session->stores.keys);
    send_figures(worker);
    cas_sniffer_finish(worker->sniffer);
    uint8_t ended = worker->interfaces->has_lost ? CAS_EXIT_GONE : CAS_EXIT_DONE;
    cas_cli_mail_send(worker->to, CAS_CLI_LETTER_END, (struct cas_view){ &ended, 1 });
}

/* --- opening --- */

/* The first speaks for all. A descriptor that was opened before the fork has one place in its
 * file for all of them, so each opens the key logs again. */
static void take_key_logs(struct cas_cli_key_logs *keys, size_t number)
{
    keys->is_quiet = keys->is_quiet || number > 0;
    cas_cli_key_logs_reopen(keys);
}

static bool open_all(struct worker *worker)
{
    const struct cas_relay relay = { .user = worker->to, .message = cas_cli_mail_message };
    struct cas_cli_interfaces *interfaces = worker->interfaces;
    worker->polls = calloc(interfaces->len, sizeof(*worker->polls));
    worker->sniffer = cas_cli_session_reader(worker->session, &relay);
    if (worker->polls == NULL) {
        cas_cli_say("out of memory");
    }
    interfaces->sniffer = worker->sniffer;
    interfaces->user = worker;
    interfaces->changed = send_change;
    return worker->polls != NULL && worker->sniffer != NULL;
}

static bool confine(struct worker *worker)
{
    struct cas_cli_confinement confinement = { 0 };
    bool is_confined =
        cas_cli_session_confine_reader(worker->session, &confinement) == CAS_EXIT_DONE;
    worker->interfaces->can_reopen = is_confined && cas_cli_confine_can_capture(&confinement);
    return is_confined;
}

void cas_cli_worker_run(void *ctx, size_t i, struct cas_cli_board *board,
                        struct cas_cli_mail *to)
{
    const struct cas_cli_worker_job *job = ctx;
    struct worker worker = {
        .session = job->session,
        .interfaces = &job->interfaces[i],
        .board = board,
        .to = to,
    };
    cas_cli_signals_ignore(); /* they are the teller's, who says when it is over */
    for (size_t j = 0; j < job->len; j++) {
        if (j != i) {
            cas_cli_interfaces_close(&job->interfaces[j]);
        }
    }
    take_key_logs(&job->session->stores.keys, i);
    if (open_all(&worker) && confine(&worker)) {
        cas_cli_say_divert(cas_cli_mail_sentence, to);
        cas_cli_mail_send(to, CAS_CLI_LETTER_BEGIN, (struct cas_view){ 0 });
        cas_cli_mail_flush(to);
        sniff(&worker);
        cas_cli_mail_flush(to);
    }
    cas_sniffer_destroy(worker.sniffer);
    free(worker.polls);
    cas_cli_interfaces_close(worker.interfaces);
    free(job->interfaces);
    cas_cli_stores_close(&job->session->stores);
}
