/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/metrics_servers.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 64

static bool grow(struct cas_metrics_servers *servers)
{
    size_t size = servers->size == 0 ? FIRST_SIZE : servers->size * 2;
    struct cas_metrics_server *grown =
        realloc(servers->server, size * sizeof(*servers->server));
    if (grown != NULL) {
        servers->server = grown;
        servers->size = size;
    }
    return grown != NULL;
}

/* Takes a copy of its SNI. */
static void add(struct cas_metrics_servers *servers, struct cas_metrics_server server,
                const char *sni)
{
    server.sni = strdup(sni != NULL ? sni : "");
    if (server.sni == NULL || (servers->len == servers->size && !grow(servers))) {
        free(server.sni);
        servers->failed = true;
        return;
    }
    servers->server[servers->len++] = server;
}

static bool is_cut(enum cas_truncation truncation)
{
    return truncation == CAS_TRUNCATION_SUSPECTED || truncation == CAS_TRUNCATION_CONFIRMED;
}

void cas_metrics_servers_take(void *user, const struct cas_server_event *event)
{
    const struct cas_ca_list_info *list = event->ca_list;
    if (list == NULL || list->seen != CAS_SEEN_COMPLETE) {
        return;
    }
    const struct cas_metrics_server server = {
        .endpoint = event->head.dest,
        .last_us = event->last_us,
        .handshakes = event->handshakes,
        .bytes = list->bytes,
        .names = list->count,
        .limit_bytes = list->limit_name != NULL ? list->limit_bytes : 0,
        .limit_counted = list->limit_counted,
        .missing = list->store != NULL ? list->store->missing_count : 0,
        .is_cut = is_cut(list->truncation),
    };
    add(user, server, event->sni);
}

void cas_metrics_servers_recall(void *user, const struct cas_state_server *known)
{
    const struct cas_state_list *list = &known->list;
    if (list->seen != CAS_SEEN_COMPLETE) {
        return;
    }
    const struct cas_metrics_server server = {
        .endpoint = known->endpoint,
        .last_us = known->last_us,
        .handshakes = known->handshakes,
        .bytes = list->brief.bytes,
        .names = list->brief.count,
        .limit_bytes = list->limit_name != NULL ? list->limit_bytes : 0,
        .limit_counted = list->limit_counted,
        .is_cut = is_cut(list->truncation),
        .is_remembered = true,
    };
    add(user, server, known->sni);
}

static int order(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int order_identity(const struct cas_metrics_server *a,
                          const struct cas_metrics_server *b)
{
    int by = order(a->endpoint.family, b->endpoint.family);
    if (by == 0) {
        by = memcmp(a->endpoint.address, b->endpoint.address, sizeof(a->endpoint.address));
    }
    if (by == 0) {
        by = order(a->endpoint.port, b->endpoint.port);
    }
    return by != 0 ? by : strcmp(a->sni, b->sni);
}

/* By identity, the last list first. */
static int by_identity(const void *left, const void *right)
{
    const struct cas_metrics_server *a = left;
    const struct cas_metrics_server *b = right;
    int by = order_identity(a, b);
    return by != 0 ? by : order(b->last_us, a->last_us);
}

/* The busiest first, then the last seen. */
static int by_heat(const void *left, const void *right)
{
    const struct cas_metrics_server *a = left;
    const struct cas_metrics_server *b = right;
    int by = order(b->handshakes, a->handshakes);
    if (by == 0) {
        by = order(b->last_us, a->last_us);
    }
    return by != 0 ? by : order_identity(a, b);
}

/* One entry for each identity; its handshakes are those of all its lists. */
static void merge(struct cas_metrics_servers *servers)
{
    size_t len = 0;
    for (size_t i = 0; i < servers->len; i++) {
        struct cas_metrics_server *last = len > 0 ? &servers->server[len - 1] : NULL;
        if (last != NULL && order_identity(last, &servers->server[i]) == 0) {
            last->handshakes += servers->server[i].handshakes;
            free(servers->server[i].sni);
        } else {
            servers->server[len++] = servers->server[i];
        }
    }
    servers->len = len;
}

static void sort(struct cas_metrics_servers *servers, size_t len,
                 int (*compare)(const void *, const void *))
{
    if (len > 0) {
        qsort(servers->server, len, sizeof(*servers->server), compare);
    }
}

void cas_metrics_servers_rank(struct cas_metrics_servers *servers, size_t named)
{
    sort(servers, servers->len, by_identity);
    merge(servers);
    sort(servers, servers->len, by_heat);
    sort(servers, servers->len < named ? servers->len : named, by_identity);
}

uint64_t cas_metrics_server_usage(const struct cas_metrics_server *server)
{
    return server->limit_bytes > 0 ? server->limit_counted * 1000 / server->limit_bytes : 0;
}

void cas_metrics_servers_finish(struct cas_metrics_servers *servers)
{
    for (size_t i = 0; i < servers->len; i++) {
        free(servers->server[i].sni);
    }
    free(servers->server);
    *servers = (struct cas_metrics_servers){ 0 };
}
