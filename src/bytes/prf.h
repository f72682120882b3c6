/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pseudorandom function of TLS up to 1.2: keys out of a master secret. */
#ifndef CAS_BYTES_PRF_H
#define CAS_BYTES_PRF_H

#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

enum cas_prf_kind {
    CAS_PRF_MD5_SHA1, /* TLS 1.0 and 1.1: RFC 4346, 5 */
    CAS_PRF_SHA256,   /* TLS 1.2: RFC 5246, 5 */
    CAS_PRF_SHA384    /* and its suites that name this hash: RFC 5288, 3 */
};

/* What the bytes are made of. */
struct cas_prf_input {
    struct cas_view secret;
    const char *label;
    struct cas_view seed;
};

void cas_prf(enum cas_prf_kind kind, const struct cas_prf_input *input, size_t len,
             uint8_t *out_bytes);

#endif
