/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "support/cert_text.h"
#include "x509/cert.h"

#define CLIENT_AUTH " 06:2b06010505070302"
#define SERVER_AUTH " 06:2b06010505070301"
#define ANY_PURPOSE " 06:551d2500"

static void check_view(struct cas_view view, const char *der_text)
{
    struct cas_view expected = der_copy(der_text);
    ck_assert_msg(cas_view_equal(view, expected), "not %s", der_text);
    exact_free(expected);
}

/* Cuts what must be a certificate; its views are valid until the copy is freed. */
static struct cas_cert cut(struct cas_view copy)
{
    struct cas_cert cert = { 0 };
    ck_assert(cas_cert_split(copy, &cert));
    return cert;
}

START_TEST(a_certificate_is_cut_into_its_parts)
{
    struct cas_view copy = cert_copy(&(struct cert_parts){
        .serial = "02:00f1",
        .extensions = EXTENSION("13", "30{01:ff 02:03}")   /* basicConstraints */
        EXTENSION("0f", "03:070080")                       /* keyUsage: decipherOnly */
        EXTENSION("0e", "04:0102")                         /* subjectKeyIdentifier */
        EXTENSION("23", "30{80:0304 a1{82'x'} 82:05}")     /* authorityKeyIdentifier */
        EXTENSION("25", "30{" SERVER_AUTH CLIENT_AUTH "}") /* extKeyUsage */
        EXTENSION("11", "30{82'a.example' 87:c0000201}")   /* subjectAltName */
        "30{06:2a03 01:ff 04:00}"                          /* an unknown one, critical */
    });
    struct cas_cert cert = cut(copy);
    ck_assert(cas_view_equal(cert.der, copy));
    check_view(cert.serial, "=00f1");
    check_view(cert.sig_oid, "=2a8648ce3d040302");
    check_view(cert.issuer, "30{31{30{06:550403 0c'Issuer'}}}");
    check_view(cert.subject, "30{31{30{06:550403 0c'Subject'}}}");
    check_view(cert.key_oid, "=2a8648ce3d0201");
    check_view(cert.key_params, "06:2a8648ce3d030107");
    ck_assert_uint_eq(cert.key_bits.len, 65);
    ck_assert_uint_eq(cert.spki.len, 91);
    check_view(cert.san, "82'a.example' 87:c0000201");
    check_view(cert.eku, SERVER_AUTH CLIENT_AUTH);
    check_view(cert.ski, "=0102");
    check_view(cert.aki, "=0304");
    ck_assert_int_eq(cert.not_before_s, 1577836800);
    ck_assert_int_eq(cert.not_after_s, 2524607999);
    ck_assert(cert.has_basic_constraints && cert.is_ca);
    ck_assert(cert.has_key_usage);
    ck_assert_uint_eq(cert.key_usage, 0x0080);
    ck_assert(cert.has_eku);
    ck_assert_uint_eq(cert.san_count, 2);
    ck_assert_uint_eq(cert.trailing_len, 0);
    exact_free(copy);
}
END_TEST

START_TEST(a_certificate_of_version_1_has_no_extensions)
{
    struct cas_view copy = cert_copy(&(struct cert_parts){ .version = "" });
    struct cas_cert cert = cut(copy);
    ck_assert(!cert.has_basic_constraints && !cert.is_ca && !cert.has_eku);
    ck_assert(!cert.has_key_usage);
    ck_assert_uint_eq(cert.san.len + cert.eku.len + cert.ski.len + cert.aki.len, 0);
    exact_free(copy);
}
END_TEST

START_TEST(what_other_parsers_refuse_is_still_cut)
{
    const struct cert_parts samples[] = {
        { .serial = "02:" },           /* no serial */
        { .serial = "02:0000000012" }, /* not minimal */
        { .serial = "02:0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122" },
        { .issuer = "30{}" },                                     /* no name */
        { .key = "30{30{06:2a03} 03:00}" },                       /* an unknown key */
        { .key = "30{30{06:2a8648ce3d0201 30{02:01}} 03:0004}" }, /* explicit parameters */
        { .tail = "", .extensions = "" }, /* an empty list of extensions */
        { .version = "a0{02:01}", .extensions = EXTENSION("13", "30{}") }, /* v2 */
        { .validity = "30{17'2001010000Z' 04'x'}" }, /* unreadable dates */
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct cas_view copy = cert_copy(&samples[i]);
        struct cas_cert cert = { 0 };
        ck_assert_msg(cas_cert_split(copy, &cert), "sample %zu", i);
        exact_free(copy);
    }
}
END_TEST

START_TEST(dates_that_cannot_be_read_are_open)
{
    struct cas_view copy = cert_copy(
        &(struct cert_parts){ .validity = "30{17'2001010000Z' 18'20200231000000Z'}" });
    struct cas_cert cert = cut(copy);
    ck_assert(cert.not_before_s == INT64_MIN);
    ck_assert(cert.not_after_s == INT64_MAX);
    exact_free(copy);
}
END_TEST

START_TEST(what_follows_the_certificate_is_counted)
{
    struct cas_view copy = cert_copy(&(struct cert_parts){ .after = "05: =ff" });
    struct cas_cert cert = cut(copy);
    ck_assert_uint_eq(cert.trailing_len, 3);
    ck_assert_uint_eq(cert.der.len, copy.len - 3);
    exact_free(copy);
}
END_TEST

START_TEST(an_unreadable_extension_is_left_away)
{
    const char *const samples[] = {
        EXTENSION("11", "=30"),           /* subjectAltName cut short */
        EXTENSION("11", "30{0c'x'}"),     /* no GeneralName */
        EXTENSION("11", "30{89'x'}"),     /* no such kind */
        EXTENSION("11", "30{=82ff}"),     /* a name longer than its SEQUENCE */
        EXTENSION("11", "30{82'x'} 05:"), /* something behind it */
        EXTENSION("25", "30{0c'x'}"),     /* no OID */
        EXTENSION("25", "30{06:80}"),     /* a malformed one */
        EXTENSION("0f", "03:"),           /* an empty BIT STRING */
        EXTENSION("0f", "03:00010203"),   /* too many bits */
        EXTENSION("13", "30{01:}"),       /* an empty BOOLEAN */
        EXTENSION("13", "31{01:ff}"),     /* a SET */
        EXTENSION("0e", "05:"),           /* no OCTET STRING */
        EXTENSION("23", "30{80:01 05:}"), /* an unknown field */
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct cas_view copy = cert_copy(&(struct cert_parts){ .extensions = samples[i] });
        struct cas_cert cert = cut(copy);
        ck_assert_msg(cert.san.len + cert.eku.len + cert.ski.len + cert.aki.len == 0, "%s",
                      samples[i]);
        ck_assert_uint_eq(cert.san_count, 0);
        ck_assert(!cert.is_ca && !cert.has_eku && !cert.has_basic_constraints);
        ck_assert(!cert.has_key_usage);
        exact_free(copy);
    }
}
END_TEST

START_TEST(of_an_extension_that_occurs_twice_the_first_counts)
{
    struct cas_view copy = cert_copy(&(struct cert_parts){ .extensions = EXTENSION("13", "30{}")
                                                               EXTENSION("13", "30{01:ff}") });
    ck_assert(!cut(copy).is_ca);
    exact_free(copy);
}
END_TEST

START_TEST(what_is_no_certificate_is_not_cut)
{
    const char *const samples[] = {
        "",
        "30{}",
        "30{30{} 30{06:2a03} 03:00}",
        "31{}",
        "=3080 =0000",
        "30{30{02:01 30{06:2a03} 30{} 30{} 30{} 30{30{06:2a03} 03:00}} 30{06:2a03} 03:00}",
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct cas_view copy = der_copy(samples[i]);
        struct cas_cert cert = { .san_count = 42 };
        ck_assert_msg(!cas_cert_split(copy, &cert), "%s", samples[i]);
        ck_assert_uint_eq(cert.san_count, 42);
        exact_free(copy);
    }
    const struct cert_parts broken[] = {
        { .tail = "05:" },                                 /* something behind the extensions */
        { .validity = "30{17'200101000000Z'}" },           /* one date */
        { .validity = "30{17'200101000000Z' 17'' 17''}" }, /* three of them */
        { .sig_alg = "30{06:80}" },                        /* a malformed OID */
        { .sig_alg = "30{06:2a03 05: 05:}" },              /* two parameters */
        { .inner_sig_alg = "30{05:}" },                    /* no OID */
        { .key = "30{30{06:2a03}}" },                      /* no BIT STRING */
        { .key = "30{30{06:2a03} 03:}" },                  /* an empty one */
        { .issuer = "31{}" },                              /* no SEQUENCE */
        { .extensions = "30{06:551d13}" },                 /* an extension without value */
        { .extensions = "30{06:551d13 04:3000 05:}" },     /* with too much */
        { .extensions = "05:" },                           /* no extension */
    };
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct cas_view copy = cert_copy(&broken[i]);
        struct cas_cert cert = { 0 };
        ck_assert_msg(!cas_cert_split(copy, &cert), "broken %zu", i);
        exact_free(copy);
    }
}
END_TEST

START_TEST(no_prefix_of_a_certificate_is_one)
{
    struct cas_view whole = cert_copy(&(struct cert_parts){
        .extensions = EXTENSION("13", "30{01:ff}") EXTENSION("11", "30{82'a.example'}") });
    for (size_t len = 0; len < whole.len; len++) {
        struct cas_view copy = exact_copy(cas_view_part(whole, 0, len));
        struct cas_cert cert = { 0 };
        ck_assert(!cas_cert_split(copy, &cert));
        exact_free(copy);
    }
    ck_assert(cut(whole).is_ca);
    exact_free(whole);
}
END_TEST

struct purpose_sample {
    const char *extensions;
    bool allowed;
};

START_TEST(client_auth_needs_its_purpose_or_no_purposes)
{
    const struct purpose_sample samples[] = {
        { NULL, true },
        { EXTENSION("13", "30{}"), true },
        { EXTENSION("25", "30{" CLIENT_AUTH "}"), true },
        { EXTENSION("25", "30{" SERVER_AUTH CLIENT_AUTH "}"), true },
        { EXTENSION("25", "30{" ANY_PURPOSE "}"), true },
        { EXTENSION("25", "30{" SERVER_AUTH "}"), false },
        { EXTENSION("25", "30{}"), false },
        { EXTENSION("25", "30{06:2b0601050507030201}"), false }, /* below clientAuth */
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct cas_view copy =
            cert_copy(&(struct cert_parts){ .extensions = samples[i].extensions });
        struct cas_cert cert = cut(copy);
        ck_assert_msg(cas_cert_allows_client_auth(&cert) == samples[i].allowed, "sample %zu",
                      i);
        exact_free(copy);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cert");
    TCase *tcase = tcase_create("cert");
    tcase_add_test(tcase, a_certificate_is_cut_into_its_parts);
    tcase_add_test(tcase, a_certificate_of_version_1_has_no_extensions);
    tcase_add_test(tcase, what_other_parsers_refuse_is_still_cut);
    tcase_add_test(tcase, dates_that_cannot_be_read_are_open);
    tcase_add_test(tcase, what_follows_the_certificate_is_counted);
    tcase_add_test(tcase, an_unreadable_extension_is_left_away);
    tcase_add_test(tcase, of_an_extension_that_occurs_twice_the_first_counts);
    tcase_add_test(tcase, what_is_no_certificate_is_not_cut);
    tcase_add_test(tcase, no_prefix_of_a_certificate_is_one);
    tcase_add_test(tcase, client_auth_needs_its_purpose_or_no_purposes);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
