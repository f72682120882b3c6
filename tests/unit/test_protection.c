/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include <nettle/gcm.h>

#include "bytes/reader.h"
#include "support/support.h"
#include "tls/protection.h"

/* RFC 8448, 3: a server's handshake traffic secret, and the key and iv made of it. */
static const struct cas_secret secret = {
    .len = 32,
    .bytes = { 0xb6, 0x7b, 0x7d, 0x69, 0x0c, 0xc1, 0x6c, 0x4e, 0x75, 0xe5, 0x42,
               0x13, 0xcb, 0x2d, 0x37, 0xb4, 0xe9, 0xc9, 0x12, 0xbc, 0xde, 0xd9,
               0x10, 0x5d, 0x42, 0xbe, 0xfd, 0x59, 0xd3, 0x91, 0xad, 0x38 },
};
static const uint8_t key[16] = { 0x3f, 0xce, 0x51, 0x60, 0x09, 0xc2, 0x17, 0x27,
                                 0xd0, 0xf2, 0xe4, 0xe8, 0x6e, 0xe4, 0x03, 0xbc };
static const uint8_t iv[12] = { 0x5d, 0x31, 0x3e, 0xb2, 0x67, 0x12,
                                0x76, 0xee, 0x13, 0x00, 0x0b, 0x30 };

struct sealed {
    uint8_t header[5];
    uint8_t body[64];
    size_t len;
};

/* A record of this number, sealed with the key of the RFC. */
static struct sealed seal(uint8_t number, const char *content)
{
    struct sealed sealed = { .header = { 23, 3, 3, 0, 0 } };
    struct gcm_aes128_ctx ctx;
    uint8_t nonce[12];
    size_t len = strlen(content);
    memcpy(nonce, iv, sizeof(nonce));
    nonce[11] ^= number;
    sealed.len = len + 16;
    sealed.header[4] = (uint8_t)sealed.len;
    gcm_aes128_set_key(&ctx, key);
    gcm_aes128_set_iv(&ctx, sizeof(nonce), nonce);
    gcm_aes128_update(&ctx, sizeof(sealed.header), sealed.header);
    gcm_aes128_encrypt(&ctx, len, sealed.body, (const uint8_t *)content);
    gcm_aes128_digest(&ctx, 16, &sealed.body[len]);
    return sealed;
}

static struct cas_opener opener_of(uint16_t cipher, struct cas_budget *budget)
{
    struct cas_opener opener = { 0 };
    ck_assert(cas_protection_opener(cipher, &secret, budget, &opener));
    return opener;
}

static enum cas_opening open_it(struct cas_opener opener, const struct sealed *sealed,
                                struct cas_buf *content, uint8_t *type)
{
    return opener.kind->open(opener.protection, cas_view_of(sealed->header, 5),
                             cas_view_of(sealed->body, sealed->len), content, type);
}

START_TEST(records_open_in_their_order_and_in_no_other)
{
    struct cas_budget budget = { .limit = 1 << 20 };
    struct cas_opener opener = opener_of(0x1301, &budget);
    struct cas_buf content = cas_buf_init(1024, &budget);
    uint8_t type = 0;
    struct sealed first = seal(0, "abc\x16");
    struct sealed second = seal(1, "defg\x15");
    ck_assert_int_eq(open_it(opener, &second, &content, &type), CAS_OPENING_BAD);
    ck_assert_uint_eq(content.len, 0);
    ck_assert_int_eq(open_it(opener, &first, &content, &type), CAS_OPENING_GOOD);
    ck_assert_uint_eq(type, 22);
    ck_assert_mem_eq(content.data, "abc", 3);
    ck_assert_int_eq(open_it(opener, &second, &content, &type), CAS_OPENING_GOOD);
    ck_assert_uint_eq(type, 21);
    ck_assert_uint_eq(content.len, 4);
    cas_buf_finish(&content);
    opener.kind->destroy(opener.protection);
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

START_TEST(no_altered_bit_passes)
{
    struct cas_budget budget = { .limit = 1 << 20 };
    struct cas_opener opener = opener_of(0x1301, &budget);
    struct cas_buf content = cas_buf_init(1024, &budget);
    uint8_t type = 0;
    const struct sealed good = seal(0, "abc\x16");
    for (size_t i = 0; i < 8 * good.len; i++) {
        struct sealed bad = good;
        bad.body[i / 8] ^= (uint8_t)(1u << (i % 8));
        ck_assert_int_eq(open_it(opener, &bad, &content, &type), CAS_OPENING_BAD);
    }
    struct sealed bad = good;
    bad.header[2] = 1;
    ck_assert_int_eq(open_it(opener, &bad, &content, &type), CAS_OPENING_BAD);
    for (size_t len = 0; len < good.len; len++) {
        bad = good;
        bad.len = len;
        ck_assert_int_eq(open_it(opener, &bad, &content, &type), CAS_OPENING_BAD);
    }
    ck_assert_int_eq(open_it(opener, &good, &content, &type), CAS_OPENING_GOOD);
    cas_buf_finish(&content);
    opener.kind->destroy(opener.protection);
}
END_TEST

START_TEST(an_update_changes_the_keys)
{
    struct cas_budget budget = { .limit = 1 << 20 };
    struct cas_opener opener = opener_of(0x1301, &budget);
    struct cas_buf content = cas_buf_init(1024, &budget);
    uint8_t type = 0;
    const struct sealed good = seal(0, "abc\x16");
    opener.kind->update(opener.protection);
    ck_assert_int_eq(open_it(opener, &good, &content, &type), CAS_OPENING_BAD);
    cas_buf_finish(&content);
    opener.kind->destroy(opener.protection);
}
END_TEST

START_TEST(a_secret_of_another_length_or_suite_is_refused)
{
    struct cas_budget budget = { .limit = 1 << 20 };
    struct cas_secret none = { 0 };
    struct cas_opener opener = { 0 };
    ck_assert(!cas_protection_opener(0x1302, &secret, &budget, &opener)); /* wants 48 */
    ck_assert(!cas_protection_opener(0x1301, &none, &budget, &opener));
    ck_assert(!cas_protection_opener(0xc02f, &secret, &budget, &opener));
    struct cas_budget small = { .limit = 16 };
    ck_assert(!cas_protection_opener(0x1301, &secret, &small, &opener));
    ck_assert_ptr_null(opener.kind);
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("protection");
    TCase *tcase = tcase_create("protection");
    tcase_add_test(tcase, records_open_in_their_order_and_in_no_other);
    tcase_add_test(tcase, no_altered_bit_passes);
    tcase_add_test(tcase, an_update_changes_the_keys);
    tcase_add_test(tcase, a_secret_of_another_length_or_suite_is_refused);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
