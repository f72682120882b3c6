/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/dlt.h>

#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define TCP_HEADER  20
#define PROTO_TCP   6

void *wire_alloc(size_t len)
{
    return wire_grow(NULL, len);
}

void *wire_grow(void *old, size_t len)
{
    void *memory = realloc(old, len > 0 ? len : 1);
    if (memory == NULL) {
        fputs("out of memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    return memory;
}

uint16_t wire_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t wire_get32(const uint8_t *at)
{
    return (uint32_t)wire_get16(at) << 16 | wire_get16(at + 2);
}

void wire_put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

void wire_put32(uint8_t *at, uint32_t value)
{
    wire_put16(at, value >> 16);
    wire_put16(at + 2, value & 0xffff);
}

/* Behind the MAC addresses and any VLAN tags; 0 when it carries no IP. */
static size_t behind_ethernet(const uint8_t *frame, size_t len)
{
    size_t at = 12;
    while (at + 4 < len) {
        uint16_t type = wire_get16(frame + at);
        if (type == 0x0800 || type == 0x86dd) {
            return at + 2;
        }
        if (type != 0x8100 && type != 0x88a8) {
            return 0;
        }
        at += 4;
    }
    return 0;
}

/* Where the IP header begins; len when there is none that is known here. */
static size_t ip_offset(const uint8_t *frame, size_t len, int link_type)
{
    size_t at = len;
    switch (link_type) {
    case DLT_EN10MB:
        at = behind_ethernet(frame, len);
        return at > 0 ? at : len;
    case DLT_NULL:
    case DLT_LOOP:
        return 4;
    case DLT_LINUX_SLL:
        return 16;
    case DLT_LINUX_SLL2:
        return 20;
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6:
        return 0;
    default:
        return len;
    }
}

/* Fills tcp and end from the IP header; false when it is no whole TCP segment. */
static bool split_ip(struct wire_packet *p)
{
    const uint8_t *ip = p->frame + p->ip;
    size_t left = p->frame_len - p->ip;
    if (left >= IPV4_HEADER && ip[0] >> 4 == 4) {
        size_t total = wire_get16(ip + 2);
        p->family = 4;
        p->tcp = p->ip + (size_t)(ip[0] & 0xf) * 4;
        p->end = total == 0 ? p->frame_len : p->ip + total; /* 0: a TSO frame */
        bool is_fragment = (wire_get16(ip + 6) & 0x3fff) != 0;
        return ip[9] == PROTO_TCP && !is_fragment && p->end <= p->frame_len;
    }
    if (left >= IPV6_HEADER && ip[0] >> 4 == 6) {
        size_t total = wire_get16(ip + 4);
        p->family = 6;
        p->tcp = p->ip + IPV6_HEADER;
        p->end = total == 0 ? p->frame_len : p->tcp + total;
        return ip[6] == PROTO_TCP && p->end <= p->frame_len;
    }
    return false;
}

static bool split_tcp(struct wire_packet *p)
{
    if (p->tcp + TCP_HEADER > p->end) {
        return false;
    }
    const uint8_t *tcp = p->frame + p->tcp;
    p->payload = p->tcp + (size_t)(tcp[12] >> 4) * 4;
    p->seq = wire_get32(tcp + 4);
    p->ack = wire_get32(tcp + 8);
    p->flags = tcp[13];
    return p->payload >= p->tcp + TCP_HEADER && p->payload <= p->end;
}

struct wire_packet wire_packet_of(const uint8_t *frame, size_t len, uint32_t wire_len,
                                  int link_type)
{
    struct wire_packet p = { 0 };
    p.frame = wire_alloc(len);
    memcpy(p.frame, frame, len);
    p.frame_len = len;
    p.wire_len = wire_len;
    p.link_type = link_type;
    p.ip = ip_offset(frame, len, link_type);
    p.is_tcp = p.ip < len && split_ip(&p) && split_tcp(&p);
    return p;
}

struct wire_packet wire_copy(const struct wire_packet *packet)
{
    struct wire_packet copy = *packet;
    copy.frame = wire_alloc(packet->frame_len);
    memcpy(copy.frame, packet->frame, packet->frame_len);
    return copy;
}

void wire_free(struct wire_packet *packet)
{
    free(packet->frame);
    *packet = (struct wire_packet){ 0 };
}

size_t wire_payload_len(const struct wire_packet *packet)
{
    return packet->end - packet->payload;
}

uint32_t wire_seq_len(const struct wire_packet *packet)
{
    uint32_t len = (uint32_t)wire_payload_len(packet);
    len += (packet->flags & WIRE_SYN) != 0 ? 1 : 0;
    len += (packet->flags & WIRE_FIN) != 0 ? 1 : 0;
    return len;
}

static size_t address_offset(const struct wire_packet *p, unsigned which)
{
    return p->family == 4 ? p->ip + 12 + 4 * (size_t)which : p->ip + 8 + 16 * (size_t)which;
}

const uint8_t *wire_address(const struct wire_packet *packet, unsigned which)
{
    return packet->frame + address_offset(packet, which);
}

uint16_t wire_port(const struct wire_packet *packet, unsigned which)
{
    return wire_get16(packet->frame + packet->tcp + 2 * (size_t)which);
}

void wire_set_end(struct wire_packet *packet, unsigned which, const uint8_t *address,
                  uint16_t port)
{
    memcpy(packet->frame + address_offset(packet, which), address,
           packet->family == 4 ? 4 : 16);
    wire_put16(packet->frame + packet->tcp + 2 * (size_t)which, port);
}

struct wire_packet wire_with(const struct wire_packet *packet, uint32_t seq, uint8_t flags,
                             const uint8_t *payload, size_t len)
{
    struct wire_packet p = *packet;
    p.frame_len = packet->payload + len;
    p.frame = wire_alloc(p.frame_len);
    p.end = p.frame_len;
    p.wire_len = (uint32_t)p.frame_len;
    p.seq = seq;
    p.flags = flags;
    memcpy(p.frame, packet->frame, packet->payload);
    if (len > 0) {
        memcpy(p.frame + p.payload, payload, len);
    }
    wire_seal(&p);
    return p;
}

/* The 16-bit one's complement sum of RFC 1071, not yet folded. */
static uint64_t sum_of(const uint8_t *data, size_t len, uint64_t sum)
{
    for (size_t i = 0; i + 1 < len; i += 2) {
        sum += wire_get16(data + i);
    }
    return len % 2 == 0 ? sum : sum + ((uint64_t)data[len - 1] << 8);
}

static uint16_t checksum_of(uint64_t sum)
{
    while (sum >> 16 != 0) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

static void seal_ip(struct wire_packet *p)
{
    uint8_t *ip = p->frame + p->ip;
    if (p->family == 4) {
        wire_put16(ip + 2, (uint32_t)(p->end - p->ip));
        wire_put16(ip + 10, 0);
        wire_put16(ip + 10, checksum_of(sum_of(ip, p->tcp - p->ip, 0)));
    } else {
        wire_put16(ip + 4, (uint32_t)(p->end - p->tcp));
    }
}

static uint64_t pseudo_sum(const struct wire_packet *p, size_t tcp_len)
{
    size_t addresses = p->family == 4 ? 8 : 32;
    return sum_of(wire_address(p, 0), addresses, PROTO_TCP + tcp_len);
}

void wire_seal(struct wire_packet *packet)
{
    uint8_t *tcp = packet->frame + packet->tcp;
    size_t tcp_len = packet->end - packet->tcp;
    seal_ip(packet);
    if (!packet->is_tcp) {
        return;
    }
    wire_put32(tcp + 4, packet->seq);
    wire_put32(tcp + 8, packet->ack);
    tcp[13] = packet->flags;
    wire_put16(tcp + 16, 0);
    wire_put16(tcp + 16, checksum_of(sum_of(tcp, tcp_len, pseudo_sum(packet, tcp_len))));
}

static bool is_left_to_card(const struct wire_packet *packet, uint32_t sum)
{
    uint16_t pseudo = (uint16_t)~checksum_of(pseudo_sum(packet, 0));
    uint16_t with_len = (uint16_t)~checksum_of(pseudo_sum(packet, packet->end - packet->tcp));
    return sum == pseudo || sum == with_len;
}

bool wire_has_card_sum(const struct wire_packet *packet)
{
    return is_left_to_card(packet, wire_get16(packet->frame + packet->tcp + 16));
}

void wire_spoil_sum(struct wire_packet *packet, uint32_t which)
{
    uint8_t *field = packet->frame + packet->tcp + 16;
    uint32_t good = wire_get16(field);
    uint32_t wrong = good ^ (1 + which % 0xfffe);
    while (is_left_to_card(packet, wrong) || (good ^ wrong) % 0xffff == 0) {
        wrong = (wrong + 1) & 0xffff;
    }
    wire_put16(field, wrong);
}
