/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the cipher suites of TLS 1.0 to 1.2 protect records. Their names say it: what stands
 * behind "_WITH_" is the same whatever the key exchange in front of it is.
 */
#ifndef CAS_TLS_SUITE_H
#define CAS_TLS_SUITE_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes/aead.h"
#include "bytes/cipher.h"
#include "bytes/hmac.h"
#include "bytes/prf.h"

enum cas_suite_kind {
    CAS_SUITE_AEAD,
    CAS_SUITE_CBC,   /* RFC 5246, 6.2.3.2 */
    CAS_SUITE_STREAM /* RFC 5246, 6.2.3.1 */
};

struct cas_suite {
    const char *name; /* behind "_WITH_"; constant */
    enum cas_suite_kind kind;
    enum cas_prf_kind prf; /* of TLS 1.2; older versions have but one */
    union {
        enum cas_aead_algorithm aead;
        enum cas_cipher_algorithm cipher;
    } algorithm;
    enum cas_hmac_hash mac; /* not of AEAD */
    uint8_t salt_len;       /* of AEAD: the part of the nonce that is made of the secret */
    uint8_t explicit_len;   /* and the part that each record begins with */
};

/* NULL for a suite that is not known here, or whose records are not encrypted. */
const struct cas_suite *cas_suite_find(uint16_t cipher);

#endif
