/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/digest.h"

#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

_Static_assert(CAS_SHA256_BYTES == SHA256_DIGEST_SIZE, "SHA-256");
_Static_assert(CAS_SHA1_BYTES == SHA1_DIGEST_SIZE, "SHA-1");
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
