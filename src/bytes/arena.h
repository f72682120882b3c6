/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is given up all at once: for the many small strings and arrays of one event or
 * one list. Charged to a budget. Knows nothing of what is in it.
 *
 * A refused allocation gives NULL and is remembered: cas_arena_ok() asks once at the end.
 */
#ifndef CAS_BYTES_ARENA_H
#define CAS_BYTES_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/api.h>
#include <casniff/types.h>

#include "bytes/budget.h"
#include "bytes/buf.h"
#include "bytes/reader.h"

struct cas_arena_block;

struct cas_arena {
    struct cas_arena_block *blocks; /* the newest first */
    struct cas_budget *budget;
    size_t used; /* charged to the budget */
    bool failed;
};

/* Allocates nothing yet. */
struct cas_arena cas_arena_init(struct cas_budget *budget);

/* Frees everything; the arena is empty and usable again. */
void cas_arena_finish(struct cas_arena *arena);

/* Forgets everything but keeps one block, so that a scratch arena need not allocate again. */
void cas_arena_clear(struct cas_arena *arena);

static inline bool cas_arena_ok(const struct cas_arena *arena)
{
    return !arena->failed;
}

/* len zeroed bytes, aligned for any type; len 0 gives a pointer that must not be read. */
void *cas_arena_alloc(struct cas_arena *arena, size_t len);

/* num zeroed items of size bytes each. */
void *cas_arena_array(struct cas_arena *arena, size_t num, size_t size);

/* Copies; a string is ended with NUL. The first fails when the buffer has failed. */
char *cas_arena_string_of(struct cas_arena *arena, const struct cas_buf *buf);
char *cas_arena_string(struct cas_arena *arena, const char *text);
struct cas_view cas_arena_copy(struct cas_arena *arena, struct cas_view bytes);

/* A formatted string of any length. */
char *cas_arena_format(struct cas_arena *arena, const char *format, ...) CAS_PRINTF(2, 3);

#endif
