/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/clock.h"

#include <time.h>

#define MS_PER_S  1000u
#define NS_PER_MS 1000000u

uint64_t cas_cli_clock_ms(void)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * MS_PER_S + (uint64_t)now.tv_nsec / NS_PER_MS;
}
