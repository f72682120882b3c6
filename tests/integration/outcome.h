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
    uint64_t evicted; /* connections, for want of room */
};

/* How the sniffer is set up. */
struct outcome_setting {
    uint64_t hash_seed;
    size_t max_flows;
    size_t memory_bytes; /* 0: as usual */
    bool checks_sums;    /* always; else as usual */
};

struct outcome outcome_of(struct report_lines *lines, const struct schedule *schedule,
                          const struct outcome_setting *setting);
void outcome_finish(struct outcome *outcome);

/* NULL, or a static text with the first difference. */
const char *outcome_difference(const struct outcome *a, const struct outcome *b);

/* Whether a list is of this connection; true also for an event of no single connection. */
bool outcome_list_is_of(const struct report_line *list,
                        const struct recorded_connection *connection);

#endif
