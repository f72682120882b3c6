/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of the verdict, row by row, with the founding case's figures. */
#include <string.h>

#include "analysis/verdict.h"
#include "support/support.h"

/* A store that has all names of the list. */
#define STORE .has_store = true, .advertised = 1

struct sample {
    const char *fact;
    struct cas_verdict_facts facts;
    enum cas_truncation truncation;
    const char *limit; /* that explains it; NULL when none does */
};

static struct cas_verdict judge(const struct cas_verdict_facts *facts)
{
    struct cas_limit schannel;
    ck_assert(cas_limit_find("schannel", &schannel));
    const struct cas_verdict_rules rules = {
        .limits = &schannel,
        .limits_len = 1,
        .warn_percent = 80,
        .crit_percent = 95,
    };
    return cas_verdict_of(facts, &rules);
}

START_TEST(each_row_of_the_table)
{
    const struct sample samples[] = {
        { "a whole store is in the list",
          { .count = 144, .bytes = 14840, .message_bytes = 14892, STORE },
          CAS_TRUNCATION_NONE,
          NULL },
        { "the next name would not have fitted",
          { .count = 133,
            .bytes = 16301,
            .message_bytes = 16353,
            STORE,
            .missing = 272,
            .longest_missing = 140,
            .is_ordered_prefix = true },
          CAS_TRUNCATION_CONFIRMED,
          "schannel-16k" },
        { "the order does not matter for that",
          { .count = 133,
            .bytes = 16301,
            .message_bytes = 16353,
            STORE,
            .missing = 272,
            .longest_missing = 140 },
          CAS_TRUNCATION_CONFIRMED,
          "schannel-16k" },
        { "exactly full is still within",
          { .count = 133,
            .bytes = 16384,
            .message_bytes = 16436,
            STORE,
            .missing = 1,
            .longest_missing = 10 },
          CAS_TRUNCATION_CONFIRMED,
          "schannel-16k" },
        { "one byte over is not that limit",
          { .count = 133,
            .bytes = 16385,
            .message_bytes = 16437,
            STORE,
            .missing = 1,
            .longest_missing = 200 },
          CAS_TRUNCATION_SUBSET,
          NULL },
        { "the longest missing name would just have fitted",
          { .count = 100,
            .bytes = 16244,
            .message_bytes = 16500,
            STORE,
            .missing = 1,
            .longest_missing = 140 },
          CAS_TRUNCATION_SUBSET,
          NULL },
        { "and one byte more would not",
          { .count = 100,
            .bytes = 16245,
            .message_bytes = 16500,
            STORE,
            .missing = 1,
            .longest_missing = 140 },
          CAS_TRUNCATION_CONFIRMED,
          "schannel-16k" },
        { "Mbed TLS counts the whole message",
          { .count = 142,
            .bytes = 16200,
            .message_bytes = 16349,
            STORE,
            .missing = 58,
            .longest_missing = 117,
            .is_ordered_prefix = true },
          CAS_TRUNCATION_CONFIRMED,
          "mbedtls-12" },
        { "the store's first names, far from any limit",
          { .count = 5,
            .bytes = 500,
            .message_bytes = 552,
            STORE,
            .missing = 400,
            .longest_missing = 140,
            .is_ordered_prefix = true },
          CAS_TRUNCATION_SUSPECTED,
          NULL },
        { "some of the store's names, far from any limit",
          { .count = 5,
            .bytes = 500,
            .message_bytes = 552,
            STORE,
            .missing = 400,
            .longest_missing = 140 },
          CAS_TRUNCATION_SUBSET,
          NULL },
        { "an empty list was not cut",
          { .message_bytes = 54, .has_store = true, .missing = 400, .longest_missing = 140 },
          CAS_TRUNCATION_SUBSET,
          NULL },
        { "a store without one of the list's names says nothing",
          { .count = 133,
            .bytes = 16301,
            .message_bytes = 16453,
            .longest_name = 140,
            .has_store = true,
            .extra = 133,
            .missing = 148,
            .longest_missing = 217 },
          CAS_TRUNCATION_SUSPECTED,
          "schannel-16k" },
        { "nor does it when all its own names are blameless",
          { .count = 5,
            .bytes = 500,
            .message_bytes = 552,
            .longest_name = 140,
            .has_store = true,
            .extra = 5 },
          CAS_TRUNCATION_NO_SIGN,
          NULL },
        { "a store with few of the list's names confirms nothing",
          { .count = 134,
            .bytes = 16330,
            .message_bytes = 16349,
            .has_store = true,
            .advertised = 45,
            .extra = 89,
            .missing = 360,
            .longest_missing = 140 },
          CAS_TRUNCATION_SUSPECTED,
          "schannel-16k" },
        { "no store, near the limit",
          { .count = 133, .bytes = 16301, .message_bytes = 16453, .longest_name = 140 },
          CAS_TRUNCATION_SUSPECTED,
          "schannel-16k" },
        { "no store, and room for the longest name",
          { .count = 144, .bytes = 14840, .message_bytes = 14892, .longest_name = 215 },
          CAS_TRUNCATION_NO_SIGN,
          NULL },
        { "an incomplete list proves nothing",
          { .seen = CAS_SEEN_INCOMPLETE,
            .count = 133,
            .bytes = 16301,
            .message_bytes = 16353,
            STORE,
            .missing = 272,
            .longest_missing = 140 },
          CAS_TRUNCATION_UNKNOWN,
          NULL },
        { "nor does an ambiguous one",
          { .seen = CAS_SEEN_AMBIGUOUS, .count = 133, .bytes = 16301, .message_bytes = 16353 },
          CAS_TRUNCATION_UNKNOWN,
          NULL },
        { "nor a malformed one",
          { .seen = CAS_SEEN_MALFORMED, .count = 600, .bytes = 69000, .message_bytes = 69031 },
          CAS_TRUNCATION_UNKNOWN,
          NULL },
    };
    const struct sample *sample = &samples[_i];
    ck_assert_int_lt(_i, (int)(sizeof(samples) / sizeof(samples[0])));
    struct cas_verdict verdict = judge(&sample->facts);
    ck_assert_msg(verdict.truncation == sample->truncation, "%s: %s", sample->fact,
                  cas_truncation_name(verdict.truncation));
    ck_assert_msg(verdict.is_explained == (sample->limit != NULL), "%s", sample->fact);
    if (sample->limit != NULL) {
        ck_assert_str_eq(verdict.limit.name, sample->limit);
    }
}
END_TEST

START_TEST(headroom_has_four_steps)
{
    const struct {
        uint32_t bytes;
        uint32_t percent;
        enum cas_headroom headroom;
    } steps[] = {
        { 100, 0, CAS_HEADROOM_OK },       { 13107, 79, CAS_HEADROOM_OK },
        { 13108, 80, CAS_HEADROOM_WARN },  { 15564, 94, CAS_HEADROOM_WARN },
        { 15565, 95, CAS_HEADROOM_CRIT },  { 16384, 100, CAS_HEADROOM_CRIT },
        { 16385, 100, CAS_HEADROOM_OVER }, { 40000, 244, CAS_HEADROOM_OVER },
    };
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        const struct cas_verdict_facts facts = {
            .count = 100,
            .bytes = steps[i].bytes,
            .message_bytes = steps[i].bytes + 52,
        };
        struct cas_verdict verdict = judge(&facts);
        ck_assert_uint_eq(verdict.percent, steps[i].percent);
        ck_assert_int_eq(verdict.headroom, steps[i].headroom);
        ck_assert_int_eq(verdict.slack, 16384 - (int64_t)steps[i].bytes);
    }
}
END_TEST

START_TEST(room_is_counted_in_names_of_average_size)
{
    /* Debian's bundle: 14,840 bytes in 144 names, 103.06 each; 1,544 bytes are left. */
    const struct cas_verdict_facts facts = {
        .count = 144,
        .bytes = 14840,
        .message_bytes = 14892,
        .longest_name = 217,
    };
    ck_assert_uint_eq(judge(&facts).room_for, 14);
}
END_TEST

START_TEST(each_limit_counts_what_it_says)
{
    const struct cas_verdict_facts facts = { .count = 10,
                                             .bytes = 1000,
                                             .message_bytes = 1052 };
    const struct {
        const char *limit;
        uint32_t counted;
    } counts[] = {
        { "schannel", 1000 },
        { "mbedtls", 1052 },
        { "java-recv", 1048 },
        { "java-send13", 980 },
    };
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct cas_limit limit;
        ck_assert(cas_limit_find(counts[i].limit, &limit));
        ck_assert_uint_eq(cas_limit_counted(&limit, &facts), counts[i].counted);
    }
}
END_TEST

START_TEST(the_fullest_of_the_chosen_limits_is_told)
{
    struct cas_limit limits[2];
    ck_assert(cas_limit_find("java-recv", &limits[0]));
    ck_assert(cas_limit_find("20000", &limits[1]));
    const struct cas_verdict_rules rules = {
        .limits = limits,
        .limits_len = 2,
        .warn_percent = 80,
        .crit_percent = 95,
    };
    const struct cas_verdict_facts facts = { .count = 10,
                                             .bytes = 1000,
                                             .message_bytes = 1052 };
    ck_assert_str_eq(cas_verdict_of(&facts, &rules).limit.name, "given");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verdict");
    TCase *tcase = tcase_create("verdict");
    tcase_add_loop_test(tcase, each_row_of_the_table, 0, 19);
    tcase_add_test(tcase, headroom_has_four_steps);
    tcase_add_test(tcase, room_is_counted_in_names_of_average_size);
    tcase_add_test(tcase, each_limit_counts_what_it_says);
    tcase_add_test(tcase, the_fullest_of_the_chosen_limits_is_told);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
