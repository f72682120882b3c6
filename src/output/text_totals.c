/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/text_totals.h"

#include <string.h>

#include "output/format.h"

/* Causes named in the first line; the blocks tell all. */
#define CAUSES_MAX 3

void cas_text_totals_add_server(struct cas_text_totals *totals,
                                const struct cas_server_event *event)
{
    bool is_tls13 = event->version != NULL && strcmp(event->version, "TLS 1.3") == 0;
    totals->handshakes += event->handshakes;
    totals->resumed += event->resumed;
    totals->failed.count += event->failures_count;
    totals->doubtful.count += event->doubtful_count;
    for (size_t i = 0; i <= CAS_REQUESTED_HIDDEN; i++) {
        totals->requested[i] += event->requested[i];
    }
    totals->inferred += event->inferred;
    totals->inferred_tls13 += is_tls13 ? event->inferred : 0;
    if (event->ca_list == NULL && event->inferred > 0) {
        totals->inferred_sent += event->answers[CAS_ANSWER_CERTIFICATE];
        totals->inferred_empty += event->answers[CAS_ANSWER_EMPTY];
    }
    totals->hidden_tls13 += is_tls13 ? event->requested[CAS_REQUESTED_HIDDEN] : 0;
    for (size_t i = 0; i < event->failures_len; i++) {
        const struct cas_failure_info *failure = &event->failures[i];
        struct cas_text_outcome *outcome =
            failure->is_doubtful ? &totals->doubtful : &totals->failed;
        if (failure->diagnosis_len > 0) {
            outcome->worst[failure->diagnosis[0].code]++;
            outcome->others += failure->diagnosis[0].severity != CAS_SEVERITY_ERROR;
        }
    }
    if (event->ca_list != NULL) {
        totals->lists++;
        totals->truncation[event->ca_list->truncation]++;
    }
}

void cas_text_totals_add_stats(struct cas_text_totals *totals,
                               const struct cas_stats_event *event)
{
    totals->counters = *event->counters;
    totals->has_counters = true;
}

/* ": EXPIRED, CLIENT_SENT_NONE": the causes, the most frequent first. */
static void put_causes(const struct cas_text_outcome *outcome, const struct cas_text *text)
{
    uint64_t below = UINT64_MAX;
    size_t shown = 0;
    while (shown < CAUSES_MAX) {
        uint64_t most = 0;
        for (size_t i = 0; i <= CAS_DIAGNOSIS_RESUMED; i++) {
            most = outcome->worst[i] < below && outcome->worst[i] > most ? outcome->worst[i]
                                                                         : most;
        }
        for (size_t i = 0; most > 0 && i <= CAS_DIAGNOSIS_RESUMED; i++) {
            if (outcome->worst[i] == most && shown < CAUSES_MAX) {
                cas_buf_append_text(text->out, shown++ == 0 ? ": " : ", ");
                cas_buf_append_text(text->out, cas_diagnosis_name((enum cas_diagnosis_code)i));
            }
        }
        if (most == 0) {
            return;
        }
        below = most;
    }
}

/* " 3 connections are DOUBTFUL: EXPIRED." */
static void put_outcome(const struct cas_text_outcome *outcome, const char *one,
                        const char *many, const struct cas_text *text)
{
    if (outcome->count > 0) {
        cas_buf_append_text(text->out, " ");
        cas_text_count(text, outcome->count, one, many);
        put_causes(outcome, text);
        cas_buf_append_text(text->out, ".");
    }
}

/* " 3 connections FAILED over the client certificate: EXPIRED." */
static void put_failed(const struct cas_text_outcome *failed, const struct cas_text *text)
{
    if (failed->others > 0) {
        put_outcome(failed, "connection FAILED", "connections FAILED", text);
    } else {
        put_outcome(failed, "connection FAILED over the client certificate",
                    "connections FAILED over the client certificate", text);
    }
}

static void put_verdicts(const struct cas_text_totals *totals, const struct cas_text *text)
{
    static const char *const verdicts[] = {
        [CAS_TRUNCATION_UNKNOWN] = " that cannot be judged (unknown)",
        [CAS_TRUNCATION_NONE] = " with the whole trust store (ok)",
        [CAS_TRUNCATION_NO_SIGN] = " without a sign of a cut",
        [CAS_TRUNCATION_SUBSET] = " with less than the trust store (subset)",
        [CAS_TRUNCATION_SUSPECTED] = " SUSPECTED cut",
        [CAS_TRUNCATION_CONFIRMED] = " CONFIRMED cut",
    };
    const char *separator = ": ";
    for (size_t i = CAS_TRUNCATION_CONFIRMED + 1; i > 0; i--) {
        separator = cas_text_part(text, separator, totals->truncation[i - 1], verdicts[i - 1]);
    }
    cas_buf_append_text(text->out, ".");
    put_failed(&totals->failed, text);
    put_outcome(&totals->doubtful, "connection is DOUBTFUL", "connections are DOUBTFUL", text);
}

/* Gives the separator of the next part. */
static const char *put_clients(const struct cas_text *text, const char *separator,
                               uint64_t clients, const char *did)
{
    if (clients == 0) {
        return separator;
    }
    cas_buf_append_text(text->out, separator);
    cas_text_count(text, clients, "client", "clients");
    cas_buf_append_text(text->out, did);
    return " and ";
}

/* ", to which 2 clients sent a certificate and 1 client sent none" */
static void put_inferred_answers(const struct cas_text_totals *totals,
                                 const struct cas_text *text)
{
    const char *separator = ", to which ";
    separator = put_clients(text, separator, totals->inferred_sent, " sent a certificate");
    (void)put_clients(text, separator, totals->inferred_empty, " sent none");
}

static void put_reasons(const struct cas_text_totals *totals, const struct cas_text *text)
{
    const char *separator = ": ";
    uint64_t hidden = totals->requested[CAS_REQUESTED_HIDDEN];
    separator = cas_text_part(text, separator, totals->inferred,
                              " with a request whose list is encrypted (inferred)");
    put_inferred_answers(totals, text);
    separator = cas_text_part(text, separator, totals->hidden_tls13,
                              " with TLS 1.3, which encrypts the request");
    separator = cas_text_part(text, separator, hidden - totals->hidden_tls13,
                              " with a renegotiation that may hide one");
    separator = cas_text_part(text, separator, totals->resumed, " resumed, which repeats none");
    separator = cas_text_part(text, separator, totals->requested[CAS_REQUESTED_NO],
                              " in which no certificate was asked for");
    (void)cas_text_part(text, separator, totals->requested[CAS_REQUESTED_UNSEEN],
                        " not captured so far");
    cas_buf_append_text(text->out, ".");
}

/* How to see what is encrypted. */
static void put_ways(const struct cas_text_totals *totals, const struct cas_text *text)
{
    uint64_t encrypted = totals->requested[CAS_REQUESTED_HIDDEN] + totals->inferred;
    uint64_t tls13 = totals->hidden_tls13 + totals->inferred_tls13;
    uint64_t renegotiated = encrypted - tls13;

    if (encrypted == 0) {
        return;
    }
    cas_buf_append_text(text->out, " A key log (--keylog) shows the list");
    if (tls13 > 0) {
        cas_buf_append_text(text->out, ", and so does a test with TLS 1.2");
    }
    if (renegotiated > 0) {
        cas_buf_append_text(text->out,
                            "; on IIS, clientcertnegotiation=enable moves the request "
                            "to the first handshake");
    }
    cas_buf_append_text(text->out, ".");
}

/* There was no TLS at all. */
static void put_nothing(const struct cas_text_totals *totals, const struct cas_text *text)
{
    const uint64_t *value = totals->counters.value;
    if (value[CAS_COUNT_FRAMES] == 0) {
        cas_buf_append_text(text->out, "There was not one packet: the capture is empty, or "
                                       "the filter takes nothing.");
        return;
    }
    cas_buf_append_text(text->out, "No TLS handshake in ");
    cas_text_count(text, value[CAS_COUNT_FRAMES], "packet", "packets");
    cas_buf_append_text(text->out, ".");
    if (value[CAS_COUNT_NOT_TLS] > 0) {
        cas_buf_append_text(text->out, " ");
        cas_text_count(text, value[CAS_COUNT_NOT_TLS], "TCP connection carries",
                       "TCP connections carry");
        cas_buf_append_text(text->out, " something else.");
    }
    if (value[CAS_COUNT_NOT_TCP] >= value[CAS_COUNT_FRAMES] / 2 + 1) {
        cas_buf_append_text(text->out, " ");
        cas_text_count(text, value[CAS_COUNT_NOT_TCP], "packet is", "packets are");
        cas_buf_append_text(text->out, " not TCP: QUIC and tunnels (GRE, VXLAN) are not read.");
    }
}

/* Not each is told (--select), and a connection may have several. */
static uint64_t count_handshakes(const struct cas_text_totals *totals)
{
    uint64_t connections =
        totals->has_counters ? totals->counters.value[CAS_COUNT_TLS_CONNECTIONS] : 0;
    return connections > totals->handshakes ? connections : totals->handshakes;
}

void cas_text_totals_headline(const struct cas_text_totals *totals, const struct cas_text *text)
{
    uint64_t handshakes = count_handshakes(totals);
    if (handshakes == 0 && totals->lists == 0) {
        put_nothing(totals, text);
    } else {
        cas_text_count(text, totals->lists, "CA list", "CA lists");
        cas_buf_append_text(text->out, " seen in ");
        cas_text_count(text, handshakes, "TLS handshake", "TLS handshakes");
        if (totals->lists > 0) {
            put_verdicts(totals, text);
        } else {
            put_reasons(totals, text);
            put_ways(totals, text);
        }
    }
    cas_text_end_line(text);
    cas_text_end_line(text);
}

/* What each of these counters keeps from our eyes. */
struct blindness {
    enum cas_counter counter;
    const char *one;
    const char *many;
};

static const struct blindness blindnesses[] = {
    { CAS_COUNT_CERT_REQUESTS_HIDDEN,
      "connection may hide a request: TLS 1.3 or a renegotiation encrypts it",
      "connections may hide a request: TLS 1.3 or a renegotiation encrypts it" },
    { CAS_COUNT_CERT_REQUESTS_INFERRED,
      "request was inferred from record sizes: its list is encrypted",
      "requests were inferred from record sizes: their lists are encrypted" },
    { CAS_COUNT_TLS_RESUMED, "session was resumed: a request is not repeated in it",
      "sessions were resumed: a request is not repeated in them" },
    { CAS_COUNT_TLS_ONE_SIDED, "connection shows one of its two directions only",
      "connections show one of their two directions only" },
    { CAS_COUNT_FRAMES_CUT, "packet was cut when it was captured: capture whole packets (-s 0)",
      "packets were cut when they were captured: capture whole packets (-s 0)" },
    { CAS_COUNT_CAPTURE_DROPPED_KERNEL,
      "packet was dropped by the kernel: a larger buffer (-B) or a filter helps",
      "packets were dropped by the kernel: a larger buffer (-B) or a filter helps" },
    { CAS_COUNT_CAPTURE_DROPPED_INTERFACE, "packet was dropped by the interface",
      "packets were dropped by the interface" },
    { CAS_COUNT_HOLES, "gap: packets are missing from the capture",
      "gaps: packets are missing from the capture" },
    { CAS_COUNT_SYNC_LOST,
      "time packets are missing behind a handshake: a renegotiation in them is not seen",
      "times packets are missing behind a handshake: a renegotiation in them is not seen" },
    { CAS_COUNT_SYNC_GIVEN_UP,
      "direction of a connection was given up behind its handshake, after missing packets",
      "directions of connections were given up behind their handshake, after missing packets" },
    { CAS_COUNT_WATCHES_EVICTED,
      "connection was given up behind its handshake for lack of memory: --memory",
      "connections were given up behind their handshake for lack of memory: --memory" },
    { CAS_COUNT_CERT_LISTS_INCOMPLETE, "CA list was not seen whole",
      "CA lists were not seen whole" },
    { CAS_COUNT_CERT_LISTS_AMBIGUOUS, "CA list has bytes that are in doubt",
      "CA lists have bytes that are in doubt" },
    { CAS_COUNT_TLS_DECRYPTION_CUT,
      "connection has keys, and was not decrypted to the end of its handshake",
      "connections have keys, and were not decrypted to the end of their handshakes" },
    { CAS_COUNT_KEYLOG_BAD_LINES,
      "line of the key log was passed over: none, or it contradicts an earlier one",
      "lines of the key log were passed over: none, or they contradict earlier ones" },
    { CAS_COUNT_KEYLOG_DROPPED,
      "connection's secrets were dropped for room: a larger --memory keeps them",
      "connections' secrets were dropped for room: a larger --memory keeps them" },
    { CAS_COUNT_LISTS_NOT_RETOLD, "time a known CA list came back and was not told again",
      "times a known CA list came back and was not told again" },
    { CAS_COUNT_TLS_MALFORMED, "record or message breaks the protocol and was not followed",
      "records or messages break the protocol and were not followed" },
    { CAS_COUNT_TCP_CHECKSUM_BAD, "segment was dropped for its checksum: -K takes it",
      "segments were dropped for their checksums: -K takes them" },
    { CAS_COUNT_CHECKSUM_TRUSTED,
      "segment was believed in spite of its checksum: its sender showed no right one before",
      "segments were believed in spite of their checksums: their senders showed no right one "
      "before" },
    { CAS_COUNT_FRAGMENTS_OVERLAPPING, "packet was discarded: its IP fragments overlap",
      "packets were discarded: their IP fragments overlap" },
    { CAS_COUNT_FRAGMENTS_MALFORMED,
      "packet was discarded: the lengths of its IP fragments contradict each other",
      "packets were discarded: the lengths of their IP fragments contradict each other" },
    { CAS_COUNT_FRAGMENTS_UNFINISHED,
      "packet could not be put together: IP fragments of it are missing",
      "packets could not be put together: IP fragments of them are missing" },
    { CAS_COUNT_FRAGMENTS_NO_ROOM,
      "packet could not be put together: too many came in IP fragments at once",
      "packets could not be put together: too many came in IP fragments at once" },
    { CAS_COUNT_FLOWS_MIDSTREAM, "connection began before the capture",
      "connections began before the capture" },
    { CAS_COUNT_FLOWS_EVICTED, "connection was given up for lack of memory: --memory",
      "connections were given up for lack of memory: --memory" },
    { CAS_COUNT_FLOWS_TIMED_OUT, "connection was given up after silence",
      "connections were given up after silence" },
    { CAS_COUNT_TCP_NO_ROOM, "segment was dropped for lack of memory: --memory",
      "segments were dropped for lack of memory: --memory" },
    { CAS_COUNT_REORDER_CAPPED, "connection was too far out of order to be put together",
      "connections were too far out of order to be put together" },
    { CAS_COUNT_TCP_OUT_OF_WINDOW, "segment lay far outside of its connection's window",
      "segments lay far outside of their connection's window" },
    { CAS_COUNT_TLS_MESSAGES_CAPPED, "handshake message was longer than is kept",
      "handshake messages were longer than is kept" },
    { CAS_COUNT_MEMORY_REFUSED, "time the memory budget was used up: --memory",
      "times the memory budget was used up: --memory" },
    { CAS_COUNT_SERVERS_CAPPED, "server is left out above: there were too many",
      "servers are left out above: there were too many" },
    { CAS_COUNT_ALERTS_SUPPRESSED, "alert was held back: there were too many at once",
      "alerts were held back: there were too many at once" },
    { CAS_COUNT_ANOMALIES_SUPPRESSED, "anomaly was held back: there were too many at once",
      "anomalies were held back: there were too many at once" },
    { CAS_COUNT_LINK_UNSUPPORTED, "packet is of a link type that is not decoded",
      "packets are of a link type that is not decoded" },
    { CAS_COUNT_LINK_MALFORMED, "packet has a malformed link header",
      "packets have a malformed link header" },
    { CAS_COUNT_IP_MALFORMED, "packet has a malformed IP header",
      "packets have a malformed IP header" },
    { CAS_COUNT_TCP_MALFORMED, "packet has a malformed TCP header",
      "packets have a malformed TCP header" },
};

void cas_text_totals_unseen(const struct cas_text_totals *totals, const struct cas_text *text)
{
    if (!totals->has_counters) {
        return;
    }
    bool is_anything = false;
    for (size_t i = 0; i < sizeof(blindnesses) / sizeof(blindnesses[0]); i++) {
        const struct blindness *blindness = &blindnesses[i];
        uint64_t count = totals->counters.value[blindness->counter];
        if (count > 0) {
            cas_buf_append_text(text->out, is_anything ? "" : "Not seen:\n");
            cas_text_spaces(text, CAS_TEXT_INDENT);
            cas_text_count(text, count, blindness->one, blindness->many);
            cas_text_end_line(text);
            is_anything = true;
        }
    }
    if (!is_anything && totals->counters.value[CAS_COUNT_TLS_CONNECTIONS] > 0) {
        cas_buf_append_text(text->out, "No gap was noticed: ");
        cas_text_count(text, totals->counters.value[CAS_COUNT_FRAMES], "packet", "packets");
        cas_buf_append_text(text->out, ", ");
        cas_text_count(text, totals->counters.value[CAS_COUNT_TLS_CONNECTIONS],
                       "TLS connection", "TLS connections");
        cas_buf_append_text(text->out, ".\n");
    }
}
