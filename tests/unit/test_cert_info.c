/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes/digest.h"
#include "support/cert_text.h"
#include "x509/cert.h"

static struct cas_cert_info *describe(const struct cert_parts *parts)
{
    struct cas_view copy = cert_copy(parts);
    size_t size = 0;
    struct cas_cert_info *info = cas_cert_describe(copy, &size);
    ck_assert_ptr_nonnull(info);
    ck_assert_uint_ge(size, sizeof(*info));
    ck_assert_uint_le(info->size, copy.len);
    exact_free(copy); /* what is told does not point into the input */
    return info;
}

static void check_note(const struct cas_cert_info *info, const char *wanted)
{
    ck_assert_ptr_nonnull(info->note);
    ck_assert_msg(strstr(info->note, wanted) != NULL, "'%s' is not in '%s'", wanted,
                  info->note);
}

START_TEST(a_certificate_is_told_in_words)
{
    struct cas_cert_info *info =
        describe(&(struct cert_parts){ .serial = "02:00f1",
                                       .extensions = EXTENSION("13", "30{01:ff}")
                                           EXTENSION("25", "30{06:2b06010505070302 06:2a03}")
                                               EXTENSION("11", "30{82'a.example'}") });
    ck_assert_str_eq(info->subject, "CN=Subject");
    ck_assert_str_eq(info->issuer, "CN=Issuer");
    ck_assert_str_eq(info->serial, "f1");
    ck_assert_str_eq(info->not_before, "2020-01-01T00:00:00Z");
    ck_assert_str_eq(info->not_after, "2049-12-31T23:59:59Z");
    ck_assert_int_eq(info->not_before_s, 1577836800);
    ck_assert_int_eq(info->not_after_s, 2524607999);
    ck_assert_str_eq(info->key_type, "EC");
    ck_assert_str_eq(info->key_curve, "P-256");
    ck_assert_uint_eq(info->key_bits, 256);
    ck_assert_str_eq(info->sig_alg, "ecdsa-with-SHA256");
    ck_assert(info->is_ca);
    ck_assert_uint_eq(info->eku_len, 2);
    ck_assert_str_eq(info->eku[0], "clientAuth");
    ck_assert_str_eq(info->eku[1], "1.2.3");
    ck_assert_uint_eq(info->san_len, 1);
    ck_assert_str_eq(info->san[0], "DNS:a.example");
    ck_assert_msg(info->note == NULL, "%s", info->note);
    cas_cert_info_destroy(info);
}
END_TEST

struct san_sample {
    const char *der;
    const char *text;
};

START_TEST(alternative_names_are_told_by_kind_and_made_safe)
{
    const struct san_sample samples[] = {
        { "81'a@example.at'", "email:a@example.at" },
        { "82'*.example.at'", "DNS:*.example.at" },
        { "86'https://example.at/'", "URI:https://example.at/" },
        { "87:c0000201", "IP:192.0.2.1" },
        { "87:20010db8000000000000000000000001", "IP:2001:db8::1" },
        { "87:c00002", "IP:#c00002" },
        { "88:2a0304", "RID:1.2.3.4" },
        { "88:80", "RID:#80" },
        { "a4{30{31{30{06:550403 0c'x,y'}}}}", "dirName:CN=x\\,y" },
        { "a4{05:}", "dirName:#0500" },
        { "a3{05:}", "x400Address:#0500" },
        { "a5{05:}", "ediPartyName:#0500" },
        { "a0{06:2b060104018237140203 a0{0c'u@example.at'}}",
          "otherName:1.3.6.1.4.1.311.20.2.3=u@example.at" },
        { "a0{06:2a03 a0{1e:00fc0007}}", "otherName:1.2.3=\xc3\xbc\\07" },
        { "a0{06:2a03 a0{04:01ff}}", "otherName:1.2.3=#040201ff" },
        { "a0{05:}", "otherName:#0500" },
        { "82:676f6f64006576696c", "DNS:good\\00evil" },
        { "82:1b5b33316d", "DNS:\\1b[31m" },
        { "82''", "DNS:" },
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        char extension[512];
        (void)snprintf(extension, sizeof(extension), EXTENSION("11", "30{ 82'first' %s }"),
                       samples[i].der);
        struct cas_cert_info *info = describe(&(struct cert_parts){ .extensions = extension });
        ck_assert_uint_eq(info->san_len, 2);
        ck_assert_str_eq(info->san[0], "DNS:first");
        ck_assert_str_eq(info->san[1], samples[i].text);
        cas_cert_info_destroy(info);
    }
}
END_TEST

struct key_sample {
    const char *key;
    const char *type;
    unsigned bits;
    const char *curve;
};

#define RSA       "30{06:2a864886f70d010101 05:}"
#define EC(curve) "30{06:2a8648ce3d0201 " curve "}"

START_TEST(keys_are_told_by_type_size_and_curve)
{
    const struct key_sample samples[] = {
        { "30{" RSA " 03{=00 30{02:0080000001 02:010001}}}", "RSA", 32, NULL },
        { "30{" RSA " 03{=00 30{02:7fffffff 02:03}}}", "RSA", 31, NULL },
        { "30{" RSA " 03{=00 30{02:00 02:03}}}", "RSA", 0, NULL },
        { "30{" RSA " 03:00ff}", "RSA", 0, NULL }, /* no key inside */
        { "30{30{06:2a864886f70d01010a} 03{=00 30{02:0100 02:03}}}", "RSA-PSS", 9, NULL },
        { "30{" EC("06:2b81040023") " 03:0004}", "EC", 521, "P-521" },
        { "30{" EC("06:2b8104000a") " 03:0002}", "EC", 256, "secp256k1" },
        { "30{" EC("06:2a0304") " 03:0004}", "EC", 0, "1.2.3.4" },
        { "30{" EC("30{02:01}") " 03:0004}", "EC", 0, "explicit parameters" },
        { "30{" EC("") " 03:0004}", "EC", 0, "explicit parameters" },
        { "30{30{06:2b6570} 03:0001}", "Ed25519", 0, NULL },
        { "30{30{06:2b6571} 03:0001}", "Ed448", 0, NULL },
        { "30{30{06:2a8648ce380401 30{02:0fff 02:01 02:01}} 03:000201}", "DSA", 12, NULL },
        { "30{30{06:608648016503040312} 03:0001}", "ML-DSA-65", 0, NULL },
        { "30{30{06:2a0304} 03:0001}", "1.2.3.4", 0, NULL },
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct cas_cert_info *info = describe(&(struct cert_parts){ .key = samples[i].key });
        ck_assert_str_eq(info->key_type, samples[i].type);
        ck_assert_msg(info->key_bits == samples[i].bits, "sample %zu: %u", i, info->key_bits);
        ck_assert_pstr_eq(info->key_curve, samples[i].curve);
        cas_cert_info_destroy(info);
    }
}
END_TEST

START_TEST(an_unknown_signature_algorithm_is_told_by_its_oid)
{
    struct cas_cert_info *info = describe(
        &(struct cert_parts){ .sig_alg = "30{06:2a03}", .inner_sig_alg = "30{06:2a03}" });
    ck_assert_str_eq(info->sig_alg, "1.2.3");
    cas_cert_info_destroy(info);
}
END_TEST

struct note_sample {
    struct cert_parts parts;
    const char *note;
};

START_TEST(what_is_odd_is_noted)
{
    const struct note_sample samples[] = {
        { { .sig_alg = "30{06:2a03}" }, "signature algorithm inside is another" },
        { { .validity = "30{17'2' 17'491231235959Z'}" }, "notBefore cannot be read" },
        { { .validity = "30{17'200101000000Z' 17'2'}" }, "notAfter cannot be read" },
        { { .subject = "30{31{}}" }, "subject is no valid name" },
        { { .issuer = "30{05:}" }, "issuer is no valid name" },
        { { .after = "05:" }, "bytes follow the certificate" },
        { { .extensions = EXTENSION("11", "30{05:}") }, "cannot be read: subjectAltName" },
        { { .extensions = EXTENSION("13", "30{}") EXTENSION("13", "30{}") },
          "occurs twice: basicConstraints" },
        { { .key = "30{30{06:608648016503040312} 03:0001}" }, "wolfSSL refuses it: " },
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct cas_cert_info *info = describe(&samples[i].parts);
        check_note(info, samples[i].note);
        ck_assert_ptr_nonnull(info->subject);
        cas_cert_info_destroy(info);
    }
}
END_TEST

START_TEST(unreadable_dates_are_null)
{
    struct cas_cert_info *info =
        describe(&(struct cert_parts){ .validity = "30{17'2' 17'3'}" });
    ck_assert_ptr_null(info->not_before);
    ck_assert_ptr_null(info->not_after);
    ck_assert(info->not_before_s == INT64_MIN && info->not_after_s == INT64_MAX);
    cas_cert_info_destroy(info);
}
END_TEST

START_TEST(the_digest_is_of_the_certificate_alone)
{
    struct cas_view alone = cert_copy(&(struct cert_parts){ 0 });
    struct cas_cert_info *info = describe(&(struct cert_parts){ .after = "=ffffff" });
    uint8_t digest[CAS_SHA256_BYTES];
    cas_sha256(alone, digest);
    ck_assert_mem_eq(info->sha256, digest, sizeof(digest));
    ck_assert_uint_eq(info->size, alone.len);
    cas_cert_info_destroy(info);
    exact_free(alone);
}
END_TEST

/* num alternative names of two bytes each. */
static char *many_names(size_t num)
{
    struct cas_buf text = cas_buf_init(1u << 20, NULL);
    cas_buf_append_text(&text, "30{06:551d11 04{30{=");
    for (size_t i = 0; i < num; i++) {
        cas_buf_append_text(&text, "8200");
    }
    cas_buf_append_text(&text, "}}}");
    return cas_buf_take_string(&text);
}

START_TEST(more_names_than_wolfssl_can_take_are_told_without_it)
{
    char *extension = many_names(10000);
    struct cas_cert_info *info = describe(&(struct cert_parts){ .extensions = extension });
    ck_assert_uint_eq(info->san_len, 10000);
    ck_assert_str_eq(info->san[9999], "DNS:");
    check_note(info, "not given to wolfSSL");
    cas_cert_info_destroy(info);
    free(extension);
    extension = many_names(CAS_CERT_SAN_MAX);
    info = describe(&(struct cert_parts){ .extensions = extension });
    ck_assert_ptr_null(info->note);
    cas_cert_info_destroy(info);
    free(extension);
}
END_TEST

START_TEST(above_64_kib_only_size_and_digest_are_told)
{
    char *extension = many_names(CAS_CERT_SIZE_MAX / 2);
    struct cas_cert_info *info = describe(&(struct cert_parts){ .extensions = extension });
    ck_assert_ptr_null(info->subject);
    ck_assert_uint_gt(info->size, CAS_CERT_SIZE_MAX);
    check_note(info, "only its size and digest");
    cas_cert_info_destroy(info);
    free(extension);
}
END_TEST

START_TEST(the_name_with_the_most_text_fits)
{
    /* {otherName} without content: two bytes that become "otherName:#". */
    struct cas_buf text = cas_buf_init(1u << 20, NULL);
    cas_buf_append_text(&text, "30{06:551d11 04{30{=");
    for (size_t i = 0; i < 32000; i++) {
        cas_buf_append_text(&text, "a000");
    }
    cas_buf_append_text(&text, "}}}");
    char *extension = cas_buf_take_string(&text);
    struct cas_cert_info *info = describe(&(struct cert_parts){ .extensions = extension });
    ck_assert_uint_eq(info->san_len, 32000);
    ck_assert_str_eq(info->san[31999], "otherName:#");
    cas_cert_info_destroy(info);
    free(extension);
}
END_TEST

START_TEST(what_cannot_be_cut_says_where_it_breaks)
{
    struct cas_view whole = cert_copy(&(struct cert_parts){ .tail = "05:" });
    /* The NULL in it stands before algorithm (12 bytes) and signature (11). */
    size_t size = 0;
    struct cas_cert_info *info = cas_cert_describe(whole, &size);
    char wanted[64];
    (void)snprintf(wanted, sizeof(wanted), "breaks at byte %zu of %zu", whole.len - 25,
                   whole.len);
    check_note(info, wanted);
    ck_assert_ptr_null(info->subject);
    ck_assert_ptr_null(info->issuer);
    ck_assert_uint_eq(info->size, whole.len);
    cas_cert_info_destroy(info);
    exact_free(whole);
}
END_TEST

START_TEST(every_prefix_is_told_by_size_digest_and_note)
{
    struct cas_view whole = cert_copy(&(struct cert_parts){
        .extensions = EXTENSION("13", "30{01:ff}") EXTENSION("11", "30{82'a.example'}") });
    for (size_t len = 0; len < whole.len; len++) {
        struct cas_view copy = exact_copy(cas_view_part(whole, 0, len));
        uint8_t digest[CAS_SHA256_BYTES];
        size_t size = 0;
        struct cas_cert_info *info = cas_cert_describe(copy, &size);
        check_note(info, "no certificate in strict DER");
        cas_sha256(copy, digest);
        ck_assert_mem_eq(info->sha256, digest, sizeof(digest));
        ck_assert_uint_eq(info->size, len);
        ck_assert_ptr_null(info->subject);
        ck_assert(info->not_before_s == INT64_MIN && info->not_after_s == INT64_MAX);
        cas_cert_info_destroy(info);
        exact_free(copy);
    }
    exact_free(whole);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cert_info");
    TCase *tcase = tcase_create("cert_info");
    tcase_add_test(tcase, a_certificate_is_told_in_words);
    tcase_add_test(tcase, alternative_names_are_told_by_kind_and_made_safe);
    tcase_add_test(tcase, keys_are_told_by_type_size_and_curve);
    tcase_add_test(tcase, an_unknown_signature_algorithm_is_told_by_its_oid);
    tcase_add_test(tcase, what_is_odd_is_noted);
    tcase_add_test(tcase, unreadable_dates_are_null);
    tcase_add_test(tcase, the_digest_is_of_the_certificate_alone);
    tcase_add_test(tcase, more_names_than_wolfssl_can_take_are_told_without_it);
    tcase_add_test(tcase, above_64_kib_only_size_and_digest_are_told);
    tcase_add_test(tcase, the_name_with_the_most_text_fits);
    tcase_add_test(tcase, what_cannot_be_cut_says_where_it_breaks);
    tcase_add_test(tcase, every_prefix_is_told_by_size_digest_and_note);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
