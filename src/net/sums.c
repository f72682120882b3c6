/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/sums.h"

/* CAS_FLOWS_CHECK_AUTO: one wrong sum in so many of the first so many ends the checking. */
#define SAMPLE    1000
#define BAD_RATIO 10

struct cas_sums cas_sums_init(enum cas_flows_checksums mode, struct cas_counters *counters)
{
    return (struct cas_sums){ .mode = mode,
                              .checks_joined = mode != CAS_FLOWS_CHECK_NEVER,
                              .counters = counters };
}

/* Of a side that sends good ones a wrong one says nothing of cards: it was damaged, or forged.
 */
static void sample(struct cas_sums *sums, enum cas_tcp_sum sum, bool sends_good)
{
    if (sums->mode != CAS_FLOWS_CHECK_AUTO || sum == CAS_TCP_SUM_UNKNOWN) {
        return;
    }
    sums->checked++;
    sums->bad += sum == CAS_TCP_SUM_BAD && !sends_good ? 1 : 0;
    if (sums->checked == SAMPLE && sums->bad >= SAMPLE / BAD_RATIO) {
        sums->mode = CAS_FLOWS_CHECK_NEVER;
    }
}

static bool has_sent_good(const struct cas_arrival *arrival, unsigned good_sums)
{
    return (good_sums >> arrival->side & 1) != 0;
}

bool cas_sums_believe(struct cas_sums *sums, struct cas_arrival *arrival, unsigned good_sums)
{
    enum cas_tcp_sum *sum = &arrival->tcp.sum;
    bool is_joined = arrival->joined != NULL;
    if (sums->mode != CAS_FLOWS_CHECK_NEVER || (is_joined && sums->checks_joined)) {
        *sum = cas_tcp_sum(&arrival->ip);
    }
    if (is_joined) {
        /* No card computes the sums of fragments; and those of two packets may have met. */
        return *sum != CAS_TCP_SUM_BAD;
    }
    bool sends_good = has_sent_good(arrival, good_sums);
    sample(sums, *sum, sends_good);
    if (*sum != CAS_TCP_SUM_BAD) {
        return true;
    }
    if (sums->mode == CAS_FLOWS_CHECK_ALWAYS ||
        (sums->mode == CAS_FLOWS_CHECK_AUTO && sends_good)) {
        return false;
    }
    cas_count(sums->counters, CAS_COUNT_CHECKSUM_TRUSTED);
    return true;
}

bool cas_sums_find_first_good(const struct cas_sums *sums, struct cas_arrival *arrival,
                              unsigned good_sums)
{
    if (sums->mode != CAS_FLOWS_CHECK_AUTO || has_sent_good(arrival, good_sums)) {
        return false;
    }
    arrival->tcp.sum = cas_tcp_sum(&arrival->ip);
    return cas_tcp_has_good_sum(&arrival->tcp);
}
