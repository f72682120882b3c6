/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fingerprints made once for all hellos that give the same: clients of one program differ in
 * what no fingerprint shows. Bounded, and recognised by all that counts, never by a digest
 * alone. Knows nothing of how fingerprints are made.
 */
#ifndef CAS_TLS_FINGERPRINT_CACHE_H
#define CAS_TLS_FINGERPRINT_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/budget.h"
#include "bytes/buf.h"
#include "bytes/intern.h"
#include "tls/fingerprint.h"

struct cas_fingerprint_cache {
    struct cas_intern prints;
    struct cas_budget *budget;
    struct cas_buf key; /* scratch */
};

struct cas_client_fingerprints {
    char ja3[CAS_JA3_SIZE];
    char ja4[CAS_JA4_SIZE];
};

struct cas_server_fingerprints {
    char ja3s[CAS_JA3_SIZE];
};

/* What nobody asked for lately goes above limit bytes. False without memory. */
bool cas_fingerprint_cache_init(struct cas_fingerprint_cache *cache, size_t limit,
                                struct cas_budget *budget,
                                const uint8_t hash_key[CAS_KEYHASH_KEY_LEN]);
void cas_fingerprint_cache_finish(struct cas_fingerprint_cache *cache);

/*
 * As cas_ja3() and its like; without cache (NULL) they are made each time. False when there is
 * no memory: what could not be made is "".
 */
bool cas_fingerprints_of_client(struct cas_fingerprint_cache *cache,
                                const struct cas_client_hello *hello, struct cas_budget *budget,
                                struct cas_client_fingerprints *out_prints);
bool cas_fingerprints_of_server(struct cas_fingerprint_cache *cache,
                                const struct cas_server_hello *hello, struct cas_budget *budget,
                                struct cas_server_fingerprints *out_prints);

#endif
