/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the connections of one sniffer share: where they report to, what they remember together,
 * and how an event's head is filled.
 */
#ifndef CAS_ANALYSIS_RUN_H
#define CAS_ANALYSIS_RUN_H

#include <stdint.h>

#include <casniff/counters.h>
#include <casniff/events.h>
#include <casniff/sniffer.h>

#include "analysis/alerts.h"
#include "analysis/anomaly_limits.h"
#include "analysis/cert_cache.h"
#include "analysis/inventory.h"
#include "analysis/known_name.h"
#include "analysis/list_report.h"
#include "analysis/ration.h"
#include "bytes/arena.h"
#include "bytes/budget.h"
#include "net/flows.h"
#include "tls/conversation.h"
#include "tls/fingerprint_cache.h"

struct cas_relay_writer;

/* Of all readers that a teller hears: what is no sum of what each has counted. */
struct cas_relayed_state {
    uint64_t peak_now; /* bytes: of those that are open now */
    uint64_t peak;
    uint64_t refused;
};

struct cas_run {
    struct cas_sniffer_config config;
    struct cas_limit *limits; /* owned: the config's */
    struct cas_budget budget;
    struct cas_counters counters;
    struct cas_list_reporter reporter;
    struct cas_cert_cache certs;
    struct cas_known_names names; /* of servers whose connections are watched */
    struct cas_inventory inventory;
    struct cas_alerts alerts;
    struct cas_ration ration; /* of saved handshakes of servers that are not remembered */
    struct cas_anomaly_limits anomalies;
    struct cas_tls_context tls;
    struct cas_fingerprint_cache prints;
    struct cas_key_waits waits; /* with config.keylog_grows */
    bool has_joined_keylog;
    struct cas_arena scratch; /* for the event that is being told */
    uint64_t event_seq;
    uint64_t last_us;               /* the time of what is told for no frame */
    uint64_t last_frame;            /* its number */
    struct cas_relay_writer *relay; /* who tells instead; NULL: this one does */
    struct cas_relayed_state relayed;
};

/*
 * What is remembered of lists, certificates, hellos and servers; config, limits, budget and tls
 * are set. False without memory; the other is to be called then as well.
 */
bool cas_run_init_memory(struct cas_run *run);
void cas_run_finish_memory(struct cas_run *run);

/* An event of no single connection. */
struct cas_event_head cas_run_head(struct cas_run *run, uint64_t timestamp_us);

/* An event of a connection; client_end is 0 or 1. */
struct cas_event_head cas_run_flow_head(struct cas_run *run, const struct cas_flow *flow,
                                        unsigned client_end);

struct cas_run *cas_run_of(struct cas_sniffer *sniffer);

/* The limit's name, for as long as the run lasts; NULL when nobody knows it. */
const char *cas_run_limit_name(const struct cas_run *run, const char *name);

/* The next event's number: taken just before it is told. */
uint64_t cas_run_next_seq(struct cas_run *run);

#endif
