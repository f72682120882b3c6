/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "integration/schedule.h"

#define IPV6_FRAGMENT     44
#define IPV6_FRAGMENT_LEN 8

/* Fragments of one packet, at most. */
#define FRAGMENTS_MAX 64

/* A part of what is behind a packet's IP header, in bytes. */
struct part {
    size_t at;
    size_t len;
    bool is_last;
};

/* RFC 791, 3.2: identification, and flags with the offset in words of 8 bytes. */
static void seal_v4(uint8_t *ip, size_t header, uint32_t id, const struct part *part)
{
    wire_put16(ip + 2, (uint32_t)(header + part->len));
    wire_put16(ip + 4, id & 0xffff);
    wire_put16(ip + 6, (uint32_t)(part->at / 8) | (part->is_last ? 0 : 0x2000));
    wire_put16(ip + 10, 0);
    uint32_t sum = 0;
    for (size_t i = 0; i < header; i += 2) {
        sum += wire_get16(ip + i);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    wire_put16(ip + 10, ~(sum + (sum >> 16)) & 0xffff);
}

/* RFC 8200, 4.5: next header, reserved, offset with the flag, identification. */
static void seal_v6(uint8_t *ip, size_t header, uint32_t id, const struct part *part)
{
    wire_put16(ip + 4, (uint32_t)(IPV6_FRAGMENT_LEN + part->len));
    ip[header] = ip[6];
    ip[header + 1] = 0;
    wire_put16(ip + header + 2, (uint32_t)part->at | (part->is_last ? 0 : 1));
    wire_put32(ip + header + 4, id);
    ip[6] = IPV6_FRAGMENT;
}

static struct wire_packet fragment_of(const struct wire_packet *p, uint32_t id,
                                      const struct part *part)
{
    size_t header = p->tcp - p->ip;
    size_t more = p->family == 6 ? IPV6_FRAGMENT_LEN : 0;
    struct wire_packet f = { .link_type = p->link_type, .time_us = p->time_us, .tag = p->tag };
    f.frame_len = p->tcp + more + part->len;
    f.wire_len = (uint32_t)f.frame_len;
    f.frame = wire_alloc(f.frame_len);
    memcpy(f.frame, p->frame, p->tcp);
    memcpy(f.frame + p->tcp + more, p->frame + p->tcp + part->at, part->len);
    if (p->family == 6) {
        seal_v6(f.frame + p->ip, header, id, part);
    } else {
        seal_v4(f.frame + p->ip, header, id, part);
    }
    return f;
}

/* The parts of a packet, of a random size, in a random order. */
static size_t parts_of(const struct wire_packet *p, struct dice *dice,
                       struct part parts[FRAGMENTS_MAX])
{
    size_t len = p->end - p->tcp;
    size_t least = (len / FRAGMENTS_MAX / 8 + 1) * 8;
    size_t size = least + 8 * dice_roll(dice, len / 8 + 1);
    size_t made = 0;
    for (size_t at = 0; at < len; at += size, made++) {
        bool is_last = len - at <= size;
        parts[made] = (struct part){ at, is_last ? len - at : size, is_last };
    }
    for (size_t i = made; i > 1; i--) {
        size_t other = dice_roll(dice, i);
        struct part part = parts[i - 1];
        parts[i - 1] = parts[other];
        parts[other] = part;
    }
    return made;
}

/* Whole, with data, and of a length that its header tells. */
static bool can_fragment(const struct wire_packet *p)
{
    return p->is_tcp && p->frame_len >= p->wire_len && wire_payload_len(p) > 0 &&
           p->end - p->tcp > 8 && p->end - p->ip <= 65535;
}

/* The same segment, with other bytes perhaps. */
static bool is_twin(const struct wire_packet *a, const struct wire_packet *b)
{
    return a->is_tcp && b->is_tcp && a->seq == b->seq && schedule_is_same_way(a, b) &&
           wire_payload_len(a) == wire_payload_len(b);
}

/* The identification of a twin that came before, in fragments, if there is one: forgers know
 * which one to take. */
static uint32_t id_of(const struct wire_row *row, const uint32_t *ids, size_t i)
{
    for (size_t k = i; k > 0; k--) {
        if (ids[k - 1] != 0 && is_twin(&row->packet[k - 1], &row->packet[i])) {
            return ids[k - 1];
        }
    }
    return (uint32_t)i + 1;
}

struct wire_row schedule_fragment(struct wire_row row, struct dice *dice, bool is_forged)
{
    struct wire_row out = { 0 };
    size_t one_in = 1 + dice_roll(dice, 4);
    uint32_t *ids = wire_alloc(row.len * sizeof(*ids)); /* 0: not in fragments */
    for (size_t i = 0; i < row.len; i++) {
        struct wire_packet *p = &row.packet[i];
        ids[i] = 0;
        if (!can_fragment(p) || dice_roll(dice, one_in) != 0) {
            schedule_pass(&out, p);
            continue;
        }
        struct part parts[FRAGMENTS_MAX];
        size_t made = parts_of(p, dice, parts);
        ids[i] = is_forged ? id_of(&row, ids, i) : (uint32_t)i + 1;
        for (size_t k = 0; k < made; k++) {
            size_t copies = dice_roll(dice, 10) == 0 ? 2 : 1;
            for (size_t copy = 0; copy < copies; copy++) {
                wire_row_add(&out, fragment_of(p, ids[i], &parts[k]));
            }
        }
    }
    free(ids);
    wire_row_finish(&row);
    return out;
}

/* One part is missing; or its first bytes come a second time, the same or others, before all of
 * the packet is there. */
static void tear_one(struct wire_row *out, const struct wire_packet *p, struct dice *dice,
                     uint32_t id)
{
    struct part parts[FRAGMENTS_MAX];
    size_t made = parts_of(p, dice, parts);
    size_t chosen = dice_roll(dice, made);
    uint64_t how = dice_roll(dice, 3);
    bool is_missing = how == 0 || chosen + 1 == made || parts[chosen].len <= 8;
    for (size_t k = 0; k < made; k++) {
        if (k != chosen || !is_missing) {
            wire_row_add(out, fragment_of(p, id, &parts[k]));
        }
        if (k == chosen && !is_missing) {
            struct part again = { parts[k].at, 8, false };
            struct wire_packet overlap = fragment_of(p, id, &again);
            overlap.frame[overlap.frame_len - 1] ^= how == 1 ? 0x20 : 0;
            wire_row_add(out, overlap);
        }
    }
}

struct wire_row schedule_tear(struct wire_row row, struct dice *dice, size_t connection)
{
    struct wire_row out = { 0 };
    size_t one_in = 1 + dice_roll(dice, 20);
    for (size_t i = 0; i < row.len; i++) {
        struct wire_packet *p = &row.packet[i];
        if (can_fragment(p) && dice_roll(dice, one_in) == 0) {
            /* Apart from those of schedule_fragment(), and of other connections. */
            tear_one(&out, p, dice, 0x8000u | ((uint32_t)(connection << 10 | i) & 0x7fffu));
        } else {
            schedule_pass(&out, p);
        }
    }
    wire_row_finish(&row);
    return out;
}
