/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first two encrypted records of one side of connections between real programs, of every
 * kind of cipher suite, with their secrets. Of OpenSSL 3.0's server
 * (tests/lab/renegotiation.py): its Finished, as its -msg printed it, and a HelloRequest. Of
 * GnuTLS 3.7's client: its Finished, as tshark reads it with the same key log, and the
 * ClientHello of a renegotiation.
 */
#ifndef CAS_TEST_SEALED_RECORDS_H
#define CAS_TEST_SEALED_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "tls/protection12.h"

#define SEALED_RECORDS 25

struct sealed_records {
    const char *name;
    uint16_t version;
    uint16_t cipher;
    bool is_encrypt_then_mac;
    enum cas_protection12_sender sender;
    /* Everything from here on in hex. */
    const char *client_random;
    const char *server_random;
    const char *master;
    const char *first; /* records with their headers */
    const char *second;
    const char *finished;     /* what the first holds */
    const char *second_begin; /* what the second begins with */
};

struct sealed_records sealed_records(int i);

#endif
