/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/support.h"
#include "tls/cipher_names.h"
#include "tls/suite.h"

static void expect_aead(uint16_t cipher, enum cas_aead_algorithm algorithm,
                        enum cas_prf_kind prf)
{
    const struct cas_suite *suite = cas_suite_find(cipher);
    ck_assert_ptr_nonnull(suite);
    ck_assert_int_eq(suite->kind, CAS_SUITE_AEAD);
    ck_assert_int_eq(suite->algorithm.aead, algorithm);
    ck_assert_int_eq(suite->prf, prf);
    /* RFC 5246, 6.2.3.3: both parts make up the nonce; ChaCha20 has no explicit one. */
    ck_assert_uint_eq(suite->salt_len + suite->explicit_len, CAS_AEAD_NONCE_LEN);
    ck_assert_uint_eq(suite->explicit_len, algorithm == CAS_AEAD_CHACHA20_POLY1305 ? 0 : 8);
}

static void expect_cbc(uint16_t cipher, enum cas_cipher_algorithm algorithm,
                       enum cas_hmac_hash mac, enum cas_prf_kind prf)
{
    const struct cas_suite *suite = cas_suite_find(cipher);
    ck_assert_ptr_nonnull(suite);
    ck_assert_int_eq(suite->kind,
                     algorithm == CAS_CIPHER_RC4 ? CAS_SUITE_STREAM : CAS_SUITE_CBC);
    ck_assert_int_eq(suite->algorithm.cipher, algorithm);
    ck_assert_int_eq(suite->mac, mac);
    ck_assert_int_eq(suite->prf, prf);
}

/* Numbers from the RFCs that define them. */
START_TEST(suites_are_what_their_rfcs_say)
{
    expect_aead(0x009c, CAS_AEAD_AES128_GCM, CAS_PRF_SHA256); /* RFC 5288 */
    expect_aead(0x009d, CAS_AEAD_AES256_GCM, CAS_PRF_SHA384);
    expect_aead(0xc02f, CAS_AEAD_AES128_GCM, CAS_PRF_SHA256); /* RFC 5289 */
    expect_aead(0xc030, CAS_AEAD_AES256_GCM, CAS_PRF_SHA384);
    expect_aead(0xc09c, CAS_AEAD_AES128_CCM, CAS_PRF_SHA256); /* RFC 6655 */
    expect_aead(0xc09d, CAS_AEAD_AES256_CCM, CAS_PRF_SHA256);
    expect_aead(0xc0a0, CAS_AEAD_AES128_CCM_8, CAS_PRF_SHA256);
    expect_aead(0xc0a1, CAS_AEAD_AES256_CCM_8, CAS_PRF_SHA256);
    expect_aead(0xc0ae, CAS_AEAD_AES128_CCM_8, CAS_PRF_SHA256);      /* RFC 7251 */
    expect_aead(0xd005, CAS_AEAD_AES128_CCM, CAS_PRF_SHA256);        /* RFC 8442 */
    expect_aead(0xcca8, CAS_AEAD_CHACHA20_POLY1305, CAS_PRF_SHA256); /* RFC 7905 */
    expect_aead(0xc07a, CAS_AEAD_CAMELLIA128_GCM, CAS_PRF_SHA256);   /* RFC 6367 */
    expect_aead(0xc07b, CAS_AEAD_CAMELLIA256_GCM, CAS_PRF_SHA384);
    expect_cbc(0x002f, CAS_CIPHER_AES128, CAS_HMAC_SHA1, CAS_PRF_SHA256); /* RFC 5246 */
    expect_cbc(0x0035, CAS_CIPHER_AES256, CAS_HMAC_SHA1, CAS_PRF_SHA256);
    expect_cbc(0x003c, CAS_CIPHER_AES128, CAS_HMAC_SHA256, CAS_PRF_SHA256);
    expect_cbc(0x006b, CAS_CIPHER_AES256, CAS_HMAC_SHA256, CAS_PRF_SHA256);
    expect_cbc(0x000a, CAS_CIPHER_3DES, CAS_HMAC_SHA1, CAS_PRF_SHA256);
    expect_cbc(0x0004, CAS_CIPHER_RC4, CAS_HMAC_MD5, CAS_PRF_SHA256);
    expect_cbc(0xc011, CAS_CIPHER_RC4, CAS_HMAC_SHA1, CAS_PRF_SHA256);         /* RFC 8422 */
    expect_cbc(0xc028, CAS_CIPHER_AES256, CAS_HMAC_SHA384, CAS_PRF_SHA384);    /* RFC 5289 */
    expect_cbc(0x0041, CAS_CIPHER_CAMELLIA128, CAS_HMAC_SHA1, CAS_PRF_SHA256); /* RFC 5932 */
    expect_cbc(0x00c0, CAS_CIPHER_CAMELLIA256, CAS_HMAC_SHA256, CAS_PRF_SHA256);
    expect_cbc(0xc073, CAS_CIPHER_CAMELLIA256, CAS_HMAC_SHA384, CAS_PRF_SHA384); /* 6367 */
    expect_cbc(0x0023, CAS_CIPHER_3DES, CAS_HMAC_MD5, CAS_PRF_SHA256);           /* RFC 2712 */
}
END_TEST

START_TEST(what_cannot_be_opened_is_not_found)
{
    const uint16_t ciphers[] = {
        0x0000, 0x0002, 0x003b,         /* NULL */
        0x0003, 0x0008, 0x0062,         /* exports */
        0x0009, 0x0007, 0x0096, 0xc03c, /* DES, IDEA, SEED, ARIA */
        0x1301, 0x1303,                 /* TLS 1.3 */
        0xcc13, 0xcc14, 0xcc15,         /* drafts of ChaCha20 */
        0xfeff,                         /* SSL 3.0 alone */
        0x0a0a, 0x00ff, 0xffff,         /* GREASE, a signal, nothing */
    };
    for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++) {
        ck_assert_msg(cas_suite_find(ciphers[i]) == NULL, "0x%04x", ciphers[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("suite");
    TCase *tcase = tcase_create("suite");
    tcase_add_test(tcase, suites_are_what_their_rfcs_say);
    tcase_add_test(tcase, what_cannot_be_opened_is_not_found);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
