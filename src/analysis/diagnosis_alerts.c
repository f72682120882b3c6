/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The diagnosis of a handshake that one of the two ended with an alert, and over what. */
#include "analysis/diagnosing.h"
#include "bytes/number.h"
#include "tls/alert.h"
#include "tls/names.h"

/* What a client complains of. */
enum complaint {
    COMPLAINT_UNKNOWN,
    COMPLAINT_SERVER_CERT,
    COMPLAINT_REQUEST /* possibly */
};

static enum complaint complaint_of(const struct cas_alert_facts *alert)
{
    switch (alert->description) {
    /* RFC 5246, 7.2.2, and RFC 8446, 6.2: of a certificate that the other side sent. */
    case CAS_ALERT_BAD_CERTIFICATE:
    case CAS_ALERT_UNSUPPORTED_CERTIFICATE:
    case CAS_ALERT_CERTIFICATE_REVOKED:
    case CAS_ALERT_CERTIFICATE_EXPIRED:
    case CAS_ALERT_CERTIFICATE_UNKNOWN:
    case CAS_ALERT_UNKNOWN_CA:
        return COMPLAINT_SERVER_CERT;
    /* What clients say of a message or record that is too long, or lies about its length. */
    case CAS_ALERT_UNEXPECTED_MESSAGE:
    case CAS_ALERT_RECORD_OVERFLOW:
    case CAS_ALERT_HANDSHAKE_FAILURE:
    case CAS_ALERT_ILLEGAL_PARAMETER:
    case CAS_ALERT_DECODE_ERROR:
    case CAS_ALERT_INTERNAL_ERROR:
        return COMPLAINT_REQUEST;
    default:
        return COMPLAINT_UNKNOWN;
    }
}

bool cas_diagnose_is_server_refused(const struct cas_conclusion *conclusion)
{
    return conclusion->fatal_from_client != NULL &&
           complaint_of(conclusion->fatal_from_client) == COMPLAINT_SERVER_CERT;
}

static const char *alert_name(struct cas_diagnosing *d, const struct cas_alert_facts *alert)
{
    const char *name = cas_tls_alert_name(alert->description);
    return name != NULL ? name : cas_arena_format(d->arena, "%u", alert->description);
}

static void diagnose_wrapped(struct cas_diagnosing *d, const char *alert)
{
    cas_diagnosing_add(
        d, CAS_DIAGNOSIS_REJECTED_BY_ALERT, CAS_SEVERITY_ERROR,
        cas_arena_format(d->arena,
                         "The client ended the handshake with the alert %s: the length field "
                         "of the list is wrong, because the list is longer than 65,535 "
                         "bytes. Trust fewer CAs for client authentication.",
                         alert));
}

static void diagnose_too_big(struct cas_diagnosing *d, const char *alert)
{
    const struct cas_ca_list_info *info = &d->of->report->info;
    cas_diagnosing_add(
        d, CAS_DIAGNOSIS_MESSAGE_TOO_BIG_FOR_CLIENT, CAS_SEVERITY_ERROR,
        cas_arena_format(d->arena,
                         "The client ended the handshake with the alert %s after a request "
                         "of %s bytes, which exceeds the maximum of %zu known client%s. "
                         "Trust fewer CAs for client authentication.",
                         alert, cas_number_format(info->message_bytes).text,
                         info->clients_refusing_len,
                         info->clients_refusing_len == 1 ? "" : "s"));
}

static void diagnose_server_cert(struct cas_diagnosing *d, const char *alert)
{
    cas_diagnosing_add(
        d, CAS_DIAGNOSIS_SERVER_CERT_REJECTED, CAS_SEVERITY_WARNING,
        cas_arena_format(d->arena,
                         "The client did not accept the server's certificate, and ended the "
                         "handshake with the alert %s: this is not about the client "
                         "certificate, nor about the list. Check the certificate and the chain "
                         "that the server sends, and which CAs the client trusts.",
                         alert));
}

static void diagnose_client_alert(struct cas_diagnosing *d)
{
    const struct cas_conclusion *conclusion = d->of->conclusion;
    const char *alert = alert_name(d, conclusion->fatal_from_client);
    enum complaint complaint = complaint_of(conclusion->fatal_from_client);
    bool may_be_request = complaint == COMPLAINT_REQUEST;
    if (complaint == COMPLAINT_SERVER_CERT) {
        diagnose_server_cert(d, alert);
    } else if (may_be_request && d->of->report->list.is_wrapped) {
        diagnose_wrapped(d, alert);
    } else if (may_be_request && conclusion->answer != CAS_ANSWER_CERTIFICATE &&
               d->of->report->info.clients_refusing_len > 0) {
        diagnose_too_big(d, alert);
    } else {
        cas_diagnosing_add(d, CAS_DIAGNOSIS_REJECTED_BY_ALERT, CAS_SEVERITY_WARNING,
                           cas_arena_format(d->arena,
                                            "The client ended the handshake with the alert %s.",
                                            alert));
    }
}

void cas_diagnose_alerts(struct cas_diagnosing *d)
{
    const struct cas_conclusion *conclusion = d->of->conclusion;
    if (conclusion->fatal_from_server != NULL) {
        cas_diagnosing_add(d, CAS_DIAGNOSIS_REJECTED_BY_ALERT, CAS_SEVERITY_ERROR,
                           cas_arena_format(d->arena,
                                            "The server ended the handshake with the alert %s.",
                                            alert_name(d, conclusion->fatal_from_server)));
    }
    if (conclusion->fatal_from_client != NULL) {
        diagnose_client_alert(d);
    }
}
