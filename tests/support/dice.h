/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random numbers that follow from a seed, the same everywhere: SplitMix64. */
#ifndef CAS_TEST_DICE_H
#define CAS_TEST_DICE_H

#include <stdint.h>

struct dice {
    uint64_t state; /* at first the seed */
};

static inline uint64_t dice_roll(struct dice *dice, uint64_t below)
{
    uint64_t z = dice->state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (z ^ z >> 31) % below;
}

#endif
