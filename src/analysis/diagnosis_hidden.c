/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The diagnosis of what is encrypted. */
#include "analysis/diagnosing.h"
#include "bytes/number.h"

/* "a request of 702 bytes", "... of at most 1,204 bytes", "a request" */
static const char *inferred_size(struct cas_diagnosing *d)
{
    const struct cas_request_size *size = d->of->request_size;
    if (size == NULL) {
        return "a request";
    }
    return cas_arena_format(d->arena, "a request of %s%s bytes",
                            size->least == size->most ? "" : "at most ",
                            cas_number_format(size->most).text);
}

static const char *inferred_headroom(struct cas_diagnosing *d)
{
    const struct cas_request_size *size = d->of->request_size;
    if (size == NULL || size->limit_name == NULL || size->headroom == CAS_HEADROOM_OK) {
        return "";
    }
    return cas_arena_format(d->arena, "Its list takes about %u %% of the %s bytes of %s. ",
                            size->limit_percent, cas_number_format(size->limit_bytes).text,
                            size->limit_name);
}

static void diagnose_inferred_end(struct cas_diagnosing *d)
{
    const struct cas_inference *inference = &d->of->conclusion->inference;
    const struct cas_request_size *size = d->of->request_size;
    if (inference->client_broke_off && size != NULL && size->clients_refusing_len > 0) {
        cas_diagnosing_add(
            d, CAS_DIAGNOSIS_MESSAGE_TOO_BIG_FOR_CLIENT, CAS_SEVERITY_WARNING,
            cas_arena_format(
                d->arena,
                "The client broke off with an encrypted alert after %s, which exceeds the "
                "maximum of %zu known client%s (inferred): unless it did not accept the "
                "server's certificate, the request is too long for it. Trust fewer CAs for "
                "client authentication.",
                inferred_size(d), size->clients_refusing_len,
                size->clients_refusing_len == 1 ? "" : "s"));
    } else if (inference->client_broke_off) {
        cas_diagnosing_add(
            d, CAS_DIAGNOSIS_REJECTED_BY_ALERT, CAS_SEVERITY_WARNING,
            "The client broke off with an encrypted alert in place of an answer (inferred).");
    } else if (inference->server_sent_alert) {
        cas_diagnosing_add(
            d, CAS_DIAGNOSIS_REJECTED_BY_ALERT, CAS_SEVERITY_WARNING,
            "After the client's answer the server sent an encrypted alert and nothing else "
            "(inferred): as a rule it refused.");
    }
}

/* RFC 9849, 6.1.7: a client whose encrypted hello was refused answers without a certificate. */
const char *cas_diagnose_reason_for_none(const struct cas_diagnosing *d)
{
    return d->of->conclusion->offers_ech
               ? "it has none from a listed CA, or none at all, or the server refused its "
                 "encrypted ClientHello (ECH)"
               : "it has none from a listed CA, or none at all";
}

static void diagnose_inferred13(struct cas_diagnosing *d)
{
    cas_diagnosing_add(
        d, CAS_DIAGNOSIS_REQUEST_HIDDEN_TLS13, CAS_SEVERITY_INFO,
        cas_arena_format(
            d->arena,
            "The server sent %s, as the sizes of encrypted records tell; TLS 1.3 "
            "hides the list in it. %sA key log (--keylog) or a test with TLS 1.2 shows it.",
            inferred_size(d), inferred_headroom(d)));
}

static void diagnose_inferred_later(struct cas_diagnosing *d)
{
    cas_diagnosing_add(
        d, CAS_DIAGNOSIS_REQUEST_HIDDEN_RENEGOTIATION, CAS_SEVERITY_INFO,
        cas_arena_format(
            d->arena,
            "In a second handshake, inside the encryption, the server sent %s, as the sizes of "
            "its records tell. %sIIS asks so by default; `netsh http add sslcert ... "
            "clientcertnegotiation=enable` moves the request into the first handshake, where "
            "its list can be read.",
            inferred_size(d), inferred_headroom(d)));
}

void cas_diagnose_inferred(struct cas_diagnosing *d)
{
    const struct cas_conclusion *conclusion = d->of->conclusion;
    if (conclusion->is_renegotiated) {
        diagnose_inferred_later(d);
    } else {
        diagnose_inferred13(d);
    }
    if (conclusion->answer == CAS_ANSWER_EMPTY) {
        cas_diagnosing_add(
            d, CAS_DIAGNOSIS_CLIENT_SENT_NONE,
            conclusion->inference.server_sent_alert ? CAS_SEVERITY_ERROR : CAS_SEVERITY_WARNING,
            cas_arena_format(d->arena, "The client sent no certificate (inferred): %s.",
                             cas_diagnose_reason_for_none(d)));
    }
    diagnose_inferred_end(d);
}

static void diagnose_hidden13(struct cas_diagnosing *d)
{
    const struct cas_inference *inference = &d->of->conclusion->inference;
    if (d->of->conclusion->is_resumed) {
        cas_diagnosing_add(
            d, CAS_DIAGNOSIS_RESUMED, CAS_SEVERITY_INFO,
            "A resumed session has no request in its handshake: what the client showed in the "
            "first one counts. Capture a first handshake.");
    }
    if (inference->may_be_asked_later &&
        (d->of->conclusion->is_psk || inference->requested == CAS_REQUESTED_NO)) {
        cas_diagnosing_add(
            d, CAS_DIAGNOSIS_REQUEST_HIDDEN_TLS13, CAS_SEVERITY_INFO,
            "The server did not ask in the handshake, but the client allows it to ask later "
            "(post_handshake_auth), inside the encryption.");
    } else {
        cas_diagnosing_add(
            d, CAS_DIAGNOSIS_REQUEST_HIDDEN_TLS13, CAS_SEVERITY_INFO,
            "TLS 1.3 encrypts the request and the certificates. A key log (--keylog) "
            "or a test with TLS 1.2 shows them.");
    }
}

void cas_diagnose_hidden(struct cas_diagnosing *d)
{
    if (d->of->conclusion->is_renegotiated) {
        cas_diagnosing_add(
            d, CAS_DIAGNOSIS_REQUEST_HIDDEN_RENEGOTIATION, CAS_SEVERITY_INFO,
            "A second handshake followed inside the encryption: if the server asked for a "
            "certificate, it did so there. IIS does by default; `netsh http add sslcert ... "
            "clientcertnegotiation=enable` moves the request into the first handshake.");
    } else {
        diagnose_hidden13(d);
    }
}
