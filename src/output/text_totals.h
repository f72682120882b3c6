/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first and the last paragraph of the text report: what was found in all, and what was not
 * seen.
 */
#ifndef CAS_OUTPUT_TEXT_TOTALS_H
#define CAS_OUTPUT_TEXT_TOTALS_H

#include <casniff/events.h>

#include "output/text_layout.h"

/* Connections that ended so. */
struct cas_text_outcome {
    uint64_t count;
    uint64_t worst[CAS_DIAGNOSIS_RESUMED + 1]; /* those that are told, by their worst code */
    uint64_t others; /* of them: over something else than the client certificate, or unknown */
};

struct cas_text_totals {
    uint64_t handshakes;
    uint64_t resumed;
    uint64_t requested[CAS_REQUESTED_HIDDEN + 1];
    uint64_t hidden_tls13;  /* of those that may hide a request */
    uint64_t inferred;      /* of those with a request */
    uint64_t inferred_sent; /* certificates, of those that were answered */
    uint64_t inferred_empty;
    uint64_t inferred_tls13; /* of those inferred */
    uint64_t lists;
    uint64_t truncation[CAS_TRUNCATION_CONFIRMED + 1]; /* lists by their verdict */
    struct cas_text_outcome failed;
    struct cas_text_outcome doubtful;
    struct cas_counters counters;
    bool has_counters;
};

void cas_text_totals_add_server(struct cas_text_totals *totals,
                                const struct cas_server_event *event);
void cas_text_totals_add_stats(struct cas_text_totals *totals,
                               const struct cas_stats_event *event);

/* One sentence: the lists and their verdicts; without any list, why there is none. */
void cas_text_totals_headline(const struct cas_text_totals *totals,
                              const struct cas_text *text);

/* What was not seen, a line each; or that everything was. Nothing without counters. */
void cas_text_totals_unseen(const struct cas_text_totals *totals, const struct cas_text *text);

#endif
