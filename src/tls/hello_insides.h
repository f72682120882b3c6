/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of a ClientHello's extensions what fingerprints show, found in one pass. */
#ifndef CAS_TLS_HELLO_INSIDES_H
#define CAS_TLS_HELLO_INSIDES_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/types.h>

#include "tls/hello.h"

/* Views into the hello; of each extension its first. */
struct cas_hello_insides {
    struct cas_view groups;     /* u16 each */
    struct cas_view formats;    /* u8 each */
    struct cas_view algorithms; /* u16 each */
    struct cas_view protocol;   /* the first one of ALPN */
    uint16_t version;           /* the highest of supported_versions, else legacy_version */
    bool has_name;              /* there is a server_name, whatever is in it */
};

struct cas_hello_insides cas_hello_insides_of(const struct cas_client_hello *hello);

#endif
