/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/text_server.h"

#include <string.h>

#include "output/format.h"
#include "output/text_list.h"

enum cas_text_urgency cas_text_urgency(const struct cas_server_event *event)
{
    const struct cas_ca_list_info *list = event->ca_list;
    if (event->failures_count > 0 ||
        (list != NULL && list->truncation >= CAS_TRUNCATION_SUSPECTED)) {
        return CAS_TEXT_BROKEN;
    }
    if (event->doubtful_count > 0) {
        return CAS_TEXT_ODD;
    }
    if (list != NULL &&
        (list->seen != CAS_SEEN_COMPLETE || list->truncation == CAS_TRUNCATION_SUBSET ||
         list->headroom != CAS_HEADROOM_OK || list->lint_len > 0 ||
         list->clients_refusing_len > 0)) {
        return CAS_TEXT_ODD;
    }
    const struct cas_request_brief *request = event->request;
    if (request != NULL &&
        (request->headroom != CAS_HEADROOM_OK || request->clients_refusing > 0)) {
        return CAS_TEXT_ODD;
    }
    return CAS_TEXT_CALM;
}

/* Why a server has no list to show. */
struct absence {
    const char *verdict;
    const char *sentence;
};

static const struct absence hidden13 = {
    "HIDDEN: TLS 1.3 encrypts the request",
    "Nothing after the ServerHello can be read without the keys, so whether a certificate was "
    "asked for, and by which list, is not known. A key log (--keylog) or a test with TLS 1.2 "
    "against this server shows its list."
};
static const struct absence hidden_renegotiation = {
    "HIDDEN: a renegotiation may hold the request",
    "The server negotiated again under encryption, as IIS does by default to ask for a "
    "certificate. There, clientcertnegotiation=enable (netsh http add sslcert) moves the "
    "request "
    "to the first handshake, where it can be read."
};
static const struct absence asked13 = {
    "ASKED: but TLS 1.3 encrypts the list",
    "The sizes of encrypted records tell that a certificate was asked for. A key log "
    "(--keylog) or a test with TLS 1.2 against this server shows its list."
};
static const struct absence asked_later = {
    "ASKED: but in a renegotiation, which encrypts the list",
    "The sizes of its records tell that a certificate was asked for. IIS does so by default; "
    "clientcertnegotiation=enable (netsh http add sslcert) moves the request to the first "
    "handshake, where its list can be read."
};
static const struct absence not_shown = { "ASKED: but its list was not seen", NULL };
static const struct absence resumed = {
    "RESUMED: a resumed session has no request",
    "Capture the first connection of a client: a resumed one repeats no request."
};
static const struct absence not_asked = { "NOT ASKED: no client certificate was requested",
                                          NULL };
static const struct absence not_seen = {
    "NOT SEEN: that part of the handshake was not captured",
    "Capture both directions, from the start of the connection and with whole packets."
};

static const struct absence *absence_of(const struct cas_server_event *event)
{
    bool is_tls13 = event->version != NULL && strcmp(event->version, "TLS 1.3") == 0;
    if (event->requested[CAS_REQUESTED_YES] > 0) {
        const struct absence *inferred = is_tls13 ? &asked13 : &asked_later;
        return event->inferred > 0 ? inferred : &not_shown;
    }
    if (event->requested[CAS_REQUESTED_HIDDEN] > 0) {
        return is_tls13 ? &hidden13 : &hidden_renegotiation;
    }
    if (event->resumed > 0 && event->resumed == event->handshakes) {
        return &resumed;
    }
    return event->requested[CAS_REQUESTED_NO] > 0 ? &not_asked : &not_seen;
}

void cas_text_who(const struct cas_text *text, const struct cas_endpoint *server,
                  const char *sni, const char *version)
{
    cas_text_colour_on(text, CAS_TEXT_BOLD);
    cas_format_endpoint(text->out, server);
    if (sni != NULL) {
        cas_text_spaces(text, 2);
        cas_format_text(text->out, sni);
    }
    cas_text_colour_off(text);
    cas_text_spaces(text, 2);
    cas_format_text(text->out, version != NULL ? version : "TLS ?");
    cas_text_spaces(text, 4);
}

static void put_absence(const struct cas_text *text, const struct cas_server_event *event)
{
    const struct absence *absence = absence_of(event);
    cas_buf_append_text(text->out, absence->verdict);
    cas_text_end_line(text);
    if (absence->sentence != NULL) {
        cas_text_spaces(text, CAS_TEXT_INDENT);
        cas_text_sentence(text, CAS_TEXT_INDENT, CAS_TEXT_INDENT, absence->sentence);
    }
}

/* "request   at least 15,600 of 16,384 bytes (schannel-16k)   95 %, inferred   CRIT" */
static void put_request(const struct cas_text *text, const struct cas_request_brief *request)
{
    static const char *const headrooms[] = { "", "   WARN", "   CRIT", "   OVER" };
    cas_text_label(text, CAS_TEXT_PLAIN, "request");
    if (request->limit_name == NULL) {
        cas_buf_append_text(text->out, "size inferred: at least ");
        cas_text_count(text, request->least, "byte", "bytes");
    } else {
        cas_buf_append_text(text->out, "at least ");
        cas_format_grouped(text->out, request->limit_counted);
        cas_buf_append_text(text->out, " of the ");
        cas_text_count(text, request->limit_bytes, "byte", "bytes");
        cas_buf_append_text(text->out, " of ");
        cas_format_text(text->out, request->limit_name);
        cas_buf_append_text(text->out, " (inferred)");
        cas_buf_append_text(text->out, headrooms[request->headroom]);
    }
    if (request->clients_refusing > 0) {
        cas_buf_append_text(text->out, ", refused by ");
        cas_text_count(text, request->clients_refusing, "kind of client", "kinds of client");
    }
    cas_text_end_line(text);
}

/* Without a list, what was asked; what was answered where it was. */
static bool tells_answers(const struct cas_server_event *event)
{
    return event->ca_list != NULL || event->inferred > 0;
}

static void put_clients(const struct cas_text *text, const struct cas_server_event *event)
{
    static const char *const requested[] = {
        [CAS_REQUESTED_UNSEEN] = " with the request not seen",
        [CAS_REQUESTED_NO] = " without a request",
        [CAS_REQUESTED_YES] = " with a request",
        [CAS_REQUESTED_HIDDEN] = " that may hide one",
    };
    static const char *const answers[] = {
        [CAS_ANSWER_UNSEEN] = " whose answer was not seen",
        [CAS_ANSWER_NONE] = " gave no answer",
        [CAS_ANSWER_EMPTY] = " sent none",
        [CAS_ANSWER_CERTIFICATE] = " sent a certificate",
        [CAS_ANSWER_HIDDEN] = " encrypted",
    };
    cas_text_label(text, CAS_TEXT_PLAIN, "clients");
    cas_text_count(text, event->handshakes, "handshake", "handshakes");
    const char *separator = ": ";
    for (size_t i = 0; event->ca_list == NULL && i <= CAS_REQUESTED_HIDDEN; i++) {
        separator = cas_text_part(text, separator, event->requested[i], requested[i]);
    }
    for (size_t i = CAS_ANSWER_HIDDEN + 1; tells_answers(event) && i > 0; i--) {
        separator = cas_text_part(text, separator, event->answers[i - 1], answers[i - 1]);
    }
    (void)cas_text_part(text, separator, event->resumed, " resumed");
    cas_text_end_line(text);
}

enum cas_text_colour cas_text_severity_colour(enum cas_severity severity)
{
    switch (severity) {
    case CAS_SEVERITY_INFO:
        return CAS_TEXT_PLAIN;
    case CAS_SEVERITY_WARNING:
        return CAS_TEXT_YELLOW;
    case CAS_SEVERITY_ERROR:
        return CAS_TEXT_RED;
    }
    return CAS_TEXT_PLAIN;
}

/* "CLIENT_SENT_NONE error: the sentence" */
static void put_diagnosis(const struct cas_text *text, const struct cas_diagnosis *diagnosis)
{
    const char *code = cas_diagnosis_name(diagnosis->code);
    const char *severity = cas_severity_name(diagnosis->severity);
    cas_text_value(text);
    cas_text_paint(text, cas_text_severity_colour(diagnosis->severity), code);
    cas_text_spaces(text, 1);
    cas_buf_append_text(text->out, severity);
    cas_buf_append_text(text->out, ": ");
    cas_text_sentence(text, CAS_TEXT_VALUE_AT,
                      CAS_TEXT_VALUE_AT + strlen(code) + strlen(severity) + 3, diagnosis->text);
}

static void put_failure(const struct cas_text *text, const struct cas_failure_info *failure)
{
    if (failure->is_doubtful) {
        cas_text_label(text, CAS_TEXT_YELLOW, "DOUBTFUL");
    } else {
        cas_text_label(text, CAS_TEXT_RED, "FAILED");
    }
    cas_format_time(text->out, failure->timestamp_us);
    if (failure->client.family != 0) {
        cas_text_spaces(text, 2);
        cas_format_endpoint(text->out, &failure->client);
    }
    if (failure->frame != 0) {
        cas_buf_append_text(text->out, "  packet ");
        cas_format_u64(text->out, failure->frame);
    }
    cas_text_end_line(text);
    for (size_t i = 0; i < failure->diagnosis_len; i++) {
        put_diagnosis(text, &failure->diagnosis[i]);
    }
}

/* "... 2 more failed connections" */
static void put_more(const struct cas_text *text, uint64_t more, const char *one,
                     const char *many)
{
    if (more > 0) {
        cas_text_value(text);
        cas_buf_append_text(text->out, "... ");
        cas_text_count(text, more, one, many);
        cas_text_end_line(text);
    }
}

static void put_failures(const struct cas_text *text, const struct cas_server_event *event)
{
    uint64_t failed = event->failures_count;
    uint64_t doubtful = event->doubtful_count;
    for (size_t i = 0; i < event->failures_len; i++) {
        put_failure(text, &event->failures[i]);
        *(event->failures[i].is_doubtful ? &doubtful : &failed) -= 1;
    }
    put_more(text, failed, "more failed connection", "more failed connections");
    put_more(text, doubtful, "more doubtful connection", "more doubtful connections");
}

/* What was decided and why comes before the names, which may be many. */
void cas_text_server(const struct cas_text *text, const struct cas_server_event *event)
{
    const struct cas_ca_list_info *list = event->ca_list;
    cas_text_who(text, &event->head.dest, event->sni, event->version);
    if (list != NULL) {
        cas_text_list_verdict(text, list);
        cas_text_end_line(text);
        cas_text_list_summary(text, list);
    } else {
        put_absence(text, event);
    }
    if (event->request != NULL) {
        put_request(text, event->request);
    }
    put_clients(text, event);
    put_failures(text, event);
    if (list != NULL) {
        cas_text_list_details(text, list);
    }
    cas_text_end_line(text);
}

void cas_text_handshake(const struct cas_text *text, const struct cas_handshake_event *event)
{
    cas_format_time(text->out, event->head.timestamp_us);
    cas_text_spaces(text, 1);
    cas_format_endpoint(text->out, &event->head.src);
    cas_buf_append_text(text->out, " > ");
    cas_format_endpoint(text->out, &event->head.dest);
    if (event->tls.sni != NULL) {
        cas_text_spaces(text, 1);
        cas_format_text(text->out, event->tls.sni);
    }
    cas_buf_append_text(text->out, ", ");
    cas_format_text(text->out, event->tls.version != NULL ? event->tls.version : "TLS ?");
    cas_buf_append_text(text->out, ", requested ");
    cas_buf_append_text(text->out, cas_requested_name(event->client_auth.requested));
    bool is_told = event->client_auth.requested == CAS_REQUESTED_YES ||
                   event->client_auth.requested == CAS_REQUESTED_NO;
    if (is_told && event->client_auth.how == CAS_HOW_INFERRED) {
        cas_buf_append_text(text->out, " (inferred)");
    }
    cas_buf_append_text(text->out, ", answer ");
    cas_buf_append_text(text->out, cas_answer_name(event->client_auth.answer));
    if (event->client_auth.answer == CAS_ANSWER_CERTIFICATE &&
        event->tls.client_certs_incomplete) {
        cas_buf_append_text(text->out, " (read in part)");
    }
    for (size_t i = 0; i < event->client_auth.diagnosis_len; i++) {
        const struct cas_diagnosis *diagnosis = &event->client_auth.diagnosis[i];
        cas_buf_append_text(text->out, ", ");
        cas_text_paint(text, cas_text_severity_colour(diagnosis->severity),
                       cas_diagnosis_name(diagnosis->code));
    }
    cas_text_end_line(text);
}
