/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include <casniff/evidence.h>

#include "net/kept.h"
#include "support/frames.h"
#include "support/support.h"

#define KIB ((size_t)1024)

struct shelf {
    struct cas_budget budget;
    struct cas_counters counters;
    struct cas_kept_pool pool;
    struct cas_kept kept;
};

static struct shelf *shelf_create(size_t budget, size_t limit)
{
    struct shelf *shelf = calloc(1, sizeof(*shelf));
    ck_assert_ptr_nonnull(shelf);
    shelf->budget.limit = budget;
    shelf->pool = (struct cas_kept_pool){
        .budget = &shelf->budget,
        .counters = &shelf->counters,
        .limit = limit,
    };
    return shelf;
}

static void shelf_destroy(struct shelf *shelf)
{
    cas_kept_finish(&shelf->kept, &shelf->pool);
    ck_assert_uint_eq(shelf->budget.used, 0);
    ck_assert_uint_eq(shelf->pool.used, 0);
    free(shelf);
}

static struct cas_evidence evidence_of(const struct shelf *shelf)
{
    return (struct cas_evidence){ .frames_len = shelf->kept.len, .kept = &shelf->kept };
}

/* Frames of many lengths, none among them, longer than any block as well. */
START_TEST(frames_come_back_as_they_were)
{
    static const size_t lens[] = { 54, 0, 1, 1514, 4095, 4096, 70000, 60, 9014, 1514, 1514, 3 };
    struct dice dice = dice_init("kept");
    struct frames frames = { 0 };
    struct shelf *shelf = shelf_create(1024 * KIB, 1024 * KIB);
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        struct cas_view bytes = dice_bytes(&dice, lens[i]);
        frames_add(&frames, (int)(i % 3), bytes);
        frames.frame[i].wire_len += (uint32_t)i;
        exact_free(bytes);
        cas_kept_add(&shelf->kept, &shelf->pool, &frames.frame[i]);
    }
    struct cas_evidence evidence = evidence_of(shelf);
    struct cas_evidence_cursor cursor = { 0 };
    struct cas_frame frame;
    size_t i = 0;
    for (; cas_evidence_next(&evidence, &cursor, &frame); i++) {
        const struct cas_frame *was = &frames.frame[i];
        ck_assert_uint_eq(frame.number, was->number);
        ck_assert_uint_eq(frame.timestamp_us, was->timestamp_us);
        ck_assert_int_eq(frame.link_type, was->link_type);
        ck_assert_uint_eq(frame.wire_len, was->wire_len);
        ck_assert(cas_view_equal(frame.bytes, was->bytes));
    }
    ck_assert_uint_eq(i, frames.len);
    ck_assert_uint_eq(shelf->kept.missing, 0);
    frames_free(&frames);
    shelf_destroy(shelf);
}
END_TEST

static void fill(struct shelf *shelf, size_t count, size_t len)
{
    uint8_t *bytes = calloc(1, len);
    ck_assert_ptr_nonnull(bytes);
    const struct cas_frame frame = { .bytes = { .data = bytes, .len = len } };
    for (size_t i = 0; i < count; i++) {
        cas_kept_add(&shelf->kept, &shelf->pool, &frame);
    }
    free(bytes);
}

START_TEST(one_connection_has_a_cap_and_what_is_above_is_counted)
{
    struct shelf *shelf = shelf_create(8192 * KIB, 8192 * KIB);
    fill(shelf, 1000, 1000);
    ck_assert_uint_le(shelf->kept.size, CAS_KEPT_MAX);
    ck_assert_uint_gt(shelf->kept.len, 400); /* what else it takes is little */
    ck_assert_uint_eq(shelf->kept.len + shelf->kept.missing, 1000);
    ck_assert_uint_eq(shelf->counters.value[CAS_COUNT_EVIDENCE_FRAMES_DROPPED],
                      shelf->kept.missing);
    shelf_destroy(shelf);
}
END_TEST

START_TEST(all_connections_together_have_a_cap)
{
    struct shelf *shelf = shelf_create(8192 * KIB, 64 * KIB);
    struct cas_kept other = { 0 };
    fill(shelf, 25, 1000);
    size_t used = shelf->pool.used;
    const struct cas_frame frame = { .bytes = { 0 } };
    cas_kept_add(&other, &shelf->pool, &frame);
    ck_assert_uint_gt(shelf->pool.used, used);
    fill(shelf, 100, 1000);
    ck_assert_uint_le(shelf->pool.used, 64 * KIB);
    ck_assert_uint_gt(shelf->kept.missing, 0);
    ck_assert_uint_eq(other.missing, 0);
    cas_kept_finish(&other, &shelf->pool);
    shelf_destroy(shelf);
}
END_TEST

START_TEST(a_refused_budget_is_a_missing_frame)
{
    struct shelf *shelf = shelf_create(1 * KIB, 64 * KIB);
    fill(shelf, 3, 1000);
    ck_assert_uint_eq(shelf->kept.missing, 3);
    ck_assert_uint_eq(shelf->kept.len, 0);
    shelf_destroy(shelf);
}
END_TEST

START_TEST(finished_frames_are_gone_and_what_was_missing_is_known)
{
    struct shelf *shelf = shelf_create(1024 * KIB, 1024 * KIB);
    fill(shelf, 2, 100);
    cas_kept_miss(&shelf->kept, &shelf->pool);
    shelf->kept.is_evidence = true;
    cas_kept_finish(&shelf->kept, &shelf->pool);
    ck_assert_uint_eq(shelf->budget.used, 0);
    ck_assert_uint_eq(shelf->kept.len, 0);
    ck_assert_uint_eq(shelf->kept.missing, 1);
    ck_assert(shelf->kept.is_evidence);
    shelf_destroy(shelf);
}
END_TEST

START_TEST(for_room_the_oldest_frames_go_first_and_are_counted)
{
    struct shelf *shelf = shelf_create(1024 * KIB, 1024 * KIB);
    struct cas_kept older = { 0 };
    const struct cas_frame frame = { .bytes = { 0 } };
    cas_kept_add(&older, &shelf->pool, &frame);
    fill(shelf, 5, 100);
    cas_kept_add(&older, &shelf->pool, &frame);
    ck_assert(cas_kept_shed(&shelf->pool));
    ck_assert_uint_eq(older.len, 0);
    ck_assert_uint_eq(older.missing, 2);
    ck_assert_uint_eq(shelf->kept.len, 5);
    cas_kept_add(&older, &shelf->pool, &frame); /* what is left of it is of no use */
    ck_assert_uint_eq(older.len, 0);
    ck_assert_uint_eq(older.missing, 3);
    ck_assert(cas_kept_shed(&shelf->pool));
    ck_assert(!cas_kept_shed(&shelf->pool));
    ck_assert_uint_eq(shelf->pool.used, 0);
    ck_assert_uint_eq(shelf->counters.value[CAS_COUNT_EVIDENCE_FRAMES_DROPPED], 8);
    cas_kept_finish(&older, &shelf->pool);
    shelf_destroy(shelf);
}
END_TEST

START_TEST(a_late_frame_is_told_alone)
{
    static const uint8_t bytes[] = { 1, 2, 3 };
    const struct cas_frame late = { .number = 7, .bytes = { bytes, sizeof(bytes) } };
    const struct cas_evidence evidence = { .is_late = true, .frames_len = 1, .late = &late };
    struct cas_evidence_cursor cursor = { 0 };
    struct cas_frame frame = { 0 };
    ck_assert(cas_evidence_next(&evidence, &cursor, &frame));
    ck_assert_uint_eq(frame.number, 7);
    ck_assert(!cas_evidence_next(&evidence, &cursor, &frame));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kept");
    TCase *tcase = tcase_create("kept");
    tcase_add_test(tcase, frames_come_back_as_they_were);
    tcase_add_test(tcase, one_connection_has_a_cap_and_what_is_above_is_counted);
    tcase_add_test(tcase, all_connections_together_have_a_cap);
    tcase_add_test(tcase, a_refused_budget_is_a_missing_frame);
    tcase_add_test(tcase, finished_frames_are_gone_and_what_was_missing_is_known);
    tcase_add_test(tcase, for_room_the_oldest_frames_go_first_and_are_counted);
    tcase_add_test(tcase, a_late_frame_is_told_alone);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
