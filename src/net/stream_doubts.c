/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/stream_doubts.h"

void cas_stream_doubts_add(struct cas_stream_doubts *doubts, struct cas_budget *budget,
                           struct cas_range range, enum cas_reason reason)
{
    struct cas_gaps **gaps = reason == CAS_REASON_URGENT ? &doubts->urgent : &doubts->overlap;
    if (*gaps == NULL) {
        *gaps = cas_budget_alloc(budget, sizeof(**gaps));
    }
    if (*gaps == NULL || !cas_gaps_insert(*gaps, range)) {
        doubts->is_vague = true;
    }
}

static bool take_first(struct cas_gaps *gaps, struct cas_range *out_range)
{
    if (gaps == NULL || gaps->len == 0) {
        return false;
    }
    *out_range = gaps->range[0];
    cas_gaps_forget_below(gaps, out_range->end);
    return true;
}

bool cas_stream_doubts_next(struct cas_stream_doubts *doubts, struct cas_range *out_range,
                            enum cas_reason *out_reason)
{
    *out_reason = CAS_REASON_OVERLAP;
    if (take_first(doubts->overlap, out_range)) {
        return true;
    }
    if (take_first(doubts->urgent, out_range)) {
        *out_reason = CAS_REASON_URGENT;
        return true;
    }
    if (doubts->is_vague) {
        doubts->is_vague = false;
        *out_range = (struct cas_range){ .begin = 0, .end = UINT64_MAX };
        return true;
    }
    return false;
}

void cas_stream_doubts_finish(struct cas_stream_doubts *doubts, struct cas_budget *budget)
{
    cas_budget_free(budget, doubts->overlap, sizeof(*doubts->overlap));
    cas_budget_free(budget, doubts->urgent, sizeof(*doubts->urgent));
    *doubts = (struct cas_stream_doubts){ 0 };
}
