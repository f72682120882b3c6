/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/text.h"
#include "x509/dn.h"
#include "x509/dn_walk.h"
#include "x509/oids.h"

/* Upper-case digits, as in RFC 4514's examples and in OpenSSL's output. */
static void append_hex_byte(struct cas_buf *out, uint8_t byte)
{
    static const char digits[] = "0123456789ABCDEF";
    cas_buf_append_u8(out, (uint8_t)digits[byte >> 4]);
    cas_buf_append_u8(out, (uint8_t)digits[byte & 15]);
}

static void append_hex_string(struct cas_buf *out, struct cas_view bytes)
{
    cas_buf_append_u8(out, '#');
    for (size_t i = 0; i < bytes.len; i++) {
        append_hex_byte(out, bytes.data[i]);
    }
}

/* A character that must not reach a terminal: backslash and two digits a byte of its UTF-8. */
static void append_hidden(struct cas_buf *out, uint32_t code_point)
{
    struct cas_buf utf8 = cas_buf_init(4, NULL);
    cas_text_append_utf8(&utf8, code_point);
    for (size_t i = 0; i < utf8.len; i++) {
        cas_buf_append_u8(out, '\\');
        append_hex_byte(out, utf8.data[i]);
    }
    out->failed |= utf8.failed;
    cas_buf_finish(&utf8);
}

enum place {
    PLACE_FIRST,
    PLACE_INSIDE,
    PLACE_LAST,
};

/* RFC 4514, 2.4: what stands behind a backslash wherever it is. */
static bool is_always_special(uint32_t c)
{
    switch (c) {
    case '"':
    case '+':
    case ',':
    case ';':
    case '<':
    case '>':
    case '\\':
        return true;
    default:
        return false;
    }
}

/* The same, and what does so at an end of the value only. */
static bool is_special(uint32_t c, enum place place)
{
    if (c == ' ') {
        return place != PLACE_INSIDE;
    }
    if (c == '#') {
        return place == PLACE_FIRST;
    }
    return is_always_special(c);
}

static void append_character(struct cas_buf *out, uint32_t c, enum place place)
{
    if (!cas_text_is_safe(c)) {
        append_hidden(out, c);
        return;
    }
    if (is_special(c, place)) {
        cas_buf_append_u8(out, '\\');
    }
    cas_text_append_utf8(out, c);
}

/* The characters at the front that print as they are inside a value, ASCII all of them. */
static size_t plain_len(struct cas_view bytes)
{
    size_t len = 0;
    while (len < bytes.len && bytes.data[len] >= ' ' && bytes.data[len] < 0x7f &&
           !is_always_special(bytes.data[len])) {
        len++;
    }
    return len;
}

/* All plain characters up to another one, or to the last, whose place is a special one. */
static void append_plain(struct cas_buf *out, struct cas_dn_text *text)
{
    struct cas_view bytes = cas_dn_text_bytes(text);
    if (bytes.len > 1) {
        struct cas_view inside = cas_view_part(bytes, 0, bytes.len - 1);
        size_t len = plain_len(inside);
        cas_buf_append(out, cas_view_part(inside, 0, len));
        cas_dn_text_skip(text, len);
    }
}

static void append_text(struct cas_buf *out, struct cas_dn_text text)
{
    enum place place = PLACE_FIRST;
    while (!cas_dn_text_is_over(&text)) {
        uint32_t c = cas_dn_text_next(&text);
        if (place != PLACE_FIRST && cas_dn_text_is_over(&text)) {
            place = PLACE_LAST;
        }
        append_character(out, c, place);
        append_plain(out, &text);
        place = PLACE_INSIDE;
    }
}

static void append_attribute(struct cas_buf *out, const struct cas_dn_attribute *attribute)
{
    const char *name = cas_oid_attribute_name(attribute->type);
    struct cas_dn_text text;
    if (name == NULL) {
        cas_buf_append_text(out, cas_oid_dotted(attribute->type).text);
        cas_buf_append_u8(out, '=');
        append_hex_string(out, attribute->value.whole);
        return;
    }
    cas_buf_append_text(out, name);
    cas_buf_append_u8(out, '=');
    if (cas_dn_text_open(&attribute->value, &text)) {
        append_text(out, text);
    } else {
        append_hex_string(out, attribute->value.whole);
    }
}

void cas_dn_list_format(const struct cas_dn_list *list, struct cas_buf *out)
{
    for (size_t i = list->len; i > 0; i--) {
        const struct cas_dn_attribute *attribute = &list->attributes[i - 1];
        append_attribute(out, attribute);
        if (i > 1) {
            bool same_rdn = list->attributes[i - 2].rdn == attribute->rdn;
            cas_buf_append_u8(out, same_rdn ? '+' : ',');
        }
    }
}

void cas_dn_format(struct cas_view der, struct cas_buf *out)
{
    CAS_DN_LIST list;
    if (cas_dn_split(der, &list)) {
        cas_dn_list_format(&list, out);
    } else {
        append_hex_string(out, der);
    }
}
