/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x509/asn1_time.h"

#include <stddef.h>

#define DAY_S 86400

/* From 0000-01-01, in the Gregorian calendar carried backwards, to 1970-01-01. */
#define DAYS_TO_1970 719528

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t days_of_month(int64_t year, int64_t month)
{
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days from 0000-01-01 to the first day of a year; year 0 is a leap year. */
static int64_t days_before_year(int64_t year)
{
    return year == 0 ? 0
                     : 365 * year + (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 + 1;
}

/* Two digits; a byte that is none fails the reader. */
static int64_t take_two(struct cas_reader *r)
{
    uint8_t tens = cas_reader_u8(r);
    uint8_t ones = cas_reader_u8(r);
    if (tens < '0' || tens > '9' || ones < '0' || ones > '9') {
        cas_reader_fail(r);
        return 0;
    }
    return (tens - '0') * 10 + (ones - '0');
}

static int64_t take_year(struct cas_reader *r, uint8_t tag)
{
    if (tag == CAS_DER_UTC_TIME) {
        int64_t year = take_two(r);
        return year < 50 ? 2000 + year : 1900 + year;
    }
    int64_t century = take_two(r);
    return century * 100 + take_two(r);
}

bool cas_asn1_time_parse(const struct cas_der *element, int64_t *out_s)
{
    struct cas_reader r = cas_reader_init(element->content);
    if (element->tag != CAS_DER_UTC_TIME && element->tag != CAS_DER_GENERALIZED_TIME) {
        return false;
    }
    int64_t year = take_year(&r, element->tag);
    int64_t month = take_two(&r);
    int64_t day = take_two(&r);
    int64_t hour = take_two(&r);
    int64_t minute = take_two(&r);
    int64_t second = take_two(&r);
    if (cas_reader_u8(&r) != 'Z' || !cas_reader_done(&r) || month < 1 || month > 12 ||
        day < 1 || day > days_of_month(year, month) || hour > 23 || minute > 59 ||
        second > 59) {
        return false;
    }
    int64_t days = days_before_year(year) - DAYS_TO_1970 + day - 1;
    for (int64_t m = 1; m < month; m++) {
        days += days_of_month(year, m);
    }
    *out_s = days * DAY_S + hour * 3600 + minute * 60 + second;
    return true;
}

void cas_asn1_time_format(int64_t s, struct cas_buf *out)
{
    int64_t since_0000 = s + DAYS_TO_1970 * (int64_t)DAY_S;
    int64_t day = since_0000 / DAY_S;
    int64_t second = since_0000 % DAY_S;
    int64_t year = day / 366; /* at most 21 too low */
    while (days_before_year(year + 1) <= day) {
        year++;
    }
    day -= days_before_year(year);
    int64_t month = 1;
    while (day >= days_of_month(year, month)) {
        day -= days_of_month(year, month);
        month++;
    }
    cas_buf_append_format(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)year, (int)month,
                          (int)day + 1, (int)(second / 3600), (int)(second / 60 % 60),
                          (int)(second % 60));
}
