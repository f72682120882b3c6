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

static bool is_wanted(const struct cas_connection_sink *sink)
{
    struct cas_connection *connection = sink->connection;
    if (!connection->is_open && !connection->is_refused) {
        open_flow(connection, sink->env);
    }
    return connection->is_open;
}

/* The flow's end that a side of the key is. */
static unsigned end_of(const struct cas_connection_sink *sink)
{
    return sink->side ^ sink->connection->starter;
}

/* Declining both directions ends the other one as well; or both go on, to be watched. */
static enum cas_want heed(const struct cas_connection_sink *sink, enum cas_want want)
{
    struct cas_connection *connection = sink->connection;
    if (want == CAS_WANT_NEITHER) {
        connection->is_over = true;
        connection->watch = cas_watch_create(connection, sink->env);
    }
    if (connection->watch != NULL) {
        return CAS_WANT_BYTES;
    }
    if (want == CAS_WANT_NEITHER) {
        cas_stream_finish(&connection->stream[1 - sink->side]);
    }
    return want == CAS_WANT_NEITHER ? CAS_WANT_NOTHING : want;
}

/* What the same segment, or an early one, brings behind the end. */
static enum cas_want show_bytes(const struct cas_connection_sink *sink, uint64_t offset,
                                struct cas_view bytes)
{
    struct cas_connection *connection = sink->connection;
    if (connection->watch == NULL) {
        return CAS_WANT_NOTHING;
    }
    const struct cas_watch_bytes shown = {
        .frame = sink->frame,
        .side = sink->side,
        .seq = (uint32_t)(connection->stream[sink->side].base + offset),
        .bytes = bytes,
    };
    cas_watch_show(connection->watch, sink->env, &shown);
    return CAS_WANT_BYTES;
}

static enum cas_want tell_bytes(void *user, uint64_t offset, struct cas_view bytes)
{
    const struct cas_connection_sink *sink = user;
    if (sink->connection->is_over) {
        return show_bytes(sink, offset, bytes);
    }
    const struct cas_flow_handler *handler = &sink->env->handler;
    if (!is_wanted(sink)) {
        return CAS_WANT_NOTHING;
    }
    return heed(sink, handler->bytes(handler->ctx, sink->connection->user, sink->frame,
                                     end_of(sink), offset, bytes));
}

static enum cas_want tell_hole(void *user, uint64_t offset, uint64_t len,
                               enum cas_reason reason)
{
    const struct cas_connection_sink *sink = user;
    const struct cas_flow_handler *handler = &sink->env->handler;
    if (!is_wanted(sink)) {
        return CAS_WANT_NOTHING;
    }
    if (reason != CAS_REASON_FRAGMENT) { /* those were captured, and are counted there */
        cas_count(sink->env->counters, CAS_COUNT_HOLES);
        cas_count_add(sink->env->counters, CAS_COUNT_HOLE_BYTES, len);
    }
    if (reason == CAS_REASON_OUT_OF_ORDER) {
        cas_count(sink->env->counters, CAS_COUNT_REORDER_CAPPED);
    }
    if (sink->connection->is_over) {
        return sink->connection->watch != NULL ? CAS_WANT_BYTES : CAS_WANT_NOTHING;
    }
    return heed(sink, handler->hole(handler->ctx, sink->connection->user, sink->frame,
                                    end_of(sink), offset, len, reason));
}

static void tell_doubt(void *user, uint64_t offset, uint64_t len, enum cas_reason reason)
{
    const struct cas_connection_sink *sink = user;
    const struct cas_flow_handler *handler = &sink->env->handler;
    if (reason == CAS_REASON_OVERLAP) {
        cas_count(sink->env->counters, CAS_COUNT_OVERLAPS_DIFFERENT);
    }
    if (is_wanted(sink) && !sink->connection->is_over) {
        handler->doubt(handler->ctx, sink->connection->user, sink->frame, end_of(sink), offset,
                       len, reason);
    }
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

struct cas_stream_sink cas_connection_sink_for_streams(struct cas_connection_sink *sink)
{
    return (struct cas_stream_sink){
        .user = sink,
        .hash = &sink->env->hash,
        .bytes = tell_bytes,
        .hole = tell_hole,
        .doubt = tell_doubt,
        .again = cas_connection_sink_again,
    };
}

bool cas_connection_sink_again(void *user, uint64_t offset, struct cas_view bytes,
                               uint64_t before)
{
    const struct cas_connection_sink *sink = user;
    const struct cas_connection *connection = sink->connection;
    const struct cas_flow_handler *handler = &sink->env->handler;
    return handler->again != NULL && connection->is_open && !connection->is_over &&
           handler->again(handler->ctx, connection->user, end_of(sink), offset, bytes, before);
}
