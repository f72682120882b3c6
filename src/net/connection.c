/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/connection.h"

#include "bytes/fetch.h"
#include "bytes/reader.h"
#include "net/connection_sink.h"
#include "net/watch.h"

/*
 * A hole that the other side acknowledged was lost by the capture, not by the network; but
 * segments are also captured a little out of order. So long, and so many more segments of the
 * connection, it is waited for. Both, for a pause says nothing, nor does a burst.
 */
#define PATIENCE_US       UINT64_C(3000000)
#define PATIENCE_SEGMENTS 16

/* What is fetched of a side before the connection is closed, at most: 4 KiB. */
#define FETCHED_PAGES 8

/* --- segments --- */

void cas_connection_suspect(struct cas_connection *connection,
                            const struct cas_connection_env *env, const struct cas_frame *frame)
{
    struct cas_connection_sink sink = { .connection = connection, .env = env, .frame = frame };
    struct cas_stream_sink stream_sink = cas_connection_sink_for_streams(&sink);
    for (unsigned side = 0; side < 2; side++) {
        sink.side = side;
        cas_stream_doubt_all(&connection->stream[side], CAS_REASON_SEQUENCE, &stream_sink);
    }
}

static enum cas_counter outcome_of(enum cas_stream_result result,
                                   const struct cas_connection *connection,
                                   struct cas_counters *counters)
{
    if (connection->is_refused) {
        return CAS_COUNT_TCP_NO_ROOM;
    }
    switch (result) {
    case CAS_STREAM_TAKEN:
        return CAS_COUNT_TCP_DATA;
    case CAS_STREAM_EARLY:
        cas_count(counters, CAS_COUNT_SEGMENTS_OUT_OF_ORDER);
        return CAS_COUNT_TCP_DATA;
    case CAS_STREAM_DUPLICATE:
        cas_count(counters, CAS_COUNT_SEGMENTS_DUPLICATE);
        return CAS_COUNT_TCP_DATA;
    case CAS_STREAM_FAR:
        return CAS_COUNT_TCP_OUT_OF_WINDOW;
    case CAS_STREAM_DONE:
        return CAS_COUNT_TCP_IGNORED;
    }
    return CAS_COUNT_TCP_IGNORED;
}

/* A segment, with the numbers by which its streams are followed, where they were told others as
 * well. */
struct numbered {
    const struct cas_tcp_segment *tcp;
    uint32_t seq; /* of its first byte of data */
    uint32_t ack;
    bool is_seq_renumbered;
    bool is_ack_renumbered;
};

static struct numbered renumber(const struct cas_connection *connection,
                                const struct cas_arrival *arrival)
{
    const struct cas_tcp_segment *tcp = &arrival->tcp;
    const struct cas_stream *own = &connection->stream[arrival->side];
    const struct cas_stream *other = &connection->stream[1 - arrival->side];
    uint32_t first_seq = tcp->seq + ((tcp->flags & CAS_TCP_SYN) != 0 ? 1 : 0);
    struct numbered segment = {
        .tcp = tcp,
        .seq = cas_stream_renumber(own, first_seq),
        .ack = cas_stream_renumber(other, tcp->ack),
    };
    segment.is_seq_renumbered = segment.seq != first_seq;
    segment.is_ack_renumbered = segment.ack != tcp->ack;
    return segment;
}

static bool is_wrong(const struct cas_far_verdict *verdict)
{
    return verdict->is_side_wrong || verdict->are_both_wrong;
}

/* The handler has no use of the stream so far, but has one for this segment. */
static bool go_on_there(struct cas_connection_sink *sink, const struct numbered *numbered)
{
    struct cas_stream *stream = &sink->connection->stream[sink->side];
    struct cas_view bytes = numbered->tcp->payload;
    if (bytes.len == 0 || !stream->has_base || stream->is_done ||
        !cas_connection_sink_again(sink, stream->next - stream->base, bytes, UINT64_MAX)) {
        return false;
    }
    cas_stream_jump(stream, numbered->seq);
    return true;
}

/* Data out of reach. True: it is in reach now. */
static bool judge_far(struct cas_connection_sink *sink, const struct numbered *numbered)
{
    struct cas_connection *connection = sink->connection;
    const struct cas_far_segment segment = {
        .side = sink->side,
        .seq = numbered->seq,
        .len = numbered->tcp->wire_len,
        .has_ack = (numbered->tcp->flags & CAS_TCP_ACK) != 0,
        .ack = numbered->ack,
    };
    const struct cas_far_verdict verdict =
        cas_far_judge(&connection->far, connection->stream, &segment);
    if (verdict.are_both_wrong) {
        cas_connection_suspect(connection, sink->env, sink->frame);
    } else if (verdict.is_side_wrong) {
        struct cas_stream_sink stream_sink = cas_connection_sink_for_streams(sink);
        cas_stream_doubt_all(&connection->stream[sink->side], CAS_REASON_SEQUENCE,
                             &stream_sink);
    }
    return verdict.is_moved || (is_wrong(&verdict) && go_on_there(sink, numbered));
}

/* In front of the first byte there is nothing, and this acknowledges what the other side has
 * sent behind its own: no old connection's data does. */
static bool is_in_front(const struct cas_connection_sink *sink, const struct numbered *numbered)
{
    const struct cas_stream *own = &sink->connection->stream[sink->side];
    const struct cas_stream *other = &sink->connection->stream[1 - sink->side];
    uint64_t end = cas_stream_position(own, numbered->seq) + numbered->tcp->wire_len;
    uint64_t acked = cas_stream_position(other, numbered->ack);
    return own->has_base && !own->is_guessed && !own->is_done && end <= own->base &&
           numbered->tcp->wire_len > 1 && (numbered->tcp->flags & CAS_TCP_ACK) != 0 &&
           other->has_base && acked > other->base && cas_stream_in_reach(other, acked);
}

/* The server was told two first numbers so close together that what either numbers cannot be
 * told apart; or more than two, and this is not where the next byte was expected: no byte of it
 * is sure. */
static bool is_contested(const struct cas_connection_sink *sink,
                         const struct cas_stream *stream, enum cas_stream_result result)
{
    return stream->is_contested && sink->side != sink->connection->starter &&
           (cas_stream_is_near(stream, stream->other_first) ||
            (stream->has_more && result == CAS_STREAM_EARLY));
}

static enum cas_counter push_data(struct cas_connection_sink *sink,
                                  const struct numbered *numbered)
{
    const struct cas_tcp_segment *tcp = numbered->tcp;
    bool is_syn = (tcp->flags & CAS_TCP_SYN) != 0;
    struct cas_stream_segment segment = {
        .seq = numbered->seq,
        .payload = tcp->payload,
        .wire_len = tcp->wire_len,
        .is_unproven = tcp->sum == CAS_TCP_SUM_BAD,
        .is_syn = is_syn && (tcp->flags & CAS_TCP_ACK) == 0,
    };
    struct cas_stream_sink stream_sink = cas_connection_sink_for_streams(sink);
    struct cas_stream *stream = &sink->connection->stream[sink->side];
    enum cas_stream_result result = cas_stream_push(stream, &segment, &stream_sink);
    bool is_elsewhere = result == CAS_STREAM_FAR || is_in_front(sink, numbered);
    if (is_elsewhere && judge_far(sink, numbered)) {
        result = cas_stream_push(stream, &segment, &stream_sink);
    }
    if (is_contested(sink, stream, result)) {
        cas_stream_doubt_all(stream, CAS_REASON_SEQUENCE, &stream_sink);
    }
    if (stream->has_other && result != CAS_STREAM_FAR) {
        cas_stream_note_seen(stream, numbered->seq, tcp->wire_len, numbered->is_seq_renumbered,
                             &stream_sink);
    }
    return outcome_of(result, sink->connection, sink->env->counters);
}

/* A hole in what this side sent that was acknowledged long ago is lost. */
static void lose_patience(struct cas_connection_sink *sink, unsigned side, uint64_t now_us)
{
    struct cas_connection *connection = sink->connection;
    struct cas_stream *stream = &connection->stream[side];
    sink->side = side;
    if (!cas_stream_is_waiting(stream)) {
        connection->waited[side] = 0;
        return;
    }
    if (connection->waited[side] == 0 || connection->wait[side].at != stream->next) {
        connection->wait[side].since_us = now_us;
        connection->wait[side].at = stream->next;
        connection->waited[side] = 0;
    }
    connection->waited[side]++;
    if (connection->waited[side] > PATIENCE_SEGMENTS &&
        now_us - connection->wait[side].since_us >= PATIENCE_US &&
        cas_stream_is_overtaken(stream)) {
        struct cas_stream_sink stream_sink = cas_connection_sink_for_streams(sink);
        cas_stream_skip(stream, CAS_REASON_GAP, &stream_sink);
    }
}

static bool is_waiting(const struct cas_connection *connection)
{
    return cas_stream_is_waiting(&connection->stream[0]) ||
           cas_stream_is_waiting(&connection->stream[1]);
}

/* What waits for a base, or for an acknowledgment, may have got it. */
static void go_on(struct cas_connection_sink *sink)
{
    for (unsigned side = 0; side < 2; side++) {
        if (cas_stream_is_waiting(&sink->connection->stream[side])) {
            sink->side = side;
            struct cas_stream_sink stream_sink = cas_connection_sink_for_streams(sink);
            cas_stream_advance(&sink->connection->stream[side], &stream_sink);
        }
    }
}

static bool is_reset(const struct cas_connection *connection)
{
    return cas_stream_is_reset(&connection->stream[0]) ||
           cas_stream_is_reset(&connection->stream[1]);
}

/* What the other side sent has arrived, up to here. */
static void push_ack(struct cas_connection_sink *sink, const struct numbered *numbered)
{
    unsigned side = 1 - sink->side;
    struct cas_stream *stream = &sink->connection->stream[side];
    cas_stream_ack(stream, numbered->ack);
    if (stream->has_other) {
        struct cas_connection_sink others = *sink;
        others.side = side;
        struct cas_stream_sink stream_sink = cas_connection_sink_for_streams(&others);
        cas_stream_note_ack(stream, numbered->ack, numbered->is_ack_renumbered, &stream_sink);
    }
}

/* Behind the data of this segment, too: the pointer may be ahead of what it shows, and come
 * without data (RFC 9293, 3.8.5). */
static void push_urgent(struct cas_connection_sink *sink, const struct numbered *numbered)
{
    const struct cas_tcp_segment *tcp = numbered->tcp;
    struct cas_stream *stream = &sink->connection->stream[sink->side];
    struct cas_stream_sink stream_sink = cas_connection_sink_for_streams(sink);
    size_t len = tcp->wire_len > tcp->urgent ? tcp->wire_len : tcp->urgent;
    cas_count(sink->env->counters, CAS_COUNT_URGENT);
    cas_stream_note_urgent(stream, numbered->seq, len, tcp->wire_len > 0, &stream_sink);
}

static enum cas_counter push_segment(struct cas_connection_sink *sink,
                                     const struct numbered *numbered)
{
    const struct cas_tcp_segment *tcp = numbered->tcp;
    struct cas_stream *own = &sink->connection->stream[sink->side];
    if ((tcp->flags & CAS_TCP_RST) != 0) {
        /* Its data, if any, is a message to people (RFC 9293, 3.5.3), not of the stream. */
        if (!cas_stream_set_rst(own, numbered->seq)) {
            cas_count(sink->env->counters, CAS_COUNT_RST_IGNORED);
        }
        return CAS_COUNT_TCP_CONTROL;
    }
    if ((tcp->flags & CAS_TCP_URG) != 0) {
        push_urgent(sink, numbered);
    }
    enum cas_counter outcome = CAS_COUNT_TCP_CONTROL;
    if (tcp->wire_len > 0) {
        outcome = push_data(sink, numbered);
    }
    if (outcome == CAS_COUNT_TCP_OUT_OF_WINDOW) {
        return outcome;
    }
    if ((tcp->flags & CAS_TCP_ACK) != 0) {
        push_ack(sink, numbered);
    }
    if ((tcp->flags & CAS_TCP_FIN) != 0) {
        cas_stream_set_fin(own, numbered->seq + (uint32_t)tcp->wire_len);
    }
    return outcome;
}

enum cas_counter cas_connection_push(struct cas_connection *connection,
                                     const struct cas_connection_env *env,
                                     const struct cas_arrival *arrival)
{
    struct cas_connection_sink sink = cas_connection_sink_of(connection, env, arrival);
    bool was_reset = is_reset(connection);
    if (connection->is_suspect) {
        connection->is_suspect = false;
        cas_connection_suspect(connection, env, arrival->frame);
    }
    connection->touched_us = arrival->now_us;
    const struct numbered segment = renumber(connection, arrival);
    enum cas_counter outcome = push_segment(&sink, &segment);
    if (arrival->tcp.wire_len > 0 && outcome != CAS_COUNT_TCP_OUT_OF_WINDOW) {
        connection->heard_us = arrival->now_us;
    }
    if (is_waiting(connection)) {
        go_on(&sink);
        lose_patience(&sink, 0, arrival->now_us);
        lose_patience(&sink, 1, arrival->now_us);
    } else {
        connection->waited[0] = 0;
        connection->waited[1] = 0;
    }
    if (was_reset && !is_reset(connection) && !cas_connection_is_done(connection)) {
        cas_count(env->counters, CAS_COUNT_RST_IGNORED);
    }
    return outcome;
}

void cas_connection_note_unjoined(struct cas_connection *connection,
                                  const struct cas_connection_env *env,
                                  const struct cas_arrival *arrival)
{
    const struct numbered segment = renumber(connection, arrival);
    if (segment.tcp->wire_len > 0) {
        cas_stream_note_unjoined(&connection->stream[arrival->side], segment.seq,
                                 segment.tcp->wire_len);
    }
    if (arrival->frame != NULL) {
        cas_connection_dispute(connection, env, arrival, CAS_REASON_OVERLAP);
    }
}

void cas_connection_dispute(struct cas_connection *connection,
                            const struct cas_connection_env *env,
                            const struct cas_arrival *arrival, enum cas_reason reason)
{
    const struct numbered segment = renumber(connection, arrival);
    struct cas_connection_sink sink = cas_connection_sink_of(connection, env, arrival);
    struct cas_stream_sink stream_sink = cas_connection_sink_for_streams(&sink);
    if (segment.tcp->wire_len > 0) {
        cas_stream_dispute(&connection->stream[arrival->side], segment.seq,
                           segment.tcp->wire_len, reason, &stream_sink);
    }
}

void cas_connection_doubt_sums(struct cas_connection *connection,
                               const struct cas_connection_env *env,
                               const struct cas_arrival *arrival)
{
    struct cas_connection_sink sink = cas_connection_sink_of(connection, env, arrival);
    struct cas_stream_sink stream_sink = cas_connection_sink_for_streams(&sink);
    cas_stream_doubt_unproven(&connection->stream[arrival->side], &stream_sink);
}

/* --- the end --- */

bool cas_connection_is_done(const struct cas_connection *connection)
{
    return connection->is_refused || connection->is_over ||
           (connection->stream[0].is_done && connection->stream[1].is_done);
}

bool cas_connection_has_ended(const struct cas_connection *connection)
{
    const struct cas_stream *stream = connection->stream;
    if (is_waiting(connection)) {
        return false;
    }
    return is_reset(connection) ||
           (cas_stream_has_ended(&stream[0]) && cas_stream_has_ended(&stream[1]));
}

enum cas_close cas_connection_ending(const struct cas_connection *connection,
                                     enum cas_close otherwise)
{
    if (is_reset(connection)) {
        return CAS_CLOSE_RST;
    }
    const struct cas_stream *stream = connection->stream;
    if (cas_stream_has_ended(&stream[0]) && cas_stream_has_ended(&stream[1])) {
        return CAS_CLOSE_FIN;
    }
    return otherwise;
}

bool cas_connection_is_ripe(const struct cas_connection *connection,
                            const struct cas_connection_env *env)
{
    const struct cas_flow_handler *handler = &env->handler;
    return connection->is_open && !connection->is_told && handler->is_over != NULL &&
           !is_waiting(connection) &&
           handler->is_over(handler->ctx, connection->user,
                            cas_connection_ending(connection, CAS_CLOSE_TIMEOUT));
}

void cas_connection_tell(struct cas_connection *connection,
                         const struct cas_connection_env *env)
{
    connection->is_told = true;
    env->handler.tell(env->handler.ctx, connection->user,
                      cas_connection_ending(connection, CAS_CLOSE_TIMEOUT));
}

/* All of what waits is read then; of other pages no more than their beginning, to free them. */
static void fetch_pages(const struct cas_stream *stream)
{
    const struct cas_window *window = &stream->window;
    for (size_t i = 0; i < window->pages_len && i < FETCHED_PAGES; i++) {
        cas_fetch(window->page[i].bytes, stream->early > 0 ? CAS_WINDOW_PAGE : 1);
    }
}

void cas_connection_fetch(const struct cas_connection *connection,
                          const struct cas_connection_env *env, unsigned step)
{
    if (step == 0) {
        cas_fetch(connection, sizeof(*connection));
        return;
    }
    for (unsigned side = 0; side < 2; side++) {
        const struct cas_window *window = &connection->stream[side].window;
        if (step == 1) {
            cas_fetch(window->page, window->pages_len * sizeof(window->page[0]));
        } else if (step == 2) {
            fetch_pages(&connection->stream[side]);
        }
    }
    if (connection->is_open && env->handler.fetch != NULL) {
        env->handler.fetch(env->handler.ctx, connection->user, step - 1);
    }
}

void cas_connection_close(struct cas_connection *connection,
                          const struct cas_connection_env *env, const struct cas_frame *frame,
                          enum cas_close close, enum cas_reason reason)
{
    struct cas_connection_sink sink = { .connection = connection, .env = env, .frame = frame };
    struct cas_stream_sink stream_sink = cas_connection_sink_for_streams(&sink);
    enum cas_reason lost = close == CAS_CLOSE_EVICTED ? reason : CAS_REASON_GAP;
    for (unsigned i = 0; i < 2; i++) {
        sink.side = connection->starter ^ i;
        cas_stream_flush(&connection->stream[sink.side], lost, &stream_sink);
    }
    if (connection->is_open) {
        enum cas_close why = cas_connection_is_done(connection) ? CAS_CLOSE_UNWANTED : close;
        env->handler.close(env->handler.ctx, connection->user, frame, why, reason);
        connection->is_open = false;
    }
}

void cas_connection_destroy(struct cas_connection *connection,
                            const struct cas_connection_env *env)
{
    cas_stream_finish(&connection->stream[0]);
    cas_stream_finish(&connection->stream[1]);
    if (env->pool != NULL) {
        cas_kept_finish(&connection->kept, env->pool);
    }
    cas_budget_free(env->budget, connection, sizeof(*connection));
}
