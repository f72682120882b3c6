/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is left of a connection of which nobody wants bytes in order any more, but of which the
 * handler looks at a few as they pass: of each side, a sequence number before which nothing
 * matters. No segment is kept, none is waited for. Knows nothing of what is looked for.
 *
 *     next                          a segment before it is not looked at
 *      |
 *      v      |#####|               one that reaches it, or lies behind it, is
 */
#ifndef CAS_NET_WATCH_H
#define CAS_NET_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "net/connection.h"
#include "net/flows.h"
#include "net/table.h"

struct cas_watch {
    struct cas_tomb tomb;
    uint64_t flow_id;
    uint32_t next[2]; /* by sides of the key */
    uint8_t sides;    /* 1 << side: it is looked at */
    uint8_t ended;    /* 1 << side: its FIN came */
    uint8_t vlan_len;
    uint8_t family;   /* of its addresses */
    uint64_t state[]; /* the handler's watch_size bytes */
};

/* What is left of the budget's memory only: calls no handler. */
void cas_watch_free(struct cas_watch *watch, const struct cas_connection_env *env);

/* Asks the handler. NULL when it wants no watch, or memory is refused. */
struct cas_watch *cas_watch_create(const struct cas_connection *connection,
                                   const struct cas_connection_env *env);

/* Its last call of the handler; frame may be NULL. */
void cas_watch_destroy(const struct cas_table_entry *entry,
                       const struct cas_connection_env *env, const struct cas_frame *frame);

/* Whether this segment is one to look at. */
static inline bool cas_watch_wants(const struct cas_watch *watch,
                                   const struct cas_arrival *arrival)
{
    uint32_t end = arrival->tcp.seq + (uint32_t)arrival->tcp.wire_len;
    return (int32_t)(end - watch->next[arrival->side]) > 0 &&
           (watch->sides >> arrival->side & 1) != 0;
}

/*
 * Has the handler look at a segment. is_believed: its checksum was found good, or need not be.
 * CAS_WATCH_DOUBT: it must be; nothing was done.
 */
enum cas_watching cas_watch_look(const struct cas_table_entry *entry,
                                 const struct cas_connection_env *env,
                                 const struct cas_arrival *arrival, bool is_believed);

#endif
