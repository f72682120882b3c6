/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wires the floors together: frames to flows, flows to connections, connections to the sink. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <casniff/sniffer.h>

#include "analysis/observation.h"
#include "analysis/relay_writer.h"
#include "analysis/run.h"
#include "analysis/sniffer_flows.h"
#include "analysis/state_write.h"

/* What DESIGN promises. */
#define MEMORY_DEFAULT (64u << 20)
#define FLOWS_DEFAULT  65536
#define WARN_DEFAULT   80
#define CRIT_DEFAULT   95

#define REALERT_DEFAULT_US   UINT64_C(3600000000)
#define HEARTBEAT_DEFAULT_US UINT64_C(3600000000)

/* No operator reads more than this, and no pager takes it. */
#define ALERTS_PER_S_DEFAULT    10
#define ALERTS_BURST_DEFAULT    100
#define ANOMALIES_PER_S_DEFAULT 100
#define ANOMALIES_BURST_DEFAULT 1000

/* Below this not even the tables fit. */
#define MEMORY_MIN (1u << 20)

struct cas_sniffer {
    struct cas_run run;
    struct cas_flows *flows;
    bool is_finished;
};

struct cas_run *cas_run_of(struct cas_sniffer *sniffer)
{
    return &sniffer->run;
}

struct cas_sniffer_config cas_sniffer_defaults(void)
{
    return (struct cas_sniffer_config){
        .warn_percent = WARN_DEFAULT,
        .crit_percent = CRIT_DEFAULT,
        .memory_bytes = MEMORY_DEFAULT,
        .max_flows = FLOWS_DEFAULT,
        .realert_us = REALERT_DEFAULT_US,
        .heartbeat_us = HEARTBEAT_DEFAULT_US,
        .alerts_per_s = ALERTS_PER_S_DEFAULT,
        .alerts_burst = ALERTS_BURST_DEFAULT,
        .anomalies_per_s = ANOMALIES_PER_S_DEFAULT,
        .anomalies_burst = ANOMALIES_BURST_DEFAULT,
    };
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

static void init_alerts(struct cas_run *run)
{
    const struct cas_sniffer_config *config = &run->config;
    run->alerts = (struct cas_alerts){
        .bucket = cas_bucket_per_second(config->alerts_per_s, config->alerts_burst),
        .realert_us = config->realert_us,
        .counters = &run->counters,
    };
    run->anomalies = cas_anomaly_limits_init(config->anomalies_per_s, config->anomalies_burst);
}

static bool init_run(struct cas_run *run, const struct cas_sniffer_config *config)
{
    run->config = *config;
    run->budget.limit = config->memory_bytes > MEMORY_MIN ? config->memory_bytes : MEMORY_MIN;
    cas_budget_keep_stock(&run->budget);
    run->scratch = cas_arena_init(&run->budget);
    run->tls = (struct cas_tls_context){
        .handler = cas_observation_handler(),
        .budget = &run->budget,
        .counters = &run->counters,
        .keylog = config->keylog,
    };
    init_alerts(run);
    if (!copy_limits(run, config) || !choose_hash_key(run) || !cas_run_init_memory(run)) {
        return false;
    }
    if (config->relay.message != NULL) {
        run->certs.is_mute = true;
        run->relay = cas_relay_writer_create(&config->relay, &run->budget);
    }
    return config->relay.message == NULL || run->relay != NULL;
}

static void secret_came(void *ctx, const uint8_t client_random[CAS_RANDOM_LEN])
{
    const struct cas_run *run = ctx;
    if (run->tls.waits != NULL) {
        cas_tls_secret_came(&run->tls, client_random);
    }
}

/* Last: what is left of the memory by then is theirs to share. */
static void join_keylog(struct cas_run *run)
{
    const struct cas_keylog_listener listener = { .ctx = run, .secret = secret_came };
    if (run->tls.keylog == NULL) {
        return;
    }
    cas_keylog_join(run->tls.keylog, &run->budget, &listener);
    run->has_joined_keylog = true;
    if (run->config.keylog_grows) {
        cas_key_waits_init(&run->waits, run->config.hash_key);
        run->tls.waits = &run->waits;
    }
}

static void set_now(const struct cas_run *run, uint64_t now_us)
{
    if (run->tls.waits != NULL) {
        cas_tls_set_now(&run->tls, now_us);
    }
}

struct cas_sniffer *cas_sniffer_create(const struct cas_sniffer_config *config)
{
    struct cas_sniffer *sniffer = calloc(1, sizeof(*sniffer));
    if (sniffer == NULL) {
        return NULL;
    }
    if (init_run(&sniffer->run, config)) {
        sniffer->flows = cas_sniffer_flows_create(&sniffer->run);
    }
    if (sniffer->flows == NULL) {
        cas_sniffer_destroy(sniffer);
        return NULL;
    }
    join_keylog(&sniffer->run);
    return sniffer;
}

void cas_sniffer_push(struct cas_sniffer *sniffer, const struct cas_frame *frame)
{
    sniffer->run.last_us =
        frame->timestamp_us > sniffer->run.last_us ? frame->timestamp_us : sniffer->run.last_us;
    sniffer->run.last_frame = frame->number;
    if (sniffer->run.config.clock == CAS_CLOCK_PACKETS) {
        set_now(&sniffer->run, sniffer->run.last_us);
    }
    cas_flows_push(sniffer->flows, frame);
}

void cas_sniffer_set_file(struct cas_sniffer *sniffer, const char *pcap_filename)
{
    sniffer->run.config.pcap_filename = pcap_filename;
}

void cas_sniffer_set_iface(struct cas_sniffer *sniffer, const char *iface)
{
    sniffer->run.config.in_iface = iface;
}

/* The time may have been set back: then it is what it is now. */
bool cas_sniffer_tick(struct cas_sniffer *sniffer, const struct cas_tick *now)
{
    const struct cas_frame moment = {
        .number = sniffer->run.last_frame,
        .timestamp_us = now->wall_us,
    };
    sniffer->run.last_us = now->wall_us;
    set_now(&sniffer->run, now->monotonic_us);
    return cas_flows_tick(sniffer->flows, now->monotonic_us, &moment);
}

void cas_sniffer_set_capture_stats(struct cas_sniffer *sniffer,
                                   const struct cas_capture_stats *sum)
{
    uint64_t *value = sniffer->run.counters.value;
    value[CAS_COUNT_CAPTURE_RECEIVED] = sum->received;
    value[CAS_COUNT_CAPTURE_DROPPED_KERNEL] = sum->dropped_kernel;
    value[CAS_COUNT_CAPTURE_DROPPED_INTERFACE] = sum->dropped_interface;
}

void cas_sniffer_set_output_stats(struct cas_sniffer *sniffer,
                                  const struct cas_output_stats *sum)
{
    uint64_t *value = sniffer->run.counters.value;
    value[CAS_COUNT_OUTPUT_WRITTEN] = sum->written;
    value[CAS_COUNT_OUTPUT_DROPPED] = sum->dropped;
    value[CAS_COUNT_OUTPUT_ERRORS] = sum->errors;
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

static void count_memory(struct cas_run *run)
{
    if (run->tls.keylog != NULL) {
        const struct cas_keylog_stats stats = cas_keylog_stats(run->tls.keylog);
        run->counters.value[CAS_COUNT_KEYLOG_CONNECTIONS] = stats.connections;
        run->counters.value[CAS_COUNT_KEYLOG_DROPPED] = stats.dropped;
        run->counters.value[CAS_COUNT_KEYLOG_BAD_LINES] = stats.bad_lines;
    }
    run->counters.value[CAS_COUNT_MEMORY_PEAK_BYTES] = run->budget.peak + run->relayed.peak;
    run->counters.value[CAS_COUNT_MEMORY_REFUSED] = run->budget.refused + run->relayed.refused;
}

static void hand_counters_over(struct cas_run *run)
{
    count_memory(run);
    cas_relay_write_counters(run->relay, &run->counters, run->last_us, run->last_frame);
}

void cas_sniffer_tell_stats(struct cas_sniffer *sniffer, uint64_t wall_us)
{
    struct cas_run *run = &sniffer->run;
    if (run->relay != NULL) {
        hand_counters_over(run);
        return;
    }
    count_memory(run);
    if (run->config.sink.stats == NULL) {
        return;
    }
    struct cas_stats_event event = {
        .head = cas_run_head(run, wall_us),
        .counters = cas_sniffer_counters(sniffer),
    };
    event.head.seq = cas_run_next_seq(run);
    run->config.sink.stats(run->config.sink.user, &event);
}

void cas_sniffer_tell_capture(struct cas_sniffer *sniffer,
                              const struct cas_capture_event *event)
{
    struct cas_run *run = &sniffer->run;
    if (run->config.sink.capture == NULL) {
        return;
    }
    struct cas_capture_event told = *event;
    told.head = cas_run_head(run, event->head.timestamp_us);
    told.head.in_iface = event->iface;
    told.head.seq = cas_run_next_seq(run);
    run->config.sink.capture(run->config.sink.user, &told);
}

/* Where cas_sniffer_servers() tells to. */
struct listener {
    struct cas_run *run;
    void (*tell)(void *user, const struct cas_server_event *event);
    void *user;
};

static void tell_listener(void *user, struct cas_server_event *event)
{
    struct listener *listener = user;
    struct cas_event_head head = cas_run_head(listener->run, event->head.timestamp_us);
    head.dest = event->head.dest;
    event->head = head;
    listener->tell(listener->user, event);
}

void cas_sniffer_servers(struct cas_sniffer *sniffer,
                         void (*tell)(void *user, const struct cas_server_event *event),
                         void *user)
{
    struct listener listener = { .run = &sniffer->run, .tell = tell, .user = user };
    cas_inventory_tell(&sniffer->run.inventory, tell_listener, &listener);
}

int cas_sniffer_state_save(const struct cas_sniffer *sniffer, uint64_t wall_us,
                           int (*write)(void *user, struct cas_view text), void *user)
{
    return cas_state_write(&sniffer->run.inventory, wall_us, write, user);
}

static void recall_server(void *user, const struct cas_state_server *server)
{
    struct cas_run *run = user;
    struct cas_state_server known = *server;
    known.list.limit_name = cas_run_limit_name(run, server->list.limit_name);
    known.request.limit_name = cas_run_limit_name(run, server->request.limit_name);
    cas_inventory_recall(&run->inventory, &known);
}

enum cas_err cas_sniffer_state_load(struct cas_sniffer *sniffer, struct cas_view text,
                                    struct cas_error *out_error)
{
    return cas_state_read(text, recall_server, &sniffer->run, out_error);
}

void cas_sniffer_remembered(const struct cas_sniffer *sniffer,
                            void (*tell)(void *user, const struct cas_state_server *server),
                            void *user)
{
    cas_inventory_remembered(&sniffer->run.inventory, tell, user);
}

void cas_sniffer_finish(struct cas_sniffer *sniffer)
{
    struct cas_run *run = &sniffer->run;
    const struct cas_sink *sink = &run->config.sink;
    cas_flows_finish(sniffer->flows);
    sniffer->is_finished = true;
    if (run->relay != NULL) {
        hand_counters_over(run);
        return;
    }
    count_memory(run);
    if (sink->server != NULL) {
        cas_inventory_tell(&run->inventory, tell_server, run);
    }
    cas_sniffer_tell_stats(sniffer, sniffer->run.last_us);
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
        cas_relay_writer_destroy(run->relay);
        run->relay = NULL;
        run->config.sink = (struct cas_sink){ 0 };
        run->config.evidence = (struct cas_evidence_sink){ 0 };
        cas_flows_finish(sniffer->flows);
    }
    cas_flows_destroy(sniffer->flows);
    if (run->has_joined_keylog) {
        cas_keylog_leave(run->tls.keylog);
    }
    cas_relay_writer_destroy(run->relay);
    cas_run_finish_memory(run);
    cas_arena_finish(&run->scratch);
    cas_budget_drop_stock(&run->budget);
    free(run->limits);
    free(sniffer);
}
