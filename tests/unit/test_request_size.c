/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the size of an encrypted request tells of the list in it: at least size - 400, at most
 * size - 25 bytes. The expected values are computed by hand from that and from the limit. */
#include <string.h>

#include "analysis/request_size.h"
#include "support/support.h"

struct expected {
    const char *name;
    uint32_t message;
    const char *limit;
    uint32_t counted;
    uint32_t percent_least;
    uint32_t percent;
    enum cas_headroom headroom_least;
    enum cas_headroom headroom;
};

static const struct cas_request_size *tell(uint32_t least, uint32_t most, const char *first,
                                           const char *second, struct cas_arena *arena)
{
    struct cas_limit limits[2];
    ck_assert(cas_limit_find(first, &limits[0]));
    ck_assert(second == NULL || cas_limit_find(second, &limits[1]));
    const struct cas_verdict_rules rules = {
        .limits = limits,
        .limits_len = second != NULL ? 2 : 1,
        .warn_percent = 80,
        .crit_percent = 95,
    };
    const struct cas_inference inference = { .request_least = least, .request_most = most };
    return cas_request_size_tell(&inference, &rules, arena);
}

START_TEST(near_a_limit_is_what_is_near_in_any_case)
{
    const struct expected cases[] = {
        { "nothing in it", 40, "schannel", 0, 0, 0, CAS_HEADROOM_OK, CAS_HEADROOM_OK },
        { "may be near", 13507, "schannel", 13107, 79, 82, CAS_HEADROOM_OK, CAS_HEADROOM_WARN },
        { "is near", 13508, "schannel", 13108, 80, 82, CAS_HEADROOM_WARN, CAS_HEADROOM_WARN },
        { "is there", 15965, "schannel", 15565, 95, 97, CAS_HEADROOM_CRIT, CAS_HEADROOM_CRIT },
        { "may be over", 16784, "schannel", 16384, 100, 102, CAS_HEADROOM_CRIT,
          CAS_HEADROOM_CRIT },
        { "is over", 16785, "schannel", 16385, 100, 102, CAS_HEADROOM_OVER, CAS_HEADROOM_OVER },
        /* what counts the whole message is known to the byte */
        { "a message", 16384, "mbedtls", 16384, 100, 100, CAS_HEADROOM_CRIT,
          CAS_HEADROOM_CRIT },
        { "a message that is over", 16385, "mbedtls", 16385, 100, 100, CAS_HEADROOM_OVER,
          CAS_HEADROOM_OVER },
        /* names without their length fields: 65,600 in at most 4,100 names of 16 bytes */
        { "names only", 66000, "java-send13", 57400, 87, 100, CAS_HEADROOM_WARN,
          CAS_HEADROOM_CRIT },
    };
    const struct expected *expected = &cases[_i];
    struct cas_budget budget = { .limit = 1u << 20 };
    struct cas_arena arena = cas_arena_init(&budget);
    const struct cas_request_size *size =
        tell(expected->message, expected->message, expected->limit, NULL, &arena);
    ck_assert_msg(size->limit_counted == expected->counted, "%s: %u", expected->name,
                  size->limit_counted);
    ck_assert_msg(size->limit_percent_least == expected->percent_least, "%s: %u",
                  expected->name, size->limit_percent_least);
    ck_assert_msg(size->limit_percent == expected->percent, "%s: %u", expected->name,
                  size->limit_percent);
    ck_assert_msg(size->headroom_least == expected->headroom_least, "%s", expected->name);
    ck_assert_msg(size->headroom == expected->headroom, "%s", expected->name);
    cas_arena_finish(&arena);
}
END_TEST

START_TEST(of_two_limits_the_one_that_is_near_in_any_case_is_told)
{
    struct cas_budget budget = { .limit = 1u << 20 };
    struct cas_arena arena = cas_arena_init(&budget);
    /* a list of 550 to 925 bytes: of 1,000 at most 92 %, of 600 at least 91 % */
    const struct cas_request_size *size = tell(950, 950, "1000", "600", &arena);
    ck_assert_uint_eq(size->limit_bytes, 600);
    ck_assert_uint_eq(size->limit_percent_least, 91);
    ck_assert_int_eq(size->headroom_least, CAS_HEADROOM_WARN);
    cas_arena_finish(&arena);
}
END_TEST

START_TEST(clients_refuse_what_is_too_big_in_any_case)
{
    struct cas_budget budget = { .limit = 1u << 20 };
    struct cas_arena arena = cas_arena_init(&budget);
    ck_assert_uint_eq(tell(16384, 16384, "schannel", NULL, &arena)->clients_refusing_len, 0);
    const struct cas_request_size *size = tell(16385, 16385, "schannel", NULL, &arena);
    ck_assert_uint_eq(size->clients_refusing_len, 1);
    ck_assert_str_eq(size->clients_refusing[0], "mbedtls-recv");
    /* 32,768 bytes of body for Java, of message for Schannel */
    ck_assert_uint_eq(tell(32769, 32769, "schannel", NULL, &arena)->clients_refusing_len, 3);
    ck_assert_uint_eq(tell(32773, 32773, "schannel", NULL, &arena)->clients_refusing_len, 4);
    cas_arena_finish(&arena);
}
END_TEST

START_TEST(a_bound_is_near_no_limit_and_refused_by_nobody)
{
    struct cas_budget budget = { .limit = 1u << 20 };
    struct cas_arena arena = cas_arena_init(&budget);
    const struct cas_request_size *size = tell(15, 50000, "schannel", NULL, &arena);
    ck_assert_ptr_null(size->limit_name);
    ck_assert_int_eq(size->headroom_least, CAS_HEADROOM_OK);
    ck_assert_uint_eq(size->clients_refusing_len, 0);
    ck_assert_ptr_null(tell(0, 0, "schannel", NULL, &arena));
    cas_arena_finish(&arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("request_size");
    TCase *tcase = tcase_create("request_size");
    tcase_add_loop_test(tcase, near_a_limit_is_what_is_near_in_any_case, 0, 9);
    tcase_add_test(tcase, of_two_limits_the_one_that_is_near_in_any_case_is_told);
    tcase_add_test(tcase, clients_refuse_what_is_too_big_in_any_case);
    tcase_add_test(tcase, a_bound_is_near_no_limit_and_refused_by_nobody);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
