/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is left of a connection of which nobody wants all bytes any more, but of which the
 * handler looks at a few as they pass: of each side, a sequence number before which nothing
 * matters. Knows nothing of what is looked for.
 *
 *     next                          a segment before it is not looked at
 *      |
 *      v      |#####|               one that reaches it is; one behind it waits for what is
 *                                   between, as long as any early segment: net/stream.h
 *
 * What was looked at last is looked at again when it is sent again: it may differ.
 *
 * Small, for there may be many; only those for which something waits have streams.
 */
#ifndef CAS_NET_WATCH_H
#define CAS_NET_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "net/connection.h"
#include "net/flows.h"
#include "net/stream.h"
#include "net/table.h"

struct cas_watch {
    struct cas_tomb tomb;
    uint64_t flow_id;
    struct cas_stream *early; /* of both sides; NULL: nothing waits */
    uint32_t next[2];         /* by sides of the key */
    uint32_t seen[2];         /* where ended what moved next */
    uint8_t sides;            /* 1 << side: it is looked at */
    uint8_t waiting;          /* 1 << side: its stream puts it in order */
    uint8_t ended;            /* 1 << side: its FIN came */
    uint8_t starter;          /* the side that is end 0 */
    uint8_t vlan_len;
    uint8_t family;   /* of its addresses */
    uint8_t said;     /* enum cas_watching: what the handler said last */
    uint64_t state[]; /* the handler's watch_size bytes */
};

/* Asks the handler. NULL when it wants no watch, or memory is refused. */
struct cas_watch *cas_watch_create(const struct cas_connection *connection,
                                   const struct cas_connection_env *env);

/* The connection goes: what waits in its streams waits on. */
void cas_watch_adopt(struct cas_watch *watch, struct cas_connection *connection,
                     const struct cas_connection_env *env);

/* Calls no handler. */
void cas_watch_free(struct cas_watch *watch, const struct cas_connection_env *env);

/* What waits is shown, and the handler called for the last time; frame may be NULL. */
void cas_watch_destroy(const struct cas_table_entry *entry,
                       const struct cas_connection_env *env, const struct cas_frame *frame);

/* Bytes of a side in order: they begin at this sequence number. */
struct cas_watch_bytes {
    const struct cas_frame *frame;
    unsigned side;
    uint32_t seq;
    struct cas_view bytes;
};
void cas_watch_show(struct cas_watch *watch, const struct cas_connection_env *env,
                    const struct cas_watch_bytes *bytes);

/* Whether this segment is one to look at: it reaches what is awaited, or comes again. */
static inline bool cas_watch_wants(const struct cas_watch *watch,
                                   const struct cas_arrival *arrival)
{
    uint32_t end = arrival->tcp.seq + (uint32_t)arrival->tcp.wire_len;
    unsigned side = arrival->side;
    bool is_again = (int32_t)(arrival->tcp.seq - watch->seen[side]) < 0;
    bool is_waiting = (watch->waiting >> side & 1) != 0;
    bool is_next = (int32_t)(end - watch->next[side]) > 0;
    return is_next || (is_again && !is_waiting) ? (watch->sides >> side & 1) != 0 : is_waiting;
}

/*
 * Has the handler look at a segment, and says what it said. is_believed: its checksum was found
 * good, or need not be. CAS_WATCH_DOUBT: it must be; nothing was done.
 */
enum cas_watching cas_watch_look(struct cas_watch *watch, const struct cas_connection_env *env,
                                 const struct cas_arrival *arrival, bool is_believed);

#endif
