/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What casniff's JSON report says of a schedule, in an order of its own. */
#ifndef CAS_TEST_OUTCOME_H
#define CAS_TEST_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "integration/report_lines.h"
#include "integration/schedule.h"

struct outcome {
    struct report_line **line; /* sorted by their texts */
    size_t len;
};

/* Runs the sniffer with a hash key of this run's own. */
struct outcome outcome_of(struct report_lines *lines, const struct schedule *schedule,
                          uint64_t seed);
void outcome_finish(struct outcome *outcome);

/* NULL, or a static text with the first difference. */
const char *outcome_difference(const struct outcome *a, const struct outcome *b);

/* Whether a list is of this connection; true also for an event of no single connection. */
bool outcome_list_is_of(const struct report_line *list,
                        const struct recorded_connection *connection);

#endif
