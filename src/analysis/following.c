/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/following.h"

#include "analysis/diagnosis.h"
#include "tls/cipher_names.h"
#include "tls/names.h"

struct cas_following cas_following_of(struct cas_run *run,
                                      const struct cas_conversation_facts *facts,
                                      const struct cas_handshake_event *event)
{
    const char *sni = event->tls.sni;
    return (struct cas_following){
        .sni = sni != NULL ? cas_known_names_get(&run->names, sni) : NULL,
        .version = facts->server_hello.version,
        .cipher = facts->server_hello.cipher,
        .client_end = facts->client_end == 1 ? 1 : 0,
        .requested = (uint8_t)event->client_auth.requested,
        .answer = (uint8_t)event->client_auth.answer,
    };
}

static struct cas_event_head head_of(struct cas_run *run, const struct cas_following *following,
                                     const struct cas_flow *flow, const struct cas_frame *frame)
{
    const struct cas_later *later = following->follower.later;
    struct cas_event_head head = cas_run_flow_head(run, flow, following->client_end);
    if (later != NULL) {
        head.timestamp_us = later->last_us;
        head.frame = later->last_frame;
    } else if (frame != NULL) {
        head.timestamp_us = frame->timestamp_us;
        head.frame = frame->number;
    }
    return head;
}

static void tell(struct cas_run *run, const struct cas_following *following,
                 const struct cas_event_head *head)
{
    const struct cas_sink *sink = &run->config.sink;
    const struct cas_conclusion conclusion = {
        .is_renegotiated = true,
        .requested = CAS_REQUESTED_HIDDEN,
        .answer = CAS_ANSWER_HIDDEN,
    };
    const struct cas_diagnosis_case diagnosis_case = { .conclusion = &conclusion };
    struct cas_handshake_event event = {
        .head = *head,
        .tls = { .version = cas_tls_version_name(following->version),
                 .cipher = cas_tls_cipher_name(following->cipher),
                 .sni = following->sni != NULL ? following->sni->text : NULL,
                 .is_renegotiation = true },
        .client_auth = { .requested = conclusion.requested, .answer = conclusion.answer },
    };
    const struct cas_inventory_entry entry = { .event = &event };

    event.client_auth.diagnosis =
        cas_diagnose(&diagnosis_case, &run->scratch, &event.client_auth.diagnosis_len);
    cas_count(&run->counters, CAS_COUNT_RENEGOTIATIONS);
    cas_count(&run->counters, CAS_COUNT_CERT_REQUESTS_HIDDEN);
    cas_inventory_renegotiated(&run->inventory, &entry,
                               (enum cas_requested)following->requested,
                               (enum cas_answer)following->answer);
    if (sink->handshake != NULL && run->config.select != CAS_SELECT_FINDINGS) {
        event.head.seq = cas_run_next_seq(run);
        sink->handshake(sink->user, &event);
    }
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
