/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/frames.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#define START_US  UINT64_C(1700000000000000)
#define STEP_US   1000
#define FRAME_MAX ((size_t)1 << 20)
#define ETHERNET  1
#define VLAN_TAG  0x8100
#define PROTO_TCP 6
#define TCP_LEN   20

struct cas_endpoint endpoint(const char *address, uint16_t port)
{
    struct cas_endpoint end = { .family = strchr(address, ':') != NULL ? 6 : 4, .port = port };
    ck_assert_int_eq(inet_pton(end.family == 6 ? AF_INET6 : AF_INET, address, end.address), 1);
    return end;
}

void append_u16(struct cas_buf *out, uint16_t value)
{
    cas_buf_append_u8(out, (uint8_t)(value >> 8));
    cas_buf_append_u8(out, (uint8_t)value);
}

void append_u32(struct cas_buf *out, uint32_t value)
{
    append_u16(out, (uint16_t)(value >> 16));
    append_u16(out, (uint16_t)value);
}

static size_t address_len(const struct cas_endpoint *end)
{
    return end->family == 6 ? 16 : 4;
}

/* RFC 1071, word by word. */
static uint32_t sum_of(struct cas_view bytes)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        sum += i % 2 == 0 ? (uint32_t)bytes.data[i] << 8 : bytes.data[i];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

static uint16_t fold(uint32_t sum)
{
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)sum;
}

static uint32_t pseudo_sum(const struct frame_spec *spec, size_t len)
{
    return sum_of(cas_view_of(spec->from.address, address_len(&spec->from))) +
           sum_of(cas_view_of(spec->to.address, address_len(&spec->to))) + PROTO_TCP +
           (uint32_t)(len >> 16) + (uint32_t)(len & 0xffff);
}

void append_tcp(struct cas_buf *out, const struct frame_spec *spec)
{
    size_t start = out->len;
    append_u16(out, spec->from.port);
    append_u16(out, spec->to.port);
    append_u32(out, spec->seq);
    append_u32(out, spec->ack);
    cas_buf_append_u8(out, (uint8_t)((TCP_LEN + spec->tcp_options.len) / 4 << 4));
    cas_buf_append_u8(out, spec->flags);
    append_u16(out, 64240); /* window */
    append_u16(out, 0);     /* checksum */
    append_u16(out, spec->urgent);
    cas_buf_append(out, spec->tcp_options);
    cas_buf_append(out, spec->payload);
    size_t len = out->len - start;
    struct cas_view segment = cas_view_of(&out->data[start], len);
    uint16_t good = (uint16_t)~fold(pseudo_sum(spec, len) + sum_of(segment));
    const uint16_t sums[] = {
        [FRAME_SUM_GOOD] = good,
        [FRAME_SUM_PARTIAL] = fold(pseudo_sum(spec, len)),
        [FRAME_SUM_PARTIAL_TSO] = fold(pseudo_sum(spec, 0)),
        [FRAME_SUM_BAD] = (uint16_t)(good ^ 0x5555),
    };
    out->data[start + 16] = (uint8_t)(sums[spec->sum] >> 8);
    out->data[start + 17] = (uint8_t)sums[spec->sum];
}

static void append_ipv4_header(struct cas_buf *out, const struct frame_spec *spec,
                               uint8_t protocol, size_t payload_len)
{
    size_t start = out->len;
    size_t total_len = 20 + payload_len;
    cas_buf_append_u8(out, 0x45);
    cas_buf_append_u8(out, 0);
    append_u16(out, total_len > 0xffff ? 0 : (uint16_t)total_len);
    append_u32(out, 0x12344000); /* identification, "do not fragment" */
    cas_buf_append_u8(out, 64);
    cas_buf_append_u8(out, protocol);
    append_u16(out, 0);
    cas_buf_append(out, cas_view_of(spec->from.address, 4));
    cas_buf_append(out, cas_view_of(spec->to.address, 4));
    uint16_t sum = (uint16_t)~fold(sum_of(cas_view_of(&out->data[start], 20)));
    out->data[start + 10] = (uint8_t)(sum >> 8);
    out->data[start + 11] = (uint8_t)sum;
}

void append_ip_header(struct cas_buf *out, const struct frame_spec *spec, uint8_t protocol,
                      size_t payload_len)
{
    if (spec->from.family != 6) {
        append_ipv4_header(out, spec, protocol, payload_len);
        return;
    }
    append_u32(out, 0x60000000);
    append_u16(out, payload_len > 0xffff ? 0 : (uint16_t)payload_len);
    cas_buf_append_u8(out, protocol);
    cas_buf_append_u8(out, 64);
    cas_buf_append(out, cas_view_of(spec->from.address, 16));
    cas_buf_append(out, cas_view_of(spec->to.address, 16));
}

void append_ip(struct cas_buf *out, const struct frame_spec *spec)
{
    append_ip_header(out, spec, PROTO_TCP, TCP_LEN + spec->tcp_options.len + spec->payload.len);
    append_tcp(out, spec);
}

void append_ethernet(struct cas_buf *out, const struct frame_spec *spec)
{
    static const uint8_t addresses[12] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
    cas_buf_append(out, cas_view_of(addresses, sizeof(addresses)));
    for (size_t i = 0; i < spec->vlan_len; i++) {
        append_u16(out, VLAN_TAG);
        append_u16(out, spec->vlan[i]);
    }
    append_u16(out, spec->from.family == 6 ? 0x86dd : 0x0800);
    append_ip(out, spec);
}

/* --- frames --- */

void frames_add(struct frames *frames, int link_type, struct cas_view bytes)
{
    if (frames->len == frames->size) {
        frames->size = frames->size == 0 ? 64 : frames->size * 2;
        frames->frame = realloc(frames->frame, frames->size * sizeof(frames->frame[0]));
        ck_assert_ptr_nonnull(frames->frame);
    }
    frames->frame[frames->len] = (struct cas_frame){
        .number = frames->len + 1,
        .timestamp_us = START_US + frames->len * STEP_US,
        .link_type = link_type,
        .wire_len = (uint32_t)bytes.len,
        .bytes = exact_copy(bytes),
    };
    frames->len++;
}

void frames_add_tcp(struct frames *frames, const struct frame_spec *spec)
{
    struct cas_buf buf = cas_buf_init(FRAME_MAX, NULL);
    append_ethernet(&buf, spec);
    ck_assert(cas_buf_ok(&buf));
    frames_add(frames, ETHERNET, cas_buf_view(&buf));
    cas_buf_finish(&buf);
}

void frames_repeat(struct frames *frames, size_t i)
{
    frames_add(frames, frames->frame[i].link_type, frames->frame[i].bytes);
}

void frames_drop(struct frames *frames, size_t i)
{
    exact_free(frames->frame[i].bytes);
    frames->len--;
    memmove(&frames->frame[i], &frames->frame[i + 1],
            (frames->len - i) * sizeof(frames->frame[0]));
}

void frames_cut(struct frames *frames, size_t snaplen)
{
    for (size_t i = 0; i < frames->len; i++) {
        struct cas_view whole = frames->frame[i].bytes;
        frames->frame[i].bytes = exact_copy(cas_view_part(whole, 0, snaplen));
        exact_free(whole);
    }
}

void frames_renumber(struct frames *frames)
{
    for (size_t i = 0; i < frames->len; i++) {
        frames->frame[i].number = i + 1;
        frames->frame[i].timestamp_us = START_US + i * STEP_US;
    }
}

void frames_delay(struct frames *frames, size_t i, uint64_t us)
{
    for (; i < frames->len; i++) {
        frames->frame[i].timestamp_us += us;
    }
}

void frames_free(struct frames *frames)
{
    for (size_t i = 0; i < frames->len; i++) {
        exact_free(frames->frame[i].bytes);
    }
    free(frames->frame);
    *frames = (struct frames){ 0 };
}

struct cas_view frames_to_pcap(const struct frames *frames)
{
    struct cas_buf buf = cas_buf_init(SIZE_MAX / 2, NULL);
    append_u32(&buf, 0xa1b2c3d4); /* magic: microseconds, big endian */
    append_u32(&buf, 0x00020004); /* version 2.4 */
    append_u32(&buf, 0);          /* time zone */
    append_u32(&buf, 0);          /* accuracy */
    append_u32(&buf, 262144);     /* snaplen */
    append_u32(&buf, frames->len > 0 ? (uint32_t)frames->frame[0].link_type : ETHERNET);
    for (size_t i = 0; i < frames->len; i++) {
        const struct cas_frame *frame = &frames->frame[i];
        append_u32(&buf, (uint32_t)(frame->timestamp_us / 1000000));
        append_u32(&buf, (uint32_t)(frame->timestamp_us % 1000000));
        append_u32(&buf, (uint32_t)frame->bytes.len);
        append_u32(&buf, frame->wire_len);
        cas_buf_append(&buf, frame->bytes);
    }
    ck_assert(cas_buf_ok(&buf));
    struct cas_view copy = exact_copy(cas_buf_view(&buf));
    cas_buf_finish(&buf);
    return copy;
}

/* --- talk --- */

struct talk talk_init(struct frames *frames)
{
    return (struct talk){
        .frames = frames,
        .end = { endpoint("192.0.2.1", 50000), endpoint("198.51.100.1", 443) },
        .seq = { 1000, 9000 },
    };
}

void talk_say(struct talk *talk, unsigned from, uint8_t flags, struct cas_view payload)
{
    struct frame_spec spec = talk->spec;
    spec.from = talk->end[from];
    spec.to = talk->end[1 - from];
    spec.seq = talk->seq[from];
    spec.flags = flags;
    spec.ack = (flags & ACK) != 0 ? talk->seq[1 - from] : 0;
    spec.payload = payload;
    frames_add_tcp(talk->frames, &spec);
    talk->seq[from] += (uint32_t)payload.len + ((flags & (SYN | FIN)) != 0 ? 1 : 0);
}

void talk_handshake(struct talk *talk)
{
    struct cas_view nothing = { 0 };
    talk_say(talk, 0, SYN, nothing);
    talk_say(talk, 1, SYN | ACK, nothing);
    talk_say(talk, 0, ACK, nothing);
}

void talk_send(struct talk *talk, unsigned from, struct cas_view bytes, size_t mss)
{
    struct cas_view nothing = { 0 };
    for (size_t at = 0; at < bytes.len; at += mss) {
        talk_say(talk, from, PSH | ACK, cas_view_part(bytes, at, mss));
        talk_say(talk, 1 - from, ACK, nothing);
    }
}

void talk_close(struct talk *talk)
{
    struct cas_view nothing = { 0 };
    talk_say(talk, 0, FIN | ACK, nothing);
    talk_say(talk, 1, FIN | ACK, nothing);
    talk_say(talk, 0, ACK, nothing);
}

/* --- dice --- */

struct dice dice_init(const char *what)
{
    const char *seed = getenv("CASNIFF_TEST_SEED");
    struct dice dice = { .state = seed != NULL ? strtoull(seed, NULL, 0) : 1 };
    printf("%s: CASNIFF_TEST_SEED=%llu\n", what, (unsigned long long)dice.state);
    return dice;
}

/* SplitMix64 (Steele, Lea and Flood, 2014). */
static uint64_t dice_next(struct dice *dice)
{
    dice->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = dice->state;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint32_t dice_roll(struct dice *dice, uint32_t sides)
{
    return (uint32_t)((dice_next(dice) >> 32) % sides);
}

void dice_shuffle(struct dice *dice, struct frames *frames)
{
    for (size_t i = frames->len; i > 1; i--) {
        size_t other = dice_roll(dice, (uint32_t)i);
        struct cas_frame frame = frames->frame[i - 1];
        frames->frame[i - 1] = frames->frame[other];
        frames->frame[other] = frame;
    }
}

struct cas_view dice_bytes(struct dice *dice, size_t len)
{
    uint8_t *data = malloc(len > 0 ? len : 1);
    ck_assert_ptr_nonnull(data);
    for (size_t i = 0; i < len; i++) {
        data[i] = (uint8_t)dice_next(dice);
    }
    return cas_view_of(data, len);
}
