/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/flows.h"

#include <string.h>

#include "bytes/apart.h"
#include "bytes/reader.h"
#include "net/attempt.h"
#include "net/connection.h"
#include "net/fragments.h"
#include "net/ip.h"
#include "net/keeper.h"
#include "net/link.h"
#include "net/roster.h"
#include "net/sums.h"
#include "net/tcp.h"
#include "net/tomb.h"
#include "net/watch.h"

struct cas_flows {
    struct cas_roster roster;
    struct cas_counters *counters;
    struct cas_sums sums;
    struct cas_fragments *fragments;
    uint64_t waits_since_us;   /* cas_fragments_since() */
    struct cas_keeper *keeper; /* NULL: no frames are kept */
};

/* Fragments wait so long for the rest of their packet; and when room is short. */
static const uint64_t patience_us[2] = { 30000000, 5000000 };

/* --- who it is --- */

static void identify(const struct cas_roster *roster, struct cas_arrival *arrival)
{
    const struct cas_link_packet *link = &arrival->link;
    const struct cas_table_end from = { arrival->ip.source, arrival->tcp.source_port };
    const struct cas_table_end to = { arrival->ip.destination, arrival->tcp.destination_port };
    arrival->side = cas_table_key_make(&arrival->key, &from, &to);
    if (link->vlan_len > 0) {
        arrival->key.vlan[0] = (uint16_t)(link->vlan[0] + 1);
        arrival->key.vlan[1] = (uint16_t)(link->vlan[link->vlan_len - 1] + 1);
    }
    arrival->hash = arrival->ip.source.len == 4 ? cas_roster_hash_v4(roster, &arrival->key)
                                                : cas_roster_hash(roster, &arrival->key);
    arrival->now_us = roster->clock_us;
}

/* --- packets in fragments --- */

/* What there is of a segment names the connection that will lack it. */
static bool note_lost(void *ctx, const struct cas_link_packet *link,
                      const struct cas_ip_packet *packet, const struct cas_kept *frames,
                      const struct cas_frame *disputing)
{
    struct cas_flows *flows = ctx;
    struct cas_arrival arrival = { .frame = disputing, .link = *link, .ip = *packet };
    if (!cas_ip_pass_extensions(&arrival.ip) || arrival.ip.protocol != CAS_IP_PROTOCOL_TCP ||
        !cas_tcp_parse(&arrival.ip, &arrival.tcp)) {
        return false;
    }
    identify(&flows->roster, &arrival);
    uint32_t index = cas_roster_find(&flows->roster, &arrival);
    if (index == CAS_TABLE_NONE || cas_table_is_tomb(&flows->roster.table.entry[index])) {
        return false;
    }
    struct cas_connection *connection = flows->roster.table.entry[index].is.connection;
    cas_connection_note_unjoined(connection, &flows->roster.env, &arrival);
    if (frames != NULL && !cas_connection_declines(connection, &arrival)) {
        cas_kept_append(&connection->kept, flows->roster.env.pool, frames);
    }
    return true;
}

static CAS_APART void expire_fragments(struct cas_flows *flows, uint64_t now_us)
{
    uint64_t patience = patience_us[flows->roster.is_emergency ? 1 : 0];
    if (now_us - flows->waits_since_us >= patience) {
        cas_fragments_expire(flows->fragments, now_us - patience + 1);
        flows->waits_since_us = cas_fragments_since(flows->fragments);
    }
}

static void lose_fragments(struct cas_flows *flows)
{
    uint64_t now_us = flows->roster.clock_us;
    if (flows->waits_since_us < now_us) {
        expire_fragments(flows, now_us);
    }
}

static struct cas_fragments *create_fragments(struct cas_flows *flows,
                                              const struct cas_flows_config *config)
{
    struct cas_fragments_config its = {
        .budget = config->budget,
        .counters = config->counters,
        .pool = flows->roster.env.pool,
        .ctx = flows,
        .lost = note_lost,
    };
    memcpy(its.hash_key, config->hash_key, sizeof(its.hash_key));
    return cas_fragments_create(&its);
}

/* --- checksums --- */

static void learn_sum(const struct cas_flows *flows, struct cas_connection *connection,
                      const struct cas_arrival *arrival)
{
    uint8_t side = (uint8_t)(1u << arrival->side);
    if (cas_tcp_has_good_sum(&arrival->tcp) && (connection->good_sums & side) == 0) {
        connection->good_sums |= side;
        cas_connection_doubt_sums(connection, &flows->roster.env, arrival);
    }
    connection->believed_sums |= arrival->tcp.sum == CAS_TCP_SUM_BAD ? side : 0;
}

/* What the segment would have brought is missing; or, when such were believed of its sender
 * before, it may be the true one, and what was taken instead a forgery. */
static enum cas_counter refuse_sum(const struct cas_flows *flows,
                                   struct cas_connection *connection,
                                   const struct cas_arrival *arrival)
{
    if ((connection->believed_sums >> arrival->side & 1) != 0) {
        cas_connection_dispute(connection, &flows->roster.env, arrival, CAS_REASON_CHECKSUM);
    }
    return CAS_COUNT_TCP_CHECKSUM_BAD;
}

/* --- segments --- */

static enum cas_counter to_connection(struct cas_flows *flows, uint32_t index,
                                      const struct cas_arrival *arrival)
{
    struct cas_connection *connection = flows->roster.table.entry[index].is.connection;
    if (flows->keeper != NULL) {
        cas_keeper_keep(flows->keeper, connection, arrival);
    }
    enum cas_counter outcome = cas_connection_push(connection, &flows->roster.env, arrival);
    cas_roster_settle(&flows->roster, index);
    return outcome;
}

/* The caller sets a flag, without which it is free. */
static struct cas_embryo *need_embryo(struct cas_flows *flows,
                                      const struct cas_arrival *arrival)
{
    struct cas_embryos *embryos = &flows->roster.embryos;
    struct cas_embryo *embryo = cas_embryos_find(embryos, arrival->hash);
    if (embryo == NULL) {
        embryo = cas_embryos_add(embryos, arrival->hash);
        embryo->first_us = arrival->frame->timestamp_us;
    }
    return embryo;
}

/* A SYN of a connection that does not exist yet: noted, nothing is allocated. */
static void note_syn(struct cas_flows *flows, const struct cas_arrival *arrival)
{
    cas_attempt_note_syn(need_embryo(flows, arrival), arrival);
}

/* A segment without data: a copy is kept where an embryo was made of it. */
static void keep_early(struct cas_flows *flows, const struct cas_arrival *arrival)
{
    if (flows->keeper == NULL) {
        return;
    }
    struct cas_embryo *embryo = cas_embryos_find(&flows->roster.embryos, arrival->hash);
    if (embryo != NULL) {
        cas_keeper_keep_early(flows->keeper, embryo, arrival);
    }
}

/* The first data of a connection. */
static enum cas_counter to_new(struct cas_flows *flows, const struct cas_arrival *arrival)
{
    unsigned expected = 0;
    if (flows->keeper != NULL) {
        expected = cas_keeper_expected(cas_embryos_find(&flows->roster.embryos, arrival->hash));
    }
    uint32_t index = cas_roster_add(&flows->roster, arrival);
    if (index == CAS_TABLE_NONE) {
        return CAS_COUNT_TCP_NO_ROOM;
    }
    struct cas_connection *connection = flows->roster.table.entry[index].is.connection;
    if (flows->keeper != NULL) {
        cas_keeper_adopt(flows->keeper, connection, arrival, expected);
    }
    learn_sum(flows, connection, arrival);
    return to_connection(flows, index, arrival);
}

/* A mere acknowledgment before any data. One with the first right checksum of its sender
 * counts: the capture began behind the SYN. */
static enum cas_counter note_ack(struct cas_flows *flows, struct cas_arrival *arrival,
                                 unsigned good_sums)
{
    if (cas_sums_find_first_good(&flows->sums, arrival, good_sums)) {
        cas_attempt_note_sum(need_embryo(flows, arrival), arrival);
        keep_early(flows, arrival);
    } else if (flows->keeper != NULL) {
        cas_keeper_keep_ack(flows->keeper, arrival);
    }
    return CAS_COUNT_TCP_CONTROL;
}

/* No data was seen of this connection. */
static enum cas_counter to_nobody(struct cas_flows *flows, struct cas_arrival *arrival)
{
    bool is_syn = (arrival->tcp.flags & CAS_TCP_SYN) != 0;
    bool has_data = arrival->tcp.wire_len > 0 && (arrival->tcp.flags & CAS_TCP_RST) == 0;
    bool is_end = (arrival->tcp.flags & (CAS_TCP_FIN | CAS_TCP_RST)) != 0;
    const struct cas_embryo *embryo = cas_embryos_find(&flows->roster.embryos, arrival->hash);
    unsigned good_sums = embryo == NULL ? 0 : embryo->flags / CAS_EMBRYO_GOOD_SUM;
    if (!is_syn && !has_data && !is_end) {
        return note_ack(flows, arrival, good_sums);
    }
    if (!cas_sums_believe(&flows->sums, arrival, good_sums)) {
        return CAS_COUNT_TCP_CHECKSUM_BAD;
    }
    if (is_syn) {
        note_syn(flows, arrival);
    }
    if (!has_data) {
        if (is_end) {
            cas_attempt_note_end(need_embryo(flows, arrival), arrival);
        }
        keep_early(flows, arrival);
        return CAS_COUNT_TCP_CONTROL;
    }
    return to_new(flows, arrival);
}

/* Its place is taken in the middle, by who may be a forger: neither is believed. Who has ended
 * it, too, may be one when the new numbers are like its own. */
static bool is_suspect(const struct cas_connection *connection,
                       const struct cas_arrival *arrival)
{
    return !connection->is_told && !cas_connection_is_done(connection) &&
           arrival->now_us - connection->heard_us < CAS_CONNECTION_BUSY_US &&
           (!cas_connection_has_ended(connection) || cas_connection_is_like_new(connection));
}

/* The port is used again. */
static CAS_APART enum cas_counter replace(struct cas_flows *flows, uint32_t index,
                                          struct cas_arrival *arrival)
{
    struct cas_connection *connection = flows->roster.table.entry[index].is.connection;
    struct cas_embryo *embryo = cas_embryos_find(&flows->roster.embryos, arrival->hash);
    if (is_suspect(connection, arrival)) {
        cas_connection_suspect(connection, &flows->roster.env, arrival->frame);
        if (embryo != NULL) {
            embryo->flags |= CAS_EMBRYO_SUSPECT;
        }
    }
    cas_roster_drop(&flows->roster, arrival, index);
    return to_nobody(flows, arrival);
}

/* A connection that is followed. */
static enum cas_counter to_living(struct cas_flows *flows, uint32_t index,
                                  struct cas_arrival *arrival)
{
    struct cas_connection *connection = flows->roster.table.entry[index].is.connection;
    if (!cas_connection_declines(connection, arrival) &&
        !cas_sums_believe(&flows->sums, arrival, connection->good_sums)) {
        return refuse_sum(flows, connection, arrival);
    }
    if (cas_connection_is_replaced(connection, arrival, is_suspect(connection, arrival))) {
        return replace(flows, index, arrival);
    }
    if ((arrival->tcp.flags & CAS_TCP_SYN) != 0 &&
        !cas_connection_take_syn(connection, &flows->roster.env, arrival)) {
        note_syn(flows, arrival);
        keep_early(flows, arrival);
        return CAS_COUNT_TCP_CONTROL;
    }
    learn_sum(flows, connection, arrival);
    return to_connection(flows, index, arrival);
}

/* Data of a connection that is watched: the handler may want to see it, and then believes in
 * what matters only when its checksum does not speak against it. */
static enum cas_counter show(struct cas_flows *flows, const struct cas_table_entry *entry,
                             struct cas_arrival *arrival)
{
    const struct cas_connection_env *env = &flows->roster.env;
    struct cas_watch *watch = entry->is.watch;
    const unsigned control = CAS_TCP_SYN | CAS_TCP_RST;
    if ((arrival->tcp.flags & control) != 0 || !cas_watch_wants(watch, arrival)) {
        return CAS_COUNT_TCP_IGNORED;
    }
    if (cas_watch_look(watch, env, arrival, false) == CAS_WATCH_DOUBT) {
        if (!cas_sums_believe(&flows->sums, arrival, entry->flags / CAS_TOMB_GOOD_SUM)) {
            return CAS_COUNT_TCP_CHECKSUM_BAD;
        }
        (void)cas_watch_look(watch, env, arrival, true);
    }
    return CAS_COUNT_TCP_DATA;
}

/* A segment of a connection that is watched. */
static enum cas_counter to_watch(struct cas_flows *flows, uint32_t index,
                                 struct cas_arrival *arrival)
{
    const struct cas_table_entry *entry = &flows->roster.table.entry[index];
    enum cas_counter outcome = CAS_COUNT_TCP_CONTROL;
    if (arrival->tcp.wire_len > 0) {
        outcome = show(flows, entry, arrival);
    }
    if ((arrival->tcp.flags & CAS_TCP_FIN) != 0) {
        entry->is.watch->ended |= (uint8_t)(1u << arrival->side);
    }
    cas_roster_settle_watch(&flows->roster, index, arrival->frame);
    return outcome;
}

/* A connection that is finished, or that nobody wants. */
static enum cas_counter to_tomb(struct cas_flows *flows, uint32_t index,
                                struct cas_arrival *arrival)
{
    struct cas_table_entry *entry = &flows->roster.table.entry[index];
    const struct cas_tcp_segment *tcp = &arrival->tcp;
    if (cas_tomb_is_reused(entry, arrival)) {
        cas_roster_drop(&flows->roster, arrival, index);
        return to_nobody(flows, arrival);
    }
    cas_roster_touch_tomb(&flows->roster, index);
    bool is_old =
        (entry->flags & CAS_TOMB_HAS_SEQ) != 0 && cas_tomb_of(entry)->first_seq == tcp->seq + 1;
    if ((tcp->flags & (CAS_TCP_SYN | CAS_TCP_ACK)) == CAS_TCP_SYN && !is_old) {
        cas_tomb_note_syn(entry, arrival);
        note_syn(flows, arrival);
        keep_early(flows, arrival);
    }
    if (flows->keeper != NULL && cas_tomb_awaits(entry, arrival)) {
        cas_keeper_tell_late(&flows->roster.env.handler, arrival);
    }
    if (entry->list != CAS_TABLE_TOMBS) {
        return to_watch(flows, index, arrival);
    }
    return tcp->wire_len > 0 ? CAS_COUNT_TCP_IGNORED : CAS_COUNT_TCP_CONTROL;
}

static enum cas_counter push_segment(struct cas_flows *flows, struct cas_arrival *arrival)
{
    uint32_t index = cas_roster_find(&flows->roster, arrival);
    if (index == CAS_TABLE_NONE) {
        return to_nobody(flows, arrival);
    }
    if (cas_table_is_tomb(&flows->roster.table.entry[index])) {
        return to_tomb(flows, index, arrival);
    }
    return to_living(flows, index, arrival);
}

/* --- frames --- */

/* A whole packet. */
static enum cas_counter push_packet(struct cas_flows *flows, struct cas_arrival *arrival)
{
    if (arrival->ip.protocol != CAS_IP_PROTOCOL_TCP) {
        return CAS_COUNT_NOT_TCP;
    }
    if (!cas_tcp_parse(&arrival->ip, &arrival->tcp)) {
        return CAS_COUNT_TCP_MALFORMED;
    }
    identify(&flows->roster, arrival);
    return push_segment(flows, arrival);
}

static CAS_APART enum cas_counter push_fragment(struct cas_flows *flows,
                                                struct cas_arrival *arrival)
{
    struct cas_joined joined;
    if (!cas_ip_may_be_tcp(&arrival->ip)) {
        return CAS_COUNT_NOT_TCP;
    }
    bool is_whole = cas_fragments_push(flows->fragments, &arrival->link, &arrival->ip,
                                       arrival->frame, flows->roster.clock_us, &joined);
    flows->waits_since_us = cas_fragments_since(flows->fragments);
    if (!is_whole) {
        return CAS_COUNT_IP_FRAGMENT;
    }
    arrival->joined = &joined;
    arrival->ip = joined.packet;
    enum cas_counter outcome = cas_ip_pass_extensions(&arrival->ip)
                                   ? push_packet(flows, arrival)
                                   : CAS_COUNT_IP_MALFORMED;
    cas_fragments_let_go(flows->fragments);
    return outcome;
}

static enum cas_counter push_ip(struct cas_flows *flows, struct cas_arrival *arrival)
{
    switch (cas_ip_parse(&arrival->link, &arrival->ip)) {
    case CAS_IP_NONE:
        return CAS_COUNT_NOT_IP;
    case CAS_IP_FRAGMENT:
        return push_fragment(flows, arrival);
    case CAS_IP_MALFORMED:
        return CAS_COUNT_IP_MALFORMED;
    case CAS_IP_OK:
        break;
    }
    return push_packet(flows, arrival);
}

static enum cas_counter push_frame(struct cas_flows *flows, const struct cas_frame *frame)
{
    CAS_ARRIVAL arrival;
    arrival.frame = frame;
    arrival.joined = NULL;
    switch (cas_link_parse(frame, &arrival.link)) {
    case CAS_LINK_UNSUPPORTED:
        return CAS_COUNT_LINK_UNSUPPORTED;
    case CAS_LINK_MALFORMED:
        return CAS_COUNT_LINK_MALFORMED;
    case CAS_LINK_OK:
        break;
    }
    return push_ip(flows, &arrival);
}

struct cas_flows *cas_flows_create(const struct cas_flows_config *config)
{
    struct cas_flows *flows = cas_budget_alloc(config->budget, sizeof(*flows));
    if (flows == NULL) {
        return NULL;
    }
    if (!cas_roster_init(&flows->roster, config)) {
        cas_budget_free(config->budget, flows, sizeof(*flows));
        return NULL;
    }
    flows->counters = config->counters;
    flows->sums = cas_sums_init(config->checksums, config->counters);
    if (config->keeps_frames) {
        flows->keeper = cas_keeper_create(config->budget, config->counters);
        if (flows->keeper == NULL) {
            cas_flows_destroy(flows);
            return NULL;
        }
        flows->roster.env.pool = cas_keeper_pool(flows->keeper);
    }
    flows->fragments = create_fragments(flows, config);
    flows->waits_since_us = UINT64_MAX;
    if (flows->fragments == NULL) {
        cas_flows_destroy(flows);
        return NULL;
    }
    return flows;
}

void cas_flows_push(struct cas_flows *flows, const struct cas_frame *frame)
{
    cas_count(flows->counters, CAS_COUNT_FRAMES);
    cas_count_add(flows->counters, CAS_COUNT_FRAME_BYTES, frame->bytes.len);
    cas_count_add(flows->counters, CAS_COUNT_FRAMES_CUT, frame->bytes.len < frame->wire_len);
    cas_roster_tick(&flows->roster, frame);
    lose_fragments(flows);
    cas_count(flows->counters, push_frame(flows, frame));
}

bool cas_flows_tick(struct cas_flows *flows, uint64_t now_us, const struct cas_frame *frame)
{
    bool has_more = cas_roster_advance(&flows->roster, now_us, frame);
    lose_fragments(flows);
    return has_more;
}

void cas_flows_finish(struct cas_flows *flows)
{
    cas_fragments_finish(flows->fragments);
    cas_roster_close_all(&flows->roster);
}

void cas_flows_destroy(struct cas_flows *flows)
{
    if (flows != NULL) {
        struct cas_budget *budget = flows->roster.env.budget;
        cas_roster_finish(&flows->roster);
        cas_fragments_destroy(flows->fragments);
        cas_keeper_destroy(flows->keeper);
        cas_budget_free(budget, flows, sizeof(*flows));
    }
}
