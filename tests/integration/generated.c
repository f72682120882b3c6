/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "integration/generated.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>
#include <pcap/dlt.h>

#include "support/dice.h"

#define VECTOR_MAX  65535u
#define SIGALGS_MAX 65534u
#define TYPES_MAX   255u

#define TIME_US UINT64_C(1700000000000000)

/* A name of this size at most has lengths of one byte each. */
#define NAME_HEAD 13
#define NAME_MIN  24
#define NAME_MAX  120

#define SERVER_HELLO        2
#define CERTIFICATE         11
#define SERVER_KEY_EXCHANGE 12
#define CERTIFICATE_REQUEST 13
#define SERVER_HELLO_DONE   14
#define CLIENT_KEY_EXCHANGE 16

/* How a handshake looks. */
struct look {
    uint8_t minor; /* 3 is TLS 1.2 */
    uint8_t family;
    size_t types;
    size_t sigalgs; /* bytes */
    size_t list;    /* bytes */
    size_t record;  /* bytes of a record, at most */
    size_t segment;
    bool is_split; /* each message begins a record */
};

struct bytes {
    uint8_t *data;
    size_t len;
};

/* A connection in the making. */
struct making {
    struct look look;
    struct dice dice;
    struct wire_packet from[2]; /* templates of both ends' packets */
    uint32_t seq[2];
    struct recording *recording;
};

static const struct look extremes[] = {
    { 3, 4, TYPES_MAX, SIGALGS_MAX, VECTOR_MAX, 16384, 1448, false },
    { 3, 6, TYPES_MAX, SIGALGS_MAX, VECTOR_MAX, 4096, 536, true },
    { 3, 4, 1, 2, 0, 16384, 1448, true },
    { 3, 4, 3, 40, 200, 1, 1448, false },
    { 1, 4, 2, 0, VECTOR_MAX, 16384, 1448, false },
    { 3, 6, 2, SIGALGS_MAX, 0, 16384, 1428, false },
    { 3, 4, 2, 40, 16384 - 48, 16384, 1448, true }, /* fills its record but for a byte or so */
    { 2, 6, 2, 0, 9000, 100, 1300, false },
};

#define EXTREMES (sizeof(extremes) / sizeof(extremes[0]))

/* --- bytes --- */

static void put(struct bytes *out, const void *data, size_t len)
{
    out->data = wire_grow(out->data, out->len + len);
    if (len > 0) {
        memcpy(out->data + out->len, data, len);
    }
    out->len += len;
}

static void put_number(struct bytes *out, size_t value, size_t width)
{
    for (size_t i = width; i-- > 0;) {
        uint8_t byte = (uint8_t)(value >> 8 * i);
        put(out, &byte, 1);
    }
}

static void put_random(struct bytes *out, struct dice *dice, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        put_number(out, (size_t)dice_roll(dice, 256), 1);
    }
}

static void put_vector(struct bytes *out, struct bytes *content, size_t width)
{
    put_number(out, content->len, width);
    put(out, content->data, content->len);
    free(content->data);
    *content = (struct bytes){ 0 };
}

/* --- the request --- */

/* SEQUENCE { SET { SEQUENCE { id-at-commonName, UTF8String } } } of so many bytes. */
static void put_name(struct bytes *out, struct dice *dice, size_t len)
{
    static const uint8_t common_name[] = { 6, 3, 0x55, 4, 3 };
    const uint8_t nested[] = { 0x30, (uint8_t)(len - 2), 0x31, (uint8_t)(len - 4),
                               0x30, (uint8_t)(len - 6) };
    put(out, nested, sizeof(nested));
    put(out, common_name, sizeof(common_name));
    put_number(out, 0x0c, 1);
    put_number(out, len - NAME_HEAD, 1);
    for (size_t i = NAME_HEAD; i < len; i++) {
        put_number(out, 'a' + (size_t)dice_roll(dice, 26), 1);
    }
}

static struct bytes make_list(const struct look *look, struct dice *dice, size_t *out_names)
{
    struct bytes list = { 0 };
    *out_names = 0;
    while (look->list - list.len >= NAME_MIN + 2) {
        size_t left = look->list - list.len - 2;
        size_t len = NAME_MIN + (size_t)dice_roll(dice, NAME_MAX - NAME_MIN + 1);
        if (left <= NAME_MAX) {
            len = left;
        } else if (left - len < NAME_MIN + 2) {
            len = NAME_MIN;
        }
        put_number(&list, len, 2);
        put_name(&list, dice, len);
        ++*out_names;
    }
    return list;
}

static void tell_sha256(const struct bytes *list, char out_text[65])
{
    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&context);
    sha256_update(&context, list->len, list->data);
    sha256_digest(&context, sizeof(digest), digest);
    for (size_t i = 0; i < sizeof(digest); i++) {
        snprintf(out_text + 2 * i, 3, "%02x", digest[i]);
    }
}

static struct bytes make_request(struct making *m, struct generated *out)
{
    struct bytes body = { 0 };
    struct bytes types = { 0 };
    struct bytes sigalgs = { 0 };
    put_random(&types, &m->dice, m->look.types);
    put_vector(&body, &types, 1);
    if (m->look.minor == 3) {
        put_random(&sigalgs, &m->dice, m->look.sigalgs);
        put_vector(&body, &sigalgs, 2);
    }
    struct bytes list = make_list(&m->look, &m->dice, &out->names);
    out->list_bytes = list.len;
    tell_sha256(&list, out->sha256);
    put_vector(&body, &list, 2);
    out->message_bytes = body.len + 4;
    return body;
}

/* --- messages and records --- */

static void put_records(struct bytes *out, const struct look *look, uint8_t type,
                        const struct bytes *content)
{
    for (size_t at = 0; at < content->len; at += look->record) {
        size_t left = content->len - at;
        size_t len = left < look->record ? left : look->record;
        const uint8_t head[] = { type, 3, look->minor };
        put(out, head, sizeof(head));
        put_number(out, len, 2);
        put(out, content->data + at, len);
    }
}

/* Messages wait in pending for a record, unless each has one of its own. */
static void put_message(struct bytes *out, struct bytes *pending, const struct look *look,
                        uint8_t type, struct bytes *body)
{
    put_number(pending, type, 1);
    put_vector(pending, body, 3);
    if (look->is_split) {
        put_records(out, look, 22, pending);
        pending->len = 0;
    }
}

static void put_finished(struct bytes *out, struct making *m)
{
    const uint8_t change[] = { 20, 3, m->look.minor, 0, 1, 1, 22, 3, m->look.minor, 0, 40 };
    put(out, change, sizeof(change));
    put_random(out, &m->dice, 40);
}

static struct bytes make_client_hello(struct making *m)
{
    static const uint8_t rest[] = { 0, 0,  2, 0xc0, 0x2f, 1,   0, /* session, cipher, none */
                                    0, 14, 0, 0,    0,    10,  0,   8,
                                    0, 0,  5, 'a',  '.',  'e', 'x', 'a' };
    struct bytes body = { 0 };
    struct bytes message = { 0 };
    struct bytes out = { 0 };
    put_number(&body, 0x0300u + m->look.minor, 2);
    put_random(&body, &m->dice, 32);
    put(&body, rest, sizeof(rest));
    put_number(&message, 1, 1);
    put_vector(&message, &body, 3);
    put_records(&out, &m->look, 22, &message);
    free(message.data);
    return out;
}

static struct bytes make_server_flight(struct making *m, struct generated *made)
{
    static const uint8_t hello_rest[] = { 0, 0xc0, 0x2f, 0 };
    struct bytes out = { 0 };
    struct bytes pending = { 0 };
    struct bytes body = { 0 };
    put_number(&body, 0x0300u + m->look.minor, 2);
    put_random(&body, &m->dice, 32);
    put(&body, hello_rest, sizeof(hello_rest));
    put_message(&out, &pending, &m->look, SERVER_HELLO, &body);
    put_number(&body, 0, 3);
    put_message(&out, &pending, &m->look, CERTIFICATE, &body);
    put_random(&body, &m->dice, 100);
    put_message(&out, &pending, &m->look, SERVER_KEY_EXCHANGE, &body);
    body = make_request(m, made);
    put_message(&out, &pending, &m->look, CERTIFICATE_REQUEST, &body);
    put_message(&out, &pending, &m->look, SERVER_HELLO_DONE, &body);
    put_records(&out, &m->look, 22, &pending);
    free(pending.data);
    return out;
}

static struct bytes make_client_flight(struct making *m)
{
    struct bytes out = { 0 };
    struct bytes pending = { 0 };
    struct bytes body = { 0 };
    put_number(&body, 0, 3);
    put_message(&out, &pending, &m->look, CERTIFICATE, &body);
    put_random(&body, &m->dice, 66);
    put_message(&out, &pending, &m->look, CLIENT_KEY_EXCHANGE, &body);
    put_records(&out, &m->look, 22, &pending);
    put_finished(&out, m);
    free(pending.data);
    return out;
}

/* --- packets --- */

/* Ethernet, IP with addresses that tell the ends apart, TCP with 20 bytes. */
static struct wire_packet template_of(uint8_t family, unsigned end)
{
    uint8_t frame[14 + 40 + 20] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
    size_t ip_len = family == 4 ? 20 : 40;
    uint8_t *ip = frame + 14;
    uint8_t *tcp = ip + ip_len;
    wire_put16(frame + 12, family == 4 ? 0x0800 : 0x86dd);
    ip[0] = family == 4 ? 0x45 : 0x60;
    if (family == 4) {
        wire_put16(ip + 2, (uint32_t)ip_len + 20);
        ip[8] = 64;
        ip[9] = 6;
        wire_put32(ip + 12, 0xc0000201u + end);
        wire_put32(ip + 16, 0xc0000202u - end);
    } else {
        wire_put16(ip + 4, 20);
        ip[6] = 6;
        ip[7] = 64;
        wire_put32(ip + 8, 0x20010db8);
        ip[23] = (uint8_t)(1 + end);
        wire_put32(ip + 24, 0x20010db8);
        ip[39] = (uint8_t)(2 - end);
    }
    wire_put16(tcp + 2 * (size_t)end, 40123);
    wire_put16(tcp + 2 - 2 * (size_t)end, 443);
    tcp[12] = 0x50;
    wire_put16(tcp + 14, 65535);
    size_t len = 14 + ip_len + 20;
    return wire_packet_of(frame, len, (uint32_t)len, DLT_EN10MB);
}

static void send_one(struct making *m, unsigned end, uint8_t flags, const uint8_t *data,
                     size_t len)
{
    struct wire_packet p = wire_with(&m->from[end], m->seq[end], flags, data, len);
    bool has_ack = (flags & WIRE_ACK) != 0;
    p.ack = has_ack ? m->seq[1 - end] : 0;
    p.time_us = TIME_US;
    wire_seal(&p);
    m->seq[end] += wire_seq_len(&p);
    wire_row_add(&m->recording->row, p);
}

static void send_all(struct making *m, unsigned end, struct bytes *bytes)
{
    for (size_t at = 0, sent = 0; at < bytes->len; at += m->look.segment, sent++) {
        size_t left = bytes->len - at;
        size_t len = left < m->look.segment ? left : m->look.segment;
        send_one(m, end, WIRE_ACK, bytes->data + at, len);
        if (sent % 2 == 1) {
            send_one(m, 1 - end, WIRE_ACK, NULL, 0);
        }
    }
    free(bytes->data);
    *bytes = (struct bytes){ 0 };
}

static void talk(struct making *m, struct generated *out)
{
    struct bytes bytes = { 0 };
    send_one(m, 0, WIRE_SYN, NULL, 0);
    send_one(m, 1, WIRE_SYN | WIRE_ACK, NULL, 0);
    send_one(m, 0, WIRE_ACK, NULL, 0);
    bytes = make_client_hello(m);
    send_all(m, 0, &bytes);
    bytes = make_server_flight(m, out);
    send_all(m, 1, &bytes);
    bytes = make_client_flight(m);
    send_all(m, 0, &bytes);
    put_finished(&bytes, m);
    send_all(m, 1, &bytes);
    send_one(m, 0, WIRE_ACK | WIRE_FIN, NULL, 0);
    send_one(m, 1, WIRE_ACK | WIRE_FIN, NULL, 0);
    send_one(m, 0, WIRE_ACK, NULL, 0);
}

static struct look random_look(struct dice *dice)
{
    static const size_t lists[] = { 400, 2000, 20000, VECTOR_MAX };
    static const size_t records[] = { 64, 1024, 4096, 16384 };
    struct look look = { .minor = (uint8_t)(1 + dice_roll(dice, 3)) };
    look.family = dice_roll(dice, 2) == 0 ? 4 : 6;
    look.types = 1 + (size_t)dice_roll(dice, 8);
    look.sigalgs = 2 + 2 * (size_t)dice_roll(dice, 30);
    look.list =
        NAME_MIN + 2 + (size_t)dice_roll(dice, lists[dice_roll(dice, 4)] - NAME_MIN - 1);
    look.record = 1 + (size_t)dice_roll(dice, records[dice_roll(dice, 4)]);
    look.segment = 500 + (size_t)dice_roll(dice, 949);
    look.is_split = dice_roll(dice, 2) == 0;
    return look;
}

/* All packets are of the one connection. */
static void connect_all(struct making *m)
{
    struct recording *r = m->recording;
    struct recorded_connection *c = wire_alloc(sizeof(*c));
    *c = (struct recorded_connection){ .family = m->look.family, .has_start = { true, true } };
    r->connection = c;
    r->connections = 1;
    r->connection_of = wire_alloc(r->row.len * sizeof(*r->connection_of));
    for (unsigned end = 0; end < 2; end++) {
        memcpy(c->address[end], wire_address(&m->from[end], 0), c->family == 4 ? 4 : 16);
        c->port[end] = wire_port(&m->from[end], 0);
        c->start[end] = r->row.packet[end].seq + 1;
    }
    for (size_t i = 0; i < r->row.len; i++) {
        r->connection_of[i] = 0;
        wire_row_add(&c->row, wire_copy(&r->row.packet[i]));
    }
}

struct generated generated_make(size_t number)
{
    struct generated out = { .recording = wire_alloc(sizeof(*out.recording)) };
    struct making m = { .dice = { number }, .recording = out.recording };
    *out.recording = (struct recording){ .link_type = DLT_EN10MB };
    m.look = number < EXTREMES ? extremes[number] : random_look(&m.dice);
    for (unsigned end = 0; end < 2; end++) {
        m.from[end] = template_of(m.look.family, end);
        m.seq[end] = (uint32_t)dice_roll(&m.dice, UINT64_C(1) << 32);
    }
    talk(&m, &out);
    connect_all(&m);
    wire_free(&m.from[0]);
    wire_free(&m.from[1]);
    return out;
}
