/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/suite.h"

#include <stddef.h>
#include <string.h>

#include "tls/names.h"

/*
 * Left out, for want of the algorithm: DES, IDEA, RC2, SEED, ARIA, GOST, SM4 and the exports.
 */
static const struct cas_suite suites[] = {
    /* RFC 5288, RFC 5289, RFC 6367: a nonce of salt[4] and explicit[8] */
    { "AES_128_GCM_SHA256",
      CAS_SUITE_AEAD,
      CAS_PRF_SHA256,
      { .aead = CAS_AEAD_AES128_GCM },
      .salt_len = 4,
      .explicit_len = 8 },
    { "AES_256_GCM_SHA384",
      CAS_SUITE_AEAD,
      CAS_PRF_SHA384,
      { .aead = CAS_AEAD_AES256_GCM },
      .salt_len = 4,
      .explicit_len = 8 },
    { "CAMELLIA_128_GCM_SHA256",
      CAS_SUITE_AEAD,
      CAS_PRF_SHA256,
      { .aead = CAS_AEAD_CAMELLIA128_GCM },
      .salt_len = 4,
      .explicit_len = 8 },
    { "CAMELLIA_256_GCM_SHA384",
      CAS_SUITE_AEAD,
      CAS_PRF_SHA384,
      { .aead = CAS_AEAD_CAMELLIA256_GCM },
      .salt_len = 4,
      .explicit_len = 8 },
    /* RFC 6655, RFC 7251, and RFC 8442 that names the hash */
    { "AES_128_CCM",
      CAS_SUITE_AEAD,
      CAS_PRF_SHA256,
      { .aead = CAS_AEAD_AES128_CCM },
      .salt_len = 4,
      .explicit_len = 8 },
    { "AES_256_CCM",
      CAS_SUITE_AEAD,
      CAS_PRF_SHA256,
      { .aead = CAS_AEAD_AES256_CCM },
      .salt_len = 4,
      .explicit_len = 8 },
    { "AES_128_CCM_8",
      CAS_SUITE_AEAD,
      CAS_PRF_SHA256,
      { .aead = CAS_AEAD_AES128_CCM_8 },
      .salt_len = 4,
      .explicit_len = 8 },
    { "AES_256_CCM_8",
      CAS_SUITE_AEAD,
      CAS_PRF_SHA256,
      { .aead = CAS_AEAD_AES256_CCM_8 },
      .salt_len = 4,
      .explicit_len = 8 },
    { "AES_128_CCM_SHA256",
      CAS_SUITE_AEAD,
      CAS_PRF_SHA256,
      { .aead = CAS_AEAD_AES128_CCM },
      .salt_len = 4,
      .explicit_len = 8 },
    { "AES_128_CCM_8_SHA256",
      CAS_SUITE_AEAD,
      CAS_PRF_SHA256,
      { .aead = CAS_AEAD_AES128_CCM_8 },
      .salt_len = 4,
      .explicit_len = 8 },
    { "AES_256_CCM_SHA384",
      CAS_SUITE_AEAD,
      CAS_PRF_SHA384,
      { .aead = CAS_AEAD_AES256_CCM },
      .salt_len = 4,
      .explicit_len = 8 },
    /* RFC 7905: all of the nonce is made of the secret */
    { "CHACHA20_POLY1305_SHA256",
      CAS_SUITE_AEAD,
      CAS_PRF_SHA256,
      { .aead = CAS_AEAD_CHACHA20_POLY1305 },
      .salt_len = CAS_AEAD_NONCE_LEN },
    /* RFC 5246, A.5; RFC 5289; RFC 5487; RFC 5932; RFC 6367 */
    { "AES_128_CBC_SHA",
      CAS_SUITE_CBC,
      CAS_PRF_SHA256,
      { .cipher = CAS_CIPHER_AES128 },
      CAS_HMAC_SHA1 },
    { "AES_256_CBC_SHA",
      CAS_SUITE_CBC,
      CAS_PRF_SHA256,
      { .cipher = CAS_CIPHER_AES256 },
      CAS_HMAC_SHA1 },
    { "AES_128_CBC_SHA256",
      CAS_SUITE_CBC,
      CAS_PRF_SHA256,
      { .cipher = CAS_CIPHER_AES128 },
      CAS_HMAC_SHA256 },
    { "AES_256_CBC_SHA256",
      CAS_SUITE_CBC,
      CAS_PRF_SHA256,
      { .cipher = CAS_CIPHER_AES256 },
      CAS_HMAC_SHA256 },
    { "AES_256_CBC_SHA384",
      CAS_SUITE_CBC,
      CAS_PRF_SHA384,
      { .cipher = CAS_CIPHER_AES256 },
      CAS_HMAC_SHA384 },
    { "CAMELLIA_128_CBC_SHA",
      CAS_SUITE_CBC,
      CAS_PRF_SHA256,
      { .cipher = CAS_CIPHER_CAMELLIA128 },
      CAS_HMAC_SHA1 },
    { "CAMELLIA_256_CBC_SHA",
      CAS_SUITE_CBC,
      CAS_PRF_SHA256,
      { .cipher = CAS_CIPHER_CAMELLIA256 },
      CAS_HMAC_SHA1 },
    { "CAMELLIA_128_CBC_SHA256",
      CAS_SUITE_CBC,
      CAS_PRF_SHA256,
      { .cipher = CAS_CIPHER_CAMELLIA128 },
      CAS_HMAC_SHA256 },
    { "CAMELLIA_256_CBC_SHA256",
      CAS_SUITE_CBC,
      CAS_PRF_SHA256,
      { .cipher = CAS_CIPHER_CAMELLIA256 },
      CAS_HMAC_SHA256 },
    { "CAMELLIA_256_CBC_SHA384",
      CAS_SUITE_CBC,
      CAS_PRF_SHA384,
      { .cipher = CAS_CIPHER_CAMELLIA256 },
      CAS_HMAC_SHA384 },
    { "3DES_EDE_CBC_SHA",
      CAS_SUITE_CBC,
      CAS_PRF_SHA256,
      { .cipher = CAS_CIPHER_3DES },
      CAS_HMAC_SHA1 },
    { "3DES_EDE_CBC_MD5",
      CAS_SUITE_CBC,
      CAS_PRF_SHA256,
      { .cipher = CAS_CIPHER_3DES },
      CAS_HMAC_MD5 },
    { "RC4_128_SHA",
      CAS_SUITE_STREAM,
      CAS_PRF_SHA256,
      { .cipher = CAS_CIPHER_RC4 },
      CAS_HMAC_SHA1 },
    { "RC4_128_MD5",
      CAS_SUITE_STREAM,
      CAS_PRF_SHA256,
      { .cipher = CAS_CIPHER_RC4 },
      CAS_HMAC_MD5 },
};

/* ChaCha20 of the drafts has the name of its successor, but not its nonce. */
static bool is_draft(uint16_t cipher)
{
    return cipher >= 0xcc13 && cipher <= 0xcc15;
}

const struct cas_suite *cas_suite_find(uint16_t cipher)
{
    static const char tls[] = "TLS_"; /* suites of SSL 3.0 alone are named SSL_ */
    static const char with[] = "_WITH_";
    const char *name = cas_tls_cipher_name(cipher);
    bool is_tls = name != NULL && strncmp(name, tls, sizeof(tls) - 1) == 0;
    const char *found = is_tls && !is_draft(cipher) ? strstr(name, with) : NULL;

    for (size_t i = 0; found != NULL && i < sizeof(suites) / sizeof(suites[0]); i++) {
        if (strcmp(suites[i].name, found + sizeof(with) - 1) == 0) {
            return &suites[i];
        }
    }
    return NULL;
}
