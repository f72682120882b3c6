/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/json.h"

#include <string.h>

#include "bytes/reader.h"
#include "bytes/text.h"
#include "output/format.h"

#define BMP_MAX 0xffffu

/* What stands around a key, at most: ,"": */
#define KEY_FRAME_MAX 4

/* And around a string. */
#define QUOTES 2

struct cas_json cas_json_init(struct cas_buf *out)
{
    return (struct cas_json){ .out = out };
}

/* Where the value goes, for which there is room for more bytes; NULL when there is not. */
static uint8_t *start_value_with(struct cas_json *json, const char *key, size_t more)
{
    struct cas_view name = cas_view_of(key, key != NULL ? strlen(key) : 0);
    uint8_t *to = cas_buf_room(json->out, name.len + KEY_FRAME_MAX + more);
    size_t len = 0;
    if (to == NULL) {
        return NULL;
    }
    if (json->has_sibling) {
        to[len++] = ',';
    }
    json->has_sibling = true;
    if (key != NULL) {
        to[len++] = '"';
        memcpy(&to[len], name.data, name.len);
        len += name.len;
        to[len++] = '"';
        to[len++] = ':';
    }
    cas_buf_added(json->out, len);
    return &to[len];
}

static void start_value(struct cas_json *json, const char *key)
{
    (void)start_value_with(json, key, 0);
}

static void open_value(struct cas_json *json, const char *key, uint8_t bracket)
{
    start_value(json, key);
    cas_buf_append_u8(json->out, bracket);
    json->has_sibling = false;
}

static void close_value(struct cas_json *json, uint8_t bracket)
{
    cas_buf_append_u8(json->out, bracket);
    json->has_sibling = true;
}

void cas_json_object(struct cas_json *json, const char *key)
{
    open_value(json, key, '{');
}

void cas_json_object_end(struct cas_json *json)
{
    close_value(json, '}');
}

void cas_json_array(struct cas_json *json, const char *key)
{
    open_value(json, key, '[');
}

void cas_json_array_end(struct cas_json *json)
{
    close_value(json, ']');
}

/* \uXXXX */
static void append_unit(struct cas_buf *out, uint32_t unit)
{
    const uint8_t bytes[2] = { (uint8_t)(unit >> 8), (uint8_t)unit };
    cas_buf_append_text(out, "\\u");
    cas_buf_append_hex(out, cas_view_of(bytes, sizeof(bytes)));
}

static void append_unsafe(struct cas_buf *out, uint32_t code_point)
{
    if (code_point > BMP_MAX) {
        append_unit(out, 0xd800 + ((code_point - 0x10000) >> 10));
        append_unit(out, 0xdc00 + ((code_point - 0x10000) & 0x3ff));
    } else {
        append_unit(out, code_point);
    }
}

/* Everything that is not plain ASCII. taken are its bytes. */
static void append_special(struct cas_buf *out, uint32_t code_point, struct cas_view taken)
{
    if (code_point == '"' || code_point == '\\') {
        cas_buf_append_u8(out, '\\');
        cas_buf_append(out, taken);
    } else if (code_point == CAS_TEXT_INVALID) {
        cas_buf_append_text(out, "\\\\x");
        cas_buf_append_hex(out, taken);
    } else if (cas_text_is_safe(code_point)) {
        cas_buf_append(out, taken);
    } else {
        append_unsafe(out, code_point);
    }
}

static bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

#define EIGHT_LEN   8
#define EIGHT(byte) (UINT64_C(0x0101010101010101) * (byte))

/*
 * Eight bytes at once, as is_plain(); may say no too often, never yes. Each of the four gives a
 * byte that is not plain its highest bit, if that byte has not got it already: below 0x20, the
 * quotation mark, the backslash, 0x7f.
 */
static bool are_plain(uint64_t bytes)
{
    uint64_t special = (bytes - EIGHT(0x20)) | ((bytes ^ EIGHT('"')) - EIGHT(1)) |
                       ((bytes ^ EIGHT('\\')) - EIGHT(1)) | (bytes + EIGHT(1));
    return ((special | bytes) & EIGHT(0x80)) == 0;
}

/* Whether the eight bytes there are plain; then they are copied. */
static bool copy_eight(uint8_t *to, const uint8_t *from)
{
    uint64_t bytes = 0;
    memcpy(&bytes, from, sizeof(bytes));
    if (!are_plain(bytes)) {
        return false;
    }
    memcpy(to, from, sizeof(bytes));
    return true;
}

/* Copies what is plain from the beginning on, in one pass; gives its length. */
static size_t copy_plain(uint8_t *to, struct cas_view utf8)
{
    size_t len = 0;
    while (utf8.len - len >= EIGHT_LEN && copy_eight(&to[len], &utf8.data[len])) {
        len += EIGHT_LEN;
    }
    /* The last ones, with some that are there already. */
    if (len >= EIGHT_LEN && utf8.len - len < EIGHT_LEN &&
        copy_eight(&to[utf8.len - EIGHT_LEN], &utf8.data[utf8.len - EIGHT_LEN])) {
        return utf8.len;
    }
    while (len < utf8.len && is_plain(utf8.data[len])) {
        to[len] = utf8.data[len];
        len++;
    }
    return len;
}

/* From a byte on that is not plain. */
static void append_escaped(struct cas_buf *out, struct cas_view utf8)
{
    while (utf8.len > 0) {
        struct cas_reader r = cas_reader_init(utf8);
        uint32_t code_point = cas_text_next(&r);
        size_t taken = cas_reader_offset(&r);
        append_special(out, code_point, cas_view_part(utf8, 0, taken));
        utf8 = cas_view_part(utf8, taken, utf8.len);
        uint8_t *to = cas_buf_room(out, utf8.len);
        if (to == NULL) {
            return;
        }
        size_t plain = copy_plain(to, utf8);
        cas_buf_added(out, plain);
        utf8 = cas_view_part(utf8, plain, utf8.len);
    }
}

void cas_json_open_string(struct cas_json *json, const char *key)
{
    start_value(json, key);
    cas_buf_append_u8(json->out, '"');
}

void cas_json_close_string(struct cas_json *json)
{
    cas_buf_append_u8(json->out, '"');
}

/* Most texts are plain ASCII, and written in one go. */
void cas_json_view(struct cas_json *json, const char *key, struct cas_view utf8)
{
    uint8_t *to = start_value_with(json, key, utf8.len + QUOTES);
    if (to == NULL) {
        return;
    }
    to[0] = '"';
    size_t plain = copy_plain(&to[1], utf8);
    if (plain == utf8.len) {
        to[1 + plain] = '"';
        cas_buf_added(json->out, plain + QUOTES);
        return;
    }
    cas_buf_added(json->out, 1 + plain);
    append_escaped(json->out, cas_view_part(utf8, plain, utf8.len));
    cas_json_close_string(json);
}

void cas_json_string(struct cas_json *json, const char *key, const char *text)
{
    if (text != NULL) {
        cas_json_view(json, key, cas_view_of(text, strlen(text)));
    }
}

void cas_json_strings(struct cas_json *json, const char *key, const char *const *strings,
                      size_t strings_len)
{
    cas_json_array(json, key);
    for (size_t i = 0; i < strings_len; i++) {
        cas_json_string(json, NULL, strings[i]);
    }
    cas_json_array_end(json);
}

void cas_json_hex(struct cas_json *json, const char *key, struct cas_view bytes)
{
    cas_json_open_string(json, key);
    cas_buf_append_hex(json->out, bytes);
    cas_json_close_string(json);
}

void cas_json_time(struct cas_json *json, const char *key, uint64_t timestamp_us)
{
    cas_json_open_string(json, key);
    cas_format_time(json->out, timestamp_us);
    cas_json_close_string(json);
}

void cas_json_address(struct cas_json *json, const char *key,
                      const struct cas_endpoint *endpoint)
{
    cas_json_open_string(json, key);
    cas_format_address(json->out, endpoint);
    cas_json_close_string(json);
}

void cas_json_u64(struct cas_json *json, const char *key, uint64_t number)
{
    start_value(json, key);
    cas_format_u64(json->out, number);
}

void cas_json_i64(struct cas_json *json, const char *key, int64_t number)
{
    start_value(json, key);
    if (number < 0) {
        cas_buf_append_u8(json->out, '-');
    }
    cas_format_u64(json->out, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

void cas_json_bool(struct cas_json *json, const char *key, bool value)
{
    start_value(json, key);
    cas_buf_append_text(json->out, value ? "true" : "false");
}

void cas_json_null(struct cas_json *json, const char *key)
{
    start_value(json, key);
    cas_buf_append_text(json->out, "null");
}

void cas_json_raw(struct cas_json *json, const char *key, struct cas_view value)
{
    start_value(json, key);
    cas_buf_append(json->out, value);
}

size_t cas_json_value_begin(const struct cas_json *json, const char *key)
{
    size_t comma = json->has_sibling ? 1 : 0;
    size_t name = key != NULL ? strlen(key) + strlen("\"\":") : 0;
    return json->out->len + comma + name;
}
