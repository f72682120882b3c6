/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/reader.h"
#include "net/checksum.h"
#include "support/support.h"

#define LEN_MAX 200

static uint16_t sum_of(const uint8_t *bytes, size_t len)
{
    return cas_checksum_fold(cas_checksum_add(0, cas_view_of(bytes, len)));
}

/* As RFC 1071 defines it: word by word, the carries at the end. */
static uint16_t plain_sum(const uint8_t *bytes, size_t len)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < len; i++) {
        sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)sum;
}

/* RFC 1071, 3, "the numerical example". */
START_TEST(the_example_of_the_rfc)
{
    const uint8_t bytes[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };
    ck_assert_uint_eq(sum_of(bytes, sizeof(bytes)), 0xddf2);
}
END_TEST

START_TEST(every_length_at_every_place)
{
    uint8_t bytes[LEN_MAX + 8];
    uint32_t random = 1;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        random = random * 1103515245 + 12345;
        bytes[i] = i < 64 ? 0xff : (uint8_t)(random >> 16);
    }
    for (size_t at = 0; at < 8; at++) {
        for (size_t len = 0; len <= LEN_MAX; len++) {
            ck_assert_uint_eq(sum_of(&bytes[at], len), plain_sum(&bytes[at], len));
        }
    }
}
END_TEST

START_TEST(sums_of_parts_add_up)
{
    uint8_t bytes[LEN_MAX];
    memset(bytes, 0xfe, sizeof(bytes));
    for (size_t first = 0; first <= sizeof(bytes); first += 2) {
        uint64_t sum = cas_checksum_add(0, cas_view_of(bytes, first));
        sum = cas_checksum_add(sum, cas_view_of(&bytes[first], sizeof(bytes) - first));
        ck_assert_uint_eq(cas_checksum_fold(sum), plain_sum(bytes, sizeof(bytes)));
    }
}
END_TEST

/* Every word of 64 bits carries out: as many times as a packet can make it. */
START_TEST(the_longest_packet_of_ones)
{
    static uint8_t bytes[65535];
    memset(bytes, 0xff, sizeof(bytes));
    ck_assert_uint_eq(sum_of(bytes, sizeof(bytes) - 1), 0xffff);
    ck_assert_uint_eq(sum_of(bytes, sizeof(bytes)), plain_sum(bytes, sizeof(bytes)));
    bytes[40000] = 0xfe;
    ck_assert_uint_eq(sum_of(bytes, sizeof(bytes)), plain_sum(bytes, sizeof(bytes)));
    uint64_t sum = cas_checksum_add(UINT64_MAX, cas_view_of(bytes, sizeof(bytes)));
    ck_assert_uint_eq(cas_checksum_fold(sum), plain_sum(bytes, sizeof(bytes)));
}
END_TEST

START_TEST(a_number_is_its_four_bytes)
{
    const uint8_t bytes[] = { 0xff, 0xfe, 0x12, 0x34 };
    ck_assert_uint_eq(cas_checksum_fold(cas_checksum_add_u32(0, 0xfffe1234)),
                      plain_sum(bytes, sizeof(bytes)));
    ck_assert_uint_eq(cas_checksum_fold(cas_checksum_add_u32(0, 6)), 6);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("checksum");
    TCase *tcase = tcase_create("checksum");
    tcase_add_test(tcase, the_example_of_the_rfc);
    tcase_add_test(tcase, every_length_at_every_place);
    tcase_add_test(tcase, sums_of_parts_add_up);
    tcase_add_test(tcase, the_longest_packet_of_ones);
    tcase_add_test(tcase, a_number_is_its_four_bytes);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
