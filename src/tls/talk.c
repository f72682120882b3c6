/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/talk.h"

#include <string.h>

struct cas_talk *cas_talk_create(struct cas_budget *budget, uint64_t begin)
{
    struct cas_talk *talk = cas_budget_alloc(budget, sizeof(*talk));
    if (talk == NULL) {
        return NULL;
    }
    talk->records = cas_record_layer_init(begin);
    talk->handshake = cas_handshake_init(budget);
    talk->begin = begin;
    talk->clear_end = UINT64_MAX;
    talk->budget = budget;
    return talk;
}

static void finish(struct cas_talk *talk)
{
    cas_handshake_finish(&talk->handshake);
    cas_unsealer_destroy(talk->unsealer);
    talk->unsealer = NULL;
}

void cas_talk_destroy(struct cas_talk *talk)
{
    if (talk != NULL) {
        finish(talk);
        cas_backlog_destroy(talk->backlog);
        cas_budget_free(talk->budget, talk, sizeof(*talk));
    }
}

void cas_talk_end(struct cas_talk *talk)
{
    talk->is_over = true;
    talk->facts.may_lack_messages |= talk->handshake.may_lack_messages;
    finish(talk);
}

void cas_talk_tell(struct cas_talk *talk, struct cas_handshake_message *message)
{
    message->sight.reasons |= cas_doubts_within(talk->doubts, message->from, message->to);
    message->sight.reasons |= cas_doubts_within(talk->doubts, message->record_offset,
                                                message->record_offset + CAS_RECORD_HEADER_LEN);
    talk->facts.reasons |= message->sight.reasons;
    cas_doubts_forget(talk->doubts, message->record_offset);
    talk->handler->message(talk->handler->ctx, talk, message);
}

static void remark(struct cas_talk *talk, enum cas_talk_anomaly anomaly)
{
    talk->handler->anomaly(talk->handler->ctx, talk, anomaly);
}

/* The protocol is broken: nothing that follows is believed. */
void cas_talk_break_off(struct cas_talk *talk, enum cas_talk_anomaly anomaly)
{
    talk->facts.is_malformed = true;
    cas_talk_lose_backlog(talk);
    remark(talk, anomaly);
    cas_talk_end(talk);
}

/* RFC 5246, 6.2.1: other records must not come between the fragments of a message. */
static void interleaved(struct cas_talk *talk)
{
    struct cas_handshake_message message = { 0 };

    if (cas_handshake_cut(&talk->handshake, CAS_REASON_FRAMING, &message)) {
        message.sight.is_broken = true;
        cas_talk_tell(talk, &message);
    }
    talk->facts.is_malformed = true;
    remark(talk, CAS_ANOMALY_INTERLEAVED);
}

static void begin_encryption(struct cas_talk *talk, uint64_t offset)
{
    talk->records.is_encrypted = true;
    if (talk->clear_end > offset) {
        talk->clear_end = offset;
    }
}

/* Of TLS 1.3 in the client's direction, too: its version is the server's to say. */
static void begin_backlog(struct cas_talk *talk)
{
    if (talk->handler->may_unseal && talk->backlog == NULL) {
        talk->backlog = cas_backlog_create(talk->budget);
    }
}

static void begin_change_cipher_spec(struct cas_talk *talk, const struct cas_record *record)
{
    if (talk->records.is_encrypted || record->len == 0) {
        return;
    }
    if (record->len != 1) {
        cas_talk_break_off(talk, CAS_ANOMALY_BAD_CHANGE_CIPHER_SPEC);
        return;
    }
    talk->facts.has_change_cipher_spec = true;
    /* RFC 8446, D.4: in TLS 1.3 it is sent for middleboxes and means nothing. */
    if (talk->version != CAS_TLS_VERSION_TLS13) {
        begin_encryption(talk, record->body_offset + record->len);
        begin_backlog(talk);
    }
}

/*
 * RFC 8446, D.4: a client that was asked to retry may send ChangeCipherSpec before its second
 * ClientHello, which is no encrypted handshake: it begins with its own type and length. That of
 * an encrypted record cannot: it begins with a number, random bytes or ciphertext.
 */
bool cas_talk_has_second_hello(const struct cas_talk *talk)
{
    struct cas_reader r = cas_reader_init(cas_view_of(talk->peeked, talk->peeked_len));
    uint8_t type = cas_reader_u8(&r);
    uint32_t len = cas_reader_u24(&r);

    return talk->facts.encrypted_handshakes == 1 && cas_reader_ok(&r) &&
           type == CAS_HANDSHAKE_CLIENT_HELLO &&
           len + CAS_HANDSHAKE_HEADER_LEN == talk->first_encrypted_len;
}

/* Application data of TLS 1.3, where the handshake hides in it. */
static bool is_flight(const struct cas_talk *talk)
{
    switch (talk->role) {
    case CAS_ROLE_SERVER:
        return talk->version == CAS_TLS_VERSION_TLS13 && !talk->server_hello.is_psk_accepted;
    case CAS_ROLE_CLIENT:
        return talk->facts.encrypted_handshakes == 0 || cas_talk_has_second_hello(talk);
    case CAS_ROLE_UNKNOWN:
        break;
    }
    return false;
}

static void begin_application_data(struct cas_talk *talk, const struct cas_record *record)
{
    if (record->len == 0) {
        return;
    }
    uint64_t end = record->body_offset + record->len;
    talk->facts.has_application_data = true;
    if (talk->facts.encrypted_handshakes > 0 && talk->handler->behind != NULL) {
        talk->handler->behind(talk->handler->ctx, talk, record);
    }
    begin_encryption(talk, record->offset);
    if (!is_flight(talk)) {
        talk->is_end_doubted =
            cas_doubts_within(talk->doubts, record->offset, record->body_offset) != 0;
        cas_talk_end(talk);
        return;
    }
    if (!talk->is_flight_over) {
        talk->flight_end = end;
        talk->facts.reasons |= cas_doubts_within(talk->doubts, record->offset, end);
        enum cas_flight_side side =
            talk->role == CAS_ROLE_CLIENT ? CAS_FLIGHT_CLIENT : CAS_FLIGHT_SERVER;
        talk->is_flight_over = !cas_flight_add(&talk->facts.flight, side, record->len);
    }
    bool may_unseal =
        talk->handler->may_unseal &&
        (!talk->is_unlocked || talk->unlocking.secrets != NULL || talk->unlocking.may_come);
    if (may_unseal && talk->facts.flight.len == 1 && talk->facts.flight.run[0].records == 1 &&
        talk->unsealer == NULL) {
        talk->unsealer = cas_unsealer_create(talk->budget);
        if (talk->expects_keys) {
            cas_talk_expect_keys(talk);
        }
    }
    if (talk->is_flight_over && talk->unsealer == NULL) {
        cas_talk_end(talk);
    }
}

static void begin_encrypted(struct cas_talk *talk, const struct cas_record *record)
{
    bool is_behind = talk->facts.encrypted_handshakes > 0;

    if (record->type == CAS_RECORD_HANDSHAKE) {
        talk->facts.has_encrypted_handshake = true;
        talk->facts.encrypted_handshakes++;
        if (talk->facts.encrypted_handshakes == 1) {
            talk->first_encrypted_len = record->len;
        }
    } else if (record->type == CAS_RECORD_ALERT && record->len != sizeof(struct cas_alert)) {
        talk->facts.has_encrypted_alert = true;
    }
    if (is_behind && talk->handler->behind != NULL) {
        talk->handler->behind(talk->handler->ctx, talk, record);
    }
    talk->encrypted += CAS_RECORD_HEADER_LEN + record->len;
    if (talk->encrypted > CAS_TALK_ENCRYPTED_MAX) {
        cas_talk_end(talk);
    }
}

static void note_oddities(struct cas_talk *talk, const struct cas_record *record)
{
    if (record->len == 0 && record->type != CAS_RECORD_APPLICATION_DATA) {
        remark(talk, CAS_ANOMALY_EMPTY_RECORD);
    }
    if (record->len > CAS_RECORD_PLAINTEXT_MAX && record->version != CAS_TLS_VERSION_SSL2 &&
        record->type != CAS_RECORD_APPLICATION_DATA && !talk->records.is_encrypted) {
        remark(talk, CAS_ANOMALY_RECORD_TOO_LONG);
    }
    if (record->type != CAS_RECORD_HANDSHAKE && !talk->records.is_encrypted &&
        cas_handshake_is_inside(&talk->handshake)) {
        interleaved(talk);
    }
}

/* A record has begun. It may be the last one. */
static void begin_record(struct cas_talk *talk, const struct cas_record *record)
{
    if (talk->facts.is_malformed) {
        cas_talk_end(talk);
        return;
    }
    talk->facts.is_seen = true;
    note_oddities(talk, record);
    /* An alert in the middle of a message is the last thing that is believed. */
    if (talk->facts.is_malformed && record->type != CAS_RECORD_ALERT) {
        cas_talk_end(talk);
        return;
    }
    if (talk->records.is_encrypted && record->type != CAS_RECORD_APPLICATION_DATA) {
        begin_encrypted(talk, record);
    } else if (record->type == CAS_RECORD_CHANGE_CIPHER_SPEC) {
        begin_change_cipher_spec(talk, record);
    } else if (record->type == CAS_RECORD_APPLICATION_DATA) {
        begin_application_data(talk, record);
    } else if (record->version == CAS_TLS_VERSION_SSL2) {
        cas_handshake_expect_ssl2(&talk->handshake, record);
    }
}

static bool is_in_clear(const struct cas_talk *talk, const struct cas_record *record)
{
    return !talk->records.is_encrypted ||
           (record->type == CAS_RECORD_ALERT && record->len == sizeof(struct cas_alert));
}

static void take_handshake(struct cas_talk *talk, const struct cas_record_part *part)
{
    struct cas_reader bytes = cas_reader_init(part->bytes);
    struct cas_handshake_message message = { 0 };

    while (!talk->is_over && cas_handshake_next(&talk->handshake, part, &bytes, &message)) {
        cas_talk_tell(talk, &message);
    }
}

/* Keeps the first bytes of the first encrypted handshake record. */
static void peek(struct cas_talk *talk, const struct cas_record_part *part)
{
    bool is_first =
        part->record.type == CAS_RECORD_HANDSHAKE && talk->facts.encrypted_handshakes == 1;
    size_t room = sizeof(talk->peeked) - talk->peeked_len;
    struct cas_view begin = cas_view_part(part->bytes, 0, room);

    if (is_first && part->at == talk->peeked_len && begin.len > 0) {
        memcpy(talk->peeked + talk->peeked_len, begin.data, begin.len);
        talk->peeked_len = (uint8_t)(talk->peeked_len + begin.len);
    }
}

static void take_part(struct cas_talk *talk, const struct cas_record_part *part)
{
    bool was_clear = is_in_clear(talk, &part->record);

    if (part->at == 0) {
        begin_record(talk, &part->record);
    }
    if (!was_clear && talk->backlog != NULL) {
        cas_backlog_push(talk->backlog, part);
    }
    if (part->record.type == CAS_RECORD_APPLICATION_DATA && talk->unsealer != NULL) {
        cas_talk_push_sealed(talk, part);
        return;
    }
    if (talk->is_over || !was_clear) {
        peek(talk, part);
        return;
    }
    if (part->record.type == CAS_RECORD_HANDSHAKE) {
        take_handshake(talk, part);
    } else if (part->record.type == CAS_RECORD_ALERT) {
        cas_side_alerts_push(&talk->alerts, part->bytes);
    } else if (part->record.type == CAS_RECORD_CHANGE_CIPHER_SPEC && part->bytes.len == 1 &&
               part->bytes.data[0] != 1) {
        cas_talk_break_off(talk, CAS_ANOMALY_BAD_CHANGE_CIPHER_SPEC);
    }
}

static void take_missing(struct cas_talk *talk, const struct cas_record_part *part,
                         enum cas_reason reason)
{
    struct cas_handshake_message message = { 0 };
    bool was_clear = is_in_clear(talk, &part->record);

    if (part->at == 0) {
        begin_record(talk, &part->record);
    }
    if (!was_clear && talk->backlog != NULL) {
        cas_backlog_push(talk->backlog, part);
    }
    if (part->record.type == CAS_RECORD_APPLICATION_DATA && part->missing_len > 0) {
        cas_talk_give_up_unsealing(talk, reason);
    }
    if (talk->is_over || !is_in_clear(talk, &part->record)) {
        return;
    }
    talk->facts.reasons |= CAS_REASON_BIT(reason);
    talk->alerts.is_begun = false;
    if (part->record.type == CAS_RECORD_HANDSHAKE &&
        cas_handshake_miss(&talk->handshake, part, reason, &message)) {
        cas_talk_tell(talk, &message);
    }
}

/*
 * Foreign bytes where a record must begin: an outer protocol cuts TLS up with headers of its
 * own, say. Some of them may lie within the records that were read, and have moved the others'
 * ends: what those said is in doubt. Behind the clear nothing that is told can be among them.
 */
static void distrust_records(struct cas_talk *talk)
{
    if (!talk->records.is_encrypted && !talk->facts.has_change_cipher_spec) {
        talk->facts.reasons |= CAS_REASON_BIT(CAS_REASON_PROTOCOL);
    }
}

static void bad_record(struct cas_talk *talk)
{
    cas_talk_lose_backlog(talk);
    cas_talk_cut(talk, CAS_REASON_FRAMING);
    if (talk->alerts.has_end || talk->flight_end > 0) {
        cas_talk_end(talk); /* what follows the end of TLS need not be TLS */
        return;
    }
    distrust_records(talk);
    cas_talk_break_off(talk, CAS_ANOMALY_BAD_RECORD);
}

void cas_talk_bytes(struct cas_talk *talk, struct cas_reader *bytes)
{
    struct cas_record_part part = { 0 };

    while (!talk->is_over) {
        switch (cas_record_next(&talk->records, bytes, &part)) {
        case CAS_RECORD_SHORT:
            return;
        case CAS_RECORD_PART:
            take_part(talk, &part);
            break;
        case CAS_RECORD_BAD:
            bad_record(talk);
            return;
        }
    }
}

/* A hole gives up unsealing, or covers a header: then the talk is over. */
bool cas_talk_has_read_all(const struct cas_talk *talk)
{
    return talk->unsealer != NULL && talk->is_traffic &&
           cas_unsealer_is_empty(talk->unsealer) && !cas_unsealer_is_cut(talk->unsealer) &&
           !talk->records.is_in_body && talk->records.header_len == 0 &&
           !cas_handshake_is_inside(&talk->handshake);
}

bool cas_talk_miss(struct cas_talk *talk, uint64_t *len, enum cas_reason reason)
{
    struct cas_record_part part = { 0 };

    while (!talk->is_over) {
        switch (cas_record_next_missing(&talk->records, len, &part)) {
        case CAS_RECORD_SHORT:
            return true;
        case CAS_RECORD_PART:
            take_missing(talk, &part, reason);
            break;
        case CAS_RECORD_BAD:
            return false;
        }
    }
    return true;
}

void cas_talk_cut(struct cas_talk *talk, enum cas_reason reason)
{
    struct cas_handshake_message message = { 0 };

    if (cas_handshake_cut(&talk->handshake, reason, &message)) {
        cas_talk_tell(talk, &message);
    }
    if (cas_record_layer_ends_in_none(&talk->records) && !talk->alerts.has_end) {
        distrust_records(talk);
    }
}

uint64_t cas_talk_told_up_to(const struct cas_talk *talk)
{
    if (talk->is_over) {
        return UINT64_MAX;
    }
    return cas_handshake_is_inside(&talk->handshake) ? talk->handshake.message.from
                                                     : talk->records.offset;
}

uint64_t cas_talk_needs_from(const struct cas_talk *talk)
{
    if (talk->is_over) {
        return UINT64_MAX;
    }
    if (cas_handshake_is_inside(&talk->handshake)) {
        return talk->handshake.message.record_offset;
    }
    return talk->records.is_in_body ? talk->records.record.offset
                                    : talk->records.offset - talk->records.header_len;
}
