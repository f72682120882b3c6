/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Seals records of TLS 1.3 as a peer does, with the secrets of RFC 8448, 3, and the keys that
 * it gives for them: nothing here is derived. Knows nothing of what opens them.
 */
#ifndef CAS_TEST_TLS_SEALER_H
#define CAS_TEST_TLS_SEALER_H

#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/buf.h"
#include "tls/keylog.h"

enum tls_key {
    TLS_KEY_CLIENT_HANDSHAKE,
    TLS_KEY_SERVER_HANDSHAKE,
    TLS_KEY_CLIENT_TRAFFIC,
    TLS_KEY_SERVER_TRAFFIC,
    /* Behind one KeyUpdate (RFC 8446, 7.2), computed with Python's hmac module. */
    TLS_KEY_SERVER_UPDATED,
    TLS_KEYS
};

struct tls_sealer {
    enum tls_key key;
    uint64_t number; /* of the next record */
};

struct tls_sealer tls_sealer_init(enum tls_key key);

/* One record with this content, its type, and padding bytes of 0 behind that. */
void tls_seal(struct cas_buf *out, struct tls_sealer *sealer, unsigned type,
              struct cas_view content, size_t padding);
/* The same without any type: zeros only. */
void tls_seal_zeros(struct cas_buf *out, struct tls_sealer *sealer, size_t len);

/* All secrets, of the client's random that tls_client_hello13() has. */
struct cas_keylog *tls_sealer_keylog(void);
/* The same, of which that of this key has one other digit. */
struct cas_keylog *tls_sealer_wrong_keylog(enum tls_key wrong);

#endif
