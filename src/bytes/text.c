/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/text.h"

#include <string.h>

#define CODE_POINT_MAX 0x10ffffu

/* In eight bytes at once: what none of ASCII has. */
#define TOP_BITS UINT64_C(0x8080808080808080)

struct range {
    uint32_t first;
    uint32_t last;
};

/* Unicode 15: general categories Cc, Zl, Zp, Cs and those of Cf and Cn that hide or reorder
 * text. */
static const struct range unsafe[] = {
    { 0x0000, 0x001f },   /* C0 */
    { 0x007f, 0x009f },   /* DEL and C1 */
    { 0x00ad, 0x00ad },   /* soft hyphen */
    { 0x034f, 0x034f },   /* combining grapheme joiner */
    { 0x061c, 0x061c },   /* Arabic letter mark */
    { 0x115f, 0x1160 },   /* Hangul fillers */
    { 0x17b4, 0x17b5 },   /* Khmer inherent vowels */
    { 0x180b, 0x180f },   /* Mongolian separators */
    { 0x200b, 0x200f },   /* zero width, left-to-right and right-to-left marks */
    { 0x2028, 0x202e },   /* line and paragraph separator, bidirectional embedding */
    { 0x2060, 0x206f },   /* word joiner, invisible operators, bidirectional isolates */
    { 0x3164, 0x3164 },   /* Hangul filler */
    { 0xd800, 0xdfff },   /* surrogates */
    { 0xfdd0, 0xfdef },   /* noncharacters */
    { 0xfe00, 0xfe0f },   /* variation selectors */
    { 0xfeff, 0xfeff },   /* byte order mark */
    { 0xffa0, 0xffa0 },   /* half-width Hangul filler */
    { 0xfff0, 0xfffb },   /* unassigned, interlinear annotation */
    { 0x1bca0, 0x1bca3 }, /* shorthand format controls */
    { 0x1d173, 0x1d17a }, /* musical format controls */
    { 0xe0000, 0xe0fff }, /* tags, variation selectors */
};

bool cas_text_is_safe(uint32_t code_point)
{
    if (code_point > CODE_POINT_MAX || (code_point & 0xfffe) == 0xfffe) {
        return false;
    }
    for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++) {
        if (code_point < unsafe[i].first) {
            return true;
        }
        if (code_point <= unsafe[i].last) {
            return false;
        }
    }
    return true;
}

size_t cas_text_ascii_len(struct cas_view bytes)
{
    size_t len = 0;
    uint64_t eight = 0;
    for (; bytes.len - len >= sizeof(eight); len += sizeof(eight)) {
        memcpy(&eight, &bytes.data[len], sizeof(eight));
        if ((eight & TOP_BITS) != 0) {
            break;
        }
    }
    while (len < bytes.len && bytes.data[len] < 0x80) {
        len++;
    }
    return len;
}

/* How many bytes follow a first byte, and the smallest code point that needs them. */
static bool split_first(uint8_t first, uint32_t *out_bits, unsigned *out_more,
                        uint32_t *out_least)
{
    if (first >= 0xc2 && first <= 0xdf) {
        *out_bits = first & 0x1fu;
        *out_more = 1;
        *out_least = 0x80;
    } else if (first >= 0xe0 && first <= 0xef) {
        *out_bits = first & 0x0fu;
        *out_more = 2;
        *out_least = 0x800;
    } else if (first >= 0xf0 && first <= 0xf4) {
        *out_bits = first & 0x07u;
        *out_more = 3;
        *out_least = 0x10000;
    } else {
        return false;
    }
    return true;
}

uint32_t cas_text_next(struct cas_reader *utf8)
{
    uint8_t first = cas_reader_u8(utf8);
    if (first < 0x80) {
        return first;
    }
    uint32_t code_point = 0;
    unsigned more = 0;
    uint32_t least = 0;
    if (!split_first(first, &code_point, &more, &least)) {
        return CAS_TEXT_INVALID;
    }
    struct cas_reader ahead = *utf8;
    for (unsigned i = 0; i < more; i++) {
        uint8_t next = cas_reader_u8(&ahead);
        if ((next & 0xc0) != 0x80) {
            return CAS_TEXT_INVALID;
        }
        code_point = code_point << 6 | (next & 0x3fu);
    }
    if (code_point < least || code_point > CODE_POINT_MAX ||
        (code_point >= 0xd800 && code_point <= 0xdfff)) {
        return CAS_TEXT_INVALID;
    }
    *utf8 = ahead;
    return code_point;
}

void cas_text_append_utf8(struct cas_buf *out, uint32_t code_point)
{
    if (code_point < 0x80) {
        cas_buf_append_u8(out, (uint8_t)code_point);
    } else if (code_point < 0x800) {
        cas_buf_append_u8(out, (uint8_t)(0xc0 | code_point >> 6));
        cas_buf_append_u8(out, (uint8_t)(0x80 | (code_point & 0x3f)));
    } else if (code_point < 0x10000) {
        cas_buf_append_u8(out, (uint8_t)(0xe0 | code_point >> 12));
        cas_buf_append_u8(out, (uint8_t)(0x80 | (code_point >> 6 & 0x3f)));
        cas_buf_append_u8(out, (uint8_t)(0x80 | (code_point & 0x3f)));
    } else {
        cas_buf_append_u8(out, (uint8_t)(0xf0 | (code_point >> 18 & 0x07)));
        cas_buf_append_u8(out, (uint8_t)(0x80 | (code_point >> 12 & 0x3f)));
        cas_buf_append_u8(out, (uint8_t)(0x80 | (code_point >> 6 & 0x3f)));
        cas_buf_append_u8(out, (uint8_t)(0x80 | (code_point & 0x3f)));
    }
}

static void append_hex_bytes(struct cas_buf *out, struct cas_view bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        cas_buf_append_u8(out, '\\');
        cas_buf_append_hex(out, cas_view_part(bytes, i, 1));
    }
}

/* How many bytes at the front are ASCII that means itself: nearly always all. */
static size_t plain_len(struct cas_view utf8)
{
    size_t len = 0;
    while (len < utf8.len && utf8.data[len] >= ' ' && utf8.data[len] < 0x7f &&
           utf8.data[len] != '\\') {
        len++;
    }
    return len;
}

void cas_text_append_escaped(struct cas_buf *out, struct cas_view utf8)
{
    struct cas_reader r = cas_reader_init(utf8);
    cas_buf_append(out, cas_reader_bytes(&r, plain_len(utf8)));
    while (cas_reader_left(&r) > 0) {
        size_t from = cas_reader_offset(&r);
        uint32_t code_point = cas_text_next(&r);
        struct cas_view taken = cas_view_part(utf8, from, cas_reader_offset(&r) - from);
        if (code_point == '\\') {
            cas_buf_append_text(out, "\\\\");
        } else if (cas_text_is_safe(code_point)) {
            cas_buf_append(out, taken);
        } else {
            append_hex_bytes(out, taken);
        }
    }
}
