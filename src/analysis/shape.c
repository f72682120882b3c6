/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/shape.h"

#include <assert.h>
#include <string.h>

#include "bytes/text.h"

_Static_assert(sizeof(enum cas_shape_kind) == sizeof(uint32_t), "how enums are kept");

/* --- writing --- */

static void put_u32(struct cas_buf *out, uint32_t value)
{
    const uint8_t bytes[] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16),
                              (uint8_t)(value >> 8), (uint8_t)value };
    cas_buf_append(out, cas_view_of(bytes, sizeof(bytes)));
}

static void put_u64(struct cas_buf *out, uint64_t value)
{
    put_u32(out, (uint32_t)(value >> 32));
    put_u32(out, (uint32_t)value);
}

static void put_bytes(struct cas_buf *out, struct cas_view bytes)
{
    put_u32(out, (uint32_t)bytes.len);
    cas_buf_append(out, bytes);
}

/* Its length and one more, for 0 is NULL. */
static void put_text(struct cas_buf *out, const char *text)
{
    size_t len = text != NULL ? strlen(text) : 0;
    put_u32(out, text != NULL ? (uint32_t)len + 1 : 0);
    cas_buf_append(out, cas_view_of(text, len));
}

static const char *text_at(const void *at)
{
    const char *text = NULL;
    memcpy(&text, at, sizeof(text));
    return text;
}

static size_t size_at(const void *at)
{
    size_t size = 0;
    memcpy(&size, at, sizeof(size));
    return size;
}

static const void *pointer_at(const void *at)
{
    const void *pointer = NULL;
    memcpy(&pointer, at, sizeof(pointer));
    return pointer;
}

static void put_number(enum cas_shape_kind kind, const void *at, struct cas_buf *out)
{
    uint16_t u16 = 0;
    uint32_t u32 = 0;
    uint64_t u64 = 0;
    if (kind == CAS_SHAPE_U16) {
        memcpy(&u16, at, sizeof(u16));
        put_u32(out, u16);
    } else if (kind == CAS_SHAPE_U64) {
        memcpy(&u64, at, sizeof(u64));
        put_u64(out, u64);
    } else {
        memcpy(&u32, at, sizeof(u32));
        put_u32(out, u32);
    }
}

static void put_words(struct cas_buf *out, const char *const *words, size_t len)
{
    put_u32(out, (uint32_t)len);
    for (size_t i = 0; i < len; i++) {
        assert(words[i] != NULL);
        put_text(out, words[i]);
    }
}

static void put_items(struct cas_buf *out, const struct cas_shape *shape, const uint8_t *items,
                      size_t len)
{
    put_u32(out, (uint32_t)len);
    for (size_t i = 0; i < len; i++) {
        cas_shape_write(shape, &items[i * shape->size], out);
    }
}

static void put_optional(struct cas_buf *out, const struct cas_shape *shape, const void *part)
{
    cas_buf_append_u8(out, part != NULL);
    if (part != NULL) {
        cas_shape_write(shape, part, out);
    }
}

static void put_field(const struct cas_shape_field *field, const uint8_t *from,
                      struct cas_buf *out)
{
    const uint8_t *at = &from[field->at];
    switch (field->kind) {
    case CAS_SHAPE_BOOL:
    case CAS_SHAPE_U8:
        cas_buf_append_u8(out, *at);
        break;
    case CAS_SHAPE_ENUM:
    case CAS_SHAPE_U16:
    case CAS_SHAPE_U32:
    case CAS_SHAPE_U64:
        put_number(field->kind, at, out);
        break;
    case CAS_SHAPE_SIZE:
        put_u64(out, size_at(at));
        break;
    case CAS_SHAPE_FIXED:
        cas_buf_append(out, cas_view_of(at, field->most));
        break;
    case CAS_SHAPE_CHARS:
        put_text(out, (const char *)at);
        break;
    case CAS_SHAPE_TEXT:
    case CAS_SHAPE_WORD:
        put_text(out, text_at(at));
        break;
    case CAS_SHAPE_VIEW:
        put_bytes(out, *(const struct cas_view *)(const void *)at);
        break;
    case CAS_SHAPE_WORDS:
        put_words(out, pointer_at(at), size_at(&from[field->len_at]));
        break;
    case CAS_SHAPE_PART:
        cas_shape_write(field->shape, at, out);
        break;
    case CAS_SHAPE_OPTIONAL:
        put_optional(out, field->shape, pointer_at(at));
        break;
    case CAS_SHAPE_ITEMS:
        put_items(out, field->shape, pointer_at(at), size_at(&from[field->len_at]));
        break;
    }
}

void cas_shape_write(const struct cas_shape *shape, const void *from, struct cas_buf *out)
{
    for (size_t i = 0; i < shape->len; i++) {
        put_field(&shape->field[i], from, out);
    }
}

/* --- reading --- */

static uint64_t take_up_to(struct cas_reader *r, uint64_t value, uint64_t most)
{
    if (value > most) {
        cas_reader_fail(r);
        return 0;
    }
    return value;
}

/* All of it is printable ASCII. */
static bool is_plain(struct cas_view text)
{
    unsigned others = 0;
    for (size_t i = 0; i < text.len; i++) {
        others |= text.data[i] < 0x20 || text.data[i] > 0x7e;
    }
    return others == 0;
}

/* Nearly every text is plain, and a handshake has some twenty of them. */
static bool is_safe(struct cas_view text)
{
    if (is_plain(text)) {
        return true;
    }
    struct cas_reader r = cas_reader_init(text);
    while (cas_reader_left(&r) > 0) {
        if (!cas_text_is_safe(cas_text_next(&r))) {
            return false;
        }
    }
    return true;
}

/* False for NULL, and where it is no text. */
static bool take_text(struct cas_reader *r, struct cas_view *out_text)
{
    uint32_t len = cas_reader_u32(r);
    *out_text = (struct cas_view){ 0 };
    if (len == 0) {
        return false;
    }
    *out_text = cas_reader_bytes(r, len - 1);
    if (!is_safe(*out_text)) {
        cas_reader_fail(r);
    }
    return cas_reader_ok(r);
}

static const char *read_text(struct cas_reader *r, struct cas_arena *arena)
{
    struct cas_view bytes;
    if (!take_text(r, &bytes)) {
        return NULL;
    }
    char *text = cas_arena_alloc(arena, bytes.len + 1);
    if (text != NULL && bytes.len > 0) {
        memcpy(text, bytes.data, bytes.len);
    }
    return text;
}

static const char *read_word(struct cas_reader *r, struct cas_arena *arena)
{
    const char *word = read_text(r, arena);
    if (word == NULL) {
        cas_reader_fail(r);
    }
    return word;
}

static void read_chars(struct cas_reader *r, char *out, size_t size)
{
    struct cas_view text;
    if (!take_text(r, &text) || text.len >= size) {
        cas_reader_fail(r);
        return;
    }
    memset(out, 0, size);
    if (text.len > 0) {
        memcpy(out, text.data, text.len);
    }
}

/* How many there are: each takes a byte at least, so that no length asks for too much. */
static size_t read_len(struct cas_reader *r)
{
    uint32_t len = cas_reader_u32(r);
    return (size_t)take_up_to(r, len, cas_reader_left(r));
}

static const char **read_words(struct cas_reader *r, struct cas_arena *arena, size_t *out_len)
{
    size_t len = read_len(r);
    const char **words = cas_arena_array(arena, len, sizeof(*words));
    *out_len = 0;
    while (words != NULL && *out_len < len && cas_reader_ok(r)) {
        words[(*out_len)++] = read_word(r, arena);
    }
    return words;
}

static uint8_t *read_items(struct cas_reader *r, struct cas_arena *arena,
                           const struct cas_shape *shape, size_t *out_len)
{
    size_t len = read_len(r);
    uint8_t *items = cas_arena_array(arena, len, shape->size);
    *out_len = 0;
    while (items != NULL && *out_len < len && cas_reader_ok(r)) {
        cas_shape_read(shape, r, arena, &items[(*out_len)++ * shape->size]);
    }
    return items;
}

static void *read_optional(struct cas_reader *r, struct cas_arena *arena,
                           const struct cas_shape *shape)
{
    if (take_up_to(r, cas_reader_u8(r), 1) == 0) {
        return NULL;
    }
    void *part = cas_arena_alloc(arena, shape->size);
    if (part != NULL) {
        cas_shape_read(shape, r, arena, part);
    }
    return part;
}

static void keep_pointer(uint8_t *at, const void *pointer)
{
    memcpy(at, &pointer, sizeof(pointer));
}

static void keep_size(uint8_t *at, size_t size)
{
    memcpy(at, &size, sizeof(size));
}

static void read_number(const struct cas_shape_field *field, struct cas_reader *r, uint8_t *at)
{
    if (field->kind == CAS_SHAPE_U64) {
        uint64_t value = cas_reader_u64(r);
        memcpy(at, &value, sizeof(value));
    } else if (field->kind == CAS_SHAPE_SIZE) {
        keep_size(at, (size_t)take_up_to(r, cas_reader_u64(r), field->most));
    } else if (field->kind == CAS_SHAPE_U16) {
        uint16_t value = (uint16_t)take_up_to(r, cas_reader_u32(r), UINT16_MAX);
        memcpy(at, &value, sizeof(value));
    } else {
        uint64_t most = field->kind == CAS_SHAPE_ENUM ? field->most : UINT32_MAX;
        uint32_t value = (uint32_t)take_up_to(r, cas_reader_u32(r), most);
        memcpy(at, &value, sizeof(value));
    }
}

static void read_view(struct cas_reader *r, uint8_t *at)
{
    const struct cas_view view = cas_reader_bytes(r, cas_reader_u32(r));
    memcpy(at, &view, sizeof(view));
}

static void read_fixed(struct cas_reader *r, uint8_t *at, size_t len)
{
    struct cas_view bytes = cas_reader_bytes(r, len);
    if (bytes.len == len) {
        memcpy(at, bytes.data, len);
    }
}

static void read_array(const struct cas_shape_field *field, struct cas_reader *r,
                       struct cas_arena *arena, uint8_t *to)
{
    size_t len = 0;
    const void *array = field->kind == CAS_SHAPE_WORDS
                            ? (const void *)read_words(r, arena, &len)
                            : read_items(r, arena, field->shape, &len);
    keep_pointer(&to[field->at], array);
    keep_size(&to[field->len_at], len);
}

static void read_field(const struct cas_shape_field *field, struct cas_reader *r,
                       struct cas_arena *arena, uint8_t *to)
{
    uint8_t *at = &to[field->at];
    switch (field->kind) {
    case CAS_SHAPE_BOOL:
        *at = (uint8_t)take_up_to(r, cas_reader_u8(r), 1);
        break;
    case CAS_SHAPE_U8:
        *at = (uint8_t)take_up_to(r, cas_reader_u8(r), field->most);
        break;
    case CAS_SHAPE_ENUM:
    case CAS_SHAPE_U16:
    case CAS_SHAPE_U32:
    case CAS_SHAPE_U64:
    case CAS_SHAPE_SIZE:
        read_number(field, r, at);
        break;
    case CAS_SHAPE_FIXED:
        read_fixed(r, at, field->most);
        break;
    case CAS_SHAPE_CHARS:
        read_chars(r, (char *)at, field->most);
        break;
    case CAS_SHAPE_TEXT:
        keep_pointer(at, read_text(r, arena));
        break;
    case CAS_SHAPE_WORD:
        keep_pointer(at, read_word(r, arena));
        break;
    case CAS_SHAPE_VIEW:
        read_view(r, at);
        break;
    case CAS_SHAPE_PART:
        cas_shape_read(field->shape, r, arena, at);
        break;
    case CAS_SHAPE_OPTIONAL:
        keep_pointer(at, read_optional(r, arena, field->shape));
        break;
    case CAS_SHAPE_WORDS:
    case CAS_SHAPE_ITEMS:
        read_array(field, r, arena, to);
        break;
    }
}

void cas_shape_read(const struct cas_shape *shape, struct cas_reader *r,
                    struct cas_arena *arena, void *out_to)
{
    for (size_t i = 0; i < shape->len; i++) {
        read_field(&shape->field[i], r, arena, out_to);
    }
}
