/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A second, simple opinion on what a frame is: enough of Ethernet, IP and TCP to take recorded
 * connections apart and to put them together otherwise. Shares nothing with src/ on purpose: a
 * mistake there must not be repeated here.
 *
 * For tests: what cannot be had (memory) ends the program.
 */
#ifndef CAS_TEST_WIRE_H
#define CAS_TEST_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wire_flag {
    WIRE_FIN = 0x01,
    WIRE_SYN = 0x02,
    WIRE_RST = 0x04,
    WIRE_PSH = 0x08,
    WIRE_ACK = 0x10,
    WIRE_URG = 0x20
};

/*
 *   frame    ip          tcp          payload        end        frame_len
 *   | link   | IP header | TCP header | data         | padding  |
 */
struct wire_packet {
    uint8_t *frame; /* owned */
    size_t frame_len;
    uint32_t wire_len; /* more than frame_len when it was cut */
    uint64_t time_us;
    int link_type;
    size_t tag; /* for whoever wants to find it again, or its copies and parts; 0 at first */

    /* Of a whole, unfragmented TCP segment; otherwise is_tcp is false and the rest is 0. */
    bool is_tcp;
    size_t ip;
    size_t tcp;
    size_t payload;
    size_t end;
    uint8_t family; /* 4 or 6 */
    uint8_t flags;
    uint32_t seq;
    uint32_t ack;
};

/* malloc() and realloc() that end the program instead of failing. */
void *wire_alloc(size_t len);
void *wire_grow(void *old, size_t len);

/* Big-endian numbers. */
uint16_t wire_get16(const uint8_t *at);
uint32_t wire_get32(const uint8_t *at);
void wire_put16(uint8_t *at, uint32_t value);
void wire_put32(uint8_t *at, uint32_t value);

/* A packet with its own copy of these bytes, taken apart. */
struct wire_packet wire_packet_of(const uint8_t *frame, size_t len, uint32_t wire_len,
                                  int link_type);
struct wire_packet wire_copy(const struct wire_packet *packet);
void wire_free(struct wire_packet *packet);

size_t wire_payload_len(const struct wire_packet *packet);

/* Sequence numbers that it takes: its payload, SYN and FIN. */
uint32_t wire_seq_len(const struct wire_packet *packet);

/* The addresses, 4 or 16 bytes each, and the ports. which is 0 for the sender's. */
const uint8_t *wire_address(const struct wire_packet *packet, unsigned which);
uint16_t wire_port(const struct wire_packet *packet, unsigned which);
void wire_set_end(struct wire_packet *packet, unsigned which, const uint8_t *address,
                  uint16_t port);

/* Like packet, but with this payload at seq and these flags; sealed. */
struct wire_packet wire_with(const struct wire_packet *packet, uint32_t seq, uint8_t flags,
                             const uint8_t *payload, size_t len);

/* Writes flags, seq and ack into the frame, and makes all lengths and checksums right. Of what
 * is no TCP only those of the IP header. */
void wire_seal(struct wire_packet *packet);

/* Its TCP checksum is one that a host leaves to its network card to finish: the sum of
 * addresses and protocol, with or without the length. One right sum in 65,536 is, by chance.
 * Such are believed whatever the payload, for nothing tells harm from work left to do. */
bool wire_has_card_sum(const struct wire_packet *packet);

/* Makes its TCP checksum a wrong one, and not one of those; which chooses among them. */
void wire_spoil_sum(struct wire_packet *packet, uint32_t which);

#endif
