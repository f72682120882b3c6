/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and certificates as nobody means them: rows X02 to X04 and X09 of the catalogue. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/der_text.h"
#include "support/tls_records.h"
#include "tls/certificate.h"
#include "x509/dn.h"

#define TEXT_MAX 65536

static struct cas_buf print(struct cas_view der)
{
    struct cas_buf out = cas_buf_init(TEXT_MAX, NULL);
    cas_dn_format(der, &out);
    cas_buf_append_u8(&out, 0);
    ck_assert(cas_buf_ok(&out));
    return out;
}

/* CN=1, CN=2, ... in one relative name, the longest first: not as DER sorts a SET. */
START_TEST(sets_of_many_attributes_keep_them_all)
{
    for (int len = 1; len <= 20; len++) {
        char text[4096];
        size_t at = (size_t)snprintf(text, sizeof(text), "30{31{");
        for (int i = len; i >= 1; i--) {
            at +=
                (size_t)snprintf(&text[at], sizeof(text) - at, "30{06:550403 0c'%0*d'}", i, i);
        }
        snprintf(&text[at], sizeof(text) - at, "}}");
        struct cas_view der = der_copy(text);
        struct cas_buf out = print(der);
        const char *printed = (const char *)out.data;
        int pluses = 0;
        for (const char *plus = strchr(printed, '+'); plus != NULL;
             plus = strchr(plus + 1, '+')) {
            pluses++;
        }
        ck_assert_int_eq(pluses, len - 1);
        for (int i = 1; i <= len; i++) {
            char value[64];
            snprintf(value, sizeof(value), "CN=%0*d", i, i);
            ck_assert_msg(strstr(printed, value) != NULL, "%s in %s", value, printed);
        }
        cas_buf_finish(&out);
        exact_free(der);
    }
}
END_TEST

/* The element with this content, in place of the content. */
static struct cas_view put_in(uint8_t tag, struct cas_view content)
{
    struct cas_buf out = cas_buf_init(TEXT_MAX, NULL);
    cas_buf_append_u8(&out, tag);
    if (content.len >= 0x80) {
        cas_buf_append_u8(&out, content.len < 0x100 ? 0x81 : 0x82);
    }
    if (content.len >= 0x100) {
        cas_buf_append_u8(&out, (uint8_t)(content.len >> 8));
    }
    cas_buf_append_u8(&out, (uint8_t)content.len);
    cas_buf_append(&out, content);
    struct cas_view copy = exact_copy(cas_buf_view(&out));
    cas_buf_finish(&out);
    exact_free(content);
    return copy;
}

/* A thousand sequences, one in the other, around a NULL. */
static struct cas_view nested(void)
{
    struct cas_view der = hex_copy("0500");
    for (int i = 0; i < 1000; i++) {
        der = put_in(0x30, der);
    }
    return der;
}

START_TEST(nesting_goes_no_deeper_than_a_name)
{
    struct cas_view as_name = nested();
    ck_assert(!cas_dn_is_valid(as_name));
    struct cas_buf out = print(as_name);
    ck_assert_uint_eq(strlen((const char *)out.data), 1 + 2 * as_name.len);
    cas_buf_finish(&out);
    exact_free(as_name);

    /* As a value it is one, whatever is in it. */
    struct cas_view value = nested();
    struct cas_buf attribute = cas_buf_init(TEXT_MAX, NULL);
    cas_buf_append(&attribute, text_view("\x06\x03\x55\x04\x03"));
    cas_buf_append(&attribute, value);
    exact_free(value);
    struct cas_view as_value = exact_copy(cas_buf_view(&attribute));
    cas_buf_finish(&attribute);
    as_value = put_in(0x30, put_in(0x31, put_in(0x30, as_value)));
    ck_assert(cas_dn_is_valid(as_value));
    out = print(as_value);
    ck_assert_int_eq(strncmp((const char *)out.data, "CN=#3082", 8), 0);
    cas_buf_finish(&out);
    exact_free(as_value);
}
END_TEST

START_TEST(odd_identifiers_print_as_hex_or_not_at_all)
{
    static const struct {
        const char *oid;
        const char *printed; /* NULL: the whole name is none */
    } cases[] = {
        { "06:2b0601", "1.3.6.1=#0C0178" },
        { "06:", NULL },
        { "06:80", NULL },     /* an arc that does not end */
        { "06:2b80", NULL },   /* nor the last one */
        { "06:2b8001", NULL }, /* an arc that is padded */
        { "06:802b01", NULL }, /* nor the first one */
        { "06:ffffffffffffffffffffffffffffffffffffffff", NULL },
        /* an arc of 20 bytes: 2^140 - 1 */
        { "06:2bffffffffffffffffffffffffffffffffffffff7f",
          "1.3.1393796574908163946345982392040522594123775=#0C0178" },
        { "05:", NULL }, /* none at all */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[256];
        snprintf(text, sizeof(text), "30{31{30{%s 0c'x'}}}", cases[i].oid);
        struct cas_view der = der_copy(text);
        struct cas_buf out = print(der);
        const char *printed = (const char *)out.data;
        ck_assert_msg(cas_dn_is_valid(der) == (cases[i].printed != NULL), "%s", cases[i].oid);
        if (cases[i].printed != NULL) {
            ck_assert_str_eq(printed, cases[i].printed);
        } else {
            ck_assert_int_eq(printed[0], '#');
            ck_assert_uint_eq(strlen(printed), 1 + 2 * der.len);
        }
        cas_buf_finish(&out);
        exact_free(der);
    }
}
END_TEST

START_TEST(a_chain_of_a_hundred_is_handed_on_whole)
{
    struct cas_buf message = tls_buf();
    tls_certificate(&message, 100, 1000);
    struct cas_handshake_message its = {
        .body = cas_view_part(cas_buf_view(&message), 4, SIZE_MAX),
        .sight = { .declared_len = (uint32_t)message.len - 4 },
    };
    struct cas_certificate_message got = { 0 };
    cas_certificate_parse(&its, &got);
    ck_assert(!got.is_malformed);
    ck_assert_uint_eq(got.list.len, (size_t)100 * 1003);
    cas_buf_finish(&message);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hostile_names");
    TCase *tcase = tcase_create("hostile_names");
    tcase_add_test(tcase, sets_of_many_attributes_keep_them_all);
    tcase_add_test(tcase, nesting_goes_no_deeper_than_a_name);
    tcase_add_test(tcase, odd_identifiers_print_as_hex_or_not_at_all);
    tcase_add_test(tcase, a_chain_of_a_hundred_is_handed_on_whole);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
