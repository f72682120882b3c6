/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/connection.h"

#include <string.h>

#include "analysis/conclude.h"
#include "analysis/diagnosis.h"
#include "analysis/handshake_event.h"
#include "bytes/reader.h"

/* Kinds of anomaly told of one connection: each once. */
#define ANOMALIES_MAX 8

#define MICROSECONDS 1000000u

struct cas_connection {
    struct cas_run *run;
    const struct cas_flow *flow;
    struct cas_conversation *conversation;
    struct cas_handshake_parts parts;
    uint64_t last_us; /* of the last frame that brought something */
    uint64_t last_frame;
    bool is_told; /* the handshake event went out */
    enum cas_handshake_end end;
    const char *anomalies[ANOMALIES_MAX]; /* told already; constant strings */
    size_t anomalies_len;
};

static void remember_frame(struct cas_connection *connection, const struct cas_frame *frame)
{
    if (frame != NULL) {
        connection->last_us = frame->timestamp_us;
        connection->last_frame = frame->number;
    }
}

static int64_t now_s(const struct cas_connection *connection)
{
    return (int64_t)(connection->last_us / MICROSECONDS);
}

static struct cas_view server_subject(const struct cas_connection *connection)
{
    const struct cas_known_certs *certs = &connection->parts.server_certs;
    if (certs->len == 0 || !certs->cert[0]->is_cut || certs->cert[0]->cert.is_ca) {
        return (struct cas_view){ 0 };
    }
    return certs->cert[0]->cert.subject;
}

static void count_list(struct cas_counters *counters, enum cas_seen seen)
{
    static const enum cas_counter counter[] = {
        [CAS_SEEN_COMPLETE] = CAS_COUNT_CERT_LISTS_COMPLETE,
        [CAS_SEEN_INCOMPLETE] = CAS_COUNT_CERT_LISTS_INCOMPLETE,
        [CAS_SEEN_AMBIGUOUS] = CAS_COUNT_CERT_LISTS_AMBIGUOUS,
        [CAS_SEEN_MALFORMED] = CAS_COUNT_CERT_LISTS_MALFORMED,
    };
    cas_count(counters, counter[seen]);
}

static void take_request(void *user, const struct cas_frame *frame,
                         const struct cas_cert_request *request)
{
    struct cas_connection *connection = user;
    struct cas_run *run = connection->run;
    remember_frame(connection, frame);
    cas_count(&run->counters, CAS_COUNT_CERT_REQUESTS);
    struct cas_list_report *report = cas_list_report_get(
        &run->reporter, request, server_subject(connection), now_s(connection));
    if (report == NULL) {
        return;
    }
    count_list(&run->counters, report->info.seen);
    if (connection->parts.report == NULL) {
        connection->parts.report = report;
    } else {
        cas_list_report_release(&run->reporter, report);
    }
}

static void take_certificates(struct cas_connection *connection, struct cas_known_certs *certs,
                              struct cas_view list)
{
    struct cas_reader r = cas_reader_init(list);
    while (cas_reader_left(&r) > 0 && certs->len < CAS_KNOWN_CERTS_MAX) {
        struct cas_view der = cas_reader_vec24(&r);
        if (!cas_reader_ok(&r)) {
            return;
        }
        struct cas_known_cert *cert = cas_cert_cache_get(&connection->run->certs, der);
        if (cert == NULL) {
            return;
        }
        certs->cert[certs->len++] = cert;
    }
}

static void take_certificate_message(void *user, const struct cas_frame *frame,
                                     bool from_server,
                                     const struct cas_certificate_message *message)
{
    struct cas_connection *connection = user;
    struct cas_handshake_parts *parts = &connection->parts;
    remember_frame(connection, frame);
    struct cas_known_certs *certs = from_server ? &parts->server_certs : &parts->client_certs;
    if (certs->len == 0) {
        take_certificates(connection, certs, message->list);
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

static bool is_told_already(const struct cas_connection *connection, const char *code)
{
    for (size_t i = 0; i < connection->anomalies_len; i++) {
        if (strcmp(connection->anomalies[i], code) == 0) {
            return true;
        }
    }
    return connection->anomalies_len == ANOMALIES_MAX;
}

static unsigned client_end(const struct cas_connection *connection)
{
    return cas_conversation_facts(connection->conversation)->client_end == 1 ? 1 : 0;
}

static struct cas_event_head head_of(const struct cas_connection *connection)
{
    struct cas_event_head head =
        cas_run_flow_head(connection->run, connection->flow, client_end(connection));
    head.timestamp_us = connection->last_us;
    head.frame = connection->last_frame;
    return head;
}

static void tell_anomaly(void *user, const struct cas_frame *frame, const char *code,
                         const char *text)
{
    struct cas_connection *connection = user;
    const struct cas_sink *sink = &connection->run->config.sink;
    remember_frame(connection, frame);
    if (is_told_already(connection, code)) {
        return;
    }
    connection->anomalies[connection->anomalies_len++] = code;
    if (sink->anomaly != NULL) {
        struct cas_anomaly_event event = {
            .head = head_of(connection),
            .code = code,
            .text = text,
        };
        event.head.seq = cas_run_next_seq(connection->run);
        sink->anomaly(sink->user, &event);
    }
}

static bool is_selected(enum cas_select select, const struct cas_handshake_event *event)
{
    const struct cas_client_auth_info *auth = &event->client_auth;
    switch (select) {
    case CAS_SELECT_ALL:
        return true;
    case CAS_SELECT_REQUESTS:
        return auth->requested == CAS_REQUESTED_YES || auth->requested == CAS_REQUESTED_HIDDEN;
    case CAS_SELECT_FINDINGS:
        return cas_diagnosis_worst(auth->diagnosis, auth->diagnosis_len) != CAS_SEVERITY_INFO;
    }
    return true;
}

static void count_handshake(struct cas_counters *counters,
                            const struct cas_conclusion *conclusion)
{
    cas_count_add(counters, CAS_COUNT_TLS13_CONNECTIONS, conclusion->is_tls13);
    cas_count_add(counters, CAS_COUNT_TLS_RESUMED, conclusion->is_resumed);
    cas_count_add(counters, CAS_COUNT_CERT_REQUESTS_HIDDEN,
                  conclusion->requested == CAS_REQUESTED_HIDDEN);
}

static void tell_list(struct cas_connection *connection,
                      const struct cas_handshake_event *handshake)
{
    const struct cas_sink *sink = &connection->run->config.sink;
    if (sink->ca_list == NULL) {
        return;
    }
    struct cas_ca_list_event event = {
        .head = handshake->head,
        .sni = handshake->tls.sni,
        .ca_list = handshake->ca_list,
    };
    event.head.seq = cas_run_next_seq(connection->run);
    sink->ca_list(sink->user, &event);
}

static void tell_handshake(void *user, const struct cas_frame *frame,
                           const struct cas_conversation_facts *facts)
{
    struct cas_connection *connection = user;
    struct cas_run *run = connection->run;
    const struct cas_sink *sink = &run->config.sink;
    remember_frame(connection, frame);
    connection->is_told = true;
    struct cas_conclusion conclusion =
        cas_conclude(facts, connection->parts.certificate_message, connection->end);
    count_handshake(&run->counters, &conclusion);
    struct cas_handshake_event event = cas_handshake_event_make(
        run, facts, &conclusion, &connection->parts, now_s(connection));
    event.head = head_of(connection);
    const struct cas_inventory_entry entry = {
        .event = &event,
        .report = connection->parts.report,
    };
    if (cas_inventory_note(&run->inventory, &entry)) {
        tell_list(connection, &event);
    }
    if (sink->handshake != NULL && is_selected(run->config.select, &event)) {
        event.head.seq = cas_run_next_seq(run);
        sink->handshake(sink->user, &event);
    }
    cas_arena_clear(&run->scratch);
}

struct cas_conversation_handler cas_connection_handler(void)
{
    return (struct cas_conversation_handler){
        .cert_request = take_request,
        .certificate = take_certificate_message,
        .anomaly = tell_anomaly,
        .done = tell_handshake,
    };
}

struct cas_connection *cas_connection_create(struct cas_run *run, const struct cas_flow *flow)
{
    struct cas_connection *connection = cas_budget_alloc(&run->budget, sizeof(*connection));
    if (connection == NULL) {
        return NULL;
    }
    connection->run = run;
    connection->flow = flow;
    connection->last_us = flow->first_us;
    connection->conversation =
        cas_conversation_create(&run->tls, connection, flow->is_midstream);
    if (connection->conversation == NULL) {
        cas_connection_destroy(connection);
        return NULL;
    }
    return connection;
}

/* Once the event is told, or no TLS was found, the other direction is not wanted either. */
static enum cas_want want_of(const struct cas_connection *connection, enum cas_want want)
{
    bool is_over =
        connection->is_told || !cas_conversation_facts(connection->conversation)->is_tls;
    return want == CAS_WANT_NOTHING && is_over ? CAS_WANT_NEITHER : want;
}

enum cas_want cas_connection_bytes(struct cas_connection *connection,
                                   const struct cas_frame *frame, unsigned end, uint64_t offset,
                                   struct cas_view bytes)
{
    remember_frame(connection, frame);
    return want_of(connection,
                   cas_conversation_bytes(connection->conversation, frame, end, offset, bytes));
}

enum cas_want cas_connection_hole(struct cas_connection *connection,
                                  const struct cas_frame *frame, unsigned end, uint64_t offset,
                                  uint64_t len, enum cas_reason reason)
{
    return want_of(connection, cas_conversation_hole(connection->conversation, frame, end,
                                                     offset, len, reason));
}

void cas_connection_doubt(struct cas_connection *connection, const struct cas_frame *frame,
                          unsigned end, uint64_t offset, uint64_t len, enum cas_reason reason)
{
    cas_conversation_doubt(connection->conversation, frame, end, offset, len, reason);
}

static enum cas_handshake_end end_of(enum cas_close close)
{
    switch (close) {
    case CAS_CLOSE_FIN:
    case CAS_CLOSE_RST:
    case CAS_CLOSE_REPLACED:
        return CAS_HANDSHAKE_CLOSED;
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

void cas_connection_close(struct cas_connection *connection, const struct cas_frame *frame,
                          enum cas_close close, enum cas_reason reason)
{
    connection->end = end_of(close);
    cas_conversation_close(connection->conversation, frame, reason_of(close, reason));
}

unsigned cas_connection_worth(const struct cas_connection *connection)
{
    const struct cas_conversation_facts *facts =
        cas_conversation_facts(connection->conversation);
    if (connection->is_told || !facts->is_tls) {
        return 0;
    }
    return 1u + facts->server_hello.is_seen + (facts->server.certificates > 0);
}

void cas_connection_destroy(struct cas_connection *connection)
{
    struct cas_run *run = connection->run;
    cas_conversation_destroy(connection->conversation);
    cas_list_report_release(&run->reporter, connection->parts.report);
    for (size_t i = 0; i < connection->parts.server_certs.len; i++) {
        cas_cert_cache_release(&run->certs, connection->parts.server_certs.cert[i]);
    }
    for (size_t i = 0; i < connection->parts.client_certs.len; i++) {
        cas_cert_cache_release(&run->certs, connection->parts.client_certs.cert[i]);
    }
    cas_budget_free(&run->budget, connection, sizeof(*connection));
}
