/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/conclude.h"

#include <stddef.h>

#include "analysis/inference_later.h"
#include "tls/alert.h"

static bool is_tls13(const struct cas_conversation_facts *facts)
{
    return facts->server_hello.is_seen && facts->server_hello.version >= CAS_TLS_VERSION_TLS13;
}

/* RFC 8446, 6: TLS 1.3 has no warnings, whatever the level says, but two alerts that close and
 * are no errors. Before that the level decides, and a handshake may go on after a warning (RFC
 * 5246, 7.2). */
static bool is_fatal(const struct cas_conversation_facts *facts,
                     const struct cas_alert_facts *alert)
{
    if (is_tls13(facts)) {
        return alert->description != CAS_ALERT_CLOSE_NOTIFY &&
               alert->description != CAS_ALERT_USER_CANCELED;
    }
    return alert->level == CAS_ALERT_FATAL;
}

static const struct cas_alert_facts *find_fatal(const struct cas_conversation_facts *facts,
                                                bool from_server)
{
    for (size_t i = 0; i < facts->alerts_len; i++) {
        const struct cas_alert_facts *alert = &facts->alerts[i];
        if (alert->from_server == from_server && is_fatal(facts, alert)) {
            return alert;
        }
    }
    return NULL;
}

/* In TLS it is reserved (RFC 5246, 7.2.2), and no answer. */
static bool has_no_certificate_alert(const struct cas_conversation_facts *facts)
{
    uint16_t version = facts->server_hello.version;
    if (version != CAS_TLS_VERSION_SSL3 && version != 0) {
        return false;
    }
    for (size_t i = 0; i < facts->alerts_len; i++) {
        if (!facts->alerts[i].from_server &&
            facts->alerts[i].description == CAS_ALERT_NO_CERTIFICATE) {
            return true;
        }
    }
    return false;
}

/*
 * RFC 8446, 4.3.2: such a handshake has no request; but see RFC 8773, whose extension may be
 * among what was not read.
 */
static bool is_psk(const struct cas_conversation_facts *facts)
{
    const struct cas_server_hello_facts *server = &facts->server_hello;
    return server->is_whole && server->version >= CAS_TLS_VERSION_TLS13 &&
           server->is_psk_accepted && !server->has_certificates_also;
}

/*
 * The key comes from a ticket, for it has an age. Not sure where another hello counted than the
 * one that was read: the second one, after a HelloRetryRequest, or an encrypted one.
 */
static bool is_ticket(const struct cas_conversation_facts *facts)
{
    const struct cas_client_hello_facts *client = &facts->client_hello;
    uint16_t index = facts->server_hello.psk_index;
    return client->is_whole && !client->offers_ech && !facts->server_hello.is_retry &&
           index < 32 && (client->psks_with_age >> index & 1) != 0;
}

/*
 * Up to TLS 1.2 a resumed session goes from ServerHello straight to ChangeCipherSpec (RFC 5246,
 * 7.3; RFC 5077, 3.1), and any of TLS 1.3 may (RFC 8446, D.4): there the ServerHello accepts a
 * pre-shared key that is a ticket's. Which of them it is, only a whole one tells.
 */
static bool is_resumed(const struct cas_conversation_facts *facts)
{
    const struct cas_direction_facts *server = &facts->server;
    if (!facts->server_hello.is_whole) {
        return false;
    }
    if (facts->server_hello.version >= CAS_TLS_VERSION_TLS13) {
        return is_psk(facts) && is_ticket(facts);
    }
    return server->has_change_cipher_spec && !server->has_hello_done &&
           !server->has_key_exchange && server->certificates == 0 &&
           server->cert_requests == 0 && !server->may_lack_messages;
}

/* TLS 1.3, with keys: this side's part of the handshake was read to its end. */
static bool is_read_to_its_end(const struct cas_direction_facts *side)
{
    return side->is_decrypted && side->has_finished && side->reasons == 0;
}

/*
 * The same of all that it said behind its handshake, up to its closing alert or as long as the
 * connection lasted. A reset does not end it: whoever forges one sees to it that no more is
 * read.
 */
static bool is_read_on(const struct cas_direction_facts *side, enum cas_handshake_end end)
{
    bool has_ended = side->has_closed || end == CAS_HANDSHAKE_CLOSED;
    return is_read_to_its_end(side) && side->is_read_on && !side->lost_framing &&
           !side->is_malformed && !side->may_lack_messages && has_ended;
}

/* RFC 5246, 7.4.6, and RFC 8446, 4.4.2: a client sends a Certificate only when it was asked for
 * one; and decrypted, this one is nobody else's. */
static bool has_read_certificate(const struct cas_direction_facts *client)
{
    return client->is_decrypted && (client->certificates > 0 || client->has_hidden_certificate);
}

/* TLS 1.3, when no CertificateRequest was read. */
static enum cas_requested conclude_requested13(const struct cas_conversation_facts *facts,
                                               const struct cas_conclusion *conclusion,
                                               enum cas_handshake_end end)
{
    enum cas_requested requested = conclusion->inference.requested;
    bool is_followed = is_read_on(&facts->server, end);
    if (is_read_to_its_end(&facts->server) || conclusion->is_psk) {
        requested = CAS_REQUESTED_NO;
    }
    bool is_hidden_later = conclusion->inference.may_be_asked_later && !is_followed;
    return requested == CAS_REQUESTED_NO && is_hidden_later ? CAS_REQUESTED_HIDDEN : requested;
}

static enum cas_answer conclude_answer13(const struct cas_conversation_facts *facts,
                                         const struct cas_conclusion *conclusion)
{
    const struct cas_direction_facts *client = &facts->client;
    if (client->has_hidden_certificate) {
        return CAS_ANSWER_CERTIFICATE;
    }
    if (is_read_to_its_end(client) && client->certificates == 0) {
        return CAS_ANSWER_NONE;
    }
    return conclusion->inference.answer;
}

/*
 * With keys: both have finished, and the server went on without an alert. One that has asked
 * for a certificate may go on before it has seen the answer; a ticket comes behind the client's
 * Finished (RFC 8446, 4.6.1).
 */
static enum cas_established conclude_established13(const struct cas_conversation_facts *facts,
                                                   const struct cas_conclusion *conclusion)
{
    if (conclusion->inference.client_broke_off) {
        return CAS_ESTABLISHED_NO;
    }
    const struct cas_direction_facts *server = &facts->server;
    bool is_unasked = is_read_to_its_end(server) && server->cert_requests == 0 &&
                      conclusion->requested != CAS_REQUESTED_YES;
    return facts->client.has_finished && server->has_finished && server->is_decrypted_on &&
                   (is_unasked || server->has_ticket)
               ? CAS_ESTABLISHED_YES
               : CAS_ESTABLISHED_UNKNOWN;
}

static enum cas_requested read_requested(const struct cas_conversation_facts *facts,
                                         const struct cas_conclusion *conclusion,
                                         enum cas_handshake_end end)
{
    const struct cas_direction_facts *server = &facts->server;
    if (server->cert_requests > 0 || has_read_certificate(&facts->client)) {
        return CAS_REQUESTED_YES;
    }
    if (conclusion->is_renegotiated && conclusion->inference.requested != CAS_REQUESTED_NO) {
        return conclusion->inference.requested;
    }
    if (conclusion->is_tls13) {
        return conclude_requested13(facts, conclusion, end);
    }
    if (conclusion->is_resumed) {
        return CAS_REQUESTED_NO;
    }
    if (server->has_hello_done && facts->server_hello.is_seen && !server->may_lack_messages) {
        return CAS_REQUESTED_NO;
    }
    return CAS_REQUESTED_UNSEEN;
}

/*
 * Nobody says that there was no request where one was shown, if by the side that is taken for
 * the client; nor where not all of the server's messages are its own.
 */
static enum cas_requested conclude_requested(const struct cas_conversation_facts *facts,
                                             const struct cas_conclusion *conclusion,
                                             enum cas_handshake_end end)
{
    enum cas_requested requested = read_requested(facts, conclusion, end);
    bool is_in_doubt = facts->client.cert_requests > 0 || facts->client.has_refused_request ||
                       (facts->server.reasons & CAS_REASON_BIT(CAS_REASON_PROTOCOL)) != 0;
    return requested == CAS_REQUESTED_NO && is_in_doubt ? CAS_REQUESTED_UNSEEN : requested;
}

/* TLS 1.3: a request after the handshake, and its answer may be what was not read. */
static bool is_later_answer_hidden(const struct cas_conversation_facts *facts,
                                   enum cas_handshake_end end)
{
    return facts->server.has_later_request && !facts->client.has_hidden_certificate &&
           facts->client.certificates < facts->server.cert_requests &&
           !is_read_on(&facts->client, end);
}

/* A request in a renegotiation, as the lengths of its records tell. */
static bool is_inferred_later(const struct cas_conversation_facts *facts,
                              const struct cas_conclusion *conclusion)
{
    return conclusion->is_renegotiated && facts->server.cert_requests == 0 &&
           conclusion->requested == CAS_REQUESTED_YES;
}

/*
 * Up to TLS 1.2: the client stands behind the place of its Certificate message. RFC 8446, D.4:
 * in TLS 1.3 ChangeCipherSpec tells nothing, and the answer is encrypted.
 */
static bool has_gone_on(const struct cas_conversation_facts *facts)
{
    const struct cas_direction_facts *client = &facts->client;
    return client->has_key_exchange ||
           (client->has_change_cipher_spec && facts->server_hello.version != 0);
}

static enum cas_answer conclude_answer(const struct cas_conversation_facts *facts,
                                       const struct cas_conclusion *conclusion,
                                       enum cas_answer certificate_message,
                                       enum cas_handshake_end end)
{
    const struct cas_direction_facts *client = &facts->client;
    if (is_later_answer_hidden(facts, end)) {
        return CAS_ANSWER_HIDDEN;
    }
    if (certificate_message != CAS_ANSWER_UNSEEN) {
        return certificate_message;
    }
    if (has_no_certificate_alert(facts)) {
        return CAS_ANSWER_EMPTY;
    }
    if (conclusion->requested == CAS_REQUESTED_HIDDEN) {
        return CAS_ANSWER_HIDDEN;
    }
    if (is_inferred_later(facts, conclusion)) {
        return conclusion->inference.answer;
    }
    if (conclusion->is_tls13 && !conclusion->is_psk) {
        return conclude_answer13(facts, conclusion);
    }
    bool has_moved = has_gone_on(facts) || conclusion->fatal_from_client != NULL;
    if (client->has_certificate_url) {
        return CAS_ANSWER_UNSEEN; /* what the server fetches from there is elsewhere */
    }
    if (has_moved && client->certificates == 0 && !client->may_lack_messages) {
        return CAS_ANSWER_NONE;
    }
    return CAS_ANSWER_UNSEEN;
}

/*
 * RFC 5246, 7.4.6, and RFC 8446, 4.4.2: a client that was asked must send a Certificate
 * message, which may be empty. Not so where somebody else may have asked, nor up to TLS 1.2
 * without a ServerHelloDone, which the answer follows: an abbreviated handshake has no place
 * for it. And a request behind the handshake of TLS 1.3 may find the client on its way out.
 */
static bool has_skipped_answer(const struct cas_conversation_facts *facts,
                               const struct cas_conclusion *conclusion)
{
    const struct cas_direction_facts *server = &facts->server;
    bool is_asked = server->cert_requests > 0 && !server->has_later_request &&
                    (server->reasons & CAS_REASONS_OF_DOUBT) == 0;
    bool has_passed = conclusion->is_tls13 ? is_read_to_its_end(&facts->client)
                                           : server->has_hello_done && has_gone_on(facts);
    return is_asked && has_passed && conclusion->answer == CAS_ANSWER_NONE &&
           !conclusion->is_answer_in_doubt;
}

/*
 * Up to TLS 1.2 the handshake is done when both Finished messages went out: a side that does
 * not accept sends an alert instead. In TLS 1.3 all that is encrypted.
 */
static enum cas_established conclude_established(const struct cas_conversation_facts *facts,
                                                 const struct cas_conclusion *conclusion,
                                                 enum cas_handshake_end end)
{
    if (conclusion->fatal_from_client != NULL || conclusion->fatal_from_server != NULL) {
        return CAS_ESTABLISHED_NO;
    }
    if (conclusion->is_tls13) {
        return conclude_established13(facts, conclusion);
    }
    if (facts->client.has_encrypted_handshake && facts->server.has_encrypted_handshake) {
        return CAS_ESTABLISHED_YES;
    }
    bool was_seen_whole = facts->client.is_seen && facts->server.is_seen &&
                          (facts->client.reasons | facts->server.reasons) == 0 &&
                          !facts->client.may_lack_messages && !facts->server.may_lack_messages;
    bool has_ended = end == CAS_HANDSHAKE_CLOSED || end == CAS_HANDSHAKE_RESET;
    if (has_ended && was_seen_whole) {
        return CAS_ESTABLISHED_NO;
    }
    return CAS_ESTABLISHED_UNKNOWN;
}

static struct cas_inference infer_later(const struct cas_conversation_facts *facts)
{
    const struct cas_later_case later_case = {
        .later = facts->later,
        .client_end = facts->client_end == 1 ? 1 : 0,
        .version = facts->server_hello.version,
        .cipher = facts->server_hello.cipher,
        .limits_records = facts->client_hello.limits_records,
    };
    return cas_infer_later(&later_case);
}

struct cas_conclusion cas_conclude(const struct cas_conversation_facts *facts,
                                   enum cas_answer certificate_message,
                                   enum cas_handshake_end end)
{
    struct cas_conclusion conclusion = {
        .is_tls13 = is_tls13(facts),
        .is_resumed = is_resumed(facts),
        .is_psk = is_psk(facts),
        .offers_ech = facts->client_hello.offers_ech,
        .is_decrypted = facts->server.is_decrypted,
        .is_renegotiated = facts->has_later_handshake,
        .has_several_requests = facts->server.cert_requests > 1,
        .is_answer_in_doubt = (facts->client.reasons & CAS_REASONS_OF_DOUBT) != 0,
        .fatal_from_client = find_fatal(facts, false),
        .fatal_from_server = find_fatal(facts, true),
    };
    conclusion.inference = conclusion.is_renegotiated ? infer_later(facts) : cas_infer(facts);
    conclusion.requested = conclude_requested(facts, &conclusion, end);
    bool has_request = facts->server.cert_requests > 0;
    bool is_request_read = conclusion.is_decrypted && has_request;
    bool is_renewal_read = facts->is_renewed && conclusion.requested != CAS_REQUESTED_UNSEEN;
    if (is_request_read || is_renewal_read || is_read_to_its_end(&facts->server)) {
        conclusion.how = CAS_HOW_DECRYPTED;
    } else if ((conclusion.is_tls13 && !conclusion.is_psk && !has_request) ||
               is_inferred_later(facts, &conclusion)) {
        conclusion.how = CAS_HOW_INFERRED;
    }
    conclusion.answer = conclude_answer(facts, &conclusion, certificate_message, end);
    conclusion.has_skipped_answer = has_skipped_answer(facts, &conclusion);
    conclusion.established = conclude_established(facts, &conclusion, end);
    return conclusion;
}
