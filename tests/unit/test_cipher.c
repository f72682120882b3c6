/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "bytes/cipher.h"
#include "support/support.h"

#define KEY128 "2b7e151628aed2a6abf7158809cf4f3c"
#define KEY256 "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
#define KEY3   "0123456789abcdef23456789abcdef01456789abcdef0123"
#define PLAIN  "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"

struct vector {
    enum cas_cipher_algorithm algorithm;
    const char *key;
    const char *sealed;
};

#define VECTORS 6

/* The blocks and keys of NIST SP 800-38A, F.2; what is not AES was made with "openssl enc". */
static struct vector vector_of(int i)
{
    const struct vector vectors[VECTORS] = {
        { CAS_CIPHER_AES128, KEY128,
          "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2" },
        { CAS_CIPHER_AES256, KEY256,
          "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d" },
        { CAS_CIPHER_CAMELLIA128, KEY128,
          "1607cf494b36bbf00daeb0b503c831aba2f2cf671629ef7840c5a5dfb5074887" },
        { CAS_CIPHER_CAMELLIA256, KEY256,
          "e6cfa35fc02b134a4d2c0b6737ac3eda36cbeb73bd504b4070b1b7de2b21eb50" },
        { CAS_CIPHER_3DES, KEY3,
          "df4fb48a5c3414fa340a1553efae84317b4c6aab8845fb9247ee5e08514dd2bc" },
        { CAS_CIPHER_RC4, KEY128,
          "eb0946de45304911a216947f73ae71cdd12377ca29c23e9c19502f4fad100bea" },
    };
    return vectors[i];
}

static void begin(struct cas_cipher *cipher, const struct vector *vector)
{
    struct cas_view key = hex_copy(vector->key);

    ck_assert_uint_eq(cas_cipher_key_len(vector->algorithm), key.len);
    cas_cipher_set_key(cipher, vector->algorithm, key.data);
    exact_free(key);
}

/* In one piece, and in two: the iv is what the second goes on with. */
START_TEST(vectors_are_decrypted_in_one_piece_and_in_two)
{
    const struct vector vector = vector_of(_i);
    struct cas_view sealed = hex_copy(vector.sealed);
    struct cas_view plain = hex_copy(PLAIN);
    struct cas_cipher cipher;
    uint8_t bytes[32];

    for (size_t cut = 0; cut <= sealed.len; cut += 16) {
        uint8_t iv[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
        begin(&cipher, &vector);
        cas_cipher_decrypt(&cipher, iv, cas_view_part(sealed, 0, cut), bytes);
        cas_cipher_decrypt(&cipher, iv, cas_view_part(sealed, cut, sealed.len), bytes + cut);
        ck_assert(cas_view_equal(cas_view_of(bytes, sizeof(bytes)), plain));
        size_t block_len = cas_cipher_block_len(vector.algorithm);
        ck_assert_mem_eq(iv, sealed.data + sealed.len - block_len, block_len);
    }
    exact_free(sealed);
    exact_free(plain);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cipher");
    TCase *tcase = tcase_create("cipher");
    tcase_add_loop_test(tcase, vectors_are_decrypted_in_one_piece_and_in_two, 0, VECTORS);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
