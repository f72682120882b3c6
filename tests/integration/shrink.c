/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "integration/shrink.h"

#include <string.h>

/* Schedules tried for one failure: some seconds. */
#define TRIES_MAX 20000

struct schedule shrink(struct schedule schedule, const struct shrink_test *test)
{
    size_t tries = 0;
    for (size_t run = schedule.row.len / 2; run > 0; run /= 2) {
        size_t at = 0;
        while (at < schedule.row.len && tries < TRIES_MAX) {
            struct schedule less = schedule_less(&schedule, at, run);
            tries++;
            if (test->fails(test->user, &less)) {
                schedule_finish(&schedule);
                schedule = less;
            } else {
                schedule_finish(&less);
                at += run;
            }
        }
    }
    return schedule;
}

struct failing {
    const struct trial *trial;
    uint64_t seed;
    bool is_lossless;
    size_t without_data; /* packets */
};

static size_t count_without_data(const struct schedule *s)
{
    size_t count = 0;
    for (size_t c = 0; c < s->connections; c++) {
        for (size_t i = 0; i < s->by_connection[c].len; i++) {
            const struct wire_packet *p = &s->by_connection[c].packet[i];
            count += p->is_tcp && wire_payload_len(p) == 0 ? 1 : 0;
        }
    }
    return count;
}

static bool still_fails(void *user, const struct schedule *s)
{
    const struct failing *failing = user;
    struct tally unused = { 0 };
    if (failing->is_lossless && count_without_data(s) != failing->without_data) {
        return false;
    }
    const char *what = trial_judge(failing->trial, s, failing->seed, &unused);
    return what != NULL && strstr(what, TRIAL_OWN_MISTAKE) == NULL;
}

/* Each kind is left out once. */
static struct schedule with_fewer_kinds(const struct trial *trial, uint64_t seed)
{
    unsigned kinds = schedule_choose(seed, trial->kinds);
    struct schedule best = trial_random(trial, seed, kinds);
    for (unsigned bit = 1; bit <= SCHEDULE_ALL; bit <<= 1) {
        struct failing failing = { .trial = trial, .seed = seed };
        if ((kinds & bit) == 0 || kinds == bit) {
            continue;
        }
        struct schedule fewer = trial_random(trial, seed, kinds & ~bit);
        bool is_same_sort =
            ((fewer.kinds & SCHEDULE_LOSSY) != 0) == ((best.kinds & SCHEDULE_LOSSY) != 0);
        if (is_same_sort && still_fails(&failing, &fewer)) {
            schedule_finish(&best);
            best = fewer;
            kinds &= ~bit;
        } else {
            schedule_finish(&fewer);
        }
    }
    return best;
}

struct schedule shrink_trial(const struct trial *trial, uint64_t number)
{
    struct failing failing = { .trial = trial, .seed = trial_seed(trial, number) };
    const struct shrink_test test = { &failing, still_fails };
    struct schedule s = number < trial->losses ? trial_schedule(trial, number)
                                               : with_fewer_kinds(trial, failing.seed);
    failing.is_lossless = (s.kinds & SCHEDULE_LOSSY) == 0;
    failing.without_data = count_without_data(&s);
    return shrink(s, &test);
}
