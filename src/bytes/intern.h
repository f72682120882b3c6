/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Things recognised by their bytes: a certificate, a list or a name that was seen before is
 * found here and not parsed again. Bounded: what nobody holds any more is kept until room is
 * needed, the longest unused goes first. Knows nothing of what the things are.
 *
 * A thing embeds struct cas_intern_item as its first member.
 */
#ifndef CAS_BYTES_INTERN_H
#define CAS_BYTES_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/budget.h"
#include "bytes/keyhash.h"

/* Places for what was found last, so that most look-ups need no hash. */
#define CAS_INTERN_RECENT 256

struct cas_intern_item {
    struct cas_view key; /* the thing's own copy: lives as long as the thing */
    size_t size;         /* what it holds of the budget */
    uint64_t hash;
    size_t holders;
    struct cas_intern_item *next_in_bucket;
    struct cas_intern_item *newer; /* among those without a holder */
    struct cas_intern_item *older;
};

struct cas_intern {
    struct cas_intern_item **buckets;
    size_t buckets_len; /* a power of two */
    size_t len;         /* items */
    size_t used;        /* sum of the sizes */
    size_t limit;       /* kept below this as long as unheld items can go */
    struct cas_intern_item *recent[CAS_INTERN_RECENT];
    struct cas_intern_item *newest; /* unheld */
    struct cas_intern_item *oldest;
    struct cas_keyhash keyhash;
    struct cas_budget *budget;
    void (*destroy)(struct cas_intern_item *item);
};

/* False when memory or the budget refuses. destroy frees a thing with all that it holds. */
bool cas_intern_init(struct cas_intern *intern, size_t limit, struct cas_budget *budget,
                     const uint8_t hash_key[CAS_KEYHASH_KEY_LEN],
                     void (*destroy)(struct cas_intern_item *item));

/* Destroys all items, held or not. */
void cas_intern_finish(struct cas_intern *intern);

/* The item with this key, now held once more; NULL when there is none. */
struct cas_intern_item *cas_intern_find(struct cas_intern *intern, struct cas_view key);

/* Adds an item whose key is not there yet; key and size are set. It is held once. */
void cas_intern_add(struct cas_intern *intern, struct cas_intern_item *item);

void cas_intern_hold(struct cas_intern *intern, struct cas_intern_item *item);

/* One holder less; item may be NULL. */
void cas_intern_release(struct cas_intern *intern, struct cas_intern_item *item);

#endif
