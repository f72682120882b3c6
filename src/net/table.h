/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flow table: a fixed number of entries found by their key, each on one of a few lists in
 * the order in which they were last touched. Made once, never grows. Knows addresses and ports;
 * knows nothing of what a connection is.
 *
 *     head[hash]  ->  entry -> entry -> entry      at most CAS_TABLE_CHAIN_MAX
 *
 * An entry takes 64 bytes, and that is all that a finished connection costs; one that is
 * watched, some 100 more.
 */
#ifndef CAS_NET_TABLE_H
#define CAS_NET_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/budget.h"

/* A look-up never compares more keys than this. */
#define CAS_TABLE_CHAIN_MAX 8

/* No entry. */
#define CAS_TABLE_NONE UINT32_MAX

/*
 * Both ends in their order, so that the two directions have one key. IPv4 addresses are
 * written as ::ffff:a.b.c.d. Hashed and compared as bytes: there is no padding in it.
 */
struct cas_table_key {
    uint8_t address[2][16];
    uint16_t port[2];
    uint16_t vlan[2]; /* ids of the outermost and the innermost tag, plus 1; 0: none */
};

/* An end of a packet: an address of 4 or 16 bytes, and a port. */
struct cas_table_end {
    struct cas_view address;
    uint16_t port;
};

/* The key of a packet between these ends, whose addresses are of one family, without VLANs.
 * Which end of the key sent it. */
unsigned cas_table_key_make(struct cas_table_key *key, const struct cas_table_end *from,
                            const struct cas_table_end *to);

/* Of a packet of IPv4. */
bool cas_table_key_is_v4(const struct cas_table_key *key);

/* The 16 bytes in which such keys differ, as two words. */
void cas_table_key_shorten(const struct cas_table_key *key, uint64_t out_words[2]);

enum cas_table_list {
    CAS_TABLE_FREE,
    CAS_TABLE_TOMBS,   /* finished or ignored: the key is all that is left */
    CAS_TABLE_WATCHED, /* finished, but looked at as it passes: net/watch.h */
    CAS_TABLE_DUE,     /* the same, and something is to be told soon */
    CAS_TABLE_WAITING, /* nothing was delivered yet */
    CAS_TABLE_OPEN,
    CAS_TABLE_RIPE,    /* told soon, for nothing that matters is to come */
    CAS_TABLE_CLOSING, /* ended, but more may come */
    CAS_TABLE_LISTS
};

struct cas_connection;
struct cas_watch;

/* What is known of a finished connection: enough to tell a new one from its echo. */
struct cas_tomb {
    uint32_t first_seq; /* of the first data byte of side `flags` says */
    uint32_t new_seq;   /* the same of a SYN that came since */
};

enum {
    CAS_TOMB_SIDE = 1,     /* first_seq and new_seq are of side 1, else of side 0 */
    CAS_TOMB_HAS_SEQ = 2,  /* first_seq is known */
    CAS_TOMB_HAS_NEW = 4,  /* new_seq is set */
    CAS_TOMB_NEW_SIDE = 8, /* new_seq is of side 1 */
    CAS_TOMB_AWAITS = 16,  /* << side: its FIN is evidence, and did not come yet */
    CAS_TOMB_GOOD_SUM = 64 /* << side: it has sent a good checksum */
};

struct cas_table_entry {
    struct cas_table_key key;
    uint32_t chain; /* next of the same hash */
    uint32_t older; /* on its list */
    uint32_t newer;
    uint8_t list;  /* enum cas_table_list */
    uint8_t flags; /* CAS_TOMB_... while it is a tomb, watched or not */
    uint16_t seen; /* the user's: when it was touched last, coarsely */
    union {
        struct cas_connection *connection;
        struct cas_tomb tomb;
        struct cas_watch *watch;
    } is;
};

/* Of an entry in use: its connection is finished, watched or not. */
static inline bool cas_table_is_tomb(const struct cas_table_entry *entry)
{
    return entry->list <= CAS_TABLE_DUE;
}

struct cas_table {
    struct cas_table_entry *entry;
    uint32_t *head; /* by hash */
    uint32_t size;  /* a power of two: of both */
    uint32_t used;
    uint32_t fresh; /* entries from here on were never used, and are on no list */
    struct {
        uint32_t oldest;
        uint32_t newest;
        uint32_t len;
    } list[CAS_TABLE_LISTS];
};

/* Room for max_entries, rounded up to a power of two, charged to the budget. False when memory
 * is refused. */
bool cas_table_init(struct cas_table *table, struct cas_budget *budget, size_t max_entries);
void cas_table_finish(struct cas_table *table, struct cas_budget *budget);

uint32_t cas_table_find(const struct cas_table *table, const struct cas_table_key *key,
                        uint64_t hash);

/* Entries of this hash are looked for soon: fetches what leads to them. */
void cas_table_fetch(const struct cas_table *table, uint64_t hash);

/* How many entries the chain of this hash has, and which. */
size_t cas_table_chain(const struct cas_table *table, uint64_t hash,
                       uint32_t out_index[CAS_TABLE_CHAIN_MAX]);

/* A new entry for a key that is not there, on a list. The table must not be full, nor the
 * chain: the caller makes room. */
uint32_t cas_table_add(struct cas_table *table, const struct cas_table_key *key, uint64_t hash,
                       enum cas_table_list list);

static inline bool cas_table_is_full(const struct cas_table *table)
{
    return table->used == table->size;
}

/* Makes an entry the newest of a list. */
void cas_table_move(struct cas_table *table, uint32_t index, enum cas_table_list list);

/* hash is that of the entry's key. */
void cas_table_remove(struct cas_table *table, uint32_t index, uint64_t hash);

#endif
