/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/kept.h"

#include <string.h>

#include <casniff/evidence.h>

#include "bytes/reader.h"

/* The first block holds a usual handshake without a long list. Later ones are longer, so that
 * few are needed, but not by much: what is left of the last is wasted. */
#define BLOCK_MIN ((size_t)4096)
#define BLOCK_MAX ((size_t)8192)

struct cas_kept_block {
    struct cas_kept_block *next;
    size_t size; /* of bytes */
    size_t used;
    uint8_t bytes[];
};

/* Before the bytes of each frame in a block. */
struct record {
    uint64_t number;
    uint64_t timestamp_us;
    uint32_t wire_len;
    uint32_t len;
    int link_type;
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How long the next block is to be, with its own header; too short for what is needed: 0. */
static size_t next_size(const struct cas_kept *kept, const struct cas_kept_pool *pool,
                        size_t needed)
{
    size_t least = sizeof(struct cas_kept_block) + needed;
    size_t wanted = smaller(kept->size > 0 ? kept->size : BLOCK_MIN, BLOCK_MAX);
    size_t room = smaller(CAS_KEPT_MAX - kept->size, pool->limit - pool->used);
    wanted = smaller(wanted > least ? wanted : least, room);
    return wanted >= least ? wanted : 0;
}

static void link_newest(struct cas_kept *kept, struct cas_kept_pool *pool)
{
    kept->older = pool->newest;
    kept->newer = NULL;
    *(kept->older != NULL ? &kept->older->newer : &pool->oldest) = kept;
    pool->newest = kept;
}

static void unlink_age(struct cas_kept *kept, struct cas_kept_pool *pool)
{
    *(kept->newer != NULL ? &kept->newer->older : &pool->newest) = kept->older;
    *(kept->older != NULL ? &kept->older->newer : &pool->oldest) = kept->newer;
    kept->newer = NULL;
    kept->older = NULL;
}

/* A block with room for so many bytes; NULL when it is refused. */
static struct cas_kept_block *need_block(struct cas_kept *kept, struct cas_kept_pool *pool,
                                         size_t needed)
{
    if (kept->last != NULL && kept->last->size - kept->last->used >= needed) {
        return kept->last;
    }
    size_t size = next_size(kept, pool, needed);
    struct cas_kept_block *block = size > 0 ? cas_budget_alloc(pool->budget, size) : NULL;
    if (block == NULL) {
        return NULL;
    }
    block->size = size - sizeof(*block);
    if (kept->last == NULL) {
        link_newest(kept, pool);
        kept->first = block;
    } else {
        kept->last->next = block;
    }
    kept->last = block;
    kept->size += size;
    pool->used += size;
    return block;
}

void cas_kept_add(struct cas_kept *kept, struct cas_kept_pool *pool,
                  const struct cas_frame *frame)
{
    const struct record record = {
        .number = frame->number,
        .timestamp_us = frame->timestamp_us,
        .wire_len = frame->wire_len,
        .len = (uint32_t)frame->bytes.len,
        .link_type = frame->link_type,
    };
    size_t needed = sizeof(record) + frame->bytes.len;
    struct cas_kept_block *block = kept->is_shed ? NULL : need_block(kept, pool, needed);
    if (block == NULL) {
        cas_kept_miss(kept, pool);
        return;
    }
    memcpy(&block->bytes[block->used], &record, sizeof(record));
    block->used += sizeof(record);
    if (frame->bytes.len > 0) {
        memcpy(&block->bytes[block->used], frame->bytes.data, frame->bytes.len);
        block->used += frame->bytes.len;
    }
    kept->len++;
}

void cas_kept_miss(struct cas_kept *kept, struct cas_kept_pool *pool)
{
    kept->missing++;
    cas_count(pool->counters, CAS_COUNT_EVIDENCE_FRAMES_DROPPED);
}

bool cas_kept_shed(struct cas_kept_pool *pool)
{
    struct cas_kept *kept = pool->oldest;
    if (kept == NULL) {
        return false;
    }
    kept->missing += kept->len;
    cas_count_add(pool->counters, CAS_COUNT_EVIDENCE_FRAMES_DROPPED, kept->len);
    kept->is_shed = true;
    cas_kept_finish(kept, pool);
    return true;
}

void cas_kept_finish(struct cas_kept *kept, struct cas_kept_pool *pool)
{
    struct cas_kept_block *block = kept->first;
    if (block != NULL) {
        unlink_age(kept, pool);
    }
    while (block != NULL) {
        struct cas_kept_block *next = block->next;
        cas_budget_free(pool->budget, block, sizeof(*block) + block->size);
        block = next;
    }
    pool->used -= kept->size;
    kept->first = NULL;
    kept->last = NULL;
    kept->size = 0;
    kept->len = 0;
}

bool cas_evidence_next(const struct cas_evidence *evidence, struct cas_evidence_cursor *cursor,
                       struct cas_frame *out_frame)
{
    if (cursor->given == evidence->frames_len) {
        return false;
    }
    if (evidence->late != NULL) {
        cursor->given++;
        *out_frame = *evidence->late;
        return true;
    }
    const struct cas_kept_block *block = cursor->block;
    block = cursor->given == 0 ? evidence->kept->first : block;
    if (cursor->at == block->used) {
        block = block->next;
        cursor->at = 0;
    }
    struct record record;
    memcpy(&record, &block->bytes[cursor->at], sizeof(record));
    *out_frame = (struct cas_frame){
        .number = record.number,
        .timestamp_us = record.timestamp_us,
        .link_type = record.link_type,
        .wire_len = record.wire_len,
        .bytes = cas_view_of(&block->bytes[cursor->at + sizeof(record)], record.len),
    };
    cursor->block = block;
    cursor->at += sizeof(record) + record.len;
    cursor->given++;
    return true;
}

void cas_kept_append(struct cas_kept *kept, struct cas_kept_pool *pool,
                     const struct cas_kept *more)
{
    const struct cas_evidence all = { .frames_len = more->len, .kept = more };
    struct cas_evidence_cursor cursor = { 0 };
    struct cas_frame frame;
    while (cas_evidence_next(&all, &cursor, &frame)) {
        cas_kept_add(kept, pool, &frame);
    }
    kept->missing += more->missing; /* counted already */
}
