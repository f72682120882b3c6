/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A token bucket: so many at once, then one every so often. It reads no clock: time comes with
 * each call, and may jump.
 */
#ifndef CAS_ANALYSIS_BUCKET_H
#define CAS_ANALYSIS_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct cas_bucket {
    uint64_t every_us; /* a token comes; 0: there is no limit */
    uint64_t burst;
    uint64_t tokens;
    uint64_t last_us; /* up to when tokens have come */
};

/* A full bucket; every_us 0 never refuses. */
struct cas_bucket cas_bucket_init(uint64_t every_us, uint64_t burst);

/* The same with a rate; per_s 0 never refuses. */
struct cas_bucket cas_bucket_per_second(uint32_t per_s, uint32_t burst);

/* Takes a token; false when there is none. */
bool cas_bucket_take(struct cas_bucket *bucket, uint64_t now_us);

#endif
