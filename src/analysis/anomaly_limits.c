/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/anomaly_limits.h"

#include <string.h>

struct cas_anomaly_limits cas_anomaly_limits_init(uint32_t per_s, uint32_t burst)
{
    return (struct cas_anomaly_limits){ .full = cas_bucket_per_second(per_s, burst) };
}

bool cas_anomaly_limits_take(struct cas_anomaly_limits *limits, const char *code,
                             uint64_t now_us)
{
    size_t i = 0;
    while (i < limits->limits_len && strcmp(limits->limits[i].code, code) != 0) {
        i++;
    }
    if (i == CAS_ANOMALY_CODES_MAX) {
        i--;
    } else if (i == limits->limits_len) {
        limits->limits[i] = (struct cas_anomaly_limit){ .code = code, .bucket = limits->full };
        limits->limits_len++;
    }
    return cas_bucket_take(&limits->limits[i].bucket, now_us);
}
