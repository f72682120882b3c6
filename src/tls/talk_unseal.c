/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of a talk that is encrypted, with keys: TLS 1.3. */
#include "tls/talk.h"

/* Nothing encrypted can be opened any more: the lengths remain. */
void cas_talk_give_up_unsealing(struct cas_talk *talk)
{
    talk->facts.is_read_on = false;
    if (talk->unsealer == NULL) {
        return;
    }
    cas_unsealer_destroy(talk->unsealer);
    talk->unsealer = NULL;
    if (talk->facts.is_decrypted) {
        cas_talk_cut(talk, CAS_REASON_GAP);
    }
    if (talk->is_flight_over) {
        cas_talk_end(talk);
    }
}

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
    bool tolerant = talk->unlocking.is_after_early_data && talk->role == CAS_ROLE_CLIENT &&
                    !talk->is_traffic;
    return cas_unsealer_set_keys(talk->unsealer, talk->unlocking.cipher, secret_of(talk),
                                 tolerant);
}

/* Its handshake is over. What follows is of other keys, and holds an alert, a ticket, ... */
static void begin_traffic(struct cas_talk *talk)
{
    talk->facts.has_finished = true;
    talk->is_traffic = true;
    if (!set_keys(talk)) {
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
        cas_unsealer_update_keys(talk->unsealer);
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
    talk->facts.is_decrypted = true;
    talk->is_unsealing = true;
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

static void fail(struct cas_talk *talk)
{
    bool was_opening = cas_unsealer_has_keys(talk->unsealer);
    if (was_opening) {
        talk->facts.has_wrong_key = true;
        talk->handler->anomaly(talk->handler->ctx, talk, CAS_ANOMALY_WRONG_KEY);
    }
    cas_talk_give_up_unsealing(talk);
}

static void open_all(struct cas_talk *talk)
{
    struct cas_unsealed_record record = { 0 };

    while (!talk->is_over && talk->unsealer != NULL) {
        switch (cas_unsealer_next(talk->unsealer, &record)) {
        case CAS_UNSEALED_NONE:
            return;
        case CAS_UNSEALED_RECORD:
            take_record(talk, &record);
            break;
        case CAS_UNSEALED_FAILED:
            fail(talk);
            return;
        }
    }
}

void cas_talk_push_sealed(struct cas_talk *talk, const struct cas_record_part *part)
{
    cas_unsealer_push(talk->unsealer, part);
    if (part->at + part->bytes.len == part->record.len) {
        if (talk->is_unlocked && !cas_unsealer_has_keys(talk->unsealer) && !set_keys(talk)) {
            cas_talk_give_up_unsealing(talk);
            return;
        }
        open_all(talk);
    }
}

void cas_talk_unlock(struct cas_talk *talk, const struct cas_unlocking *unlocking)
{
    talk->is_unlocked = true;
    talk->unlocking = *unlocking;
    if (talk->unsealer == NULL) {
        return;
    }
    if (unlocking->secrets == NULL || !set_keys(talk)) {
        cas_talk_give_up_unsealing(talk);
        return;
    }
    open_all(talk);
}
