/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decryption without authentication, as TLS up to 1.2 knows it: block ciphers in CBC mode, and
 * RC4. Encrypts nothing.
 */
#ifndef CAS_BYTES_CIPHER_H
#define CAS_BYTES_CIPHER_H

#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#define CAS_CIPHER_KEY_MAX   32
#define CAS_CIPHER_BLOCK_MAX 16

enum cas_cipher_algorithm {
    CAS_CIPHER_AES128,
    CAS_CIPHER_AES256,
    CAS_CIPHER_CAMELLIA128,
    CAS_CIPHER_CAMELLIA256,
    CAS_CIPHER_3DES,
    CAS_CIPHER_RC4
};

/* Lies where its owner wants it, who wipes it; what is in it is nettle's. */
struct cas_cipher {
    enum cas_cipher_algorithm algorithm;
    uint64_t opaque[48];
};

uint8_t cas_cipher_key_len(enum cas_cipher_algorithm algorithm);
/* 0 of RC4, which has no blocks. */
uint8_t cas_cipher_block_len(enum cas_cipher_algorithm algorithm);

/* key has the algorithm's length. */
void cas_cipher_set_key(struct cas_cipher *cipher, enum cas_cipher_algorithm algorithm,
                        const uint8_t *key);

/*
 * sealed is whole blocks; iv is one, and the last one of sealed afterwards. What it was comes
 * to lie in out_bytes. RC4 knows no iv, and goes on with its key stream.
 */
void cas_cipher_decrypt(struct cas_cipher *cipher, uint8_t *iv, struct cas_view sealed,
                        uint8_t *out_bytes);

#endif
