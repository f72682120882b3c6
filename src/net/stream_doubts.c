/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/stream_doubts.h"

static const enum cas_reason reasons[CAS_STREAM_DOUBTS] = {
    CAS_REASON_OVERLAP, CAS_REASON_URGENT, CAS_REASON_CHECKSUM, CAS_REASON_SEQUENCE
};

static size_t index_of(enum cas_reason reason)
{
    size_t i = 0;
    while (i + 1 < CAS_STREAM_DOUBTS && reasons[i] != reason) {
        i++;
    }
    return i;
}

void cas_stream_doubts_add(struct cas_stream_doubts *doubts, struct cas_budget *budget,
                           struct cas_range range, enum cas_reason reason)
{
    size_t i = index_of(reason);
    if (doubts->of[i].ranges == NULL) {
        doubts->of[i].ranges = cas_budget_alloc(budget, sizeof(*doubts->of[i].ranges));
    }
    if (doubts->of[i].ranges == NULL || !cas_gaps_insert(doubts->of[i].ranges, range)) {
        doubts->of[i].is_vague = true;
    }
}

bool cas_stream_doubts_next(struct cas_stream_doubts *doubts, struct cas_range *out_range,
                            enum cas_reason *out_reason)
{
    for (size_t i = 0; i < CAS_STREAM_DOUBTS; i++) {
        struct cas_gaps *ranges = doubts->of[i].ranges;
        *out_reason = reasons[i];
        if (ranges != NULL && ranges->len > 0) {
            *out_range = ranges->range[0];
            cas_gaps_forget_below(ranges, out_range->end);
            return true;
        }
        if (doubts->of[i].is_vague) {
            *out_range = (struct cas_range){ .begin = 0, .end = UINT64_MAX };
            doubts->of[i].is_vague = false;
            return true;
        }
    }
    return false;
}

void cas_stream_doubts_finish(struct cas_stream_doubts *doubts, struct cas_budget *budget)
{
    for (size_t i = 0; i < CAS_STREAM_DOUBTS; i++) {
        cas_budget_free(budget, doubts->of[i].ranges, sizeof(*doubts->of[i].ranges));
    }
    *doubts = (struct cas_stream_doubts){ 0 };
}
