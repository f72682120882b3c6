/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/hkdf.h"

#include <assert.h>
#include <string.h>

#include <nettle/hkdf.h>
#include <nettle/hmac.h>

void cas_hkdf_expand(struct cas_view secret, struct cas_view info, size_t len,
                     uint8_t *out_bytes)
{
    assert(secret.len == SHA256_DIGEST_SIZE || secret.len == SHA384_DIGEST_SIZE);
    if (secret.len == SHA256_DIGEST_SIZE) {
        struct hmac_sha256_ctx hmac;
        hmac_sha256_set_key(&hmac, secret.len, secret.data);
        hkdf_expand(&hmac, (nettle_hash_update_func *)hmac_sha256_update,
                    (nettle_hash_digest_func *)hmac_sha256_digest, secret.len, info.len,
                    info.data, len, out_bytes);
        explicit_bzero(&hmac, sizeof(hmac));
    } else {
        struct hmac_sha384_ctx hmac;
        hmac_sha384_set_key(&hmac, secret.len, secret.data);
        hkdf_expand(&hmac, (nettle_hash_update_func *)hmac_sha384_update,
                    (nettle_hash_digest_func *)hmac_sha384_digest, secret.len, info.len,
                    info.data, len, out_bytes);
        explicit_bzero(&hmac, sizeof(hmac));
    }
}
