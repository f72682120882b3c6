/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames made by hand: TCP segments in IPv4 or IPv6 in Ethernet with right checksums, whole
 * conversations of them, the capture file that holds them; and dice to shuffle them.
 *
 *     struct frames frames = { 0 };
 *     struct talk talk = talk_init(&frames);
 *     talk_handshake(&talk);
 *     talk_send(&talk, 0, text_view("hello"), 1460);
 *     talk_close(&talk);
 *     for (size_t i = 0; i < frames.len; i++) {
 *         cas_flows_push(flows, &frames.frame[i]);
 *     }
 *     frames_free(&frames);
 *
 * The bytes are made here, from the RFCs, not with the code under test.
 */
#ifndef CAS_TEST_FRAMES_H
#define CAS_TEST_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/buf.h"

/* RFC 9293's flags. */
enum {
    FIN = 0x01,
    SYN = 0x02,
    RST = 0x04,
    PSH = 0x08,
    ACK = 0x10,
    URG = 0x20
};

/* What stands in the TCP checksum's place. */
enum frame_sum {
    FRAME_SUM_GOOD,
    FRAME_SUM_PARTIAL,     /* the pseudo header's, as Linux leaves it to the network card */
    FRAME_SUM_PARTIAL_TSO, /* the same without the length */
    FRAME_SUM_BAD
};

/* One TCP segment; zero is right for everything but the ends. */
struct frame_spec {
    struct cas_endpoint from;
    struct cas_endpoint to;
    uint32_t seq;
    uint32_t ack;
    uint8_t flags;
    struct cas_view payload;
    struct cas_view tcp_options; /* a multiple of 4 bytes */
    uint16_t urgent;
    enum frame_sum sum;
    uint16_t vlan[CAS_VLAN_MAX]; /* ids, outermost first */
    size_t vlan_len;
};

/* "192.0.2.1" or "2001:db8::1" */
struct cas_endpoint endpoint(const char *address, uint16_t port);

/* Append one layer with all above it. */
void append_tcp(struct cas_buf *out, const struct frame_spec *spec);
void append_ip(struct cas_buf *out, const struct frame_spec *spec);
void append_ethernet(struct cas_buf *out, const struct frame_spec *spec);

/* An IPv4 or IPv6 header (by the ends' family) for a payload of any protocol and length. */
void append_ip_header(struct cas_buf *out, const struct frame_spec *spec, uint8_t protocol,
                      size_t payload_len);

void append_u16(struct cas_buf *out, uint16_t value);
void append_u32(struct cas_buf *out, uint32_t value);

/* Owned frames, numbered from 1, a millisecond apart. */
struct frames {
    struct cas_frame *frame;
    size_t len;
    size_t size;
};

/* Adds a copy of bytes. */
void frames_add(struct frames *frames, int link_type, struct cas_view bytes);
/* Adds a segment in Ethernet. */
void frames_add_tcp(struct frames *frames, const struct frame_spec *spec);
/* Adds a copy of frame i. */
void frames_repeat(struct frames *frames, size_t i);
/* Takes frame i out. */
void frames_drop(struct frames *frames, size_t i);
/* Cuts all frames to snaplen bytes. */
void frames_cut(struct frames *frames, size_t snaplen);
/* Numbers and times as the frames stand now. */
void frames_renumber(struct frames *frames);
/* Frame i and those behind it came so much later. */
void frames_delay(struct frames *frames, size_t i, uint64_t us);
void frames_free(struct frames *frames);

/* A pcap file of them, link type of the first; its bytes are freed with exact_free(). */
struct cas_view frames_to_pcap(const struct frames *frames);

/* A conversation: 192.0.2.1:50000 talks to 198.51.100.1:443, unless the ends are changed. */
struct talk {
    struct frames *frames;
    struct frame_spec spec; /* what is not said otherwise: sum, vlan, ... */
    struct cas_endpoint end[2];
    uint32_t seq[2]; /* of each end's next byte */
};

struct talk talk_init(struct frames *frames);
/* One segment from an end, acknowledging all of the other's unless it is a lone SYN. */
void talk_say(struct talk *talk, unsigned from, uint8_t flags, struct cas_view payload);
/* SYN, SYN/ACK, ACK */
void talk_handshake(struct talk *talk);
/* The bytes in segments of at most mss, each acknowledged. */
void talk_send(struct talk *talk, unsigned from, struct cas_view bytes, size_t mss);
/* FIN of both, acknowledged. */
void talk_close(struct talk *talk);

/* Pseudo-random numbers; the same seed gives the same. */
struct dice {
    uint64_t state;
};

/* Seeded from CASNIFF_TEST_SEED, or else with a fixed number; the seed is printed with what. */
struct dice dice_init(const char *what);
/* 0 to sides - 1 */
uint32_t dice_roll(struct dice *dice, uint32_t sides);
void dice_shuffle(struct dice *dice, struct frames *frames);
/* Any bytes; freed with exact_free(). */
struct cas_view dice_bytes(struct dice *dice, size_t len);

#endif
