/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Encrypts records of TLS 1.2 with TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, for the randoms that
 * support/tls_records.h puts into its hellos and a master secret of 48 bytes 0x77. The keys
 * were made of them with "openssl kdf TLS1-PRF". Each handshake with these hellos has the same
 * keys.
 */
#ifndef CAS_TEST_TLS12_SEALER_H
#define CAS_TEST_TLS12_SEALER_H

#include <stdint.h>

#include <casniff/types.h>

#include "bytes/buf.h"

/* A key log of that secret. */
extern const char tls12_sealer_keylog[];

struct tls12_sealer {
    const uint8_t *key;
    const uint8_t *salt;
    uint64_t number; /* of the next record */
};

struct tls12_sealer tls12_sealer_client(void);
struct tls12_sealer tls12_sealer_server(void);

/* One record with this content; afterwards the next one's number. */
void tls12_seal(struct cas_buf *out, struct tls12_sealer *sealer, unsigned type,
                struct cas_view content);

#endif
