/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a large capture from recorded handshakes: their connections again and again, between
 * other addresses and ports, so many at a time. The same arguments give the same file. What
 * was put in is told on stdout, to be compared with what casniff finds.
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

#define ETHERNET_HEADER  14
#define PACKET_EVERY_US  10
#define SERVERS_EACH     8 /* servers that show the list of one recorded connection */
#define SEGMENT          1448
#define RECORD           16384
#define PCAP_PACKET_HEAD 16
#define HELLO_RANDOM     11
#define HELLO_RANDOM_LEN 32

/* A recorded connection, ready to be cloned. */
struct template
{
    struct wire_row row; /* Ethernet frames */
    bool *is_reply;      /* for each: end 1 sent it */
    uint16_t server_port;
    uint8_t family;
    size_t requests;
};

struct options {
    uint64_t bytes;          /* of the file, at least */
    uint64_t bulk;           /* of application data in each connection */
    uint64_t template_bytes; /* longer recorded connections are left out */
    size_t concurrent;
    uint64_t seed;
    const char *output;
};

/* A clone on its way. */
struct clone {
    struct template *template;
    size_t next;
    uint64_t number; /* makes the client's address and port */
    uint64_t server;
};

struct load {
    struct options options;
    struct template *template;
    size_t templates;
    struct dice dice;
    FILE *file;
    uint64_t connections;
    uint64_t requests;
    uint64_t packets;
    uint64_t bytes;
};

/* The packet on Ethernet, whatever it was recorded on. */
static struct wire_packet to_ethernet(const struct wire_packet *p)
{
    size_t ip_len = p->end - p->ip;
    uint8_t *frame = wire_alloc(ETHERNET_HEADER + ip_len);
    memset(frame, 2, 12); /* locally administered addresses */
    wire_put16(frame + 12, p->family == 4 ? 0x0800 : 0x86dd);
    memcpy(frame + ETHERNET_HEADER, p->frame + p->ip, ip_len);
    struct wire_packet moved = wire_packet_of(frame, ETHERNET_HEADER + ip_len,
                                              (uint32_t)(ETHERNET_HEADER + ip_len), DLT_EN10MB);
    free(frame);
    return moved;
}

static void template_add(struct template *t, struct wire_packet packet, bool is_reply)
{
    t->is_reply = wire_grow(t->is_reply, (t->row.len + 1) * sizeof(bool));
    t->is_reply[t->row.len] = is_reply;
    wire_row_add(&t->row, packet);
}

/* The last packet of one side: what follows is made from it. NULL when there is none. */
static const struct wire_packet *last_of(const struct template *t, bool is_reply)
{
    for (size_t i = t->row.len; i-- > 0;) {
        if (t->is_reply[i] == is_reply && (t->row.packet[i].flags & WIRE_SYN) == 0) {
            return &t->row.packet[i];
        }
    }
    return NULL;
}

/* One packet more of one side, at its next sequence number, acknowledging all that came. */
static void append(struct template *t, bool is_reply, uint8_t flags, const uint8_t *data,
                   size_t len)
{
    const struct wire_packet *own = last_of(t, is_reply);
    const struct wire_packet *other = last_of(t, !is_reply);
    struct wire_packet p = wire_with(own, own->seq + wire_seq_len(own), flags, data, len);
    p.ack = other->seq + wire_seq_len(other);
    wire_seal(&p);
    template_add(t, p, is_reply);
}

/* Application data from the server in records of 16 KiB, acknowledged every other segment. */
static void append_bulk(struct load *load, struct template *t)
{
    static const uint8_t header[] = { 23, 3, 3, RECORD >> 8, RECORD & 0xff };
    size_t record_len = sizeof(header) + RECORD;
    uint64_t records = load->options.bulk / RECORD + 1;
    size_t len = (size_t)records * record_len;
    uint8_t *data = wire_alloc(len);
    for (size_t i = 0; i < len; i++) {
        size_t at = i % record_len;
        data[i] = at < sizeof(header) ? header[at] : (uint8_t)dice_roll(&load->dice, 256);
    }
    for (size_t at = 0, k = 0; at < len; at += SEGMENT, k++) {
        size_t piece = len - at < SEGMENT ? len - at : SEGMENT;
        append(t, true, WIRE_ACK, data + at, piece);
        if (k % 2 == 1) {
            append(t, false, WIRE_ACK, NULL, 0);
        }
    }
    append(t, true, WIRE_ACK | WIRE_FIN, NULL, 0);
    append(t, false, WIRE_ACK | WIRE_FIN, NULL, 0);
    append(t, true, WIRE_ACK, NULL, 0);
    free(data);
}

/* A recorded packet, in segments as an Ethernet carries them. */
static void append_recorded(struct template *t, const struct wire_packet *p, bool is_reply)
{
    size_t len = wire_payload_len(p);
    if (len <= SEGMENT) {
        template_add(t, to_ethernet(p), is_reply);
        return;
    }
    struct wire_packet whole = to_ethernet(p);
    for (size_t at = 0; at < len; at += SEGMENT) {
        bool is_last = at + SEGMENT >= len;
        uint8_t flags = is_last ? p->flags : (uint8_t)(p->flags & ~(WIRE_FIN | WIRE_PSH));
        template_add(t,
                     wire_with(&whole, p->seq + (uint32_t)at, flags,
                               whole.frame + whole.payload + at, is_last ? len - at : SEGMENT),
                     is_reply);
    }
    wire_free(&whole);
}

static bool has_both_starts(const struct recorded_connection *c)
{
    return c->row.len > 3 && (c->row.packet[0].flags & (WIRE_SYN | WIRE_ACK)) == WIRE_SYN &&
           c->has_start[0] && c->has_start[1];
}

/* What stands in the clear in both directions; false when it is not a template. */
static bool examine(const struct load *load, const struct recorded_connection *c,
                    size_t *out_requests)
{
    uint64_t bytes = 0;
    bool is_tls = has_both_starts(c);
    bool is_encrypted = true;
    *out_requests = 0;
    for (unsigned end = 0; end < 2; end++) {
        struct recorded_stream stream = recorded_stream_of(c, &c->row, end);
        struct tls_walk walk = tls_walk(&stream);
        *out_requests += walk.requests;
        is_tls = is_tls && walk.is_tls;
        is_encrypted = is_encrypted && walk.is_encrypted;
        bytes += stream.len;
        recorded_stream_finish(&stream);
    }
    return is_tls && bytes <= load->options.template_bytes &&
           (load->options.bulk == 0 || is_encrypted);
}

static void take_connection(struct load *load, const struct recorded_connection *c)
{
    struct template t = { .server_port = c->port[1], .family = c->family };
    if (!examine(load, c, &t.requests)) {
        return;
    }
    for (size_t i = 0; i < c->row.len; i++) {
        const struct wire_packet *p = &c->row.packet[i];
        bool is_end = (p->flags & (WIRE_FIN | WIRE_RST)) != 0;
        if (load->options.bulk > 0 && is_end) {
            break;
        }
        append_recorded(&t, p, recorded_sender(c, p) == 1);
    }
    if (load->options.bulk > 0) {
        append_bulk(load, &t);
    }
    load->template = wire_grow(load->template, (load->templates + 1) * sizeof(t));
    load->template[load->templates++] = t;
}

static void take_file(struct load *load, const char *path)
{
    struct recording *recording = recording_load(path);
    if (recording == NULL) {
        exit(EXIT_FAILURE);
    }
    for (size_t i = 0; i < recording->connections; i++) {
        take_connection(load, &recording->connection[i]);
    }
    recording_destroy(recording);
}

/* 10.0.0.0/8 and 172.16.0.0/12, or 2001:db8::/32; the number is in the last bytes. */
static void make_address(uint8_t family, bool is_server, uint64_t number, uint8_t *out)
{
    memset(out, 0, 16);
    if (family == 4) {
        wire_put32(out, (uint32_t)(is_server ? 0xac100000 + (number & 0xfffff)
                                             : 0x0a000000 + (number & 0xffffff)));
        return;
    }
    wire_put32(out, 0x20010db8);
    wire_put32(out + 4, is_server ? 1 : 2);
    wire_put32(out + 12, (uint32_t)number);
}

/*
 * No two ClientHellos are the same in life, so that it must not help to have seen one before:
 * a record header, a handshake header and a version, then 32 random bytes.
 */
static void refresh_hello(struct load *load, struct wire_packet *p)
{
    uint8_t *payload = p->frame + p->payload;
    bool is_hello = wire_payload_len(p) >= HELLO_RANDOM + HELLO_RANDOM_LEN &&
                    payload[0] == 22 && payload[5] == 1;
    for (size_t i = 0; is_hello && i < HELLO_RANDOM_LEN; i += 4) {
        wire_put32(payload + HELLO_RANDOM + i, (uint32_t)dice_roll(&load->dice, UINT32_MAX));
    }
}

static void emit(struct load *load, struct clone *clone)
{
    struct template *t = clone->template;
    struct wire_packet *p = &t->row.packet[clone->next];
    unsigned client = t->is_reply[clone->next] ? 1 : 0;
    uint8_t address[16];
    make_address(t->family, false, clone->number, address);
    wire_set_end(p, client, address, (uint16_t)(1024 + clone->number % 64000));
    make_address(t->family, true, clone->server, address);
    wire_set_end(p, 1 - client, address, t->server_port);
    refresh_hello(load, p);
    p->time_us = 1700000000000000 + load->packets * PACKET_EVERY_US;
    wire_seal(p);
    wire_file_add(load->file, p);
    clone->next++;
    load->packets++;
    load->bytes += p->frame_len + PCAP_PACKET_HEAD;
}

static bool begin(struct load *load, struct clone *clone)
{
    *clone = (struct clone){ 0 };
    if (load->bytes >= load->options.bytes) {
        return false;
    }
    size_t index = (size_t)(load->connections % load->templates);
    clone->template = &load->template[index];
    clone->number = load->connections++;
    clone->server = index * SERVERS_EACH + dice_roll(&load->dice, SERVERS_EACH);
    load->requests += clone->template->requests;
    return true;
}

/* Each of the clones on their way in turn, some of them sometimes not. */
static void write_all(struct load *load)
{
    size_t len = load->options.concurrent;
    struct clone *clones = wire_alloc(len * sizeof(*clones));
    size_t active = 0;
    for (size_t i = 0; i < len; i++) {
        active += begin(load, &clones[i]) ? 1 : 0;
    }
    while (active > 0) {
        for (size_t i = 0; i < len; i++) {
            struct clone *clone = &clones[i];
            if (clone->template == NULL || (len > 1 && dice_roll(&load->dice, 8) == 0)) {
                continue;
            }
            emit(load, clone);
            if (clone->next == clone->template->row.len) {
                active -= begin(load, clone) ? 0 : 1;
            }
        }
    }
    free(clones);
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

static struct options options_of(int argc, char **argv)
{
    static const struct option longs[] = {
        { "bytes", required_argument, NULL, 'b' },
        { "bulk", required_argument, NULL, 'B' },
        { "template-bytes", required_argument, NULL, 't' },
        { "concurrent", required_argument, NULL, 'c' },
        { "seed", required_argument, NULL, 's' },
        { "output", required_argument, NULL, 'w' },
        { 0 },
    };
    struct options options = {
        .bytes = 500000000, .template_bytes = UINT64_MAX, .concurrent = 1, .seed = 1
    };
    int option = 0;
    while ((option = getopt_long(argc, argv, "w:", longs, NULL)) != -1) {
        switch (option) {
        case 'b':
            options.bytes = number(optarg);
            break;
        case 'B':
            options.bulk = number(optarg);
            break;
        case 't':
            options.template_bytes = number(optarg);
            break;
        case 'c':
            options.concurrent = (size_t)number(optarg);
            break;
        case 's':
            options.seed = number(optarg);
            break;
        case 'w':
            options.output = optarg;
            break;
        default:
            exit(2);
        }
    }
    return options;
}

static void finish(struct load *load)
{
    for (size_t i = 0; i < load->templates; i++) {
        wire_row_finish(&load->template[i].row);
        free(load->template[i].is_reply);
    }
    free(load->template);
    if (fclose(load->file) != 0) {
        perror(load->options.output);
        exit(EXIT_FAILURE);
    }
}

int main(int argc, char **argv)
{
    struct load load = { .options = options_of(argc, argv) };
    load.dice.state = load.options.seed;
    if (load.options.output == NULL || load.options.concurrent == 0 || optind == argc) {
        fputs("usage: make_load -w OUTPUT [--bytes N] [--bulk N] [--template-bytes N] "
              "[--concurrent N] [--seed N] CAPTURE...\n",
              stderr);
        return 2;
    }
    for (int i = optind; i < argc; i++) {
        take_file(&load, argv[i]);
    }
    if (load.templates == 0) {
        fputs("make_load: no whole TLS connection in these captures\n", stderr);
        return EXIT_FAILURE;
    }
    load.file = wire_file_create(load.options.output, DLT_EN10MB);
    write_all(&load);
    finish(&load);
    printf("{\"templates\": %zu, \"connections\": %llu, \"requests\": %llu, \"packets\": %llu, "
           "\"bytes\": %llu}\n",
           load.templates, (unsigned long long)load.connections,
           (unsigned long long)load.requests, (unsigned long long)load.packets,
           (unsigned long long)load.bytes);
    return EXIT_SUCCESS;
}
