/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the encrypted records of TLS 1.3 hold, and which keys they are of (RFC 8446, 4 and 7).
 */
#include "tls/protection.h"
#include "tls/talk.h"

static const struct cas_secret *secret_of(const struct cas_talk *talk)
{
    static const enum cas_secret_kind kinds[2][2] = {
        { CAS_SECRET_CLIENT_HANDSHAKE, CAS_SECRET_CLIENT_TRAFFIC },
        { CAS_SECRET_SERVER_HANDSHAKE, CAS_SECRET_SERVER_TRAFFIC },
    };
    enum cas_secret_kind kind = kinds[talk->role == CAS_ROLE_SERVER][talk->is_traffic];
    return &talk->unlocking.secrets->secret[kind];
}

static bool set_keys(struct cas_talk *talk)
{
    bool may_be_early = talk->unlocking.is_after_early_data && talk->role == CAS_ROLE_CLIENT &&
                        !talk->is_traffic;
    struct cas_opener opener = { 0 };
    if (!cas_protection_opener(talk->unlocking.cipher, secret_of(talk), talk->budget,
                               &opener)) {
        return false;
    }
    cas_unsealer_set_opener(talk->unsealer, opener,
                            may_be_early ? CAS_UNSEALER_AFTER_EARLY_DATA
                                         : CAS_UNSEALER_AT_ONCE);
    return true;
}

/* Its handshake is over. What follows is of other keys, and holds an alert, a ticket, ... */
static void begin_traffic(struct cas_talk *talk)
{
    talk->facts.has_finished = true;
    talk->is_traffic = true;
    if (!set_keys(talk) && !cas_talk_await_keys(talk)) {
        cas_talk_end(talk);
        return;
    }
    talk->facts.is_read_on = true;
}

static void take_message(struct cas_talk *talk, struct cas_handshake_message *message)
{
    /* Every byte is authenticated: what was doubtful about it has no part in it. */
    talk->handler->message(talk->handler->ctx, talk, message);
    if (talk->is_over) {
        return;
    }
    switch (message->type) {
    case CAS_HANDSHAKE_FINISHED:
        if (!talk->is_traffic) {
            begin_traffic(talk);
        }
        break;
    case CAS_HANDSHAKE_KEY_UPDATE:
        cas_unsealer_update(talk->unsealer);
        break;
    case CAS_HANDSHAKE_COMPRESSED_CERTIFICATE:
        talk->facts.has_hidden_certificate = true;
        break;
    case CAS_HANDSHAKE_CERTIFICATE_REQUEST:
        talk->facts.has_later_request |= talk->is_traffic;
        break;
    case CAS_HANDSHAKE_SESSION_TICKET:
        talk->facts.has_ticket |= talk->is_traffic;
        break;
    default:
        break;
    }
}

static void take_handshake(struct cas_talk *talk, const struct cas_unsealed_record *record)
{
    const struct cas_record_part part = {
        .record = { .type = CAS_RECORD_HANDSHAKE,
                    .version = CAS_TLS_VERSION_TLS12,
                    .len = (uint16_t)record->content.len,
                    .number = record->offset + 1, /* another one for each record */
                    .offset = record->offset,
                    .body_offset = record->offset + CAS_RECORD_HEADER_LEN },
        .bytes = record->content,
    };
    struct cas_reader bytes = cas_reader_init(record->content);
    struct cas_handshake_message message = { 0 };

    while (!talk->is_over && cas_handshake_next(&talk->handshake, &part, &bytes, &message)) {
        take_message(talk, &message);
    }
}

static void take_record(struct cas_talk *talk, const struct cas_unsealed_record *record)
{
    talk->facts.is_decrypted_on |= talk->is_traffic && record->type != CAS_RECORD_ALERT;
    switch (record->type) {
    case CAS_RECORD_HANDSHAKE:
        take_handshake(talk, record);
        break;
    case CAS_RECORD_ALERT:
        cas_alerts_push(&talk->alerts, record->content);
        if (talk->alerts.has_end) {
            cas_talk_end(talk);
        }
        break;
    default:
        /* Application data: never looked at. A request may only follow where it may. */
        if (!talk->unlocking.may_be_asked_later) {
            cas_talk_end(talk);
        }
        break;
    }
}

const struct cas_sealed_version cas_sealed_tls13 = {
    .set_keys = set_keys,
    .take = take_record,
};
