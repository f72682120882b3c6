/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "output/format.h"
#include "support/support.h"

#define US UINT64_C(1000000)

START_TEST(numbers_have_their_digits_in_groups)
{
    const struct {
        uint64_t number;
        const char *plain;
        const char *grouped;
    } samples[] = {
        { 0, "0", "0" },
        { 999, "999", "999" },
        { 1000, "1000", "1,000" },
        { 16384, "16384", "16,384" },
        { 1234567, "1234567", "1,234,567" },
        { UINT64_MAX, "18446744073709551615", "18,446,744,073,709,551,615" },
    };
    struct cas_buf out = cas_buf_init(100, NULL);
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        cas_buf_clear(&out);
        cas_format_u64(&out, samples[i].number);
        ck_assert_buf_eq(&out, samples[i].plain);
        cas_buf_clear(&out);
        cas_format_grouped(&out, samples[i].number);
        ck_assert_buf_eq(&out, samples[i].grouped);
    }
    cas_buf_finish(&out);
}
END_TEST

START_TEST(times_are_rfc_3339)
{
    /* Expected from date(1): date -u -d @SECONDS. */
    const struct {
        uint64_t us;
        const char *text;
    } samples[] = {
        { 0, "1970-01-01T00:00:00.000000Z" },
        { 68169599 * US + 999999, "1972-02-28T23:59:59.999999Z" },
        { 68169600 * US, "1972-02-29T00:00:00.000000Z" },
        { 951782400 * US, "2000-02-29T00:00:00.000000Z" },
        { 978307199 * US, "2000-12-31T23:59:59.000000Z" },
        { 1795429867 * US + 123456, "2026-11-23T10:31:07.123456Z" },
        { UINT64_C(2147483648) * US, "2038-01-19T03:14:08.000000Z" },
        { UINT64_C(4107542400) * US, "2100-03-01T00:00:00.000000Z" },
        { UINT64_C(253402300799) * US + 999999, "9999-12-31T23:59:59.999999Z" },
        { UINT64_MAX, "9999-12-31T23:59:59.999999Z" },
    };
    struct cas_buf out = cas_buf_init(100, NULL);
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        cas_buf_clear(&out);
        cas_format_time(&out, samples[i].us);
        ck_assert_buf_eq(&out, samples[i].text);
    }
    cas_buf_finish(&out);
}
END_TEST

START_TEST(endpoints_look_as_people_write_them)
{
    const struct {
        struct cas_endpoint endpoint;
        const char *text;
    } samples[] = {
        { { 4, { 192, 0, 2, 1 }, 443 }, "192.0.2.1:443" },
        { { 6, { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }, 65535 }, "[2001:db8::1]:65535" },
        { { 6, { 0 }, 1 }, "[::]:1" },
        { { 0, { 1, 2, 3, 4 }, 0 }, ":0" },
    };
    struct cas_buf out = cas_buf_init(100, NULL);
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        cas_buf_clear(&out);
        cas_format_endpoint(&out, &samples[i].endpoint);
        ck_assert_buf_eq(&out, samples[i].text);
    }
    cas_buf_finish(&out);
}
END_TEST

START_TEST(safe_text_stays_and_unsafe_text_shows_its_bytes)
{
    struct cas_buf out = cas_buf_init(100, NULL);
    cas_format_text(&out, "Z\xc3\xbcrich \\1b\\\\");
    cas_format_text(&out, "\x1b\xff\xe2\x80\xae");
    cas_format_text(&out, NULL);
    ck_assert_buf_eq(&out, "Z\xc3\xbcrich \\1b\\\\\\1b\\ff\\e2\\80\\ae");
    cas_buf_finish(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("format");
    TCase *tcase = tcase_create("format");
    tcase_add_test(tcase, numbers_have_their_digits_in_groups);
    tcase_add_test(tcase, times_are_rfc_3339);
    tcase_add_test(tcase, endpoints_look_as_people_write_them);
    tcase_add_test(tcase, safe_text_stays_and_unsafe_text_shows_its_bytes);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
