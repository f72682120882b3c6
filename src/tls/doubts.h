/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ranges of a stream whose bytes are not beyond doubt (CAS_REASONS_OF_DOUBT).
 * A fixed few are kept apart; more make the last one wider, and without memory all bytes are in
 * doubt: none is ever lost.
 */
#ifndef CAS_TLS_DOUBTS_H
#define CAS_TLS_DOUBTS_H

#include <stddef.h>
#include <stdint.h>

#include "bytes/budget.h"

#define CAS_DOUBTS_MAX 8

struct cas_doubt {
    uint64_t from;
    uint64_t to; /* the first byte behind it */
    uint32_t reasons;
};

struct cas_doubts {
    struct cas_doubt *range; /* CAS_DOUBTS_MAX of them; NULL while there is no doubt */
    size_t len;
    uint32_t everywhere; /* reasons for which all bytes are in doubt */
    struct cas_budget *budget;
};

struct cas_doubts cas_doubts_init(struct cas_budget *budget);
void cas_doubts_finish(struct cas_doubts *doubts);

void cas_doubts_add(struct cas_doubts *doubts, struct cas_doubt doubt);

/* The reasons of all ranges that meet [from, to). */
uint32_t cas_doubts_within(const struct cas_doubts *doubts, uint64_t from, uint64_t to);

/* Nobody will ask for bytes before offset any more. */
void cas_doubts_forget(struct cas_doubts *doubts, uint64_t offset);

#endif
