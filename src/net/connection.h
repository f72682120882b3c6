/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One TCP connection that carries data: its two streams, how it began and how it ends. Tells
 * the handler of net/flows.h what the streams deliver. Knows TCP's flags; knows nothing of
 * other connections, of the table, or of time but what it is told.
 *
 * Made with the first data; which of its sides is the flow's end 0 is decided when the first
 * bytes are delivered, so that a SYN that comes late still counts.
 */
#ifndef CAS_NET_CONNECTION_H
#define CAS_NET_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/counters.h>
#include <casniff/types.h>

#include "bytes/budget.h"
#include "bytes/keyhash.h"
#include "bytes/unset.h"
#include "net/embryos.h"
#include "net/far.h"
#include "net/flows.h"
#include "net/fragments.h"
#include "net/kept.h"
#include "net/link.h"
#include "net/stream.h"
#include "net/stream_numbers.h"
#include "net/table.h"
#include "net/tcp.h"

/* Who was heard so lately has not given up his connection, unless he says so. */
#define CAS_CONNECTION_BUSY_US UINT64_C(1000000)

/* Shared by all connections. */
struct cas_connection_env {
    struct cas_flow_handler handler;
    struct cas_budget *budget;
    struct cas_counters *counters;
    struct cas_kept_pool *pool; /* NULL: no frames are kept */
    struct cas_keyhash hash;    /* of all that the network chooses */
};

/* A segment on its way to its connection. Lives as long as its frame. */
struct cas_arrival {
    const struct cas_frame *frame;
    struct cas_link_packet link;
    struct cas_ip_packet ip;
    struct cas_tcp_segment tcp;
    const struct cas_joined *joined; /* the packet that ip is, when it came in fragments */
    struct cas_table_key key;        /* this and the rest: once it is identified */
    uint64_t hash;                   /* of the key; never 0 */
    unsigned side;                   /* of the key: who sent it */
    uint64_t now_us;                 /* the clock of timeouts */
};

/* One to be filled, whose frame and joined are set at once. */
#define CAS_ARRIVAL CAS_UNSET struct cas_arrival

struct cas_watch;

/* What each segment needs stands together: of twenty thousand connections none is in the cache.
 */
struct cas_connection {
    void *user;            /* the handler's */
    uint64_t touched_us;   /* when its last segment came */
    uint32_t waited[2];    /* segments since a hole of that side is waited for; 0: none is */
    uint32_t new_seq[2];   /* first data bytes of another connection, as a SYN told them */
    uint8_t new_sides;     /* 1 << side: that one's is known */
    uint8_t starter;       /* who sent the SYN, or else the first segment */
    uint8_t good_sums;     /* 1 << side: it has sent a good checksum */
    uint8_t believed_sums; /* 1 << side: a wrong one of it was believed */
    bool has_start;        /* SYN or SYN/ACK was seen */
    bool is_suspect;       /* from the beginning */
    bool is_open;
    bool is_told;                /* before its close */
    bool is_over;                /* the handler wants no more of either side */
    bool is_refused;             /* the handler did not want it */
    struct cas_watch *watch;     /* it is over, and watched from here on; the roster takes it */
    uint64_t ripe_us;            /* when it was found to be over, while it is on that list */
    struct cas_stream stream[2]; /* what that side sent */
    struct {
        uint64_t since_us;
        uint64_t at; /* the position that is waited for */
    } wait[2];
    uint64_t heard_us; /* when the last data came that is in reach */
    struct cas_far far;
    struct cas_flow flow; /* end[] are set when it is opened */
    struct cas_endpoint side[2];
    struct cas_kept kept;
};

/* A connection whose first data this is; embryo may be NULL. NULL when memory is refused. */
struct cas_connection *cas_connection_create(const struct cas_connection_env *env,
                                             const struct cas_arrival *arrival,
                                             const struct cas_embryo *embryo);

/* A SYN of this connection, whose numbers are learnt from it. False when it must be another's:
 * that is remembered. */
bool cas_connection_take_syn(struct cas_connection *connection,
                             const struct cas_connection_env *env,
                             const struct cas_arrival *arrival);

/* The segment proves that the other connection, whose SYN or SYN/ACK was seen, has taken the
 * place. A SYN/ACK does not where that is suspect. */
bool cas_connection_is_replaced(const struct cas_connection *connection,
                                const struct cas_arrival *arrival, bool is_suspect);

/* The other connection's numbers are such as this one could have. */
bool cas_connection_is_like_new(const struct cas_connection *connection);

/* What came of it may be somebody else's, and what comes: all is in doubt. */
void cas_connection_suspect(struct cas_connection *connection,
                            const struct cas_connection_env *env,
                            const struct cas_frame *frame);

/* Takes a segment, a SYN only after cas_connection_take_syn(). The outcome to count. */
enum cas_counter cas_connection_push(struct cas_connection *connection,
                                     const struct cas_connection_env *env,
                                     const struct cas_arrival *arrival);

/* A segment that came in IP fragments, of which some are missing or contradict each other. Its
 * frame is NULL, or that of a fragment which contradicts what was put together before. */
void cas_connection_note_unjoined(struct cas_connection *connection,
                                  const struct cas_connection_env *env,
                                  const struct cas_arrival *arrival);

/* The segment is not taken; but what is there in its place is in doubt, for this reason. */
void cas_connection_dispute(struct cas_connection *connection,
                            const struct cas_connection_env *env,
                            const struct cas_arrival *arrival, enum cas_reason reason);

/* The sender of this segment sends good checksums after all: what was believed of it in spite
 * of wrong ones is in doubt. */
void cas_connection_doubt_sums(struct cas_connection *connection,
                               const struct cas_connection_env *env,
                               const struct cas_arrival *arrival);

/* Mere data of a side of which nobody wants more, and no repetition: whether it arrived well
 * does not matter. */
static inline bool cas_connection_declines(const struct cas_connection *connection,
                                           const struct cas_arrival *arrival)
{
    const unsigned control = CAS_TCP_SYN | CAS_TCP_FIN | CAS_TCP_RST;
    const struct cas_stream *stream = &connection->stream[arrival->side];
    return stream->is_done && arrival->tcp.wire_len > 0 &&
           (arrival->tcp.flags & control) == 0 &&
           !cas_stream_may_repeat(stream, cas_stream_renumber(stream, arrival->tcp.seq));
}

/* Nobody wants more of it, or it was refused: it may be buried without being closed. */
bool cas_connection_is_done(const struct cas_connection *connection);

/* FIN in both directions, or RST, and nothing waits. */
bool cas_connection_has_ended(const struct cas_connection *connection);

/* CAS_CLOSE_FIN or CAS_CLOSE_RST if it has ended so, else otherwise. */
enum cas_close cas_connection_ending(const struct cas_connection *connection,
                                     enum cas_close otherwise);

/* It is open, nothing of it waits, and the handler says that it is over. */
bool cas_connection_is_ripe(const struct cas_connection *connection,
                            const struct cas_connection_env *env);

/* Has the handler tell it. */
void cas_connection_tell(struct cas_connection *connection,
                         const struct cas_connection_env *env);

#define CAS_CONNECTION_FETCH_STEPS (1 + CAS_FLOW_FETCH_STEPS)

/* It is closed soon: fetches what that needs, step by step, the first one 0. */
void cas_connection_fetch(const struct cas_connection *connection,
                          const struct cas_connection_env *env, unsigned step);

/* Delivers what waits, tells what is lost, and closes it for the handler. */
void cas_connection_close(struct cas_connection *connection,
                          const struct cas_connection_env *env, const struct cas_frame *frame,
                          enum cas_close close, enum cas_reason reason);

/* Calls no handler. */
void cas_connection_destroy(struct cas_connection *connection,
                            const struct cas_connection_env *env);

#endif
