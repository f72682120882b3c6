/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: cas_json_view. Whatever string comes in, a JSON string of RFC 8259 in safe UTF-8
 * comes out; and a string that is safe comes out as it went in.
 */
#include <stdlib.h>

#include "bytes/text.h"
#include "output/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static uint32_t next_hex4(struct cas_reader *r)
{
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t c = cas_text_next(r);
        bool is_digit = c >= '0' && c <= '9';
        require(is_digit || (c >= 'a' && c <= 'f'));
        unit = unit << 4 | (is_digit ? c - '0' : c - 'a' + 10);
    }
    return unit;
}

/* After a backslash. What is escaped needs to be, and surrogates come in pairs. */
static void check_escape(struct cas_reader *r)
{
    uint32_t kind = cas_text_next(r);
    if (kind != 'u') {
        require(kind == '"' || kind == '\\');
        return;
    }
    uint32_t unit = next_hex4(r);
    if (unit >= 0xd800 && unit <= 0xdbff) {
        require(cas_text_next(r) == '\\' && cas_text_next(r) == 'u');
        uint32_t low = next_hex4(r);
        require(low >= 0xdc00 && low <= 0xdfff);
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    require(!cas_text_is_safe(unit) && (unit < 0xd800 || unit > 0xdfff));
}

static void check_string(struct cas_view json)
{
    struct cas_reader r = cas_reader_init(json);
    require(cas_text_next(&r) == '"');
    for (;;) {
        require(cas_reader_left(&r) > 0);
        uint32_t c = cas_text_next(&r);
        require(cas_text_is_safe(c));
        if (c == '"') {
            break;
        }
        if (c == '\\') {
            check_escape(&r);
        }
    }
    require(cas_reader_done(&r));
}

static bool is_plain(struct cas_view utf8)
{
    struct cas_reader r = cas_reader_init(utf8);
    while (cas_reader_left(&r) > 0) {
        uint32_t c = cas_text_next(&r);
        if (!cas_text_is_safe(c) || c == '"' || c == '\\') {
            return false;
        }
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cas_view utf8 = cas_view_of(data, size);
    struct cas_buf out = cas_buf_init(1u << 24, NULL);
    struct cas_json json = cas_json_init(&out);
    cas_json_view(&json, NULL, utf8);
    struct cas_view written = cas_buf_view(&out);
    check_string(written);
    require(!is_plain(utf8) ||
            cas_view_equal(cas_view_part(written, 1, written.len - 2), utf8));
    cas_buf_finish(&out);
    return 0;
}
