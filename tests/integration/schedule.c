/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "integration/schedule.h"

#include <stdlib.h>
#include <string.h>

#define PACKET_EVERY_US 100

static const struct {
    const char *name;
    unsigned kind;
} kind_names[] = {
    { "split", SCHEDULE_SPLIT }, { "merge", SCHEDULE_MERGE },
    { "order", SCHEDULE_ORDER }, { "control", SCHEDULE_CONTROL },
    { "wild", SCHEDULE_WILD },   { "mix", SCHEDULE_MIX },
    { "dup", SCHEDULE_DUP },     { "lose", SCHEDULE_LOSE },
    { "cut", SCHEDULE_CUT },     { "forge", SCHEDULE_FORGE },
    { "tear", SCHEDULE_TEAR },   { "fragment", SCHEDULE_FRAGMENT },
};

#define KIND_NAMES (sizeof(kind_names) / sizeof(kind_names[0]))

unsigned schedule_kind_find(const char *name)
{
    for (size_t i = 0; i < KIND_NAMES; i++) {
        if (strcmp(kind_names[i].name, name) == 0) {
            return kind_names[i].kind;
        }
    }
    return 0;
}

const char *schedule_kind_name(unsigned kind)
{
    for (size_t i = 0; i < KIND_NAMES; i++) {
        if (kind_names[i].kind == kind) {
            return kind_names[i].name;
        }
    }
    return "";
}

static struct schedule start(const struct recording *recording)
{
    struct schedule s = { .connections = recording->connections };
    s.by_connection = wire_alloc(s.connections * sizeof(*s.by_connection));
    memset(s.by_connection, 0, s.connections * sizeof(*s.by_connection));
    return s;
}

void schedule_finish(struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->connections; i++) {
        wire_row_finish(&schedule->by_connection[i]);
    }
    free(schedule->by_connection);
    wire_row_finish(&schedule->row);
    *schedule = (struct schedule){ 0 };
}

/* Gives all packets their times: recordings may pause, schedules do not. */
static void set_times(const struct recording *recording, struct schedule *schedule)
{
    uint64_t start_us = recording->row.len > 0 ? recording->row.packet[0].time_us : 0;
    for (size_t i = 0; i < schedule->row.len; i++) {
        schedule->row.packet[i].time_us = start_us + i * PACKET_EVERY_US;
    }
}

/* All packets but one; without >= row.len leaves out none. */
static struct schedule copy_but(const struct recording *recording, size_t without)
{
    struct schedule s = start(recording);
    for (size_t i = 0; i < recording->row.len; i++) {
        if (i == without) {
            continue;
        }
        const struct wire_packet *p = &recording->row.packet[i];
        wire_row_add(&s.row, wire_copy(p));
        if (p->is_tcp) {
            wire_row_add(&s.by_connection[recording->connection_of[i]], wire_copy(p));
        }
    }
    set_times(recording, &s);
    return s;
}

struct schedule schedule_plain(const struct recording *recording)
{
    return copy_but(recording, SIZE_MAX);
}

struct schedule schedule_without(const struct recording *recording, size_t index)
{
    struct schedule s = copy_but(recording, index);
    s.kinds = SCHEDULE_LOSE;
    return s;
}

/*
 * A lossless one, or one with exactly one kind of loss: forged bytes prove nothing when the
 * true ones are lost, or come when the handshake is over and nobody listens any more. No client
 * answers what it has not got, so with forged bytes the recorded order is kept.
 */
static unsigned choose_kinds(struct dice *dice, unsigned allowed)
{
    static const unsigned losses[] = { 0, SCHEDULE_LOSE,  0, SCHEDULE_CUT,
                                       0, SCHEDULE_FORGE, 0, SCHEDULE_TEAR };
    unsigned kinds = (unsigned)dice_roll(dice, SCHEDULE_LOSE) & allowed & ~SCHEDULE_LOSSY;
    unsigned loss = losses[dice_roll(dice, 8)] & allowed;
    if (loss == SCHEDULE_FORGE) {
        kinds &= ~(unsigned)(SCHEDULE_ORDER | SCHEDULE_CONTROL | SCHEDULE_WILD);
    }
    bool is_idle = kinds == 0 && loss == 0;
    return is_idle ? allowed & (SCHEDULE_ORDER | SCHEDULE_SPLIT) : kinds | loss;
}

static struct wire_row apply(struct wire_row row, struct dice *dice, unsigned kinds,
                             size_t connection)
{
    row = (kinds & SCHEDULE_MERGE) != 0 ? schedule_merge(row, dice) : row;
    row = (kinds & SCHEDULE_SPLIT) != 0 ? schedule_split(row, dice) : row;
    row = (kinds & SCHEDULE_ORDER) != 0 ? schedule_order(row, dice, kinds) : row;
    row = (kinds & SCHEDULE_DUP) != 0 ? schedule_dup(row, dice) : row;
    row = (kinds & SCHEDULE_FORGE) != 0 ? schedule_forge(row, dice) : row;
    row = (kinds & SCHEDULE_LOSE) != 0 ? schedule_lose(row, dice) : row;
    row = (kinds & SCHEDULE_TEAR) != 0 ? schedule_tear(row, dice, connection) : row;
    return (kinds & SCHEDULE_CUT) != 0 ? schedule_cut(row, dice) : row;
}

static int compare_slots(const void *a, const void *b)
{
    const uint64_t *x = a;
    const uint64_t *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* Another connection has the same ends: the one must be over when the other begins. */
static bool is_port_reused(const struct recording *recording, size_t index)
{
    const struct recorded_connection *c = &recording->connection[index];
    for (size_t i = 0; i < recording->connections; i++) {
        const struct recorded_connection *other = &recording->connection[i];
        bool is_same = c->port[0] == other->port[0] && c->port[1] == other->port[1];
        bool is_swapped = c->port[0] == other->port[1] && c->port[1] == other->port[0];
        if (i != index && (is_same || is_swapped)) {
            return true;
        }
    }
    return false;
}

/* Slots for the packets of one connection, in rising order. */
static uint64_t *slots_of(const struct recording *recording, size_t connection, size_t len,
                          struct dice *mix)
{
    uint64_t *slots = wire_alloc(len * sizeof(*slots));
    size_t recorded = recording->connection[connection].row.len;
    size_t seen = 0;
    for (size_t i = 0, k = 0; i < recording->row.len && recorded > 0; i++) {
        seen += recording->connection_of[i] == connection ? 1 : 0;
        for (; k < len && k * recorded / len < seen; k++) {
            slots[k] = i;
        }
    }
    if (mix != NULL && !is_port_reused(recording, connection)) {
        for (size_t k = 0; k < len; k++) {
            slots[k] = dice_roll(mix, recording->row.len);
        }
        qsort(slots, len, sizeof(*slots), compare_slots);
    }
    return slots;
}

/* Packets of a slot keep their order: those of no connection first, then one connection after
 * the other. */
static void interleave(const struct recording *recording, struct schedule *s, struct dice *mix)
{
    uint64_t **slots = wire_alloc(s->connections * sizeof(*slots));
    size_t *next = wire_alloc(s->connections * sizeof(*next));
    for (size_t c = 0; c < s->connections; c++) {
        slots[c] = slots_of(recording, c, s->by_connection[c].len, mix);
        next[c] = 0;
    }
    for (size_t slot = 0; slot < recording->row.len; slot++) {
        if (recording->connection_of[slot] == SIZE_MAX) {
            wire_row_add(&s->row, wire_copy(&recording->row.packet[slot]));
        }
        for (size_t c = 0; c < s->connections; c++) {
            const struct wire_row *row = &s->by_connection[c];
            for (; next[c] < row->len && slots[c][next[c]] == slot; next[c]++) {
                wire_row_add(&s->row, wire_copy(&row->packet[next[c]]));
            }
        }
    }
    for (size_t c = 0; c < s->connections; c++) {
        free(slots[c]);
    }
    free(slots);
    free(next);
}

struct schedule schedule_random(const struct recording *recording, uint64_t seed,
                                unsigned allowed)
{
    struct dice dice = { seed };
    struct schedule s = start(recording);
    s.is_random = true;
    s.kinds = choose_kinds(&dice, allowed);
    for (size_t c = 0; c < s.connections; c++) {
        const struct wire_row *row = &recording->connection[c].row;
        for (size_t i = 0; i < row->len; i++) {
            wire_row_add(&s.by_connection[c], wire_copy(&row->packet[i]));
        }
        s.by_connection[c] = apply(s.by_connection[c], &dice, s.kinds, c);
    }
    interleave(recording, &s, (s.kinds & SCHEDULE_MIX) != 0 ? &dice : NULL);
    if ((s.kinds & SCHEDULE_FRAGMENT) != 0) {
        s.row = schedule_fragment(s.row, &dice);
    }
    set_times(recording, &s);
    return s;
}
