/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which checksums count. A segment with a wrong one is dropped by its receiver; but a network
 * card that computes the sums of what its host sends leaves them all wrong for a capture on
 * that host, and a short capture ends before a sample shows it. So, as long as a side has never
 * sent a good sum, its wrong ones are believed; the sum of its SYN is a good one already, so
 * that forged segments gain nothing where the start was captured. What was believed of a side
 * is in doubt when it sends a good sum after all: then its sums were never left to a card.
 */
#ifndef CAS_NET_SUMS_H
#define CAS_NET_SUMS_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/counters.h>

#include "net/connection.h"
#include "net/flows.h"

struct cas_sums {
    enum cas_flows_checksums mode;
    bool checks_joined; /* those of packets that came in fragments */
    uint64_t checked;   /* of the sample of CAS_FLOWS_CHECK_AUTO */
    uint64_t bad;
    struct cas_counters *counters;
};

struct cas_sums cas_sums_init(enum cas_flows_checksums mode, struct cas_counters *counters);

/*
 * Whether the segment counts. Computes its sum where that matters, and counts a wrong one that
 * is believed. good_sums: 1 << side of those that have sent a good one in this connection.
 */
bool cas_sums_believe(struct cas_sums *sums, struct cas_arrival *arrival, unsigned good_sums);

/*
 * Whether the segment's sum is good, and the first such of its side; computes it where its side
 * has sent none. Where sums are always or never checked that does not matter: false.
 */
bool cas_sums_find_first_good(const struct cas_sums *sums, struct cas_arrival *arrival,
                              unsigned good_sums);

#endif
