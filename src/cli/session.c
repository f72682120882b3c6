/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/check_state.h"
#include "cli/clock.h"
#include "cli/metrics_facts.h"
#include "cli/say.h"

/* Live, -w saves so many handshakes of one server and kind of finding an hour, beside those
 * that raise an alert: else a server whose list is at its limit fills the disk. */
#define EVIDENCE_PER_HOUR 8

/* Trouble that goes on is told once a minute. */
#define TELL_EVERY_MS 60000

/* Of the memory the teller has a fourth, for its servers and lists; its readers share the rest
 * evenly. */
#define TELLER_PART 4

static size_t memory_of(const struct cas_cli_session *session, enum cas_cli_part part)
{
    size_t all = (size_t)session->options->memory_bytes;
    switch (part) {
    case CAS_CLI_PART_ALL:
        break;
    case CAS_CLI_PART_READER:
        return (all - all / TELLER_PART) / session->readers;
    case CAS_CLI_PART_TELLER:
        return all / TELLER_PART;
    }
    return all;
}

/* The tables of connections take up to half of the memory, so that there is some for what is in
 * them. */
#define FLOW_BYTES 112

static size_t flows_of(size_t memory, size_t most)
{
    size_t flows = most;
    while (flows > 1 && flows * FLOW_BYTES > memory / 2) {
        flows /= 2;
    }
    return flows;
}

static void set_memory(struct cas_sniffer_config *config, size_t memory)
{
    config->memory_bytes = memory;
    config->max_flows = flows_of(memory, config->max_flows);
}

static struct cas_sniffer_config config_of(const struct cas_cli_session *session)
{
    const struct cas_cli_options *options = session->options;
    struct cas_sniffer_config config = cas_sniffer_defaults();
    config.store = session->stores.store;
    config.client_cert = session->stores.client_cert;
    const struct cas_cli_key_logs *keys = &session->stores.keys;
    config.keylog = keys->grow || keys->has_pipes || cas_keylog_connections(keys->keylog) > 0
                        ? keys->keylog
                        : NULL;
    config.keylog_grows = keys->grow;
    config.limits = options->limits_len > 0 ? options->limits : NULL;
    config.limits_len = options->limits_len;
    config.warn_percent = (uint32_t)options->warn_percent;
    config.crit_percent = (uint32_t)options->crit_percent;
    config.checksums = (enum cas_checksums)options->checksums;
    config.clock = cas_cli_options_are_live(options) ? CAS_CLOCK_CALLER : CAS_CLOCK_PACKETS;
    config.select = (enum cas_select)options->select;
    config.sensor_name = options->sensor_name;
    config.evidence_per_hour = cas_cli_options_are_live(options) ? EVIDENCE_PER_HOUR : 0;
    config.heartbeat_us = options->heartbeat_us;
    config.realert_us = options->realert_us;
    return config;
}

static bool join_check(struct cas_cli_session *session)
{
    const struct cas_cli_options *options = session->options;
    if (!options->is_check) {
        return true;
    }
    session->check =
        cas_check_create((uint32_t)options->warn_percent, (uint32_t)options->crit_percent);
    if (session->check == NULL) {
        cas_cli_say("out of memory");
        return false;
    }
    const struct cas_sink sink = cas_check_sink(session->check);
    return cas_cli_reports_join(&session->reports, &sink);
}

/* Only if something comes of it: a run in which nobody listens any more ends. */
static bool join_alerting(struct cas_cli_session *session)
{
    const struct cas_cli_options *options = session->options;
    const struct cas_sink sink = cas_cli_alerting_sink(&session->alerting);
    bool is_wanted = options->has_syslog || options->has_journal ||
                     options->alert_exec != NULL || options->state_path != NULL;
    return !is_wanted || cas_cli_reports_join(&session->reports, &sink);
}

static bool create_sniffer(struct cas_cli_session *session)
{
    struct cas_sniffer_config config = config_of(session);
    set_memory(&config, memory_of(session, session->part));
    config.sink = cas_cli_reports_sink(&session->reports);
    config.evidence = cas_cli_evidence_sink(&session->evidence);
    if (session->part == CAS_CLI_PART_TELLER) {
        config.keylog = NULL;
        config.max_flows = 1; /* it sees no packet */
    }
    session->sniffer = cas_sniffer_create(&config);
    if (session->sniffer == NULL) {
        cas_cli_say("no memory, or no random numbers, to begin with: try a larger --memory");
    }
    return session->sniffer != NULL;
}

/* Packets are kept where the teller saves them. */
static void keep(void *user, const struct cas_evidence *evidence)
{
    (void)user;
    (void)evidence;
}

struct cas_sniffer *cas_cli_session_reader(const struct cas_cli_session *session,
                                           const struct cas_relay *relay)
{
    struct cas_sniffer_config config = config_of(session);
    set_memory(&config, memory_of(session, CAS_CLI_PART_READER));
    config.relay = *relay;
    config.evidence.packets = session->options->evidence_path != NULL ? keep : NULL;
    struct cas_sniffer *sniffer = cas_sniffer_create(&config);
    if (sniffer == NULL) {
        cas_cli_say("no memory, or no random numbers, to begin with: try a larger --memory");
    }
    return sniffer;
}

static bool open_metrics(struct cas_cli_session *session)
{
    const char *path = session->options->metrics_path;
    if (path == NULL) {
        return true;
    }
    const struct cas_sink sink = cas_cli_metrics_file_sink(&session->metrics);
    return cas_cli_metrics_file_open(&session->metrics, path) &&
           cas_cli_reports_join(&session->reports, &sink);
}

static bool open_state(struct cas_cli_session *session)
{
    const char *path = session->options->state_path;
    return path == NULL || (cas_cli_state_file_open(&session->state, path) &&
                            cas_cli_state_file_load(&session->state, session->sniffer));
}

int cas_cli_session_begin(struct cas_cli_session *out_session,
                          const struct cas_cli_options *options)
{
    *out_session = (struct cas_cli_session){
        .options = options,
        .evidence = cas_cli_evidence_of(options),
        .alerting = { .sinks = { .syslog = { .fd = -1 }, .journal = { .fd = -1 } } },
        .start_us = cas_cli_wall_us(),
    };
    return cas_cli_stores_open(&out_session->stores, options) ? CAS_EXIT_DONE : CAS_EXIT_FAILED;
}

/* What the process that starts commands must not have. */
static void forget(void *ctx)
{
    struct cas_cli_session *session = ctx;
    cas_cli_stores_close(&session->stores);
    if (session->captures != NULL) {
        cas_cli_files_close(session->captures);
    }
}

/* The last is what starts another process: nothing that can be wrong is left then. */
int cas_cli_session_open(struct cas_cli_session *session)
{
    const struct cas_cli_options *options = session->options;
    const struct cas_cli_alert_exec_secrets secrets = { .ctx = session, .forget = forget };
    return cas_cli_reports_open(&session->reports, options) && join_check(session) &&
                   join_alerting(session) && open_metrics(session) && create_sniffer(session) &&
                   open_state(session) &&
                   cas_cli_evidence_open(&session->evidence, session->link_type) &&
                   cas_cli_alerting_open(&session->alerting, options, &secrets)
               ? CAS_EXIT_DONE
               : CAS_EXIT_FAILED;
}

/* --- confinement --- */

/* The most files that a run writes beside its reports: -w, the metrics, the state. */
#define OTHER_FILES 3

static size_t list_created(const struct cas_cli_session *session, int *created)
{
    size_t len = 0;
    for (size_t i = 0; i < session->reports.outputs_len; i++) {
        int fd = cas_cli_reports_fd(&session->reports, i);
        if (fd >= 0 && session->options->reports[i].path != NULL) {
            created[len++] = fd;
        }
    }
    if (session->evidence.file.fd >= 0) {
        created[len++] = session->evidence.file.fd;
    }
    return len;
}

/* Live, reports and -w are opened anew after a rotation. */
static size_t list_replaced(const struct cas_cli_session *session, const char **paths)
{
    const struct cas_cli_options *options = session->options;
    const char *const others[OTHER_FILES] = {
        options->metrics_path,
        options->state_path,
        cas_cli_options_are_live(options) ? options->evidence_path : NULL,
    };
    size_t len = 0;
    for (size_t i = 0; cas_cli_options_are_live(options) && i < options->reports_len; i++) {
        if (options->reports[i].path != NULL) {
            paths[len++] = options->reports[i].path;
        }
    }
    for (size_t i = 0; i < OTHER_FILES; i++) {
        if (others[i] != NULL) {
            paths[len++] = others[i];
        }
    }
    return len;
}

static enum cas_cli_sandbox sandbox_of(const struct cas_cli_options *options)
{
#ifdef CAS_COUNTED
    /* The counters of the lines that were run are written when the program ends. */
    (void)options;
    return CAS_CLI_SANDBOX_OFF;
#else
    return (enum cas_cli_sandbox)options->sandbox;
#endif
}

static int confine(struct cas_cli_session *session)
{
    const struct cas_cli_options *options = session->options;
    int *created = calloc(options->reports_len + 1, sizeof(*created));
    const char **replaced = calloc(options->reports_len + OTHER_FILES, sizeof(*replaced));
    int ended = CAS_EXIT_FAILED;
    if (created == NULL || replaced == NULL) {
        cas_cli_say("out of memory");
    } else {
        const struct cas_cli_confine_plan plan = {
            .sandbox = sandbox_of(options),
            .user = options->user,
            .created = created,
            .created_len = list_created(session, created),
            .write_paths = replaced,
            .write_paths_len = list_replaced(session, replaced),
            .read_paths = options->keylogs.word,
            .read_paths_len = cas_cli_options_are_live(options) ? options->keylogs.len : 0,
            .reconnects = options->has_syslog || options->has_journal,
            .has_children = session->part == CAS_CLI_PART_TELLER,
            .has_secrets = cas_cli_stores_may_be_secret(options),
            .is_quiet = options->is_quiet,
        };
        ended = cas_cli_confine(&plan, &session->confinement);
    }
    free(created);
    free((void *)replaced);
    return ended;
}

/* What is missing is told by the teller, whom it concerns as well. */
int cas_cli_session_confine_reader(const struct cas_cli_session *session,
                                   struct cas_cli_confinement *confinement)
{
    const struct cas_cli_options *options = session->options;
    const struct cas_cli_confine_plan plan = {
        .sandbox = sandbox_of(options),
        .user = options->user,
        .read_paths = options->keylogs.word,
        .read_paths_len = cas_cli_options_are_live(options) ? options->keylogs.len : 0,
        .has_secrets = cas_cli_stores_may_be_secret(options),
        .is_quiet = true,
    };
    int ended = cas_cli_confine(&plan, confinement);
    if (ended == CAS_EXIT_DONE) {
        cas_cli_confine_run(confinement);
    }
    return ended;
}

bool cas_cli_session_save_state(struct cas_cli_session *session, enum cas_cli_keep keep)
{
    if (session->state.path == NULL || session->sniffer == NULL) {
        return true;
    }
    int reason = cas_cli_state_file_save(&session->state, keep, session->sniffer);
    uint64_t now_ms = cas_cli_clock_ms();
    if (reason != 0 && now_ms >= session->tell_state_ms) {
        session->tell_state_ms = now_ms + TELL_EVERY_MS;
        cas_cli_say("cannot save the state to %s: %s; the old one stays", session->state.path,
                    strerror(reason));
    }
    return reason == 0;
}

void cas_cli_session_write_metrics(struct cas_cli_session *session,
                                   const struct cas_cli_interfaces *interfaces)
{
    struct cas_cli_metrics_facts facts;
    if (session->metrics.path == NULL) {
        return;
    }
    if (cas_cli_metrics_facts_init(&facts, interfaces, &session->reports, &session->alerting,
                                   &session->evidence)) {
        facts.facts.start_us = session->start_us;
        facts.facts.memory_limit_bytes = session->options->memory_bytes;
        cas_cli_metrics_file_write(&session->metrics, cas_cli_clock_ms(), session->sniffer,
                                   &facts.facts);
    }
    cas_cli_metrics_facts_finish(&facts);
}

bool cas_cli_session_owes_metrics(const struct cas_cli_session *session, uint64_t now_ms)
{
    return session->metrics.path != NULL &&
           now_ms >= cas_cli_metrics_file_due_ms(&session->metrics);
}

int cas_cli_session_confine(struct cas_cli_session *session,
                            const struct cas_cli_interfaces *interfaces)
{
    int ended = confine(session);
    if (ended != CAS_EXIT_DONE) {
        return ended;
    }
    cas_cli_session_write_metrics(session, interfaces);
    if (!cas_cli_session_save_state(session, CAS_CLI_KEEP_ATOMIC) ||
        session->metrics.counts.errors > 0 || !cas_cli_evidence_begin(&session->evidence)) {
        return CAS_EXIT_FAILED;
    }
    cas_cli_confine_run(&session->confinement);
    return CAS_EXIT_DONE;
}

int cas_cli_session_plan(struct cas_cli_session *session)
{
    struct cas_sniffer_config config = config_of(session);
    config.sink = cas_cli_reports_sink(&session->reports);
    if (cas_plan(&config) != CAS_OK) {
        cas_cli_say("out of memory");
        return CAS_EXIT_FAILED;
    }
    return CAS_EXIT_DONE;
}

/* --- the end --- */

/* What was found stays found; but a run that failed may have missed something. */
static int print_check(const struct cas_cli_session *session, int ended)
{
    if (session->check == NULL || session->confinement.stage != CAS_CLI_STAGE_RUNNING) {
        return cas_cli_check_unknown();
    }
    const char *line = "";
    const uint64_t *value = cas_sniffer_counters(session->sniffer)->value;
    const struct cas_check_traffic traffic = {
        .frames = value[CAS_COUNT_FRAMES],
        .drops = value[CAS_COUNT_CAPTURE_DROPPED_KERNEL] +
                 value[CAS_COUNT_CAPTURE_DROPPED_INTERFACE],
    };
    enum cas_check_status status = cas_check_end(session->check, &traffic, &line);
    bool is_whole = ended == CAS_EXIT_DONE || ended == CAS_EXIT_DAMAGED;
    if (status == CAS_CHECK_OK && !is_whole) {
        return cas_cli_check_unknown();
    }
    return cas_cli_check_print(line, status);
}

int cas_cli_session_close(struct cas_cli_session *session, int ended)
{
    bool is_good = session->confinement.stage != CAS_CLI_STAGE_RUNNING ||
                   cas_cli_session_save_state(session, CAS_CLI_KEEP_DURABLE);
    is_good = cas_cli_evidence_close(&session->evidence) && is_good;
    is_good = cas_cli_reports_close(&session->reports) != CAS_CLI_UNWRITTEN && is_good;
    cas_cli_alerting_close(&session->alerting, session->options->is_quiet);
    ended = is_good ? ended : CAS_EXIT_FAILED;
    if (session->options->is_check) {
        ended = print_check(session, ended);
    }
    cas_sniffer_destroy(session->sniffer);
    cas_check_destroy(session->check);
    cas_cli_state_file_close(&session->state);
    cas_cli_metrics_file_close(&session->metrics);
    cas_cli_stores_close(&session->stores);
    return ended;
}
