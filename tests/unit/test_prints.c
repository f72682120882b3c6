/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/prints.h"
#include "support/frames.h"
#include "support/support.h"

#define START UINT64_C(0x1fffff000)

struct stage {
    struct cas_budget budget;
    struct cas_keyhash hash;
    struct cas_prints *prints;
};

static struct stage stage_of(size_t limit)
{
    const uint8_t key[CAS_KEYHASH_KEY_LEN] = "sixteen bytes...";
    return (struct stage){ .budget.limit = limit, .hash = cas_keyhash_init(key) };
}

static void stage_finish(struct stage *stage)
{
    cas_prints_forget(&stage->prints, &stage->budget);
    ck_assert_ptr_null(stage->prints);
    ck_assert_uint_eq(stage->budget.used, 0);
}

static void add(struct stage *stage, uint64_t offset, const char *text)
{
    cas_prints_add(&stage->prints, &stage->budget, &stage->hash, START + offset,
                   text_view(text));
}

static void assert_same(const struct stage *stage, uint64_t offset, const char *text,
                        uint64_t begin, uint64_t end)
{
    struct cas_view copy = exact_copy(text_view(text));
    struct cas_range range = { .begin = START + offset, .end = START + offset + copy.len };
    struct cas_range same = cas_prints_first_same(stage->prints, &stage->hash, range, copy);
    exact_free(copy);
    ck_assert_uint_eq(same.begin, START + begin);
    ck_assert_uint_eq(same.end, START + end);
}

static void assert_none(const struct stage *stage, uint64_t offset, const char *text)
{
    uint64_t end = offset + text_view(text).len;
    assert_same(stage, offset, text, end, end);
}

START_TEST(a_whole_segment_is_known_again)
{
    struct stage stage = stage_of(1000);
    add(&stage, 0, "hello, ");
    add(&stage, 7, "wide ");
    add(&stage, 12, "world");
    assert_same(&stage, 0, "hello, ", 0, 7);
    assert_same(&stage, 7, "wide world", 7, 12);
    assert_same(&stage, 12, "world and more", 12, 17);
    assert_same(&stage, 4, "o, wide wor", 7, 12);
    stage_finish(&stage);
}
END_TEST

START_TEST(a_part_of_one_and_one_that_differs_are_not)
{
    struct stage stage = stage_of(1000);
    add(&stage, 0, "hello, ");
    add(&stage, 7, "world");
    assert_none(&stage, 0, "hello,");
    assert_none(&stage, 1, "ello, ");
    assert_none(&stage, 0, "hellO, ");
    assert_none(&stage, 0, "world");
    assert_none(&stage, 12, "world");
    assert_same(&stage, 0, "hellO, world", 7, 12);
    stage_finish(&stage);
}
END_TEST

START_TEST(what_does_not_touch_begins_anew)
{
    struct stage stage = stage_of(1000);
    add(&stage, 0, "hello");
    add(&stage, 6, "world");
    assert_none(&stage, 0, "hello");
    assert_same(&stage, 6, "world", 6, 11);
    stage_finish(&stage);
}
END_TEST

START_TEST(of_too_many_the_last_ones_are_known)
{
    struct stage stage = stage_of(100000);
    for (uint64_t i = 0; i < 10 * CAS_PRINTS_MAX; i++) {
        add(&stage, 2 * i, "ab");
        ck_assert_uint_le(stage.prints->len, CAS_PRINTS_MAX);
        assert_same(&stage, 2 * i, "ab", 2 * i, 2 * i + 2);
    }
    uint64_t end = UINT64_C(20) * CAS_PRINTS_MAX;
    assert_same(&stage, end - CAS_PRINTS_MAX, "ab", end - CAS_PRINTS_MAX,
                end - CAS_PRINTS_MAX + 2);
    assert_none(&stage, 0, "ab");
    stage_finish(&stage);
}
END_TEST

START_TEST(without_memory_nothing_more_is_known)
{
    struct stage stage = stage_of(100);
    for (uint64_t i = 0; i < 5; i++) {
        add(&stage, 2 * i, "ab");
    }
    assert_same(&stage, 6, "ab", 6, 8);
    assert_none(&stage, 8, "ab");
    stage_finish(&stage);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("prints");
    TCase *tcase = tcase_create("prints");
    tcase_add_test(tcase, a_whole_segment_is_known_again);
    tcase_add_test(tcase, a_part_of_one_and_one_that_differs_are_not);
    tcase_add_test(tcase, what_does_not_touch_begins_anew);
    tcase_add_test(tcase, of_too_many_the_last_ones_are_known);
    tcase_add_test(tcase, without_memory_nothing_more_is_known);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
