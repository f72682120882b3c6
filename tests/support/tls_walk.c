/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/tls_walk.h"

#include <stdlib.h>

#define RECORD_HEADER    5
#define HANDSHAKE_HEADER 4

#define TYPE_CHANGE_CIPHER_SPEC 20
#define TYPE_ALERT              21
#define TYPE_HANDSHAKE          22

#define CLIENT_HELLO        1
#define SERVER_HELLO        2
#define CERTIFICATE_REQUEST 13

/* The handshake bytes of a stream without their record headers, and where each one stood. */
struct handshake_bytes {
    uint8_t *data;
    size_t *offset;
    size_t len;
};

/* A record with a hello in it: TLS also begins behind STARTTLS and the like. */
static size_t find_hello(const struct recorded_stream *s)
{
    for (size_t at = 0; at + RECORD_HEADER < s->len; at++) {
        const uint8_t *r = s->data + at;
        bool is_record = r[0] == TYPE_HANDSHAKE && r[1] == 3 && r[2] <= 4;
        if (is_record && (r[5] == CLIENT_HELLO || r[5] == SERVER_HELLO)) {
            return at;
        }
    }
    return s->len;
}

static void keep(struct handshake_bytes *h, const struct recorded_stream *s, size_t from,
                 size_t to)
{
    for (size_t i = from; i < to; i++) {
        h->data[h->len] = s->data[i];
        h->offset[h->len++] = i;
    }
}

static struct handshake_bytes collect(struct tls_walk *walk, const struct recorded_stream *s)
{
    struct handshake_bytes h = { wire_alloc(s->len), wire_alloc(s->len * sizeof(size_t)), 0 };
    size_t at = find_hello(s);
    walk->is_tls = at < s->len;
    while (at + RECORD_HEADER <= s->len && !walk->is_encrypted) {
        size_t from = at + RECORD_HEADER;
        size_t to = from + wire_get16(s->data + at + 3);
        if (to > s->len) {
            break;
        }
        walk->is_encrypted = s->data[at] == TYPE_CHANGE_CIPHER_SPEC;
        if (s->data[at] == TYPE_HANDSHAKE) {
            keep(&h, s, from, to);
        } else if (s->data[at] != TYPE_ALERT) {
            break;
        }
        at = to;
    }
    return h;
}

struct tls_walk tls_walk(const struct recorded_stream *stream)
{
    struct tls_walk walk = { 0 };
    struct handshake_bytes h = collect(&walk, stream);
    size_t at = 0;
    while (at + HANDSHAKE_HEADER <= h.len) {
        size_t to = at + HANDSHAKE_HEADER + (wire_get32(h.data + at) & 0xffffff);
        if (to > h.len) {
            break;
        }
        if (h.data[at] == CERTIFICATE_REQUEST && walk.requests < TLS_WALK_REQUESTS) {
            walk.request[walk.requests++] =
                (struct tls_span){ h.offset[at], h.offset[to - 1] + 1 };
        }
        at = to;
    }
    free(h.data);
    free(h.offset);
    return walk;
}
