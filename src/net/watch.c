/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/watch.h"

#include <string.h>

/* Only these tags are in the key, from which the flow is made again. */
#define TAGS_MAX 2

#define STREAMS_SIZE (2 * sizeof(struct cas_stream))

/* What a stream's sink needs to call the handler. */
struct showing {
    struct cas_watch *watch;
    const struct cas_connection_env *env;
    const struct cas_frame *frame;
    unsigned side;
};

static size_t size_of(const struct cas_connection_env *env)
{
    return sizeof(struct cas_watch) + env->handler.watch_size;
}

/* --- looking --- */

static enum cas_watching show(struct cas_watch *watch, const struct cas_connection_env *env,
                              struct cas_glimpse *glimpse)
{
    unsigned side = glimpse->end ^ watch->starter;
    glimpse->next = watch->next[side];
    enum cas_watching watching = env->handler.look(env->handler.ctx, watch->state, glimpse);
    if (watching != CAS_WATCH_DOUBT) {
        if (glimpse->next != watch->next[side]) {
            watch->seen[side] = glimpse->seq + glimpse->wire_len;
        }
        watch->next[side] = glimpse->next;
        watch->said = (uint8_t)watching;
    }
    if (glimpse->is_last) {
        watch->sides &= (uint8_t) ~(1u << side);
    }
    return watching;
}

void cas_watch_show(struct cas_watch *watch, const struct cas_connection_env *env,
                    const struct cas_watch_bytes *bytes)
{
    struct cas_glimpse glimpse = {
        .frame = bytes->frame,
        .end = bytes->side ^ watch->starter,
        .seq = bytes->seq,
        .bytes = bytes->bytes,
        .wire_len = (uint32_t)bytes->bytes.len,
        .is_believed = true,
    };
    bool is_on = watch->said != CAS_WATCH_OVER && (watch->sides >> bytes->side & 1) != 0;
    int32_t beyond = (int32_t)(bytes->seq + glimpse.wire_len - watch->next[bytes->side]);
    if (is_on && beyond > 0) {
        (void)show(watch, env, &glimpse);
    }
}

/* --- what comes early --- */

static enum cas_want show_bytes(void *user, uint64_t offset, struct cas_view bytes)
{
    struct showing *showing = user;
    const struct cas_stream *stream = &showing->watch->early[showing->side];
    const struct cas_watch_bytes shown = {
        .frame = showing->frame,
        .side = showing->side,
        .seq = (uint32_t)(stream->base + offset),
        .bytes = bytes,
    };
    cas_watch_show(showing->watch, showing->env, &shown);
    return CAS_WANT_BYTES;
}

/* What comes next lies behind it: the handler sees that. */
static enum cas_want show_hole(void *user, uint64_t offset, uint64_t len,
                               enum cas_reason reason)
{
    (void)user, (void)offset, (void)len, (void)reason;
    return CAS_WANT_BYTES;
}

/* The first byte that came wins, as everywhere behind a handshake. */
static void show_doubt(void *user, uint64_t offset, uint64_t len, enum cas_reason reason)
{
    (void)user, (void)offset, (void)len, (void)reason;
}

static struct cas_stream_sink sink_of(struct showing *showing)
{
    return (struct cas_stream_sink){
        .user = showing,
        .bytes = show_bytes,
        .hole = show_hole,
        .doubt = show_doubt,
    };
}

static bool need_streams(struct cas_watch *watch, const struct cas_connection_env *env)
{
    if (watch->early == NULL) {
        watch->early = cas_budget_alloc(env->budget, STREAMS_SIZE);
    }
    return watch->early != NULL;
}

/* From the number that is awaited on, this side is put in order. */
static bool begin_order(struct cas_watch *watch, const struct cas_connection_env *env,
                        unsigned side)
{
    if (!need_streams(watch, env)) {
        return false;
    }
    struct cas_stream *stream = &watch->early[side];
    *stream = (struct cas_stream){ .window.budget = env->budget };
    (void)cas_stream_set_base(stream, watch->next[side]);
    watch->waiting |= (uint8_t)(1u << side);
    return true;
}

static void end_order(struct cas_watch *watch, const struct cas_connection_env *env,
                      unsigned side)
{
    cas_stream_finish(&watch->early[side]);
    watch->waiting &= (uint8_t) ~(1u << side);
    if (watch->waiting == 0) {
        cas_budget_free(env->budget, watch->early, STREAMS_SIZE);
        watch->early = NULL;
    }
}

/* False when it is out of all reach. */
static bool put_in_order(struct showing *showing, const struct cas_tcp_segment *tcp)
{
    struct cas_watch *watch = showing->watch;
    struct cas_stream *stream = &watch->early[showing->side];
    const struct cas_stream_segment segment = {
        .seq = tcp->seq,
        .payload = tcp->payload,
        .wire_len = tcp->wire_len,
    };
    struct cas_stream_sink sink = sink_of(showing);
    bool is_far = cas_stream_push(stream, &segment, &sink) == CAS_STREAM_FAR;
    if (is_far) {
        cas_stream_flush(stream, CAS_REASON_GAP, &sink);
    }
    if (!cas_stream_is_waiting(stream)) {
        end_order(watch, showing->env, showing->side);
    }
    return !is_far;
}

enum cas_watching cas_watch_look(struct cas_watch *watch, const struct cas_connection_env *env,
                                 const struct cas_arrival *arrival, bool is_believed)
{
    const struct cas_tcp_segment *tcp = &arrival->tcp;
    unsigned side = arrival->side;
    bool is_waiting = (watch->waiting >> side & 1) != 0;
    if (is_waiting || (int32_t)(tcp->seq - watch->next[side]) > 0) {
        struct showing showing = { watch, env, arrival->frame, side };
        if (!is_believed) {
            return CAS_WATCH_DOUBT;
        }
        if ((is_waiting || begin_order(watch, env, side)) && put_in_order(&showing, tcp)) {
            return (enum cas_watching)watch->said;
        }
    }
    struct cas_glimpse glimpse = {
        .frame = arrival->frame,
        .end = side ^ watch->starter,
        .seq = tcp->seq,
        .bytes = tcp->payload,
        .wire_len = (uint32_t)tcp->wire_len,
        .is_believed = is_believed,
    };
    return show(watch, env, &glimpse);
}

/* --- its life --- */

struct cas_watch *cas_watch_create(const struct cas_connection *connection,
                                   const struct cas_connection_env *env)
{
    const struct cas_flow_handler *handler = &env->handler;
    const struct cas_stream *stream = connection->stream;
    unsigned starter = connection->starter;
    if (handler->watch == NULL || connection->flow.vlan_len > TAGS_MAX) {
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
        watch->seen[side] = (uint32_t)connection->stream[side].next;
        watch->sides |= (uint8_t)((start.is_wanted[end] ? 1u : 0u) << side);
    }
    watch->starter = (uint8_t)starter;
    watch->flow_id = connection->flow.id;
    watch->vlan_len = (uint8_t)connection->flow.vlan_len;
    watch->family = connection->side[0].family;
    return watch;
}

void cas_watch_adopt(struct cas_watch *watch, struct cas_connection *connection,
                     const struct cas_connection_env *env)
{
    for (unsigned side = 0; side < 2; side++) {
        struct cas_stream *stream = &connection->stream[side];
        watch->ended |= (uint8_t)((stream->fin != 0 ? 1u : 0u) << side);
        if (cas_stream_is_waiting(stream) && need_streams(watch, env)) {
            watch->early[side] = *stream;
            cas_prints_forget(&watch->early[side].prints,
                              env->budget); /* it compares nothing */
            watch->waiting |= (uint8_t)(1u << side);
            *stream = (struct cas_stream){
                .window.budget = env->budget,
                .base = stream->base,
                .fin = stream->fin,
                .rst = stream->rst,
                .has_base = stream->has_base,
            };
        }
        stream->is_done = true;
    }
}

void cas_watch_free(struct cas_watch *watch, const struct cas_connection_env *env)
{
    for (unsigned side = 0; side < 2 && watch->early != NULL; side++) {
        if ((watch->waiting >> side & 1) != 0) {
            end_order(watch, env, side);
        }
    }
    cas_budget_free(env->budget, watch, size_of(env));
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
    unsigned starter = watch->starter;
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
    for (unsigned side = 0; side < 2; side++) {
        struct showing showing = { watch, env, frame, side };
        struct cas_stream_sink sink = sink_of(&showing);
        if ((watch->waiting >> side & 1) != 0) {
            cas_stream_flush(&watch->early[side], CAS_REASON_GAP, &sink);
        }
    }
    const struct cas_flow flow = flow_of(entry);
    env->handler.unwatch(env->handler.ctx, watch->state, &flow, frame);
    cas_watch_free(watch, env);
}
