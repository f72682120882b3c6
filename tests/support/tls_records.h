/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds TLS by hand: vectors, handshake messages, records, flights. Knows nothing of the
 * parsers, so that both do not share a mistake. A failed allocation fails the test.
 */
#ifndef CAS_TEST_TLS_RECORDS_H
#define CAS_TEST_TLS_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/buf.h"

/* Everything that tests build is far below this. */
#define TLS_BUF_MAX (1u << 26)

struct cas_buf tls_buf(void);

void tls_u8(struct cas_buf *out, unsigned value);
void tls_u16(struct cas_buf *out, unsigned value);
void tls_u24(struct cas_buf *out, unsigned value);
void tls_bytes(struct cas_buf *out, struct cas_view bytes);
void tls_text(struct cas_buf *out, const char *text);
/* len bytes of this value. */
void tls_fill(struct cas_buf *out, unsigned value, size_t len);

/* A vector with a length of width bytes: open it, append its content, close it. */
size_t tls_open(struct cas_buf *out, size_t width);
void tls_close(struct cas_buf *out, size_t width, size_t opened);

/* Handshake messages with their headers. */

/* Version 3.3 with two ciphers; server name and ALPN "h2" unless name is NULL. */
void tls_client_hello(struct cas_buf *out, const char *name);
/* The same, offering TLS 1.3 and 1.2 in supported_versions. */
void tls_client_hello13(struct cas_buf *out, const char *name);
/* The same with one more extension, without content. */
void tls_client_hello13_with(struct cas_buf *out, const char *name, unsigned extension);
/* A ServerHello without extensions, cipher 0xc02f. */
void tls_server_hello(struct cas_buf *out, unsigned version);
/* A TLS 1.3 one, cipher 0x1301; a HelloRetryRequest when the random is that one's. */
void tls_server_hello13(struct cas_buf *out, struct cas_view random);
/* num_certs certificates of len bytes each. */
void tls_certificate(struct cas_buf *out, size_t num_certs, size_t len);
/* A TLS 1.2 request: types 1 and 64, algorithms 0x0401 and 0x0403, names of len bytes each. */
void tls_cert_request(struct cas_buf *out, size_t num_names, size_t len);
/* The same of TLS 1.3 (RFC 8446, 4.3.2): no context; of extensions 13, with algorithm 0x0403,
 * and 47. */
void tls_cert_request13(struct cas_buf *out, size_t num_names, size_t len);
/* A TLS 1.3 Certificate (RFC 8446, 4.4.2): no context, one entry of len bytes; 0: none. */
void tls_certificate13(struct cas_buf *out, size_t len);
/* Any message with len bytes of 0x5a. */
void tls_message(struct cas_buf *out, unsigned type, size_t len);

/* The bytes as records of at most record_len bytes. */
void tls_records(struct cas_buf *out, unsigned type, unsigned version, struct cas_view bytes,
                 size_t record_len);
/* One record. */
void tls_record(struct cas_buf *out, unsigned type, unsigned version, struct cas_view body);
/* One record of this type with len bytes of 0xee: encrypted, say. */
void tls_opaque(struct cas_buf *out, unsigned type, size_t len);
void tls_alert(struct cas_buf *out, unsigned level, unsigned description);
void tls_change_cipher_spec(struct cas_buf *out);

/* RFC 8446, 4.1.3: the random of a HelloRetryRequest. */
extern const uint8_t tls_retry_random[32];

/* Whole flights of a TLS 1.2 handshake, records of at most record_len bytes each. */
struct tls_flight_options {
    size_t record_len;
    size_t num_names; /* of the CertificateRequest */
    size_t name_len;
};
/* ClientHello; Certificate (empty), ClientKeyExchange, ChangeCipherSpec, Finished, data */
void tls_client_flight(struct cas_buf *out, const struct tls_flight_options *options);
/* ServerHello, Certificate, ServerKeyExchange, CertificateRequest, ServerHelloDone,
 * ChangeCipherSpec, Finished, data */
void tls_server_flight(struct cas_buf *out, const struct tls_flight_options *options);

/* Both of them. */
struct tls_flights {
    struct cas_buf client;
    struct cas_buf server;
};
struct tls_flights tls_flights_build(const struct tls_flight_options *options);
void tls_flights_finish(struct tls_flights *flights);

/* A small generator of our own, so that a failure comes again. */
uint32_t tls_random(uint32_t *state);

#endif
