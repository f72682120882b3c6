/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "bytes/hkdf.h"
#include "bytes/hmac.h"
#include "bytes/prf.h"
#include "support/support.h"

struct vector {
    enum cas_prf_kind kind;
    const char *secret;
    const char *seed;
    const char *expected;
};

/*
 * The vectors of SHA-256 and SHA-384 were published on the IETF's TLS list when TLS 1.2 was new
 * ("TLS 1.2 PRF test vectors"); that of TLS 1.0 and 1.1, and the odd secret, are what "openssl
 * kdf TLS1-PRF" says, with -kdfopt digest:MD5-SHA1.
 */
#define VECTORS 4

static struct vector vector_of(int i)
{
    const struct vector vectors[VECTORS] = {
        { CAS_PRF_SHA256, "9bbe436ba940f017b17652849a71db35",
          "a0ba9f936cda311827a6f796ffd5198c",
          "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a"
          "6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab"
          "4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701"
          "87347b66" },
        { CAS_PRF_SHA384, "b80b733d6ceefcdc71566ea48e5567df",
          "cd665cf6a8447dd6ff8b27555edb7465",
          "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cd"
          "e9ca0faa60be9fe34f82b1233c9146a0e534cb400fed2700884f9dc236f80edd"
          "8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d918425"
          "9b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee6"
          "91c8f3a26854308d5eaa3be85e0990703d73e56f" },
        { CAS_PRF_MD5_SHA1, "9bbe436ba940f017b17652849a71db35",
          "a0ba9f936cda311827a6f796ffd5198c",
          "661740e6f98bc901efd2738502a71c03f76dd2f86298549b1148eff06714cf0f"
          "6b7c532cd8c69f1530e0bb680eec34c4" },
        { CAS_PRF_MD5_SHA1, "9bbe436ba940f017b17652849a71db",
          "a0ba9f936cda311827a6f796ffd5198c",
          "9cdd9053742667b628ac7c1c747825e1fcb0f2b91ed98fc3f52e811e4e0f105413343f357ddf4ab9" },
    };
    return vectors[i];
}

START_TEST(published_vectors_come_out)
{
    const struct vector vector = vector_of(_i);
    struct cas_view secret = hex_copy(vector.secret);
    struct cas_view seed = hex_copy(vector.seed);
    struct cas_view expected = hex_copy(vector.expected);
    const struct cas_prf_input input = { .secret = secret,
                                         .label = "test label",
                                         .seed = seed };
    uint8_t *bytes = malloc(expected.len);

    for (size_t len = 0; len <= expected.len; len++) {
        cas_prf(vector.kind, &input, len, bytes);
        ck_assert(cas_view_equal(cas_view_of(bytes, len), cas_view_part(expected, 0, len)));
    }
    free(bytes);
    exact_free(secret);
    exact_free(seed);
    exact_free(expected);
}
END_TEST

/* RFC 2202 and RFC 4231, each test case 2: key "Jefe", "what do ya want for nothing?". */
START_TEST(hmac_is_as_in_its_rfcs)
{
    const struct {
        enum cas_hmac_hash hash;
        const char *expected;
    } cases[] = {
        { CAS_HMAC_MD5, "750c783e6ab0b503eaa86e310a5db738" },
        { CAS_HMAC_SHA1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
        { CAS_HMAC_SHA256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
        { CAS_HMAC_SHA384, "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
                           "8e2240ca5e69e2c78b3239ecfab21649" },
    };
    struct cas_view expected = hex_copy(cases[_i].expected);
    struct cas_hmac hmac;
    uint8_t digest[CAS_HMAC_LEN_MAX];

    ck_assert_uint_eq(cas_hmac_len(cases[_i].hash), expected.len);
    cas_hmac_set_key(&hmac, cases[_i].hash, text_view("Jefe"));
    for (int twice = 0; twice < 2; twice++) {
        cas_hmac_add(&hmac, text_view("what do ya want "));
        cas_hmac_add(&hmac, text_view("for nothing?"));
        cas_hmac_end(&hmac, expected.len, digest);
        ck_assert(cas_view_equal(cas_view_of(digest, expected.len), expected));
    }
    exact_free(expected);
}
END_TEST

/*
 * SHA-256: RFC 5869, test case 1. SHA-384: "openssl kdf HKDF" with -kdfopt mode:EXPAND_ONLY;
 * more than one block of the hash.
 */
START_TEST(hkdf_expands_as_in_its_rfc)
{
    const struct {
        const char *secret;
        const char *expected;
    } cases[] = {
        { "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
          "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b88718"
          "5865" },
        { "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526272829"
          "2a2b2c2d2e2f",
          "a653565e368b29123cb52efacc62c752b137e866abd4dc38c283094178fdc8b25a2b174649bd763d6fc5"
          "c4ab2b2cd3e838a346b04b62483752539ef2" },
    };
    struct cas_view secret = hex_copy(cases[_i].secret);
    struct cas_view info = hex_copy("f0f1f2f3f4f5f6f7f8f9");
    struct cas_view expected = hex_copy(cases[_i].expected);
    uint8_t *bytes = malloc(expected.len);

    cas_hkdf_expand(secret, info, expected.len, bytes);
    ck_assert(cas_view_equal(cas_view_of(bytes, expected.len), expected));
    free(bytes);
    exact_free(expected);
    exact_free(info);
    exact_free(secret);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("prf");
    TCase *tcase = tcase_create("prf");
    tcase_add_loop_test(tcase, published_vectors_come_out, 0, VECTORS);
    tcase_add_loop_test(tcase, hmac_is_as_in_its_rfcs, 0, 4);
    tcase_add_loop_test(tcase, hkdf_expands_as_in_its_rfc, 0, 2);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
