/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may say what, and when. */
#include "tls/talk.h"

/*
 * RFC 5246, 7.3: what each side says in the clear, in this order and once; all but the hello,
 * which comes first, may be left out. A second ClientHello answers a HelloRetryRequest (RFC
 * 8446, 4.1.4), and CertificateURL stands for Certificate (RFC 6066, 5). Messages that are not
 * here may come anywhere: HelloRequest, those of extensions, unknown ones.
 */
enum step {
    STEP_NONE,
    STEP_HELLO,
    STEP_SECOND_HELLO,
    STEP_CERTIFICATE,
    STEP_KEY_EXCHANGE,
    STEP_REQUEST,
    STEP_CERTIFICATE_VERIFY = STEP_REQUEST,
    STEP_HELLO_DONE
};

enum cas_talk_role cas_talk_sender_of(uint16_t type)
{
    switch (type) {
    case CAS_HANDSHAKE_CLIENT_HELLO:
    case CAS_HANDSHAKE_SSL2_CLIENT_HELLO:
    case CAS_HANDSHAKE_CLIENT_KEY_EXCHANGE:
    case CAS_HANDSHAKE_CERTIFICATE_VERIFY:
    case CAS_HANDSHAKE_CERTIFICATE_URL:
        return CAS_ROLE_CLIENT;
    case CAS_HANDSHAKE_HELLO_REQUEST:
    case CAS_HANDSHAKE_SERVER_HELLO:
    case CAS_HANDSHAKE_SESSION_TICKET:
    case CAS_HANDSHAKE_SERVER_KEY_EXCHANGE:
    case CAS_HANDSHAKE_CERTIFICATE_REQUEST:
    case CAS_HANDSHAKE_SERVER_HELLO_DONE:
    case CAS_HANDSHAKE_CERTIFICATE_STATUS:
        return CAS_ROLE_SERVER;
    default:
        return CAS_ROLE_UNKNOWN;
    }
}

static enum step step_of(uint16_t type)
{
    switch (type) {
    case CAS_HANDSHAKE_CLIENT_HELLO:
    case CAS_HANDSHAKE_SSL2_CLIENT_HELLO:
    case CAS_HANDSHAKE_SERVER_HELLO:
        return STEP_HELLO;
    case CAS_HANDSHAKE_CERTIFICATE:
    case CAS_HANDSHAKE_CERTIFICATE_URL:
        return STEP_CERTIFICATE;
    case CAS_HANDSHAKE_SERVER_KEY_EXCHANGE:
    case CAS_HANDSHAKE_CLIENT_KEY_EXCHANGE:
        return STEP_KEY_EXCHANGE;
    case CAS_HANDSHAKE_CERTIFICATE_REQUEST:
        return STEP_REQUEST;
    case CAS_HANDSHAKE_CERTIFICATE_VERIFY:
        return STEP_CERTIFICATE_VERIFY;
    case CAS_HANDSHAKE_SERVER_HELLO_DONE:
        return STEP_HELLO_DONE;
    default:
        return STEP_NONE;
    }
}

bool cas_talk_has_hello(const struct cas_talk *talk)
{
    return talk->has_client_hello || talk->server_hello.is_seen;
}

bool cas_talk_correct_role(struct cas_talk *talk, uint16_t type)
{
    enum cas_talk_role sender = cas_talk_sender_of(type);

    if (step_of(type) != STEP_HELLO || talk->is_unsealing || cas_talk_has_hello(talk) ||
        talk->role == CAS_ROLE_UNKNOWN || talk->role == sender) {
        return false;
    }
    talk->role = sender;
    talk->clear_step = STEP_NONE;
    return true;
}

bool cas_talk_is_unexpected(const struct cas_talk *talk, uint16_t type)
{
    if (talk->is_unsealing) {
        return !talk->sealed->may_come(talk, type);
    }
    enum cas_talk_role sender = cas_talk_sender_of(type);
    bool is_hello = type == CAS_HANDSHAKE_CLIENT_HELLO || type == CAS_HANDSHAKE_SERVER_HELLO;

    return (sender != CAS_ROLE_UNKNOWN && talk->role != CAS_ROLE_UNKNOWN &&
            sender != talk->role) ||
           (talk->version == CAS_TLS_VERSION_TLS13 && !is_hello);
}

/* A renegotiation may be refused, and offered again, as often as the client likes. */
static bool may_say_hello(const struct cas_talk *talk)
{
    return talk->clear_step < STEP_SECOND_HELLO ||
           (talk->is_renewed && talk->clear_step == STEP_SECOND_HELLO);
}

/* Of a side that was seen from its first byte on: the hello was not missed. */
static bool is_before_hello(const struct cas_talk *talk, enum step step)
{
    return step > STEP_SECOND_HELLO && talk->clear_step == STEP_NONE &&
           !cas_talk_has_hello(talk) && !talk->handshake.may_lack_messages;
}

bool cas_talk_is_out_of_order(const struct cas_talk *talk,
                              const struct cas_handshake_message *message)
{
    enum step step = step_of(message->type);
    bool is_guessed = (message->sight.reasons & CAS_REASON_BIT(CAS_REASON_FRAMING)) != 0;

    if (talk->is_unsealing || is_guessed || step == STEP_NONE) {
        return false;
    }
    if (message->type == CAS_HANDSHAKE_CLIENT_HELLO) {
        return !may_say_hello(talk);
    }
    return step <= talk->clear_step || is_before_hello(talk, step);
}

void cas_talk_note_step(struct cas_talk *talk, uint16_t type)
{
    enum step step = step_of(type);
    const struct cas_server_hello_facts *hello = &talk->server_hello;

    if (type == CAS_HANDSHAKE_SERVER_HELLO && !(hello->is_final && hello->is_whole)) {
        return; /* a HelloRetryRequest, or perhaps one */
    }
    if (type == CAS_HANDSHAKE_CLIENT_HELLO && talk->clear_step >= STEP_HELLO) {
        step = STEP_SECOND_HELLO;
    }
    if (step > talk->clear_step) {
        talk->clear_step = (uint8_t)step;
    }
}
