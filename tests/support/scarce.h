/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocations that fail when they are told to. Link with -Wl,--wrap=malloc, calloc and realloc:
 * then those of the program and of casniff's own libraries come here, not those of others.
 */
#ifndef CAS_SUPPORT_SCARCE_H
#define CAS_SUPPORT_SCARCE_H

#include <stdbool.h>

enum scarce_then {
    SCARCE_ONCE,   /* only that allocation fails */
    SCARCE_GOES_ON /* and all behind it */
};

/* From now on allocations are counted from 1, and this one fails; 0: none. */
void scarce_begin(unsigned long fails, enum scarce_then then);

/* No allocation fails any more. How many there were. */
unsigned long scarce_end(void);

#endif
