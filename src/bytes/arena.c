/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Blocks double from here on, so that a small event costs one small block. */
#define BLOCK_MIN 1024
#define BLOCK_MAX 65536

#define ALIGNMENT _Alignof(max_align_t)

struct cas_arena_block {
    struct cas_arena_block *next;
    size_t size; /* of data */
    size_t used;
    max_align_t data[];
};

struct cas_arena cas_arena_init(struct cas_budget *budget)
{
    return (struct cas_arena){ .budget = budget };
}

static void free_blocks(struct cas_arena *arena, struct cas_arena_block *block)
{
    while (block != NULL) {
        struct cas_arena_block *next = block->next;
        size_t len = sizeof(*block) + block->size;
        arena->used -= len;
        cas_budget_free(arena->budget, block, len);
        block = next;
    }
}

void cas_arena_finish(struct cas_arena *arena)
{
    free_blocks(arena, arena->blocks);
    *arena = cas_arena_init(arena->budget);
}

void cas_arena_clear(struct cas_arena *arena)
{
    if (arena->blocks != NULL) {
        free_blocks(arena, arena->blocks->next);
        arena->blocks->next = NULL;
        memset(arena->blocks->data, 0, arena->blocks->used);
        arena->blocks->used = 0;
    }
    arena->failed = false;
}

static bool add_block(struct cas_arena *arena, size_t needed)
{
    size_t size = BLOCK_MIN;
    if (arena->blocks != NULL) {
        size = arena->blocks->size < BLOCK_MAX ? arena->blocks->size * 2 : BLOCK_MAX;
    }
    size = size < needed ? needed : size;
    struct cas_arena_block *block = cas_budget_alloc(arena->budget, sizeof(*block) + size);
    if (block == NULL) {
        return false;
    }
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->used += sizeof(*block) + size;
    return true;
}

void *cas_arena_alloc(struct cas_arena *arena, size_t len)
{
    if (arena->failed || len > SIZE_MAX / 4) {
        arena->failed = true;
        return NULL;
    }
    size_t rounded = (len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct cas_arena_block *block = arena->blocks;
    if (block == NULL || rounded > block->size - block->used) {
        if (!add_block(arena, rounded)) {
            arena->failed = true;
            return NULL;
        }
        block = arena->blocks;
    }
    void *memory = (uint8_t *)block->data + block->used;
    block->used += rounded;
    return memory;
}

void *cas_arena_array(struct cas_arena *arena, size_t num, size_t size)
{
    if (size != 0 && num > SIZE_MAX / 4 / size) {
        arena->failed = true;
        return NULL;
    }
    return cas_arena_alloc(arena, num * size);
}

static char *string_of_bytes(struct cas_arena *arena, struct cas_view bytes)
{
    char *string = cas_arena_alloc(arena, bytes.len + 1);
    if (string != NULL && bytes.len > 0) {
        memcpy(string, bytes.data, bytes.len);
    }
    return string;
}

char *cas_arena_string_of(struct cas_arena *arena, const struct cas_buf *buf)
{
    if (!cas_buf_ok(buf)) {
        arena->failed = true;
        return NULL;
    }
    return string_of_bytes(arena, cas_buf_view(buf));
}

char *cas_arena_string(struct cas_arena *arena, const char *text)
{
    return string_of_bytes(arena, cas_view_of(text, strlen(text)));
}

struct cas_view cas_arena_copy(struct cas_arena *arena, struct cas_view bytes)
{
    uint8_t *copy = cas_arena_alloc(arena, bytes.len);
    if (copy == NULL) {
        return (struct cas_view){ 0 };
    }
    if (bytes.len > 0) {
        memcpy(copy, bytes.data, bytes.len);
    }
    return cas_view_of(copy, bytes.len);
}

/*
 * The text where it fits into what the newest block has left, written once; NULL where it does
 * not: what was written of it is wiped, for free memory is zeroed memory.
 */
CAS_PRINTF(3, 0)
static char *format_in_place(struct cas_arena *arena, int *out_len, const char *format,
                             va_list args)
{
    struct cas_arena_block *block = arena->blocks;
    size_t room = block != NULL && !arena->failed ? block->size - block->used : 0;
    char *to = room > 0 ? (char *)block->data + block->used : NULL;
    *out_len = vsnprintf(to, room, format, args);
    if (*out_len < 0 || room == 0) {
        return NULL;
    }
    if ((size_t)*out_len >= room) {
        memset(to, 0, room);
        return NULL;
    }
    return cas_arena_alloc(arena, (size_t)*out_len + 1);
}

char *cas_arena_format(struct cas_arena *arena, const char *format, ...)
{
    va_list args;
    int len = 0;
    va_start(args, format);
    char *string = format_in_place(arena, &len, format, args);
    va_end(args);
    if (string != NULL || len < 0) {
        return string;
    }
    string = cas_arena_alloc(arena, (size_t)len + 1);
    if (string != NULL) {
        va_start(args, format);
        (void)vsnprintf(string, (size_t)len + 1, format, args);
        va_end(args);
    }
    return string;
}
