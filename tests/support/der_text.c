/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/der_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MAX_OF_A_TEST (64u << 20)
#define DEPTH_MAX          16

/* Elements that are open: their content, and the tag that waits for their length. */
struct builder {
    struct cas_buf content[DEPTH_MAX];
    uint8_t tags[DEPTH_MAX];
    size_t depth;
};

static void append_element(struct cas_buf *out, uint8_t tag, struct cas_view content)
{
    cas_buf_append_u8(out, tag);
    if (content.len < 0x80) {
        cas_buf_append_u8(out, (uint8_t)content.len);
    } else if (content.len < 0x100) {
        cas_buf_append(out, cas_view_of((uint8_t[]){ 0x81, (uint8_t)content.len }, 2));
    } else if (content.len < 0x10000) {
        cas_buf_append_u8(out, 0x82);
        cas_buf_append_u8(out, (uint8_t)(content.len >> 8));
        cas_buf_append_u8(out, (uint8_t)content.len);
    } else {
        ck_assert_uint_lt(content.len, 0x1000000);
        cas_buf_append_u8(out, 0x83);
        cas_buf_append_u8(out, (uint8_t)(content.len >> 16));
        cas_buf_append_u8(out, (uint8_t)(content.len >> 8));
        cas_buf_append_u8(out, (uint8_t)content.len);
    }
    cas_buf_append(out, content);
}

/* Hex digits from text on; gives what follows them. */
static const char *take_hex(const char *text, struct cas_buf *out)
{
    char digits[3] = "";
    while (isxdigit((unsigned char)text[0]) && isxdigit((unsigned char)text[1])) {
        memcpy(digits, text, 2);
        cas_buf_append_u8(out, (uint8_t)strtoul(digits, NULL, 16));
        text += 2;
    }
    return text;
}

static void open_element(struct builder *b, uint8_t tag)
{
    ck_assert_uint_lt(b->depth + 1, DEPTH_MAX);
    b->depth++;
    b->tags[b->depth] = tag;
    b->content[b->depth] = cas_buf_init(SIZE_MAX_OF_A_TEST, NULL);
}

static void close_element(struct builder *b)
{
    ck_assert_uint_gt(b->depth, 0);
    struct cas_buf *inner = &b->content[b->depth];
    append_element(&b->content[b->depth - 1], b->tags[b->depth], cas_buf_view(inner));
    cas_buf_finish(inner);
    b->depth--;
}

/* What follows a tag; gives what follows that. */
static const char *take_content(struct builder *b, uint8_t tag, const char *text)
{
    open_element(b, tag);
    if (*text == '{') {
        return text + 1;
    }
    if (*text == '\'') {
        const char *end = strchr(text + 1, '\'');
        ck_assert_ptr_nonnull(end);
        cas_buf_append(&b->content[b->depth], cas_view_of(text + 1, (size_t)(end - text - 1)));
        text = end + 1;
    } else {
        ck_assert_msg(*text == ':', "not DER as text: %s", text);
        text = take_hex(text + 1, &b->content[b->depth]);
    }
    close_element(b);
    return text;
}

static const char *take_element(struct builder *b, const char *text)
{
    struct cas_buf tag = cas_buf_init(1, NULL);
    const char *after = take_hex(text, &tag);
    ck_assert_msg(cas_buf_ok(&tag) && tag.len == 1, "no tag: %s", text);
    after = take_content(b, tag.data[0], after);
    cas_buf_finish(&tag);
    return after;
}

struct cas_view der_copy(const char *text)
{
    struct builder b = { 0 };
    b.content[0] = cas_buf_init(SIZE_MAX_OF_A_TEST, NULL);
    while (*text != '\0') {
        if (isspace((unsigned char)*text)) {
            text++;
        } else if (*text == '}') {
            close_element(&b);
            text++;
        } else if (*text == '=') {
            text = take_hex(text + 1, &b.content[b.depth]);
        } else {
            text = take_element(&b, text);
        }
    }
    ck_assert_uint_eq(b.depth, 0);
    ck_assert(cas_buf_ok(&b.content[0]));
    struct cas_view copy = exact_copy(cas_buf_view(&b.content[0]));
    cas_buf_finish(&b.content[0]);
    return copy;
}
