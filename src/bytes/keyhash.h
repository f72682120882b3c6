/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SipHash-1-3: a keyed hash for tables whose keys come from the network (Aumasson and
 * Bernstein, 2012). Not for anything that must stay secret.
 */
#ifndef CAS_BYTES_KEYHASH_H
#define CAS_BYTES_KEYHASH_H

#include <stdint.h>

#include <casniff/types.h>

#define CAS_KEYHASH_KEY_LEN 16

struct cas_keyhash {
    uint64_t k0;
    uint64_t k1;
};

struct cas_keyhash cas_keyhash_init(const uint8_t key[CAS_KEYHASH_KEY_LEN]);

uint64_t cas_keyhash_of(const struct cas_keyhash *hash, struct cas_view bytes);

/* That of the 16 bytes that these two words are in little endian: the way of what is hashed for
 * each packet, which need not be laid out in memory for it. */
uint64_t cas_keyhash_of_two(const struct cas_keyhash *hash, uint64_t first, uint64_t second);

/* For those to whom 0 is no hash. */
static inline uint64_t cas_keyhash_not_zero(uint64_t hash)
{
    return hash != 0 ? hash : 1;
}

#endif
