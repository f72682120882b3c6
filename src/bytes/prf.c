/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/prf.h"

#include <string.h>

#include "bytes/hmac.h"
#include "bytes/reader.h"

static void add_seed(struct cas_hmac *hmac, const struct cas_prf_input *input)
{
    cas_hmac_add(hmac, cas_view_of(input->label, strlen(input->label)));
    cas_hmac_add(hmac, input->seed);
}

/*
 * RFC 5246, 5: P_hash = HMAC(A(1) + seed) + HMAC(A(2) + seed) + ..., A(0) = seed,
 * A(i) = HMAC(A(i-1)); xored into out_bytes.
 */
static void p_hash(enum cas_hmac_hash hash, const struct cas_prf_input *input, size_t len,
                   uint8_t *out_bytes)
{
    struct cas_hmac hmac;
    uint8_t a[CAS_HMAC_LEN_MAX];
    uint8_t block[CAS_HMAC_LEN_MAX];
    size_t hash_len = cas_hmac_len(hash);

    cas_hmac_set_key(&hmac, hash, input->secret);
    add_seed(&hmac, input);
    cas_hmac_end(&hmac, hash_len, a);
    for (size_t at = 0; at < len; at += hash_len) {
        cas_hmac_add(&hmac, cas_view_of(a, hash_len));
        add_seed(&hmac, input);
        cas_hmac_end(&hmac, hash_len, block);
        for (size_t i = 0; i < hash_len && at + i < len; i++) {
            out_bytes[at + i] ^= block[i];
        }
        cas_hmac_add(&hmac, cas_view_of(a, hash_len));
        cas_hmac_end(&hmac, hash_len, a);
    }
    explicit_bzero(&hmac, sizeof(hmac));
    explicit_bzero(a, sizeof(a));
    explicit_bzero(block, sizeof(block));
}

/* RFC 4346, 5: each hash has one half of the secret; of an odd length both have the middle. */
static void of_two_hashes(const struct cas_prf_input *input, size_t len, uint8_t *out_bytes)
{
    struct cas_prf_input half = *input;
    size_t half_len = (input->secret.len + 1) / 2;

    half.secret = cas_view_part(input->secret, 0, half_len);
    p_hash(CAS_HMAC_MD5, &half, len, out_bytes);
    half.secret = cas_view_part(input->secret, input->secret.len - half_len, half_len);
    p_hash(CAS_HMAC_SHA1, &half, len, out_bytes);
}

void cas_prf(enum cas_prf_kind kind, const struct cas_prf_input *input, size_t len,
             uint8_t *out_bytes)
{
    memset(out_bytes, 0, len);
    switch (kind) {
    case CAS_PRF_MD5_SHA1:
        of_two_hashes(input, len, out_bytes);
        break;
    case CAS_PRF_SHA256:
        p_hash(CAS_HMAC_SHA256, input, len, out_bytes);
        break;
    case CAS_PRF_SHA384:
        p_hash(CAS_HMAC_SHA384, input, len, out_bytes);
        break;
    }
}
