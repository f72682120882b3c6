/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/support.h"
#include "tls/certificate.h"

static struct cas_certificate_message parse(struct cas_view body, uint32_t declared_len,
                                            uint32_t reasons)
{
    struct cas_handshake_message message = {
        .body = body,
        .sight = { .declared_len = declared_len, .reasons = reasons },
    };
    struct cas_certificate_message got = { 0 };
    cas_certificate_parse(&message, &got);
    return got;
}

START_TEST(the_list_is_handed_on_whole)
{
    struct cas_view body = hex_copy("000005" /* list */ "000002 3000" /* one certificate */);
    struct cas_certificate_message got = parse(body, 8, 0);
    ck_assert_uint_eq(got.list.len, 5);
    ck_assert(!got.is_malformed);
    exact_free(body);
}
END_TEST

START_TEST(an_empty_list_is_no_error)
{
    struct cas_view body = hex_copy("000000");
    struct cas_certificate_message got = parse(body, 3, 0);
    ck_assert_uint_eq(got.list.len, 0);
    ck_assert(!got.is_malformed);
    exact_free(body);
}
END_TEST

START_TEST(a_list_that_is_not_the_message_is_malformed)
{
    static const char *bodies[] = { "", "0000", "000001", "000001 aa bb", "ffffff 00" };
    for (size_t i = 0; i < 5; i++) {
        struct cas_view body = hex_copy(bodies[i]);
        ck_assert_msg(parse(body, (uint32_t)body.len, 0).is_malformed, "body %zu", i);
        exact_free(body);
    }
}
END_TEST

START_TEST(every_prefix_keeps_what_came)
{
    struct cas_view body = hex_copy("000005 000002 3000");
    for (size_t len = 0; len < body.len; len++) {
        struct cas_view prefix = exact_copy(cas_view_part(body, 0, len));
        struct cas_certificate_message got = parse(prefix, 8, CAS_REASON_BIT(CAS_REASON_GAP));
        ck_assert_uint_eq(got.list.len, len > 3 ? len - 3 : 0);
        ck_assert(!got.is_malformed);
        exact_free(prefix);
    }
    exact_free(body);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("certificate");
    TCase *tcase = tcase_create("certificate");
    tcase_add_test(tcase, the_list_is_handed_on_whole);
    tcase_add_test(tcase, an_empty_list_is_no_error);
    tcase_add_test(tcase, a_list_that_is_not_the_message_is_malformed);
    tcase_add_test(tcase, every_prefix_keeps_what_came);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
