/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "integration/schedule.h"

/* A splitting of one connection makes no more pieces than this, lest a schedule take long; most
 * make few. */
#define PIECES_MAX 1500
#define PIECES_FEW 100
#define MERGED_MAX 60000

/*
 * How far a segment may come before its turn: inside the 64 KiB and 64 ranges that casniff
 * promises to keep of each direction.
 */
#define AHEAD_SEGMENTS 48
#define AHEAD_BYTES    49152

void schedule_pass(struct wire_row *out, struct wire_packet *packet)
{
    wire_row_add(out, *packet);
    packet->frame = NULL; /* the row's now */
}

bool schedule_is_same_way(const struct wire_packet *a, const struct wire_packet *b)
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

struct splitting {
    uint64_t style;
    size_t from; /* the first packet that may be split */
    size_t pieces_max;
    size_t pieces;
};

/* In one of four schedules many pieces; in every other from the middle on. */
static struct splitting choose_splitting(struct dice *dice, size_t len)
{
    struct splitting s = { .style = dice_roll(dice, 4) };
    s.pieces_max = dice_roll(dice, 4) == 0 ? PIECES_MAX : PIECES_FEW;
    s.from = dice_roll(dice, 2) == 0 && len > 0 ? dice_roll(dice, len) : 0;
    return s;
}

static void split_one(struct wire_row *out, const struct wire_packet *p, struct dice *dice,
                      struct splitting *s)
{
    size_t len = wire_payload_len(p);
    size_t at = 0;
    while (at < len) {
        size_t piece = piece_len(dice, s->style);
        piece = s->pieces >= s->pieces_max || piece > len - at ? len - at : piece;
        bool is_last = at + piece == len;
        uint8_t flags = is_last ? p->flags : (uint8_t)(p->flags & ~(WIRE_FIN | WIRE_PSH));
        wire_row_add(
            out, wire_with(p, p->seq + (uint32_t)at, flags, p->frame + p->payload + at, piece));
        at += piece;
        s->pieces++;
    }
}

struct wire_row schedule_split(struct wire_row row, struct dice *dice)
{
    struct wire_row out = { 0 };
    struct splitting splitting = choose_splitting(dice, row.len);
    for (size_t i = 0; i < row.len; i++) {
        struct wire_packet *p = &row.packet[i];
        bool is_plain = (p->flags & (WIRE_SYN | WIRE_RST | WIRE_URG)) == 0;
        if (wire_payload_len(p) > 1 && is_plain && i >= splitting.from &&
            dice_roll(dice, 4) > 0) {
            split_one(&out, p, dice, &splitting);
        } else {
            schedule_pass(&out, p);
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
           schedule_is_same_way(a, b) && a->ack == b->ack && a->seq + a_len == b->seq;
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
        struct wire_packet *p = &row.packet[i];
        struct wire_packet *last = out.len > 0 ? &out.packet[out.len - 1] : NULL;
        if (last != NULL && can_join(last, p) && dice_roll(dice, 3) > 0) {
            struct wire_packet joined = join(last, p);
            wire_free(last);
            *last = joined;
        } else {
            schedule_pass(&out, p);
        }
    }
    wire_row_finish(&row);
    return out;
}

/* What of a packet decides when it may come. */
struct turn {
    unsigned way; /* 0 as the first packet */
    bool is_sent;
    bool is_barrier; /* nothing overtakes it, and it overtakes nothing */
    bool has_ack;
    uint32_t seq;
    uint32_t ack;
    uint32_t seq_len;
    size_t payload_len;
};

static struct turn turn_of(const struct wire_row *row, size_t index, unsigned kinds)
{
    const struct wire_packet *p = &row->packet[index];
    bool is_control = (kinds & SCHEDULE_CONTROL) != 0;
    unsigned barriers = is_control ? WIRE_SYN : WIRE_SYN | WIRE_FIN | WIRE_RST;
    return (struct turn){
        .way = schedule_is_same_way(p, &row->packet[0]) ? 0 : 1,
        .is_barrier = (p->flags & barriers) != 0,
        .has_ack = (p->flags & WIRE_ACK) != 0,
        .seq = p->seq,
        .ack = p->ack,
        .seq_len = wire_seq_len(p),
        .payload_len = wire_payload_len(p),
    };
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
    struct turn *turn;
    size_t len;
    size_t first; /* the first that is not sent */
    size_t segments_ahead;
    bool is_wild;
};

/* Inside of what is kept out of order? The first of its direction fills a gap. */
static bool is_near(const struct ordering *o, const struct unsent *same, size_t len)
{
    return !same->is_any ||
           (same->segments < o->segments_ahead && same->bytes + len <= AHEAD_BYTES);
}

/* Has all come that it acknowledges? */
static bool is_caused(const struct ordering *o, const struct turn *t,
                      const struct unsent *other)
{
    bool is_early = t->has_ack && other->has_lowest && is_before(other->lowest_seq, t->ack);
    return !is_early || o->is_wild;
}

static void pass_over(struct unsent *u, const struct turn *t)
{
    if (!t->is_sent) {
        bool is_lowest = !u->has_lowest || is_before(t->seq, u->lowest_seq);
        u->is_any = true;
        if (t->seq_len > 0 && is_lowest) {
            u->has_lowest = true;
            u->lowest_seq = t->seq;
        }
    }
    if (u->is_any) {
        u->segments++;
        u->bytes += t->payload_len;
    }
}

/* One that may come now; the first that is not sent always may. */
static size_t pick(const struct ordering *o, struct dice *dice)
{
    struct unsent unsent[2] = { { 0 } };
    uint8_t may[2 * AHEAD_SEGMENTS]; /* behind the first */
    size_t found = 0;
    for (size_t i = o->first; i < o->len && i < o->first + sizeof(may); i++) {
        const struct turn *t = &o->turn[i];
        bool is_stuck = t->is_barrier && (unsent[0].is_any || unsent[1].is_any);
        if (!t->is_sent && !is_stuck && is_near(o, &unsent[t->way], t->payload_len) &&
            is_caused(o, t, &unsent[1 - t->way])) {
            may[found++] = (uint8_t)(i - o->first);
        }
        pass_over(&unsent[t->way], t);
        bool is_end = !t->is_sent && t->is_barrier;
        if (is_end || (unsent[0].segments >= o->segments_ahead &&
                       unsent[1].segments >= o->segments_ahead)) {
            break;
        }
    }
    return o->first + (found > 0 ? may[dice_roll(dice, found)] : 0);
}

struct wire_row schedule_order(struct wire_row row, struct dice *dice, unsigned kinds)
{
    struct wire_row out = { 0 };
    struct ordering o = {
        .turn = wire_alloc(row.len * sizeof(*o.turn)),
        .len = row.len,
        .segments_ahead = dice_roll(dice, 2) == 0 ? AHEAD_SEGMENTS : 2 + dice_roll(dice, 6),
        .is_wild = (kinds & SCHEDULE_WILD) != 0,
    };
    for (size_t i = 0; i < row.len; i++) {
        o.turn[i] = turn_of(&row, i, kinds);
    }
    while (o.first < row.len) {
        size_t i = pick(&o, dice);
        o.turn[i].is_sent = true;
        schedule_pass(&out, &row.packet[i]);
        while (o.first < row.len && o.turn[o.first].is_sent) {
            o.first++;
        }
    }
    free(o.turn);
    wire_row_finish(&row);
    return out;
}

/* Copies wait until the packets before them have come. */
struct copy {
    size_t of;
    size_t behind;
};

static int compare_copies(const void *a, const void *b)
{
    const struct copy *x = a;
    const struct copy *y = b;
    if (x->behind != y->behind) {
        return x->behind < y->behind ? -1 : 1;
    }
    return x->of < y->of ? -1 : x->of > y->of;
}

static size_t choose_copies(struct dice *dice, size_t len, struct copy *copies)
{
    size_t one_in = 1 + dice_roll(dice, 8);
    size_t made = 0;
    for (size_t i = 0; i < len; i++) {
        if (dice_roll(dice, one_in) != 0) {
            continue;
        }
        size_t times = 1 + dice_roll(dice, 5);
        size_t reach = dice_roll(dice, 4) == 0 ? len - i : 1;
        for (size_t k = 0; k < times && made < PIECES_MAX; k++) {
            copies[made++] = (struct copy){ i, i + dice_roll(dice, reach) };
        }
    }
    qsort(copies, made, sizeof(copies[0]), compare_copies);
    return made;
}

struct wire_row schedule_dup(struct wire_row row, struct dice *dice)
{
    struct copy *copies = wire_alloc(PIECES_MAX * sizeof(*copies));
    size_t made = choose_copies(dice, row.len, copies);
    struct wire_row out = { 0 };
    size_t next = 0;
    for (size_t i = 0; i < row.len; i++) {
        wire_row_add(&out, wire_copy(&row.packet[i]));
        for (; next < made && copies[next].behind == i; next++) {
            wire_row_add(&out, wire_copy(&row.packet[copies[next].of]));
        }
    }
    free(copies);
    wire_row_finish(&row);
    return out;
}
