/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/digest.h"

#include <string.h>

#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

_Static_assert(CAS_SHA256_BYTES == SHA256_DIGEST_SIZE, "SHA-256");
_Static_assert(CAS_SHA1_BYTES == SHA1_DIGEST_SIZE, "SHA-1");
_Static_assert(sizeof(struct cas_sha256_sum) >= sizeof(struct sha256_ctx), "SHA-256's state");
_Static_assert(CAS_MD5_BYTES == MD5_DIGEST_SIZE, "MD5");

void cas_sha256(struct cas_view bytes, uint8_t out_digest[CAS_SHA256_BYTES])
{
    struct sha256_ctx ctx;
    sha256_init(&ctx);
    sha256_update(&ctx, bytes.len, bytes.data);
    sha256_digest(&ctx, CAS_SHA256_BYTES, out_digest);
}

void cas_sha1(struct cas_view bytes, uint8_t out_digest[CAS_SHA1_BYTES])
{
    struct sha1_ctx ctx;
    sha1_init(&ctx);
    sha1_update(&ctx, bytes.len, bytes.data);
    sha1_digest(&ctx, CAS_SHA1_BYTES, out_digest);
}

void cas_md5(struct cas_view bytes, uint8_t out_digest[CAS_MD5_BYTES])
{
    struct md5_ctx ctx;
    md5_init(&ctx);
    md5_update(&ctx, bytes.len, bytes.data);
    md5_digest(&ctx, CAS_MD5_BYTES, out_digest);
}

struct cas_sha256_sum cas_sha256_begin(void)
{
    struct cas_sha256_sum sum = { { 0 } };
    struct sha256_ctx ctx;
    sha256_init(&ctx);
    memcpy(&sum, &ctx, sizeof(ctx));
    return sum;
}

void cas_sha256_add(struct cas_sha256_sum *sum, struct cas_view bytes)
{
    struct sha256_ctx ctx;
    memcpy(&ctx, sum, sizeof(ctx));
    sha256_update(&ctx, bytes.len, bytes.data);
    memcpy(sum, &ctx, sizeof(ctx));
}

void cas_sha256_end(struct cas_sha256_sum *sum, uint8_t out_digest[CAS_SHA256_BYTES])
{
    struct sha256_ctx ctx;
    memcpy(&ctx, sum, sizeof(ctx));
    sha256_digest(&ctx, CAS_SHA256_BYTES, out_digest);
}
