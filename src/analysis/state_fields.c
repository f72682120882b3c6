/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/state_fields.h"

#include <arpa/inet.h>
#include <string.h>

#include "bytes/text.h"

struct cas_view cas_state_view(const char *text)
{
    return cas_view_of(text, strlen(text));
}

/* Up to the next tab, which stays. */
struct cas_view cas_state_part(struct cas_reader *line)
{
    struct cas_reader ahead = *line;
    struct cas_view part = cas_reader_until(&ahead, CAS_STATE_FIELD_END);
    bool has_tab = part.len > 0 && part.data[part.len - 1] == CAS_STATE_FIELD_END;
    return cas_reader_bytes(line, part.len - has_tab);
}

/* The value of the member that must come next. */
static struct cas_view take_member(struct cas_reader *line, const char *key)
{
    uint8_t tab = cas_reader_u8(line);
    struct cas_reader part = cas_reader_init(cas_state_part(line));
    struct cas_view found = cas_reader_bytes(&part, strlen(key));
    uint8_t equals = cas_reader_u8(&part);
    if (tab != CAS_STATE_FIELD_END || equals != '=' ||
        !cas_view_equal(found, cas_state_view(key))) {
        cas_reader_fail(line);
    }
    return cas_reader_rest(&part);
}

/* A decimal number, as it is written: no sign, no zero in front. */
uint64_t cas_state_u64(struct cas_reader *line, const char *key, uint64_t max)
{
    struct cas_view text = take_member(line, key);
    struct cas_reader r = cas_reader_init(text);
    uint64_t number = 0;
    bool is_good = text.len > 0 && (text.len == 1 || text.data[0] != '0');
    while (is_good && cas_reader_left(&r) > 0) {
        uint8_t digit = cas_reader_u8(&r);
        is_good = digit >= '0' && digit <= '9' && number <= (max - (digit - '0')) / 10;
        number = is_good ? number * 10 + (digit - '0') : 0;
    }
    if (!is_good) {
        cas_reader_fail(line);
        return 0;
    }
    return number;
}

static int digit_of(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Lower-case digits, as they are written. */
bool cas_state_parse_digest(struct cas_view text, uint8_t out_digest[CAS_SHA256_LEN])
{
    struct cas_reader r = cas_reader_init(text);
    for (size_t i = 0; i < CAS_SHA256_LEN; i++) {
        int high = digit_of(cas_reader_u8(&r));
        int low = digit_of(cas_reader_u8(&r));
        if (high < 0 || low < 0) {
            return false;
        }
        out_digest[i] = (uint8_t)(high << 4 | low);
    }
    return cas_reader_done(&r);
}

void cas_state_digest(struct cas_reader *line, const char *key,
                      uint8_t out_digest[CAS_SHA256_LEN])
{
    if (!cas_state_parse_digest(take_member(line, key), out_digest)) {
        cas_reader_fail(line);
    }
}

/* The value, from 0 to last, of this name. */
unsigned cas_state_enum(struct cas_reader *line, const char *key,
                        const char *(*name)(unsigned value), unsigned last)
{
    struct cas_view text = take_member(line, key);
    for (unsigned value = 0; value <= last; value++) {
        if (cas_view_equal(text, cas_state_view(name(value)))) {
            return value;
        }
    }
    cas_reader_fail(line);
    return 0;
}

/* Text for people, which must be safe to show; NULL when the line has ended before it. */
const char *cas_state_text(struct cas_reader *line, const char *key, struct cas_buf *buf)
{
    if (cas_reader_left(line) == 0) {
        return NULL;
    }
    struct cas_view text = take_member(line, key);
    struct cas_reader r = cas_reader_init(text);
    while (cas_reader_left(&r) > 0) {
        if (!cas_text_is_safe(cas_text_next(&r))) {
            cas_reader_fail(line);
            return NULL;
        }
    }
    cas_buf_clear(buf);
    cas_buf_append(buf, text);
    cas_buf_append_u8(buf, '\0');
    if (!cas_buf_ok(buf)) {
        cas_reader_fail(line);
        return NULL;
    }
    return (const char *)buf->data;
}

/* An address in the one form in which it is written. */
void cas_state_address(struct cas_reader *line, struct cas_endpoint *out_endpoint)
{
    struct cas_view value = take_member(line, "address");
    char text[INET6_ADDRSTRLEN] = "";
    char again[INET6_ADDRSTRLEN] = "";
    if (value.len == 0 || value.len >= sizeof(text)) {
        cas_reader_fail(line);
        return;
    }
    memcpy(text, value.data, value.len);
    bool is_v6 = strchr(text, ':') != NULL;
    int family = is_v6 ? AF_INET6 : AF_INET;
    out_endpoint->family = is_v6 ? 6 : 4;
    if (inet_pton(family, text, out_endpoint->address) != 1 ||
        inet_ntop(family, out_endpoint->address, again, sizeof(again)) == NULL ||
        !cas_view_equal(value, cas_state_view(again))) {
        cas_reader_fail(line);
    }
}
