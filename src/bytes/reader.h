/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one cursor. Every byte that a peer sent is read through it; nothing else in the tree
 * compares a pointer with an end. Knows integers and length-prefixed vectors; knows no
 * protocol.
 *
 * A read that does not fit fails the reader and empties it: it and all later reads give 0 and
 * empty views, and loops on cas_reader_left() stop by themselves.
 */
#ifndef CAS_BYTES_READER_H
#define CAS_BYTES_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

struct cas_reader {
    const uint8_t *at;
    size_t left;
    size_t total; /* what it was given: offset = total - left while it has not failed */
    bool failed;
};

static inline struct cas_view cas_view_of(const void *data, size_t len)
{
    return (struct cas_view){ .data = data, .len = len };
}

static inline struct cas_reader cas_reader_init(struct cas_view view)
{
    return (struct cas_reader){ .at = view.data, .left = view.len, .total = view.len };
}

static inline size_t cas_reader_left(const struct cas_reader *r)
{
    return r->left;
}

/* Nothing has failed so far. Ask before a value allocates, indexes or decides. */
static inline bool cas_reader_ok(const struct cas_reader *r)
{
    return !r->failed;
}

/* Nothing has failed and every byte was used. */
static inline bool cas_reader_done(const struct cas_reader *r)
{
    return !r->failed && r->left == 0;
}

/* How far it got; the total once it has failed. */
static inline size_t cas_reader_offset(const struct cas_reader *r)
{
    return r->total - r->left;
}

/* Fails and empties the reader: what was read cannot be. */
static inline void cas_reader_fail(struct cas_reader *r)
{
    r->failed = true;
    r->left = 0;
}

/* The next len bytes as a view into the input; an empty one, and a failed reader, when there
 * are fewer. */
static inline struct cas_view cas_reader_bytes(struct cas_reader *r, size_t len)
{
    if (len > r->left) {
        cas_reader_fail(r);
        return (struct cas_view){ 0 };
    }
    struct cas_view taken = { .data = r->at, .len = len };
    if (len > 0) {
        r->at += len;
        r->left -= len;
    }
    return taken;
}

static inline void cas_reader_skip(struct cas_reader *r, size_t len)
{
    (void)cas_reader_bytes(r, len);
}

/* All that is left. */
static inline struct cas_view cas_reader_rest(struct cas_reader *r)
{
    return cas_reader_bytes(r, r->left);
}

static inline uint8_t cas_reader_u8(struct cas_reader *r)
{
    struct cas_view v = cas_reader_bytes(r, 1);
    return v.len == 1 ? v.data[0] : 0;
}

static inline uint16_t cas_reader_u16(struct cas_reader *r)
{
    struct cas_view v = cas_reader_bytes(r, 2);
    return v.len == 2 ? (uint16_t)((unsigned)v.data[0] << 8 | v.data[1]) : 0;
}

static inline uint32_t cas_reader_u24(struct cas_reader *r)
{
    struct cas_view v = cas_reader_bytes(r, 3);
    return v.len == 3 ? (uint32_t)v.data[0] << 16 | (uint32_t)v.data[1] << 8 | v.data[2] : 0;
}

static inline uint32_t cas_reader_u32(struct cas_reader *r)
{
    struct cas_view v = cas_reader_bytes(r, 4);
    return v.len == 4 ? (uint32_t)v.data[0] << 24 | (uint32_t)v.data[1] << 16 |
                            (uint32_t)v.data[2] << 8 | v.data[3]
                      : 0;
}

static inline uint64_t cas_reader_u64(struct cas_reader *r)
{
    uint64_t high = cas_reader_u32(r);
    return high << 32 | cas_reader_u32(r);
}

/* Little endian, for Windows' formats and for link headers in host order. */
static inline uint32_t cas_reader_u32le(struct cas_reader *r)
{
    struct cas_view v = cas_reader_bytes(r, 4);
    return v.len == 4 ? (uint32_t)v.data[3] << 24 | (uint32_t)v.data[2] << 16 |
                            (uint32_t)v.data[1] << 8 | v.data[0]
                      : 0;
}

/* A vector with its length in front: exactly its bytes, or an empty view and a failed reader.
 */
static inline struct cas_view cas_reader_vec8(struct cas_reader *r)
{
    return cas_reader_bytes(r, cas_reader_u8(r));
}

static inline struct cas_view cas_reader_vec16(struct cas_reader *r)
{
    return cas_reader_bytes(r, cas_reader_u16(r));
}

static inline struct cas_view cas_reader_vec24(struct cas_reader *r)
{
    return cas_reader_bytes(r, cas_reader_u24(r));
}

/* The part of a view from offset on, at most len bytes; what lies outside is left away. */
static inline struct cas_view cas_view_part(struct cas_view view, size_t offset, size_t len)
{
    if (offset >= view.len) {
        return (struct cas_view){ 0 };
    }
    size_t left = view.len - offset;
    return (struct cas_view){ .data = view.data + offset, .len = len < left ? len : left };
}

/* The bytes up to the next one of this value, it included; all that is left when there is none.
 */
struct cas_view cas_reader_until(struct cas_reader *r, uint8_t last);

/* Where a reader over a part of outer stands, or stood when it failed, as an offset in outer.
 */
static inline size_t cas_reader_offset_in(const struct cas_reader *r, struct cas_view outer)
{
    return r->at != NULL ? (size_t)(r->at - outer.data) : outer.len;
}

/* The same bytes. */
bool cas_view_equal(struct cas_view a, struct cas_view b);

/* As memcmp() over the common length, the shorter one first when that is equal. */
int cas_view_compare(struct cas_view a, struct cas_view b);

#endif
