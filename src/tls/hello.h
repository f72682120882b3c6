/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ClientHello, or what came of it, as views into its body. Interprets no extension. */
#ifndef CAS_TLS_HELLO_H
#define CAS_TLS_HELLO_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/types.h>

struct cas_client_hello {
    uint16_t version; /* legacy_version */
    struct cas_view random;
    struct cas_view session_id;
    struct cas_view ciphers; /* cipher_len bytes each */
    uint8_t cipher_len;      /* 2; 3 in an SSLv2-compatible hello */
    struct cas_view extensions;
    bool has_extensions;
    bool is_whole; /* every field was there, and nothing behind them */
};

/* A body that ends early gives the fields before its end, and its extensions as far as they go.
 */
void cas_client_hello_parse(struct cas_view body, struct cas_client_hello *out_hello);

/* An SSLv2-compatible hello, without its length field. */
void cas_client_hello_parse_ssl2(struct cas_view body, struct cas_client_hello *out_hello);

#endif
