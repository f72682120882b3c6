/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a connection begins, and how another one takes its place: what its SYNs say. */
#include <string.h>

#include "bytes/keyhash.h"
#include "bytes/reader.h"
#include "net/connection.h"

/* Numbers that JSON readers take for exact. */
#define FLOW_ID_MASK ((UINT64_C(1) << 53) - 1)

/* What the embryo knows of one side. */
static void adopt_side(struct cas_connection *connection, const struct cas_embryo *embryo,
                       unsigned side)
{
    struct cas_stream *stream = &connection->stream[side];
    if (cas_embryo_has(embryo, CAS_EMBRYO_KNOWS, side)) {
        (void)cas_stream_set_base(stream, embryo->first_seq[side]);
        stream->is_confirmed = cas_embryo_has(embryo, CAS_EMBRYO_CONFIRMED, side);
        connection->has_start = true;
        if (cas_embryo_has(embryo, CAS_EMBRYO_OTHER, side)) {
            cas_stream_note_other(stream, embryo->other_seq[side],
                                  (embryo->flags & CAS_EMBRYO_LEFT) == 0);
            stream->has_more = cas_embryo_has(embryo, CAS_EMBRYO_MORE, side);
        }
    }
    if (cas_embryo_has(embryo, CAS_EMBRYO_GOOD_SUM, side)) {
        connection->good_sums |= (uint8_t)(1u << side);
    }
    if (cas_embryo_has(embryo, CAS_EMBRYO_FIN, side)) {
        cas_stream_set_fin(stream, embryo->last_seq[side]);
    }
    if (cas_embryo_has(embryo, CAS_EMBRYO_RST, side)) {
        bool has_fin = cas_embryo_has(embryo, CAS_EMBRYO_FIN, side);
        (void)cas_stream_set_rst(stream, embryo->last_seq[side] + (has_fin ? 1u : 0u));
    }
}

static void adopt(struct cas_connection *connection, const struct cas_embryo *embryo)
{
    adopt_side(connection, embryo, 0);
    adopt_side(connection, embryo, 1);
    connection->flow.first_us = embryo->first_us;
    if ((embryo->flags & CAS_EMBRYO_BELIEVED) != 0) {
        connection->believed_sums = 3;
    }
    connection->is_suspect = (embryo->flags & CAS_EMBRYO_SUSPECT) != 0;
    if (connection->has_start) {
        connection->starter = (embryo->flags & CAS_EMBRYO_STARTER) != 0 ? 1 : 0;
        connection->stream[0].has_acks = true;
        connection->stream[1].has_acks = true;
    }
}

/* From the two ends and the start, not from the random key of the table: the same capture gives
 * the same numbers. */
static uint64_t flow_id(const struct cas_table_key *key, uint64_t first_us)
{
    static const uint8_t fixed[CAS_KEYHASH_KEY_LEN] = "casniff flow id";
    struct cas_keyhash hash = cas_keyhash_init(fixed);
    uint64_t of[2] = { cas_keyhash_of(&hash, cas_view_of(key, sizeof(*key))), first_us };
    uint64_t id = cas_keyhash_of(&hash, cas_view_of(of, sizeof(of))) & FLOW_ID_MASK;
    return id != 0 ? id : 1;
}

struct cas_connection *cas_connection_create(const struct cas_connection_env *env,
                                             const struct cas_arrival *arrival,
                                             const struct cas_embryo *embryo)
{
    struct cas_connection *connection = cas_budget_alloc(env->budget, sizeof(*connection));
    if (connection == NULL) {
        return NULL;
    }
    unsigned side = arrival->side;
    connection->side[side] = cas_ip_end(arrival->ip.source, arrival->tcp.source_port);
    connection->side[1 - side] =
        cas_ip_end(arrival->ip.destination, arrival->tcp.destination_port);
    connection->stream[0].window.budget = env->budget;
    connection->stream[1].window.budget = env->budget;
    connection->starter = (uint8_t)side;
    connection->flow.first_us = arrival->frame->timestamp_us;
    connection->flow.vlan_len = arrival->link.vlan_len;
    connection->flow.kept = env->pool != NULL ? &connection->kept : NULL;
    memcpy(connection->flow.vlan, arrival->link.vlan, sizeof(arrival->link.vlan));
    if (embryo != NULL) {
        adopt(connection, embryo);
    }
    connection->flow.id = flow_id(&arrival->key, connection->flow.first_us);
    return connection;
}

/* It acknowledges the SYN of this stream, or data of it that was seen. */
static bool is_answer_to(const struct cas_stream *stream, uint32_t ack)
{
    uint64_t len = stream->next - stream->base;
    bool is_of_base = ack - (uint32_t)stream->base <= len && len <= CAS_STREAM_REACH;
    bool is_of_other = stream->has_other && ack == stream->other_first;
    return stream->has_base && (is_of_base || is_of_other);
}

static bool was_heard_lately(const struct cas_connection *connection,
                             const struct cas_arrival *arrival)
{
    return arrival->now_us - connection->heard_us < CAS_CONNECTION_BUSY_US;
}

/* The answer to this connection's SYN has another number than was believed. */
static void note_answer(struct cas_connection *connection, const struct cas_connection_env *env,
                        const struct cas_arrival *arrival)
{
    struct cas_stream *own = &connection->stream[arrival->side];
    uint32_t first_seq = arrival->tcp.seq + 1;
    if (!own->has_base) {
        /* What waits came before it, of another connection, or from nowhere. */
        cas_stream_jump(own, first_seq);
        (void)cas_stream_set_base(own, first_seq);
        if (was_heard_lately(connection, arrival)) {
            cas_connection_suspect(connection, env, arrival->frame);
        }
    } else if (!own->is_guessed) {
        cas_stream_note_other(own, first_seq, true);
    } /* else its beginning was missed, and is told too late */
}

/* A SYN or SYN/ACK that contradicts what is known: true when it is of this connection all the
 * same, for it answers its SYN. */
static bool note_contradiction(struct cas_connection *connection,
                               const struct cas_connection_env *env,
                               const struct cas_arrival *arrival)
{
    unsigned side = arrival->side;
    const struct cas_tcp_segment *tcp = &arrival->tcp;
    bool is_answer = (tcp->flags & CAS_TCP_ACK) != 0;
    if (is_answer && !cas_connection_has_ended(connection) &&
        is_answer_to(&connection->stream[1 - side], tcp->ack)) {
        (void)cas_stream_confirm_base(&connection->stream[1 - side], tcp->ack);
        note_answer(connection, env, arrival);
        return true;
    }
    connection->new_seq[side] = tcp->seq + 1;
    connection->new_sides = (uint8_t)(1u << side);
    if (is_answer) {
        connection->new_seq[1 - side] = tcp->ack;
        connection->new_sides = 3;
    }
    return false;
}

/* It is not the late beginning of what waits for one. */
static bool is_anew(const struct cas_connection *connection, const struct cas_arrival *arrival)
{
    const struct cas_stream *own = &connection->stream[arrival->side];
    return !own->has_base && cas_stream_is_waiting(own) &&
           !was_heard_lately(connection, arrival);
}

bool cas_connection_take_syn(struct cas_connection *connection,
                             const struct cas_connection_env *env,
                             const struct cas_arrival *arrival)
{
    unsigned side = arrival->side;
    struct cas_stream *own = &connection->stream[side];
    struct cas_stream *other = &connection->stream[1 - side];
    bool is_answer = (arrival->tcp.flags & CAS_TCP_ACK) != 0;
    bool is_strange =
        is_answer && other->is_confirmed && !is_answer_to(other, arrival->tcp.ack);
    if (is_strange || is_anew(connection, arrival) ||
        cas_stream_set_base(own, arrival->tcp.seq + 1) == CAS_STREAM_BASE_OTHER) {
        return note_contradiction(connection, env, arrival);
    }
    if (is_answer) {
        (void)cas_stream_confirm_base(other, arrival->tcp.ack);
    }
    other->has_acks = true;
    /* After delivery began, end 0 stays who it is. */
    if (!connection->has_start && !connection->is_open) {
        connection->starter = (uint8_t)(is_answer ? 1 - side : side);
    }
    connection->has_start = true;
    return true;
}

bool cas_connection_is_replaced(const struct cas_connection *connection,
                                const struct cas_arrival *arrival, bool is_suspect)
{
    const struct cas_tcp_segment *tcp = &arrival->tcp;
    unsigned side = arrival->side;
    if (connection->new_sides == 0) {
        return false;
    }
    if ((tcp->flags & CAS_TCP_SYN) != 0) {
        return !is_suspect && (tcp->flags & CAS_TCP_ACK) != 0 &&
               (connection->new_sides >> (1 - side) & 1) != 0 &&
               tcp->ack == connection->new_seq[1 - side];
    }
    if (tcp->wire_len == 0 || (connection->new_sides >> side & 1) == 0) {
        return false;
    }
    /* Its first data; or what comes behind that, where the SYN was answered. */
    uint32_t offset = tcp->seq - connection->new_seq[side];
    if (connection->new_sides != 3) {
        return offset == 0 && !was_heard_lately(connection, arrival);
    }
    return offset == 0 || (offset <= CAS_STREAM_REACH &&
                           !cas_stream_is_near(&connection->stream[side], tcp->seq));
}

bool cas_connection_is_like_new(const struct cas_connection *connection)
{
    for (unsigned side = 0; side < 2; side++) {
        if ((connection->new_sides >> side & 1) != 0 &&
            cas_stream_is_near(&connection->stream[side], connection->new_seq[side])) {
            return true;
        }
    }
    return false;
}
