/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is odd about a list, apart from its size: one finding a kind, with how often. */
#ifndef CAS_ANALYSIS_LIST_LINT_H
#define CAS_ANALYSIS_LIST_LINT_H

#include <casniff/events.h>

#include "analysis/ca_list.h"
#include "analysis/ca_name.h"
#include "analysis/compare.h"
#include "bytes/arena.h"
#include "tls/conversation.h"

struct cas_lint_subject {
    const struct cas_ca_list *list;
    struct cas_ca_name *const *names; /* of the list, in its order */
    const struct cas_cert_request *request;
    const struct cas_comparison *comparison; /* its store is NULL when there is none */
    struct cas_view server_subject;          /* empty when unknown */
};

/* The findings, in the arena; *out_len tells how many. */
const struct cas_lint_info *cas_list_lint(const struct cas_lint_subject *subject,
                                          struct cas_arena *arena, size_t *out_len);

#endif
