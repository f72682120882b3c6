/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/live.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "cli/clock.h"
#include "cli/errors.h"
#include "cli/interfaces.h"
#include "cli/notify.h"
#include "cli/say.h"
#include "cli/session.h"
#include "cli/signals.h"
#include "cli/statistics.h"
#include "cli/workers.h"

#define SECOND_US UINT64_C(1000000)

/* How often the clock is looked at: what is due is late by that much at most. */
#define TICK_NS 100000000

/* Of the two seconds that the end may take: reading what the kernel still holds, and waiting
 * for slow readers of the reports, who get less where commands have to be waited for as well.
 */
#define DRAIN_MS          300
#define LAST_WORDS_MS     1500
#define LAST_WORDS_CMD_MS 200

/* --check without --duration: shorter than monitoring systems wait. */
#define CHECK_US (30 * SECOND_US)

/* Something to do again and again. */
struct duty {
    uint64_t every_us; /* 0: never */
    uint64_t due_us;
};

struct live {
    const struct cas_cli_options *options;
    struct cas_cli_session session;
    struct cas_cli_interfaces interfaces;
    struct cas_cli_workers workers; /* that read them; none: this process does */
    struct cas_cli_notify notify;
    int signals;
    int timer;
    struct pollfd *polls;
    size_t polls_len;
    bool is_ending;
    uint64_t end_us; /* --duration; 0: no end */
    uint64_t alerts_known;
    struct duty counts;
    struct duty stats;
    struct duty state;
    struct duty status;
    struct duty watchdog;
};

static bool has_workers(const struct live *live)
{
    return live->workers.readers.len > 0;
}

/* --- what is due --- */

static bool is_due(struct duty *duty, uint64_t now_us)
{
    if (duty->every_us == 0 || now_us < duty->due_us) {
        return false;
    }
    duty->due_us = now_us + duty->every_us;
    return true;
}

static struct duty every(uint64_t every_us, uint64_t now_us)
{
    return (struct duty){ .every_us = every_us, .due_us = now_us + every_us };
}

static void plan_duties(struct live *live, uint64_t now_us)
{
    const struct cas_cli_options *options = live->options;
    uint64_t duration_us = options->duration_us;
    live->counts = every(SECOND_US, now_us);
    live->stats = every(options->stats_us, now_us);
    live->state = every(60 * SECOND_US, now_us);
    live->status = every(10 * SECOND_US, now_us);
    live->watchdog = every(live->notify.watchdog_us / 2, now_us);
    if (options->is_check && duration_us == 0) {
        duration_us = CHECK_US;
    }
    live->end_us = duration_us > 0 ? now_us + duration_us : 0;
}

/* An alert is in the state within a second or two, so that a kill loses little. */
static void hurry_after_alerts(struct live *live, uint64_t now_us)
{
    if (live->session.alerting.told != live->alerts_known) {
        live->alerts_known = live->session.alerting.told;
        live->state.due_us = now_us;
    }
}

static void tell_status(struct live *live)
{
    const uint64_t *value = cas_sniffer_counters(live->session.sniffer)->value;
    uint64_t dropped =
        value[CAS_COUNT_CAPTURE_DROPPED_KERNEL] + value[CAS_COUNT_CAPTURE_DROPPED_INTERFACE];
    cas_cli_notify_status(
        &live->notify, "%s: %llu handshakes, %llu lists, %llu alerts, %llu packets dropped",
        live->interfaces.len == 1 ? live->interfaces.interface[0].name : "interfaces",
        (unsigned long long)value[CAS_COUNT_TLS_CONNECTIONS],
        (unsigned long long)value[CAS_COUNT_CERT_REQUESTS],
        (unsigned long long)value[CAS_COUNT_ALERTS_TOLD], (unsigned long long)dropped);
}

static void take_output_stats(struct live *live)
{
    const struct cas_cli_reports *reports = &live->session.reports;
    struct cas_output_stats sum = { 0 };
    for (size_t i = 0; i < reports->outputs_len; i++) {
        const struct cas_cli_outbox_stats stats = cas_cli_reports_stats(reports, i);
        sum.written += stats.written;
        sum.dropped += stats.dropped;
        sum.errors += stats.errors;
    }
    cas_sniffer_set_output_stats(live->session.sniffer, &sum);
}

/* Workers do so by themselves, and tell. */
static void count_packets(struct live *live)
{
    if (!has_workers(live)) {
        cas_cli_interfaces_count(&live->interfaces);
    }
}

static void do_duties(struct live *live, uint64_t now_us)
{
    struct cas_cli_session *session = &live->session;
    if (!has_workers(live)) {
        cas_cli_interfaces_watch(&live->interfaces, now_us);
        cas_cli_key_logs_read_on(&session->stores.keys, now_us / 1000);
    }
    if (is_due(&live->counts, now_us)) {
        hurry_after_alerts(live, now_us);
        count_packets(live);
        cas_cli_evidence_tick(&session->evidence);
    }
    if (is_due(&live->stats, now_us)) {
        take_output_stats(live);
        cas_sniffer_set_iface(session->sniffer, NULL);
        cas_sniffer_tell_stats(session->sniffer, cas_cli_wall_us());
    }
    if (cas_cli_session_owes_metrics(session, now_us / 1000)) {
        cas_cli_session_write_metrics(session, &live->interfaces);
    }
    if (is_due(&live->state, now_us)) {
        (void)cas_cli_session_save_state(session, CAS_CLI_KEEP_ATOMIC);
    }
    if (is_due(&live->status, now_us)) {
        tell_status(live);
    }
    if (is_due(&live->watchdog, now_us)) {
        cas_cli_notify_watchdog(&live->notify);
    }
    live->is_ending = live->is_ending || (live->end_us != 0 && now_us >= live->end_us) ||
                      live->interfaces.has_lost || !cas_cli_workers_are_whole(&live->workers);
}

/* --- signals --- */

static void print_statistics(struct live *live)
{
    count_packets(live);
    const struct cas_capture_stats stats = cas_cli_interfaces_stats(&live->interfaces);
    cas_cli_statistics_print(cas_sniffer_counters(live->session.sniffer), &stats);
}

static void reopen(struct live *live)
{
    cas_cli_notify_reloading(&live->notify, cas_cli_clock_us());
    cas_cli_reports_reopen(&live->session.reports, cas_cli_clock_ms());
    cas_cli_evidence_reopen(&live->session.evidence);
    if (has_workers(live)) {
        cas_cli_workers_reopen(&live->workers);
    } else {
        cas_cli_key_logs_reopen(&live->session.stores.keys);
    }
    cas_cli_notify_ready(&live->notify);
}

static void obey_signals(struct live *live)
{
    enum cas_cli_signal signal = CAS_CLI_SIGNAL_NONE;
    while ((signal = cas_cli_signals_next(live->signals)) != CAS_CLI_SIGNAL_NONE) {
        switch (signal) {
        case CAS_CLI_SIGNAL_END:
            live->is_ending = true;
            break;
        case CAS_CLI_SIGNAL_REOPEN:
            reopen(live);
            break;
        case CAS_CLI_SIGNAL_STATISTICS:
            print_statistics(live);
            break;
        case CAS_CLI_SIGNAL_FLUSH:
            cas_cli_evidence_flush(&live->session.evidence);
            break;
        case CAS_CLI_SIGNAL_NONE:
            break;
        }
    }
}

/* --- the loop --- */

static void tick(struct live *live)
{
    uint64_t expirations = 0;
    const struct cas_tick now = {
        .monotonic_us = cas_cli_clock_us(),
        .wall_us = cas_cli_wall_us(),
    };
    (void)!read(live->timer, &expirations, sizeof(expirations));
    (void)cas_sniffer_tick(live->session.sniffer, &now);
    do_duties(live, now.monotonic_us);
}

/* Before the packets stand the signals and the timer. */
#define POLLS_BEFORE 2

static size_t poll_packets(struct live *live)
{
    size_t len = POLLS_BEFORE;
    if (has_workers(live)) {
        cas_cli_workers_poll(&live->workers, &live->polls[len]);
        return len + live->workers.readers.len;
    }
    for (size_t i = 0; i < live->interfaces.len; i++) {
        const struct cas_cli_interface *interface = &live->interfaces.interface[i];
        int fd = interface->capture != NULL ? cas_capture_fd(interface->capture) : -1;
        live->polls[len++] = (struct pollfd){ .fd = fd, .events = POLLIN };
    }
    return len;
}

/* These, and the outputs that wait for their readers. */
static size_t fill_polls(struct live *live)
{
    live->polls[0] = (struct pollfd){ .fd = live->signals, .events = POLLIN };
    live->polls[1] = (struct pollfd){ .fd = live->timer, .events = POLLIN };
    size_t len = poll_packets(live);
    return len + cas_cli_reports_poll(&live->session.reports, &live->polls[len],
                                      live->polls_len - len);
}

static bool is_enough(const struct live *live)
{
    return live->options->packets_max != 0 &&
           live->interfaces.frames >= live->options->packets_max;
}

/* Reports that nobody reads any more end a run, unless packets are to be saved. */
static bool is_wanted(const struct live *live)
{
    bool is_told = cas_cli_reports_state(&live->session.reports) == CAS_CLI_WRITTEN ||
                   live->options->evidence_path != NULL;
    return !live->is_ending && !is_enough(live) && is_told;
}

static void read_packets(struct live *live)
{
    if (has_workers(live)) {
        cas_cli_workers_take(&live->workers, &live->polls[POLLS_BEFORE]);
    } else {
        (void)cas_cli_interfaces_read(&live->interfaces);
    }
}

static int run(struct live *live)
{
    while (is_wanted(live)) {
        size_t len = fill_polls(live);
        if (poll(live->polls, len, -1) < 0 && errno != EINTR) {
            cas_cli_say("cannot wait for packets: %s", strerror(errno));
            return CAS_EXIT_FAILED;
        }
        read_packets(live);
        if ((live->polls[1].revents & POLLIN) != 0) {
            tick(live);
        }
        obey_signals(live);
        cas_cli_reports_flush(&live->session.reports, cas_cli_clock_ms());
    }
    return live->interfaces.has_lost ? CAS_EXIT_GONE : CAS_EXIT_DONE;
}

/* What the kernel still holds is read, so that what was received is what was looked at and
 * what was dropped. */
static void drain(struct live *live)
{
    uint64_t deadline_ms = cas_cli_clock_ms() + DRAIN_MS;
    cas_cli_interfaces_stop(&live->interfaces);
    while (!cas_cli_interfaces_are_read_out(&live->interfaces) && !is_enough(live) &&
           cas_cli_clock_ms() < deadline_ms) {
        if (!cas_cli_interfaces_read(&live->interfaces)) {
            (void)poll(NULL, 0, 5);
        }
        cas_cli_reports_flush(&live->session.reports, cas_cli_clock_ms());
    }
}

static void end(struct live *live)
{
    struct cas_cli_session *session = &live->session;
    cas_cli_notify_stopping(&live->notify);
    cas_cli_signals_restore(); /* a second one ends the program at once */
    if (has_workers(live)) {
        cas_cli_workers_end(&live->workers);
    } else {
        drain(live);
        cas_cli_key_logs_end(&session->stores.keys);
    }
    cas_cli_reports_end_by(&session->reports,
                           cas_cli_clock_ms() + (session->alerting.exec != NULL
                                                     ? LAST_WORDS_CMD_MS
                                                     : LAST_WORDS_MS));
    take_output_stats(live);
    cas_sniffer_set_iface(session->sniffer, NULL);
    cas_sniffer_finish(session->sniffer);
    cas_cli_session_write_metrics(session, &live->interfaces);
    if (!live->options->is_quiet) {
        const struct cas_capture_stats stats = cas_cli_interfaces_stats(&live->interfaces);
        cas_cli_statistics_print(cas_sniffer_counters(session->sniffer), &stats);
    }
}

/* --- opening --- */

static bool open_timer(struct live *live)
{
    const struct itimerspec every_tick = {
        .it_interval = { .tv_nsec = TICK_NS },
        .it_value = { .tv_nsec = TICK_NS },
    };
    live->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (live->timer < 0 || timerfd_settime(live->timer, 0, &every_tick, NULL) != 0) {
        cas_cli_say("cannot make a timer: %s", strerror(errno));
        return false;
    }
    return true;
}

static bool open_loop(struct live *live)
{
    cas_cli_errors_never_wait();
    live->polls_len = POLLS_BEFORE + live->interfaces.len + live->workers.readers.len +
                      live->session.reports.outputs_len;
    live->polls = calloc(live->polls_len, sizeof(*live->polls));
    if (live->polls == NULL) {
        cas_cli_say("out of memory");
        return false;
    }
    live->signals = cas_cli_signals_open();
    live->notify = cas_cli_notify_open();
    return live->signals >= 0 && open_timer(live);
}

static int open_interfaces(struct live *live)
{
    if (cas_cli_options_have_workers(live->options)) {
        return cas_cli_workers_start(&live->workers, &live->session, &live->interfaces);
    }
    int ended = cas_cli_interfaces_open(&live->interfaces, live->options, NULL);
    if (ended == CAS_EXIT_DONE) {
        live->session.link_type =
            cas_capture_link_number(live->interfaces.interface[0].capture);
    }
    return ended;
}

static int open_all(struct live *live)
{
    int ended = cas_cli_session_begin(&live->session, live->options);
    if (ended == CAS_EXIT_DONE) {
        ended = open_interfaces(live);
    }
    if (ended == CAS_EXIT_DONE) {
        ended = cas_cli_session_open(&live->session);
    }
    if (ended == CAS_EXIT_DONE && !open_loop(live)) {
        ended = CAS_EXIT_FAILED;
    }
    if (ended == CAS_EXIT_DONE) {
        live->interfaces.sniffer = live->session.sniffer;
        ended = cas_cli_session_confine(&live->session, &live->interfaces);
    }
    if (ended == CAS_EXIT_DONE && has_workers(live) && !cas_cli_workers_begin(&live->workers)) {
        ended = CAS_EXIT_FAILED;
    }
    return ended;
}

static void announce(struct live *live)
{
    char text[128];
    cas_cli_confine_tell(&live->session.confinement, text, sizeof(text));
    if (!live->options->is_quiet) {
        cas_cli_interfaces_announce(&live->interfaces);
    }
    if (live->options->is_verbose) {
        cas_cli_say("confined: %s", text);
    }
    cas_cli_notify_ready(&live->notify);
    tell_status(live);
}

int cas_cli_live(const struct cas_cli_options *options)
{
    struct live live = {
        .options = options,
        .notify = { .fd = -1 },
        .signals = -1,
        .timer = -1,
    };
    int ended = open_all(&live);
    if (ended == CAS_EXIT_DONE) {
        live.interfaces.can_reopen =
            !has_workers(&live) && cas_cli_confine_can_capture(&live.session.confinement);
        plan_duties(&live, cas_cli_clock_us());
        announce(&live);
        ended = run(&live);
        end(&live);
        ended = ended == CAS_EXIT_DONE ? live.workers.ended : ended;
    }
    cas_cli_workers_close(&live.workers);
    ended = cas_cli_session_close(&live.session, ended);
    cas_cli_interfaces_close(&live.interfaces);
    cas_cli_notify_close(&live.notify);
    free(live.polls);
    if (live.signals >= 0) {
        close(live.signals);
    }
    if (live.timer >= 0) {
        close(live.timer);
    }
    return ended;
}
