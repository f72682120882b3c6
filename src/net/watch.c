/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/watch.h"

#include <string.h>

/* Only these tags are in the key, from which the flow is made again. */
#define TAGS_MAX 2

static size_t size_of(const struct cas_connection_env *env)
{
    return sizeof(struct cas_watch) + env->handler.watch_size;
}

void cas_watch_free(struct cas_watch *watch, const struct cas_connection_env *env)
{
    cas_budget_free(env->budget, watch, size_of(env));
}

struct cas_watch *cas_watch_create(const struct cas_connection *connection,
                                   const struct cas_connection_env *env)
{
    const struct cas_flow_handler *handler = &env->handler;
    const struct cas_stream *stream = connection->stream;
    unsigned starter = connection->starter;
    unsigned ended = (stream[0].fin != 0 ? 1u : 0u) | (stream[1].fin != 0 ? 2u : 0u);
    if (handler->watch == NULL || !connection->is_open || ended == 3 ||
        connection->flow.vlan_len > TAGS_MAX) {
        return NULL;
    }
    struct cas_watch *watch = cas_budget_alloc(env->budget, size_of(env));
    if (watch == NULL) {
        return NULL;
    }
    struct cas_watch_start start = {
        .base = { (uint32_t)stream[starter].base, (uint32_t)stream[1 - starter].base },
    };
    if (!handler->watch(handler->ctx, connection->user, watch->state, &start)) {
        cas_watch_free(watch, env);
        return NULL;
    }
    for (unsigned end = 0; end < 2; end++) {
        unsigned side = end ^ starter;
        watch->next[side] = start.next[end];
        watch->sides |= (uint8_t)((start.is_wanted[end] ? 1u : 0u) << side);
    }
    watch->ended = (uint8_t)ended;
    watch->flow_id = connection->flow.id;
    watch->vlan_len = (uint8_t)connection->flow.vlan_len;
    watch->family = connection->side[0].family;
    return watch;
}

static unsigned starter_of(const struct cas_table_entry *entry)
{
    return (entry->flags & CAS_TOMB_SIDE) != 0 ? 1 : 0;
}

/* The key has ::ffff:a.b.c.d for an IPv4 address. */
static struct cas_endpoint endpoint_of(const struct cas_table_entry *entry, unsigned side)
{
    const struct cas_table_key *key = &entry->key;
    struct cas_endpoint endpoint = {
        .family = entry->is.watch->family,
        .port = key->port[side],
    };
    size_t from = endpoint.family == 4 ? 12 : 0;
    memcpy(endpoint.address, &key->address[side][from], sizeof(key->address[side]) - from);
    return endpoint;
}

static struct cas_flow flow_of(const struct cas_table_entry *entry)
{
    const struct cas_table_key *key = &entry->key;
    const struct cas_watch *watch = entry->is.watch;
    unsigned starter = starter_of(entry);
    struct cas_flow flow = {
        .id = watch->flow_id,
        .end = { endpoint_of(entry, starter), endpoint_of(entry, 1 - starter) },
        .vlan_len = watch->vlan_len,
    };
    for (size_t i = 0; i < flow.vlan_len; i++) {
        flow.vlan[i] = (uint16_t)(key->vlan[i] - 1);
    }
    return flow;
}

void cas_watch_destroy(const struct cas_table_entry *entry,
                       const struct cas_connection_env *env, const struct cas_frame *frame)
{
    struct cas_watch *watch = entry->is.watch;
    const struct cas_flow flow = flow_of(entry);
    env->handler.unwatch(env->handler.ctx, watch->state, &flow, frame);
    cas_watch_free(watch, env);
}

enum cas_watching cas_watch_look(const struct cas_table_entry *entry,
                                 const struct cas_connection_env *env,
                                 const struct cas_arrival *arrival, bool is_believed)
{
    struct cas_watch *watch = entry->is.watch;
    const struct cas_tcp_segment *tcp = &arrival->tcp;
    struct cas_glimpse glimpse = {
        .frame = arrival->frame,
        .end = arrival->side ^ starter_of(entry),
        .seq = tcp->seq,
        .bytes = tcp->payload,
        .wire_len = (uint32_t)tcp->wire_len,
        .is_believed = is_believed,
        .next = watch->next[arrival->side],
    };
    enum cas_watching watching = env->handler.look(env->handler.ctx, watch->state, &glimpse);
    watch->next[arrival->side] = glimpse.next;
    if (glimpse.is_last) {
        watch->sides &= (uint8_t) ~(1u << arrival->side);
    }
    return watching;
}
