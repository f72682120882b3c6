/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Structs as bytes and back, by tables that say what stands where. Knows nothing of what the
 * members mean but their range; texts must be safe to print, as they are in every event.
 *
 * Reading checks everything: what was written here comes back from a process that may have been
 * taken over.
 */
#ifndef CAS_ANALYSIS_SHAPE_H
#define CAS_ANALYSIS_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/arena.h"
#include "bytes/buf.h"
#include "bytes/reader.h"

enum cas_shape_kind {
    CAS_SHAPE_BOOL,
    CAS_SHAPE_ENUM, /* 0 to most */
    CAS_SHAPE_U8,   /* 0 to most */
    CAS_SHAPE_U16,
    CAS_SHAPE_U32,
    CAS_SHAPE_U64,
    CAS_SHAPE_SIZE,     /* a size_t, 0 to most */
    CAS_SHAPE_FIXED,    /* `most` bytes, as they are */
    CAS_SHAPE_CHARS,    /* a text in an array of `most` bytes */
    CAS_SHAPE_TEXT,     /* a const char *; may be NULL */
    CAS_SHAPE_WORD,     /* the same, never NULL */
    CAS_SHAPE_VIEW,     /* a struct cas_view; read, it lies in what it was read from */
    CAS_SHAPE_WORDS,    /* an array of const char *, and at len_at how many */
    CAS_SHAPE_PART,     /* a struct of another shape */
    CAS_SHAPE_OPTIONAL, /* a pointer to one; may be NULL */
    CAS_SHAPE_ITEMS     /* an array of them, and at len_at how many */
};

struct cas_shape;

struct cas_shape_field {
    enum cas_shape_kind kind;
    size_t at; /* offset in the struct */
    size_t most;
    size_t len_at;
    const struct cas_shape *shape;
};

struct cas_shape {
    size_t size; /* of the struct */
    const struct cas_shape_field *field;
    size_t len;
};

void cas_shape_write(const struct cas_shape *shape, const void *from, struct cas_buf *out);

/*
 * Fills out_to, whose pointers lie in the arena. A value out of its range fails the reader;
 * ask the arena as well.
 */
void cas_shape_read(const struct cas_shape *shape, struct cas_reader *r,
                    struct cas_arena *arena, void *out_to);

#endif
