/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/observation.h"

#include <string.h>

#include "analysis/conclude.h"
#include "analysis/following.h"
#include "analysis/handshake_event.h"
#include "analysis/telling.h"
#include "bytes/fetch.h"
#include "bytes/reader.h"

#define MICROSECONDS 1000000u

/* What each packet needs comes first. */
struct cas_observation {
    struct cas_run *run;
    struct cas_conversation *conversation;
    uint64_t last_us; /* of the last frame that brought something */
    uint64_t last_frame;
    const char *in_iface; /* where its last bytes came in */
    bool is_told;         /* the handshake event went out */
    bool is_renewed;      /* it is a handshake behind the first that is read */
    uint32_t anomalies;   /* kinds that were seen */
    const struct cas_flow *flow;
    struct cas_following *following;     /* of what was told; NULL: it is not followed */
    struct cas_list_report *told_report; /* with it, when that was early; held */
    enum cas_handshake_end end;
    struct cas_handshake_parts parts;
};

static void remember_frame(struct cas_observation *observation, const struct cas_frame *frame)
{
    if (frame != NULL) {
        observation->last_us = frame->timestamp_us;
        observation->last_frame = frame->number;
    }
}

static int64_t now_s(const struct cas_observation *observation)
{
    return (int64_t)(observation->last_us / MICROSECONDS);
}

static struct cas_view server_subject(const struct cas_observation *observation)
{
    const struct cas_known_certs *certs = &observation->parts.server_certs;
    if (certs->len == 0 || !certs->cert[0]->is_cut || certs->cert[0]->cert.is_ca) {
        return (struct cas_view){ 0 };
    }
    return certs->cert[0]->cert.subject;
}

static enum cas_counter counter_of(enum cas_seen seen)
{
    static const enum cas_counter counter[] = {
        [CAS_SEEN_COMPLETE] = CAS_COUNT_CERT_LISTS_COMPLETE,
        [CAS_SEEN_INCOMPLETE] = CAS_COUNT_CERT_LISTS_INCOMPLETE,
        [CAS_SEEN_AMBIGUOUS] = CAS_COUNT_CERT_LISTS_AMBIGUOUS,
        [CAS_SEEN_MALFORMED] = CAS_COUNT_CERT_LISTS_MALFORMED,
    };
    return counter[seen];
}

static void count_list(struct cas_counters *counters, enum cas_seen seen)
{
    cas_count(counters, counter_of(seen));
}

static void take_request(void *user, const struct cas_frame *frame,
                         const struct cas_cert_request *request)
{
    struct cas_observation *observation = user;
    struct cas_run *run = observation->run;
    remember_frame(observation, frame);
    struct cas_list_report *report = cas_list_report_get(
        &run->reporter, request, server_subject(observation), now_s(observation));
    if (observation->parts.report == NULL) {
        observation->parts.report = report;
    } else {
        cas_list_report_release(&run->reporter, report);
    }
}

static void take_certificate_message(void *user, const struct cas_frame *frame,
                                     bool from_server,
                                     const struct cas_certificate_message *message)
{
    struct cas_observation *observation = user;
    struct cas_handshake_parts *parts = &observation->parts;
    remember_frame(observation, frame);
    struct cas_known_certs *certs = from_server ? &parts->server_certs : &parts->client_certs;
    if (certs->len == 0) {
        cas_known_certs_finish(certs, &observation->run->certs);
        cas_known_certs_take(certs, &observation->run->certs, message);
    }
    if (from_server) {
        return;
    }
    if (certs->len > 0 || message->list.len > 0) {
        parts->certificate_message = CAS_ANSWER_CERTIFICATE;
    } else if (message->sight.reasons == 0 && !message->is_malformed) {
        parts->certificate_message = CAS_ANSWER_EMPTY;
    }
}

static unsigned client_end(const struct cas_observation *observation)
{
    return cas_conversation_client_end(observation->conversation) == 1 ? 1 : 0;
}

static struct cas_event_head head_of(const struct cas_observation *observation)
{
    struct cas_event_head head =
        cas_run_flow_head(observation->run, observation->flow, client_end(observation));
    head.timestamp_us = observation->last_us;
    head.frame = observation->last_frame;
    head.in_iface = observation->in_iface;
    return head;
}

static void tell_anomaly(void *user, const struct cas_frame *frame, const char *code,
                         const char *text)
{
    struct cas_observation *observation = user;
    remember_frame(observation, frame);
    observation->anomalies++;
    const struct cas_event_head head = head_of(observation);
    cas_tell_anomaly(observation->run, &head, code, text);
}

static void count_handshake(struct cas_counters *counters,
                            const struct cas_conversation_facts *facts,
                            const struct cas_conclusion *conclusion)
{
    cas_count_add(counters, CAS_COUNT_TLS_ONE_SIDED,
                  facts->client.is_seen != facts->server.is_seen);
    cas_count_add(counters, CAS_COUNT_TLS_RESUMED, conclusion->is_resumed);
    cas_count_add(counters, CAS_COUNT_CERT_REQUESTS_HIDDEN,
                  conclusion->requested == CAS_REQUESTED_HIDDEN);
    cas_count_add(counters, CAS_COUNT_CERT_REQUESTS_INFERRED,
                  conclusion->requested == CAS_REQUESTED_YES &&
                      conclusion->how == CAS_HOW_INFERRED);
}

static struct cas_shown shown_of(const struct cas_observation *observation,
                                 struct cas_handshake_event *event)
{
    return (struct cas_shown){
        .event = event,
        .parts = &observation->parts,
        .anomalies = observation->anomalies,
        .flow = observation->flow,
    };
}

/*
 * Bytes can be sent again, and differ, after the message that they belong to was told; and
 * where either side's messages are not in order, somebody else may have sent the request.
 */
static void settle_report(struct cas_observation *observation,
                          const struct cas_conversation_facts *facts)
{
    struct cas_handshake_parts *parts = &observation->parts;
    struct cas_run *run = observation->run;
    if (parts->report == NULL) {
        return;
    }
    uint32_t of_both = facts->client.reasons & CAS_REASON_BIT(CAS_REASON_PROTOCOL);
    uint32_t of_server = facts->server.reasons & CAS_REASONS_OF_DOUBT;
    uint32_t more = (of_both | of_server) & ~parts->report->info.reasons;
    if (more != 0) {
        parts->report =
            cas_list_report_doubt(&run->reporter, parts->report, more, now_s(observation));
    }
}

/*
 * What came after the handshake was told early: its list is in doubt now, or has come after
 * all. Then that is told, and what was said of it before is taken back.
 */
static void revise(struct cas_observation *observation,
                   const struct cas_conversation_facts *facts)
{
    struct cas_run *run = observation->run;
    struct cas_list_report *told = observation->told_report;
    settle_report(observation, facts);
    struct cas_list_report *report = observation->parts.report;
    if (report == told || report == NULL) {
        return;
    }
    struct cas_conclusion conclusion =
        cas_conclude(facts, observation->parts.certificate_message, observation->end);
    struct cas_handshake_event event = cas_handshake_event_make(
        run, facts, &conclusion, &observation->parts, now_s(observation));
    event.head = head_of(observation);
    const struct cas_shown shown = shown_of(observation, &event);
    count_list(&run->counters, report->info.seen);
    if (told != NULL) {
        run->counters.value[counter_of(told->info.seen)]--;
        cas_tell_doubt(run, &shown, told);
    } else {
        cas_tell_late_list(run, &shown);
    }
    cas_arena_clear(&run->scratch);
}

static void tell_handshake(void *user, const struct cas_frame *frame,
                           const struct cas_conversation_facts *facts)
{
    struct cas_observation *observation = user;
    struct cas_run *run = observation->run;
    remember_frame(observation, frame);
    if (observation->is_told) {
        revise(observation, facts);
        return;
    }
    observation->is_told = true;
    settle_report(observation, facts);
    if (observation->parts.report != NULL) {
        count_list(&run->counters, observation->parts.report->info.seen);
    }
    struct cas_conclusion conclusion =
        cas_conclude(facts, observation->parts.certificate_message, observation->end);
    count_handshake(&run->counters, facts, &conclusion);
    struct cas_handshake_event event = cas_handshake_event_make(
        run, facts, &conclusion, &observation->parts, now_s(observation));
    event.head = head_of(observation);
    const struct cas_shown shown = shown_of(observation, &event);
    cas_tell_handshake(run, &shown);
    bool may_ask_later = event.client_auth.requested != CAS_REQUESTED_YES &&
                         event.client_auth.requested != CAS_REQUESTED_HIDDEN;
    if (may_ask_later && conclusion.established == CAS_ESTABLISHED_YES &&
        observation->following == NULL) {
        observation->following = cas_following_create(run, facts, &event);
    }
    cas_arena_clear(&run->scratch);
}

struct cas_conversation_handler cas_observation_handler(void)
{
    return (struct cas_conversation_handler){
        .cert_request = take_request,
        .certificate = take_certificate_message,
        .anomaly = tell_anomaly,
        .done = tell_handshake,
    };
}

struct cas_observation *cas_observation_create(struct cas_run *run, const struct cas_flow *flow)
{
    struct cas_observation *observation = cas_budget_alloc(&run->budget, sizeof(*observation));
    if (observation == NULL) {
        return NULL;
    }
    observation->run = run;
    observation->flow = flow;
    observation->last_us = flow->first_us;
    observation->in_iface = run->config.in_iface;
    observation->conversation =
        cas_conversation_create(&run->tls, observation, flow->is_midstream);
    if (observation->conversation == NULL) {
        cas_observation_destroy(observation);
        return NULL;
    }
    return observation;
}

static void release_parts(struct cas_observation *observation)
{
    struct cas_run *run = observation->run;
    struct cas_handshake_parts *parts = &observation->parts;
    cas_list_report_release(&run->reporter, parts->report);
    cas_known_certs_finish(&parts->server_certs, &run->certs);
    cas_known_certs_finish(&parts->client_certs, &run->certs);
    cas_list_report_release(&run->reporter, observation->told_report);
    *parts = (struct cas_handshake_parts){ 0 };
    observation->told_report = NULL;
}

/* A handshake was told; the next ones are read, should the keys be there, and told likewise. */
static enum cas_want read_on(struct cas_observation *observation, const struct cas_frame *frame,
                             enum cas_want want)
{
    while (want == CAS_WANT_NEITHER && cas_conversation_renew(observation->conversation)) {
        release_parts(observation);
        observation->is_told = false;
        observation->is_renewed = true;
        want = cas_conversation_read_on(observation->conversation, frame);
    }
    return want;
}

enum cas_want cas_observation_bytes(struct cas_observation *observation,
                                    const struct cas_frame *frame, unsigned end,
                                    uint64_t offset, struct cas_view bytes)
{
    remember_frame(observation, frame);
    observation->in_iface = observation->run->config.in_iface;
    enum cas_want want =
        read_on(observation, frame,
                cas_conversation_bytes(observation->conversation, frame, end, offset, bytes));
    bool is_plain =
        want == CAS_WANT_BYTES && cas_conversation_has_nothing(observation->conversation, end);
    return is_plain ? CAS_WANT_REST : want;
}

enum cas_want cas_observation_hole(struct cas_observation *observation,
                                   const struct cas_frame *frame, unsigned end, uint64_t offset,
                                   uint64_t len, enum cas_reason reason)
{
    return read_on(
        observation, frame,
        cas_conversation_hole(observation->conversation, frame, end, offset, len, reason));
}

void cas_observation_doubt(struct cas_observation *observation, const struct cas_frame *frame,
                           unsigned end, uint64_t offset, uint64_t len, enum cas_reason reason)
{
    cas_conversation_doubt(observation->conversation, frame, end, offset, len, reason);
}

bool cas_observation_again(struct cas_observation *observation, unsigned end, uint64_t offset,
                           struct cas_view bytes, uint64_t before)
{
    return cas_conversation_again(observation->conversation, end, offset, bytes, before);
}

bool cas_observation_watch(struct cas_observation *observation, struct cas_following *state,
                           struct cas_watch_start *start)
{
    struct cas_follower follower = { 0 };
    if (observation->following == NULL ||
        !cas_conversation_take_follower(observation->conversation, &follower, start->next)) {
        return false;
    }
    *state = *observation->following;
    observation->following->sni = NULL; /* the state's now */
    state->follower = follower;
    for (unsigned end = 0; end < 2; end++) {
        start->next[end] += start->base[end];
        start->is_wanted[end] = follower.side[end].state != CAS_FOLLOWED_NOT;
    }
    return true;
}

static enum cas_handshake_end end_of(enum cas_close close)
{
    switch (close) {
    case CAS_CLOSE_FIN:
        return CAS_HANDSHAKE_CLOSED;
    case CAS_CLOSE_RST:
        return CAS_HANDSHAKE_RESET;
    case CAS_CLOSE_REPLACED: /* nobody saw how it ended */
    case CAS_CLOSE_TIMEOUT:
    case CAS_CLOSE_EVICTED:
    case CAS_CLOSE_CAPTURE_END:
        return CAS_HANDSHAKE_LEFT;
    case CAS_CLOSE_UNWANTED:
        break;
    }
    return CAS_HANDSHAKE_OVER;
}

/* What a message that is not whole lacks its end for. */
static enum cas_reason reason_of(enum cas_close close, enum cas_reason eviction)
{
    switch (close) {
    case CAS_CLOSE_FIN:
    case CAS_CLOSE_RST:
    case CAS_CLOSE_REPLACED:
        return CAS_REASON_CLOSED;
    case CAS_CLOSE_TIMEOUT:
        return CAS_REASON_TIMEOUT;
    case CAS_CLOSE_CAPTURE_END:
        return CAS_REASON_CAPTURE_END;
    case CAS_CLOSE_EVICTED:
    case CAS_CLOSE_UNWANTED:
        break;
    }
    return eviction;
}

bool cas_observation_is_over(const struct cas_observation *observation, enum cas_close ending)
{
    return cas_conversation_is_over(observation->conversation, ending);
}

void cas_observation_tell(struct cas_observation *observation, enum cas_close ending)
{
    bool has_ended = ending == CAS_CLOSE_FIN || ending == CAS_CLOSE_RST;
    observation->end = has_ended ? end_of(ending) : CAS_HANDSHAKE_OVER;
    cas_conversation_tell(observation->conversation);
    if (observation->parts.report != NULL) {
        observation->told_report = observation->parts.report;
        cas_list_report_hold(&observation->run->reporter, observation->told_report);
    }
}

void cas_observation_close(struct cas_observation *observation, const struct cas_frame *frame,
                           enum cas_close close, enum cas_reason reason)
{
    observation->end = end_of(close);
    cas_conversation_close(observation->conversation, frame, reason_of(close, reason));
    if (read_on(observation, frame, CAS_WANT_NEITHER) != CAS_WANT_NEITHER) {
        cas_conversation_close(observation->conversation, frame, reason_of(close, reason));
    }
}

void cas_observation_fetch(const struct cas_observation *observation, unsigned step)
{
    if (step == 0) {
        cas_fetch(observation, sizeof(*observation));
    } else {
        cas_conversation_fetch(observation->conversation, step - 1);
    }
}

unsigned cas_observation_worth(const struct cas_observation *observation)
{
    if (observation->is_told) {
        return 0;
    }
    const struct cas_conversation_progress progress =
        cas_conversation_progress(observation->conversation);
    bool has_begun = progress.has_client_hello || progress.has_server_hello;
    if (!progress.is_tls || (observation->is_renewed && !has_begun)) {
        return 0;
    }
    return 1u + progress.has_server_hello + progress.has_server_certificate;
}

void cas_observation_destroy(struct cas_observation *observation)
{
    struct cas_run *run = observation->run;
    cas_conversation_destroy(observation->conversation);
    release_parts(observation);
    cas_following_destroy(run, observation->following);
    cas_budget_free(&run->budget, observation, sizeof(*observation));
}
