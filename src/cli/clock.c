/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/clock.h"

#include <time.h>

static uint64_t now_us(clockid_t clock)
{
    struct timespec now = { 0 };
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t cas_cli_clock_ms(void)
{
    return cas_cli_clock_us() / 1000;
}

uint64_t cas_cli_clock_us(void)
{
    return now_us(CLOCK_MONOTONIC);
}

uint64_t cas_cli_wall_us(void)
{
    return now_us(CLOCK_REALTIME);
}
