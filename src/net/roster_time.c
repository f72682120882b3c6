/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/apart.h"
#include "net/roster_parts.h"

/* The clock's longest step for one packet. */
#define STEP_MAX_US UINT64_C(1000000)

/* So long nothing came of one that is watched, in seconds, and what is due is told, or it has
 * ended: a person may be choosing a certificate. */
#define WATCH_DUE_S 60u

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

void cas_roster_advance_clock(struct cas_roster *roster, uint64_t timestamp_us)
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
        cas_connection_ending(cas_roster_connection(roster, index), CAS_CLOSE_TIMEOUT);
    cas_roster_fetch_next(roster, index);
    if (close == CAS_CLOSE_TIMEOUT) {
        cas_count(roster->env.counters, CAS_COUNT_FLOWS_TIMED_OUT);
        cas_roster_bury(roster, index, frame, close, CAS_REASON_TIMEOUT);
    } else {
        cas_roster_bury(roster, index, frame, close, CAS_REASON_CLOSED);
    }
}

static void tell_ripe(struct cas_roster *roster, uint32_t index)
{
    cas_connection_tell(cas_roster_connection(roster, index), &roster->env);
    cas_roster_settle(roster, index);
}

/* When the first of a list is due. */
static uint64_t due_of(const struct cas_roster *roster, enum cas_table_list list,
                       uint32_t index)
{
    const struct cas_connection *connection = cas_roster_connection(roster, index);
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
    uint16_t idle_s =
        (uint16_t)(cas_roster_coarse_now(roster) - roster->table.entry[index].seen);
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
        cas_roster_unwatch(roster, index, frame);
    }
}

/* When somebody will have been silent too long at the earliest: one of those silent longest, or
 * one that the next segment puts on the list of the shortest timeout. */
static uint64_t next_due(const struct cas_roster *roster)
{
    enum cas_table_list shortest =
        roster->clock == CAS_FLOWS_CLOCK_CALLER ? CAS_TABLE_RIPE : CAS_TABLE_CLOSING;
    uint64_t due = roster->clock_us + timeouts_us[shortest][roster->is_emergency ? 1 : 0];
    for (size_t i = 0; i < CAS_ROSTER_LIVING; i++) {
        uint32_t index = roster->table.list[cas_roster_living[i]].oldest;
        if (index != CAS_TABLE_NONE) {
            uint64_t its = due_of(roster, cas_roster_living[i], index);
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
    for (size_t i = 0; i < CAS_ROSTER_LIVING; i++) {
        expire(roster, cas_roster_living[i], most, frame);
    }
    expire_watches(roster, most, frame);
    roster->due_us = next_due(roster);
}

/* The clock stands still or goes on by little from frame to frame: as a rule nobody is due, and
 * no connection need be looked at to know it. */
void cas_roster_expire(struct cas_roster *roster, unsigned most, const struct cas_frame *frame)
{
    if (roster->clock_us >= roster->due_us) {
        expire_due(roster, most, frame);
    }
}
