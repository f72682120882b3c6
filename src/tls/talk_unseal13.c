/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the encrypted records of TLS 1.3 hold, and which keys they are of (RFC 8446, 4, 5 and
 * 7). Whoever has the keys may still break the protocol: what a peer would refuse is refused
 * here, and nothing that follows it is believed.
 */
#include "tls/protection.h"
#include "tls/talk.h"

/* RFC 8446, 5.2: what a record's ciphertext may be longer than 2^14. */
#define EXPANSION_MAX 256

/* KeyUpdate (RFC 8446, 4.6.3): u8 request_update */
#define KEY_UPDATE_LEN 1

enum {
    BY_CLIENT = 1,
    BY_SERVER = 2,
    BY_BOTH = BY_CLIENT | BY_SERVER
};

/* RFC 8446, 4 and 4.6: who sends what, encrypted, and when. */
struct rule {
    uint16_t type;
    uint8_t step;         /* in the handshake each one comes behind those of lower steps */
    uint8_t in_handshake; /* by whom */
    uint8_t behind_it;
    bool is_later_request; /* behind it only where a client allows to be asked later */
};

/* A client's EncryptedExtensions are those of application settings, as Chrome sends them. */
static const struct rule rules[] = {
    { CAS_HANDSHAKE_ENCRYPTED_EXTENSIONS, 1, BY_BOTH, 0, false },
    { CAS_HANDSHAKE_CERTIFICATE_REQUEST, 2, BY_SERVER, BY_SERVER, true },
    { CAS_HANDSHAKE_CERTIFICATE, 3, BY_BOTH, BY_CLIENT, true },
    { CAS_HANDSHAKE_COMPRESSED_CERTIFICATE, 3, BY_BOTH, BY_CLIENT, true },
    { CAS_HANDSHAKE_CERTIFICATE_VERIFY, 4, BY_BOTH, BY_CLIENT, true },
    { CAS_HANDSHAKE_FINISHED, 5, BY_BOTH, BY_CLIENT, true },
    { CAS_HANDSHAKE_SESSION_TICKET, 0, 0, BY_SERVER, false },
    { CAS_HANDSHAKE_KEY_UPDATE, 0, 0, BY_BOTH, false },
    /* In the clear, under other keys, or of older versions: */
    { CAS_HANDSHAKE_HELLO_REQUEST, 0, 0, 0, false },
    { CAS_HANDSHAKE_CLIENT_HELLO, 0, 0, 0, false },
    { CAS_HANDSHAKE_SERVER_HELLO, 0, 0, 0, false },
    { CAS_HANDSHAKE_END_OF_EARLY_DATA, 0, 0, 0, false },
    { CAS_HANDSHAKE_SERVER_KEY_EXCHANGE, 0, 0, 0, false },
    { CAS_HANDSHAKE_SERVER_HELLO_DONE, 0, 0, 0, false },
    { CAS_HANDSHAKE_CLIENT_KEY_EXCHANGE, 0, 0, 0, false },
    { CAS_HANDSHAKE_CERTIFICATE_STATUS, 0, 0, 0, false },
};

/* NULL: a message that is not known; it says nothing of certificates. */
static const struct rule *find_rule(uint16_t type)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (rules[i].type == type) {
            return &rules[i];
        }
    }
    return NULL;
}

static bool may_come(const struct cas_talk *talk, uint16_t type)
{
    const struct rule *rule = find_rule(type);
    uint8_t side = talk->role == CAS_ROLE_SERVER ? BY_SERVER : BY_CLIENT;

    if (rule == NULL) {
        return true;
    }
    if (talk->is_traffic) {
        return (rule->behind_it & side) != 0 &&
               (!rule->is_later_request || talk->unlocking.may_be_asked_later);
    }
    return (rule->in_handshake & side) != 0 && rule->step > talk->sealed_step;
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
    talk->sealed_records = 0;
    talk->sealed_bytes = 0;
    if (!set_keys(talk) && !cas_talk_await_keys(talk)) {
        cas_talk_end(talk);
    }
}

/* The keys change behind it (RFC 8446, 5.1). */
static bool ends_its_keys(const struct cas_talk *talk, uint16_t type)
{
    return type == CAS_HANDSHAKE_KEY_UPDATE ||
           (type == CAS_HANDSHAKE_FINISHED && !talk->is_traffic);
}

/* Messages whose bodies are not read have one length only. */
static bool has_its_length(const struct cas_talk *talk,
                           const struct cas_handshake_message *message)
{
    switch (message->type) {
    case CAS_HANDSHAKE_KEY_UPDATE:
        return message->sight.declared_len == KEY_UPDATE_LEN;
    case CAS_HANDSHAKE_FINISHED:
        return message->sight.declared_len == cas_protection_hash_len(talk->unlocking.cipher);
    default:
        return true;
    }
}

static void note_message(struct cas_talk *talk, const struct cas_handshake_message *message)
{
    const struct rule *rule = find_rule(message->type);

    if (!talk->is_traffic && rule != NULL) {
        talk->sealed_step = rule->step;
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

/*
 * Whoever sent it has the keys, and may as well have sent what was read before it. Not so
 * behind Finished, which covers all that.
 */
static void distrust_handshake(struct cas_talk *talk)
{
    if (!talk->is_traffic) {
        talk->facts.reasons |= CAS_REASON_BIT(CAS_REASON_PROTOCOL);
    }
}

/* left: bytes of the record behind it. */
static void take_message(struct cas_talk *talk, struct cas_handshake_message *message,
                         size_t left)
{
    bool is_at_its_place = left == 0 || !ends_its_keys(talk, message->type);

    if (!may_come(talk, message->type)) {
        distrust_handshake(talk);
        cas_talk_break_off(talk, CAS_ANOMALY_WRONG_SIDE);
        return;
    }
    if (!is_at_its_place) {
        cas_talk_break_off(talk, CAS_ANOMALY_WRONG_SIDE);
        return;
    }
    if (!has_its_length(talk, message)) {
        cas_talk_break_off(talk, CAS_ANOMALY_BAD_MESSAGE);
        return;
    }
    /* Every byte is authenticated: what was doubtful about it has no part in it. */
    talk->handler->message(talk->handler->ctx, talk, message);
    if (!talk->is_over) {
        note_message(talk, message);
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
        take_message(talk, &message, cas_reader_left(&bytes));
    }
}

/* RFC 8446, 5.1: one alert a record. */
static void take_alert(struct cas_talk *talk, const struct cas_unsealed_record *record)
{
    if (record->content.len != sizeof(struct cas_alert)) {
        cas_talk_break_off(talk, CAS_ANOMALY_BAD_MESSAGE);
        return;
    }
    cas_side_alerts_push(&talk->alerts, record->content);
    if (talk->alerts.has_end) {
        talk->facts.is_read_on = talk->is_traffic;
        talk->facts.has_closed = true;
        cas_talk_end(talk);
    }
}

/* It is never looked at. A request may only follow where the client allows it. */
static void take_application_data(struct cas_talk *talk)
{
    if (!talk->is_traffic) {
        cas_talk_break_off(talk, CAS_ANOMALY_SEALED_TYPE);
    } else if (!talk->unlocking.may_be_asked_later) {
        cas_talk_end(talk);
    }
}

/* RFC 8446, 5.1, 5.2 and 5.4: what a peer refuses, whatever the record holds. */
static bool is_refused(struct cas_talk *talk, const struct cas_unsealed_record *record)
{
    if (record->len > CAS_RECORD_PLAINTEXT_MAX + EXPANSION_MAX ||
        record->content.len > CAS_RECORD_PLAINTEXT_MAX) {
        cas_talk_break_off(talk, CAS_ANOMALY_RECORD_TOO_LONG);
        return true;
    }
    if (record->type != CAS_RECORD_HANDSHAKE && cas_handshake_is_inside(&talk->handshake)) {
        cas_talk_break_off(talk, CAS_ANOMALY_INTERLEAVED);
        return true;
    }
    if (record->content.len == 0 &&
        (record->type == CAS_RECORD_HANDSHAKE || record->type == CAS_RECORD_ALERT)) {
        cas_talk_break_off(talk, CAS_ANOMALY_EMPTY_RECORD);
        return true;
    }
    return false;
}

static void take_record(struct cas_talk *talk, const struct cas_unsealed_record *record)
{
    if (is_refused(talk, record)) {
        return;
    }
    talk->facts.is_decrypted_on |= talk->is_traffic && record->type != CAS_RECORD_ALERT;
    switch (record->type) {
    case CAS_RECORD_HANDSHAKE:
        take_handshake(talk, record);
        break;
    case CAS_RECORD_ALERT:
        take_alert(talk, record);
        break;
    case CAS_RECORD_APPLICATION_DATA:
        take_application_data(talk);
        break;
    default:
        cas_talk_break_off(talk, CAS_ANOMALY_SEALED_TYPE);
        break;
    }
}

const struct cas_sealed_version cas_sealed_tls13 = {
    .set_keys = set_keys,
    .take = take_record,
    .may_come = may_come,
};
