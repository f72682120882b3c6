/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/support.h"
#include "support/tls_records.h"
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

struct list_case {
    const char *list;
    bool is_malformed;
};

/* The list behind its length field, and for TLS 1.3 also behind an empty context. */
static void check_list(const struct list_case *c, bool is_tls13)
{
    struct cas_view list = hex_copy(c->list);
    struct cas_buf body = tls_buf();
    tls_u8(&body, 0); /* the context */
    tls_u8(&body, 0);
    tls_u16(&body, (uint16_t)list.len);
    cas_buf_append(&body, list);
    struct cas_view whole = cas_buf_view(&body);
    struct cas_view copy = exact_copy(is_tls13 ? whole : cas_view_part(whole, 1, whole.len));
    const struct cas_handshake_message message = {
        .body = copy,
        .sight = { .declared_len = (uint32_t)copy.len },
    };
    struct cas_certificate_message got = { 0 };
    if (is_tls13) {
        cas_certificate_parse13(&message, &got);
    } else {
        cas_certificate_parse(&message, &got);
    }
    ck_assert_msg(got.is_malformed == c->is_malformed, "list %s", c->list);
    ck_assert_uint_eq(got.list.len, list.len);
    exact_free(copy);
    cas_buf_finish(&body);
    exact_free(list);
}

/* RFC 5246, 7.4.2: opaque ASN.1Cert<1..2^24-1> each, and they fill the list. */
START_TEST(certificates_that_do_not_make_up_the_list_are_malformed)
{
    const struct list_case cases[] = {
        { "", false },
        { "000001 aa", false },
        { "000001 aa 000002 bbbb", false },
        { "000000", true },           /* a certificate of no bytes */
        { "000001 aa 000000", true }, /* the same behind one of one byte */
        { "000000 000001 aa", true }, /* and in front of it */
        { "000002 aa", true },        /* longer than the list */
        { "000001 aa 000003 bbbb", true },
        { "000001 aa 00", true }, /* half of a length */
        { "ffffff aa", true },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_list(&cases[i], false);
    }
}
END_TEST

/* RFC 8446, 4.4.2: behind each, Extension extensions<0..2^16-1>. */
START_TEST(entries_that_do_not_make_up_the_list_are_malformed)
{
    const struct list_case cases[] = {
        { "", false },
        { "000001 aa 0000", false },
        { "000001 aa 0004 00050000 000002 bbbb 0000", false },
        { "000000 0000", true },
        { "000001 aa 0000 000000 0000", true },
        { "000001 aa", true },      /* no extensions */
        { "000001 aa 0001", true }, /* longer than the list */
        { "000002 aa", true },
        { "000001 aa 0000 000002 bb", true },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_list(&cases[i], true);
    }
}
END_TEST

/* RFC 7250, 3; the key is the one of RFC 8410, 10.1. */
START_TEST(a_raw_public_key_is_no_broken_list)
{
    struct cas_view body =
        hex_copy("00002c 302a 3005 0603 2b6570 0321 00"
                 "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1");
    struct cas_certificate_message got = parse(body, (uint32_t)body.len, 0);
    ck_assert(got.is_raw_key && !got.is_malformed);
    exact_free(body);
    body = hex_copy("000005 302a 3005 06"); /* a SEQUENCE of more than there is */
    got = parse(body, (uint32_t)body.len, 0);
    ck_assert(!got.is_raw_key && got.is_malformed);
    exact_free(body);
}
END_TEST

START_TEST(what_is_missing_makes_no_certificate_malformed)
{
    struct cas_view body = hex_copy("00000a 000001 aa 000003 bbbbbb");
    for (size_t len = 0; len < body.len; len++) {
        struct cas_view prefix = exact_copy(cas_view_part(body, 0, len));
        ck_assert(
            !parse(prefix, (uint32_t)body.len, CAS_REASON_BIT(CAS_REASON_GAP)).is_malformed);
        exact_free(prefix);
    }
    exact_free(body);
    /* A certificate of no bytes, in front of the gap. */
    body = hex_copy("00000a 000000 0000");
    ck_assert(parse(body, 13, CAS_REASON_BIT(CAS_REASON_GAP)).is_malformed);
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
    tcase_add_test(tcase, certificates_that_do_not_make_up_the_list_are_malformed);
    tcase_add_test(tcase, entries_that_do_not_make_up_the_list_are_malformed);
    tcase_add_test(tcase, a_raw_public_key_is_no_broken_list);
    tcase_add_test(tcase, what_is_missing_makes_no_certificate_malformed);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
