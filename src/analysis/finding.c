/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/finding.h"

#include "analysis/diagnosis.h"

/* What a server may list without harm, and many do in every handshake, is no finding. */
static bool is_lint_of_note(enum cas_lint code)
{
    switch (code) {
    case CAS_LINT_LENGTH_WRAPPED:
    case CAS_LINT_RECORD_TOO_LONG:
    case CAS_LINT_LIST_OMITTED:
    case CAS_LINT_EMPTY_NAME:
    case CAS_LINT_MALFORMED_NAME:
    case CAS_LINT_ENCODING_MISMATCH:
    case CAS_LINT_SERVER_LEAF:
    case CAS_LINT_TRAILING_BYTES:
        return true;
    case CAS_LINT_DUPLICATE_NAME:
    case CAS_LINT_NOT_IN_STORE:
    case CAS_LINT_NT_AUTHORITY:
        break;
    }
    return false;
}

static bool is_list_of_note(const struct cas_ca_list_info *list)
{
    for (size_t i = 0; i < list->lint_len; i++) {
        if (is_lint_of_note(list->lint[i].code)) {
            return true;
        }
    }
    return list->truncation == CAS_TRUNCATION_SUSPECTED ||
           list->truncation == CAS_TRUNCATION_CONFIRMED ||
           list->headroom == CAS_HEADROOM_CRIT || list->headroom == CAS_HEADROOM_OVER ||
           list->clients_refusing_len > 0;
}

bool cas_finding_is_in(const struct cas_handshake_event *event, size_t anomalies)
{
    const struct cas_client_auth_info *auth = &event->client_auth;
    return anomalies > 0 ||
           cas_diagnosis_worst(auth->diagnosis, auth->diagnosis_len) != CAS_SEVERITY_INFO ||
           (event->ca_list != NULL && is_list_of_note(event->ca_list));
}

static void tell(struct cas_run *run, const struct cas_evidence *evidence)
{
    cas_count_add(&run->counters, CAS_COUNT_EVIDENCE_FRAMES, evidence->frames_len);
    if (run->config.evidence.packets != NULL) {
        run->config.evidence.packets(run->config.evidence.user, evidence);
    }
}

static unsigned kind_of(const struct cas_finding *finding)
{
    const struct cas_client_auth_info *auth = &finding->event->client_auth;
    if (cas_diagnosis_worst(auth->diagnosis, auth->diagnosis_len) != CAS_SEVERITY_INFO) {
        return auth->diagnosis[0].code;
    }
    return finding->anomalies > 0 ? CAS_RATION_ANOMALY : CAS_RATION_LIST;
}

/* A server whose list is at its limit has a finding in each handshake, for months: the first of
 * each kind show what there is to see. */
static bool is_wanted(struct cas_run *run, const struct cas_finding *finding)
{
    struct cas_ration *ration = finding->ration != NULL ? finding->ration : &run->ration;
    return finding->has_alert ||
           cas_ration_take(ration, kind_of(finding), run->config.evidence_per_hour,
                           finding->event->head.timestamp_us);
}

void cas_finding_tell(struct cas_run *run, const struct cas_flow *flow,
                      const struct cas_finding *finding)
{
    if (flow->kept == NULL || !cas_finding_is_in(finding->event, finding->anomalies)) {
        return;
    }
    if (!is_wanted(run, finding)) {
        cas_count(&run->counters, CAS_COUNT_EVIDENCE_SKIPPED);
        return;
    }
    flow->kept->is_evidence = true;
    const struct cas_evidence evidence = {
        .flow_id = flow->id,
        .missing = flow->kept->missing,
        .frames_len = flow->kept->len,
        .kept = flow->kept,
    };
    cas_count(&run->counters, CAS_COUNT_EVIDENCE_HANDSHAKES);
    cas_count_add(&run->counters, CAS_COUNT_EVIDENCE_NOT_WHOLE, evidence.missing > 0);
    tell(run, &evidence);
}

void cas_finding_tell_late(struct cas_run *run, const struct cas_frame *frame)
{
    const struct cas_evidence evidence = {
        .is_late = true,
        .frames_len = 1,
        .late = frame,
    };
    tell(run, &evidence);
}
