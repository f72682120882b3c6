/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/ration.h"

#define HOUR_US UINT64_C(3600000000)

/* A clock that was set back begins a new hour: it must not end saving until it gets there. */
static bool is_over(const struct cas_ration *ration, uint64_t now_us)
{
    return now_us < ration->since_us || now_us - ration->since_us >= HOUR_US;
}

bool cas_ration_take(struct cas_ration *ration, unsigned kind, uint32_t per_hour,
                     uint64_t now_us)
{
    if (per_hour == 0) {
        return true;
    }
    if (is_over(ration, now_us)) {
        *ration = (struct cas_ration){ .since_us = now_us };
    }
    if (ration->taken[kind] >= per_hour) {
        return false;
    }
    ration->taken[kind]++;
    return true;
}
