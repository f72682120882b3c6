/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The extensions of a hello: one after the other, and the inner shape of those that somebody
 * here reads. Knows no messages. Unknown extensions, GREASE and repeated ones do no harm.
 */
#ifndef CAS_TLS_EXTENSIONS_H
#define CAS_TLS_EXTENSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/reader.h"

enum cas_extension_type {
    CAS_EXTENSION_SERVER_NAME = 0,
    CAS_EXTENSION_MAX_FRAGMENT_LENGTH = 1,
    CAS_EXTENSION_TRUNCATED_HMAC = 4,
    CAS_EXTENSION_SUPPORTED_GROUPS = 10,
    CAS_EXTENSION_EC_POINT_FORMATS = 11,
    CAS_EXTENSION_SIGNATURE_ALGORITHMS = 13,
    CAS_EXTENSION_ALPN = 16,
    CAS_EXTENSION_ENCRYPT_THEN_MAC = 22,
    CAS_EXTENSION_RECORD_SIZE_LIMIT = 28,
    CAS_EXTENSION_CERT_WITH_EXTERN_PSK = 33,
    CAS_EXTENSION_SESSION_TICKET = 35,
    CAS_EXTENSION_PRE_SHARED_KEY = 41,
    CAS_EXTENSION_EARLY_DATA = 42,
    CAS_EXTENSION_SUPPORTED_VERSIONS = 43,
    CAS_EXTENSION_CERTIFICATE_AUTHORITIES = 47,
    CAS_EXTENSION_POST_HANDSHAKE_AUTH = 49,
    CAS_EXTENSION_ENCRYPTED_CLIENT_HELLO = 0xfe0d
};

struct cas_extension {
    uint16_t type;
    struct cas_view data;
};

/* The next one of a list without its length field; false at its end or when it is broken. */
bool cas_extension_next(struct cas_reader *list, struct cas_extension *out_extension);

/* Each ends where the next one begins, and the last one with the list. */
bool cas_extension_list_is_exact(struct cas_view list);

/* The first one of this type; false when there is none. */
bool cas_extension_find(struct cas_view list, uint16_t type, struct cas_view *out_data);

/* RFC 8701: 0x0a0a, 0x1a1a, ... 0xfafa mean nothing. */
static inline bool cas_extension_is_grease(uint16_t number)
{
    return (number & 0x0f0f) == 0x0a0a && number >> 8 == (number & 0xff);
}

/* RFC 6066, 3: the first host_name; empty when there is none. */
struct cas_view cas_extension_host_name(struct cas_view data);

/* Extensions whose data is one vector with a length of one or two bytes: the vector; empty when
 * it is broken. */
struct cas_view cas_extension_vec8(struct cas_view data);
struct cas_view cas_extension_vec16(struct cas_view data);

/* RFC 8446, 4.2.1, in a ClientHello: the highest version, drafts of TLS 1.3 as TLS 1.3; 0 when
 * there is none. */
uint16_t cas_extension_highest_version(struct cas_view data);

/* Drafts of TLS 1.3 (0x7fxx) as TLS 1.3. */
uint16_t cas_extension_final_version(uint16_t version);

#endif
