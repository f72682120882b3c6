/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "output/json.h"
#include "support/support.h"

#define LINE_MAX_LEN 100000

START_TEST(members_come_in_the_order_of_the_calls)
{
    const char *const strings[] = { "x", "y" };
    struct cas_buf out = cas_buf_init(LINE_MAX_LEN, NULL);
    struct cas_json json = cas_json_init(&out);
    cas_json_object(&json, NULL);
    cas_json_string(&json, "s", "text");
    cas_json_string(&json, "absent", NULL);
    cas_json_u64(&json, "u", UINT64_MAX);
    cas_json_i64(&json, "i", INT64_MIN);
    cas_json_bool(&json, "b", true);
    cas_json_null(&json, "n");
    cas_json_hex(&json, "h", text_view("\x0f\xa0"));
    cas_json_array(&json, "a");
    cas_json_object(&json, NULL);
    cas_json_object_end(&json);
    cas_json_array(&json, NULL);
    cas_json_array_end(&json);
    cas_json_i64(&json, NULL, -1);
    cas_json_array_end(&json);
    cas_json_strings(&json, "l", strings, 2);
    cas_json_time(&json, "t", 0);
    cas_json_object_end(&json);
    ck_assert_buf_eq(&out, "{\"s\":\"text\",\"u\":18446744073709551615,"
                           "\"i\":-9223372036854775808,\"b\":true,\"n\":null,\"h\":\"0fa0\","
                           "\"a\":[{},[],-1],\"l\":[\"x\",\"y\"],"
                           "\"t\":\"1970-01-01T00:00:00.000000Z\"}");
    cas_buf_finish(&out);
}
END_TEST

struct sample {
    const char *bytes;
    const char *escaped;
};

START_TEST(hostile_strings_are_escaped)
{
    /* Expected by RFC 8259, section 7, and RFC 2781, section 2.1 for the surrogates. */
    const struct sample samples[] = {
        { "plain", "plain" },
        { "Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80",
          "Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80" },
        { "a\\b\"c/d", "a\\\\b\\\"c/d" },
        { "\x1b[31m", "\\u001b[31m" },
        { "\r\n\t\x7f", "\\u000d\\u000a\\u0009\\u007f" },
        { "\xc2\x9b", "\\u009b" },     /* CSI, C1 */
        { "\xe2\x80\xae", "\\u202e" }, /* right-to-left override */
        { "\xe2\x81\xa6", "\\u2066" }, /* left-to-right isolate */
        { "\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029" },
        { "\xf3\xa0\x81\x81", "\\udb40\\udc41" },    /* U+E0041, a tag */
        { "\xff\xfe", "\\\\xff\\\\xfe" },            /* no UTF-8 */
        { "\xc0\x80", "\\\\xc0\\\\x80" },            /* overlong NUL */
        { "\xed\xa0\x80", "\\\\xed\\\\xa0\\\\x80" }, /* surrogate */
        { "\xe2\x82", "\\\\xe2\\\\x82" },            /* ends early */
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct cas_view copy = exact_copy(text_view(samples[i].bytes));
        struct cas_buf out = cas_buf_init(LINE_MAX_LEN, NULL);
        struct cas_json json = cas_json_init(&out);
        cas_json_view(&json, NULL, copy);
        ck_assert_uint_eq(out.len, strlen(samples[i].escaped) + 2);
        ck_assert_mem_eq(out.data + 1, samples[i].escaped, out.len - 2);
        cas_buf_finish(&out);
        exact_free(copy);
    }
}
END_TEST

START_TEST(a_nul_inside_a_view_is_escaped)
{
    struct cas_buf out = cas_buf_init(LINE_MAX_LEN, NULL);
    struct cas_json json = cas_json_init(&out);
    cas_json_view(&json, NULL, cas_view_of("a\0b", 3));
    ck_assert_buf_eq(&out, "\"a\\u0000b\"");
    cas_buf_finish(&out);
}
END_TEST

START_TEST(a_full_buffer_is_noticed)
{
    struct cas_buf out = cas_buf_init(10, NULL);
    struct cas_json json = cas_json_init(&out);
    cas_json_string(&json, NULL, "much too long for it");
    ck_assert(!cas_buf_ok(&out));
    cas_buf_finish(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json");
    TCase *tcase = tcase_create("json");
    tcase_add_test(tcase, members_come_in_the_order_of_the_calls);
    tcase_add_test(tcase, hostile_strings_are_escaped);
    tcase_add_test(tcase, a_nul_inside_a_view_is_escaped);
    tcase_add_test(tcase, a_full_buffer_is_noticed);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
