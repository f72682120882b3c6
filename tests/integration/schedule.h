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
    SCHEDULE_OVERLAP = 1 << 2,  /* bytes come a second time with other bounds */
    SCHEDULE_ORDER = 1 << 3,    /* each direction permuted, an ACK never before its data */
    SCHEDULE_CONTROL = 1 << 4,  /* with order: FIN and RST are permuted as well */
    SCHEDULE_WILD = 1 << 5,     /* with order: an ACK may come before its data */
    SCHEDULE_MIX = 1 << 6,      /* connections interleaved otherwise */
    SCHEDULE_DUP = 1 << 7,      /* copies of segments come once more, up to five times */
    SCHEDULE_FRAGMENT = 1 << 8, /* packets come in IP fragments, in any order, some twice */
    SCHEDULE_GARBLE = 1 << 9,   /* a copy with other bytes and a wrong checksum comes as well */
    /* Something is: */
    SCHEDULE_LOSE = 1 << 10,  /* segments are missing */
    SCHEDULE_CUT = 1 << 11,   /* frames are shortened by a snaplen */
    SCHEDULE_FORGE = 1 << 12, /* a copy with one other byte comes first */
    SCHEDULE_DIFFER =
        1 << 13,             /* a part of a segment comes again, behind it, with other bytes */
    SCHEDULE_TEAR = 1 << 14, /* packets come in fragments, and one is missing or overlaps */
    SCHEDULE_DAMAGE = 1 << 15,  /* segments came to harm, as their checksums tell */
    SCHEDULE_ONE_WAY = 1 << 16, /* of connections only one direction */
    SCHEDULE_LATE = 1 << 17,    /* the capture begins in the middle, or ends there */
    SCHEDULE_END = 1 << 18,     /* somebody forges a RST, FIN or SYN */
    SCHEDULE_CROWD = 1 << 19    /* too many connections for the table and the memory */
};

#define SCHEDULE_LOSSY                                                                         \
    ((unsigned)(SCHEDULE_LOSE | SCHEDULE_CUT | SCHEDULE_FORGE | SCHEDULE_DIFFER |              \
                SCHEDULE_TEAR | SCHEDULE_DAMAGE | SCHEDULE_ONE_WAY | SCHEDULE_LATE |           \
                SCHEDULE_END | SCHEDULE_CROWD))
#define SCHEDULE_KINDS 20
#define SCHEDULE_ALL   ((1u << SCHEDULE_KINDS) - 1)

/* The kind of this name ("split", ...); 0 when there is none. */
unsigned schedule_kind_find(const char *name);
const char *schedule_kind_name(unsigned kind);

struct schedule {
    unsigned kinds; /* those that made a difference */
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

/* A random choice of the kinds that are allowed. */
unsigned schedule_choose(uint64_t seed, unsigned allowed);

/* These kinds, applied as the seed says. */
struct schedule schedule_random(const struct recording *recording, uint64_t seed,
                                unsigned kinds);

/*
 * Without the packets [from, from + len) of its row, and without them where the oracle looks. A
 * packet in fragments is gone when one of them is.
 */
struct schedule schedule_less(const struct schedule *schedule, size_t from, size_t len);

void schedule_finish(struct schedule *schedule);

/* Moves a packet into the row; the packet is left without its bytes. */
void schedule_pass(struct wire_row *out, struct wire_packet *packet);

/* Whether both were sent by the same end. */
bool schedule_is_same_way(const struct wire_packet *a, const struct wire_packet *b);

/* Puts the packet into the row, at this place. */
void schedule_insert(struct wire_row *row, size_t place, struct wire_packet packet);

/* The steps, each from a row to another; rows are taken. In schedule_steps.c: */
struct wire_row schedule_split(struct wire_row row, struct dice *dice);
struct wire_row schedule_merge(struct wire_row row, struct dice *dice);
struct wire_row schedule_order(struct wire_row row, struct dice *dice, unsigned kinds);
struct wire_row schedule_dup(struct wire_row row, struct dice *dice);

/* In schedule_views.c, what another place to capture would have seen: */
struct wire_row schedule_lose(struct wire_row row, struct dice *dice);
struct wire_row schedule_cut(struct wire_row row, struct dice *dice);
struct wire_row schedule_damage(struct wire_row row, struct dice *dice);
struct wire_row schedule_one_way(struct wire_row row, struct dice *dice);
struct wire_row schedule_late(struct wire_row row, struct dice *dice);

/* In schedule_forgeries.c, more packets than were sent: */
struct wire_row schedule_overlap(struct wire_row row, struct dice *dice);
struct wire_row schedule_garble(struct wire_row row, struct dice *dice);
struct wire_row schedule_forge(struct wire_row row, struct dice *dice);
struct wire_row schedule_differ(struct wire_row row, struct dice *dice);
struct wire_row schedule_end(struct wire_row row, struct dice *dice);

/* In schedule_fragments.c: of all packets, where a forged one, whose checksum is right, has the
 * identification of the true one; of those of one connection. */
struct wire_row schedule_fragment(struct wire_row row, struct dice *dice, bool is_forged);
struct wire_row schedule_tear(struct wire_row row, struct dice *dice, size_t connection);

#endif
