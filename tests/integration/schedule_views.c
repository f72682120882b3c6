/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "integration/schedule.h"

struct wire_row schedule_lose(struct wire_row row, struct dice *dice)
{
    static const uint64_t per_thousand[] = { 10, 50, 200, 500 };
    uint64_t rate = per_thousand[dice_roll(dice, 4)];
    size_t always = row.len > 0 ? dice_roll(dice, row.len) : 0;
    struct wire_row out = { 0 };
    for (size_t i = 0; i < row.len; i++) {
        if (i != always && dice_roll(dice, 1000) >= rate) {
            schedule_pass(&out, &row.packet[i]);
        }
    }
    wire_row_finish(&row);
    return out;
}

static void cut_one(struct wire_packet *p, size_t snaplen)
{
    if (snaplen >= p->frame_len) {
        return;
    }
    p->frame_len = snaplen;
    p->is_tcp = p->payload <= snaplen;
    p->end = p->end < snaplen ? p->end : snaplen;
}

struct wire_row schedule_cut(struct wire_row row, struct dice *dice)
{
    static const size_t snaplens[] = { 64, 68, 96, 128, 256, 1500 };
    size_t all = dice_roll(dice, 2) == 0 ? snaplens[dice_roll(dice, 6)] : 0;
    for (size_t i = 0; i < row.len; i++) {
        struct wire_packet *p = &row.packet[i];
        if (all > 0) {
            cut_one(p, all);
        } else if (dice_roll(dice, 20) == 0) {
            cut_one(p, 1 + dice_roll(dice, p->frame_len));
        }
    }
    return row;
}

/* A byte of the payload is another one, and the checksum as it was: nothing that counts, where
 * the checksum tells. */
struct wire_row schedule_damage(struct wire_row row, struct dice *dice)
{
    size_t one_in = 2 + dice_roll(dice, 30);
    for (size_t i = 0; i < row.len; i++) {
        struct wire_packet *p = &row.packet[i];
        size_t len = p->is_tcp ? wire_payload_len(p) : 0;
        if (len > 0 && dice_roll(dice, one_in) == 0 && !wire_has_card_sum(p)) {
            p->frame[p->payload + dice_roll(dice, len)] ^= (uint8_t)(1 + dice_roll(dice, 255));
            p->is_tcp = false;
        }
    }
    return row;
}

struct wire_row schedule_one_way(struct wire_row row, struct dice *dice)
{
    bool is_first = dice_roll(dice, 2) == 0; /* the one that sent the first packet is seen */
    struct wire_row out = { 0 };
    for (size_t i = 0; i < row.len; i++) {
        if (schedule_is_same_way(&row.packet[i], &row.packet[0]) == is_first) {
            wire_row_add(&out, wire_copy(&row.packet[i]));
        }
    }
    wire_row_finish(&row);
    return out;
}

struct wire_row schedule_late(struct wire_row row, struct dice *dice)
{
    size_t from = row.len > 0 ? dice_roll(dice, row.len) : 0;
    size_t to = dice_roll(dice, 3) == 0 ? from + 1 + dice_roll(dice, row.len - from) : row.len;
    from = to < row.len && dice_roll(dice, 2) == 0 ? 0 : from;
    struct wire_row out = { 0 };
    for (size_t i = from; i < to; i++) {
        schedule_pass(&out, &row.packet[i]);
    }
    wire_row_finish(&row);
    return out;
}
