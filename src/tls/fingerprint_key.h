/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that the fingerprints of a hello depend on, in few bytes: hellos with equal keys have
 * equal fingerprints. Random, names, tickets and key shares are not in it, nor is GREASE.
 */
#ifndef CAS_TLS_FINGERPRINT_KEY_H
#define CAS_TLS_FINGERPRINT_KEY_H

#include "bytes/buf.h"
#include "tls/hello.h"
#include "tls/server_hello.h"

/* Of hellos as cas_ja3() takes them. Keys of clients and of servers never equal each other. */
void cas_fingerprint_client_key(const struct cas_client_hello *hello, struct cas_buf *out_key);
void cas_fingerprint_server_key(const struct cas_server_hello *hello, struct cas_buf *out_key);

#endif
