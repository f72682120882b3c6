/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A schedule: the packets of a recording as another network, or another place to capture,
 * might have shown them. Each follows from a seed. Knows nothing of casniff.
 */
#ifndef CAS_TEST_SCHEDULE_H
#define CAS_TEST_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/dice.h"
#include "support/recording.h"

enum schedule_kind {
    /* Nothing is lost: */
    SCHEDULE_SPLIT = 1 << 0,    /* segments cut in pieces of any size */
    SCHEDULE_MERGE = 1 << 1,    /* neighbours joined */
    SCHEDULE_ORDER = 1 << 2,    /* each direction permuted, an ACK never before its data */
    SCHEDULE_CONTROL = 1 << 3,  /* with order: FIN and RST are permuted as well */
    SCHEDULE_WILD = 1 << 4,     /* with order: an ACK may come before its data */
    SCHEDULE_MIX = 1 << 5,      /* connections interleaved otherwise */
    SCHEDULE_DUP = 1 << 6,      /* copies of segments come once more, up to five times */
    SCHEDULE_FRAGMENT = 1 << 7, /* packets come in IP fragments, in any order, some twice */
    /* Something is: */
    SCHEDULE_LOSE = 1 << 8,   /* segments are missing */
    SCHEDULE_CUT = 1 << 9,    /* frames are shortened by a snaplen */
    SCHEDULE_FORGE = 1 << 10, /* a copy with one other byte comes first */
    SCHEDULE_TEAR = 1 << 11   /* packets come in fragments, and one is missing or overlaps */
};

#define SCHEDULE_LOSSY                                                                         \
    ((unsigned)(SCHEDULE_LOSE | SCHEDULE_CUT | SCHEDULE_FORGE | SCHEDULE_TEAR))
#define SCHEDULE_ALL   ((unsigned)(SCHEDULE_TEAR << 1) - 1)
#define SCHEDULE_KINDS 12

/* The kind of this name ("split", ...); 0 when there is none. */
unsigned schedule_kind_find(const char *name);
const char *schedule_kind_name(unsigned kind);

struct schedule {
    unsigned kinds; /* those that this one has */
    bool is_random; /* it follows from a seed */
    struct wire_row row;
    /* For each connection its packets in the order in which they come: for the oracle. */
    struct wire_row *by_connection;
    size_t connections;
};

/* As recorded, with the times that all schedules have: one packet each 100 us. */
struct schedule schedule_plain(const struct recording *recording);

/* As recorded, without the packet of this index. */
struct schedule schedule_without(const struct recording *recording, size_t index);

/* A random subset of the kinds that are allowed, applied as the seed says. */
struct schedule schedule_random(const struct recording *recording, uint64_t seed,
                                unsigned allowed);

void schedule_finish(struct schedule *schedule);

/* Moves a packet into the row; the packet is left without its bytes. */
void schedule_pass(struct wire_row *out, struct wire_packet *packet);

/* The steps, each from a row to another; rows are taken. In schedule_steps.c. */
struct wire_row schedule_split(struct wire_row row, struct dice *dice);
struct wire_row schedule_merge(struct wire_row row, struct dice *dice);
struct wire_row schedule_order(struct wire_row row, struct dice *dice, unsigned kinds);
struct wire_row schedule_dup(struct wire_row row, struct dice *dice);
struct wire_row schedule_lose(struct wire_row row, struct dice *dice);
struct wire_row schedule_cut(struct wire_row row, struct dice *dice);
struct wire_row schedule_forge(struct wire_row row, struct dice *dice);

/* In schedule_fragments.c: of all packets; of those of one connection. */
struct wire_row schedule_fragment(struct wire_row row, struct dice *dice);
struct wire_row schedule_tear(struct wire_row row, struct dice *dice, size_t connection);

#endif
