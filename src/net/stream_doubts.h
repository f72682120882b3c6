/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ranges of a stream that are in doubt before its base is known: remembered until they can be
 * told as offsets.
 */
#ifndef CAS_NET_STREAM_DOUBTS_H
#define CAS_NET_STREAM_DOUBTS_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/budget.h"
#include "net/gaps.h"

/* Reasons that a stream has for them. */
#define CAS_STREAM_DOUBTS 4

/* All zero is none. */
struct cas_stream_doubts {
    struct {
        struct cas_gaps *ranges; /* NULL while there is none */
        bool is_vague;           /* not all could be remembered: everything is in doubt */
    } of[CAS_STREAM_DOUBTS];     /* overlap, urgent, checksum, sequence */
};

/* The reason is CAS_REASON_OVERLAP, CAS_REASON_URGENT, CAS_REASON_CHECKSUM or
 * CAS_REASON_SEQUENCE. */
void cas_stream_doubts_add(struct cas_stream_doubts *doubts, struct cas_budget *budget,
                           struct cas_range range, enum cas_reason reason);

/* The first doubt, which is forgotten; false when there is none. When all is in doubt that is
 * a range from 0 to UINT64_MAX. */
bool cas_stream_doubts_next(struct cas_stream_doubts *doubts, struct cas_range *out_range,
                            enum cas_reason *out_reason);

void cas_stream_doubts_finish(struct cas_stream_doubts *doubts, struct cas_budget *budget);

#endif
