/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a client's certificate did, or did not, do: the codes of a connection, the worst first,
 * each with a sentence and its remedy.
 */
#ifndef CAS_ANALYSIS_DIAGNOSIS_H
#define CAS_ANALYSIS_DIAGNOSIS_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/events.h>

#include "analysis/cert_cache.h"
#include "analysis/conclude.h"
#include "analysis/list_report.h"
#include "analysis/trust_store.h"
#include "bytes/arena.h"

struct cas_diagnosis_case {
    const struct cas_conclusion *conclusion;
    const struct cas_request_size *request_size; /* inferred; NULL when it is not known */
    const struct cas_list_report *report;        /* NULL when no request was seen */
    struct cas_list_reporter *reporter;
    const struct cas_trust_store *store;       /* NULL: none */
    const struct cas_trust_store *client_cert; /* NULL: none; its first entry is the leaf */
    struct cas_known_cert *const *certs;       /* what the client sent, the leaf first */
    size_t certs_len;
    bool certs_incomplete; /* it may have sent others as well */
    int64_t now_s;
};

/* The diagnosis, in the arena. *out_len is 0 without memory. */
const struct cas_diagnosis *cas_diagnose(const struct cas_diagnosis_case *diagnosis_case,
                                         struct cas_arena *arena, size_t *out_len);

/* The worst severity among them; INFO when there are none. */
enum cas_severity cas_diagnosis_worst(const struct cas_diagnosis *diagnosis, size_t len);

#endif
