/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "net/sums.h"
#include "support/frames.h"
#include "support/support.h"

/* Of the side that sends. */
#define SENDS_GOOD 2u
#define OTHER_DOES 1u

/* One segment of side 1, and who judges it. */
struct stage {
    struct cas_buf bytes;
    struct cas_arrival arrival;
    struct cas_joined joined;
    struct cas_counters counters;
    struct cas_sums sums;
};

static struct stage *stage_create(enum cas_flows_checksums mode)
{
    struct stage *stage = calloc(1, sizeof(*stage));
    ck_assert_ptr_nonnull(stage);
    stage->bytes = cas_buf_init(1000, NULL);
    stage->sums = cas_sums_init(mode, &stage->counters);
    stage->arrival.side = 1;
    return stage;
}

static void stage_destroy(struct stage *stage)
{
    cas_buf_finish(&stage->bytes);
    free(stage);
}

/* The next segment, of which nobody has computed the sum. */
static void set_sum(struct stage *stage, enum frame_sum sum)
{
    static const struct cas_endpoint from = { .family = 4, .address = { 192, 0, 2, 1 } };
    static const struct cas_endpoint to = { .family = 4, .address = { 198, 51, 100, 1 } };
    const struct frame_spec spec = {
        .from = from, .to = to, .flags = ACK, .payload = text_view("hello"), .sum = sum
    };
    cas_buf_clear(&stage->bytes);
    append_tcp(&stage->bytes, &spec);
    stage->arrival.ip = (struct cas_ip_packet){
        .source = cas_view_of(from.address, 4),
        .destination = cas_view_of(to.address, 4),
        .protocol = CAS_IP_PROTOCOL_TCP,
        .payload = cas_buf_view(&stage->bytes),
        .wire_len = stage->bytes.len,
    };
    stage->arrival.tcp.sum = CAS_TCP_SUM_UNKNOWN;
}

static bool believes(struct stage *stage, enum frame_sum sum, unsigned good_sums)
{
    set_sum(stage, sum);
    return cas_sums_believe(&stage->sums, &stage->arrival, good_sums);
}

static uint64_t trusted(const struct stage *stage)
{
    return stage->counters.value[CAS_COUNT_CHECKSUM_TRUSTED];
}

/* T20 */
START_TEST(who_is_believed)
{
    static const struct {
        enum cas_flows_checksums mode;
        enum frame_sum sum;
        unsigned good_sums;
        bool is_joined;
        bool is_believed;
        bool is_trusted; /* a wrong one that was looked at, and counts all the same */
        enum cas_tcp_sum seen;
    } cases[] = {
        { CAS_FLOWS_CHECK_ALWAYS, FRAME_SUM_GOOD, 0, false, true, false, CAS_TCP_SUM_GOOD },
        { CAS_FLOWS_CHECK_ALWAYS, FRAME_SUM_BAD, 0, false, false, false, CAS_TCP_SUM_BAD },
        { CAS_FLOWS_CHECK_ALWAYS, FRAME_SUM_PARTIAL, 0, false, true, false,
          CAS_TCP_SUM_PARTIAL },
        { CAS_FLOWS_CHECK_ALWAYS, FRAME_SUM_BAD, 0, true, false, false, CAS_TCP_SUM_BAD },
        { CAS_FLOWS_CHECK_AUTO, FRAME_SUM_GOOD, 0, false, true, false, CAS_TCP_SUM_GOOD },
        { CAS_FLOWS_CHECK_AUTO, FRAME_SUM_BAD, 0, false, true, true, CAS_TCP_SUM_BAD },
        { CAS_FLOWS_CHECK_AUTO, FRAME_SUM_BAD, OTHER_DOES, false, true, true, CAS_TCP_SUM_BAD },
        { CAS_FLOWS_CHECK_AUTO, FRAME_SUM_BAD, SENDS_GOOD, false, false, false,
          CAS_TCP_SUM_BAD },
        { CAS_FLOWS_CHECK_AUTO, FRAME_SUM_PARTIAL, SENDS_GOOD, false, true, false,
          CAS_TCP_SUM_PARTIAL },
        { CAS_FLOWS_CHECK_AUTO, FRAME_SUM_BAD, 0, true, false, false, CAS_TCP_SUM_BAD },
        { CAS_FLOWS_CHECK_NEVER, FRAME_SUM_BAD, SENDS_GOOD, false, true, false,
          CAS_TCP_SUM_UNKNOWN },
        { CAS_FLOWS_CHECK_NEVER, FRAME_SUM_BAD, SENDS_GOOD, true, true, false,
          CAS_TCP_SUM_UNKNOWN },
    };
    struct stage *stage = stage_create(cases[_i].mode);
    stage->arrival.joined = cases[_i].is_joined ? &stage->joined : NULL;
    ck_assert(believes(stage, cases[_i].sum, cases[_i].good_sums) == cases[_i].is_believed);
    ck_assert_int_eq(stage->arrival.tcp.sum, cases[_i].seen);
    ck_assert_uint_eq(trusted(stage), cases[_i].is_trusted ? 1 : 0);
    stage_destroy(stage);
}
END_TEST

/* A thousand, the first so many of them wrong. */
static void sample(struct stage *stage, unsigned bad, unsigned good_sums)
{
    for (unsigned i = 0; i < 1000; i++) {
        believes(stage, i < bad ? FRAME_SUM_BAD : FRAME_SUM_GOOD, good_sums);
    }
}

START_TEST(a_hundred_of_a_thousand_end_the_checking)
{
    static const struct {
        unsigned bad;
        unsigned good_sums;
        bool ends;
    } cases[] = { { 99, 0, false }, { 100, 0, true }, { 1000, SENDS_GOOD, false } };
    struct stage *stage = stage_create(CAS_FLOWS_CHECK_AUTO);
    sample(stage, cases[_i].bad, cases[_i].good_sums);
    ck_assert(believes(stage, FRAME_SUM_BAD, SENDS_GOOD) == cases[_i].ends);
    stage->arrival.joined = &stage->joined;
    ck_assert(!believes(stage, FRAME_SUM_BAD, 0)); /* no card leaves those */
    stage_destroy(stage);
}
END_TEST

START_TEST(the_first_good_one_is_found)
{
    static const struct {
        enum cas_flows_checksums mode;
        enum frame_sum sum;
        unsigned good_sums;
        bool is_first;
    } cases[] = {
        { CAS_FLOWS_CHECK_AUTO, FRAME_SUM_GOOD, 0, true },
        { CAS_FLOWS_CHECK_AUTO, FRAME_SUM_PARTIAL, 0, true },
        { CAS_FLOWS_CHECK_AUTO, FRAME_SUM_GOOD, OTHER_DOES, true },
        { CAS_FLOWS_CHECK_AUTO, FRAME_SUM_GOOD, SENDS_GOOD, false },
        { CAS_FLOWS_CHECK_AUTO, FRAME_SUM_BAD, 0, false },
        { CAS_FLOWS_CHECK_ALWAYS, FRAME_SUM_GOOD, 0, false },
        { CAS_FLOWS_CHECK_NEVER, FRAME_SUM_GOOD, 0, false },
    };
    struct stage *stage = stage_create(cases[_i].mode);
    set_sum(stage, cases[_i].sum);
    ck_assert(cas_sums_find_first_good(&stage->sums, &stage->arrival, cases[_i].good_sums) ==
              cases[_i].is_first);
    stage_destroy(stage);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sums");
    TCase *tcase = tcase_create("sums");
    tcase_add_loop_test(tcase, who_is_believed, 0, 12);
    tcase_add_loop_test(tcase, a_hundred_of_a_thousand_end_the_checking, 0, 3);
    tcase_add_loop_test(tcase, the_first_good_one_is_found, 0, 7);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
