/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/budget.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* glibc's malloc() keeps seven freed pieces of each size up to here, of which its calloc()
 * takes none. Of larger ones calloc() zeroes only what the kernel has not. */
#define MALLOC_MAX ((size_t)1024)

/* --- the stock --- */

/* Sizes are multiples of a unit, as those of structures are. */
#define UNIT      sizeof(void *)
#define PIECE_MAX ((size_t)2048)
#define SIZES     (PIECE_MAX / UNIT + 1)
/* Of one size, and shares of the limit for all. */
#define EACH_MAX  ((size_t)128 * 1024)
#define ALL_SHARE 32

struct piece {
    struct piece *next;
};

struct cas_stock {
    struct piece *first[SIZES];
    size_t bytes[SIZES];
    size_t all;
};

/* A sanitizer is to see what is used after it was freed. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) ||                     \
    __has_feature(thread_sanitizer)
#define KEEPS_STOCK false
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KEEPS_STOCK false
#endif
#ifndef KEEPS_STOCK
#define KEEPS_STOCK true
#endif

void cas_budget_keep_stock(struct cas_budget *budget)
{
    if (KEEPS_STOCK) {
        budget->stock = calloc(1, sizeof(*budget->stock));
    }
}

void cas_budget_drop_stock(struct cas_budget *budget)
{
    for (size_t i = 0; budget->stock != NULL && i < SIZES; i++) {
        struct piece *piece = NULL;
        while ((piece = budget->stock->first[i]) != NULL) {
            budget->stock->first[i] = piece->next;
            free(piece);
        }
    }
    free(budget->stock);
    budget->stock = NULL;
}

size_t cas_budget_stocked(const struct cas_budget *budget)
{
    return budget->stock != NULL ? budget->stock->all : 0;
}

static bool is_stocked(const struct cas_budget *budget, size_t len)
{
    return budget->stock != NULL && len % UNIT == 0 && len > 0 && len <= PIECE_MAX;
}

/* NULL when there is none of this size. */
static void *take_piece(struct cas_budget *budget, size_t len)
{
    if (!is_stocked(budget, len)) {
        return NULL;
    }
    struct piece *piece = budget->stock->first[len / UNIT];
    if (piece != NULL) {
        budget->stock->first[len / UNIT] = piece->next;
        budget->stock->bytes[len / UNIT] -= len;
        budget->stock->all -= len;
    }
    return piece;
}

static bool keep_piece(struct cas_budget *budget, void *memory, size_t len)
{
    struct cas_stock *stock = budget->stock;
    struct piece *piece = memory;
    if (!is_stocked(budget, len) || stock->bytes[len / UNIT] + len > EACH_MAX ||
        stock->all + len > budget->limit / ALL_SHARE) {
        return false;
    }
    piece->next = stock->first[len / UNIT];
    stock->first[len / UNIT] = piece;
    stock->bytes[len / UNIT] += len;
    stock->all += len;
    return true;
}

/* --- the budget --- */

static void *alloc_raw(struct cas_budget *budget, size_t len)
{
    void *memory = take_piece(budget, len);
    return memory != NULL ? memory : malloc(len);
}

static void *alloc_zeroed(struct cas_budget *budget, size_t len)
{
    void *memory = take_piece(budget, len);
    if (memory == NULL && len > MALLOC_MAX) {
        return calloc(1, len);
    }
    memory = memory != NULL ? memory : malloc(len);
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

/* What was charged, unless the system refused it. */
static void *charged(struct cas_budget *budget, void *memory, size_t len)
{
    if (memory == NULL) {
        cas_budget_release(budget, len);
    }
    return memory;
}

void *cas_budget_alloc(struct cas_budget *budget, size_t len)
{
    return cas_budget_charge(budget, len) ? charged(budget, alloc_zeroed(budget, len), len)
                                          : NULL;
}

void *cas_budget_alloc_raw(struct cas_budget *budget, size_t len)
{
    return cas_budget_charge(budget, len) ? charged(budget, alloc_raw(budget, len), len) : NULL;
}

void cas_budget_free(struct cas_budget *budget, void *memory, size_t len)
{
    if (memory != NULL) {
        if (!keep_piece(budget, memory, len)) {
            free(memory);
        }
        cas_budget_release(budget, len);
    }
}
