/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Authenticated decryption: one key, any number of messages. Encrypts nothing. */
#ifndef CAS_BYTES_AEAD_H
#define CAS_BYTES_AEAD_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/budget.h"

#define CAS_AEAD_KEY_MAX   32
#define CAS_AEAD_NONCE_LEN 12
#define CAS_AEAD_TAG_MAX   16

enum cas_aead_algorithm {
    CAS_AEAD_AES128_GCM,
    CAS_AEAD_AES256_GCM,
    CAS_AEAD_CHACHA20_POLY1305,
    CAS_AEAD_AES128_CCM,   /* a tag of 16 bytes */
    CAS_AEAD_AES128_CCM_8, /* of 8 */
    CAS_AEAD_AES256_CCM,
    CAS_AEAD_AES256_CCM_8,
    CAS_AEAD_CAMELLIA128_GCM,
    CAS_AEAD_CAMELLIA256_GCM
};

struct cas_aead;

uint8_t cas_aead_key_len(enum cas_aead_algorithm algorithm);
uint8_t cas_aead_tag_len(enum cas_aead_algorithm algorithm);

/* NULL without memory. key has the algorithm's length. */
struct cas_aead *cas_aead_create(enum cas_aead_algorithm algorithm, const uint8_t *key,
                                 struct cas_budget *budget);
/* Wipes the key; aead may be NULL. */
void cas_aead_destroy(struct cas_aead *aead);

/* Another key of the same algorithm. */
void cas_aead_set_key(struct cas_aead *aead, const uint8_t *key);

/*
 * sealed is the ciphertext with its tag behind it, at least as long as that; what it was comes
 * to lie in out_bytes. False, and out_bytes is of no use, when anything was altered.
 */
bool cas_aead_open(struct cas_aead *aead, const uint8_t nonce[CAS_AEAD_NONCE_LEN],
                   struct cas_view associated, struct cas_view sealed, uint8_t *out_bytes);

#endif
