/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "integration/schedule.h"

void schedule_insert(struct wire_row *row, size_t place, struct wire_packet packet)
{
    wire_row_add(row, packet);
    memmove(&row->packet[place + 1], &row->packet[place],
            (row->len - 1 - place) * sizeof(packet));
    row->packet[place] = packet;
}

/* A packet with payload, and more than least of it; row.len when there is none. */
static size_t choose_data(const struct wire_row *row, struct dice *dice, size_t least)
{
    size_t chosen = row->len;
    size_t found = 0;
    for (size_t i = 0; i < row->len; i++) {
        if (wire_payload_len(&row->packet[i]) > least) {
            chosen = dice_roll(dice, ++found) == 0 ? i : chosen;
        }
    }
    return chosen;
}

static uint8_t plain_flags(const struct wire_packet *p)
{
    return (uint8_t)(p->flags & ~(WIRE_FIN | WIRE_PSH));
}

/* Some of its bytes, as a packet of their own. */
static struct wire_packet part_of(const struct wire_packet *p, struct dice *dice)
{
    size_t at = dice_roll(dice, wire_payload_len(p));
    size_t len = 1 + dice_roll(dice, wire_payload_len(p) - at);
    return wire_with(p, p->seq + (uint32_t)at, plain_flags(p), p->frame + p->payload + at, len);
}

/* The end of the one and the start of the other, which follows it. */
static struct wire_packet bridge_of(const struct wire_packet *a, const struct wire_packet *b,
                                    struct dice *dice)
{
    size_t from = dice_roll(dice, wire_payload_len(a));
    size_t head = wire_payload_len(a) - from;
    size_t rest = 1 + dice_roll(dice, wire_payload_len(b));
    uint8_t *both = wire_alloc(head + rest);
    memcpy(both, a->frame + a->payload + from, head);
    memcpy(both + head, b->frame + b->payload, rest);
    struct wire_packet bridge =
        wire_with(b, a->seq + (uint32_t)from, plain_flags(b), both, head + rest);
    free(both);
    return bridge;
}

#define BRIDGE_MAX 60000

/* The next packet of the same direction, when its bytes follow; NULL when they do not. */
static const struct wire_packet *before(const struct wire_row *row, size_t index)
{
    const struct wire_packet *p = &row->packet[index];
    for (size_t i = index; i-- > 0;) {
        const struct wire_packet *q = &row->packet[i];
        size_t len = wire_payload_len(q);
        if (len > 0 && schedule_is_same_way(p, q)) {
            bool is_plain = ((p->flags | q->flags) & (WIRE_SYN | WIRE_RST | WIRE_URG)) == 0;
            bool follows = q->seq + (uint32_t)len == p->seq;
            return is_plain && follows && len + wire_payload_len(p) <= BRIDGE_MAX ? q : NULL;
        }
    }
    return NULL;
}

/* Parts come before their segment, or behind it together with the end of the one before. */
struct wire_row schedule_overlap(struct wire_row row, struct dice *dice)
{
    struct wire_row out = { 0 };
    size_t one_in = 1 + dice_roll(dice, 6);
    for (size_t i = 0; i < row.len; i++) {
        const struct wire_packet *p = &row.packet[i];
        bool is_plain = (p->flags & (WIRE_SYN | WIRE_RST | WIRE_URG)) == 0;
        bool is_chosen = wire_payload_len(p) > 1 && is_plain && dice_roll(dice, one_in) == 0;
        const struct wire_packet *last = is_chosen ? before(&row, i) : NULL;
        if (is_chosen && dice_roll(dice, 2) == 0) {
            wire_row_add(&out, part_of(p, dice));
        }
        wire_row_add(&out, wire_copy(p));
        if (last != NULL) {
            wire_row_add(&out, bridge_of(last, p, dice));
        }
    }
    wire_row_finish(&row);
    return out;
}

/* All bytes are others; seq, ports and flags are right. Nothing that counts. */
static struct wire_packet garbled(const struct wire_packet *p, struct dice *dice)
{
    struct wire_packet g = wire_copy(p);
    for (size_t i = g.payload; i < g.end; i++) {
        g.frame[i] ^= 0x55;
    }
    wire_seal(&g);
    wire_spoil_sum(&g, (uint32_t)dice_roll(dice, 0xfffe));
    g.is_tcp = false;
    return g;
}

/* Behind a packet of the same direction: casniff believes the checksums of those who have sent
 * a right one. */
struct wire_row schedule_garble(struct wire_row row, struct dice *dice)
{
    size_t times = 1 + dice_roll(dice, 3);
    for (size_t k = 0; k < times; k++) {
        size_t chosen = choose_data(&row, dice, 0);
        size_t first = 0;
        while (chosen < row.len && first < chosen &&
               !(row.packet[first].is_tcp &&
                 schedule_is_same_way(&row.packet[first], &row.packet[chosen]))) {
            first++;
        }
        if (chosen == row.len || first == chosen || !row.packet[chosen].is_tcp) {
            continue;
        }
        size_t place = first + 1 + dice_roll(dice, row.len - first);
        struct wire_packet g = garbled(&row.packet[chosen], dice);
        schedule_insert(&row, place < row.len ? place : row.len, g);
    }
    return row;
}

/* The first packet that carries this sequence number the same way. */
static size_t first_with(const struct wire_row *row, const struct wire_packet *p, uint32_t seq)
{
    for (size_t i = 0; i < row->len; i++) {
        const struct wire_packet *q = &row->packet[i];
        if (schedule_is_same_way(p, q) && seq - q->seq < wire_payload_len(q)) {
            return i;
        }
    }
    return 0;
}

/* Not of a single byte: repeated in front of the next ones it is a keep-alive, whose byte may
 * be anything (RFC 1122, 4.2.3.6). */
struct wire_row schedule_forge(struct wire_row row, struct dice *dice)
{
    size_t chosen = choose_data(&row, dice, 1);
    if (chosen == row.len) {
        return row;
    }
    const struct wire_packet *p = &row.packet[chosen];
    size_t len = wire_payload_len(p);
    size_t at = dice_roll(dice, len);
    size_t place = first_with(&row, p, p->seq + (uint32_t)at);
    struct wire_packet forged = wire_with(p, p->seq, p->flags, p->frame + p->payload, len);
    forged.frame[forged.payload + at] ^= (uint8_t)(1 + dice_roll(dice, 255));
    wire_seal(&forged);
    schedule_insert(&row, place, forged);
    return row;
}

/* Right behind it, or behind the packet after that: the handshake is not over, but with its
 * last packets. */
struct wire_row schedule_differ(struct wire_row row, struct dice *dice)
{
    size_t chosen = choose_data(&row, dice, 1);
    if (chosen == row.len) {
        return row;
    }
    struct wire_packet part = part_of(&row.packet[chosen], dice);
    size_t len = wire_payload_len(&part);
    size_t from = dice_roll(dice, len);
    size_t to = from + 1 + dice_roll(dice, len - from);
    for (size_t i = from; i < to; i++) {
        part.frame[part.payload + i] ^= (uint8_t)(1 + dice_roll(dice, 255));
    }
    wire_seal(&part);
    schedule_insert(&row, chosen + 1, part);
    return row;
}

/* Exact, inside of a window, anywhere. */
static uint32_t choose_seq(const struct wire_packet *p, struct dice *dice)
{
    uint32_t next = p->seq + wire_seq_len(p);
    switch (dice_roll(dice, 4)) {
    case 0:
        return next;
    case 1:
        return next + (uint32_t)dice_roll(dice, 65536);
    case 2:
        return next - (uint32_t)dice_roll(dice, 65536);
    default:
        return (uint32_t)dice_roll(dice, UINT64_C(1) << 32);
    }
}

/* One of an attacker, or of a middlebox, up to three times. */
struct wire_row schedule_end(struct wire_row row, struct dice *dice)
{
    static const uint8_t flags[] = { WIRE_RST, WIRE_RST | WIRE_ACK, WIRE_FIN | WIRE_ACK,
                                     WIRE_SYN, WIRE_SYN | WIRE_ACK };
    size_t times = row.len > 0 ? 1 + dice_roll(dice, 3) : 0;
    for (size_t k = 0; k < times; k++) {
        size_t at = dice_roll(dice, row.len);
        const struct wire_packet *p = &row.packet[at];
        uint8_t flag = flags[dice_roll(dice, sizeof(flags))];
        struct wire_packet forged = wire_with(p, choose_seq(p, dice), flag, NULL, 0);
        schedule_insert(&row, at + dice_roll(dice, 2), forged);
    }
    return row;
}
