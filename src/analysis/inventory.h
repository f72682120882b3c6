/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The servers seen: for each address, port, SNI and list, how often, what clients answered, and
 * the first connections that failed. Bounded by its share of the budget; what no longer fits is
 * counted.
 */
#ifndef CAS_ANALYSIS_INVENTORY_H
#define CAS_ANALYSIS_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/counters.h>
#include <casniff/events.h>

#include "analysis/list_report.h"
#include "bytes/arena.h"
#include "bytes/keyhash.h"

/* Failed connections kept of one server; more are counted. */
#define CAS_FAILURES_MAX 8

struct cas_inventory_server;

struct cas_inventory {
    struct cas_inventory_server **buckets;
    struct cas_inventory_server *first; /* in the order of their first handshake */
    struct cas_inventory_server *last;
    size_t used;
    size_t limit;
    struct cas_keyhash keyhash;
    struct cas_budget *budget;
    struct cas_counters *counters;
    struct cas_list_reporter *reporter;
};

/* One handshake, as the inventory needs it. */
struct cas_inventory_entry {
    const struct cas_handshake_event *event;
    struct cas_list_report *report; /* NULL when no list was seen */
};

/* False without memory. */
bool cas_inventory_init(struct cas_inventory *inventory, struct cas_list_reporter *reporter,
                        struct cas_counters *counters,
                        const uint8_t hash_key[CAS_KEYHASH_KEY_LEN]);
void cas_inventory_finish(struct cas_inventory *inventory);

/*
 * Takes a handshake into account. True when its list is news: the first of this server and
 * name, another than before, or one that could not be remembered.
 */
bool cas_inventory_note(struct cas_inventory *inventory,
                        const struct cas_inventory_entry *entry);

/*
 * A connection that was noted as this, without a request that was seen, has negotiated again:
 * it counts among those that may hide one.
 */
void cas_inventory_renegotiated(struct cas_inventory *inventory,
                                const struct cas_inventory_entry *entry,
                                enum cas_requested requested, enum cas_answer answer);

/* Tells every server, in the order of their first handshake; head is filled by the caller. */
void cas_inventory_tell(const struct cas_inventory *inventory,
                        void (*tell)(void *user, struct cas_server_event *event), void *user);

#endif
