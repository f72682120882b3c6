/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/connection_sink.h"

#include "net/watch.h"

static void open_flow(struct cas_connection *connection, const struct cas_connection_env *env)
{
    struct cas_flow *flow = &connection->flow;
    flow->end[0] = connection->side[connection->starter];
    flow->end[1] = connection->side[1 - connection->starter];
    flow->is_midstream = !connection->has_start;
    connection->user = env->handler.open(env->handler.ctx, flow);
    if (connection->user == NULL) {
        connection->is_refused = true;
        return;
    }
    connection->is_open = true;
    cas_count(env->counters, CAS_COUNT_FLOWS);
    if (flow->is_midstream) {
        cas_count(env->counters, CAS_COUNT_FLOWS_MIDSTREAM);
    }
}

static bool is_wanted(const struct cas_connection_sink *telling)
{
    struct cas_connection *connection = telling->connection;
    if (!connection->is_open && !connection->is_refused) {
        open_flow(connection, telling->env);
    }
    return connection->is_open;
}

/* The flow's end that a side of the key is. */
static unsigned end_of(const struct cas_connection_sink *telling)
{
    return telling->side ^ telling->connection->starter;
}

/* Declining both directions ends the other one as well; or both go on, to be watched. */
static enum cas_want heed(const struct cas_connection_sink *telling, enum cas_want want)
{
    struct cas_connection *connection = telling->connection;
    if (want == CAS_WANT_NEITHER) {
        connection->is_over = true;
        connection->watch = cas_watch_create(connection, telling->env);
    }
    if (connection->watch != NULL) {
        return CAS_WANT_BYTES;
    }
    if (want == CAS_WANT_NEITHER) {
        cas_stream_finish(&connection->stream[1 - telling->side]);
    }
    return want == CAS_WANT_NEITHER ? CAS_WANT_NOTHING : want;
}

/* What the same segment, or an early one, brings behind the end. */
static enum cas_want show_bytes(const struct cas_connection_sink *telling, uint64_t offset,
                                struct cas_view bytes)
{
    struct cas_connection *connection = telling->connection;
    if (connection->watch == NULL) {
        return CAS_WANT_NOTHING;
    }
    const struct cas_watch_bytes shown = {
        .frame = telling->frame,
        .side = telling->side,
        .seq = (uint32_t)(connection->stream[telling->side].base + offset),
        .bytes = bytes,
    };
    cas_watch_show(connection->watch, telling->env, &shown);
    return CAS_WANT_BYTES;
}

static enum cas_want tell_bytes(void *user, uint64_t offset, struct cas_view bytes)
{
    const struct cas_connection_sink *telling = user;
    if (telling->connection->is_over) {
        return show_bytes(telling, offset, bytes);
    }
    const struct cas_flow_handler *handler = &telling->env->handler;
    if (!is_wanted(telling)) {
        return CAS_WANT_NOTHING;
    }
    return heed(telling, handler->bytes(handler->ctx, telling->connection->user, telling->frame,
                                        end_of(telling), offset, bytes));
}

static enum cas_want tell_hole(void *user, uint64_t offset, uint64_t len,
                               enum cas_reason reason)
{
    const struct cas_connection_sink *telling = user;
    const struct cas_flow_handler *handler = &telling->env->handler;
    if (!is_wanted(telling)) {
        return CAS_WANT_NOTHING;
    }
    if (reason != CAS_REASON_FRAGMENT) { /* those were captured, and are counted there */
        cas_count(telling->env->counters, CAS_COUNT_HOLES);
        cas_count_add(telling->env->counters, CAS_COUNT_HOLE_BYTES, len);
    }
    if (reason == CAS_REASON_OUT_OF_ORDER) {
        cas_count(telling->env->counters, CAS_COUNT_REORDER_CAPPED);
    }
    if (telling->connection->is_over) {
        return telling->connection->watch != NULL ? CAS_WANT_BYTES : CAS_WANT_NOTHING;
    }
    return heed(telling, handler->hole(handler->ctx, telling->connection->user, telling->frame,
                                       end_of(telling), offset, len, reason));
}

static void tell_doubt(void *user, uint64_t offset, uint64_t len, enum cas_reason reason)
{
    const struct cas_connection_sink *telling = user;
    const struct cas_flow_handler *handler = &telling->env->handler;
    if (reason == CAS_REASON_OVERLAP) {
        cas_count(telling->env->counters, CAS_COUNT_OVERLAPS_DIFFERENT);
    }
    if (is_wanted(telling) && !telling->connection->is_over) {
        handler->doubt(handler->ctx, telling->connection->user, telling->frame, end_of(telling),
                       offset, len, reason);
    }
}

bool cas_connection_sink_again(void *user, uint64_t offset, struct cas_view bytes,
                               uint64_t before)
{
    const struct cas_connection_sink *telling = user;
    const struct cas_connection *connection = telling->connection;
    const struct cas_flow_handler *handler = &telling->env->handler;
    return handler->again != NULL && connection->is_open && !connection->is_over &&
           handler->again(handler->ctx, connection->user, end_of(telling), offset, bytes,
                          before);
}

struct cas_stream_sink cas_connection_sink_stream(struct cas_connection_sink *telling)
{
    return (struct cas_stream_sink){
        .user = telling,
        .hash = &telling->env->hash,
        .bytes = tell_bytes,
        .hole = tell_hole,
        .doubt = tell_doubt,
        .again = cas_connection_sink_again,
    };
}

struct cas_connection_sink cas_connection_sink_of(struct cas_connection *connection,
                                                  const struct cas_connection_env *env,
                                                  const struct cas_arrival *arrival)
{
    return (struct cas_connection_sink){
        .connection = connection,
        .env = env,
        .frame = arrival->frame,
        .side = arrival->side,
    };
}
