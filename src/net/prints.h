/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is left of bytes that were delivered and are not kept: of each segment a keyed hash, by
 * which the same segment is known when it comes again. Knows no TCP.
 *
 *     delivered   |####a####|####b####|####c####|
 *     comes again      |~~~~~~~~~~~~~~~~~~~|
 *     shown to be the same  |####b####|
 *
 * Eight bytes for a segment, for there are many where memory is short.
 */
#ifndef CAS_NET_PRINTS_H
#define CAS_NET_PRINTS_H

#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/budget.h"
#include "bytes/keyhash.h"
#include "net/gaps.h"

/* Of the last so many segments: a request of 131,333 bytes in segments of 536 is 246. */
#define CAS_PRINTS_MAX 512

/* As long as there is none this is NULL. */
struct cas_prints {
    uint64_t end; /* the position behind the last one; each ends where the next one begins */
    uint32_t len;
    uint32_t size;
    uint64_t print[]; /* the upper 48 bits of the hash, and the length */
};

/* Bytes at a position behind all that were added before. Where they do not touch them, those
 * before are forgotten. Without memory nothing is known of them when they come again. */
void cas_prints_add(struct cas_prints **prints, struct cas_budget *budget,
                    const struct cas_keyhash *hash, uint64_t position, struct cas_view bytes);

/* The first part of the range that came before as a whole and was the same; empty when there is
 * none. The bytes are those of the range. */
struct cas_range cas_prints_first_same(const struct cas_prints *prints,
                                       const struct cas_keyhash *hash, struct cas_range range,
                                       struct cas_view bytes);

/* Forgets all: it is NULL again. */
void cas_prints_forget(struct cas_prints **prints, struct cas_budget *budget);

#endif
