/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/roster.h"

#include <assert.h>

#include "bytes/reader.h"
#include "net/roster_parts.h"
#include "net/watch.h"

/* Connections that have only begun: more than a busy server has in a second. */
#define EMBRYOS 65536

/* Timeouts for one frame, at most: more than it can make necessary. And those of one list for
 * one tick: what they tell takes some 10 ms. */
#define EXPIRIES_MAX  2
#define EXPIRIES_TICK 256

/* Free memory that one frame may need. */
#define RESERVE_MAX ((size_t)1 << 20)

bool cas_roster_init(struct cas_roster *roster, const struct cas_flows_config *config)
{
    struct cas_budget *budget = config->budget;
    *roster = (struct cas_roster){
        .env = { .handler = config->handler,
                 .budget = budget,
                 .counters = config->counters,
                 .hash = cas_keyhash_init(config->hash_key) },
        .clock = config->clock,
    };
    if (!cas_table_init(&roster->table, budget, config->max_flows)) {
        return false;
    }
    size_t embryos = roster->table.size < EMBRYOS ? roster->table.size : EMBRYOS;
    if (!cas_embryos_init(&roster->embryos, budget, embryos)) {
        cas_table_finish(&roster->table, budget);
        return false;
    }
    size_t room = budget->limit - budget->used;
    size_t reserve = room / 16 < RESERVE_MAX ? room / 16 : RESERVE_MAX;
    roster->memory_high = budget->limit - reserve;
    roster->memory_80 = budget->limit - room / 5;
    roster->memory_50 = budget->limit - room / 2;
    return true;
}

static void free_watches(struct cas_roster *roster, enum cas_table_list list)
{
    uint32_t index = CAS_TABLE_NONE;
    while ((index = roster->table.list[list].oldest) != CAS_TABLE_NONE) {
        cas_watch_free(roster->table.entry[index].is.watch, &roster->env);
        cas_table_move(&roster->table, index, CAS_TABLE_FREE);
    }
}

void cas_roster_finish(struct cas_roster *roster)
{
    for (size_t i = 0; i < CAS_ROSTER_LIVING; i++) {
        uint32_t index = CAS_TABLE_NONE;
        while ((index = roster->table.list[cas_roster_living[i]].oldest) != CAS_TABLE_NONE) {
            cas_connection_destroy(cas_roster_connection(roster, index), &roster->env);
            cas_table_move(&roster->table, index, CAS_TABLE_FREE);
        }
    }
    free_watches(roster, CAS_TABLE_DUE);
    free_watches(roster, CAS_TABLE_WATCHED);
    cas_table_finish(&roster->table, roster->env.budget);
    cas_embryos_finish(&roster->embryos, roster->env.budget);
}

/* In half of the time that the whole key takes. */
uint64_t cas_roster_hash_v4(const struct cas_roster *roster, const struct cas_table_key *key)
{
    uint64_t words[2];
    assert(cas_table_key_is_v4(key));
    cas_table_key_shorten(key, words);
    return cas_keyhash_not_zero(cas_keyhash_of_two(&roster->env.hash, words[0], words[1]));
}

uint64_t cas_roster_hash(const struct cas_roster *roster, const struct cas_table_key *key)
{
    return cas_table_key_is_v4(key) ? cas_roster_hash_v4(roster, key)
                                    : cas_keyhash_not_zero(cas_keyhash_of(
                                          &roster->env.hash, cas_view_of(key, sizeof(*key))));
}

void cas_roster_drop(struct cas_roster *roster, const struct cas_arrival *arrival,
                     uint32_t index)
{
    if (!cas_roster_is_tomb(roster, index)) {
        enum cas_close close =
            cas_connection_ending(cas_roster_connection(roster, index), CAS_CLOSE_REPLACED);
        cas_roster_bury(roster, index, arrival->frame, close, CAS_REASON_CLOSED);
    }
    if (roster->table.entry[index].list != CAS_TABLE_TOMBS) {
        cas_roster_unwatch(roster, index, arrival->frame);
    }
    cas_roster_forget(roster, index);
}

void cas_roster_tick(struct cas_roster *roster, const struct cas_frame *frame)
{
    if (roster->clock == CAS_FLOWS_CLOCK_PACKETS) {
        cas_roster_advance_clock(roster, frame->timestamp_us);
    }
    if (roster->env.budget->used >= roster->memory_80) {
        cas_roster_shed_frames(roster);
    }
    cas_roster_judge_room(roster);
    cas_roster_expire(roster, EXPIRIES_MAX, frame);
    if (roster->env.budget->used > roster->memory_high) {
        cas_roster_free_memory(roster, frame);
    }
}

bool cas_roster_advance(struct cas_roster *roster, uint64_t now_us,
                        const struct cas_frame *frame)
{
    assert(roster->clock == CAS_FLOWS_CLOCK_CALLER);
    if (roster->latest_us == 0) {
        roster->latest_us = now_us; /* it starts now, wherever it stands */
    }
    cas_roster_advance_clock(roster, now_us);
    cas_roster_judge_room(roster);
    cas_roster_expire(roster, EXPIRIES_TICK, frame);
    return roster->due_us <= roster->clock_us;
}

uint32_t cas_roster_add(struct cas_roster *roster, const struct cas_arrival *arrival)
{
    struct cas_embryo *embryo = cas_embryos_find(&roster->embryos, arrival->hash);
    struct cas_connection *connection = cas_connection_create(&roster->env, arrival, embryo);
    if (connection == NULL) {
        return CAS_TABLE_NONE;
    }
    if (embryo != NULL) {
        *embryo = (struct cas_embryo){ 0 };
    }
    cas_roster_make_room(roster, arrival);
    uint32_t index =
        cas_table_add(&roster->table, &arrival->key, arrival->hash, CAS_TABLE_WAITING);
    roster->table.entry[index].is.connection = connection;
    return index;
}

/* The one of which a segment came longest ago, over all lists. */
static uint32_t idle_longest(const struct cas_roster *roster)
{
    uint32_t best = CAS_TABLE_NONE;
    for (size_t i = 0; i < CAS_ROSTER_LIVING; i++) {
        uint32_t index = roster->table.list[cas_roster_living[i]].oldest;
        if (index != CAS_TABLE_NONE &&
            (best == CAS_TABLE_NONE || cas_roster_connection(roster, index)->touched_us <
                                           cas_roster_connection(roster, best)->touched_us)) {
            best = index;
        }
    }
    return best;
}

void cas_roster_close_all(struct cas_roster *roster)
{
    uint32_t index = CAS_TABLE_NONE;
    while ((index = idle_longest(roster)) != CAS_TABLE_NONE) {
        enum cas_close close =
            cas_connection_ending(cas_roster_connection(roster, index), CAS_CLOSE_CAPTURE_END);
        cas_roster_fetch_next(roster, index);
        cas_roster_bury(roster, index, NULL, close,
                        close == CAS_CLOSE_CAPTURE_END ? CAS_REASON_CAPTURE_END
                                                       : CAS_REASON_CLOSED);
    }
    while ((index = roster->table.list[CAS_TABLE_DUE].oldest) != CAS_TABLE_NONE ||
           (index = roster->table.list[CAS_TABLE_WATCHED].oldest) != CAS_TABLE_NONE) {
        cas_roster_unwatch(roster, index, NULL);
    }
}
