/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list beside a trust store: which of the store's names it has, which it lacks, which it has
 * besides. Bytes are compared first, then the canonical form (RFC 5280, 7.1). Judges nothing.
 */
#ifndef CAS_ANALYSIS_COMPARE_H
#define CAS_ANALYSIS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/events.h>

#include "analysis/ca_list.h"
#include "analysis/trust_store.h"
#include "bytes/arena.h"

struct cas_comparison {
    const struct cas_trust_store *store;
    enum cas_in_store *in_store; /* of each name of the list */
    bool *is_advertised;         /* of each name of the store */
    size_t *missing;             /* indexes of the store's names, in its order */
    size_t missing_len;
    const char **missing_notes; /* of each missing one; NULL where its absence is a fault */
    size_t faults;              /* missing ones without a note */
    size_t first_fault;         /* index into missing; missing_len when there is none */
    size_t *extra;              /* indexes of the list's names, in its order */
    size_t extra_len;
    size_t advertised;        /* distinct names of the store in the list */
    bool is_ordered_prefix;   /* not empty, and name i is the store's name i */
    uint32_t longest_missing; /* 2 + DER length, of those whose absence is a fault */
};

/* now_s decides what has expired. False without memory. The arrays are the arena's. */
bool cas_comparison_make(struct cas_comparison *out_comparison, const struct cas_ca_list *list,
                         const struct cas_trust_store *store, int64_t now_s,
                         struct cas_arena *arena);

/* What a name of the store adds to a list: 2 + DER length. */
uint32_t cas_store_name_bytes(const struct cas_store_name *name);

#endif
