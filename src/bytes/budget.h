/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one memory budget: everything that traffic can make casniff keep is charged here, with
 * what malloc() adds to it. Knows no policy: who must go when it is used up is decided above.
 */
#ifndef CAS_BYTES_BUDGET_H
#define CAS_BYTES_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cas_stock;

struct cas_budget {
    size_t limit;
    size_t used;
    size_t peak;
    uint64_t refused;        /* charges that did not fit */
    struct cas_stock *stock; /* of pieces that were freed; NULL: none is kept */
};

/*
 * From here on pieces that are freed are kept for the next of their size, above all those that
 * connections are made of: a thirty-second of the limit at most, beside what is in use. For one
 * thread. Without memory, and in a build with sanitizers, none is kept.
 */
void cas_budget_keep_stock(struct cas_budget *budget);
/* Gives them back to the system. */
void cas_budget_drop_stock(struct cas_budget *budget);
/* So many bytes are kept. */
size_t cas_budget_stocked(const struct cas_budget *budget);

/* What malloc() adds to an allocation, near enough. */
#define CAS_BUDGET_OVERHEAD 16

/* Charges an allocation of len bytes; false, and counted, when it does not fit. */
bool cas_budget_charge(struct cas_budget *budget, size_t len);

/* Gives back what cas_budget_charge(len) took. */
void cas_budget_release(struct cas_budget *budget, size_t len);

/* Zeroed memory of len bytes, charged; NULL when the budget or the system refuses. */
void *cas_budget_alloc(struct cas_budget *budget, size_t len);

/* The same, but nobody knows what is in it: for who writes what he reads. */
void *cas_budget_alloc_raw(struct cas_budget *budget, size_t len);

/* Frees what cas_budget_alloc(len) or its like gave for the same len; memory may be NULL. */
void cas_budget_free(struct cas_budget *budget, void *memory, size_t len);

#endif
