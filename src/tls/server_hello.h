/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ServerHello, or what came of it. */
#ifndef CAS_TLS_SERVER_HELLO_H
#define CAS_TLS_SERVER_HELLO_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/types.h>

struct cas_server_hello {
    uint16_t legacy_version;
    uint16_t version; /* from supported_versions where it is there */
    uint16_t cipher;
    struct cas_view session_id;
    struct cas_view extensions;
    bool is_retry_request; /* RFC 8446, 4.1.3: by its random */
    bool is_psk_accepted;
    uint16_t psk_index;         /* which of the client's: RFC 8446, 4.2.11 */
    bool has_certificates_also; /* with that key: RFC 8773 */
    bool is_whole;              /* every field was there, and nothing behind them */
};

/* A body that ends early gives the fields before its end. */
void cas_server_hello_parse(struct cas_view body, struct cas_server_hello *out_hello);

#endif
