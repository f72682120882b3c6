/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A second, simple opinion on what TLS says in the clear: walks the records of a whole stream.
 * Shares nothing with src/ on purpose.
 */
#ifndef CAS_TEST_TLS_WALK_H
#define CAS_TEST_TLS_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "support/recording.h"

#define TLS_WALK_REQUESTS 4

/* Stream offsets of a message: from its header to behind its last byte. */
struct tls_span {
    size_t from;
    size_t to;
};

struct tls_walk {
    bool is_tls;       /* a ClientHello or a ServerHello was found */
    bool is_encrypted; /* a ChangeCipherSpec was sent */
    size_t requests;   /* CertificateRequests in the clear */
    struct tls_span request[TLS_WALK_REQUESTS];
};

struct tls_walk tls_walk(const struct recorded_stream *stream);

#endif
