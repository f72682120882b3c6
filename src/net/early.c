/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/early.h"

#include <string.h>

#include "bytes/reader.h"

/* IPv6 with all of TCP's options in Ethernet with two tags takes 122 bytes; the rest is for
 * tunnels. */
#define BYTES_MAX 152

/* Frames that share a place: three of a connection, and a few connections. */
#define SET_LEN 8

/* As many SYNs as a busy server has open for a second take 3 MiB. */
#define SLOTS_MAX 16384

/* Repeats of one kind that are kept of a connection: the first, and the latest. So one
 * connection does not fill a set. */
#define REPEATS_MAX 2

/* A bare ACK behind so many frames is not the handshake's. */
#define ACK_BEHIND_MAX 3

struct cas_early_slot {
    uint64_t hash;
    uint64_t added; /* 1, 2, ...; 0: free */
    uint64_t number;
    uint64_t timestamp_us;
    uint32_t wire_len;
    int link_type;
    uint8_t what;
    uint8_t len;
    uint8_t lost; /* frames that it took the place of */
    uint8_t bytes[BYTES_MAX];
};

bool cas_early_init(struct cas_early *early, struct cas_budget *budget, size_t max_bytes)
{
    size_t size = SLOTS_MAX;
    while (size > SET_LEN && size * sizeof(early->slot[0]) > max_bytes) {
        size /= 2;
    }
    *early = (struct cas_early){ .size = size };
    early->slot = cas_budget_alloc(budget, size * sizeof(early->slot[0]));
    return early->slot != NULL;
}

void cas_early_finish(struct cas_early *early, struct cas_budget *budget)
{
    cas_budget_free(budget, early->slot, early->size * sizeof(early->slot[0]));
    *early = (struct cas_early){ 0 };
}

static struct cas_early_slot *set_of(const struct cas_early *early, uint64_t hash)
{
    return &early->slot[hash & (early->size - 1) & ~(uint64_t)(SET_LEN - 1)];
}

/* The slot of this connection that was filled first; NULL: none. */
static struct cas_early_slot *first_of(struct cas_early_slot *set, uint64_t hash)
{
    struct cas_early_slot *first = NULL;
    for (size_t i = 0; i < SET_LEN; i++) {
        if (set[i].added != 0 && set[i].hash == hash &&
            (first == NULL || set[i].added < first->added)) {
            first = &set[i];
        }
    }
    return first;
}

static size_t count_of(const struct cas_early_slot *set, uint64_t hash)
{
    size_t count = 0;
    for (size_t i = 0; i < SET_LEN; i++) {
        count += set[i].added != 0 && set[i].hash == hash;
    }
    return count;
}

/* Where a frame goes: over the latest of its kind when there are enough, or else over the
 * oldest of the set. */
static struct cas_early_slot *slot_for(struct cas_early_slot *set, uint64_t hash, unsigned what)
{
    struct cas_early_slot *oldest = &set[0];
    struct cas_early_slot *latest = NULL;
    unsigned repeats = 0;
    for (size_t i = 0; i < SET_LEN; i++) {
        oldest = set[i].added < oldest->added ? &set[i] : oldest;
        if (set[i].added != 0 && set[i].hash == hash && set[i].what == what) {
            latest = latest == NULL || set[i].added > latest->added ? &set[i] : latest;
            repeats++;
        }
    }
    return repeats >= REPEATS_MAX ? latest : oldest;
}

void cas_early_add(struct cas_early *early, uint64_t hash, const struct cas_frame *frame,
                   unsigned what)
{
    if (frame->bytes.len > BYTES_MAX) {
        return;
    }
    struct cas_early_slot *slot = slot_for(set_of(early, hash), hash, what);
    bool is_repeat = slot->added != 0 && slot->hash == hash && slot->what == what;
    slot->lost = is_repeat ? (uint8_t)(slot->lost + (slot->lost < UINT8_MAX)) : 0;
    slot->hash = hash;
    slot->added = ++early->added;
    slot->number = frame->number;
    slot->timestamp_us = frame->timestamp_us;
    slot->wire_len = frame->wire_len;
    slot->link_type = frame->link_type;
    slot->what = (uint8_t)what;
    slot->len = (uint8_t)frame->bytes.len;
    memcpy(slot->bytes, frame->bytes.data, frame->bytes.len);
}

void cas_early_add_ack(struct cas_early *early, uint64_t hash, const struct cas_frame *frame)
{
    size_t count = count_of(set_of(early, hash), hash);
    if (count > 0 && count <= ACK_BEHIND_MAX) {
        cas_early_add(early, hash, frame, 0);
    }
}

void cas_early_forget(struct cas_early *early, uint64_t hash)
{
    struct cas_early_slot *set = set_of(early, hash);
    for (size_t i = 0; i < SET_LEN; i++) {
        if (set[i].hash == hash) {
            set[i].added = 0;
        }
    }
}

unsigned cas_early_take(struct cas_early *early, uint64_t hash, struct cas_kept *kept,
                        struct cas_kept_pool *pool)
{
    struct cas_early_slot *set = set_of(early, hash);
    struct cas_early_slot *slot = NULL;
    unsigned mask = 0;
    while ((slot = first_of(set, hash)) != NULL) {
        const struct cas_frame frame = {
            .number = slot->number,
            .timestamp_us = slot->timestamp_us,
            .link_type = slot->link_type,
            .wire_len = slot->wire_len,
            .bytes = cas_view_of(slot->bytes, slot->len),
        };
        for (; slot->lost > 0; slot->lost--) {
            cas_kept_miss(kept, pool);
        }
        cas_kept_add(kept, pool, &frame);
        mask |= slot->what;
        slot->added = 0;
    }
    return mask;
}
