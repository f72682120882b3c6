/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "support/der_text.h"
#include "x509/asn1_time.h"

struct sample {
    const char *der;
    int64_t s; /* from `date -u -d ... +%s` */
    const char *text;
};

START_TEST(dates_are_read_and_printed)
{
    const struct sample samples[] = {
        { "17'700101000000Z'", 0, "1970-01-01T00:00:00Z" },
        { "17'691231235959Z'", -1, "1969-12-31T23:59:59Z" },
        { "17'500101000000Z'", -631152000, "1950-01-01T00:00:00Z" },
        { "17'491231235959Z'", 2524607999, "2049-12-31T23:59:59Z" },
        { "17'000229120000Z'", 951825600, "2000-02-29T12:00:00Z" },
        { "17'261123235959Z'", 1795478399, "2026-11-23T23:59:59Z" },
        { "18'20500101000000Z'", 2524608000, "2050-01-01T00:00:00Z" },
        { "18'19491231235959Z'", -631152001, "1949-12-31T23:59:59Z" },
        { "18'99991231235959Z'", 253402300799, "9999-12-31T23:59:59Z" },
        { "18'19000228000000Z'", -2203977600, "1900-02-28T00:00:00Z" },
        { "18'16010101000000Z'", -11644473600, "1601-01-01T00:00:00Z" },
        { "18'00000101000000Z'", -62167219200, "0000-01-01T00:00:00Z" },
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct cas_view copy = der_copy(samples[i].der);
        struct cas_reader r = cas_reader_init(copy);
        struct cas_der element = cas_der_next(&r);
        int64_t s = 42;
        ck_assert_msg(cas_asn1_time_parse(&element, &s), "refused: %s", samples[i].der);
        ck_assert_int_eq(s, samples[i].s);
        struct cas_buf out = cas_buf_init(100, NULL);
        cas_asn1_time_format(s, &out);
        ck_assert_buf_eq(&out, samples[i].text);
        cas_buf_finish(&out);
        exact_free(copy);
    }
}
END_TEST

START_TEST(dates_that_rfc_5280_does_not_allow_are_refused)
{
    const char *const samples[] = {
        "17'2001010000Z'",       /* without seconds */
        "17'200101000000'",      /* without zone */
        "17'200101000000+0100'", /* another zone */
        "17'200101000000z'",     /* small z */
        "17'200101000000Z '",    /* one byte more */
        "17'20010100000Z'",      /* one digit less */
        "17'2001010000a0Z'",     /* no digit */
        "17'200001000000Z'",     /* month 0 */
        "17'201301000000Z'",     /* month 13 */
        "17'200100000000Z'",     /* day 0 */
        "17'200431000000Z'",     /* 31 April */
        "17'210229000000Z'",     /* no leap year */
        "18'21000229000000Z'",   /* no leap year either */
        "17'200101240000Z'",     /* hour 24 */
        "17'200101006000Z'",     /* minute 60 */
        "17'200101000060Z'",     /* second 60 */
        "18'20200101000000.5Z'", /* a fraction */
        "18'200101000000Z'",     /* two digits of the year */
        "17'20200101000000Z'",   /* four of them */
        "17''",                  /* nothing */
        "04'200101000000Z'",     /* no date */
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct cas_view copy = der_copy(samples[i]);
        struct cas_reader r = cas_reader_init(copy);
        struct cas_der element = cas_der_next(&r);
        int64_t s = 42;
        ck_assert_msg(!cas_asn1_time_parse(&element, &s), "accepted: %s", samples[i]);
        ck_assert_int_eq(s, 42);
        exact_free(copy);
    }
}
END_TEST

START_TEST(dates_over_ten_thousand_years_come_back)
{
    struct cas_buf out = cas_buf_init(100, NULL);
    const int64_t first = -62167219200;
    const int64_t last = 253402300799;
    unsigned wrong = 0;
    for (int64_t s = first; s <= last; s += 40 * 86399) {
        cas_buf_clear(&out);
        cas_asn1_time_format(s, &out);
        uint8_t digits[15] = { 0 };
        const size_t at[] = { 0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 19 };
        for (size_t i = 0; i < sizeof(digits); i++) {
            digits[i] = out.data[at[i]];
        }
        struct cas_der element = { .tag = CAS_DER_GENERALIZED_TIME,
                                   .content = cas_view_of(digits, sizeof(digits)) };
        int64_t back = 0;
        wrong += !cas_asn1_time_parse(&element, &back) || back != s;
    }
    cas_buf_finish(&out);
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("asn1_time");
    TCase *tcase = tcase_create("asn1_time");
    tcase_add_test(tcase, dates_are_read_and_printed);
    tcase_add_test(tcase, dates_that_rfc_5280_does_not_allow_are_refused);
    tcase_add_test(tcase, dates_over_ten_thousand_years_come_back);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
