/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/intern.h"

#include <assert.h>

#include "bytes/reader.h"

/* At first: 32 KiB of pointers. There are about as many as items later on. */
#define BUCKETS 4096

_Static_assert(CAS_INTERN_RECENT == 256, "the top 8 bits choose the place");

bool cas_intern_init(struct cas_intern *intern, size_t limit, struct cas_budget *budget,
                     const uint8_t hash_key[CAS_KEYHASH_KEY_LEN],
                     void (*destroy)(struct cas_intern_item *item))
{
    *intern = (struct cas_intern){
        .buckets = cas_budget_alloc(budget, BUCKETS * sizeof(*intern->buckets)),
        .buckets_len = BUCKETS,
        .limit = limit,
        .keyhash = cas_keyhash_init(hash_key),
        .budget = budget,
        .destroy = destroy,
    };
    return intern->buckets != NULL;
}

static struct cas_intern_item **bucket_of(struct cas_intern *intern, uint64_t hash)
{
    return &intern->buckets[hash & (intern->buckets_len - 1)];
}

static void put_in_bucket(struct cas_intern *intern, struct cas_intern_item *item)
{
    struct cas_intern_item **bucket = bucket_of(intern, item->hash);
    item->next_in_bucket = *bucket;
    *bucket = item;
}

void cas_intern_finish(struct cas_intern *intern)
{
    for (size_t i = 0; intern->buckets != NULL && i < intern->buckets_len; i++) {
        struct cas_intern_item *item = intern->buckets[i];
        while (item != NULL) {
            struct cas_intern_item *next = item->next_in_bucket;
            intern->destroy(item);
            item = next;
        }
    }
    cas_budget_free(intern->budget, intern->buckets,
                    intern->buckets_len * sizeof(*intern->buckets));
    *intern = (struct cas_intern){ 0 };
}

/* Out of the list of those without a holder. */
static void unlink_unheld(struct cas_intern *intern, struct cas_intern_item *item)
{
    if (item->newer != NULL) {
        item->newer->older = item->older;
    } else {
        intern->newest = item->older;
    }
    if (item->older != NULL) {
        item->older->newer = item->newer;
    } else {
        intern->oldest = item->newer;
    }
    item->newer = NULL;
    item->older = NULL;
}

static void link_unheld(struct cas_intern *intern, struct cas_intern_item *item)
{
    item->older = intern->newest;
    if (intern->newest != NULL) {
        intern->newest->newer = item;
    } else {
        intern->oldest = item;
    }
    intern->newest = item;
}

/*
 * Where an item found last is looked for first: by its length and its last bytes, which differ
 * between certificates (the signature) and mostly between lists. A peer that aims at one place
 * makes others find theirs by the keyed hash, no worse.
 */
static struct cas_intern_item **recent_of(struct cas_intern *intern, struct cas_view key)
{
    struct cas_reader r = cas_reader_init(key);
    if (key.len > sizeof(uint64_t)) {
        cas_reader_skip(&r, key.len - sizeof(uint64_t));
    }
    uint64_t mixed = (cas_reader_u64(&r) ^ key.len) * UINT64_C(0x9e3779b97f4a7c15);
    return &intern->recent[mixed >> 56];
}

static void forget(struct cas_intern *intern, struct cas_intern_item *item)
{
    struct cas_intern_item **recent = recent_of(intern, item->key);
    if (*recent == item) {
        *recent = NULL;
    }
    struct cas_intern_item **at = bucket_of(intern, item->hash);
    while (*at != item) {
        at = &(*at)->next_in_bucket;
    }
    *at = item->next_in_bucket;
    unlink_unheld(intern, item);
    intern->used -= item->size;
    intern->len--;
    intern->destroy(item);
}

/* Twice as many buckets; as many as before when memory is refused. */
static void grow(struct cas_intern *intern)
{
    struct cas_intern_item **old = intern->buckets;
    size_t old_len = intern->buckets_len;
    size_t len = old_len * 2;
    struct cas_intern_item **buckets =
        cas_budget_alloc(intern->budget, len * sizeof(struct cas_intern_item *));
    if (buckets == NULL) {
        return;
    }
    intern->buckets = buckets;
    intern->buckets_len = len;
    for (size_t i = 0; i < old_len; i++) {
        struct cas_intern_item *item = old[i];
        while (item != NULL) {
            struct cas_intern_item *next = item->next_in_bucket;
            put_in_bucket(intern, item);
            item = next;
        }
    }
    cas_budget_free(intern->budget, old, old_len * sizeof(*old));
}

static void make_room(struct cas_intern *intern)
{
    while (intern->used > intern->limit && intern->oldest != NULL) {
        forget(intern, intern->oldest);
    }
}

void cas_intern_hold(struct cas_intern *intern, struct cas_intern_item *item)
{
    if (item->holders++ == 0) {
        unlink_unheld(intern, item);
    }
}

static struct cas_intern_item *find_by_hash(struct cas_intern *intern, struct cas_view key)
{
    uint64_t hash = cas_keyhash_of(&intern->keyhash, key);
    struct cas_intern_item *item = *bucket_of(intern, hash);
    while (item != NULL && (item->hash != hash || !cas_view_equal(item->key, key))) {
        item = item->next_in_bucket;
    }
    return item;
}

struct cas_intern_item *cas_intern_find(struct cas_intern *intern, struct cas_view key)
{
    struct cas_intern_item **recent = recent_of(intern, key);
    struct cas_intern_item *item = *recent;
    if (item == NULL || !cas_view_equal(item->key, key)) {
        item = find_by_hash(intern, key);
    }
    if (item != NULL) {
        *recent = item;
        cas_intern_hold(intern, item);
    }
    return item;
}

void cas_intern_add(struct cas_intern *intern, struct cas_intern_item *item)
{
    item->hash = cas_keyhash_of(&intern->keyhash, item->key);
    if (++intern->len % intern->buckets_len == 0) {
        grow(intern); /* what is refused is asked for again when as many have come again */
    }
    put_in_bucket(intern, item);
    item->holders = 1;
    intern->used += item->size;
    make_room(intern);
}

void cas_intern_release(struct cas_intern *intern, struct cas_intern_item *item)
{
    if (item == NULL) {
        return;
    }
    assert(item->holders > 0);
    if (--item->holders == 0) {
        link_unheld(intern, item);
        make_room(intern);
    }
}
