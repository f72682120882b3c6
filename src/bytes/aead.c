/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/aead.h"

#include <string.h>

#include <nettle/ccm.h>
#include <nettle/chacha-poly1305.h>
#include <nettle/gcm.h>

#include "bytes/reader.h"

struct cas_aead {
    enum cas_aead_algorithm algorithm;
    struct cas_budget *budget;
    union {
        struct gcm_aes128_ctx aes128;
        struct gcm_aes256_ctx aes256;
        struct chacha_poly1305_ctx chacha;
        struct ccm_aes128_ctx ccm;
    } ctx;
};

uint8_t cas_aead_key_len(enum cas_aead_algorithm algorithm)
{
    bool is_long = algorithm == CAS_AEAD_AES256_GCM || algorithm == CAS_AEAD_CHACHA20_POLY1305;
    return is_long ? 32 : 16;
}

uint8_t cas_aead_tag_len(enum cas_aead_algorithm algorithm)
{
    return algorithm == CAS_AEAD_AES128_CCM_8 ? 8 : CAS_AEAD_TAG_MAX;
}

void cas_aead_set_key(struct cas_aead *aead, const uint8_t *key)
{
    switch (aead->algorithm) {
    case CAS_AEAD_AES128_GCM:
        gcm_aes128_set_key(&aead->ctx.aes128, key);
        break;
    case CAS_AEAD_AES256_GCM:
        gcm_aes256_set_key(&aead->ctx.aes256, key);
        break;
    case CAS_AEAD_CHACHA20_POLY1305:
        chacha_poly1305_set_key(&aead->ctx.chacha, key);
        break;
    case CAS_AEAD_AES128_CCM:
    case CAS_AEAD_AES128_CCM_8:
        ccm_aes128_set_key(&aead->ctx.ccm, key);
        break;
    }
}

struct cas_aead *cas_aead_create(enum cas_aead_algorithm algorithm, const uint8_t *key,
                                 struct cas_budget *budget)
{
    struct cas_aead *aead = cas_budget_alloc(budget, sizeof(*aead));
    if (aead != NULL) {
        aead->algorithm = algorithm;
        aead->budget = budget;
        cas_aead_set_key(aead, key);
    }
    return aead;
}

void cas_aead_destroy(struct cas_aead *aead)
{
    if (aead != NULL) {
        struct cas_budget *budget = aead->budget;
        explicit_bzero(aead, sizeof(*aead));
        cas_budget_free(budget, aead, sizeof(*aead));
    }
}

bool cas_aead_open(struct cas_aead *aead, const uint8_t nonce[CAS_AEAD_NONCE_LEN],
                   struct cas_view associated, struct cas_view sealed, uint8_t *out_bytes)
{
    uint8_t tag[CAS_AEAD_TAG_MAX];
    size_t tag_len = cas_aead_tag_len(aead->algorithm);
    size_t len = sealed.len - tag_len;
    struct cas_view sent = cas_view_part(sealed, len, tag_len);

    switch (aead->algorithm) {
    case CAS_AEAD_AES128_GCM:
        gcm_aes128_set_iv(&aead->ctx.aes128, CAS_AEAD_NONCE_LEN, nonce);
        gcm_aes128_update(&aead->ctx.aes128, associated.len, associated.data);
        gcm_aes128_decrypt(&aead->ctx.aes128, len, out_bytes, sealed.data);
        gcm_aes128_digest(&aead->ctx.aes128, tag_len, tag);
        break;
    case CAS_AEAD_AES256_GCM:
        gcm_aes256_set_iv(&aead->ctx.aes256, CAS_AEAD_NONCE_LEN, nonce);
        gcm_aes256_update(&aead->ctx.aes256, associated.len, associated.data);
        gcm_aes256_decrypt(&aead->ctx.aes256, len, out_bytes, sealed.data);
        gcm_aes256_digest(&aead->ctx.aes256, tag_len, tag);
        break;
    case CAS_AEAD_CHACHA20_POLY1305:
        chacha_poly1305_set_nonce(&aead->ctx.chacha, nonce);
        chacha_poly1305_update(&aead->ctx.chacha, associated.len, associated.data);
        chacha_poly1305_decrypt(&aead->ctx.chacha, len, out_bytes, sealed.data);
        chacha_poly1305_digest(&aead->ctx.chacha, tag_len, tag);
        break;
    case CAS_AEAD_AES128_CCM:
    case CAS_AEAD_AES128_CCM_8:
        return ccm_aes128_decrypt_message(&aead->ctx.ccm, CAS_AEAD_NONCE_LEN, nonce,
                                          associated.len, associated.data, tag_len, len,
                                          out_bytes, sealed.data) == 1;
    }
    return sent.len == tag_len &&
           memcmp(tag, sent.data, tag_len) == 0; /* nobody learns from how long it takes */
}
