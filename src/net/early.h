/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frames of connections of which no data was seen yet: copies of their SYNs, SYN/ACKs, and
 * the ACK behind them, in a cache of fixed size beside net/embryos.h. Short frames only, for
 * they have no data. A flood of SYNs overwrites them, and costs nothing else.
 */
#ifndef CAS_NET_EARLY_H
#define CAS_NET_EARLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/budget.h"
#include "net/kept.h"

struct cas_early_slot;

struct cas_early {
    struct cas_early_slot *slot; /* sets; the hash of a connection says which */
    size_t size;
    uint64_t added;
};

/* What a frame was: a bit of the mask that cas_early_take() gives. */
enum {
    CAS_EARLY_SYN = 1, /* << side */
    CAS_EARLY_END = 4, /* << side: FIN or RST; or an ACK, of a right checksum the first */
    CAS_EARLY_ALL = 15
};

/* Takes at most max_bytes of the budget. False when memory is refused. */
bool cas_early_init(struct cas_early *early, struct cas_budget *budget, size_t max_bytes);
void cas_early_finish(struct cas_early *early, struct cas_budget *budget);

/* Keeps a copy of a frame of the connection of this hash; what it is: a bit of the above. The
 * oldest of the set goes for it; of one kind the first and the latest are kept. A frame that is
 * too long is not kept. */
void cas_early_add(struct cas_early *early, uint64_t hash, const struct cas_frame *frame,
                   unsigned what);

/* The same for a frame that is of use only behind others of its connection: a bare ACK. Kept
 * where there are some of those, but few. */
void cas_early_add_ack(struct cas_early *early, uint64_t hash, const struct cas_frame *frame);

/* The frames of this hash are nobody's any more. */
void cas_early_forget(struct cas_early *early, uint64_t hash);

/* Moves the frames of this hash, in the order in which they came; the mask of what they are. */
unsigned cas_early_take(struct cas_early *early, uint64_t hash, struct cas_kept *kept,
                        struct cas_kept_pool *pool);

#endif
