/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digests over bytes, by nettle, whose headers only this file and base64.c include. */
#ifndef CAS_BYTES_DIGEST_H
#define CAS_BYTES_DIGEST_H

#include <stdint.h>

#include <casniff/types.h>

#define CAS_SHA256_BYTES 32
#define CAS_SHA1_BYTES   20
#define CAS_MD5_BYTES    16

void cas_sha256(struct cas_view bytes, uint8_t out_digest[CAS_SHA256_BYTES]);
void cas_sha1(struct cas_view bytes, uint8_t out_digest[CAS_SHA1_BYTES]);
void cas_md5(struct cas_view bytes, uint8_t out_digest[CAS_MD5_BYTES]);

/* A SHA-256 over bytes that come in pieces; what is in it is nettle's. */
struct cas_sha256_sum {
    uint64_t opaque[16];
};

struct cas_sha256_sum cas_sha256_begin(void);
void cas_sha256_add(struct cas_sha256_sum *sum, struct cas_view bytes);
void cas_sha256_end(struct cas_sha256_sum *sum, uint8_t out_digest[CAS_SHA256_BYTES]);

#endif
