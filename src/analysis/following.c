/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/following.h"

#include "analysis/diagnosis.h"
#include "analysis/inference_later.h"
#include "analysis/request_size.h"
#include "analysis/telling.h"
#include "tls/cipher_names.h"
#include "tls/names.h"

struct cas_following *cas_following_create(struct cas_run *run,
                                           const struct cas_conversation_facts *facts,
                                           const struct cas_handshake_event *event)
{
    struct cas_following *following = cas_budget_alloc(&run->budget, sizeof(*following));
    const char *sni = event->tls.sni;
    if (following == NULL) {
        return NULL;
    }
    *following = (struct cas_following){
        .sni = sni != NULL ? cas_known_names_get(&run->names, sni) : NULL,
        .told_us = event->head.timestamp_us,
        .version = facts->server_hello.version,
        .cipher = facts->server_hello.cipher,
        .client_end = facts->client_end == 1 ? 1 : 0,
        .requested = (uint8_t)event->client_auth.requested,
        .answer = (uint8_t)event->client_auth.answer,
        .limits_records = facts->client_hello.limits_records,
    };
    return following;
}

static struct cas_event_head head_of(struct cas_run *run, const struct cas_following *following,
                                     const struct cas_flow *flow, const struct cas_frame *frame)
{
    const struct cas_later *later = following->follower.later;
    struct cas_event_head head = cas_run_flow_head(run, flow, following->client_end);
    head.timestamp_us = following->told_us;
    if (later != NULL && later->last_us > 0) {
        head.timestamp_us = later->last_us;
        head.frame = later->last_frame;
    } else if (frame != NULL) {
        head.timestamp_us = frame->timestamp_us;
        head.frame = frame->number;
    }
    return head;
}

/* What the lengths of its records tell; else it is hidden. */
static struct cas_conclusion conclude(const struct cas_following *following)
{
    const struct cas_later_case later_case = {
        .later = following->follower.later,
        .client_end = following->client_end,
        .version = following->version,
        .cipher = following->cipher,
        .limits_records = following->limits_records,
    };
    struct cas_conclusion conclusion = {
        .is_renegotiated = true,
        .how = CAS_HOW_INFERRED,
        .inference = cas_infer_later(&later_case),
    };
    conclusion.requested = conclusion.inference.requested;
    conclusion.answer = conclusion.inference.answer;
    return conclusion;
}

static struct cas_handshake_event event_of(struct cas_run *run,
                                           const struct cas_following *following,
                                           const struct cas_conclusion *conclusion)
{
    struct cas_handshake_event event = {
        .tls = { .version = cas_tls_version_name(following->version),
                 .cipher =
                     following->cipher != 0 ? cas_tls_cipher_name(following->cipher) : NULL,
                 .sni = following->sni != NULL ? following->sni->text : NULL,
                 .is_renegotiation = true },
        .client_auth = { .requested = conclusion->requested,
                         .how = conclusion->how,
                         .answer = conclusion->answer,
                         .request_size = cas_request_size_tell(
                             &conclusion->inference, &run->reporter.rules, &run->scratch) },
    };
    const struct cas_diagnosis_case diagnosis_case = {
        .conclusion = conclusion,
        .request_size = event.client_auth.request_size,
    };
    event.client_auth.diagnosis =
        cas_diagnose(&diagnosis_case, &run->scratch, &event.client_auth.diagnosis_len);
    return event;
}

static void count(struct cas_run *run, enum cas_requested requested)
{
    cas_count(&run->counters, CAS_COUNT_RENEGOTIATIONS);
    cas_count_add(&run->counters, CAS_COUNT_CERT_REQUESTS_HIDDEN,
                  requested == CAS_REQUESTED_HIDDEN);
    cas_count_add(&run->counters, CAS_COUNT_CERT_REQUESTS_INFERRED,
                  requested == CAS_REQUESTED_YES);
}

static void tell(struct cas_run *run, const struct cas_following *following,
                 const struct cas_event_head *head)
{
    const struct cas_conclusion conclusion = conclude(following);
    const struct cas_relay_before before = {
        .requested = (enum cas_requested)following->requested,
        .answer = (enum cas_answer)following->answer,
    };
    struct cas_handshake_event event = event_of(run, following, &conclusion);

    event.head = *head;
    count(run, event.client_auth.requested);
    cas_tell_renegotiation(run, &event, &before);
    cas_arena_clear(&run->scratch);
}

enum cas_watching cas_following_look(struct cas_run *run, struct cas_following *following,
                                     struct cas_glimpse *glimpse)
{
    struct cas_follower *follower = &following->follower;

    if (!cas_follower_push(follower, &run->tls, glimpse)) {
        return CAS_WATCH_DOUBT;
    }
    if (cas_follower_has_end(follower) || !cas_follower_is_on(follower)) {
        return CAS_WATCH_OVER;
    }
    return cas_follower_has_handshake(follower) ? CAS_WATCH_SOON : CAS_WATCH_ON;
}

void cas_following_end(struct cas_run *run, struct cas_following *following,
                       const struct cas_flow *flow, const struct cas_frame *frame)
{
    if (cas_follower_has_handshake(&following->follower)) {
        const struct cas_event_head head = head_of(run, following, flow, frame);
        tell(run, following, &head);
    }
    cas_following_finish(run, following);
}

void cas_following_finish(struct cas_run *run, struct cas_following *following)
{
    cas_follower_finish(&following->follower, &run->tls);
    cas_known_names_release(&run->names, following->sni);
    following->sni = NULL;
}

void cas_following_destroy(struct cas_run *run, struct cas_following *following)
{
    if (following != NULL) {
        cas_following_finish(run, following);
        cas_budget_free(&run->budget, following, sizeof(*following));
    }
}
