/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is there: the connections that are followed, those that are finished, those that have
 * only begun; and who goes when time, the table or memory runs out. Knows no packet formats.
 *
 * Time is a clock of its own: the highest timestamp seen, but a single packet advances it by a
 * second at most. So a timestamp from the far future, or a stepped clock, ends nothing. Or else
 * it is the caller's, which goes on when no packets come.
 *
 * Who goes first:
 *   for room in the table: the tombs touched longest ago, then the watched ones, then
 *                          connections, as for memory
 *   for memory:            kept frames; what is watched; what has ended; then among those idle
 *                          longest the one that the handler holds cheapest
 */
#ifndef CAS_NET_ROSTER_H
#define CAS_NET_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/keyhash.h"
#include "net/connection.h"
#include "net/embryos.h"
#include "net/table.h"

struct cas_roster {
    struct cas_connection_env env;
    struct cas_table table;
    struct cas_embryos embryos;
    uint64_t latest_us; /* the highest timestamp seen, or what the caller said last */
    uint64_t clock_us;
    uint64_t due_us;    /* nobody has been silent too long before the clock says this */
    size_t memory_high; /* above this much of the budget somebody goes */
    size_t memory_80;   /* 80 % of what the tables leave is used */
    size_t memory_50;
    enum cas_flows_clock clock;
    bool is_emergency; /* room is short: patience is too */
};

/* False when the tables do not fit the budget. */
bool cas_roster_init(struct cas_roster *roster, const struct cas_flows_config *config);

/* Calls no handler. */
void cas_roster_finish(struct cas_roster *roster);

/* Before each frame: time goes on, the silent time out, and there is room again for what one
 * frame can need. A bounded amount of work. */
void cas_roster_tick(struct cas_roster *roster, const struct cas_frame *frame);

/* With CAS_FLOWS_CLOCK_CALLER: as cas_flows_tick(). */
bool cas_roster_advance(struct cas_roster *roster, uint64_t now_us,
                        const struct cas_frame *frame);

uint64_t cas_roster_hash(const struct cas_roster *roster, const struct cas_table_key *key);

/* The same, of a key that is known to be a packet's of IPv4. */
uint64_t cas_roster_hash_v4(const struct cas_roster *roster, const struct cas_table_key *key);

static inline uint32_t cas_roster_find(const struct cas_roster *roster,
                                       const struct cas_arrival *arrival)
{
    return cas_table_find(&roster->table, &arrival->key, arrival->hash);
}

/* The entry of a new connection, with what is known of its SYN; CAS_TABLE_NONE when memory is
 * refused. Somebody else may go for it. */
uint32_t cas_roster_add(struct cas_roster *roster, const struct cas_arrival *arrival);

/* After each segment of a connection: it is put on the right list, or buried. */
void cas_roster_settle(struct cas_roster *roster, uint32_t index);

/* A segment for a tomb came. */
void cas_roster_touch_tomb(struct cas_roster *roster, uint32_t index);

/* After each segment of a watched one: it is put on the right list, or ends. */
void cas_roster_settle_watch(struct cas_roster *roster, uint32_t index,
                             const struct cas_frame *frame);

/* Closes a connection, if it is one, and forgets it entirely. */
void cas_roster_drop(struct cas_roster *roster, const struct cas_arrival *arrival,
                     uint32_t index);

/* Closes all, in the order of their last segments. */
void cas_roster_close_all(struct cas_roster *roster);

#endif
