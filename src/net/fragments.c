/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/fragments.h"

#include <string.h>

#include "bytes/keyhash.h"
#include "bytes/reader.h"
#include "net/datagram.h"

#define BUCKETS CAS_FRAGMENTS_PACKETS

/* What the share is when there is little memory. */
#define SHARE 16

/* IPv4's total length counts its header, which is at least this long. */
#define IPV4_PAYLOAD_MAX (65535 - 20)

/*
 * How long what is finished is remembered, in microseconds; since the last copy of it. A copy
 * of a fragment, on another interface or from the other port of a switch, comes within a
 * moment; and the identification, of 16 bits, is soon used again: by a packet that is put
 * together then, and whose bytes TCP compares. What was discarded stays so for as long as its
 * rest may come.
 */
#define JOINED_US    UINT64_C(100000)
#define DISCARDED_US UINT64_C(30000000)

/* Packets lost at once by cas_fragments_expire(): more than a frame can make necessary. */
#define EXPIRIES_MAX 8

/* Packets forgotten at once, for a fragment: as many again as it can finish. */
#define FORGOTTEN_MAX 2

/* Hashed and compared as bytes: there is no padding in it. */
struct key {
    uint8_t address[2][16]; /* source, destination */
    uint32_t id;
    uint16_t vlan[2]; /* ids of the outermost and the innermost tag, plus 1; 0: none */
    uint8_t address_len;
    uint8_t protocol; /* 0 for IPv6: its fragments need not agree on it */
    uint8_t zero[2];
};

enum state {
    WAITING,
    JOINED,
    DISCARDED
};

struct entry {
    struct key key;
    struct entry *chain; /* the next of its bucket */
    struct entry *older; /* on its list */
    struct entry *newer;
    uint64_t since_us; /* its first fragment came then; later, when it was finished */
    struct cas_datagram datagram;
    struct cas_kept kept;
    enum state state;
    bool is_lacked;   /* by somebody, who is told what else comes of it */
    uint8_t protocol; /* as the fragment at offset 0 says */
};

struct list {
    struct entry *oldest;
    struct entry *newest;
    size_t len;
};

struct cas_fragments {
    struct cas_fragments_config config;
    struct cas_keyhash hash;
    struct entry *bucket[BUCKETS];
    struct list waiting;
    struct list finished;
    size_t len;
    size_t used; /* of the share */
    size_t share;
    struct entry *given; /* what cas_fragments_push() gave */
    uint8_t *bytes;      /* of a joined packet: CAS_DATAGRAM_MAX, once there was one */
};

struct cas_fragments *cas_fragments_create(const struct cas_fragments_config *config)
{
    struct cas_budget *budget = config->budget;
    struct cas_fragments *fragments = cas_budget_alloc(budget, sizeof(*fragments));
    if (fragments == NULL) {
        return NULL;
    }
    size_t share = (budget->limit - budget->used) / SHARE;
    fragments->config = *config;
    fragments->hash = cas_keyhash_init(config->hash_key);
    fragments->share = share < CAS_FRAGMENTS_BYTES ? share : CAS_FRAGMENTS_BYTES;
    return fragments;
}

/* --- lists --- */

static struct list *list_of(struct cas_fragments *f, const struct entry *entry)
{
    return entry->state == WAITING ? &f->waiting : &f->finished;
}

static void link_newest(struct list *list, struct entry *entry)
{
    entry->older = list->newest;
    entry->newer = NULL;
    *(entry->older != NULL ? &entry->older->newer : &list->oldest) = entry;
    list->newest = entry;
    list->len++;
}

static void unlink_entry(struct list *list, struct entry *entry)
{
    *(entry->newer != NULL ? &entry->newer->older : &list->newest) = entry->older;
    *(entry->older != NULL ? &entry->older->newer : &list->oldest) = entry->newer;
    list->len--;
}

/* --- entries --- */

static struct key key_of(const struct cas_link_packet *link,
                         const struct cas_ip_packet *fragment)
{
    struct key key = { .id = fragment->part.id };
    key.address_len = (uint8_t)fragment->source.len;
    key.protocol = fragment->source.len == 4 ? fragment->protocol : 0;
    memcpy(key.address[0], fragment->source.data, fragment->source.len);
    memcpy(key.address[1], fragment->destination.data, fragment->destination.len);
    if (link->vlan_len > 0) {
        key.vlan[0] = (uint16_t)(link->vlan[0] + 1);
        key.vlan[1] = (uint16_t)(link->vlan[link->vlan_len - 1] + 1);
    }
    return key;
}

static struct entry **bucket_of(struct cas_fragments *f, const struct key *key)
{
    return &f->bucket[cas_keyhash_of(&f->hash, cas_view_of(key, sizeof(*key))) % BUCKETS];
}

static struct entry *find(struct cas_fragments *f, const struct key *key)
{
    struct entry *entry = *bucket_of(f, key);
    while (entry != NULL && memcmp(&entry->key, key, sizeof(*key)) != 0) {
        entry = entry->chain;
    }
    return entry;
}

static void drop_frames(struct cas_fragments *f, struct entry *entry)
{
    if (f->config.pool != NULL) {
        cas_kept_finish(&entry->kept, f->config.pool);
    }
}

/* Its bytes and frames go, for it is to go itself. */
static void empty(struct cas_fragments *f, struct entry *entry)
{
    f->used -= entry->datagram.size;
    cas_datagram_finish(&entry->datagram, f->config.budget);
    drop_frames(f, entry);
}

static void forget(struct cas_fragments *f, struct entry *entry)
{
    struct entry **at = bucket_of(f, &entry->key);
    while (*at != entry) {
        at = &(*at)->chain;
    }
    *at = entry->chain;
    unlink_entry(list_of(f, entry), entry);
    empty(f, entry);
    f->len--;
    f->used -= sizeof(*entry) + CAS_BUDGET_OVERHEAD;
    cas_budget_free(f->config.budget, entry, sizeof(*entry));
}

static void finish(struct cas_fragments *f, struct entry *entry, enum state state,
                   uint64_t now_us)
{
    unlink_entry(list_of(f, entry), entry);
    entry->state = state;
    entry->since_us = now_us;
    link_newest(&f->finished, entry);
}

/* --- losing a packet --- */

/* The fragment is the last that came, of a packet that is discarded for it; or NULL. */
static void tell_lost(const struct cas_fragments *f, struct entry *entry,
                      const struct cas_piece *piece, const struct cas_frame *disputing)
{
    struct cas_datagram *datagram = &entry->datagram;
    size_t end = piece != NULL ? piece->at + piece->wire_len : 0;
    if (end > datagram->reached && end <= CAS_DATAGRAM_MAX) {
        datagram->reached = end;
    }
    const struct key *key = &entry->key;
    struct cas_link_packet link = { .vlan_len = key->vlan[0] != 0 ? 2 : 0 };
    for (size_t i = 0; i < link.vlan_len; i++) {
        link.vlan[i] = (uint16_t)(key->vlan[i] - 1);
    }
    struct cas_ip_packet packet = {
        .source = cas_view_of(key->address[0], key->address_len),
        .destination = cas_view_of(key->address[1], key->address_len),
        .protocol = entry->protocol,
        .payload = cas_datagram_start(datagram),
        .wire_len = datagram->reached,
    };
    entry->is_lacked = packet.payload.len > 0 &&
                       f->config.lost(f->config.ctx, &link, &packet,
                                      f->config.pool != NULL ? &entry->kept : NULL, disputing);
}

static void lose(struct cas_fragments *f, struct entry *entry, enum cas_counter why)
{
    cas_count(f->config.counters, why);
    tell_lost(f, entry, NULL, NULL);
    forget(f, entry);
}

/* It is remembered, for what still comes of it is to be discarded as well. */
static void discard(struct cas_fragments *f, struct entry *entry, enum cas_counter why,
                    uint64_t now_us)
{
    cas_count(f->config.counters, why);
    finish(f, entry, DISCARDED, now_us);
    entry->is_lacked = true;
}

/* --- room --- */

/* The oldest that waits, but for the one that needs the room; NULL when there is none. */
static struct entry *oldest_waiting(const struct cas_fragments *f, const struct entry *keep)
{
    struct entry *entry = f->waiting.oldest;
    return entry != NULL && entry == keep ? entry->newer : entry;
}

/*
 * The oldest goes of those of which there are more, finished or waiting: a flood of either kind
 * pushes out itself, and neither the packets that wait between the others nor what is to be
 * compared with theirs. False when there is none but the one that needs the room.
 */
static bool evict(struct cas_fragments *f, const struct entry *keep)
{
    struct entry *waiting = oldest_waiting(f, keep);
    struct entry *finished = f->finished.oldest;
    if (finished != NULL && (waiting == NULL || f->finished.len >= f->waiting.len)) {
        forget(f, finished);
        return true;
    }
    if (waiting == NULL) {
        return false;
    }
    lose(f, waiting, CAS_COUNT_FRAGMENTS_NO_ROOM);
    return true;
}

static bool make_room(struct cas_fragments *f, size_t needs, const struct entry *keep)
{
    while (f->used + needs > f->share) {
        if (!evict(f, keep)) {
            return false;
        }
    }
    return true;
}

static struct entry *create(struct cas_fragments *f, const struct key *key, uint64_t now_us)
{
    struct entry *entry = NULL;
    size_t needs = sizeof(*entry) + CAS_BUDGET_OVERHEAD;
    if (f->len == CAS_FRAGMENTS_PACKETS) {
        (void)evict(f, NULL);
    }
    if (make_room(f, needs, NULL)) {
        entry = cas_budget_alloc(f->config.budget, sizeof(*entry));
    }
    if (entry == NULL) {
        cas_count(f->config.counters, CAS_COUNT_FRAGMENTS_NO_ROOM);
        return NULL;
    }
    f->len++;
    f->used += needs;
    entry->key = *key;
    entry->protocol = key->protocol;
    entry->since_us = now_us;
    struct entry **bucket = bucket_of(f, key);
    entry->chain = *bucket;
    *bucket = entry;
    link_newest(&f->waiting, entry);
    return entry;
}

/* --- pushing --- */

static bool is_stale(const struct entry *entry, uint64_t now_us)
{
    static const uint64_t remembered_us[] = {
        [WAITING] = UINT64_MAX,
        [JOINED] = JOINED_US,
        [DISCARDED] = DISCARDED_US,
    };
    return now_us - entry->since_us >= remembered_us[entry->state];
}

static enum cas_datagram_result add(struct cas_fragments *f, struct entry *entry,
                                    const struct cas_piece *piece)
{
    if (entry->key.address_len == 4 && piece->at + piece->wire_len > IPV4_PAYLOAD_MAX) {
        return CAS_DATAGRAM_MALFORMED;
    }
    if (!make_room(f, cas_datagram_needs(&entry->datagram, piece), entry)) {
        return CAS_DATAGRAM_NO_MEMORY;
    }
    size_t before = entry->datagram.size;
    enum cas_datagram_result result =
        cas_datagram_add(&entry->datagram, f->config.budget, piece);
    f->used += entry->datagram.size - before;
    if (result == CAS_DATAGRAM_WHOLE && f->bytes == NULL) {
        f->bytes = cas_budget_alloc(f->config.budget, CAS_DATAGRAM_MAX);
        result = f->bytes != NULL ? result : CAS_DATAGRAM_NO_MEMORY;
    }
    return result;
}

static void keep_frame(struct cas_fragments *f, struct entry *entry,
                       const struct cas_frame *frame)
{
    if (f->config.pool != NULL) {
        cas_kept_add(&entry->kept, f->config.pool, frame);
    }
}

static struct cas_joined join(struct cas_fragments *f, struct entry *entry,
                              const struct cas_ip_packet *last)
{
    size_t len = cas_datagram_copy(&entry->datagram, f->bytes);
    struct cas_joined joined = {
        .packet = { .source = last->source,
                    .destination = last->destination,
                    .protocol = entry->protocol,
                    .payload = cas_view_of(f->bytes, len),
                    .wire_len = entry->datagram.total },
        .frames = f->config.pool != NULL ? &entry->kept : NULL,
    };
    cas_count(f->config.counters, CAS_COUNT_FRAGMENTS_JOINED);
    f->given = entry;
    return joined;
}

static void forget_stale(struct cas_fragments *f, uint64_t now_us)
{
    for (unsigned i = 0; i < FORGOTTEN_MAX; i++) {
        struct entry *oldest = f->finished.oldest;
        if (oldest == NULL || !is_stale(oldest, now_us)) {
            return;
        }
        forget(f, oldest);
    }
}

/* The fragment's packet; NULL when there is no room. */
static struct entry *need_entry(struct cas_fragments *f, const struct key *key, uint64_t now_us)
{
    forget_stale(f, now_us);
    struct entry *entry = find(f, key);
    if (entry != NULL && is_stale(entry, now_us)) {
        forget(f, entry);
        entry = NULL;
    }
    return entry != NULL ? entry : create(f, key, now_us);
}

/* The fragment of a packet that waits for it. */
static enum cas_datagram_result take(struct cas_fragments *f, struct entry *entry,
                                     const struct cas_piece *piece, uint64_t now_us)
{
    enum cas_datagram_result result = add(f, entry, piece);
    switch (result) {
    case CAS_DATAGRAM_KEPT:
    case CAS_DATAGRAM_WHOLE:
        break;
    case CAS_DATAGRAM_COPY:
        cas_count(f->config.counters, CAS_COUNT_FRAGMENTS_COPIES);
        break;
    case CAS_DATAGRAM_OVERLAP:
        discard(f, entry, CAS_COUNT_FRAGMENTS_OVERLAPPING, now_us);
        break;
    case CAS_DATAGRAM_MALFORMED:
        discard(f, entry, CAS_COUNT_FRAGMENTS_MALFORMED, now_us);
        break;
    case CAS_DATAGRAM_NO_MEMORY:
        discard(f, entry, CAS_COUNT_FRAGMENTS_NO_ROOM, now_us);
        break;
    }
    return result;
}

/* The fragment of a packet that was put together. */
static void compare(struct cas_fragments *f, struct entry *entry, const struct cas_piece *piece,
                    uint64_t now_us)
{
    if (cas_datagram_agrees(&entry->datagram, piece)) {
        cas_count(f->config.counters, CAS_COUNT_FRAGMENTS_COPIES);
        finish(f, entry, JOINED, now_us);
    } else {
        discard(f, entry, CAS_COUNT_FRAGMENTS_OVERLAPPING, now_us);
    }
}

bool cas_fragments_push(struct cas_fragments *fragments, const struct cas_link_packet *link,
                        const struct cas_ip_packet *fragment, const struct cas_frame *frame,
                        uint64_t now_us, struct cas_joined *out_joined)
{
    struct cas_fragments *f = fragments;
    const struct key key = key_of(link, fragment);
    struct entry *entry = need_entry(f, &key, now_us);
    if (entry == NULL) {
        return false;
    }
    const struct cas_piece piece = { .at = fragment->part.at,
                                     .bytes = fragment->payload,
                                     .wire_len = fragment->wire_len,
                                     .is_last = fragment->part.is_last };
    enum cas_datagram_result result = CAS_DATAGRAM_COPY;
    bool was_joined = entry->state == JOINED;
    if (entry->state == WAITING) {
        result = take(f, entry, &piece, now_us);
    } else if (was_joined) {
        compare(f, entry, &piece, now_us);
    }
    bool is_lost = entry->state == DISCARDED && entry->is_lacked;
    if (result != CAS_DATAGRAM_COPY || is_lost) {
        keep_frame(f, entry, frame);
    }
    if (is_lost) {
        tell_lost(f, entry, &piece, was_joined ? frame : NULL);
        drop_frames(f, entry);
    } else if (fragment->part.at == 0) {
        entry->protocol = fragment->protocol;
    }
    if (result != CAS_DATAGRAM_WHOLE) {
        return false;
    }
    *out_joined = join(f, entry, fragment);
    finish(f, entry, JOINED, now_us);
    return true;
}

void cas_fragments_let_go(struct cas_fragments *fragments)
{
    drop_frames(fragments, fragments->given);
    fragments->given = NULL;
}

/* --- time --- */

uint64_t cas_fragments_since(const struct cas_fragments *fragments)
{
    const struct entry *oldest = fragments->waiting.oldest;
    return oldest != NULL ? oldest->since_us : UINT64_MAX;
}

void cas_fragments_expire(struct cas_fragments *fragments, uint64_t before_us)
{
    for (unsigned i = 0; i < EXPIRIES_MAX && cas_fragments_since(fragments) < before_us; i++) {
        lose(fragments, fragments->waiting.oldest, CAS_COUNT_FRAGMENTS_UNFINISHED);
    }
}

void cas_fragments_finish(struct cas_fragments *fragments)
{
    while (fragments->waiting.oldest != NULL) {
        cas_fragments_expire(fragments, UINT64_MAX);
    }
}

void cas_fragments_destroy(struct cas_fragments *fragments)
{
    if (fragments == NULL) {
        return;
    }
    struct cas_budget *budget = fragments->config.budget;
    while (fragments->waiting.oldest != NULL) {
        forget(fragments, fragments->waiting.oldest);
    }
    while (fragments->finished.oldest != NULL) {
        forget(fragments, fragments->finished.oldest);
    }
    cas_budget_free(budget, fragments->bytes, CAS_DATAGRAM_MAX);
    cas_budget_free(budget, fragments, sizeof(*fragments));
}
