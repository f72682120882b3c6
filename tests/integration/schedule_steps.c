/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "integration/schedule.h"

/* A splitting of one connection makes no more pieces than this, lest a schedule take long. */
#define PIECES_MAX 1500
#define MERGED_MAX 60000

/*
 * How far a segment may come before its turn: inside the 64 KiB and 64 ranges that casniff
 * promises to keep of each direction.
 */
#define AHEAD_SEGMENTS 48
#define AHEAD_BYTES    49152

static bool is_same_way(const struct wire_packet *a, const struct wire_packet *b)
{
    return wire_port(a, 0) == wire_port(b, 0) &&
           memcmp(wire_address(a, 0), wire_address(b, 0), a->family == 4 ? 4 : 16) == 0;
}

static bool is_before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static size_t piece_len(struct dice *dice, uint64_t style)
{
    switch (style) {
    case 0:
        return 1;
    case 1:
        return 1 + (size_t)dice_roll(dice, 16);
    case 2:
        return 1 + (size_t)dice_roll(dice, 1460);
    default:
        return 536;
    }
}

static void split_one(struct wire_row *out, const struct wire_packet *p, struct dice *dice,
                      uint64_t style)
{
    size_t len = wire_payload_len(p);
    size_t at = 0;
    while (at < len) {
        size_t piece = piece_len(dice, style);
        piece = out->len > PIECES_MAX || piece > len - at ? len - at : piece;
        bool is_last = at + piece == len;
        uint8_t flags = is_last ? p->flags : (uint8_t)(p->flags & ~(WIRE_FIN | WIRE_PSH));
        wire_row_add(
            out, wire_with(p, p->seq + (uint32_t)at, flags, p->frame + p->payload + at, piece));
        at += piece;
    }
}

struct wire_row schedule_split(struct wire_row row, struct dice *dice)
{
    struct wire_row out = { 0 };
    uint64_t style = dice_roll(dice, 4);
    for (size_t i = 0; i < row.len; i++) {
        const struct wire_packet *p = &row.packet[i];
        bool is_plain = (p->flags & (WIRE_SYN | WIRE_RST | WIRE_URG)) == 0;
        if (wire_payload_len(p) > 1 && is_plain && dice_roll(dice, 4) > 0) {
            split_one(&out, p, dice, style);
        } else {
            wire_row_add(&out, wire_copy(p));
        }
    }
    wire_row_finish(&row);
    return out;
}

static bool can_join(const struct wire_packet *a, const struct wire_packet *b)
{
    uint8_t special = WIRE_SYN | WIRE_RST | WIRE_URG;
    size_t a_len = wire_payload_len(a);
    size_t b_len = wire_payload_len(b);
    return a_len > 0 && b_len > 0 && a_len + b_len <= MERGED_MAX &&
           ((a->flags | b->flags) & special) == 0 && (a->flags & WIRE_FIN) == 0 &&
           is_same_way(a, b) && a->ack == b->ack && a->seq + a_len == b->seq;
}

static struct wire_packet join(const struct wire_packet *a, const struct wire_packet *b)
{
    size_t a_len = wire_payload_len(a);
    size_t b_len = wire_payload_len(b);
    uint8_t *both = wire_alloc(a_len + b_len);
    memcpy(both, a->frame + a->payload, a_len);
    memcpy(both + a_len, b->frame + b->payload, b_len);
    struct wire_packet joined =
        wire_with(a, a->seq, (uint8_t)(a->flags | b->flags), both, a_len + b_len);
    free(both);
    return joined;
}

struct wire_row schedule_merge(struct wire_row row, struct dice *dice)
{
    struct wire_row out = { 0 };
    for (size_t i = 0; i < row.len; i++) {
        const struct wire_packet *p = &row.packet[i];
        struct wire_packet *last = out.len > 0 ? &out.packet[out.len - 1] : NULL;
        if (last != NULL && can_join(last, p) && dice_roll(dice, 3) > 0) {
            struct wire_packet joined = join(last, p);
            wire_free(last);
            *last = joined;
        } else {
            wire_row_add(&out, wire_copy(p));
        }
    }
    wire_row_finish(&row);
    return out;
}

/* Nothing overtakes it, and it overtakes nothing. */
static bool is_barrier(const struct wire_packet *p, unsigned kinds)
{
    bool is_control = (kinds & SCHEDULE_CONTROL) != 0;
    unsigned flags = is_control ? WIRE_SYN : WIRE_SYN | WIRE_FIN | WIRE_RST;
    return (p->flags & flags) != 0;
}

/* What stands before a packet and was not sent yet, of one direction. */
struct unsent {
    size_t segments; /* sent ones behind the first unsent one are counted as well */
    size_t bytes;
    bool is_any;
    uint32_t lowest_seq; /* of those that an ACK can speak of */
    bool has_lowest;
};

struct ordering {
    const struct wire_row *row;
    bool *is_sent;
    size_t first; /* the first that is not sent */
    size_t segments_ahead;
    unsigned kinds;
};

/* Inside of what is kept out of order? The first of its direction fills a gap. */
static bool is_near(const struct ordering *o, const struct unsent *same, size_t len)
{
    return !same->is_any ||
           (same->segments < o->segments_ahead && same->bytes + len <= AHEAD_BYTES);
}

/* Has all come that it acknowledges? */
static bool is_caused(const struct ordering *o, const struct wire_packet *p,
                      const struct unsent *other)
{
    bool is_early =
        (p->flags & WIRE_ACK) != 0 && other->has_lowest && is_before(other->lowest_seq, p->ack);
    return !is_early || (o->kinds & SCHEDULE_WILD) != 0;
}

static void pass_over(struct unsent *u, const struct wire_packet *p, bool is_sent)
{
    if (!is_sent) {
        bool is_lowest = !u->has_lowest || is_before(p->seq, u->lowest_seq);
        u->is_any = true;
        if (wire_seq_len(p) > 0 && is_lowest) {
            u->has_lowest = true;
            u->lowest_seq = p->seq;
        }
    }
    if (u->is_any) {
        u->segments++;
        u->bytes += wire_payload_len(p);
    }
}

/* One that may come now; the first that is not sent always may. */
static size_t pick(const struct ordering *o, struct dice *dice)
{
    const struct wire_packet *packet = o->row->packet;
    struct unsent unsent[2] = { { 0 } };
    size_t chosen = o->first;
    size_t found = 0;
    for (size_t i = o->first; i < o->row->len && i < o->first + 2 * AHEAD_SEGMENTS; i++) {
        const struct wire_packet *p = &packet[i];
        unsigned way = is_same_way(p, &packet[0]) ? 0 : 1;
        bool is_stuck = is_barrier(p, o->kinds) && (unsent[0].is_any || unsent[1].is_any);
        if (!o->is_sent[i] && !is_stuck && is_near(o, &unsent[way], wire_payload_len(p)) &&
            is_caused(o, p, &unsent[1 - way])) {
            found++;
            chosen = dice_roll(dice, found) == 0 ? i : chosen;
        }
        pass_over(&unsent[way], p, o->is_sent[i]);
        if (!o->is_sent[i] && is_barrier(p, o->kinds)) {
            break;
        }
    }
    return chosen;
}

struct wire_row schedule_order(struct wire_row row, struct dice *dice, unsigned kinds)
{
    struct wire_row out = { 0 };
    bool *is_sent = wire_alloc(row.len * sizeof(*is_sent));
    memset(is_sent, 0, row.len * sizeof(*is_sent));
    size_t ahead = dice_roll(dice, 2) == 0 ? AHEAD_SEGMENTS : 2 + dice_roll(dice, 6);
    struct ordering o = { &row, is_sent, 0, ahead, kinds };
    while (o.first < row.len) {
        size_t i = pick(&o, dice);
        is_sent[i] = true;
        wire_row_add(&out, wire_copy(&row.packet[i]));
        while (o.first < row.len && is_sent[o.first]) {
            o.first++;
        }
    }
    free(is_sent);
    wire_row_finish(&row);
    return out;
}

/* Moves the last packet of the row to this place. */
static void sink_to(struct wire_row *row, size_t place)
{
    struct wire_packet moved = row->packet[row->len - 1];
    memmove(&row->packet[place + 1], &row->packet[place],
            (row->len - 1 - place) * sizeof(moved));
    row->packet[place] = moved;
}

struct wire_row schedule_dup(struct wire_row row, struct dice *dice)
{
    size_t one_in = 1 + dice_roll(dice, 8);
    for (size_t i = row.len; i-- > 0;) {
        if (dice_roll(dice, one_in) != 0) {
            continue;
        }
        size_t copies = 1 + dice_roll(dice, 5);
        size_t reach = dice_roll(dice, 4) == 0 ? row.len - i : 1;
        for (size_t k = 0; k < copies && row.len < 2 * PIECES_MAX; k++) {
            size_t place = i + 1 + dice_roll(dice, reach);
            wire_row_add(&row, wire_copy(&row.packet[i]));
            sink_to(&row, place < row.len ? place : row.len - 1);
        }
    }
    return row;
}

struct wire_row schedule_lose(struct wire_row row, struct dice *dice)
{
    static const uint64_t per_thousand[] = { 10, 50, 200, 500 };
    uint64_t rate = per_thousand[dice_roll(dice, 4)];
    size_t always = row.len > 0 ? dice_roll(dice, row.len) : 0;
    struct wire_row out = { 0 };
    for (size_t i = 0; i < row.len; i++) {
        if (i != always && dice_roll(dice, 1000) >= rate) {
            wire_row_add(&out, wire_copy(&row.packet[i]));
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

/* The first packet that carries this sequence number the same way. */
static size_t first_with(const struct wire_row *row, const struct wire_packet *p, uint32_t seq)
{
    for (size_t i = 0; i < row->len; i++) {
        const struct wire_packet *q = &row->packet[i];
        if (is_same_way(p, q) && seq - q->seq < wire_payload_len(q)) {
            return i;
        }
    }
    return 0;
}

/* Not of a single byte: repeated in front of the next ones it is a keep-alive, whose byte may
 * be anything (RFC 1122, 4.2.3.6). */
struct wire_row schedule_forge(struct wire_row row, struct dice *dice)
{
    size_t chosen = row.len;
    size_t found = 0;
    for (size_t i = 0; i < row.len; i++) {
        if (wire_payload_len(&row.packet[i]) > 1) {
            chosen = dice_roll(dice, ++found) == 0 ? i : chosen;
        }
    }
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
    wire_row_add(&row, forged);
    sink_to(&row, place);
    return row;
}
