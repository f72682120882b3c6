/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HMAC (RFC 2104) with the hashes that TLS up to 1.2 knows. */
#ifndef CAS_BYTES_HMAC_H
#define CAS_BYTES_HMAC_H

#include <stdint.h>

#include <casniff/types.h>

#define CAS_HMAC_LEN_MAX 48

enum cas_hmac_hash {
    CAS_HMAC_MD5,
    CAS_HMAC_SHA1,
    CAS_HMAC_SHA256,
    CAS_HMAC_SHA384
};

/* Lies where its owner wants it, who wipes it; what is in it is nettle's. */
struct cas_hmac {
    enum cas_hmac_hash hash;
    uint64_t opaque[84];
};

/* Of the digest, and of the keys that TLS uses with it. */
uint8_t cas_hmac_len(enum cas_hmac_hash hash);

void cas_hmac_set_key(struct cas_hmac *hmac, enum cas_hmac_hash hash, struct cas_view key);
void cas_hmac_add(struct cas_hmac *hmac, struct cas_view bytes);
/* cas_hmac_len() bytes at most; the next bytes that are added are another message's. */
void cas_hmac_end(struct cas_hmac *hmac, size_t len, uint8_t *out_digest);

#endif
