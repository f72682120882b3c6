/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/roster.h"

#include <assert.h>
#include <string.h>

#include "bytes/apart.h"
#include "bytes/fetch.h"
#include "bytes/reader.h"
#include "net/tomb.h"
#include "net/watch.h"

/* Connections that have only begun: more than a busy server has in a second. */
#define EMBRYOS 65536

/* The clock's longest step for one packet. */
#define STEP_MAX_US UINT64_C(1000000)

/* Timeouts and evictions for one frame, at most: more than it can make necessary. And those of
 * one list for one tick: what they tell takes some 10 ms. */
#define EXPIRIES_MAX  2
#define EXPIRIES_TICK 256
#define EVICTIONS_MAX 64

/* Connections compared to find the cheapest. */
#define CANDIDATES_MAX 16

/* So long nothing came of one that is watched, in seconds, and what is due is told, or it has
 * ended: a person may be choosing a certificate. */
#define WATCH_DUE_S 60u

/* Both sides, as bits. */
#define BOTH 3u

/* Free memory that one frame may need. */
#define RESERVE_MAX ((size_t)1 << 20)

/*
 * Silence that ends a connection, in microseconds: as a rule, and when room is short. What is
 * ripe is not ended but told, so long after it has become so: time for what is late, above all
 * on another interface.
 */
static const uint64_t timeouts_us[CAS_TABLE_LISTS][2] = {
    [CAS_TABLE_WAITING] = { 30000000, 5000000 },
    [CAS_TABLE_OPEN] = { 60000000, 10000000 },
    [CAS_TABLE_RIPE] = { 300000, 300000 },
    [CAS_TABLE_CLOSING] = { 5000000, 1000000 },
};

static const enum cas_table_list living[] = {
    CAS_TABLE_CLOSING,
    CAS_TABLE_WAITING,
    CAS_TABLE_OPEN,
    CAS_TABLE_RIPE,
};
#define LIVING (sizeof(living) / sizeof(living[0]))

static struct cas_connection *connection_of(const struct cas_roster *roster, uint32_t index)
{
    return roster->table.entry[index].is.connection;
}

static bool is_tomb(const struct cas_roster *roster, uint32_t index)
{
    return cas_table_is_tomb(&roster->table.entry[index]);
}

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
    for (size_t i = 0; i < LIVING; i++) {
        uint32_t index = CAS_TABLE_NONE;
        while ((index = roster->table.list[living[i]].oldest) != CAS_TABLE_NONE) {
            cas_connection_destroy(connection_of(roster, index), &roster->env);
            cas_table_move(&roster->table, index, CAS_TABLE_FREE);
        }
    }
    free_watches(roster, CAS_TABLE_DUE);
    free_watches(roster, CAS_TABLE_WATCHED);
    cas_table_finish(&roster->table, roster->env.budget);
    cas_embryos_finish(&roster->embryos, roster->env.budget);
}

static uint64_t not_zero(uint64_t hash)
{
    return hash != 0 ? hash : 1;
}

/* In half of the time that the whole key takes. */
uint64_t cas_roster_hash_v4(const struct cas_roster *roster, const struct cas_table_key *key)
{
    uint64_t words[2];
    assert(cas_table_key_is_v4(key));
    cas_table_key_shorten(key, words);
    return not_zero(cas_keyhash_of_two(&roster->env.hash, words[0], words[1]));
}

uint64_t cas_roster_hash(const struct cas_roster *roster, const struct cas_table_key *key)
{
    return cas_table_key_is_v4(key)
               ? cas_roster_hash_v4(roster, key)
               : not_zero(cas_keyhash_of(&roster->env.hash, cas_view_of(key, sizeof(*key))));
}

/* --- burying --- */

static uint16_t coarse_now(const struct cas_roster *roster)
{
    return (uint16_t)(roster->clock_us / 1000000);
}

/* A connection becomes a tomb: what tells its echo from a new connection is kept. */
static void bury(struct cas_roster *roster, uint32_t index)
{
    struct cas_table_entry *entry = &roster->table.entry[index];
    struct cas_connection *connection = entry->is.connection;
    cas_tomb_make(entry, connection);
    cas_connection_destroy(connection, &roster->env);
    entry->seen = coarse_now(roster);
    cas_table_move(&roster->table, index, CAS_TABLE_TOMBS);
}

static void attach(struct cas_roster *roster, uint32_t index, struct cas_watch *watch)
{
    struct cas_table_entry *entry = &roster->table.entry[index];
    watch->tomb = entry->is.tomb;
    entry->is.watch = watch;
    cas_table_move(&roster->table, index, CAS_TABLE_WATCHED);
    cas_count(roster->env.counters, CAS_COUNT_FLOWS_WATCHED);
}

/* A tomb that is watched becomes a mere one. */
static void unwatch(struct cas_roster *roster, uint32_t index, const struct cas_frame *frame)
{
    struct cas_table_entry *entry = &roster->table.entry[index];
    const struct cas_tomb tomb = entry->is.watch->tomb;
    cas_watch_destroy(entry, &roster->env, frame);
    entry->is.tomb = tomb;
    cas_table_move(&roster->table, index, CAS_TABLE_TOMBS);
}

static void evict_watch(struct cas_roster *roster, uint32_t index,
                        const struct cas_frame *frame)
{
    bool has_ended = roster->table.entry[index].is.watch->ended == BOTH;
    cas_count_add(roster->env.counters, CAS_COUNT_WATCHES_EVICTED, has_ended ? 0 : 1);
    unwatch(roster, index, frame);
}

void cas_roster_settle_watch(struct cas_roster *roster, uint32_t index,
                             const struct cas_frame *frame)
{
    const struct cas_table_entry *entry = &roster->table.entry[index];
    const struct cas_watch *watch = entry->is.watch;
    bool is_due = watch->said == CAS_WATCH_SOON || watch->ended == BOTH;
    enum cas_table_list list = is_due ? CAS_TABLE_DUE : CAS_TABLE_WATCHED;
    if (watch->said == CAS_WATCH_OVER || watch->sides == 0) {
        unwatch(roster, index, frame);
    } else if (entry->list != list) {
        cas_table_move(&roster->table, index, list);
    }
}

/* When the table is full the oldest tomb goes for each new connection. Of the one behind it the
 * key was fetched the last time; what leads to it is fetched now. */
static void fetch_next_tomb(const struct cas_roster *roster)
{
    const struct cas_table_entry *entry = roster->table.entry;
    uint32_t oldest = roster->table.list[CAS_TABLE_TOMBS].oldest;
    if (oldest == CAS_TABLE_NONE || !cas_table_is_full(&roster->table)) {
        return;
    }
    uint32_t next = entry[oldest].newer;
    if (next == CAS_TABLE_NONE) {
        return;
    }
    cas_table_fetch(&roster->table, cas_roster_hash(roster, &entry[next].key));
    if (entry[next].newer != CAS_TABLE_NONE) {
        cas_fetch(&entry[entry[next].newer], sizeof(*entry));
    }
}

/*
 * Those that are idle longest are not in the cache, and go one after the other: what the next
 * ones need is fetched meanwhile. One thing leads to the other, so a little is fetched of each
 * of them while one goes: the more, the sooner its turn comes.
 */
static void fetch_next(const struct cas_roster *roster, uint32_t index)
{
    const struct cas_table_entry *entry = roster->table.entry;
    fetch_next_tomb(roster);
    for (unsigned step = CAS_CONNECTION_FETCH_STEPS; step > 0; step--) {
        index = entry[index].newer;
        if (index == CAS_TABLE_NONE) {
            return;
        }
        cas_connection_fetch(entry[index].is.connection, &roster->env, step - 1);
    }
    if (entry[index].newer != CAS_TABLE_NONE) {
        cas_fetch(&entry[entry[index].newer], sizeof(*entry));
    }
}

/* What the connection's last bytes bring may begin a watch. */
static void close_and_bury(struct cas_roster *roster, uint32_t index,
                           const struct cas_frame *frame, enum cas_close close,
                           enum cas_reason reason)
{
    struct cas_connection *connection = connection_of(roster, index);
    cas_connection_close(connection, &roster->env, frame, close, reason);
    struct cas_watch *watch = connection->watch;
    if (watch != NULL) {
        cas_watch_adopt(watch, connection, &roster->env);
    }
    bury(roster, index);
    if (watch != NULL) {
        attach(roster, index, watch);
        cas_roster_settle_watch(roster, index, frame);
    }
}

/* Nobody wants more of it in order. */
static void retire(struct cas_roster *roster, uint32_t index)
{
    struct cas_connection *connection = connection_of(roster, index);
    struct cas_watch *watch = connection->watch;
    if (watch != NULL) {
        cas_watch_adopt(watch, connection, &roster->env);
        connection->watch = NULL;
    }
    close_and_bury(roster, index, NULL, CAS_CLOSE_UNWANTED, CAS_REASON_CLOSED);
    if (watch == NULL) {
        return;
    }
    attach(roster, index, watch);
    if (roster->is_emergency) {
        evict_watch(roster, index, NULL);
    } else {
        cas_roster_settle_watch(roster, index, NULL);
    }
}

/* It keeps its place: what else comes of it does not put off its being told. */
static void ripen(struct cas_roster *roster, uint32_t index)
{
    if (roster->table.entry[index].list != CAS_TABLE_RIPE) {
        connection_of(roster, index)->ripe_us = roster->clock_us;
        cas_table_move(&roster->table, index, CAS_TABLE_RIPE);
    }
}

void cas_roster_settle(struct cas_roster *roster, uint32_t index)
{
    const struct cas_connection *connection = connection_of(roster, index);
    if (cas_connection_is_done(connection)) {
        retire(roster, index);
    } else if (roster->clock == CAS_FLOWS_CLOCK_CALLER &&
               cas_connection_is_ripe(connection, &roster->env)) {
        ripen(roster, index);
    } else if (cas_connection_has_ended(connection)) {
        cas_table_move(&roster->table, index, CAS_TABLE_CLOSING);
    } else {
        cas_table_move(&roster->table, index,
                       connection->is_open ? CAS_TABLE_OPEN : CAS_TABLE_WAITING);
    }
}

void cas_roster_touch_tomb(struct cas_roster *roster, uint32_t index)
{
    struct cas_table_entry *entry = &roster->table.entry[index];
    /* Once a second is often enough, and spares the neighbours on the list. */
    if (entry->seen != coarse_now(roster)) {
        entry->seen = coarse_now(roster);
        cas_table_move(&roster->table, index, (enum cas_table_list)entry->list);
    }
}

static void forget(struct cas_roster *roster, uint32_t index)
{
    uint64_t hash = cas_roster_hash(roster, &roster->table.entry[index].key);
    cas_table_remove(&roster->table, index, hash);
}

void cas_roster_drop(struct cas_roster *roster, const struct cas_arrival *arrival,
                     uint32_t index)
{
    if (!is_tomb(roster, index)) {
        enum cas_close close =
            cas_connection_ending(connection_of(roster, index), CAS_CLOSE_REPLACED);
        close_and_bury(roster, index, arrival->frame, close, CAS_REASON_CLOSED);
    }
    if (roster->table.entry[index].list != CAS_TABLE_TOMBS) {
        unwatch(roster, index, arrival->frame);
    }
    forget(roster, index);
}

/* --- time --- */

static void advance_clock(struct cas_roster *roster, uint64_t timestamp_us)
{
    if (timestamp_us > roster->latest_us) {
        uint64_t step = timestamp_us - roster->latest_us;
        roster->clock_us += step < STEP_MAX_US ? step : STEP_MAX_US;
        roster->latest_us = timestamp_us;
    }
}

static void expire_one(struct cas_roster *roster, uint32_t index, const struct cas_frame *frame)
{
    enum cas_close close =
        cas_connection_ending(connection_of(roster, index), CAS_CLOSE_TIMEOUT);
    fetch_next(roster, index);
    if (close == CAS_CLOSE_TIMEOUT) {
        cas_count(roster->env.counters, CAS_COUNT_FLOWS_TIMED_OUT);
        close_and_bury(roster, index, frame, close, CAS_REASON_TIMEOUT);
    } else {
        close_and_bury(roster, index, frame, close, CAS_REASON_CLOSED);
    }
}

static void tell_ripe(struct cas_roster *roster, uint32_t index)
{
    cas_connection_tell(connection_of(roster, index), &roster->env);
    cas_roster_settle(roster, index);
}

/* When the first of a list is due. */
static uint64_t due_of(const struct cas_roster *roster, enum cas_table_list list,
                       uint32_t index)
{
    const struct cas_connection *connection = connection_of(roster, index);
    uint64_t since = list == CAS_TABLE_RIPE ? connection->ripe_us : connection->touched_us;
    return since + timeouts_us[list][roster->is_emergency ? 1 : 0];
}

static void expire(struct cas_roster *roster, enum cas_table_list list, unsigned most,
                   const struct cas_frame *frame)
{
    for (unsigned i = 0; i < most; i++) {
        uint32_t index = roster->table.list[list].oldest;
        if (index == CAS_TABLE_NONE || roster->clock_us < due_of(roster, list, index)) {
            return;
        }
        if (list == CAS_TABLE_RIPE) {
            tell_ripe(roster, index);
        } else {
            expire_one(roster, index, frame);
        }
    }
}

/* What is due of the watched, in the order in which it came. */
static uint64_t watch_due(const struct cas_roster *roster, uint32_t index)
{
    uint16_t idle_s = (uint16_t)(coarse_now(roster) - roster->table.entry[index].seen);
    uint64_t left_s = idle_s < WATCH_DUE_S ? WATCH_DUE_S - idle_s : 0;
    return roster->clock_us + left_s * 1000000;
}

static void expire_watches(struct cas_roster *roster, unsigned most,
                           const struct cas_frame *frame)
{
    for (unsigned i = 0; i < most; i++) {
        uint32_t index = roster->table.list[CAS_TABLE_DUE].oldest;
        if (index == CAS_TABLE_NONE || roster->clock_us < watch_due(roster, index)) {
            return;
        }
        unwatch(roster, index, frame);
    }
}

/* When somebody will have been silent too long at the earliest: one of those silent longest, or
 * one that the next segment puts on the list of the shortest timeout. */
static uint64_t next_due(const struct cas_roster *roster)
{
    enum cas_table_list shortest =
        roster->clock == CAS_FLOWS_CLOCK_CALLER ? CAS_TABLE_RIPE : CAS_TABLE_CLOSING;
    uint64_t due = roster->clock_us + timeouts_us[shortest][roster->is_emergency ? 1 : 0];
    for (size_t i = 0; i < LIVING; i++) {
        uint32_t index = roster->table.list[living[i]].oldest;
        if (index != CAS_TABLE_NONE) {
            uint64_t its = due_of(roster, living[i], index);
            due = its < due ? its : due;
        }
    }
    uint32_t watched = roster->table.list[CAS_TABLE_DUE].oldest;
    if (watched != CAS_TABLE_NONE && watch_due(roster, watched) < due) {
        due = watch_due(roster, watched);
    }
    return due;
}

static CAS_APART void expire_due(struct cas_roster *roster, unsigned most,
                                 const struct cas_frame *frame)
{
    for (size_t i = 0; i < LIVING; i++) {
        expire(roster, living[i], most, frame);
    }
    expire_watches(roster, most, frame);
    roster->due_us = next_due(roster);
}

/* The clock stands still or goes on by little from frame to frame: as a rule nobody is due, and
 * no connection need be looked at to know it. */
static void expire_all(struct cas_roster *roster, unsigned most, const struct cas_frame *frame)
{
    if (roster->clock_us >= roster->due_us) {
        expire_due(roster, most, frame);
    }
}

/* --- room --- */

static unsigned worth_of(const struct cas_roster *roster, uint32_t index)
{
    struct cas_connection *connection = connection_of(roster, index);
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
        fetch_next(roster, last);
    }
    return best;
}

/* The connection to go; CAS_TABLE_NONE when there is none. */
static uint32_t cheapest(const struct cas_roster *roster)
{
    uint32_t ended = roster->table.list[CAS_TABLE_CLOSING].oldest;
    if (ended != CAS_TABLE_NONE) {
        fetch_next(roster, ended);
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
        cas_connection_ending(connection_of(roster, index), CAS_CLOSE_EVICTED);
    if (close == CAS_CLOSE_EVICTED) {
        cas_count(roster->env.counters, CAS_COUNT_FLOWS_EVICTED);
    } else {
        reason = CAS_REASON_CLOSED;
    }
    close_and_bury(roster, index, frame, close, reason);
    if (roster->table.entry[index].list != CAS_TABLE_TOMBS) {
        evict_watch(roster, index, frame);
    }
}

/* Kept frames are for the curious: they go before they cost a verdict, or patience. */
static CAS_APART void shed_frames(struct cas_roster *roster)
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

static CAS_APART void free_memory(struct cas_roster *roster, const struct cas_frame *frame)
{
    for (unsigned i = 0; i < EVICTIONS_MAX; i++) {
        uint32_t index = CAS_TABLE_NONE;
        if (roster->env.budget->used <= roster->memory_high ||
            (index = oldest_watch(roster)) == CAS_TABLE_NONE) {
            break;
        }
        evict_watch(roster, index, frame);
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

/* Emergency begins at 80 % of the table or of the memory beside it, and ends at 50 % of both.
 */
static void judge_room(struct cas_roster *roster)
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

void cas_roster_tick(struct cas_roster *roster, const struct cas_frame *frame)
{
    if (roster->clock == CAS_FLOWS_CLOCK_PACKETS) {
        advance_clock(roster, frame->timestamp_us);
    }
    if (roster->env.budget->used >= roster->memory_80) {
        shed_frames(roster);
    }
    judge_room(roster);
    expire_all(roster, EXPIRIES_MAX, frame);
    if (roster->env.budget->used > roster->memory_high) {
        free_memory(roster, frame);
    }
}

bool cas_roster_advance(struct cas_roster *roster, uint64_t now_us,
                        const struct cas_frame *frame)
{
    assert(roster->clock == CAS_FLOWS_CLOCK_CALLER);
    if (roster->latest_us == 0) {
        roster->latest_us = now_us; /* it starts now, wherever it stands */
    }
    advance_clock(roster, now_us);
    judge_room(roster);
    expire_all(roster, EXPIRIES_TICK, frame);
    return roster->due_us <= roster->clock_us;
}

/* The one to go from a full chain: a tomb, or else the cheapest connection. */
static uint32_t cheapest_of_chain(const struct cas_roster *roster, const uint32_t *chain,
                                  size_t len)
{
    uint32_t best = chain[0];
    for (size_t i = 0; i < len; i++) {
        if (is_tomb(roster, chain[i])) {
            return chain[i];
        }
        if (worth_of(roster, chain[i]) < worth_of(roster, best)) {
            best = chain[i];
        }
    }
    return best;
}

static void make_room(struct cas_roster *roster, const struct cas_arrival *arrival)
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
    if (!is_tomb(roster, index)) {
        evict(roster, index, arrival->frame, CAS_REASON_TABLE_FULL);
    } else if (roster->table.entry[index].list != CAS_TABLE_TOMBS) {
        evict_watch(roster, index, arrival->frame);
    }
    forget(roster, index);
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
    make_room(roster, arrival);
    uint32_t index =
        cas_table_add(&roster->table, &arrival->key, arrival->hash, CAS_TABLE_WAITING);
    roster->table.entry[index].is.connection = connection;
    return index;
}

/* The one of which a segment came longest ago, over all lists. */
static uint32_t idle_longest(const struct cas_roster *roster)
{
    uint32_t best = CAS_TABLE_NONE;
    for (size_t i = 0; i < LIVING; i++) {
        uint32_t index = roster->table.list[living[i]].oldest;
        if (index != CAS_TABLE_NONE &&
            (best == CAS_TABLE_NONE || connection_of(roster, index)->touched_us <
                                           connection_of(roster, best)->touched_us)) {
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
            cas_connection_ending(connection_of(roster, index), CAS_CLOSE_CAPTURE_END);
        fetch_next(roster, index);
        close_and_bury(roster, index, NULL, close,
                       close == CAS_CLOSE_CAPTURE_END ? CAS_REASON_CAPTURE_END
                                                      : CAS_REASON_CLOSED);
    }
    while ((index = roster->table.list[CAS_TABLE_DUE].oldest) != CAS_TABLE_NONE ||
           (index = roster->table.list[CAS_TABLE_WATCHED].oldest) != CAS_TABLE_NONE) {
        unwatch(roster, index, NULL);
    }
}
