/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/tls_records.h"

#include <string.h>

#include <check.h>

#include "bytes/reader.h"

const uint8_t tls_retry_random[32] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
    0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
    0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

struct cas_buf tls_buf(void)
{
    return cas_buf_init(TLS_BUF_MAX, NULL);
}

void tls_u8(struct cas_buf *out, unsigned value)
{
    cas_buf_append_u8(out, (uint8_t)value);
    ck_assert(cas_buf_ok(out));
}

void tls_u16(struct cas_buf *out, unsigned value)
{
    tls_u8(out, value >> 8);
    tls_u8(out, value & 255);
}

void tls_u24(struct cas_buf *out, unsigned value)
{
    tls_u8(out, value >> 16);
    tls_u16(out, value & 65535);
}

void tls_bytes(struct cas_buf *out, struct cas_view bytes)
{
    cas_buf_append(out, bytes);
    ck_assert(cas_buf_ok(out));
}

void tls_text(struct cas_buf *out, const char *text)
{
    tls_bytes(out, cas_view_of(text, strlen(text)));
}

void tls_fill(struct cas_buf *out, unsigned value, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        cas_buf_append_u8(out, (uint8_t)value);
    }
    ck_assert(cas_buf_ok(out)); /* once: each of them costs a system call */
}

size_t tls_open(struct cas_buf *out, size_t width)
{
    tls_fill(out, 0, width);
    return out->len;
}

void tls_close(struct cas_buf *out, size_t width, size_t opened)
{
    size_t len = out->len - opened;
    for (size_t i = 0; i < width; i++) {
        out->data[opened - 1 - i] = (uint8_t)(len >> (8 * i));
    }
}

static void extension(struct cas_buf *out, unsigned type, const char *hex_free_text, size_t len)
{
    tls_u16(out, type);
    tls_u16(out, (unsigned)len);
    tls_bytes(out, cas_view_of(hex_free_text, len));
}

static void server_name(struct cas_buf *out, const char *name)
{
    tls_u16(out, 0); /* server_name */
    size_t data = tls_open(out, 2);
    size_t list = tls_open(out, 2);
    tls_u8(out, 0); /* host_name */
    size_t host = tls_open(out, 2);
    tls_text(out, name);
    tls_close(out, 2, host);
    tls_close(out, 2, list);
    tls_close(out, 2, data);
}

/* more: an extension without content; 0: none. */
static void client_hello(struct cas_buf *out, const char *name, const char *versions,
                         size_t versions_len, unsigned more)
{
    tls_u8(out, 1);
    size_t message = tls_open(out, 3);
    tls_u16(out, 0x0303);
    tls_fill(out, 0xa1, 32); /* random */
    tls_u8(out, 0);          /* no session id */
    tls_u16(out, 4);
    tls_u16(out, 0xc02f);
    tls_u16(out, 0x00ff);
    tls_u8(out, 1);
    tls_u8(out, 0); /* null compression */
    size_t extensions = tls_open(out, 2);
    if (name != NULL) {
        server_name(out, name);
        extension(out, 16, "\x00\x03\x02h2", 5); /* ALPN */
    }
    if (versions_len > 0) {
        extension(out, 43, versions, versions_len);
    }
    if (more > 0) {
        extension(out, more, "", 0);
    }
    tls_close(out, 2, extensions);
    tls_close(out, 3, message);
}

void tls_client_hello(struct cas_buf *out, const char *name)
{
    client_hello(out, name, "", 0, 0);
}

void tls_client_hello13(struct cas_buf *out, const char *name)
{
    client_hello(out, name, "\x04\x03\x04\x03\x03", 5, 0);
}

void tls_client_hello13_with(struct cas_buf *out, const char *name, unsigned extension)
{
    client_hello(out, name, "\x04\x03\x04\x03\x03", 5, extension);
}

void tls_server_hello(struct cas_buf *out, unsigned version)
{
    tls_u8(out, 2);
    size_t message = tls_open(out, 3);
    tls_u16(out, version);
    tls_fill(out, 0xb2, 32);
    tls_u8(out, 4);
    tls_fill(out, 0xc3, 4); /* session id */
    tls_u16(out, 0xc02f);
    tls_u8(out, 0);
    tls_close(out, 3, message);
}

void tls_server_hello13(struct cas_buf *out, struct cas_view random)
{
    tls_u8(out, 2);
    size_t message = tls_open(out, 3);
    tls_u16(out, 0x0303);
    tls_bytes(out, random);
    tls_u8(out, 0);
    tls_u16(out, 0x1301);
    tls_u8(out, 0);
    size_t extensions = tls_open(out, 2);
    extension(out, 43, "\x03\x04", 2);
    tls_close(out, 2, extensions);
    tls_close(out, 3, message);
}

void tls_certificate(struct cas_buf *out, size_t num_certs, size_t len)
{
    tls_u8(out, 11);
    size_t message = tls_open(out, 3);
    size_t list = tls_open(out, 3);
    for (size_t i = 0; i < num_certs; i++) {
        tls_u24(out, (unsigned)len);
        tls_fill(out, 0x30, len);
    }
    tls_close(out, 3, list);
    tls_close(out, 3, message);
}

void tls_cert_request(struct cas_buf *out, size_t num_names, size_t len)
{
    tls_u8(out, 13);
    size_t message = tls_open(out, 3);
    tls_u8(out, 2);
    tls_u8(out, 1);  /* rsa_sign */
    tls_u8(out, 64); /* ecdsa_sign */
    tls_u16(out, 4);
    tls_u16(out, 0x0401);
    tls_u16(out, 0x0403);
    size_t list = tls_open(out, 2);
    for (size_t i = 0; i < num_names; i++) {
        tls_u16(out, (unsigned)len);
        tls_fill(out, (unsigned)i, len);
    }
    tls_close(out, 2, list);
    tls_close(out, 3, message);
}

void tls_cert_request13(struct cas_buf *out, size_t num_names, size_t len)
{
    tls_u8(out, 13);
    size_t message = tls_open(out, 3);
    tls_u8(out, 0); /* no context */
    size_t extensions = tls_open(out, 2);
    extension(out, 13, "\x00\x02\x04\x03", 4); /* signature_algorithms */
    tls_u16(out, 47);                          /* certificate_authorities */
    size_t data = tls_open(out, 2);
    size_t list = tls_open(out, 2);
    for (size_t i = 0; i < num_names; i++) {
        tls_u16(out, (unsigned)len);
        tls_fill(out, (unsigned)i, len);
    }
    tls_close(out, 2, list);
    tls_close(out, 2, data);
    tls_close(out, 2, extensions);
    tls_close(out, 3, message);
}

void tls_certificate13(struct cas_buf *out, size_t len)
{
    tls_u8(out, 11);
    size_t message = tls_open(out, 3);
    tls_u8(out, 0); /* no context */
    size_t list = tls_open(out, 3);
    if (len > 0) {
        tls_u24(out, (unsigned)len);
        tls_fill(out, 0x30, len);
        tls_u16(out, 0); /* no extensions */
    }
    tls_close(out, 3, list);
    tls_close(out, 3, message);
}

void tls_message(struct cas_buf *out, unsigned type, size_t len)
{
    tls_u8(out, type);
    tls_u24(out, (unsigned)len);
    tls_fill(out, 0x5a, len);
}

void tls_record(struct cas_buf *out, unsigned type, unsigned version, struct cas_view body)
{
    tls_u8(out, type);
    tls_u16(out, version);
    tls_u16(out, (unsigned)body.len);
    tls_bytes(out, body);
}

void tls_records(struct cas_buf *out, unsigned type, unsigned version, struct cas_view bytes,
                 size_t record_len)
{
    for (size_t at = 0; at < bytes.len; at += record_len) {
        tls_record(out, type, version, cas_view_part(bytes, at, record_len));
    }
}

void tls_opaque(struct cas_buf *out, unsigned type, size_t len)
{
    struct cas_buf body = tls_buf();
    tls_fill(&body, 0xee, len);
    tls_record(out, type, 0x0303, cas_buf_view(&body));
    cas_buf_finish(&body);
}

void tls_alert(struct cas_buf *out, unsigned level, unsigned description)
{
    uint8_t body[2] = { (uint8_t)level, (uint8_t)description };
    tls_record(out, 21, 0x0303, cas_view_of(body, 2));
}

void tls_change_cipher_spec(struct cas_buf *out)
{
    uint8_t body[1] = { 1 };
    tls_record(out, 20, 0x0303, cas_view_of(body, 1));
}

static void end_of_flight(struct cas_buf *out)
{
    tls_change_cipher_spec(out);
    tls_opaque(out, 22, 40); /* Finished */
    tls_opaque(out, 23, 200);
}

void tls_client_flight(struct cas_buf *out, const struct tls_flight_options *options)
{
    struct cas_buf messages = tls_buf();

    tls_client_hello(&messages, "host.example");
    tls_records(out, 22, 0x0301, cas_buf_view(&messages), options->record_len);
    cas_buf_clear(&messages);
    tls_certificate(&messages, 0, 0);
    tls_message(&messages, 16, 66); /* ClientKeyExchange */
    tls_records(out, 22, 0x0303, cas_buf_view(&messages), options->record_len);
    cas_buf_finish(&messages);
    end_of_flight(out);
}

void tls_server_flight(struct cas_buf *out, const struct tls_flight_options *options)
{
    struct cas_buf messages = tls_buf();

    tls_server_hello(&messages, 0x0303);
    tls_certificate(&messages, 2, 300);
    tls_message(&messages, 12, 100); /* ServerKeyExchange */
    tls_cert_request(&messages, options->num_names, options->name_len);
    tls_message(&messages, 14, 0); /* ServerHelloDone */
    tls_records(out, 22, 0x0303, cas_buf_view(&messages), options->record_len);
    cas_buf_finish(&messages);
    end_of_flight(out);
}

struct tls_flights tls_flights_build(const struct tls_flight_options *options)
{
    struct tls_flights flights = { tls_buf(), tls_buf() };
    tls_client_flight(&flights.client, options);
    tls_server_flight(&flights.server, options);
    return flights;
}

void tls_flights_finish(struct tls_flights *flights)
{
    cas_buf_finish(&flights->client);
    cas_buf_finish(&flights->server);
}

uint32_t tls_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}
