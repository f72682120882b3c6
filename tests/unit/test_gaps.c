/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/gaps.h"
#include "support/frames.h"
#include "support/support.h"

#define MAP_LEN 300

static struct cas_range range(uint64_t begin, uint64_t end)
{
    return (struct cas_range){ .begin = begin, .end = end };
}

static void assert_range(struct cas_range found, uint64_t begin, uint64_t end)
{
    ck_assert_uint_eq(found.begin, begin);
    ck_assert_uint_eq(found.end, end);
}

START_TEST(touching_and_overlapping_ranges_become_one)
{
    struct cas_gaps gaps = { 0 };
    ck_assert(cas_gaps_insert(&gaps, range(10, 20)));
    ck_assert(cas_gaps_insert(&gaps, range(30, 40)));
    ck_assert_uint_eq(gaps.len, 2);
    ck_assert(cas_gaps_insert(&gaps, range(20, 25)));
    ck_assert_uint_eq(gaps.len, 2);
    ck_assert(cas_gaps_insert(&gaps, range(24, 31)));
    ck_assert_uint_eq(gaps.len, 1);
    assert_range(gaps.range[0], 10, 40);
    ck_assert(cas_gaps_insert(&gaps, range(5, 5)));
    ck_assert_uint_eq(gaps.len, 1);
}
END_TEST

START_TEST(new_and_known_parts_are_found)
{
    struct cas_gaps gaps = { 0 };
    assert_range(cas_gaps_first_new(&gaps, range(3, 9)), 3, 9);
    assert_range(cas_gaps_first_known(&gaps, range(3, 9)), 9, 9);
    ck_assert(cas_gaps_insert(&gaps, range(10, 20)));
    ck_assert(cas_gaps_insert(&gaps, range(30, 40)));
    assert_range(cas_gaps_first_new(&gaps, range(5, 50)), 5, 10);
    assert_range(cas_gaps_first_new(&gaps, range(10, 50)), 20, 30);
    assert_range(cas_gaps_first_new(&gaps, range(12, 20)), 20, 20);
    assert_range(cas_gaps_first_known(&gaps, range(0, 50)), 10, 20);
    assert_range(cas_gaps_first_known(&gaps, range(20, 50)), 30, 40);
    assert_range(cas_gaps_first_known(&gaps, range(35, 37)), 35, 37);
    assert_range(cas_gaps_first_known(&gaps, range(40, 50)), 50, 50);
}
END_TEST

START_TEST(one_range_too_many_changes_nothing)
{
    struct cas_gaps gaps = { 0 };
    for (uint64_t i = 0; i < CAS_GAPS_MAX; i++) {
        ck_assert(cas_gaps_insert(&gaps, range(i * 10, i * 10 + 5)));
    }
    struct cas_gaps before = gaps;
    ck_assert(!cas_gaps_insert(&gaps, range(1000000, 1000001)));
    ck_assert(!cas_gaps_insert(&gaps, range(6, 8)));
    ck_assert_mem_eq(&gaps, &before, sizeof(gaps));
    ck_assert(cas_gaps_insert(&gaps, range(5, 10)));
    ck_assert_uint_eq(gaps.len, CAS_GAPS_MAX - 1);
}
END_TEST

START_TEST(what_is_below_can_be_forgotten)
{
    struct cas_gaps gaps = { 0 };
    ck_assert(cas_gaps_insert(&gaps, range(10, 20)));
    ck_assert(cas_gaps_insert(&gaps, range(30, 40)));
    cas_gaps_forget_below(&gaps, 15);
    assert_range(gaps.range[0], 15, 20);
    cas_gaps_forget_below(&gaps, 20);
    ck_assert_uint_eq(gaps.len, 1);
    cas_gaps_forget_below(&gaps, 100);
    ck_assert_uint_eq(gaps.len, 0);
}
END_TEST

START_TEST(offsets_reach_to_the_end_of_64_bits)
{
    struct cas_gaps gaps = { 0 };
    ck_assert(cas_gaps_insert(&gaps, range(UINT64_MAX - 5, UINT64_MAX)));
    assert_range(cas_gaps_first_new(&gaps, range(0, UINT64_MAX)), 0, UINT64_MAX - 5);
    assert_range(cas_gaps_first_known(&gaps, range(0, UINT64_MAX)), UINT64_MAX - 5, UINT64_MAX);
}
END_TEST

/* The same as gaps, byte by byte. */
static struct cas_range map_first(const bool *map, struct cas_range within, bool value)
{
    while (within.begin < within.end && map[within.begin] != value) {
        within.begin++;
    }
    uint64_t end = within.begin;
    while (end < within.end && map[end] == value) {
        end++;
    }
    within.end = within.begin < within.end ? end : within.end;
    return within;
}

START_TEST(random_inserts_agree_with_a_map_of_bytes)
{
    struct dice dice = dice_init("gaps");
    for (unsigned round = 0; round < 300; round++) {
        struct cas_gaps gaps = { 0 };
        bool map[MAP_LEN] = { false };
        for (unsigned step = 0; step < 100; step++) {
            uint64_t begin = dice_roll(&dice, MAP_LEN);
            struct cas_range part =
                range(begin, begin + dice_roll(&dice, (uint32_t)(MAP_LEN - begin) / 8 + 1));
            struct cas_range asked = range(begin / 2, MAP_LEN);
            struct cas_range wanted = map_first(map, asked, false);
            assert_range(cas_gaps_first_new(&gaps, asked), wanted.begin, wanted.end);
            wanted = map_first(map, asked, true);
            assert_range(cas_gaps_first_known(&gaps, asked), wanted.begin, wanted.end);
            bool is_forgetting = dice_roll(&dice, 20) == 0;
            if (is_forgetting) {
                cas_gaps_forget_below(&gaps, begin);
            } else if (!cas_gaps_insert(&gaps, part)) {
                ck_assert_uint_eq(gaps.len, CAS_GAPS_MAX);
                continue;
            }
            for (uint64_t i = 0; i < MAP_LEN; i++) {
                bool is_in = i >= part.begin && i < part.end;
                map[i] = is_forgetting ? map[i] && i >= begin : map[i] || is_in;
            }
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gaps");
    TCase *tcase = tcase_create("gaps");
    tcase_add_test(tcase, touching_and_overlapping_ranges_become_one);
    tcase_add_test(tcase, new_and_known_parts_are_found);
    tcase_add_test(tcase, one_range_too_many_changes_nothing);
    tcase_add_test(tcase, what_is_below_can_be_forgotten);
    tcase_add_test(tcase, offsets_reach_to_the_end_of_64_bits);
    tcase_add_test(tcase, random_inserts_agree_with_a_map_of_bytes);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
