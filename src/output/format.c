/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/format.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "bytes/reader.h"
#include "bytes/text.h"

#define DIGITS_MAX     20 /* of a u64 */
#define US_PER_S       1000000u
#define S_PER_DAY      86400u
#define DAYS_PER_ERA   146097u /* 400 Gregorian years */
#define DAYS_TO_1970   719468u /* from 0000-03-01 */
#define GROUP_DIGITS   3
#define LAST_US        UINT64_C(253402300799999999) /* of the year 9999: RFC 3339 has no later */
#define CLOCK_US_WIDTH 6

/* Writes the digits at the end of text; gives their number. */
static size_t put_digits(uint8_t text[DIGITS_MAX], uint64_t number)
{
    size_t len = 0;
    do {
        len++;
        text[DIGITS_MAX - len] = (uint8_t)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return len;
}

void cas_format_u64(struct cas_buf *out, uint64_t number)
{
    uint8_t text[DIGITS_MAX];
    size_t len = put_digits(text, number);
    cas_buf_append(out, cas_view_part(cas_view_of(text, DIGITS_MAX), DIGITS_MAX - len, len));
}

void cas_format_grouped(struct cas_buf *out, uint64_t number)
{
    uint8_t text[DIGITS_MAX];
    size_t len = put_digits(text, number);
    for (size_t left = len; left > 0; left--) {
        if (left < len && left % GROUP_DIGITS == 0) {
            cas_buf_append_u8(out, ',');
        }
        cas_buf_append_u8(out, text[DIGITS_MAX - left]);
    }
}

/* With zeros in front, for parts of dates and times. */
static void append_padded(struct cas_buf *out, uint64_t number, size_t width)
{
    uint8_t text[DIGITS_MAX];
    memset(text, '0', sizeof(text));
    size_t len = put_digits(text, number);
    if (len < width) {
        len = width;
    }
    cas_buf_append(out, cas_view_part(cas_view_of(text, DIGITS_MAX), DIGITS_MAX - len, len));
}

/*
 * Days since 1970 to a date of the Gregorian calendar. Years are counted from March, so that
 * the leap day is the last of its year and months have regular lengths.
 */
static void append_date(struct cas_buf *out, uint64_t days)
{
    uint64_t shifted = days + DAYS_TO_1970;
    uint64_t era = shifted / DAYS_PER_ERA;
    uint64_t day_of_era = shifted % DAYS_PER_ERA;
    uint64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint64_t month_from_march = (5 * day_of_year + 2) / 153;
    uint64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    append_padded(out, era * 400 + year_of_era + (month <= 2 ? 1 : 0), 4);
    cas_buf_append_u8(out, '-');
    append_padded(out, month, 2);
    cas_buf_append_u8(out, '-');
    append_padded(out, day_of_year - (153 * month_from_march + 2) / 5 + 1, 2);
}

static void append_clock(struct cas_buf *out, uint64_t timestamp_us)
{
    uint64_t second = timestamp_us / US_PER_S % S_PER_DAY;
    append_padded(out, second / 3600, 2);
    cas_buf_append_u8(out, ':');
    append_padded(out, second / 60 % 60, 2);
    cas_buf_append_u8(out, ':');
    append_padded(out, second % 60, 2);
    cas_buf_append_u8(out, '.');
    append_padded(out, timestamp_us % US_PER_S, CLOCK_US_WIDTH);
}

void cas_format_time(struct cas_buf *out, uint64_t timestamp_us)
{
    if (timestamp_us > LAST_US) {
        timestamp_us = LAST_US;
    }
    append_date(out, timestamp_us / US_PER_S / S_PER_DAY);
    cas_buf_append_u8(out, 'T');
    append_clock(out, timestamp_us);
    cas_buf_append_u8(out, 'Z');
}

void cas_format_address(struct cas_buf *out, const struct cas_endpoint *endpoint)
{
    char text[INET6_ADDRSTRLEN];
    if (endpoint->family == 4) {
        for (size_t i = 0; i < 4; i++) {
            if (i > 0) {
                cas_buf_append_u8(out, '.');
            }
            cas_format_u64(out, endpoint->address[i]);
        }
    } else if (endpoint->family == 6 &&
               inet_ntop(AF_INET6, endpoint->address, text, sizeof(text)) != NULL) {
        cas_buf_append_text(out, text);
    }
}

void cas_format_endpoint(struct cas_buf *out, const struct cas_endpoint *endpoint)
{
    if (endpoint->family == 6) {
        cas_buf_append_u8(out, '[');
    }
    cas_format_address(out, endpoint);
    cas_buf_append_text(out, endpoint->family == 6 ? "]:" : ":");
    cas_format_u64(out, endpoint->port);
}

void cas_format_view(struct cas_buf *out, struct cas_view utf8)
{
    struct cas_reader r = cas_reader_init(utf8);
    while (cas_reader_left(&r) > 0) {
        size_t from = cas_reader_offset(&r);
        uint32_t code_point = cas_text_next(&r);
        struct cas_view taken = cas_view_part(utf8, from, cas_reader_offset(&r) - from);
        if (cas_text_is_safe(code_point)) {
            cas_buf_append(out, taken);
        } else {
            cas_text_append_escaped(out, taken);
        }
    }
}

void cas_format_text(struct cas_buf *out, const char *text)
{
    if (text != NULL) {
        cas_format_view(out, cas_view_of(text, strlen(text)));
    }
}
