/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ServerHello, or what came of it. */
#ifndef CAS_TLS_SERVER_HELLO_H
#define CAS_TLS_SERVER_HELLO_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/types.h>

#include "tls/handshake.h"

struct cas_server_hello {
    uint16_t legacy_version;
    uint16_t version; /* from supported_versions where it is there; 0: it was not read */
    uint16_t cipher;  /* 0 where it was not read */
    struct cas_view random;
    struct cas_view session_id;
    uint8_t compression; /* 0: none */
    struct cas_view extensions;
    bool is_retry_request; /* RFC 8446, 4.1.3: by its random */
    bool is_psk_accepted;
    bool is_encrypt_then_mac;   /* RFC 7366 */
    bool is_mac_truncated;      /* RFC 6066, 7 */
    uint16_t psk_index;         /* which of the client's: RFC 8446, 4.2.11 */
    bool has_certificates_also; /* with that key: RFC 8773 */
    bool is_whole;              /* every field was there, and nothing behind them */
};

/* A body that ends early gives the fields before its end; but see version. */
void cas_server_hello_parse(const struct cas_handshake_message *message,
                            struct cas_server_hello *out_hello);

#endif
