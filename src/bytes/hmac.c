/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/hmac.h"

#include <nettle/hmac.h>
#include <nettle/nettle-meta.h>

_Static_assert(sizeof(((struct cas_hmac *)0)->opaque) >= sizeof(struct hmac_sha384_ctx),
               "the largest state");

static const struct nettle_mac *mac_of(enum cas_hmac_hash hash)
{
    static const struct nettle_mac *const macs[] = {
        [CAS_HMAC_MD5] = &nettle_hmac_md5,
        [CAS_HMAC_SHA1] = &nettle_hmac_sha1,
        [CAS_HMAC_SHA256] = &nettle_hmac_sha256,
        [CAS_HMAC_SHA384] = &nettle_hmac_sha384,
    };
    return macs[hash];
}

uint8_t cas_hmac_len(enum cas_hmac_hash hash)
{
    return (uint8_t)mac_of(hash)->digest_size;
}

/* Nettle's common interface knows keys of one length only. */
void cas_hmac_set_key(struct cas_hmac *hmac, enum cas_hmac_hash hash, struct cas_view key)
{
    void *ctx = hmac->opaque;

    hmac->hash = hash;
    switch (hash) {
    case CAS_HMAC_MD5:
        hmac_md5_set_key(ctx, key.len, key.data);
        break;
    case CAS_HMAC_SHA1:
        hmac_sha1_set_key(ctx, key.len, key.data);
        break;
    case CAS_HMAC_SHA256:
        hmac_sha256_set_key(ctx, key.len, key.data);
        break;
    case CAS_HMAC_SHA384:
        hmac_sha384_set_key(ctx, key.len, key.data);
        break;
    }
}

void cas_hmac_add(struct cas_hmac *hmac, struct cas_view bytes)
{
    mac_of(hmac->hash)->update(hmac->opaque, bytes.len, bytes.data);
}

void cas_hmac_end(struct cas_hmac *hmac, size_t len, uint8_t *out_digest)
{
    mac_of(hmac->hash)->digest(hmac->opaque, len, out_digest);
}
