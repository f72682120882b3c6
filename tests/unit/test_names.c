/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/support.h"
#include "tls/cipher_names.h"
#include "tls/names.h"

struct expected {
    uint16_t number;
    const char *name;
};

/* The registries of IANA, read on the page, one or more of each block. */
static const struct expected ciphers[] = {
    { 0x0000, "TLS_NULL_WITH_NULL_NULL" },
    { 0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5" },
    { 0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA" },
    { 0x001c, "SSL_FORTEZZA_KEA_WITH_NULL_SHA" },
    { 0x001e, "TLS_KRB5_WITH_DES_CBC_SHA" },
    { 0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA" },
    { 0x0081, "TLS_GOSTR341001_WITH_28147_CNT_IMIT" },
    { 0x008d, "TLS_PSK_WITH_AES_256_CBC_SHA" },
    { 0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384" },
    { 0x00c6, "TLS_SM4_GCM_SM3" },
    { 0x00ff, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV" },
    { 0x1301, "TLS_AES_128_GCM_SHA256" },
    { 0x1305, "TLS_AES_128_CCM_8_SHA256" },
    { 0x5600, "TLS_FALLBACK_SCSV" },
    { 0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" },
    { 0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384" },
    { 0xc0a0, "TLS_RSA_WITH_AES_128_CCM_8" },
    { 0xc0b0, "TLS_ECCPWD_WITH_AES_128_GCM_SHA256" },
    { 0xc100, "TLS_GOSTR341112_256_WITH_KUZNYECHIK_CTR_OMAC" },
    { 0xc106, "TLS_GOSTR341112_256_WITH_MAGMA_MGM_S" },
    { 0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256" },
    { 0xd005, "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256" },
    { 0xfeff, "SSL_RSA_FIPS_WITH_3DES_EDE_CBC_SHA" },
};

static const struct expected alert_names[] = {
    { 0, "close_notify" },           { 40, "handshake_failure" }, { 41, "no_certificate" },
    { 42, "bad_certificate" },       { 48, "unknown_ca" },        { 100, "no_renegotiation" },
    { 116, "certificate_required" },
};

static const struct expected schemes[] = {
    { 0x0201, "rsa_pkcs1_sha1" },
    { 0x0301, "rsa_pkcs1_sha224" },
    { 0x0202, "dsa_sha1" },
    { 0x0403, "ecdsa_secp256r1_sha256" },
    { 0x0804, "rsa_pss_rsae_sha256" },
    { 0x0807, "ed25519" },
    { 0x080b, "rsa_pss_pss_sha512" },
};

static const struct expected types[] = {
    { 1, "rsa_sign" },    { 2, "dss_sign" },          { 3, "rsa_fixed_dh" },
    { 64, "ecdsa_sign" }, { 66, "ecdsa_fixed_ecdh" },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

START_TEST(numbers_have_the_names_of_the_registries)
{
    for (size_t i = 0; i < COUNT(ciphers); i++) {
        ck_assert_pstr_eq(cas_tls_cipher_name(ciphers[i].number), ciphers[i].name);
    }
    for (size_t i = 0; i < COUNT(alert_names); i++) {
        ck_assert_pstr_eq(cas_tls_alert_name((uint8_t)alert_names[i].number),
                          alert_names[i].name);
    }
    for (size_t i = 0; i < COUNT(schemes); i++) {
        ck_assert_pstr_eq(cas_tls_signature_scheme_name(schemes[i].number), schemes[i].name);
    }
    for (size_t i = 0; i < COUNT(types); i++) {
        ck_assert_pstr_eq(cas_tls_certificate_type_name((uint8_t)types[i].number),
                          types[i].name);
    }
    ck_assert_pstr_eq(cas_tls_version_name(0x0002), "SSL 2.0");
    ck_assert_pstr_eq(cas_tls_version_name(0x0300), "SSL 3.0");
    ck_assert_pstr_eq(cas_tls_version_name(0x0304), "TLS 1.3");
    ck_assert_pstr_eq(cas_tls_alert_level_name(2), "fatal");
}
END_TEST

START_TEST(numbers_without_a_name_have_none)
{
    ck_assert_ptr_null(cas_tls_cipher_name(0x0a0a)); /* GREASE */
    ck_assert_ptr_null(cas_tls_cipher_name(0xffff));
    ck_assert_ptr_null(cas_tls_version_name(0x0305));
    ck_assert_ptr_null(cas_tls_alert_level_name(0));
    ck_assert_ptr_null(cas_tls_alert_name(255));
    ck_assert_ptr_null(cas_tls_certificate_type_name(0));
    ck_assert_ptr_null(cas_tls_signature_scheme_name(0x7a7a));
}
END_TEST

/* What the binary search needs; every entry is found by its own number. */
START_TEST(the_ciphers_are_in_order)
{
    ck_assert_uint_gt(cas_cipher_names_len, 390);
    for (size_t i = 0; i < cas_cipher_names_len; i++) {
        ck_assert(i == 0 || cas_cipher_names[i - 1].number < cas_cipher_names[i].number);
        ck_assert_pstr_eq(cas_tls_cipher_name(cas_cipher_names[i].number),
                          cas_cipher_names[i].name);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("names");
    TCase *tcase = tcase_create("names");
    tcase_add_test(tcase, numbers_have_the_names_of_the_registries);
    tcase_add_test(tcase, numbers_without_a_name_have_none);
    tcase_add_test(tcase, the_ciphers_are_in_order);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
