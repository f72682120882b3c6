/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole frames of a connection, copied and kept in the order in which they came, until somebody
 * has decided whether they are evidence (casniff/evidence.h). Knows nothing of what is in them.
 */
#ifndef CAS_NET_KEPT_H
#define CAS_NET_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/counters.h>
#include <casniff/types.h>

#include "bytes/budget.h"

/* Of one connection: several times the longest handshake that there is a reason to look at. */
#define CAS_KEPT_MAX ((size_t)512 * 1024)

/* What the frames of all connections share. */
struct cas_kept_pool {
    struct cas_budget *budget;
    struct cas_counters *counters;
    size_t used;
    size_t limit;            /* of all connections: the verdicts need the rest of the budget */
    struct cas_kept *oldest; /* of those that have frames, by when their first one came */
    struct cas_kept *newest;
};

struct cas_kept_block;

/* Begins as { 0 }. */
struct cas_kept {
    struct cas_kept *older; /* in the pool, while it has frames: it must stay where it is */
    struct cas_kept *newer;
    struct cas_kept_block *first;
    struct cas_kept_block *last;
    size_t size; /* of all blocks */
    size_t len;  /* frames */
    uint64_t missing;
    bool is_shed;     /* no more are kept: they would lack their beginning */
    bool is_evidence; /* set by the handler: what comes later is wanted too */
};

/* Keeps a copy, or counts it as missing. */
void cas_kept_add(struct cas_kept *kept, struct cas_kept_pool *pool,
                  const struct cas_frame *frame);

/* Keeps copies of all frames of another one, and what is missing there is missing here. */
void cas_kept_append(struct cas_kept *kept, struct cas_kept_pool *pool,
                     const struct cas_kept *more);

/* Frames that should be there are not. */
void cas_kept_miss(struct cas_kept *kept, struct cas_kept_pool *pool);

/* Frees the frames of those that have had them for longest, and counts them as missing. False
 * when nobody has any. */
bool cas_kept_shed(struct cas_kept_pool *pool);

/* Frees all frames; what is missing, and whether it is evidence, stays. */
void cas_kept_finish(struct cas_kept *kept, struct cas_kept_pool *pool);

#endif
