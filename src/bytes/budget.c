/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/budget.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Up to here glibc's malloc() has a stock of pieces that were freed, of which its calloc()
 * takes none. Of larger ones calloc() zeroes only what the kernel has not. */
#define STOCKED_MAX ((size_t)1024)

static void *alloc_zeroed(size_t len)
{
    if (len > STOCKED_MAX) {
        return calloc(1, len);
    }
    void *memory = malloc(len);
    if (memory != NULL) {
        memset(memory, 0, len);
    }
    return memory;
}

bool cas_budget_charge(struct cas_budget *budget, size_t len)
{
    size_t left = budget->limit - budget->used;
    if (len > SIZE_MAX - CAS_BUDGET_OVERHEAD || len + CAS_BUDGET_OVERHEAD > left) {
        budget->refused++;
        return false;
    }
    budget->used += len + CAS_BUDGET_OVERHEAD;
    if (budget->used > budget->peak) {
        budget->peak = budget->used;
    }
    return true;
}

void cas_budget_release(struct cas_budget *budget, size_t len)
{
    assert(budget->used >= len + CAS_BUDGET_OVERHEAD);
    budget->used -= len + CAS_BUDGET_OVERHEAD;
}

void *cas_budget_alloc(struct cas_budget *budget, size_t len)
{
    if (!cas_budget_charge(budget, len)) {
        return NULL;
    }
    void *memory = alloc_zeroed(len);
    if (memory == NULL) {
        cas_budget_release(budget, len);
    }
    return memory;
}

void *cas_budget_alloc_raw(struct cas_budget *budget, size_t len)
{
    if (!cas_budget_charge(budget, len)) {
        return NULL;
    }
    void *memory = malloc(len);
    if (memory == NULL) {
        cas_budget_release(budget, len);
    }
    return memory;
}

void cas_budget_free(struct cas_budget *budget, void *memory, size_t len)
{
    if (memory != NULL) {
        free(memory);
        cas_budget_release(budget, len);
    }
}
