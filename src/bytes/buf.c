/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first allocation: most names and short messages fit. */
#define SIZE_MIN 64

/* Enough for every formatted number, address or time; longer text goes through append_text. */
#define FORMAT_MAX 256

/* Digits of 2^32 - 1. */
#define DECIMAL_MAX 10

struct cas_buf cas_buf_init(size_t cap, struct cas_budget *budget)
{
    return (struct cas_buf){ .cap = cap, .budget = budget };
}

void cas_buf_finish(struct cas_buf *buf)
{
    if (buf->data != NULL && buf->budget != NULL) {
        cas_budget_release(buf->budget, buf->size);
    }
    free(buf->data);
    *buf = cas_buf_init(buf->cap, buf->budget);
}

void cas_buf_clear(struct cas_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
}

static size_t grown_size(const struct cas_buf *buf, size_t needed)
{
    size_t size = buf->size < SIZE_MIN ? SIZE_MIN : buf->size;
    while (size < needed) {
        size = size > buf->cap / 2 ? buf->cap : size * 2;
    }
    return size < buf->cap ? size : buf->cap;
}

static bool resize(struct cas_buf *buf, size_t size)
{
    if (buf->budget != NULL && !cas_budget_charge(buf->budget, size)) {
        return false;
    }
    uint8_t *data = realloc(buf->data, size);
    if (data == NULL) {
        if (buf->budget != NULL) {
            cas_budget_release(buf->budget, size);
        }
        return false;
    }
    if (buf->data != NULL && buf->budget != NULL) {
        cas_budget_release(buf->budget, buf->size);
    }
    buf->data = data;
    buf->size = size;
    return true;
}

static bool make_room(struct cas_buf *buf, size_t len)
{
    if (buf->failed || len > buf->cap - buf->len) {
        buf->failed = true;
        return false;
    }
    if (buf->len + len > buf->size && !resize(buf, grown_size(buf, buf->len + len))) {
        buf->failed = true;
        return false;
    }
    return true;
}

void cas_buf_reserve(struct cas_buf *buf, size_t len)
{
    (void)make_room(buf, len);
}

void cas_buf_append_growing(struct cas_buf *buf, struct cas_view bytes)
{
    if (make_room(buf, bytes.len)) {
        memcpy(buf->data + buf->len, bytes.data, bytes.len);
        buf->len += bytes.len;
    }
}

void cas_buf_append_format(struct cas_buf *buf, const char *format, ...)
{
    char text[FORMAT_MAX];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (len >= (int)sizeof(text)) {
        buf->failed = true; /* never a silent cut */
        return;
    }
    cas_buf_append_text(buf, text);
}

void cas_buf_append_decimal(struct cas_buf *buf, uint32_t number)
{
    uint8_t digits[DECIMAL_MAX];
    size_t first = sizeof(digits);

    do {
        digits[--first] = (uint8_t)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    cas_buf_append(buf,
                   (struct cas_view){ .data = digits + first, .len = sizeof(digits) - first });
}

void cas_buf_append_hex(struct cas_buf *buf, struct cas_view bytes)
{
    static const char digits[] = "0123456789abcdef";
    if (bytes.len == 0) {
        return;
    }
    if (bytes.len > SIZE_MAX / 2 || !make_room(buf, bytes.len * 2)) {
        buf->failed = true;
        return;
    }
    uint8_t *to = buf->data + buf->len; /* a local, so that the stores cannot alias buf */
    for (size_t i = 0; i < bytes.len; i++) {
        to[2 * i] = (uint8_t)digits[bytes.data[i] >> 4];
        to[2 * i + 1] = (uint8_t)digits[bytes.data[i] & 15];
    }
    buf->len += bytes.len * 2;
}

void cas_buf_cut(struct cas_buf *buf, size_t len)
{
    assert(len <= buf->len);
    buf->len = len;
}

char *cas_buf_take_string(struct cas_buf *buf)
{
    char *string = buf->failed ? NULL : malloc(buf->len + 1);
    if (string != NULL) {
        if (buf->len > 0) {
            memcpy(string, buf->data, buf->len);
        }
        string[buf->len] = '\0';
    }
    cas_buf_finish(buf);
    return string;
}
