/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trial of one capture: which schedules of it are tried, what is right of each, and how
 * many of what there were.
 */
#ifndef CAS_TEST_TRIAL_H
#define CAS_TEST_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "integration/outcome.h"
#include "integration/schedule.h"
#include "support/tls_walk.h"

/* Failures that are remembered; all are counted. */
#define TALLY_FAILED_MAX 5

/* Plain numbers, so that it can lie in memory that processes share. */
struct tally {
    unsigned long schedules;
    unsigned long of_kind[SCHEDULE_KINDS];   /* that had this one */
    unsigned long lists[REPORT_LIST_STATES]; /* of handshakes, in schedules with losses */
    unsigned long whole; /* lists whose bytes were all there, in schedules with losses */
    unsigned long told;  /* of them, how many were called complete */
    unsigned long failures;
    uint64_t failed[TALLY_FAILED_MAX]; /* the first ones, rising */
};

void tally_add(struct tally *sum, const struct tally *more);

/* Both directions of a connection as recorded. */
struct told_stream {
    struct recorded_stream stream;
    struct tls_walk walk;
};

struct trial {
    const struct recording *recording;
    struct told_stream (*told)[2];
    struct report_lines *lines;
    struct outcome baseline;
    uint64_t losses;    /* schedules in which one packet is missing come first */
    size_t loss_every;  /* of so many packets one is tried */
    uint64_t schedules; /* with the losses */
    uint64_t seed;      /* of the first random one */
    unsigned kinds;
    bool is_distrustful; /* no byte counts as seen: to see that the judge is listened to */
};

/* Without a baseline yet, and nothing to try. */
struct trial trial_start(const struct recording *recording);
void trial_finish(struct trial *trial);

/* How many random schedules to try, and from which seed. */
void trial_plan(struct trial *trial, uint64_t seed, uint64_t schedules, unsigned kinds);

/* The recording as it is becomes what all others are held against; NULL, or what is wrong. */
const char *trial_set_baseline(struct trial *trial);

/* The schedule of this number, which the random ones have their seed from. */
struct schedule trial_schedule(const struct trial *trial, uint64_t number);
uint64_t trial_seed(const struct trial *trial, uint64_t number);

/* NULL, or a static text that says what is wrong. */
const char *trial_judge(const struct trial *trial, const struct schedule *schedule,
                        uint64_t seed, struct tally *tally);

/* Tries the numbers first, first + step, ... */
void trial_run(const struct trial *trial, uint64_t first, uint64_t step, struct tally *tally,
               volatile uint64_t *now);

#endif
