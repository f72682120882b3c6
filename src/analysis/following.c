/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/following.h"

#include <string.h>

#include "analysis/diagnosis.h"
#include "tls/cipher_names.h"
#include "tls/names.h"

struct cas_following {
    struct cas_run *run;
    const struct cas_flow *flow;
    struct cas_follower follower;
    struct cas_list_report *report; /* held; NULL: no list was seen */
    const char *version;            /* constant */
    const char *cipher;
    unsigned client_end;
    enum cas_requested requested; /* of the first handshake, as the next ones */
    enum cas_answer answer;
    bool has_sni;
    bool is_told;
    size_t size; /* of the allocation, sni included */
    char sni[];
};

struct cas_following *cas_following_create(struct cas_run *run, const struct cas_flow *flow,
                                           const struct cas_followed_handshake *first)
{
    const char *sni = first->event->tls.sni;
    size_t sni_size = sni != NULL ? strlen(sni) + 1 : 0;
    size_t size = sizeof(struct cas_following) + sni_size;
    struct cas_following *following = cas_budget_alloc(&run->budget, size);
    if (following == NULL) {
        return NULL;
    }
    following->run = run;
    following->flow = flow;
    following->size = size;
    following->client_end = first->facts->client_end == 1 ? 1 : 0;
    following->version = cas_tls_version_name(first->facts->server_hello.version);
    following->cipher = cas_tls_cipher_name(first->facts->server_hello.cipher);
    following->requested = first->event->client_auth.requested;
    following->answer = first->event->client_auth.answer;
    following->report = first->report;
    if (first->report != NULL) {
        cas_list_report_hold(&run->reporter, first->report);
    }
    if (sni != NULL) {
        following->has_sni = true;
        memcpy(following->sni, sni, sni_size);
    }
    return following;
}

struct cas_follower *cas_following_follower(struct cas_following *following)
{
    return &following->follower;
}

static struct cas_handshake_event event_of(struct cas_following *following,
                                           const struct cas_frame *frame)
{
    struct cas_run *run = following->run;
    const struct cas_conclusion conclusion = {
        .is_renegotiated = true,
        .requested = CAS_REQUESTED_HIDDEN,
        .answer = CAS_ANSWER_HIDDEN,
    };
    const struct cas_diagnosis_case diagnosis_case = { .conclusion = &conclusion };
    struct cas_handshake_event event = {
        .head = cas_run_flow_head(run, following->flow, following->client_end),
        .tls = { .version = following->version,
                 .cipher = following->cipher,
                 .sni = following->has_sni ? following->sni : NULL,
                 .is_renegotiation = true },
        .client_auth = { .requested = conclusion.requested, .answer = conclusion.answer },
    };
    if (frame != NULL) {
        event.head.timestamp_us = frame->timestamp_us;
        event.head.frame = frame->number;
    }
    event.client_auth.diagnosis =
        cas_diagnose(&diagnosis_case, &run->scratch, &event.client_auth.diagnosis_len);
    return event;
}

static void tell(struct cas_following *following, const struct cas_frame *frame)
{
    struct cas_run *run = following->run;
    const struct cas_sink *sink = &run->config.sink;
    struct cas_handshake_event event = event_of(following, frame);
    const struct cas_inventory_entry entry = { .event = &event, .report = following->report };

    following->is_told = true;
    cas_count(&run->counters, CAS_COUNT_RENEGOTIATIONS);
    cas_count(&run->counters, CAS_COUNT_CERT_REQUESTS_HIDDEN);
    cas_inventory_renegotiated(&run->inventory, &entry, following->requested,
                               following->answer);
    if (sink->handshake != NULL && run->config.select != CAS_SELECT_FINDINGS) {
        event.head.seq = cas_run_next_seq(run);
        sink->handshake(sink->user, &event);
    }
    cas_arena_clear(&run->scratch);
}

enum cas_want cas_following_settle(struct cas_following *following,
                                   const struct cas_frame *frame, unsigned end)
{
    const struct cas_follower *follower = &following->follower;

    if (follower->has_handshake && !following->is_told) {
        tell(following, frame);
    }
    if (!cas_follower_is_on(follower)) {
        return CAS_WANT_NEITHER;
    }
    return follower->side[end].is_on ? CAS_WANT_BYTES : CAS_WANT_NOTHING;
}

enum cas_want cas_following_bytes(struct cas_following *following,
                                  const struct cas_frame *frame, unsigned end,
                                  struct cas_view bytes)
{
    cas_follower_push(&following->follower, end, bytes);
    return cas_following_settle(following, frame, end);
}

enum cas_want cas_following_hole(struct cas_following *following, const struct cas_frame *frame,
                                 unsigned end, uint64_t len)
{
    cas_follower_miss(&following->follower, end, len);
    return cas_following_settle(following, frame, end);
}

void cas_following_destroy(struct cas_following *following)
{
    if (following != NULL) {
        struct cas_run *run = following->run;
        cas_list_report_release(&run->reporter, following->report);
        cas_budget_free(&run->budget, following, following->size);
    }
}
