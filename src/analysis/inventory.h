/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The servers seen: for each address, port and SNI what must be remembered of it, and for each
 * list that it showed how often, what clients answered, and the first connections that failed.
 * Bounded by its share of the budget: the server that was not seen for longest goes first, and
 * of one server's many lists the one that was not; what went is counted.
 */
#ifndef CAS_ANALYSIS_INVENTORY_H
#define CAS_ANALYSIS_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/counters.h>
#include <casniff/events.h>
#include <casniff/state.h>

#include "analysis/alerts.h"
#include "analysis/list_report.h"
#include "analysis/ration.h"
#include "bytes/arena.h"
#include "bytes/keyhash.h"

/* Failed connections kept of one server and list, and as many doubtful ones; more are counted.
 */
#define CAS_FAILURES_MAX 8

/* Lists kept of one server: a handful behind a balancer is honest, thousands are not. */
#define CAS_LISTS_MAX 16

struct cas_inventory_place;   /* an address and port */
struct cas_inventory_host;    /* one of its SNIs */
struct cas_inventory_listing; /* one of its lists */

struct cas_inventory {
    struct cas_inventory_host **buckets;
    struct cas_inventory_place **places;
    struct cas_inventory_host *newest; /* by when they were seen last */
    struct cas_inventory_host *oldest;
    struct cas_inventory_listing *first; /* in the order of their first handshake */
    struct cas_inventory_listing *last;
    size_t used;
    size_t limit;
    uint64_t heartbeat_us; /* 0: never */
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

/* What is to be told of a handshake's list. */
enum cas_list_news {
    CAS_LIST_NEWS_NONE,
    CAS_LIST_NEWS_FULL,     /* the first of this server, another than before, or a lost one */
    CAS_LIST_NEWS_HEARTBEAT /* a known one, not told for a while */
};

struct cas_inventory_noted {
    enum cas_list_news news;
    /* The server, valid until the next call; NULL when it could not be remembered. */
    struct cas_state_server *server;
    /* Of its address and port; likewise. */
    struct cas_alert_memory *memory;
    struct cas_ration *ration;
};

/* False without memory. */
bool cas_inventory_init(struct cas_inventory *inventory, struct cas_list_reporter *reporter,
                        struct cas_counters *counters,
                        const uint8_t hash_key[CAS_KEYHASH_KEY_LEN]);
void cas_inventory_finish(struct cas_inventory *inventory);

/* A list that was not seen whole says nothing of a change, and raises no alert. */
static inline bool cas_list_is_whole(const struct cas_ca_list_info *list)
{
    return list != NULL &&
           (list->seen == CAS_SEEN_COMPLETE || list->seen == CAS_SEEN_MALFORMED);
}

/*
 * What the server trusts: what a change is measured by, and against. A list that contradicts
 * itself may have other names than it shows; one whose length wrapped shows them all.
 */
static inline bool cas_list_is_comparable(const struct cas_ca_list_info *list)
{
    bool is_wrapped = false;
    for (size_t i = 0; i < list->lint_len; i++) {
        is_wrapped = is_wrapped || list->lint[i].code == CAS_LINT_LENGTH_WRAPPED;
    }
    return list->seen == CAS_SEEN_COMPLETE || (list->seen == CAS_SEEN_MALFORMED && is_wrapped);
}

/* Takes a handshake into account. */
struct cas_inventory_noted cas_inventory_note(struct cas_inventory *inventory,
                                              const struct cas_inventory_entry *entry);

/*
 * The list of a handshake that was taken into account is in doubt: entry has it as it is known
 * now, told as it was noted. Where no other handshake has shown it, the server's list is in
 * doubt as well.
 */
void cas_inventory_take_back(struct cas_inventory *inventory,
                             const struct cas_inventory_entry *entry,
                             struct cas_list_report *told);

/*
 * A connection that was noted as this, without a request that was seen, has negotiated again:
 * it counts among those that may hide one, or that were asked, as the event says.
 */
void cas_inventory_renegotiated(struct cas_inventory *inventory,
                                const struct cas_inventory_entry *entry,
                                enum cas_requested requested, enum cas_answer answer);

/* Tells every list of every server, in the order of their first handshake; head is filled by
 * the caller. */
void cas_inventory_tell(const struct cas_inventory *inventory,
                        void (*tell)(void *user, struct cas_server_event *event), void *user);

/* Tells what is remembered of each server, the one seen last first, until tell gives false. */
void cas_inventory_each(const struct cas_inventory *inventory,
                        bool (*tell)(void *user, const struct cas_state_server *server),
                        void *user);

/* Of these, the ones whose list was seen whole in an earlier run only. */
void cas_inventory_remembered(const struct cas_inventory *inventory,
                              void (*tell)(void *user, const struct cas_state_server *server),
                              void *user);

/* Takes up a server that an earlier run remembered, as one seen before all that are here. One
 * that is here already, or that does not fit, is left out. */
void cas_inventory_recall(struct cas_inventory *inventory,
                          const struct cas_state_server *server);

#endif
