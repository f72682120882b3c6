/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/cipher.h"

#include <nettle/aes.h>
#include <nettle/arcfour.h>
#include <nettle/camellia.h>
#include <nettle/cbc.h>
#include <nettle/des.h>

union contexts {
    struct aes256_ctx aes256;
    struct camellia256_ctx camellia256;
    struct des3_ctx des3;
    struct arcfour_ctx rc4;
};
_Static_assert(sizeof(((struct cas_cipher *)0)->opaque) >= sizeof(union contexts),
               "the largest state");

uint8_t cas_cipher_key_len(enum cas_cipher_algorithm algorithm)
{
    static const uint8_t len[] = {
        [CAS_CIPHER_AES128] = AES128_KEY_SIZE,
        [CAS_CIPHER_AES256] = AES256_KEY_SIZE,
        [CAS_CIPHER_CAMELLIA128] = CAMELLIA128_KEY_SIZE,
        [CAS_CIPHER_CAMELLIA256] = CAMELLIA256_KEY_SIZE,
        [CAS_CIPHER_3DES] = DES3_KEY_SIZE,
        [CAS_CIPHER_RC4] = 16,
    };
    return len[algorithm];
}

uint8_t cas_cipher_block_len(enum cas_cipher_algorithm algorithm)
{
    static const uint8_t len[] = {
        [CAS_CIPHER_AES128] = AES_BLOCK_SIZE,
        [CAS_CIPHER_AES256] = AES_BLOCK_SIZE,
        [CAS_CIPHER_CAMELLIA128] = CAMELLIA_BLOCK_SIZE,
        [CAS_CIPHER_CAMELLIA256] = CAMELLIA_BLOCK_SIZE,
        [CAS_CIPHER_3DES] = DES3_BLOCK_SIZE,
        [CAS_CIPHER_RC4] = 0,
    };
    return len[algorithm];
}

void cas_cipher_set_key(struct cas_cipher *cipher, enum cas_cipher_algorithm algorithm,
                        const uint8_t *key)
{
    void *ctx = cipher->opaque;

    cipher->algorithm = algorithm;
    switch (algorithm) {
    case CAS_CIPHER_AES128:
        aes128_set_decrypt_key(ctx, key);
        break;
    case CAS_CIPHER_AES256:
        aes256_set_decrypt_key(ctx, key);
        break;
    case CAS_CIPHER_CAMELLIA128:
        camellia128_set_decrypt_key(ctx, key);
        break;
    case CAS_CIPHER_CAMELLIA256:
        camellia256_set_decrypt_key(ctx, key);
        break;
    case CAS_CIPHER_3DES:
        (void)des3_set_key(ctx, key); /* a weak key is as good as any here */
        break;
    case CAS_CIPHER_RC4:
        arcfour128_set_key(ctx, key);
        break;
    }
}

void cas_cipher_decrypt(struct cas_cipher *cipher, uint8_t *iv, struct cas_view sealed,
                        uint8_t *out_bytes)
{
    void *ctx = cipher->opaque;
    nettle_cipher_func *decrypt = NULL;

    switch (cipher->algorithm) {
    case CAS_CIPHER_AES128:
        decrypt = (nettle_cipher_func *)aes128_decrypt;
        break;
    case CAS_CIPHER_AES256:
        decrypt = (nettle_cipher_func *)aes256_decrypt;
        break;
    case CAS_CIPHER_CAMELLIA128:
        decrypt = (nettle_cipher_func *)camellia128_crypt;
        break;
    case CAS_CIPHER_CAMELLIA256:
        decrypt = (nettle_cipher_func *)camellia256_crypt;
        break;
    case CAS_CIPHER_3DES:
        decrypt = (nettle_cipher_func *)des3_decrypt;
        break;
    case CAS_CIPHER_RC4:
        arcfour_crypt(ctx, sealed.len, out_bytes, sealed.data);
        return;
    }
    if (sealed.len > 0) {
        cbc_decrypt(ctx, decrypt, cas_cipher_block_len(cipher->algorithm), iv, sealed.len,
                    out_bytes, sealed.data);
    }
}
