/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the diagnosis: what is being put together, and its chapters. */
#ifndef CAS_ANALYSIS_DIAGNOSING_H
#define CAS_ANALYSIS_DIAGNOSING_H

#include "analysis/diagnosis.h"

/* More than all codes that can hold at once. */
#define CAS_DIAGNOSIS_MAX 16

struct cas_diagnosing {
    const struct cas_diagnosis_case *of;
    struct cas_arena *arena;
    struct cas_diagnosis *found;
    size_t len;
    bool is_match_unknown; /* what was not seen of the chain decides whether it matches */
};

/* text: a constant string, or one of the arena; NULL, for lack of memory, adds nothing. */
static inline void cas_diagnosing_add(struct cas_diagnosing *d, enum cas_diagnosis_code code,
                                      enum cas_severity severity, const char *text)
{
    if (d->len < CAS_DIAGNOSIS_MAX && text != NULL) {
        d->found[d->len++] =
            (struct cas_diagnosis){ .code = code, .severity = severity, .text = text };
    }
}

/* Why a client may have sent none, when nothing is known of the list. */
const char *cas_diagnose_reason_for_none(const struct cas_diagnosing *d);

/* The request may be encrypted: why, and what makes it visible. */
void cas_diagnose_hidden(struct cas_diagnosing *d);

/* It was asked for, as the lengths of encrypted records tell. */
void cas_diagnose_inferred(struct cas_diagnosing *d);

/* The client ended the handshake over the certificate that the server showed. */
bool cas_diagnose_is_server_refused(const struct cas_conclusion *conclusion);

/* One of the two ended the handshake with an alert. There is a report. */
void cas_diagnose_alerts(struct cas_diagnosing *d);

#endif
