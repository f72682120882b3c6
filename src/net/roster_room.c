/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/apart.h"
#include "net/roster_parts.h"

/* Evictions for one frame, at most: more than it can make necessary. */
#define EVICTIONS_MAX 64

/* Connections compared to find the cheapest. */
#define CANDIDATES_MAX 16

static unsigned worth_of(const struct cas_roster *roster, uint32_t index)
{
    struct cas_connection *connection = cas_roster_connection(roster, index);
    if (!connection->is_open) {
        return 0;
    }
    return roster->env.handler.worth(roster->env.handler.ctx, connection->user);
}

/*
 * The cheapest of those idle longest on one list; index and worth as of the best so far. One
 * that is worth nothing is the cheapest: nobody else need be asked.
 */
static uint32_t cheapest_on(const struct cas_roster *roster, enum cas_table_list list,
                            uint32_t best, unsigned *worth)
{
    uint32_t index = roster->table.list[list].oldest;
    uint32_t last = CAS_TABLE_NONE;
    for (unsigned i = 0; i < CANDIDATES_MAX && index != CAS_TABLE_NONE; i++) {
        if (best != CAS_TABLE_NONE && *worth == 0) {
            break;
        }
        unsigned its = worth_of(roster, index);
        if (best == CAS_TABLE_NONE || its < *worth) {
            best = index;
            *worth = its;
        }
        last = index;
        index = roster->table.entry[index].newer;
    }
    if (last != CAS_TABLE_NONE) {
        cas_roster_fetch_next(roster, last);
    }
    return best;
}

/* The connection to go; CAS_TABLE_NONE when there is none. */
static uint32_t cheapest(const struct cas_roster *roster)
{
    uint32_t ended = roster->table.list[CAS_TABLE_CLOSING].oldest;
    if (ended != CAS_TABLE_NONE) {
        cas_roster_fetch_next(roster, ended);
        return ended;
    }
    unsigned worth = 0;
    uint32_t best = cheapest_on(roster, CAS_TABLE_WAITING, CAS_TABLE_NONE, &worth);
    best = cheapest_on(roster, CAS_TABLE_OPEN, best, &worth);
    return cheapest_on(roster, CAS_TABLE_RIPE, best, &worth);
}

static void evict(struct cas_roster *roster, uint32_t index, const struct cas_frame *frame,
                  enum cas_reason reason)
{
    enum cas_close close =
        cas_connection_ending(cas_roster_connection(roster, index), CAS_CLOSE_EVICTED);
    if (close == CAS_CLOSE_EVICTED) {
        cas_count(roster->env.counters, CAS_COUNT_FLOWS_EVICTED);
    } else {
        reason = CAS_REASON_CLOSED;
    }
    cas_roster_bury(roster, index, frame, close, reason);
    if (roster->table.entry[index].list != CAS_TABLE_TOMBS) {
        cas_roster_evict_watch(roster, index, frame);
    }
}

CAS_APART void cas_roster_shed_frames(struct cas_roster *roster)
{
    for (unsigned i = 0; roster->env.pool != NULL && i < EVICTIONS_MAX; i++) {
        if (roster->env.budget->used < roster->memory_80 || !cas_kept_shed(roster->env.pool)) {
            return;
        }
    }
}

static uint32_t oldest_watch(const struct cas_roster *roster)
{
    uint32_t index = roster->table.list[CAS_TABLE_WATCHED].oldest;
    return index != CAS_TABLE_NONE ? index : roster->table.list[CAS_TABLE_DUE].oldest;
}

CAS_APART void cas_roster_free_memory(struct cas_roster *roster, const struct cas_frame *frame)
{
    for (unsigned i = 0; i < EVICTIONS_MAX; i++) {
        uint32_t index = CAS_TABLE_NONE;
        if (roster->env.budget->used <= roster->memory_high ||
            (index = oldest_watch(roster)) == CAS_TABLE_NONE) {
            break;
        }
        cas_roster_evict_watch(roster, index, frame);
    }
    for (unsigned i = 0; i < EVICTIONS_MAX; i++) {
        uint32_t index = CAS_TABLE_NONE;
        if (roster->env.budget->used <= roster->memory_high ||
            (index = cheapest(roster)) == CAS_TABLE_NONE) {
            return;
        }
        evict(roster, index, frame, CAS_REASON_MEMORY);
    }
}

void cas_roster_judge_room(struct cas_roster *roster)
{
    const struct cas_budget *budget = roster->env.budget;
    size_t alive = roster->table.used - roster->table.list[CAS_TABLE_TOMBS].len -
                   roster->table.list[CAS_TABLE_WATCHED].len -
                   roster->table.list[CAS_TABLE_DUE].len;
    bool was_emergency = roster->is_emergency;
    if (budget->used >= roster->memory_80 || alive / 4 >= roster->table.size / 5) {
        roster->is_emergency = true;
    } else if (budget->used < roster->memory_50 && alive < roster->table.size / 2) {
        roster->is_emergency = false;
    }
    if (roster->is_emergency != was_emergency) {
        roster->due_us = 0; /* all timeouts are others now */
    }
}

/* The one to go from a full chain: a tomb, or else the cheapest connection. */
static uint32_t cheapest_of_chain(const struct cas_roster *roster, const uint32_t *chain,
                                  size_t len)
{
    uint32_t best = chain[0];
    for (size_t i = 0; i < len; i++) {
        if (cas_roster_is_tomb(roster, chain[i])) {
            return chain[i];
        }
        if (worth_of(roster, chain[i]) < worth_of(roster, best)) {
            best = chain[i];
        }
    }
    return best;
}

void cas_roster_make_room(struct cas_roster *roster, const struct cas_arrival *arrival)
{
    uint32_t chain[CAS_TABLE_CHAIN_MAX];
    size_t len = cas_table_chain(&roster->table, arrival->hash, chain);
    uint32_t index = CAS_TABLE_NONE;
    if (len == CAS_TABLE_CHAIN_MAX) {
        index = cheapest_of_chain(roster, chain, len);
    } else if (cas_table_is_full(&roster->table)) {
        index = roster->table.list[CAS_TABLE_TOMBS].oldest;
        index = index != CAS_TABLE_NONE ? index : oldest_watch(roster);
        index = index != CAS_TABLE_NONE ? index : cheapest(roster);
    }
    if (index == CAS_TABLE_NONE) {
        return;
    }
    if (!cas_roster_is_tomb(roster, index)) {
        evict(roster, index, arrival->frame, CAS_REASON_TABLE_FULL);
    } else if (roster->table.entry[index].list != CAS_TABLE_TOMBS) {
        cas_roster_evict_watch(roster, index, arrival->frame);
    }
    cas_roster_forget(roster, index);
}
