/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/fetch.h"
#include "net/roster_parts.h"
#include "net/tomb.h"
#include "net/watch.h"

/* Both sides, as bits. */
#define BOTH 3u

const enum cas_table_list cas_roster_living[CAS_ROSTER_LIVING] = {
    CAS_TABLE_CLOSING,
    CAS_TABLE_WAITING,
    CAS_TABLE_OPEN,
    CAS_TABLE_RIPE,
};

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
void cas_roster_fetch_next(const struct cas_roster *roster, uint32_t index)
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

/* A connection becomes a tomb: what tells its echo from a new connection is kept. */
static void make_tomb(struct cas_roster *roster, uint32_t index)
{
    struct cas_table_entry *entry = &roster->table.entry[index];
    struct cas_connection *connection = entry->is.connection;
    cas_tomb_make(entry, connection);
    cas_connection_destroy(connection, &roster->env);
    entry->seen = cas_roster_coarse_now(roster);
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

void cas_roster_unwatch(struct cas_roster *roster, uint32_t index,
                        const struct cas_frame *frame)
{
    struct cas_table_entry *entry = &roster->table.entry[index];
    const struct cas_tomb tomb = entry->is.watch->tomb;
    cas_watch_destroy(entry, &roster->env, frame);
    entry->is.tomb = tomb;
    cas_table_move(&roster->table, index, CAS_TABLE_TOMBS);
}

void cas_roster_evict_watch(struct cas_roster *roster, uint32_t index,
                            const struct cas_frame *frame)
{
    bool has_ended = roster->table.entry[index].is.watch->ended == BOTH;
    cas_count_add(roster->env.counters, CAS_COUNT_WATCHES_EVICTED, has_ended ? 0 : 1);
    cas_roster_unwatch(roster, index, frame);
}

void cas_roster_forget(struct cas_roster *roster, uint32_t index)
{
    uint64_t hash = cas_roster_hash(roster, &roster->table.entry[index].key);
    cas_table_remove(&roster->table, index, hash);
}

void cas_roster_touch_tomb(struct cas_roster *roster, uint32_t index)
{
    struct cas_table_entry *entry = &roster->table.entry[index];
    /* Once a second is often enough, and spares the neighbours on the list. */
    if (entry->seen != cas_roster_coarse_now(roster)) {
        entry->seen = cas_roster_coarse_now(roster);
        cas_table_move(&roster->table, index, (enum cas_table_list)entry->list);
    }
}

void cas_roster_settle_watch(struct cas_roster *roster, uint32_t index,
                             const struct cas_frame *frame)
{
    const struct cas_table_entry *entry = &roster->table.entry[index];
    const struct cas_watch *watch = entry->is.watch;
    bool is_due = watch->said == CAS_WATCH_SOON || watch->ended == BOTH;
    enum cas_table_list list = is_due ? CAS_TABLE_DUE : CAS_TABLE_WATCHED;
    if (watch->said == CAS_WATCH_OVER || watch->sides == 0) {
        cas_roster_unwatch(roster, index, frame);
    } else if (entry->list != list) {
        cas_table_move(&roster->table, index, list);
    }
}

void cas_roster_bury(struct cas_roster *roster, uint32_t index, const struct cas_frame *frame,
                     enum cas_close close, enum cas_reason reason)
{
    struct cas_connection *connection = cas_roster_connection(roster, index);
    cas_connection_close(connection, &roster->env, frame, close, reason);
    struct cas_watch *watch = connection->watch;
    if (watch != NULL) {
        cas_watch_adopt(watch, connection, &roster->env);
    }
    make_tomb(roster, index);
    if (watch != NULL) {
        attach(roster, index, watch);
        cas_roster_settle_watch(roster, index, frame);
    }
}

/* Nobody wants more of it in order. */
static void retire(struct cas_roster *roster, uint32_t index)
{
    struct cas_connection *connection = cas_roster_connection(roster, index);
    struct cas_watch *watch = connection->watch;
    if (watch != NULL) {
        cas_watch_adopt(watch, connection, &roster->env);
        connection->watch = NULL;
    }
    cas_roster_bury(roster, index, NULL, CAS_CLOSE_UNWANTED, CAS_REASON_CLOSED);
    if (watch == NULL) {
        return;
    }
    attach(roster, index, watch);
    if (roster->is_emergency) {
        cas_roster_evict_watch(roster, index, NULL);
    } else {
        cas_roster_settle_watch(roster, index, NULL);
    }
}

/* It keeps its place: what else comes of it does not put off its being told. */
static void ripen(struct cas_roster *roster, uint32_t index)
{
    if (roster->table.entry[index].list != CAS_TABLE_RIPE) {
        cas_roster_connection(roster, index)->ripe_us = roster->clock_us;
        cas_table_move(&roster->table, index, CAS_TABLE_RIPE);
    }
}

void cas_roster_settle(struct cas_roster *roster, uint32_t index)
{
    const struct cas_connection *connection = cas_roster_connection(roster, index);
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
