/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/run.h"

#include <string.h>

#include "analysis/community_id.h"

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
