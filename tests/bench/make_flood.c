/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a flood as a capture on stdout: so many packets of one kind between random addresses,
 * and among them, from time to time, a whole recorded handshake, the canary. Each canary has a
 * client of its own in 192.0.2.0/24 and a port of its own.
 *
 *     make_flood --kind hellos --count 1000000 --canary-every 1000 few-cas.pcap | casniff -r -
 *
 * Says on stderr what was put in.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/dlt.h>

#include "support/dice.h"
#include "support/recording.h"
#include "support/tls_walk.h"

#define LINK_LEN    14
#define IP_LEN      20
#define TCP_LEN     20
#define SEGMENT     1448
#define FRAME_MAX   (LINK_LEN + IP_LEN + TCP_LEN + SEGMENT)
#define HOLE_BYTES  65536
#define LIE_BYTES   16384
#define SLOW_BYTES  6 /* that each slow connection sends */
#define SLOW_US     10000000
#define CLIENT_PORT 1024

struct flood {
    const char *kind;
    uint64_t count;        /* connections, or whatever the kind counts */
    uint64_t canary_every; /* packets of the flood for one of the canaries' */
    struct wire_row canary;
    bool *is_reply;
    size_t canary_next;
    uint64_t canaries; /* begun */
    uint64_t packets;
    uint64_t time_us;
    struct dice dice;
    uint8_t data[SEGMENT];
};

/* --- output --- */

static void put_frame(struct flood *f, const uint8_t *frame, size_t len)
{
    uint8_t head[16] = { 0 };
    uint64_t words[] = { f->time_us / 1000000, f->time_us % 1000000, len, len };
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < 4; k++) {
            head[4 * i + k] = (uint8_t)(words[i] >> 8 * k);
        }
    }
    if (fwrite(head, 1, sizeof(head), stdout) != sizeof(head) ||
        fwrite(frame, 1, len, stdout) != len) {
        exit(EXIT_FAILURE); /* the reader has gone */
    }
    f->time_us += 1;
}

static void put_file_head(void)
{
    static const uint8_t head[24] = { 0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0,
                                      0,    0,    0,    0,    0, 0, 4, 0, 1, 0, 0, 0 };
    fwrite(head, 1, sizeof(head), stdout);
}

/* --- canaries --- */

/* The next packet of the canary that is on its way. */
static void put_canary(struct flood *f)
{
    struct wire_packet *p = &f->canary.packet[f->canary_next];
    unsigned client = f->is_reply[f->canary_next] ? 1 : 0;
    if (f->canary_next == 0) {
        f->canaries++;
    }
    uint8_t address[16] = { 192, 0, 2, (uint8_t)(f->canaries / 60000) };
    wire_set_end(p, client, address, (uint16_t)(CLIENT_PORT + f->canaries % 60000));
    uint8_t server[16] = { 198, 51, 100, 1 };
    wire_set_end(p, 1 - client, server, 443);
    wire_seal(p);
    put_frame(f, p->frame, p->frame_len);
    f->canary_next = (f->canary_next + 1) % f->canary.len;
}

/* After each packet of the flood. */
static void went(struct flood *f)
{
    f->packets++;
    if (f->canary_every > 0 && f->packets % f->canary_every == 0) {
        put_canary(f);
    }
}

static void take_canary(struct flood *f, const char *path)
{
    struct recording *recording = recording_load(path);
    if (recording == NULL || recording->connections == 0) {
        exit(EXIT_FAILURE);
    }
    const struct recorded_connection *c = &recording->connection[0];
    f->is_reply = wire_alloc(c->row.len * sizeof(bool));
    for (size_t i = 0; i < c->row.len; i++) {
        const struct wire_packet *p = &c->row.packet[i];
        uint8_t *frame = wire_alloc(LINK_LEN + p->end - p->ip);
        memset(frame, 2, LINK_LEN);
        wire_put16(frame + 12, p->family == 4 ? 0x0800 : 0x86dd);
        memcpy(frame + LINK_LEN, p->frame + p->ip, p->end - p->ip);
        size_t len = LINK_LEN + p->end - p->ip;
        wire_row_add(&f->canary, wire_packet_of(frame, len, (uint32_t)len, DLT_EN10MB));
        f->is_reply[i] = recorded_sender(c, p) == 1;
        free(frame);
    }
    recording_destroy(recording);
}

/* --- the flood's own packets --- */

struct pair {
    uint32_t client;
    uint16_t port;
};

static struct pair random_pair(struct flood *f)
{
    /* 10.0.0.0/8: apart from the canaries. */
    return (struct pair){ 0x0a000000 | (uint32_t)dice_roll(&f->dice, 1 << 24),
                          (uint16_t)(CLIENT_PORT + dice_roll(&f->dice, 60000)) };
}

/* One segment of a pair. */
struct segment {
    bool is_reply;
    uint32_t seq;
    uint32_t ack;
    uint8_t flags;
    const uint8_t *data;
    size_t len;
};

static void put_segment(struct flood *f, struct pair pair, const struct segment *segment)
{
    uint8_t frame[FRAME_MAX] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45 };
    frame[LINK_LEN + 8] = 64;
    frame[LINK_LEN + 9] = 6;
    frame[LINK_LEN + IP_LEN + 12] = 0x50;
    size_t all = LINK_LEN + IP_LEN + TCP_LEN + segment->len;
    wire_put16(frame + LINK_LEN + 2, (uint32_t)(all - LINK_LEN));
    if (segment->len > 0) {
        memcpy(frame + LINK_LEN + IP_LEN + TCP_LEN, segment->data, segment->len);
    }
    struct wire_packet p = wire_packet_of(frame, all, (uint32_t)all, DLT_EN10MB);
    uint8_t client[4];
    wire_put32(client, pair.client);
    static const uint8_t server[4] = { 198, 51, 100, 2 };
    wire_set_end(&p, segment->is_reply ? 1 : 0, client, pair.port);
    wire_set_end(&p, segment->is_reply ? 0 : 1, server, 443);
    p.seq = segment->seq;
    p.ack = segment->ack;
    p.flags = segment->flags;
    wire_seal(&p);
    put_frame(f, p.frame, p.frame_len);
    wire_free(&p);
    went(f);
}

static void put_handshake(struct flood *f, struct pair pair)
{
    put_segment(f, pair, &(struct segment){ .seq = 999, .flags = WIRE_SYN });
    put_segment(f, pair, &(struct segment){ true, 4999, 1000, WIRE_SYN | WIRE_ACK, NULL, 0 });
    put_segment(f, pair, &(struct segment){ false, 1000, 5000, WIRE_ACK, NULL, 0 });
}

/* Only the canaries. */
static void put_nothing(struct flood *f, uint64_t i)
{
    (void)i;
    went(f);
}

static void put_syn(struct flood *f, uint64_t i)
{
    (void)i;
    put_segment(f, random_pair(f), &(struct segment){ .seq = 999, .flags = WIRE_SYN });
}

static void put_empty(struct flood *f, uint64_t i)
{
    (void)i;
    put_handshake(f, random_pair(f));
}

/* The canary's ClientHello. */
static void put_hello_of(struct flood *f, struct pair pair)
{
    put_handshake(f, pair);
    for (size_t k = 0; k < f->canary.len; k++) {
        const struct wire_packet *p = &f->canary.packet[k];
        size_t len = wire_payload_len(p);
        if (len > 0) {
            put_segment(f, pair,
                        &(struct segment){ false, 1000, 5000, WIRE_ACK | WIRE_PSH,
                                           p->frame + p->payload,
                                           len < SEGMENT ? len : SEGMENT });
            return;
        }
    }
}

static void put_hello(struct flood *f, uint64_t i)
{
    (void)i;
    put_hello_of(f, random_pair(f));
}

/* 64 KiB of a server behind one byte that is missing. */
static void put_hole(struct flood *f, uint64_t i)
{
    struct pair pair = random_pair(f);
    (void)i;
    put_handshake(f, pair);
    for (uint32_t at = 0; at + SEGMENT <= HOLE_BYTES; at += SEGMENT) {
        put_segment(f, pair,
                    &(struct segment){ true, 5001 + at, 1000, WIRE_ACK, f->data, SEGMENT });
    }
}

/* Every other byte of one connection. */
static void put_odd_byte(struct flood *f, uint64_t i)
{
    struct pair pair = { 0x0a000001, CLIENT_PORT };
    if (i == 0) {
        put_handshake(f, pair);
    }
    put_segment(f, pair,
                &(struct segment){ true, 5001 + 2 * (uint32_t)i, 1000, WIRE_ACK, f->data, 1 });
}

/* A byte of data between a random pair; or one of pairs with the same sum of all their words,
 * as a hash without a key would have it. */
static void put_pair(struct flood *f, struct pair pair)
{
    put_segment(f, pair,
                &(struct segment){ false, 1000, 5000, WIRE_ACK | WIRE_PSH,
                                   (const uint8_t *)"\x16", 1 });
}

static void put_random(struct flood *f, uint64_t i)
{
    (void)i;
    put_pair(f, random_pair(f));
}

static void put_alike(struct flood *f, uint64_t i)
{
    uint16_t port = (uint16_t)(CLIENT_PORT + i % 60000);
    uint32_t low = 0xffff - port;
    put_pair(f, (struct pair){ 0x0a000000 | (uint32_t)(i / 60000) << 16 | low, port });
}

/* All of them say one more byte of a record, ten seconds later. */
static void put_slow(struct flood *f, uint64_t i)
{
    static const uint8_t record[SLOW_BYTES] = { 22, 3, 3, 0x10, 0, 13 };
    uint64_t connections = f->count / SLOW_BYTES;
    uint64_t which = i % connections;
    uint32_t at = (uint32_t)(i / connections);
    struct pair pair = { 0x0a000000 | (uint32_t)which,
                         (uint16_t)(CLIENT_PORT + which % 60000) };
    if (at == 0) {
        put_handshake(f, pair);
    }
    put_segment(f, pair,
                &(struct segment){ true, 5000 + at, 1000, WIRE_ACK | WIRE_PSH,
                                   &record[at % SLOW_BYTES], 1 });
    f->time_us += which + 1 == connections ? SLOW_US : 0;
}

/* Segments behind one byte that is missing, each of which comes again with every other byte
 * another one: as many differences as there can be. */
static void put_lie(struct flood *f, uint64_t i)
{
    uint8_t lie[SEGMENT];
    struct pair pair = random_pair(f);
    (void)i;
    for (size_t k = 0; k < SEGMENT; k++) {
        lie[k] = (uint8_t)(f->data[k] + k % 2);
    }
    put_hello_of(f, pair);
    for (uint32_t at = 0; at + SEGMENT <= LIE_BYTES; at += SEGMENT) {
        put_segment(f, pair,
                    &(struct segment){ true, 5001 + at, 1000, WIRE_ACK, f->data, SEGMENT });
        put_segment(f, pair,
                    &(struct segment){ true, 5001 + at, 1000, WIRE_ACK, lie, SEGMENT });
    }
}

/* The first fragment of a packet of which no more comes. */
static void put_fragment(struct flood *f, uint64_t i)
{
    uint8_t frame[FRAME_MAX] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45 };
    size_t all = LINK_LEN + IP_LEN + 1440;
    wire_put16(frame + LINK_LEN + 2, (uint32_t)(all - LINK_LEN));
    wire_put16(frame + LINK_LEN + 4, (uint32_t)(i & 0xffff));
    wire_put16(frame + LINK_LEN + 6, 0x2000);
    frame[LINK_LEN + 8] = 64;
    frame[LINK_LEN + 9] = 6;
    wire_put32(frame + LINK_LEN + 12, 0x0a000000 | (uint32_t)(i >> 16));
    wire_put32(frame + LINK_LEN + 16, 0xc6336402);
    put_frame(f, frame, all);
    went(f);
}

static const struct {
    const char *name;
    void (*put)(struct flood *flood, uint64_t i);
} kinds[] = {
    { "nothing", put_nothing },    { "syns", put_syn },    { "handshakes", put_empty },
    { "hellos", put_hello },       { "holes", put_hole },  { "bytes", put_odd_byte },
    { "random", put_random },      { "alike", put_alike }, { "slow", put_slow },
    { "fragments", put_fragment }, { "lies", put_lie },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void run(struct flood *f)
{
    for (size_t k = 0; k < KINDS; k++) {
        if (strcmp(kinds[k].name, f->kind) != 0) {
            continue;
        }
        for (uint64_t i = 0; i < f->count; i++) {
            kinds[k].put(f, i);
        }
        while (f->canary_every > 0 && f->canary_next != 0) {
            put_canary(f); /* the last one ends */
        }
        return;
    }
    fprintf(stderr, "make_flood: no such kind: %s\n", f->kind);
    exit(2);
}

static uint64_t number(const char *text)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 0);
    if (end == text || *end != '\0' || errno != 0) {
        fprintf(stderr, "not a number: %s\n", text);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {
        { "kind", required_argument, NULL, 'k' },
        { "count", required_argument, NULL, 'n' },
        { "canary-every", required_argument, NULL, 'c' },
        { 0 },
    };
    struct flood f = { .kind = "syns", .count = 1000, .time_us = UINT64_C(1700000000000000) };
    int option = 0;
    while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (option == 'k') {
            f.kind = optarg;
        } else if (option == 'n') {
            f.count = number(optarg);
        } else if (option == 'c') {
            f.canary_every = number(optarg);
        } else {
            return 2;
        }
    }
    if (optind + 1 != argc) {
        fputs("usage: make_flood --kind KIND [--count N] [--canary-every N] CAPTURE\n", stderr);
        return 2;
    }
    f.dice.state = 1;
    memset(f.data, 0x5a, sizeof(f.data));
    take_canary(&f, argv[optind]);
    put_file_head();
    run(&f);
    if (fflush(stdout) != 0) {
        return EXIT_FAILURE;
    }
    fprintf(stderr, "{\"packets\": %llu, \"canaries\": %llu}\n", (unsigned long long)f.packets,
            (unsigned long long)f.canaries);
    wire_row_finish(&f.canary);
    free(f.is_reply);
    return EXIT_SUCCESS;
}
