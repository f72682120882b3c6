/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/bucket.h"

#define MICROSECONDS 1000000u

/* Packets of two interfaces come a little out of order; what goes back further is a clock that
 * was set. */
#define STEP_US MICROSECONDS

struct cas_bucket cas_bucket_init(uint64_t every_us, uint64_t burst)
{
    return (struct cas_bucket){ .every_us = every_us, .burst = burst, .tokens = burst };
}

struct cas_bucket cas_bucket_per_second(uint32_t per_s, uint32_t burst)
{
    uint64_t every_us = per_s > 0 ? MICROSECONDS / per_s : 0;
    return cas_bucket_init(every_us, burst);
}

static void fill(struct cas_bucket *bucket, uint64_t now_us)
{
    if (now_us < bucket->last_us) {
        if (bucket->last_us - now_us > STEP_US) {
            bucket->last_us = now_us;
        }
        return;
    }
    uint64_t come = (now_us - bucket->last_us) / bucket->every_us;
    if (come >= bucket->burst - bucket->tokens) {
        bucket->tokens = bucket->burst;
        bucket->last_us = now_us;
    } else {
        bucket->tokens += come;
        bucket->last_us += come * bucket->every_us;
    }
}

bool cas_bucket_take(struct cas_bucket *bucket, uint64_t now_us)
{
    if (bucket->every_us == 0) {
        return true;
    }
    fill(bucket, now_us);
    if (bucket->tokens == 0) {
        return false;
    }
    bucket->tokens--;
    return true;
}
