/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A schedule that fails made small, so that somebody can look at it. */
#ifndef CAS_TEST_SHRINK_H
#define CAS_TEST_SHRINK_H

#include <stdbool.h>

#include "integration/schedule.h"
#include "integration/trial.h"

struct shrink_test {
    void *user;
    bool (*fails)(void *user, const struct schedule *schedule);
};

/* Without as many of its packets as can be missed, in runs and then one by one: the schedule
 * still fails. It is taken. */
struct schedule shrink(struct schedule schedule, const struct shrink_test *test);

/* The schedule of this number, which fails: of as few kinds as possible, then shrunk. One that
 * loses nothing must go on to lose nothing, and keeps all packets without data. */
struct schedule shrink_trial(const struct trial *trial, uint64_t number);

#endif
