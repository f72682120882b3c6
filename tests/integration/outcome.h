/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What casniff's JSON report says of a schedule, without what must differ between schedules:
 * packet numbers, times, and what follows from them.
 */
#ifndef CAS_TEST_OUTCOME_H
#define CAS_TEST_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "integration/schedule.h"

/* A list that was reported complete. */
struct outcome_list {
    char event_type[16];
    /* Of the connection; ports are 0 in an event of no single connection. */
    char address[2][64];
    uint16_t port[2];
    char *facts; /* its digests, counts and lengths, as JSON */
};

struct outcome {
    char **line; /* sorted */
    size_t lines;
    struct outcome_list *complete;
    size_t completes;
};

/* Runs the sniffer with a hash key and a budget of this run's own. */
struct outcome outcome_of(const struct schedule *schedule, uint64_t seed);
void outcome_finish(struct outcome *outcome);

/* NULL, or a static text with the first difference. */
const char *outcome_difference(const struct outcome *a, const struct outcome *b);

/* Whether the list is of this connection; true also for an event of no single connection. */
bool outcome_list_is_of(const struct outcome_list *list,
                        const struct recorded_connection *connection);

#endif
