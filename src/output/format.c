/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/format.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "bytes/reader.h"
#include "bytes/text.h"

#define DIGITS_MAX   20 /* of a u64 */
#define US_PER_S     1000000u
#define S_PER_DAY    86400u
#define DAYS_PER_ERA 146097u /* 400 Gregorian years */
#define DAYS_TO_1970 719468u /* from 0000-03-01 */
#define GROUP_DIGITS 3
#define LAST_US      UINT64_C(253402300799999999) /* of the year 9999: RFC 3339 has no later */
#define DATE_LEN     10                           /* of "2026-11-23" */
#define TIME_LEN     27                           /* of "2026-11-23T10:31:07.123456Z" */

/* Two digits, with a zero in front. */
static void put_two(uint8_t *to, unsigned number)
{
    to[0] = (uint8_t)('0' + number / 10);
    to[1] = (uint8_t)('0' + number % 10);
}

/* Writes the digits at the end of text; gives their number. Two at a time: a division is dear,
 * and numbers are the most of an event. */
static size_t put_digits(uint8_t text[DIGITS_MAX], uint64_t number)
{
    size_t at = DIGITS_MAX;
    while (number > 99) {
        at -= 2;
        put_two(&text[at], (unsigned)(number % 100));
        number /= 100;
    }
    if (number > 9) {
        at -= 2;
        put_two(&text[at], (unsigned)number);
    } else {
        text[--at] = (uint8_t)('0' + number);
    }
    return DIGITS_MAX - at;
}

void cas_format_u64(struct cas_buf *out, uint64_t number)
{
    uint8_t text[DIGITS_MAX];
    if (number <= 9) {
        cas_buf_append_u8(out, (uint8_t)('0' + number));
        return;
    }
    size_t len = put_digits(text, number);
    cas_buf_append(out, (struct cas_view){ .data = &text[DIGITS_MAX - len], .len = len });
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

/*
 * Days since 1970 to a date of the Gregorian calendar. Years are counted from March, so that
 * the leap day is the last of its year and months have regular lengths.
 */
static void put_date(uint8_t *to, uint64_t days)
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
    uint64_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);
    put_two(&to[0], (unsigned)(year / 100));
    put_two(&to[2], (unsigned)(year % 100));
    to[4] = '-';
    put_two(&to[5], (unsigned)month);
    to[7] = '-';
    put_two(&to[8], (unsigned)(day_of_year - (153 * month_from_march + 2) / 5 + 1));
}

static void put_clock(uint8_t *to, uint64_t timestamp_us)
{
    unsigned second = (unsigned)(timestamp_us / US_PER_S % S_PER_DAY);
    unsigned us = (unsigned)(timestamp_us % US_PER_S);
    put_two(&to[0], second / 3600);
    to[2] = ':';
    put_two(&to[3], second / 60 % 60);
    to[5] = ':';
    put_two(&to[6], second % 60);
    to[8] = '.';
    put_two(&to[9], us / 10000);
    put_two(&to[11], us / 100 % 100);
    put_two(&to[13], us % 100);
}

void cas_format_time(struct cas_buf *out, uint64_t timestamp_us)
{
    uint8_t *to = cas_buf_room(out, TIME_LEN);
    if (to == NULL) {
        return;
    }
    if (timestamp_us > LAST_US) {
        timestamp_us = LAST_US;
    }
    put_date(to, timestamp_us / US_PER_S / S_PER_DAY);
    to[DATE_LEN] = 'T';
    put_clock(&to[DATE_LEN + 1], timestamp_us);
    to[TIME_LEN - 1] = 'Z';
    cas_buf_added(out, TIME_LEN);
}

/* Gives the number of digits. */
static size_t put_octet(uint8_t *to, unsigned octet)
{
    if (octet > 99) {
        to[0] = (uint8_t)('0' + octet / 100);
        put_two(&to[1], octet % 100);
        return 3;
    }
    if (octet > 9) {
        put_two(to, octet);
        return 2;
    }
    to[0] = (uint8_t)('0' + octet);
    return 1;
}

static void append_address4(struct cas_buf *out, const uint8_t *address)
{
    uint8_t *to = cas_buf_room(out, INET_ADDRSTRLEN);
    if (to == NULL) {
        return;
    }
    size_t len = put_octet(to, address[0]);
    for (size_t i = 1; i < 4; i++) {
        to[len++] = '.';
        len += put_octet(&to[len], address[i]);
    }
    cas_buf_added(out, len);
}

void cas_format_address(struct cas_buf *out, const struct cas_endpoint *endpoint)
{
    char text[INET6_ADDRSTRLEN];
    if (endpoint->family == 4) {
        append_address4(out, endpoint->address);
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
