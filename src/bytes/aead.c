/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/aead.h"

#include <string.h>

#include <nettle/ccm.h>
#include <nettle/chacha-poly1305.h>
#include <nettle/gcm.h>
#include <nettle/nettle-meta.h>

#include "bytes/reader.h"

struct cas_aead {
    enum cas_aead_algorithm algorithm;
    struct cas_budget *budget;
    union {
        struct gcm_aes128_ctx aes128;
        struct gcm_aes256_ctx aes256;
        struct gcm_camellia128_ctx camellia128;
        struct gcm_camellia256_ctx camellia256;
        struct chacha_poly1305_ctx chacha;
        struct ccm_aes128_ctx ccm128;
        struct ccm_aes256_ctx ccm256;
    } ctx;
};

/* What nettle calls by one name; NULL for CCM, which must know all lengths before it begins. */
static const struct nettle_aead *stream_of(enum cas_aead_algorithm algorithm)
{
    static const struct nettle_aead *const streams[] = {
        [CAS_AEAD_AES128_GCM] = &nettle_gcm_aes128,
        [CAS_AEAD_AES256_GCM] = &nettle_gcm_aes256,
        [CAS_AEAD_CHACHA20_POLY1305] = &nettle_chacha_poly1305,
        [CAS_AEAD_CAMELLIA128_GCM] = &nettle_gcm_camellia128,
        [CAS_AEAD_CAMELLIA256_GCM] = &nettle_gcm_camellia256,
    };
    return streams[algorithm];
}

static bool is_ccm256(enum cas_aead_algorithm algorithm)
{
    return algorithm == CAS_AEAD_AES256_CCM || algorithm == CAS_AEAD_AES256_CCM_8;
}

uint8_t cas_aead_key_len(enum cas_aead_algorithm algorithm)
{
    const struct nettle_aead *stream = stream_of(algorithm);
    if (stream != NULL) {
        return (uint8_t)stream->key_size;
    }
    return is_ccm256(algorithm) ? AES256_KEY_SIZE : AES128_KEY_SIZE;
}

uint8_t cas_aead_tag_len(enum cas_aead_algorithm algorithm)
{
    bool is_short = algorithm == CAS_AEAD_AES128_CCM_8 || algorithm == CAS_AEAD_AES256_CCM_8;
    return is_short ? 8 : CAS_AEAD_TAG_MAX;
}

void cas_aead_set_key(struct cas_aead *aead, const uint8_t *key)
{
    const struct nettle_aead *stream = stream_of(aead->algorithm);

    if (stream != NULL) {
        stream->set_decrypt_key(&aead->ctx, key);
    } else if (is_ccm256(aead->algorithm)) {
        ccm_aes256_set_key(&aead->ctx.ccm256, key);
    } else {
        ccm_aes128_set_key(&aead->ctx.ccm128, key);
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

static bool open_ccm(struct cas_aead *aead, const uint8_t *nonce, struct cas_view associated,
                     struct cas_view sealed, uint8_t *out_bytes)
{
    size_t tag_len = cas_aead_tag_len(aead->algorithm);
    size_t len = sealed.len - tag_len;

    if (is_ccm256(aead->algorithm)) {
        return ccm_aes256_decrypt_message(&aead->ctx.ccm256, CAS_AEAD_NONCE_LEN, nonce,
                                          associated.len, associated.data, tag_len, len,
                                          out_bytes, sealed.data) == 1;
    }
    return ccm_aes128_decrypt_message(&aead->ctx.ccm128, CAS_AEAD_NONCE_LEN, nonce,
                                      associated.len, associated.data, tag_len, len, out_bytes,
                                      sealed.data) == 1;
}

bool cas_aead_open(struct cas_aead *aead, const uint8_t nonce[CAS_AEAD_NONCE_LEN],
                   struct cas_view associated, struct cas_view sealed, uint8_t *out_bytes)
{
    const struct nettle_aead *stream = stream_of(aead->algorithm);
    uint8_t tag[CAS_AEAD_TAG_MAX];

    if (stream == NULL) {
        return open_ccm(aead, nonce, associated, sealed, out_bytes);
    }
    size_t len = sealed.len - sizeof(tag);
    struct cas_view sent = cas_view_part(sealed, len, sizeof(tag));
    stream->set_nonce(&aead->ctx, nonce);
    stream->update(&aead->ctx, associated.len, associated.data);
    stream->decrypt(&aead->ctx, len, out_bytes, sealed.data);
    stream->digest(&aead->ctx, sizeof(tag), tag);
    return sent.len == sizeof(tag) &&
           memcmp(tag, sent.data, sizeof(tag)) == 0; /* nobody learns from how long it takes */
}
