/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/doubts.h"

struct cas_doubts cas_doubts_init(struct cas_budget *budget)
{
    return (struct cas_doubts){ .budget = budget };
}

void cas_doubts_finish(struct cas_doubts *doubts)
{
    cas_budget_free(doubts->budget, doubts->range, CAS_DOUBTS_MAX * sizeof(*doubts->range));
    doubts->range = NULL;
    doubts->len = 0;
}

static void widen(struct cas_doubt *range, struct cas_doubt more)
{
    range->from = more.from < range->from ? more.from : range->from;
    range->to = more.to > range->to ? more.to : range->to;
    range->reasons |= more.reasons;
}

void cas_doubts_add(struct cas_doubts *doubts, struct cas_doubt doubt)
{
    if (doubts->range == NULL) {
        doubts->range =
            cas_budget_alloc(doubts->budget, CAS_DOUBTS_MAX * sizeof(*doubts->range));
    }
    if (doubts->range == NULL) {
        doubts->everywhere |= doubt.reasons;
    } else if (doubts->len < CAS_DOUBTS_MAX) {
        doubts->range[doubts->len++] = doubt;
    } else {
        widen(&doubts->range[CAS_DOUBTS_MAX - 1], doubt);
    }
}

uint32_t cas_doubts_within(const struct cas_doubts *doubts, uint64_t from, uint64_t to)
{
    uint32_t reasons = doubts->everywhere;

    for (size_t i = 0; i < doubts->len; i++) {
        if (doubts->range[i].from < to && from < doubts->range[i].to) {
            reasons |= doubts->range[i].reasons;
        }
    }
    return reasons;
}

void cas_doubts_forget(struct cas_doubts *doubts, uint64_t offset)
{
    size_t kept = 0;

    for (size_t i = 0; i < doubts->len; i++) {
        if (doubts->range[i].to > offset) {
            doubts->range[kept++] = doubts->range[i];
        }
    }
    doubts->len = kept;
}
