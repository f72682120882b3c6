/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wires the floors together: frames to flows, flows to connections, connections to the sink. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <casniff/sniffer.h>

#include "analysis/observation.h"
#include "analysis/run.h"

/* What DESIGN promises. */
#define MEMORY_DEFAULT (64u << 20)
#define FLOWS_DEFAULT  65536
#define WARN_DEFAULT   80
#define CRIT_DEFAULT   95

/* Below this not even the tables fit. */
#define MEMORY_MIN (1u << 20)

struct cas_sniffer {
    struct cas_run run;
    struct cas_flows *flows;
    uint64_t last_us;
    bool is_finished;
};

struct cas_sniffer_config cas_sniffer_defaults(void)
{
    return (struct cas_sniffer_config){
        .warn_percent = WARN_DEFAULT,
        .crit_percent = CRIT_DEFAULT,
        .memory_bytes = MEMORY_DEFAULT,
        .max_flows = FLOWS_DEFAULT,
    };
}

static void *open_flow(void *ctx, const struct cas_flow *flow)
{
    return cas_observation_create(ctx, flow);
}

static enum cas_want take_bytes(void *ctx, void *user, const struct cas_frame *frame,
                                unsigned end, uint64_t offset, struct cas_view bytes)
{
    (void)ctx;
    return cas_observation_bytes(user, frame, end, offset, bytes);
}

static enum cas_want take_hole(void *ctx, void *user, const struct cas_frame *frame,
                               unsigned end, uint64_t offset, uint64_t len,
                               enum cas_reason reason)
{
    (void)ctx;
    return cas_observation_hole(user, frame, end, offset, len, reason);
}

static void take_doubt(void *ctx, void *user, const struct cas_frame *frame, unsigned end,
                       uint64_t offset, uint64_t len, enum cas_reason reason)
{
    (void)ctx;
    cas_observation_doubt(user, frame, end, offset, len, reason);
}

static void close_flow(void *ctx, void *user, const struct cas_frame *frame,
                       enum cas_close close, enum cas_reason reason)
{
    (void)ctx;
    cas_observation_close(user, frame, close, reason);
    cas_observation_destroy(user);
}

static unsigned worth_of(void *ctx, void *user)
{
    (void)ctx;
    return cas_observation_worth(user);
}

static struct cas_flows *create_flows(struct cas_run *run)
{
    static const enum cas_flows_checksums checksums[] = {
        [CAS_CHECKSUMS_AUTO] = CAS_FLOWS_CHECK_AUTO,
        [CAS_CHECKSUMS_CHECK] = CAS_FLOWS_CHECK_ALWAYS,
        [CAS_CHECKSUMS_TRUST] = CAS_FLOWS_CHECK_NEVER,
    };
    struct cas_flows_config config = {
        .handler = {
            .ctx = run,
            .open = open_flow,
            .bytes = take_bytes,
            .hole = take_hole,
            .doubt = take_doubt,
            .close = close_flow,
            .worth = worth_of,
        },
        .budget = &run->budget,
        .counters = &run->counters,
        .checksums = checksums[run->config.checksums],
        .max_flows = run->config.max_flows,
    };
    memcpy(config.hash_key, run->config.hash_key, sizeof(config.hash_key));
    return cas_flows_create(&config);
}

/* The configured limits, or schannel's: there is always one to measure against. */
static bool copy_limits(struct cas_run *run, const struct cas_sniffer_config *config)
{
    size_t len = config->limits_len > 0 ? config->limits_len : 1;
    run->limits = calloc(len, sizeof(*run->limits));
    if (run->limits == NULL) {
        return false;
    }
    if (config->limits_len > 0) {
        memcpy(run->limits, config->limits, len * sizeof(*run->limits));
    } else if (!cas_limit_find("schannel", &run->limits[0])) {
        return false;
    }
    run->config.limits = run->limits;
    run->config.limits_len = len;
    return true;
}

/* A key that is not given comes from the system, so that nobody can aim at one bucket. */
static bool choose_hash_key(struct cas_run *run)
{
    static const uint8_t none[sizeof(run->config.hash_key)] = { 0 };
    if (memcmp(run->config.hash_key, none, sizeof(none)) != 0) {
        return true;
    }
    return getrandom(run->config.hash_key, sizeof(run->config.hash_key), 0) ==
           (ssize_t)sizeof(run->config.hash_key);
}

static bool init_run(struct cas_run *run, const struct cas_sniffer_config *config)
{
    run->config = *config;
    run->budget.limit = config->memory_bytes > MEMORY_MIN ? config->memory_bytes : MEMORY_MIN;
    run->scratch = cas_arena_init(&run->budget);
    run->tls = (struct cas_tls_context){
        .handler = cas_observation_handler(),
        .budget = &run->budget,
        .counters = &run->counters,
        .keylog = config->keylog,
    };
    if (!copy_limits(run, config) || !choose_hash_key(run)) {
        return false;
    }
    const struct cas_verdict_rules rules = {
        .limits = run->limits,
        .limits_len = run->config.limits_len,
        .warn_percent = config->warn_percent,
        .crit_percent = config->crit_percent,
    };
    return cas_list_reporter_init(&run->reporter, config->store, &rules, &run->budget,
                                  run->config.hash_key) &&
           cas_cert_cache_init(&run->certs, &run->budget, run->config.hash_key) &&
           cas_inventory_init(&run->inventory, &run->reporter, &run->counters,
                              run->config.hash_key);
}

struct cas_sniffer *cas_sniffer_create(const struct cas_sniffer_config *config)
{
    struct cas_sniffer *sniffer = calloc(1, sizeof(*sniffer));
    if (sniffer == NULL) {
        return NULL;
    }
    if (init_run(&sniffer->run, config)) {
        sniffer->flows = create_flows(&sniffer->run);
    }
    if (sniffer->flows == NULL) {
        cas_sniffer_destroy(sniffer);
        return NULL;
    }
    return sniffer;
}

void cas_sniffer_push(struct cas_sniffer *sniffer, const struct cas_frame *frame)
{
    sniffer->last_us =
        frame->timestamp_us > sniffer->last_us ? frame->timestamp_us : sniffer->last_us;
    cas_flows_push(sniffer->flows, frame);
}

void cas_sniffer_set_file(struct cas_sniffer *sniffer, const char *pcap_filename)
{
    sniffer->run.config.pcap_filename = pcap_filename;
}

static void tell_server(void *user, struct cas_server_event *event)
{
    struct cas_run *run = user;
    struct cas_event_head head = cas_run_head(run, event->head.timestamp_us);
    head.dest = event->head.dest;
    head.seq = cas_run_next_seq(run);
    event->head = head;
    run->config.sink.server(run->config.sink.user, event);
}

static void tell_stats(struct cas_sniffer *sniffer)
{
    struct cas_run *run = &sniffer->run;
    struct cas_stats_event event = {
        .head = cas_run_head(run, sniffer->last_us),
        .counters = cas_sniffer_counters(sniffer),
    };
    event.head.seq = cas_run_next_seq(run);
    run->config.sink.stats(run->config.sink.user, &event);
}

void cas_sniffer_finish(struct cas_sniffer *sniffer)
{
    struct cas_run *run = &sniffer->run;
    const struct cas_sink *sink = &run->config.sink;
    cas_flows_finish(sniffer->flows);
    sniffer->is_finished = true;
    run->counters.value[CAS_COUNT_MEMORY_PEAK_BYTES] = run->budget.peak;
    run->counters.value[CAS_COUNT_MEMORY_REFUSED] = run->budget.refused;
    if (sink->server != NULL) {
        cas_inventory_tell(&run->inventory, tell_server, run);
    }
    if (sink->stats != NULL) {
        tell_stats(sniffer);
    }
    if (sink->end != NULL) {
        sink->end(sink->user);
    }
}

const struct cas_counters *cas_sniffer_counters(const struct cas_sniffer *sniffer)
{
    return &sniffer->run.counters;
}

/* Connections still open hold lists and certificates: they go first, and tell nothing. */
void cas_sniffer_destroy(struct cas_sniffer *sniffer)
{
    if (sniffer == NULL) {
        return;
    }
    struct cas_run *run = &sniffer->run;
    if (sniffer->flows != NULL && !sniffer->is_finished) {
        run->config.sink = (struct cas_sink){ 0 };
        cas_flows_finish(sniffer->flows);
    }
    cas_flows_destroy(sniffer->flows);
    cas_inventory_finish(&run->inventory);
    cas_cert_cache_finish(&run->certs);
    cas_list_reporter_finish(&run->reporter);
    cas_arena_finish(&run->scratch);
    free(run->limits);
    free(sniffer);
}
