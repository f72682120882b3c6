/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/scarce.h"

#include <stddef.h>

/* What the linker puts in the place of the calls, and where the true ones are. */
void *malloc_or_not(size_t len) __asm__("__wrap_malloc");
void *calloc_or_not(size_t len, size_t size) __asm__("__wrap_calloc");
void *realloc_or_not(void *old, size_t len) __asm__("__wrap_realloc");
void *true_malloc(size_t len) __asm__("__real_malloc");
void *true_calloc(size_t len, size_t size) __asm__("__real_calloc");
void *true_realloc(void *old, size_t len) __asm__("__real_realloc");

static struct {
    bool is_on;
    unsigned long count;
    unsigned long fails;
    enum scarce_then then;
} allocations;

void scarce_begin(unsigned long fails, enum scarce_then then)
{
    allocations.count = 0;
    allocations.fails = fails;
    allocations.then = then;
    allocations.is_on = true;
}

unsigned long scarce_end(void)
{
    allocations.is_on = false;
    return allocations.count;
}

static bool is_refused(void)
{
    if (!allocations.is_on) {
        return false;
    }
    allocations.count++;
    return allocations.fails != 0 &&
           (allocations.count == allocations.fails ||
            (allocations.then == SCARCE_GOES_ON && allocations.count > allocations.fails));
}

void *malloc_or_not(size_t len)
{
    return is_refused() ? NULL : true_malloc(len);
}

void *calloc_or_not(size_t len, size_t size)
{
    return is_refused() ? NULL : true_calloc(len, size);
}

void *realloc_or_not(void *old, size_t len)
{
    return is_refused() ? NULL : true_realloc(old, len);
}
