/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may say what. */
#include "tls/talk.h"

enum cas_talk_role cas_talk_sender_of(uint16_t type)
{
    switch (type) {
    case CAS_HANDSHAKE_CLIENT_HELLO:
    case CAS_HANDSHAKE_SSL2_CLIENT_HELLO:
    case CAS_HANDSHAKE_CLIENT_KEY_EXCHANGE:
    case CAS_HANDSHAKE_CERTIFICATE_VERIFY:
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
