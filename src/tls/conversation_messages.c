/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each message of a handshake brings, and whether its sender may send it. */
#include "tls/anomaly.h"
#include "tls/cert_request.h"
#include "tls/certificate.h"
#include "tls/conversation_inside.h"
#include "tls/facts.h"

void cas_conversation_remark(struct cas_conversation *conversation,
                             enum cas_talk_anomaly anomaly)
{
    const struct cas_tls_context *context = conversation->context;
    const struct cas_anomaly_text text = cas_anomaly_text(anomaly);

    if (!cas_anomaly_is_doubt(anomaly)) {
        cas_count(context->counters, CAS_COUNT_TLS_MALFORMED);
    }
    if ((conversation->anomalies_told & cas_anomaly_bit(anomaly)) == 0) {
        conversation->anomalies_told |= cas_anomaly_bit(anomaly);
        context->handler.anomaly(conversation->user, conversation->frame, text.code, text.text);
    }
}

void cas_conversation_drop_hello(struct cas_conversation *conversation)
{
    cas_client_hello_facts_finish(&conversation->facts.client_hello,
                                  conversation->context->budget);
    conversation->hello_end = -1;
}

static void note_result(struct cas_conversation *conversation, struct cas_talk *talk,
                        struct cas_facts_result result)
{
    if (result.is_malformed) {
        cas_conversation_remark(conversation, CAS_ANOMALY_BAD_MESSAGE);
    }
    if (result.is_refused) {
        talk->facts.reasons |= CAS_REASON_BIT(CAS_REASON_MEMORY);
    }
}

/* Where the hello of this side goes: away when that of end 0, which is believed, is there. */
static struct cas_client_hello_facts *place_of_hello(struct cas_conversation *conversation,
                                                     const struct cas_talk *talk,
                                                     struct cas_client_hello_facts *away)
{
    if (conversation->hello_end == 0) {
        return away;
    }
    if (conversation->hello_end > 0) {
        cas_conversation_drop_hello(conversation);
    }
    conversation->hello_end = (int)talk->end;
    return &conversation->facts.client_hello;
}

/*
 * Keys are looked for behind a piece of the stream, which may hold the hello and 64 KiB of what
 * they open.
 */
static void expect_keys(struct cas_conversation *conversation)
{
    struct cas_talk *talks[2] = { conversation->direction[0].talk,
                                  conversation->direction[1].talk };
    bool has_client_hello = false;
    bool has_server_hello = false;

    for (unsigned end = 0; end < 2; end++) {
        has_client_hello |= talks[end] != NULL && talks[end]->has_client_hello;
        has_server_hello |= talks[end] != NULL && talks[end]->server_hello.is_seen;
    }
    for (unsigned end = 0; end < 2 && has_client_hello && has_server_hello; end++) {
        if (talks[end] != NULL) {
            cas_talk_expect_keys(talks[end]);
        }
    }
}

static void on_client_hello(struct cas_conversation *conversation, struct cas_talk *talk,
                            const struct cas_handshake_message *message)
{
    struct cas_budget *budget = conversation->context->budget;
    struct cas_client_hello_facts away = { 0 };

    if (talk->has_client_hello && !talk->is_renewed) {
        return; /* the second one, after a HelloRetryRequest */
    }
    if (talk->is_renewed && conversation->hello_end == (int)talk->end) {
        cas_conversation_drop_hello(conversation); /* of one that was refused */
    }
    talk->has_client_hello = true;
    struct cas_client_hello_facts *facts = place_of_hello(conversation, talk, &away);
    note_result(
        conversation, talk,
        cas_client_hello_facts_take(facts, message, budget, conversation->context->prints));
    if (facts->version == CAS_TLS_VERSION_SSL2) {
        cas_talk_end(talk); /* SSL 2.0 is only counted */
    }
    cas_client_hello_facts_finish(&away, budget);
    expect_keys(conversation);
}

static void on_server_hello(struct cas_conversation *conversation, struct cas_talk *talk,
                            const struct cas_handshake_message *message)
{
    note_result(conversation, talk,
                cas_server_hello_facts_take(&talk->server_hello, message,
                                            conversation->context->budget,
                                            conversation->context->prints));
    talk->version = talk->server_hello.version;
    expect_keys(conversation);
}

static void on_cert_request(struct cas_conversation *conversation, struct cas_talk *talk,
                            const struct cas_handshake_message *message)
{
    const struct cas_tls_context *context = conversation->context;
    struct cas_cert_request request = { 0 };

    if (talk->is_unsealing) {
        cas_cert_request_parse13(message, &request);
    } else {
        cas_cert_request_parse(message, talk->version, &request);
    }
    talk->facts.cert_requests++;
    cas_count(context->counters, CAS_COUNT_CERT_REQUESTS);
    if (request.is_malformed) {
        cas_conversation_remark(conversation, CAS_ANOMALY_BAD_MESSAGE);
    }
    context->handler.cert_request(conversation->user, conversation->frame, &request);
}

/*
 * A Certificate may be the first message of a side that was captured. Then who opened the
 * connection is most likely the client; and when that was not captured either, only a server
 * must send one that is not empty.
 */
static bool is_from_server(const struct cas_conversation *conversation,
                           const struct cas_talk *talk,
                           const struct cas_certificate_message *certificate)
{
    if (talk->role != CAS_ROLE_UNKNOWN) {
        return talk->role == CAS_ROLE_SERVER;
    }
    return conversation->is_midstream ? certificate->list.len > 0 : talk->end == 1;
}

static void on_certificate(struct cas_conversation *conversation, struct cas_talk *talk,
                           const struct cas_handshake_message *message)
{
    struct cas_certificate_message certificate = { 0 };

    if (talk->is_unsealing) {
        cas_certificate_parse13(message, &certificate);
    } else {
        cas_certificate_parse(message, &certificate);
    }
    talk->facts.certificates++;
    if (certificate.is_malformed) {
        cas_conversation_remark(conversation, CAS_ANOMALY_BAD_MESSAGE);
    }
    conversation->context->handler.certificate(conversation->user, conversation->frame,
                                               is_from_server(conversation, talk, &certificate),
                                               &certificate);
}

static void dispatch(struct cas_conversation *conversation, struct cas_talk *talk,
                     const struct cas_handshake_message *message)
{
    switch (message->type) {
    case CAS_HANDSHAKE_CLIENT_HELLO:
    case CAS_HANDSHAKE_SSL2_CLIENT_HELLO:
        on_client_hello(conversation, talk, message);
        break;
    case CAS_HANDSHAKE_SERVER_HELLO:
        on_server_hello(conversation, talk, message);
        break;
    case CAS_HANDSHAKE_CERTIFICATE:
        on_certificate(conversation, talk, message);
        break;
    case CAS_HANDSHAKE_CERTIFICATE_REQUEST:
        on_cert_request(conversation, talk, message);
        break;
    case CAS_HANDSHAKE_CERTIFICATE_URL:
        talk->facts.has_certificate_url = true;
        break;
    case CAS_HANDSHAKE_SERVER_KEY_EXCHANGE:
    case CAS_HANDSHAKE_CLIENT_KEY_EXCHANGE:
        talk->facts.has_key_exchange = true;
        break;
    case CAS_HANDSHAKE_SERVER_HELLO_DONE:
        talk->facts.has_hello_done = true;
        break;
    case CAS_HANDSHAKE_CERTIFICATE_VERIFY:
        talk->facts.has_certificate_verify = true;
        break;
    default:
        break;
    }
}

enum place {
    PLACE_RIGHT,
    PLACE_OUT_OF_ORDER,
    PLACE_FORBIDDEN /* of the other side, or of nobody at this time */
};

/*
 * What a peer would refuse is not believed, and who put it there may as well have put there
 * what is around it: that is in doubt.
 */
static enum place judge_place(struct cas_conversation *conversation, struct cas_talk *talk,
                              const struct cas_handshake_message *message)
{
    enum place place = PLACE_RIGHT;
    bool was_misled = cas_talk_correct_role(talk, message->type);

    if (cas_talk_is_unexpected(talk, message->type)) {
        place = PLACE_FORBIDDEN;
    } else if (cas_talk_is_out_of_order(talk, message)) {
        place = PLACE_OUT_OF_ORDER;
    }
    if (place != PLACE_RIGHT || was_misled) {
        cas_conversation_remark(conversation, CAS_ANOMALY_WRONG_SIDE);
        talk->facts.reasons |= CAS_REASON_BIT(CAS_REASON_PROTOCOL);
    }
    return place;
}

/* A request that comes too early or too late is still one: nobody says that there was none. */
static bool is_taken(enum place place, uint16_t type)
{
    return place == PLACE_RIGHT ||
           (place == PLACE_OUT_OF_ORDER && type == CAS_HANDSHAKE_CERTIFICATE_REQUEST);
}

static void on_message(void *ctx, struct cas_talk *talk,
                       const struct cas_handshake_message *message)
{
    struct cas_conversation *conversation = ctx;
    const struct cas_tls_context *context = conversation->context;

    conversation->has_facts = true;
    if (message->sight.reasons & CAS_REASON_BIT(CAS_REASON_MESSAGE_CAP)) {
        cas_count(context->counters, CAS_COUNT_TLS_MESSAGES_CAPPED);
    }
    enum place place = judge_place(conversation, talk, message);
    if (!is_taken(place, message->type)) {
        talk->facts.has_refused_request |= message->type == CAS_HANDSHAKE_CERTIFICATE_REQUEST;
        return;
    }
    if (talk->role == CAS_ROLE_UNKNOWN) {
        talk->role = cas_talk_sender_of(message->type);
    }
    dispatch(conversation, talk, message);
    if (place == PLACE_RIGHT && !talk->is_unsealing) {
        cas_talk_note_step(talk, message->type);
    }
}

static void on_behind(void *ctx, struct cas_talk *talk, const struct cas_record *record)
{
    struct cas_conversation *conversation = ctx;

    cas_follower_note(&conversation->follower, conversation->context, talk->end, record,
                      conversation->frame);
}

static void on_anomaly(void *ctx, struct cas_talk *talk, enum cas_talk_anomaly anomaly)
{
    (void)talk;
    cas_conversation_remark(ctx, anomaly);
}

void cas_conversation_listen(struct cas_conversation *conversation)
{
    conversation->handler = (struct cas_talk_handler){
        .ctx = conversation,
        .may_unseal = conversation->context->keylog != NULL,
        .message = on_message,
        .anomaly = on_anomaly,
        .behind = on_behind,
    };
}
