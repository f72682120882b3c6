/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/keyhash.h"
#include "support/support.h"

struct vector {
    size_t len;
    uint64_t hash;
};

/*
 * SipHash-1-3 with an all-zero key over 00 01 .. len-1, as computed by the hasher of Rust's
 * standard library (std::collections::hash_map::DefaultHasher), which is SipHash-1-3.
 */
START_TEST(known_answers)
{
    const struct vector vectors[] = {
        { 0, 0xd1fba762150c532c },  { 1, 0x68a914128e01e473 },  { 7, 0x2f098ab0c751325a },
        { 8, 0xead411e67ebe2eea },  { 9, 0x75927f9d95124362 },  { 15, 0xf30eb725bb91c9ea },
        { 16, 0x8972188433a5c5b7 }, { 17, 0x4883c49a2c009c1d }, { 40, 0x95bc321ab41d8206 },
        { 63, 0x385d3e39e5f37359 },
    };
    const uint8_t key[16] = { 0 };
    uint8_t message[64];
    for (uint8_t i = 0; i < sizeof(message); i++) {
        message[i] = i;
    }
    struct cas_keyhash hash = cas_keyhash_init(key);
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        ck_assert_uint_eq(cas_keyhash_of(&hash, cas_view_of(message, vectors[i].len)),
                          vectors[i].hash);
    }
}
END_TEST

/* With the same key, over 00 01 .. 0f: 16 of the vectors above. */
START_TEST(two_words_are_sixteen_bytes)
{
    const uint8_t key[16] = { 0 };
    struct cas_keyhash hash = cas_keyhash_init(key);
    ck_assert_uint_eq(cas_keyhash_of_two(&hash, 0x0706050403020100u, 0x0f0e0d0c0b0a0908u),
                      0x8972188433a5c5b7u);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keyhash");
    TCase *tcase = tcase_create("keyhash");
    tcase_add_test(tcase, known_answers);
    tcase_add_test(tcase, two_words_are_sixteen_bytes);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
