/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/run.h"

#include <string.h>

#include "analysis/community_id.h"

/* The fingerprints that are known may take this share of the budget: thousands. */
#define FINGERPRINTS_SHARE 64

bool cas_run_init_memory(struct cas_run *run)
{
    const struct cas_sniffer_config *config = &run->config;
    const struct cas_verdict_rules rules = {
        .limits = run->limits,
        .limits_len = config->limits_len,
        .warn_percent = config->warn_percent,
        .crit_percent = config->crit_percent,
    };
    if (!cas_list_reporter_init(&run->reporter, config->store, &rules, &run->budget,
                                config->hash_key) ||
        !cas_cert_cache_init(&run->certs, &run->budget, config->hash_key) ||
        !cas_known_names_init(&run->names, &run->budget, config->hash_key) ||
        !cas_fingerprint_cache_init(&run->prints, run->budget.limit / FINGERPRINTS_SHARE,
                                    &run->budget, config->hash_key) ||
        !cas_inventory_init(&run->inventory, &run->reporter, &run->counters,
                            config->hash_key)) {
        return false;
    }
    run->inventory.heartbeat_us = config->heartbeat_us;
    run->tls.prints = &run->prints;
    return true;
}

void cas_run_finish_memory(struct cas_run *run)
{
    cas_inventory_finish(&run->inventory);
    cas_fingerprint_cache_finish(&run->prints);
    cas_known_names_finish(&run->names);
    cas_cert_cache_finish(&run->certs);
    cas_list_reporter_finish(&run->reporter);
}

uint64_t cas_run_next_seq(struct cas_run *run)
{
    return ++run->event_seq;
}

const char *cas_run_limit_name(const struct cas_run *run, const char *name)
{
    size_t len = 0;
    const struct cas_limit *limits = cas_limits(&len);
    for (size_t i = 0; name != NULL && i < len; i++) {
        if (strcmp(limits[i].name, name) == 0) {
            return limits[i].name;
        }
    }
    for (size_t i = 0; name != NULL && i < run->config.limits_len; i++) {
        if (strcmp(run->limits[i].name, name) == 0) {
            return run->limits[i].name;
        }
    }
    return NULL;
}

struct cas_event_head cas_run_head(struct cas_run *run, uint64_t timestamp_us)
{
    return (struct cas_event_head){
        .timestamp_us = timestamp_us,
        .sensor_name = run->config.sensor_name,
        .in_iface = run->config.in_iface,
        .pcap_filename = run->config.pcap_filename,
    };
}

struct cas_event_head cas_run_flow_head(struct cas_run *run, const struct cas_flow *flow,
                                        unsigned client_end)
{
    struct cas_event_head head = cas_run_head(run, flow->first_us);
    head.flow_id = flow->id;
    head.src = flow->end[client_end];
    head.dest = flow->end[1 - client_end];
    memcpy(head.vlan, flow->vlan, sizeof(head.vlan));
    head.vlan_len = flow->vlan_len;
    cas_community_id(&head.src, &head.dest, head.community_id);
    return head;
}
