/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "support/der_text.h"
#include "x509/dn.h"

#define CN(value) "31{30{06:550403 " value "}}"
#define O(value)  "31{30{06:55040a " value "}}"
#define OU(value) "31{30{06:55040b " value "}}"

struct sample {
    const char *der;
    const char *text;
};

static void check_text(const struct sample *sample)
{
    struct cas_view copy = der_copy(sample->der);
    struct cas_buf out = cas_buf_init(1u << 20, NULL);
    cas_dn_format(copy, &out);
    char *text = cas_buf_take_string(&out);
    ck_assert_str_eq(text, sample->text);
    free(text);
    exact_free(copy);
}

START_TEST(names_print_as_rfc_4514)
{
    const struct sample samples[] = {
        { "30{}", "" },
        { "30{" CN("0c'Example CA'") "}", "CN=Example CA" },
        /* the last RDN comes first */
        { "30{ 31{30{06:550406 13'AT'}}" O("0c'Example'") CN("0c'CA'") "}",
          "CN=CA,O=Example,C=AT" },
        /* attributes of one RDN: plus sign, reversed too, as OpenSSL does */
        { "30{" O("0c'X'") "31{30{06:550403 0c'A'} 30{06:55040b 0c'B'}} }", "OU=B+CN=A,O=X" },
        /* specials anywhere */
        { "30{" CN("0c'a,b+c\"d\\e<f>g;h=i'") "}", "CN=a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h=i" },
        /* specials at the ends only */
        { "30{" CN("0c'#a#'") "}", "CN=\\#a#" },
        { "30{" CN("0c'  a b  '") "}", "CN=\\  a b \\ " },
        { "30{" CN("0c' '") "}", "CN=\\ " },
        { "30{" CN("0c'#'") "}", "CN=\\#" },
        { "30{" CN("0c''") "}", "CN=" },
        { "30{" CN("0c'/CN=b'") "}", "CN=/CN=b" },
        /* specials behind and in front of other characters than ASCII, and at the very end */
        { "30{" CN("0c:c384612c62c384") "}", "CN=\xc3\x84"
                                             "a\\,b\xc3\x84" },
        { "30{" CN("0c:61c3842c") "}", "CN=a\xc3\x84\\," },
        { "30{" CN("0c'ab,'") "}", "CN=ab\\," },
        { "30{" CN("0c'ab '") "}", "CN=ab\\ " },
        { "30{" CN("14:616220c4") "}", "CN=ab \xc3\x84" },
        /* attributes that libraries drop or mislabel */
        { "30{31{30{06:550461 0c'VATAT-U12345678'}}}",
          "organizationIdentifier=VATAT-U12345678" },
        { "30{31{30{06:2a864886f70d010902 0c'u'}}}", "unstructuredName=u" },
        { "30{31{30{06:2a864886f70d010901 16'a@example.at'}}}", "emailAddress=a@example.at" },
        { "30{31{30{06:0992268993f22c640103 0c'm'}}}", "mail=m" },
        { "30{31{30{06:0992268993f22c640119 16'example'}}}", "DC=example" },
        { "30{31{30{06:55042a 0c'G'}}}", "GN=G" },
        { "30{31{30{06:550429 0c'N'}}}", "name=N" },
        { "30{31{30{06:2b0601040182373c020103 13'AT'}}}", "jurisdictionC=AT" },
        { "30{31{30{06:550464 0c'd'}}}", "dnsName=d" },
        { "30{31{30{06:0992268993f22c640138 0c'p'}}}", "documentPublisher=p" },
        { "30{31{30{06:2a864886f70d010914 0c'f'}}}", "friendlyName=f" },
        /* beside and behind the known ones of their kind */
        { "30{31{30{06:550402 0c'x'}}}", "2.5.4.2=#0C0178" },
        { "30{31{30{06:550465 0c'x'}}}", "2.5.4.101=#0C0178" },
        { "30{31{30{06:55047f 0c'x'}}}", "2.5.4.127=#0C0178" },
        { "30{31{30{06:0992268993f22c640139 0c'x'}}}", "0.9.2342.19200300.100.1.57=#0C0178" },
        { "30{31{30{06:2a864886f70d0109 0c'x'}}}", "1.2.840.113549.1.9=#0C0178" },
        /* a private OID: dotted, and the value as it stands */
        { "30{31{30{06:2b06010401868d1f01 0c'x'}}}", "1.3.6.1.4.1.99999.1=#0C0178" },
        /* longer OIDs below a known one are other types */
        { "30{31{30{06:55040301 0c'x'}}}", "2.5.4.3.1=#0C0178" },
        { "30{31{30{06:55048100 0c'x'}}}", "2.5.4.128=#0C0178" },
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        check_text(&samples[i]);
    }
}
END_TEST

START_TEST(every_string_type_becomes_utf8)
{
    const struct sample samples[] = {
        { "30{" CN("0c:5ac3bc72696368") "}", "CN=Z\xc3\xbcrich" },           /* UTF8String */
        { "30{" CN("1e:005a00fc0072006900630068") "}", "CN=Z\xc3\xbcrich" }, /* BMPString */
        { "30{" CN("1e:d83dde00") "}", "CN=\xf0\x9f\x98\x80" },  /* a pair of surrogates */
        { "30{" CN("1c:0000005a000000fc") "}", "CN=Z\xc3\xbc" }, /* UniversalString */
        { "30{" CN("14:5afc") "}", "CN=Z\xc3\xbc" },             /* T61String */
        { "30{" CN("16'a@b'") "}", "CN=a@b" },                   /* IA5String */
        { "30{" CN("12'42'") "}", "CN=42" },                     /* NumericString */
        { "30{" CN("1a'v'") "}", "CN=v" },                       /* VisibleString */
        { "30{" CN("13:fc") "}", "CN=\xc3\xbc" }, /* PrintableString that is none */
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        check_text(&samples[i]);
    }
}
END_TEST

START_TEST(what_is_no_text_prints_as_hex)
{
    const struct sample samples[] = {
        { "30{" CN("0c:ff") "}", "CN=#0C01FF" },             /* no UTF-8 */
        { "30{" CN("0c:eda080") "}", "CN=#0C03EDA080" },     /* a surrogate in UTF-8 */
        { "30{" CN("1e:00") "}", "CN=#1E0100" },             /* half a character */
        { "30{" CN("1e:d83d") "}", "CN=#1E02D83D" },         /* half a pair */
        { "30{" CN("1e:de00d83d") "}", "CN=#1E04DE00D83D" }, /* a pair the wrong way round */
        { "30{" CN("1c:000000") "}", "CN=#1C03000000" },
        { "30{" CN("1c:00110000") "}", "CN=#1C0400110000" },
        { "30{" CN("03:0001") "}", "CN=#03020001" },     /* BIT STRING */
        { "30{" CN("30{02:01}") "}", "CN=#3003020101" }, /* SEQUENCE */
        { "30{" CN("2c{0c'a'}") "}", "CN=#2C030C0161" }, /* constructed string */
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        check_text(&samples[i]);
    }
}
END_TEST

START_TEST(hostile_characters_are_hidden)
{
    const struct sample samples[] = {
        { "30{" CN("0c:676f6f64006576696c") "}", "CN=good\\00evil" },
        { "30{" CN("0c:1b5b33316d") "}", "CN=\\1B[31m" },
        { "30{" CN("0c:0d0a") "}", "CN=\\0D\\0A" },
        { "30{" CN("0c:7f") "}", "CN=\\7F" },
        { "30{" CN("14:9b") "}", "CN=\\C2\\9B" },            /* CSI of Latin-1 */
        { "30{" CN("1e:202e0041") "}", "CN=\\E2\\80\\AEA" }, /* right-to-left override */
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        check_text(&samples[i]);
    }
}
END_TEST

START_TEST(what_is_no_name_prints_as_hex_of_its_bytes)
{
    const struct sample samples[] = {
        { "", "#" },
        { "=3080 =0000", "#30800000" },                         /* indefinite length */
        { "30{} 05:", "#30000500" },                            /* trailing bytes */
        { "31{}", "#3100" },                                    /* not a SEQUENCE */
        { "30{31{}}", "#30023100" },                            /* an RDN without attributes */
        { "30{06:550403}", "#30050603550403" },                 /* no SET */
        { "30{31{30{06:550403}}}", "#3009310730050603550403" }, /* no value */
        { "30{31{30{06:5504 0c'a' 0c'b'}}}", "#300E310C300A060255040C01610C0162" },
        { "30{31{30{06:80 0c'a'}}}", "#300A310830060601800C0161" }, /* bad OID */
        { "30{31{30{0c'a' 06:5504}}}", "#300B3109300"
                                       "70C016106025504" }, /* swapped */
        { "30{31{30{06:5504 =0c0561}}}", "#300B310930070602550"
                                         "40C0561" }, /* overrun */
        { "=308102 =3100", "#3081023100" },           /* length not minimal */
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct cas_view copy = der_copy(samples[i].der);
        struct cas_buf canonical = cas_buf_init(1000, NULL);
        ck_assert_msg(!cas_dn_is_valid(copy), "valid: %s", samples[i].der);
        ck_assert(!cas_dn_canonical(copy, &canonical));
        ck_assert_uint_eq(canonical.len, 0);
        ck_assert(!cas_dn_contains(copy, "a"));
        exact_free(copy);
        check_text(&samples[i]);
    }
}
END_TEST

/* num RDNs of one attribute. */
static struct cas_view name_of(size_t num, const char *rdn)
{
    struct cas_buf text = cas_buf_init(1u << 20, NULL);
    cas_buf_append_text(&text, "30{");
    for (size_t i = 0; i < num; i++) {
        cas_buf_append_text(&text, rdn);
    }
    cas_buf_append_text(&text, "}");
    char *string = cas_buf_take_string(&text);
    struct cas_view copy = der_copy(string);
    free(string);
    return copy;
}

START_TEST(long_names_keep_every_attribute)
{
    const size_t counts[] = { 1, 16, 17, 31, 100, CAS_DN_ATTRIBUTES_MAX };
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct cas_view copy = name_of(counts[i], OU("0c'x'"));
        struct cas_buf out = cas_buf_init(1u << 20, NULL);
        ck_assert(cas_dn_is_valid(copy));
        cas_dn_format(copy, &out);
        ck_assert_uint_eq(out.len, counts[i] * strlen("OU=x,") - 1);
        cas_buf_finish(&out);
        exact_free(copy);
    }
}
END_TEST

START_TEST(twelve_units_of_fifty_characters_are_all_there)
{
#define FIFTY "01234567890123456789012345678901234567890123456789"
    struct cas_view copy = name_of(12, OU("0c'" FIFTY "'"));
    struct cas_buf out = cas_buf_init(1u << 20, NULL);
    cas_dn_format(copy, &out);
    ck_assert_uint_eq(out.len, 12 * (strlen("OU=") + 50) + 11);
    cas_buf_finish(&out);
    exact_free(copy);
}
END_TEST

START_TEST(one_attribute_above_the_cap_is_no_name)
{
    struct cas_view copy = name_of(CAS_DN_ATTRIBUTES_MAX + 1, OU("0c'x'"));
    ck_assert(!cas_dn_is_valid(copy));
    exact_free(copy);
}
END_TEST

START_TEST(the_canonical_form_is_openssls)
{
    const struct sample samples[] = {
        { "30{}", "" },
        { "30{" CN("13'Example CA'") "}", "31{30{06:550403 0c'example ca'}}" },
        { "30{" CN("0c:20094578616d706c65200d0a2043410b0c20") "}",
          "31{30{06:550403 0c'example ca'}}" },
        { "30{" CN("0c'   '") "}", "31{30{06:550403 0c''}}" },
        /* blanks beside and between other characters than ASCII, and one that is none */
        { "30{" CN("0c:2041c384202020c38441204220") "}",
          "31{30{06:550403 0c:61c38420c384612062}}" },
        { "30{" CN("0c:20c2a02041") "}", "31{30{06:550403 0c:c2a02061}}" },
        { "30{" CN("14:20c4200920412020") "}", "31{30{06:550403 0c:c3842061}}" },
        { "30{" CN("14:c4") O("1e:00c40041") "}",
          "31{30{06:550403 0c:c384}} 31{30{06:55040a 0c:c38461}}" },
        { "30{" CN("12'4 2 '") "}", "31{30{06:550403 12'4 2 '}}" }, /* left as it is */
        { "30{" CN("03:0041") "}", "31{30{06:550403 03:0041}}" },
        { "30{" CN("0c:ff41") "}", "31{30{06:550403 0c:ff41}}" },
        /* the attributes of an RDN are sorted by their encoding */
        { "30{31{30{06:55040b 0c'B'} 30{06:550403 0c'AA'} 30{06:550403 0c'A'}}}",
          "31{30{06:550403 0c'a'} 30{06:55040b 0c'b'} 30{06:550403 0c'aa'}}" },
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct cas_view copy = der_copy(samples[i].der);
        struct cas_view expected = der_copy(samples[i].text);
        struct cas_buf out = cas_buf_init(1000, NULL);
        ck_assert(cas_dn_canonical(copy, &out));
        ck_assert_msg(cas_view_equal(cas_buf_view(&out), expected), "%s", samples[i].der);
        cas_buf_finish(&out);
        exact_free(copy);
        exact_free(expected);
    }
}
END_TEST

START_TEST(different_names_stay_different)
{
    /* A plus sign is no comma, and an attribute that nobody knows still counts. */
    const struct sample samples[] = {
        { "30{31{30{06:550403 0c'a'} 30{06:55040b 0c'b'}}}",
          "30{" CN("0c'a'") OU("0c'b'") "}" },
        { "30{" CN("0c'a'") "}", "30{" CN("0c'a'") "31{30{06:2a0304 0c'b'}} }" },
        { "30{" CN("0c'a'") "}", "30{" O("0c'a'") "}" },
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct cas_view a = der_copy(samples[i].der);
        struct cas_view b = der_copy(samples[i].text);
        struct cas_buf left = cas_buf_init(1000, NULL);
        struct cas_buf right = cas_buf_init(1000, NULL);
        ck_assert(cas_dn_canonical(a, &left) && cas_dn_canonical(b, &right));
        ck_assert(!cas_view_equal(cas_buf_view(&left), cas_buf_view(&right)));
        cas_buf_finish(&left);
        cas_buf_finish(&right);
        exact_free(a);
        exact_free(b);
    }
}
END_TEST

START_TEST(a_canonical_form_that_does_not_fit_fails_its_buffer)
{
    struct cas_view copy = der_copy("30{" CN("0c'Example CA'") "}");
    struct cas_buf out = cas_buf_init(10, NULL);
    ck_assert(cas_dn_canonical(copy, &out));
    ck_assert(!cas_buf_ok(&out));
    cas_buf_finish(&out);
    exact_free(copy);
}
END_TEST

START_TEST(contains_looks_into_every_value_and_ignores_case)
{
    struct cas_view copy =
        der_copy("30{" O("1e:004e005400200041007500740068") CN("0c'Other'") "}");
    ck_assert(cas_dn_contains(copy, "nt auth"));
    ck_assert(cas_dn_contains(copy, "OTHER"));
    ck_assert(cas_dn_contains(copy, "the"));
    ck_assert(!cas_dn_contains(copy, "NT Authority"));
    ck_assert(!cas_dn_contains(copy, "authother"));
    exact_free(copy);
}
END_TEST

START_TEST(contains_sees_what_begins_behind_a_false_start)
{
    const struct sample samples[] = {
        { "30{" CN("0c'nnt authority'") "}", "NT AUTHORITY" },
        { "30{" CN("0c'nt nt authority'") "}", "NT AUTHORITY" },
        { "30{" CN("0c:c38e6e74") "}", "NT" },
        { "30{" CN("14:ce6e74ce") "}", "NT" },
        { "30{" CN("1e:4e4e006e0074") "}", "NT" },
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct cas_view copy = der_copy(samples[i].der);
        ck_assert_msg(cas_dn_contains(copy, samples[i].text), "%s", samples[i].der);
        ck_assert(!cas_dn_contains(copy, "NTT"));
        exact_free(copy);
    }
}
END_TEST

START_TEST(no_prefix_of_a_name_is_a_name)
{
    struct cas_view whole = der_copy("30{" O("1e:00c40041") CN("0c'CA'") "}");
    for (size_t len = 0; len < whole.len; len++) {
        struct cas_view copy = exact_copy(cas_view_part(whole, 0, len));
        struct cas_buf out = cas_buf_init(1000, NULL);
        ck_assert(!cas_dn_is_valid(copy));
        ck_assert(!cas_dn_canonical(copy, &out));
        cas_dn_format(copy, &out);
        ck_assert_uint_eq(out.len, 1 + 2 * len);
        cas_buf_finish(&out);
        exact_free(copy);
    }
    ck_assert(cas_dn_is_valid(whole));
    exact_free(whole);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dn");
    TCase *tcase = tcase_create("dn");
    tcase_add_test(tcase, names_print_as_rfc_4514);
    tcase_add_test(tcase, every_string_type_becomes_utf8);
    tcase_add_test(tcase, what_is_no_text_prints_as_hex);
    tcase_add_test(tcase, hostile_characters_are_hidden);
    tcase_add_test(tcase, what_is_no_name_prints_as_hex_of_its_bytes);
    tcase_add_test(tcase, long_names_keep_every_attribute);
    tcase_add_test(tcase, twelve_units_of_fifty_characters_are_all_there);
    tcase_add_test(tcase, one_attribute_above_the_cap_is_no_name);
    tcase_add_test(tcase, the_canonical_form_is_openssls);
    tcase_add_test(tcase, different_names_stay_different);
    tcase_add_test(tcase, a_canonical_form_that_does_not_fit_fails_its_buffer);
    tcase_add_test(tcase, contains_looks_into_every_value_and_ignores_case);
    tcase_add_test(tcase, contains_sees_what_begins_behind_a_false_start);
    tcase_add_test(tcase, no_prefix_of_a_name_is_a_name);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
