/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growable buffer of bytes with a cap, charged to a budget when it has one. It grows with the
 * bytes that are put into it, never by a length that somebody claims. Knows nothing of what is
 * in it.
 *
 * An append that does not fit, for the cap, the budget or malloc(), fails the buffer: what was
 * there stays, later appends do nothing, and cas_buf_ok() says so.
 */
#ifndef CAS_BYTES_BUF_H
#define CAS_BYTES_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <casniff/api.h>
#include <casniff/types.h>

#include "bytes/budget.h"

struct cas_buf {
    uint8_t *data;
    size_t len;
    size_t size;               /* allocated */
    size_t cap;                /* never longer than this */
    struct cas_budget *budget; /* NULL: not charged */
    bool failed;
};

/* An empty buffer that may grow to cap bytes; budget may be NULL. Allocates nothing. */
struct cas_buf cas_buf_init(size_t cap, struct cas_budget *budget);

/* Frees the bytes; the buffer is empty and usable again. */
void cas_buf_finish(struct cas_buf *buf);

/* Room for len more bytes at once, where it is known how many come; fails as an append does. */
void cas_buf_reserve(struct cas_buf *buf, size_t len);

/* Forgets the bytes and a failure, keeps the memory. */
void cas_buf_clear(struct cas_buf *buf);

static inline bool cas_buf_ok(const struct cas_buf *buf)
{
    return !buf->failed;
}

/* The bytes; valid until the next append, clear or finish. */
static inline struct cas_view cas_buf_view(const struct cas_buf *buf)
{
    return (struct cas_view){ .data = buf->data, .len = buf->len };
}

/* What does not fit into the memory at hand: grows, or fails. */
void cas_buf_append_growing(struct cas_buf *buf, struct cas_view bytes);

/* Inline, for reports are made of short pieces, a hundred thousand a second. */
static inline void cas_buf_append(struct cas_buf *buf, struct cas_view bytes)
{
    if (bytes.len == 0) {
        return;
    }
    if (buf->failed || bytes.len > buf->size - buf->len) {
        cas_buf_append_growing(buf, bytes);
        return;
    }
    memcpy(buf->data + buf->len, bytes.data, bytes.len);
    buf->len += bytes.len;
}

static inline void cas_buf_append_u8(struct cas_buf *buf, uint8_t byte)
{
    cas_buf_append(buf, (struct cas_view){ .data = &byte, .len = 1 });
}

static inline void cas_buf_append_text(struct cas_buf *buf, const char *text)
{
    cas_buf_append(buf,
                   (struct cas_view){ .data = (const uint8_t *)text, .len = strlen(text) });
}

/* For short texts: what is longer than 255 bytes is a failure of the buffer. */
void cas_buf_append_format(struct cas_buf *buf, const char *format, ...) CAS_PRINTF(2, 3);
/* As "%u", without the price of a format: hellos have a hundred numbers each. */
void cas_buf_append_decimal(struct cas_buf *buf, uint32_t number);
/* Two lower-case digits a byte. */
void cas_buf_append_hex(struct cas_buf *buf, struct cas_view bytes);

/* Makes len the length, which must not be above the present one. */
void cas_buf_cut(struct cas_buf *buf, size_t len);

/*
 * The bytes as a string of their own, ended with NUL, to be freed with free(); NULL when the
 * buffer has failed or memory could not be had. The buffer is empty afterwards.
 */
char *cas_buf_take_string(struct cas_buf *buf);

#endif
