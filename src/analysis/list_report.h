/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that can be told of one CertificateRequest: the list's names in words, what of it was
 * seen, the comparison with the store, the verdict and the lint. Made once for each distinct
 * message and recognised by its bytes from then on.
 */
#ifndef CAS_ANALYSIS_LIST_REPORT_H
#define CAS_ANALYSIS_LIST_REPORT_H

#include <casniff/events.h>

#include "analysis/ca_list.h"
#include "analysis/ca_name.h"
#include "analysis/compare.h"
#include "analysis/trust_store.h"
#include "analysis/verdict.h"
#include "bytes/arena.h"
#include "bytes/intern.h"
#include "tls/conversation.h"

struct cas_list_report {
    struct cas_intern_item item;
    struct cas_list_reporter *reporter;
    struct cas_arena arena;          /* everything below lies in it, but for the names */
    struct cas_cert_request request; /* the message: its views lie in the arena */
    struct cas_view server_subject;
    struct cas_ca_list list;
    struct cas_ca_name **names;       /* of the list, in its order, held */
    struct cas_comparison comparison; /* its store is NULL when none was given */
    struct cas_verdict verdict;
    struct cas_ca_list_info info;
};

/* What all reports of one run share. It keeps its place, for the reports know it. */
struct cas_list_reporter {
    struct cas_intern reports;
    const struct cas_trust_store *store; /* NULL: none */
    struct cas_verdict_rules rules;
    struct cas_budget *budget;
    uint64_t last_id;
    struct cas_ca_names names;
    struct cas_buf key; /* scratch */
};

/* False without memory. */
bool cas_list_reporter_init(struct cas_list_reporter *reporter,
                            const struct cas_trust_store *store,
                            const struct cas_verdict_rules *rules, struct cas_budget *budget,
                            const uint8_t hash_key[CAS_KEYHASH_KEY_LEN]);
void cas_list_reporter_finish(struct cas_list_reporter *reporter);

/*
 * The report of this request, held for the caller, who gives it back with
 * cas_list_report_release(). server_subject is the subject of the certificate that the server
 * showed (empty when unknown), now_s the time of the packet. NULL without memory.
 */
struct cas_list_report *cas_list_report_get(struct cas_list_reporter *reporter,
                                            const struct cas_cert_request *request,
                                            struct cas_view server_subject, int64_t now_s);

/*
 * The same message, with more reasons to doubt what was seen of it: they came to light after it
 * was told. Gives the report back and returns the other one, held; NULL without memory.
 */
struct cas_list_report *cas_list_report_doubt(struct cas_list_reporter *reporter,
                                              struct cas_list_report *report,
                                              uint32_t more_reasons, int64_t now_s);

void cas_list_report_hold(struct cas_list_reporter *reporter, struct cas_list_report *report);

/* report may be NULL. */
void cas_list_report_release(struct cas_list_reporter *reporter,
                             struct cas_list_report *report);

/* Is this name in the list: by its bytes, in the canonical form only, or not at all. */
enum cas_in_store cas_list_report_find(struct cas_list_reporter *reporter,
                                       const struct cas_list_report *report,
                                       struct cas_view name);

#endif
