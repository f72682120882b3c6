/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "integration/schedule.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define PACKET_EVERY_US 100

/* A crowd takes as long as ten others: of those that are drawn so many fewer are tried. */
#define CROWD_ONE_IN 4

/* Each at the place of its bit. */
static const char *const kind_names[SCHEDULE_KINDS] = {
    "split", "merge",    "overlap", "order", "control", "wild",  "mix",
    "dup",   "fragment", "garble",  "lose",  "cut",     "forge", "differ",
    "tear",  "damage",   "one-way", "late",  "end",     "crowd",
};

unsigned schedule_kind_find(const char *name)
{
    for (unsigned i = 0; i < SCHEDULE_KINDS; i++) {
        if (strcmp(kind_names[i], name) == 0) {
            return 1u << i;
        }
    }
    return 0;
}

const char *schedule_kind_name(unsigned kind)
{
    for (unsigned i = 0; i < SCHEDULE_KINDS; i++) {
        if (kind == 1u << i) {
            return kind_names[i];
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
 * A lossless one; or one with a kind of loss, sometimes two.
 *
 * Forged bytes prove nothing when the true ones are lost, or come when the handshake is over
 * and nobody listens any more. No client answers what it has not got, so with forged bytes the
 * recorded order is kept, and nothing is lost besides. What a snaplen has cut has no checksum
 * that could tell of damage. Harm is hard to see where no packet without it came before.
 */
unsigned schedule_choose(uint64_t seed, unsigned allowed)
{
    static const unsigned losses[] = {
        SCHEDULE_LOSE,   SCHEDULE_LOSE,    SCHEDULE_CUT,  SCHEDULE_FORGE, SCHEDULE_DIFFER,
        SCHEDULE_TEAR,   SCHEDULE_TEAR,    SCHEDULE_LATE, SCHEDULE_END,   SCHEDULE_END,
        SCHEDULE_DAMAGE, SCHEDULE_ONE_WAY, SCHEDULE_LATE, SCHEDULE_CROWD,
    };
    const unsigned forged = SCHEDULE_FORGE | SCHEDULE_DIFFER;
    const unsigned summed = SCHEDULE_DAMAGE | SCHEDULE_GARBLE;
    struct dice dice = { seed };
    unsigned kinds = (unsigned)dice_roll(&dice, SCHEDULE_LOSE);
    if (dice_roll(&dice, 2) == 0) {
        kinds |= losses[dice_roll(&dice, sizeof(losses) / sizeof(losses[0]))];
    }
    if ((kinds & SCHEDULE_LOSSY) != 0 && dice_roll(&dice, 4) == 0) {
        kinds |= losses[dice_roll(&dice, sizeof(losses) / sizeof(losses[0]))];
    }
    if (dice_roll(&dice, CROWD_ONE_IN) != 0) {
        kinds &= ~(unsigned)SCHEDULE_CROWD;
    }
    if ((kinds & SCHEDULE_DAMAGE) != 0 && dice_roll(&dice, 2) == 0) {
        kinds |= SCHEDULE_LATE;
    }
    kinds &= allowed;
    if ((kinds & forged) != 0) {
        unsigned one = (kinds & SCHEDULE_FORGE) != 0 ? SCHEDULE_FORGE : SCHEDULE_DIFFER;
        kinds &= ~(SCHEDULE_LOSSY | SCHEDULE_ORDER | SCHEDULE_CONTROL | SCHEDULE_WILD);
        kinds |= one;
    }
    if ((kinds & SCHEDULE_CUT) != 0) {
        kinds &= ~summed;
    }
    return kinds != 0 ? kinds : allowed & (SCHEDULE_ORDER | SCHEDULE_SPLIT);
}

/* Changes when packets do: enough to see that a step did nothing. */
static uint64_t print_of(const struct wire_row *row)
{
    uint64_t print = row->len;
    for (size_t i = 0; i < row->len; i++) {
        const struct wire_packet *p = &row->packet[i];
        uint64_t word = (uint64_t)p->seq << 32 | (uint64_t)p->frame_len << 1 | p->is_tcp;
        print = (print ^ word) * 0x9e3779b97f4a7c15;
    }
    return print;
}

struct step {
    unsigned kind;
    struct wire_row (*apply)(struct wire_row row, struct dice *dice);
};

static struct wire_row seal_all(struct wire_row row)
{
    for (size_t i = 0; i < row.len; i++) {
        if (row.packet[i].is_tcp) {
            wire_seal(&row.packet[i]);
        }
    }
    return row;
}

/* Does what is asked for of this kind; without it when it made no difference. */
static struct wire_row do_step(struct wire_row row, struct dice *dice, const struct step *step,
                               unsigned *kinds)
{
    if ((*kinds & step->kind) == 0) {
        return row;
    }
    uint64_t before = print_of(&row);
    row = step->apply(row, dice);
    *kinds &= print_of(&row) == before ? ~step->kind : UINT_MAX;
    return row;
}

static struct wire_row do_steps(struct wire_row row, struct dice *dice,
                                const struct step *steps, size_t len, unsigned *kinds)
{
    for (size_t i = 0; i < len; i++) {
        row = do_step(row, dice, &steps[i], kinds);
    }
    return row;
}

/* The kinds that are left made a difference to this connection. */
static struct wire_row apply(struct wire_row row, struct dice *dice, unsigned *kinds,
                             size_t connection)
{
    static const struct step first[] = {
        { SCHEDULE_MERGE, schedule_merge },
        { SCHEDULE_SPLIT, schedule_split },
        { SCHEDULE_OVERLAP, schedule_overlap },
    };
    static const struct step second[] = {
        { SCHEDULE_DIFFER, schedule_differ },   { SCHEDULE_DUP, schedule_dup },
        { SCHEDULE_FORGE, schedule_forge },     { SCHEDULE_END, schedule_end },
        { SCHEDULE_ONE_WAY, schedule_one_way }, { SCHEDULE_LATE, schedule_late },
        { SCHEDULE_LOSE, schedule_lose },       { SCHEDULE_GARBLE, schedule_garble },
        { SCHEDULE_DAMAGE, schedule_damage },
    };
    static const struct step views[] = { { SCHEDULE_CUT, schedule_cut } };
    row = (*kinds & (SCHEDULE_GARBLE | SCHEDULE_DAMAGE)) != 0 ? seal_all(row) : row;
    row = do_steps(row, dice, first, sizeof(first) / sizeof(first[0]), kinds);
    row = (*kinds & SCHEDULE_ORDER) != 0 ? schedule_order(row, dice, *kinds) : row;
    row = do_steps(row, dice, second, sizeof(second) / sizeof(second[0]), kinds);
    row = do_steps(row, dice, views, 1, kinds);
    /* What is torn must be seen to be: nothing of it is cut. */
    return (*kinds & SCHEDULE_TEAR) != 0 ? schedule_tear(row, dice, connection) : row;
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

/* All packets in their connections get numbers, to be found again in the row. */
static void set_tags(struct schedule *s)
{
    size_t tag = 0;
    for (size_t c = 0; c < s->connections; c++) {
        for (size_t i = 0; i < s->by_connection[c].len; i++) {
            s->by_connection[c].packet[i].tag = ++tag;
        }
    }
}

struct schedule schedule_random(const struct recording *recording, uint64_t seed,
                                unsigned kinds)
{
    struct dice dice = { ~seed }; /* apart from schedule_choose() */
    struct schedule s = start(recording);
    unsigned made = kinds & (SCHEDULE_MIX | SCHEDULE_FRAGMENT | SCHEDULE_CROWD);
    s.is_random = true;
    for (size_t c = 0; c < s.connections; c++) {
        const struct wire_row *row = &recording->connection[c].row;
        unsigned own = kinds;
        for (size_t i = 0; i < row->len; i++) {
            wire_row_add(&s.by_connection[c], wire_copy(&row->packet[i]));
        }
        s.by_connection[c] = apply(s.by_connection[c], &dice, &own, c);
        made |= own;
    }
    s.kinds = made;
    set_tags(&s);
    interleave(recording, &s, (kinds & SCHEDULE_MIX) != 0 ? &dice : NULL);
    if ((kinds & SCHEDULE_FRAGMENT) != 0) {
        bool is_forged = (s.kinds & SCHEDULE_FORGE) != 0 && (s.kinds & SCHEDULE_GARBLE) == 0;
        s.row = schedule_fragment(s.row, &dice, is_forged);
    }
    set_times(recording, &s);
    return s;
}

static bool is_among(const struct wire_row *row, size_t from, size_t len, size_t tag)
{
    for (size_t i = from; i < from + len && tag != 0; i++) {
        if (row->packet[i].tag == tag) {
            return true;
        }
    }
    return false;
}

struct schedule schedule_less(const struct schedule *schedule, size_t from, size_t len)
{
    struct schedule less = { .kinds = schedule->kinds,
                             .is_random = schedule->is_random,
                             .connections = schedule->connections };
    less.by_connection = wire_alloc(less.connections * sizeof(*less.by_connection));
    for (size_t i = 0; i < schedule->row.len; i++) {
        if (i < from || i >= from + len) {
            wire_row_add(&less.row, wire_copy(&schedule->row.packet[i]));
        }
    }
    for (size_t c = 0; c < less.connections; c++) {
        const struct wire_row *row = &schedule->by_connection[c];
        less.by_connection[c] = (struct wire_row){ 0 };
        for (size_t i = 0; i < row->len; i++) {
            if (!is_among(&schedule->row, from, len, row->packet[i].tag)) {
                wire_row_add(&less.by_connection[c], wire_copy(&row->packet[i]));
            }
        }
    }
    return less;
}
