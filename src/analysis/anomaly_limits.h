/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many anomalies are told: of each code so many a second, for one hostile peer can make as
 * many as he sends packets. */
#ifndef CAS_ANALYSIS_ANOMALY_LIMITS_H
#define CAS_ANALYSIS_ANOMALY_LIMITS_H

#include <stddef.h>

#include "analysis/bucket.h"

/* More than there are codes; should there be more, the rest share one bucket. */
#define CAS_ANOMALY_CODES_MAX 32

struct cas_anomaly_limit {
    const char *code; /* a constant string */
    struct cas_bucket bucket;
};

struct cas_anomaly_limits {
    struct cas_bucket full; /* what each code begins with */
    struct cas_anomaly_limit limits[CAS_ANOMALY_CODES_MAX];
    size_t limits_len;
};

struct cas_anomaly_limits cas_anomaly_limits_init(uint32_t per_s, uint32_t burst);

/* May one of this code be told now? */
bool cas_anomaly_limits_take(struct cas_anomaly_limits *limits, const char *code,
                             uint64_t now_us);

#endif
