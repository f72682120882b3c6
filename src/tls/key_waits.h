/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who waits for secrets that are not in the key log yet: found by the client's random when they
 * come, and by the time when they have not. Knows neither secrets nor conversations; whoever
 * waits brings the memory for it.
 */
#ifndef CAS_TLS_KEY_WAITS_H
#define CAS_TLS_KEY_WAITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/keyhash.h"
#include "tls/keylog.h"

/* A client writes its line during the handshake; over a network file system it takes longer. */
#define CAS_KEY_WAIT_US UINT64_C(4000000)

#define CAS_KEY_WAITS_BUCKETS 1024

/* Zeroed: waits for nothing. */
struct cas_key_wait {
    void *owner; /* NULL: it does not wait */
    struct cas_key_wait *older;
    struct cas_key_wait *newer;
    struct cas_key_wait *next; /* in its bucket */
    uint64_t since_us;
    uint8_t client_random[CAS_RANDOM_LEN];
};

struct cas_key_waits {
    struct cas_key_wait *bucket[CAS_KEY_WAITS_BUCKETS];
    struct cas_key_wait *oldest;
    struct cas_key_wait *newest;
    uint64_t now_us; /* 0: nobody has said */
    struct cas_keyhash keyhash;
};

void cas_key_waits_init(struct cas_key_waits *waits, const uint8_t key[CAS_KEYHASH_KEY_LEN]);

/* Of a clock that starts anywhere and does not go back. */
void cas_key_waits_set_now(struct cas_key_waits *waits, uint64_t now_us);

void cas_key_waits_add(struct cas_key_waits *waits, struct cas_key_wait *wait, void *owner,
                       const uint8_t client_random[CAS_RANDOM_LEN]);
/* wait may wait for nothing. */
void cas_key_waits_remove(struct cas_key_waits *waits, struct cas_key_wait *wait);

/* The first that waits for this random, and the next one; NULL: no more. */
struct cas_key_wait *cas_key_waits_find(const struct cas_key_waits *waits,
                                        const uint8_t client_random[CAS_RANDOM_LEN]);
struct cas_key_wait *cas_key_waits_next(const struct cas_key_wait *wait);

/* One that has waited long enough; NULL: none. */
struct cas_key_wait *cas_key_waits_due(const struct cas_key_waits *waits);

#endif
