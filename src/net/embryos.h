/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections of which no data was seen yet, only the SYN or SYN/ACK, or in a capture out of
 * order even the FIN or RST: a cache of fixed size, so that a flood of SYNs costs nothing and
 * pushes nobody out of the flow table. Each set gives up its oldest when it is full. Knows
 * sequence numbers; the addresses are behind a hash.
 */
#ifndef CAS_NET_EMBRYOS_H
#define CAS_NET_EMBRYOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/budget.h"

/* 40 bytes; free when flags is 0. */
struct cas_embryo {
    uint64_t first_us;     /* time of the first segment */
    uint32_t tag;          /* of the hash of the connection's key */
    uint32_t first_seq[2]; /* of the first data byte of each side of the key */
    uint32_t last_seq[2];  /* of its FIN, or else of its RST */
    uint32_t other_seq[2]; /* another number that it was said to have */
    uint32_t flags;        /* CAS_EMBRYO_... */
};

enum {
    CAS_EMBRYO_KNOWS = 1,        /* << side: first_seq is known */
    CAS_EMBRYO_CONFIRMED = 4,    /* << side: a SYN/ACK acknowledged it */
    CAS_EMBRYO_GOOD_SUM = 16,    /* << side: it has sent a good checksum */
    CAS_EMBRYO_FIN = 64,         /* << side: last_seq is of a FIN */
    CAS_EMBRYO_RST = 256,        /* << side: it sent a RST, behind the FIN if it sent both */
    CAS_EMBRYO_STARTER = 1024,   /* side 1 opened the connection, else side 0 */
    CAS_EMBRYO_EARLY = 2048,     /* * CAS_EARLY_...: net/early.h was given such a frame */
    CAS_EMBRYO_BELIEVED = 32768, /* a wrong checksum, of either side */
    CAS_EMBRYO_OTHER = 65536,    /* << side: other_seq is known */
    CAS_EMBRYO_LEFT = 262144,    /* other_seq is of an earlier attempt, of either side */
    CAS_EMBRYO_SUSPECT = 524288, /* an earlier attempt went on; or a SYN has urgent data */
    CAS_EMBRYO_LATER = 1048576,  /* other_seq is of a SYN behind the answer to the first */
    CAS_EMBRYO_DATA = 2097152,   /* << side: a SYN of it had data */
    CAS_EMBRYO_MORE = 8388608    /* << side: it was said to have a third number */
};

/* flag, one that is kept of each side, is set of this one. */
static inline bool cas_embryo_has(const struct cas_embryo *embryo, unsigned flag, unsigned side)
{
    return (embryo->flags & flag << side) != 0;
}

static inline void cas_embryo_set(struct cas_embryo *embryo, unsigned flag, unsigned side)
{
    embryo->flags |= flag << side;
}

struct cas_embryos {
    struct cas_embryo *embryo; /* sets, the newest of each first */
    size_t size;
};

/* Room for size embryos, a power of two. False when memory is refused. */
bool cas_embryos_init(struct cas_embryos *embryos, struct cas_budget *budget, size_t size);
void cas_embryos_finish(struct cas_embryos *embryos, struct cas_budget *budget);

/* NULL when it is not there. Valid until the next add. */
struct cas_embryo *cas_embryos_find(const struct cas_embryos *embryos, uint64_t hash);

/* A new one for a hash that is not there, free until a flag is set; never fails. */
struct cas_embryo *cas_embryos_add(struct cas_embryos *embryos, uint64_t hash);

#endif
