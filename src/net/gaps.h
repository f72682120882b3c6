/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which bytes of a stream are there: a set of half-open ranges of 64-bit offsets, sorted, apart
 * from each other, bounded in number. What lies between two of them is a gap.
 *
 *            begin     end        begin    end
 *              |########|  (gap)    |######|
 *     ---------+--------+-----------+------+----------> offset
 *
 * Knows offsets only: no bytes, no TCP.
 */
#ifndef CAS_NET_GAPS_H
#define CAS_NET_GAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ranges kept of one direction: honest reordering makes a handful, a hostile peer no more. */
#define CAS_GAPS_MAX 64

/* From begin to just before end; empty when they are equal. */
struct cas_range {
    uint64_t begin;
    uint64_t end;
};

/* All zero is the empty set. */
struct cas_gaps {
    struct cas_range range[CAS_GAPS_MAX]; /* ascending, never touching each other */
    size_t len;
};

static inline uint64_t cas_range_len(struct cas_range range)
{
    return range.end - range.begin;
}

/*
 * Adds a range, which may overlap or touch others: they become one. False, and nothing is
 * added, when that would make more than CAS_GAPS_MAX ranges.
 */
bool cas_gaps_insert(struct cas_gaps *gaps, struct cas_range range);

/*
 * The first part of range that is not in the set; empty when there is none. All new parts:
 *
 *     while (cas_range_len(part = cas_gaps_first_new(gaps, range)) > 0) {
 *         ...
 *         range.begin = part.end;
 *     }
 */
struct cas_range cas_gaps_first_new(const struct cas_gaps *gaps, struct cas_range range);

/* The first part of range that is in the set; empty when there is none. */
struct cas_range cas_gaps_first_known(const struct cas_gaps *gaps, struct cas_range range);

/* Takes everything below offset out of the set. */
void cas_gaps_forget_below(struct cas_gaps *gaps, uint64_t offset);

#endif
