/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections of which only the SYN, or SYN and SYN/ACK, was seen: a cache of fixed size, so
 * that a flood of SYNs costs nothing and pushes nobody out of the flow table. Each set gives up
 * its oldest when it is full. Knows sequence numbers; the addresses are behind a hash.
 */
#ifndef CAS_NET_EMBRYOS_H
#define CAS_NET_EMBRYOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/budget.h"

/* 32 bytes. */
struct cas_embryo {
    uint64_t hash;         /* of the connection's key; 0: free */
    uint64_t first_us;     /* time of the first SYN */
    uint32_t first_seq[2]; /* of the first data byte of each side of the key */
    uint32_t age;          /* counts up with each that is put in */
    uint8_t flags;         /* CAS_EMBRYO_... */
};

enum {
    CAS_EMBRYO_KNOWS = 1,     /* << side: first_seq is known */
    CAS_EMBRYO_CONFIRMED = 4, /* << side: a SYN/ACK acknowledged it */
    CAS_EMBRYO_GOOD_SUM = 16, /* << side: it has sent a good checksum */
    CAS_EMBRYO_STARTER = 64   /* side 1 opened the connection, else side 0 */
};

struct cas_embryos {
    struct cas_embryo *embryo;
    size_t size;
    uint32_t clock;
};

/* Room for size embryos, a power of two. False when memory is refused. */
bool cas_embryos_init(struct cas_embryos *embryos, struct cas_budget *budget, size_t size);
void cas_embryos_finish(struct cas_embryos *embryos, struct cas_budget *budget);

/* NULL when it is not there. Valid until the next add. */
struct cas_embryo *cas_embryos_find(const struct cas_embryos *embryos, uint64_t hash);

/* An empty one for a hash that is not there; never fails. */
struct cas_embryo *cas_embryos_add(struct cas_embryos *embryos, uint64_t hash);

#endif
