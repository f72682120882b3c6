/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include <casniff/evidence.h>

#include "net/early.h"
#include "support/frames.h"
#include "support/support.h"

#define MIB ((size_t)1024 * 1024)

struct shelf {
    struct cas_budget budget;
    struct cas_counters counters;
    struct cas_kept_pool pool;
    struct cas_kept kept;
    struct cas_early early;
    uint64_t number;
};

static struct shelf *shelf_create(size_t early_bytes)
{
    struct shelf *shelf = calloc(1, sizeof(*shelf));
    ck_assert_ptr_nonnull(shelf);
    shelf->budget.limit = 64 * MIB;
    shelf->pool = (struct cas_kept_pool){
        .budget = &shelf->budget,
        .counters = &shelf->counters,
        .limit = MIB,
    };
    ck_assert(cas_early_init(&shelf->early, &shelf->budget, early_bytes));
    return shelf;
}

static void shelf_destroy(struct shelf *shelf)
{
    cas_kept_finish(&shelf->kept, &shelf->pool);
    cas_early_finish(&shelf->early, &shelf->budget);
    ck_assert_uint_eq(shelf->budget.used, 0);
    free(shelf);
}

static struct cas_frame next_frame(struct shelf *shelf, struct cas_view bytes)
{
    return (struct cas_frame){
        .number = ++shelf->number,
        .timestamp_us = shelf->number * 1000,
        .link_type = 1,
        .wire_len = (uint32_t)bytes.len,
        .bytes = bytes,
    };
}

static void add(struct shelf *shelf, uint64_t hash, unsigned what)
{
    struct cas_frame frame = next_frame(shelf, text_view("a SYN of about sixty bytes"));
    cas_early_add(&shelf->early, hash, &frame, what);
}

/* Fails unless the kept frames have these numbers, ended by 0. */
static void assert_kept(const struct shelf *shelf, const uint64_t *numbers)
{
    struct cas_evidence evidence = { .frames_len = shelf->kept.len, .kept = &shelf->kept };
    struct cas_evidence_cursor cursor = { 0 };
    struct cas_frame frame;
    size_t i = 0;
    for (; cas_evidence_next(&evidence, &cursor, &frame); i++) {
        ck_assert_uint_eq(frame.number, numbers[i]);
        ck_assert_uint_eq(frame.timestamp_us, numbers[i] * 1000);
    }
    ck_assert_uint_eq(numbers[i], 0);
}

START_TEST(frames_of_one_hash_are_taken_in_their_order)
{
    static const uint64_t numbers[] = { 1, 3, 0 };
    struct shelf *shelf = shelf_create(MIB);
    add(shelf, 5, CAS_EARLY_SYN);
    add(shelf, 6, CAS_EARLY_SYN);
    add(shelf, 5, CAS_EARLY_SYN << 1);
    unsigned there = cas_early_take(&shelf->early, 5, &shelf->kept, &shelf->pool);
    ck_assert_uint_eq(there, CAS_EARLY_SYN | CAS_EARLY_SYN << 1);
    assert_kept(shelf, numbers);
    ck_assert_uint_eq(cas_early_take(&shelf->early, 5, &shelf->kept, &shelf->pool), 0);
    ck_assert_uint_eq(cas_early_take(&shelf->early, 6, &shelf->kept, &shelf->pool),
                      CAS_EARLY_SYN);
    shelf_destroy(shelf);
}
END_TEST

START_TEST(a_flood_takes_no_memory_and_overwrites_the_oldest)
{
    struct shelf *shelf = shelf_create(MIB);
    size_t used = shelf->budget.used;
    ck_assert_uint_le(used, MIB + CAS_BUDGET_OVERHEAD);
    add(shelf, 1, CAS_EARLY_SYN);
    for (uint64_t hash = 2; hash < 100000; hash++) {
        add(shelf, hash * UINT64_C(0x9e3779b97f4a7c15), CAS_EARLY_SYN);
    }
    ck_assert_uint_eq(shelf->budget.used, used);
    ck_assert_uint_eq(cas_early_take(&shelf->early, 1, &shelf->kept, &shelf->pool), 0);
    shelf_destroy(shelf);
}
END_TEST

START_TEST(of_many_repeats_the_first_and_the_latest_are_kept_and_the_rest_counted)
{
    static const uint64_t numbers[] = { 1, 10, 0 };
    struct shelf *shelf = shelf_create(MIB);
    for (unsigned i = 0; i < 10; i++) {
        add(shelf, 5, CAS_EARLY_SYN);
    }
    (void)cas_early_take(&shelf->early, 5, &shelf->kept, &shelf->pool);
    assert_kept(shelf, numbers);
    ck_assert_uint_eq(shelf->kept.missing, 8);
    shelf_destroy(shelf);
}
END_TEST

START_TEST(an_ack_is_kept_only_behind_others_and_not_often)
{
    struct shelf *shelf = shelf_create(MIB);
    struct cas_frame ack = next_frame(shelf, text_view("an ACK"));
    cas_early_add_ack(&shelf->early, 5, &ack);
    ck_assert_uint_eq(cas_early_take(&shelf->early, 5, &shelf->kept, &shelf->pool), 0);
    ck_assert_uint_eq(shelf->kept.len, 0);
    add(shelf, 5, CAS_EARLY_SYN);
    for (unsigned i = 0; i < 100; i++) {
        cas_early_add_ack(&shelf->early, 5, &ack);
    }
    (void)cas_early_take(&shelf->early, 5, &shelf->kept, &shelf->pool);
    ck_assert_uint_le(shelf->kept.len, 4);
    shelf_destroy(shelf);
}
END_TEST

START_TEST(what_is_forgotten_or_too_long_is_not_there)
{
    struct shelf *shelf = shelf_create(MIB);
    struct cas_frame jumbo = next_frame(shelf, (struct cas_view){ calloc(1, 200), 200 });
    cas_early_add(&shelf->early, 5, &jumbo, CAS_EARLY_SYN);
    add(shelf, 6, CAS_EARLY_SYN);
    cas_early_forget(&shelf->early, 6);
    ck_assert_uint_eq(cas_early_take(&shelf->early, 5, &shelf->kept, &shelf->pool), 0);
    ck_assert_uint_eq(cas_early_take(&shelf->early, 6, &shelf->kept, &shelf->pool), 0);
    exact_free(jumbo.bytes);
    shelf_destroy(shelf);
}
END_TEST

START_TEST(little_room_is_one_set)
{
    struct shelf *shelf = shelf_create(1);
    ck_assert_uint_lt(shelf->budget.used, 4096);
    for (uint64_t hash = 1; hash < 20; hash++) {
        add(shelf, hash, CAS_EARLY_SYN);
    }
    ck_assert_uint_eq(cas_early_take(&shelf->early, 19, &shelf->kept, &shelf->pool),
                      CAS_EARLY_SYN);
    shelf_destroy(shelf);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("early");
    TCase *tcase = tcase_create("early");
    tcase_add_test(tcase, frames_of_one_hash_are_taken_in_their_order);
    tcase_add_test(tcase, a_flood_takes_no_memory_and_overwrites_the_oldest);
    tcase_add_test(tcase,
                   of_many_repeats_the_first_and_the_latest_are_kept_and_the_rest_counted);
    tcase_add_test(tcase, an_ack_is_kept_only_behind_others_and_not_often);
    tcase_add_test(tcase, what_is_forgotten_or_too_long_is_not_there);
    tcase_add_test(tcase, little_room_is_one_set);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
