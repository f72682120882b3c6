/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/keylog.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bytes/keyhash.h"
#include "bytes/reader.h"

#define BUCKETS_MIN   64
#define LIMIT_DEFAULT ((size_t)300 << 20)

struct entry {
    struct cas_secrets secrets; /* first: who holds them knows nothing else */
    struct entry *next;         /* in its bucket */
    struct entry *newer;
    unsigned holders;
    bool is_dropped; /* in no bucket any more; goes with its last holder */
    bool is_charged;
};

/* What an entry costs: its place in the buckets, which are at most twice as many, as well. */
#define ENTRY_BYTES (sizeof(struct entry) + 2 * sizeof(struct entry *))

struct cas_keylog {
    struct entry **buckets;
    size_t buckets_len; /* a power of two */
    size_t len;
    size_t max;
    struct entry *oldest;
    struct entry *newest;
    uint64_t dropped;
    uint64_t bad_lines;
    struct cas_budget *budget; /* NULL: nobody has joined */
    struct cas_keylog_listener listener;
    struct cas_keyhash keyhash;
};

struct cas_keylog *cas_keylog_create(void)
{
    uint8_t key[CAS_KEYHASH_KEY_LEN];
    if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key)) {
        return NULL;
    }
    struct cas_keylog *keylog = calloc(1, sizeof(*keylog));
    if (keylog == NULL) {
        return NULL;
    }
    keylog->keyhash = cas_keyhash_init(key);
    keylog->buckets_len = BUCKETS_MIN;
    keylog->buckets = calloc(keylog->buckets_len, sizeof(struct entry *));
    if (keylog->buckets == NULL) {
        free(keylog);
        return NULL;
    }
    cas_keylog_limit(keylog, LIMIT_DEFAULT);
    return keylog;
}

static void discharge(struct cas_keylog *keylog, struct entry *entry)
{
    if (entry->is_charged) {
        cas_budget_release(keylog->budget, ENTRY_BYTES);
        entry->is_charged = false;
    }
}

static void forget(struct cas_keylog *keylog, struct entry *entry)
{
    discharge(keylog, entry);
    explicit_bzero(entry, sizeof(*entry));
    free(entry);
}

void cas_keylog_destroy(struct cas_keylog *keylog)
{
    if (keylog == NULL) {
        return;
    }
    struct entry *entry = keylog->oldest;
    while (entry != NULL) {
        struct entry *newer = entry->newer;
        forget(keylog, entry);
        entry = newer;
    }
    free(keylog->buckets);
    free(keylog);
}

/* A client chooses its random, which may be meant to fall into one bucket. */
static size_t bucket_of(const struct cas_keylog *keylog, size_t buckets_len,
                        const uint8_t random[CAS_RANDOM_LEN])
{
    uint64_t hash = cas_keyhash_of(&keylog->keyhash, cas_view_of(random, CAS_RANDOM_LEN));
    return (size_t)hash & (buckets_len - 1);
}

static struct entry *find(const struct cas_keylog *keylog, const uint8_t random[CAS_RANDOM_LEN])
{
    struct entry *entry = keylog->buckets[bucket_of(keylog, keylog->buckets_len, random)];
    while (entry != NULL && memcmp(entry->secrets.client_random, random, CAS_RANDOM_LEN) != 0) {
        entry = entry->next;
    }
    return entry;
}

const struct cas_secrets *cas_keylog_find(const struct cas_keylog *keylog,
                                          const uint8_t client_random[CAS_RANDOM_LEN])
{
    const struct entry *entry = find(keylog, client_random);
    return entry != NULL ? &entry->secrets : NULL;
}

const struct cas_secrets *cas_keylog_hold(struct cas_keylog *keylog,
                                          const uint8_t client_random[CAS_RANDOM_LEN])
{
    struct entry *entry = find(keylog, client_random);
    if (entry == NULL) {
        return NULL;
    }
    entry->holders++;
    return &entry->secrets;
}

void cas_keylog_release(struct cas_keylog *keylog, const struct cas_secrets *secrets)
{
    if (secrets == NULL) {
        return;
    }
    struct entry *entry = (struct entry *)(uintptr_t)secrets;
    assert(entry->holders > 0);
    entry->holders--;
    if (entry->holders == 0 && entry->is_dropped) {
        forget(keylog, entry);
    }
}

size_t cas_keylog_connections(const struct cas_keylog *keylog)
{
    return keylog->len;
}

struct cas_keylog_stats cas_keylog_stats(const struct cas_keylog *keylog)
{
    return (struct cas_keylog_stats){
        .connections = keylog->len,
        .dropped = keylog->dropped,
        .bad_lines = keylog->bad_lines,
    };
}

void cas_keylog_count_bad_line(struct cas_keylog *keylog)
{
    keylog->bad_lines++;
}

/* --- room --- */

static void leave_bucket(struct cas_keylog *keylog, const struct entry *entry)
{
    struct entry **at =
        &keylog->buckets[bucket_of(keylog, keylog->buckets_len, entry->secrets.client_random)];
    while (*at != entry) {
        at = &(*at)->next;
    }
    *at = entry->next;
}

/* Who holds its secrets keeps them. */
static void drop_oldest(struct cas_keylog *keylog)
{
    struct entry *entry = keylog->oldest;
    keylog->oldest = entry->newer;
    keylog->newest = keylog->oldest != NULL ? keylog->newest : NULL;
    leave_bucket(keylog, entry);
    keylog->len--;
    keylog->dropped++;
    if (entry->holders > 0) {
        entry->is_dropped = true;
    } else {
        forget(keylog, entry);
    }
}

void cas_keylog_limit(struct cas_keylog *keylog, size_t bytes)
{
    keylog->max = bytes / ENTRY_BYTES > 0 ? bytes / ENTRY_BYTES : 1;
    while (keylog->len > keylog->max) {
        drop_oldest(keylog);
    }
}

/* Charges it, if anybody pays; others go for it. */
static bool charge(struct cas_keylog *keylog, struct entry *entry)
{
    if (keylog->budget == NULL) {
        return true;
    }
    entry->is_charged = cas_budget_charge(keylog->budget, ENTRY_BYTES);
    if (!entry->is_charged && keylog->oldest != NULL) {
        drop_oldest(keylog);
        entry->is_charged = cas_budget_charge(keylog->budget, ENTRY_BYTES);
    }
    return entry->is_charged;
}

void cas_keylog_join(struct cas_keylog *keylog, struct cas_budget *budget,
                     const struct cas_keylog_listener *listener)
{
    size_t room = (budget->limit - budget->used) / (ENTRY_BYTES + CAS_BUDGET_OVERHEAD);
    assert(keylog->budget == NULL);
    while (keylog->len > room) {
        drop_oldest(keylog);
    }
    keylog->budget = budget;
    keylog->listener = *listener;
    for (struct entry *entry = keylog->oldest; entry != NULL; entry = entry->newer) {
        entry->is_charged = cas_budget_charge(budget, ENTRY_BYTES);
    }
}

/* By now nobody holds secrets of entries that were dropped. */
void cas_keylog_leave(struct cas_keylog *keylog)
{
    for (struct entry *entry = keylog->oldest; entry != NULL; entry = entry->newer) {
        discharge(keylog, entry);
    }
    keylog->budget = NULL;
    keylog->listener = (struct cas_keylog_listener){ 0 };
}

/* --- what comes --- */

static bool grow(struct cas_keylog *keylog)
{
    size_t len = keylog->buckets_len * 2;
    struct entry **buckets = calloc(len, sizeof(struct entry *));
    if (buckets == NULL) {
        return false;
    }
    for (struct entry *entry = keylog->oldest; entry != NULL; entry = entry->newer) {
        size_t at = bucket_of(keylog, len, entry->secrets.client_random);
        entry->next = buckets[at];
        buckets[at] = entry;
    }
    free(keylog->buckets);
    keylog->buckets = buckets;
    keylog->buckets_len = len;
    return true;
}

/* NULL without memory. */
static struct entry *make(struct cas_keylog *keylog, const uint8_t random[CAS_RANDOM_LEN])
{
    if (keylog->len == keylog->max) {
        drop_oldest(keylog);
    }
    if (keylog->len == keylog->buckets_len && !grow(keylog)) {
        return NULL;
    }
    struct entry *entry = calloc(1, sizeof(*entry));
    if (entry == NULL || !charge(keylog, entry)) {
        free(entry);
        return NULL;
    }
    size_t at = bucket_of(keylog, keylog->buckets_len, random);
    memcpy(entry->secrets.client_random, random, CAS_RANDOM_LEN);
    entry->next = keylog->buckets[at];
    keylog->buckets[at] = entry;
    if (keylog->newest != NULL) {
        keylog->newest->newer = entry;
    } else {
        keylog->oldest = entry;
    }
    keylog->newest = entry;
    keylog->len++;
    return entry;
}

static bool is_known(const struct cas_secret *known, const struct cas_secret *secret)
{
    return known->len == secret->len && memcmp(known->bytes, secret->bytes, secret->len) == 0;
}

void cas_keylog_put(struct cas_keylog *keylog, const uint8_t client_random[CAS_RANDOM_LEN],
                    enum cas_secret_kind kind, const struct cas_secret *secret)
{
    struct entry *entry = find(keylog, client_random);
    if (entry == NULL) {
        entry = make(keylog, client_random);
    }
    if (entry == NULL) {
        keylog->dropped++;
        return;
    }
    struct cas_secret *known = &entry->secrets.secret[kind];
    if (known->len > 0) {
        keylog->bad_lines += is_known(known, secret) ? 0 : 1;
        return;
    }
    *known = *secret;
    if (keylog->listener.secret != NULL) {
        keylog->listener.secret(keylog->listener.ctx, client_random);
    }
}
