/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HKDF-Expand (RFC 5869) with SHA-256 or SHA-384: keys out of a secret. */
#ifndef CAS_BYTES_HKDF_H
#define CAS_BYTES_HKDF_H

#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

/* secret.len chooses the hash: 32 is SHA-256, 48 SHA-384. */
void cas_hkdf_expand(struct cas_view secret, struct cas_view info, size_t len,
                     uint8_t *out_bytes);

#endif
