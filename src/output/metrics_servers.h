/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Picks the servers that metrics name. */
#ifndef CAS_OUTPUT_METRICS_SERVERS_H
#define CAS_OUTPUT_METRICS_SERVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/events.h>
#include <casniff/state.h>

/* One server with the list that it last showed whole. */
struct cas_metrics_server {
    struct cas_endpoint endpoint;
    char *sni; /* "" when there was none */
    uint64_t last_us;
    uint64_t handshakes;
    uint64_t bytes;
    uint64_t names;
    uint64_t limit_bytes; /* 0: no limit is spoken of */
    uint64_t limit_counted;
    uint64_t missing;   /* of the store's names; 0 without a store */
    bool is_cut;        /* or looks so */
    bool is_remembered; /* of an earlier run: missing is not known */
};

struct cas_metrics_servers {
    struct cas_metrics_server *server;
    size_t len;
    size_t size;
    bool failed; /* memory could not be had */
};

/* For cas_sniffer_servers(); servers whose list was not seen whole are passed over. */
void cas_metrics_servers_take(void *servers, const struct cas_server_event *event);

/* The same for cas_sniffer_remembered(). */
void cas_metrics_servers_recall(void *servers, const struct cas_state_server *server);

/*
 * Leaves one entry for each address, port and SNI: that of its last list. The first `named`
 * have most handshakes, and are in a lasting order.
 */
void cas_metrics_servers_rank(struct cas_metrics_servers *servers, size_t named);

/* How much of its limit a list takes, in thousandths. */
uint64_t cas_metrics_server_usage(const struct cas_metrics_server *server);

void cas_metrics_servers_finish(struct cas_metrics_servers *servers);

#endif
