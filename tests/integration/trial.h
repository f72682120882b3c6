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

#include "integration/generated.h"
#include "integration/outcome.h"
#include "integration/schedule.h"
#include "support/tls_walk.h"

/* Failures that are remembered; all are counted. */
#define TALLY_FAILED_MAX 5

/* How a complaint begins that is none about casniff. */
#define TRIAL_OWN_MISTAKE "a mistake of this test: "

/* Plain numbers, so that it can lie in memory that processes share. */
struct tally {
    unsigned long schedules;
    unsigned long lossless;
    unsigned long of_kind[SCHEDULE_KINDS];   /* in which this kind made a difference */
    unsigned long lists[REPORT_LIST_STATES]; /* of handshakes, in schedules with losses */
    unsigned long evicted;                   /* connections */
    unsigned long whole; /* requests whose bytes were all there, in schedules with losses */
    unsigned long failures;
    uint64_t failed[TALLY_FAILED_MAX]; /* the first ones, rising */
};

void tally_add(struct tally *sum, const struct tally *more);

/* A direction of a connection as recorded. */
struct told_stream {
    struct recorded_stream stream;
    struct tls_walk walk;
};

/* A recording and what it says. */
struct scene {
    const struct recording *recording;
    struct told_stream (*told)[2]; /* of each connection */
};

struct trial {
    struct scene plain;
    struct scene crowd;        /* for SCHEDULE_CROWD */
    struct recording *crowded; /* its recording: the trial's own */
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

/*
 * The recording as it is becomes what all others are held against; NULL, or what is wrong. Of a
 * generated one it is known what its list must be; NULL for others.
 */
const char *trial_set_baseline(struct trial *trial, const struct generated *known);

/* The schedule of this number, and the seed that it follows from. */
struct schedule trial_schedule(const struct trial *trial, uint64_t number);
uint64_t trial_seed(const struct trial *trial, uint64_t number);

/* NULL, or a static text that says what is wrong. */
const char *trial_judge(const struct trial *trial, const struct schedule *schedule,
                        uint64_t seed, struct tally *tally);

/* Tries the numbers first, first + step, ...; now tells how far it is. */
void trial_run(const struct trial *trial, uint64_t first, uint64_t step, struct tally *tally,
               volatile uint64_t *now);

/* Of these kinds, as the seed says. */
struct schedule trial_random(const struct trial *trial, uint64_t seed, unsigned kinds);

#endif
