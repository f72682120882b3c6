/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One side of a handshake of TLS 1.2 or older behind the first: its records are those of the
 * backlog, opened with the keys of the handshake before it (RFC 5246, 7.4.1.1). From its
 * ChangeCipherSpec on they are of its own: that its Finished follows is seen by its type, and
 * whoever reads on opens it.
 *
 * Between its hello and that nothing is passed over unseen: a record that says it is
 * application data, and does not open as such, may be any message of it.
 */
#include "tls/talk.h"

void cas_talk_lose_backlog(struct cas_talk *talk)
{
    if (talk->backlog != NULL) {
        cas_backlog_lose(talk->backlog);
    }
}

/* An alert in the clear, behind ChangeCipherSpec, is none of the encrypted records. */
static bool is_plain(const struct cas_record *record)
{
    return record->type == CAS_RECORD_ALERT && record->len == sizeof(struct cas_alert);
}

static void store(struct cas_talk *talk, const struct cas_record_part *part)
{
    if (!is_plain(&part->record)) {
        cas_backlog_push(talk->backlog, part);
    }
}

static bool can_store(const struct cas_talk *talk)
{
    return talk->backlog != NULL && !cas_backlog_is_lost(talk->backlog);
}

void cas_talk_store(struct cas_talk *talk, struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);
    struct cas_record_part part = { 0 };

    while (can_store(talk)) {
        switch (cas_record_next(&talk->records, &r, &part)) {
        case CAS_RECORD_SHORT:
            return;
        case CAS_RECORD_PART:
            store(talk, &part);
            break;
        case CAS_RECORD_BAD:
            cas_backlog_lose(talk->backlog);
            return;
        }
    }
}

void cas_talk_store_missing(struct cas_talk *talk, uint64_t len)
{
    struct cas_record_part part = { 0 };

    while (can_store(talk)) {
        switch (cas_record_next_missing(&talk->records, &len, &part)) {
        case CAS_RECORD_SHORT:
            return;
        case CAS_RECORD_PART:
            store(talk, &part);
            break;
        case CAS_RECORD_BAD:
            cas_backlog_lose(talk->backlog);
            return;
        }
    }
}

void cas_talk_renew(struct cas_talk *talk)
{
    const struct cas_talk before = *talk;

    *talk = (struct cas_talk){
        .end = before.end,
        .role = before.role,
        .version = before.version,
        .records = before.records,
        .handshake = cas_handshake_init(before.budget),
        .facts = { .is_seen = true, .is_decrypted = true },
        .begin = before.begin,
        .clear_end = before.clear_end,
        .backlog = before.backlog,
        .is_renewed = true,
        .budget = before.budget,
        .doubts = before.doubts,
        .handler = before.handler,
    };
}

/* What remains cannot be opened; the lengths of its records are others' affair. */
static void give_up(struct cas_talk *talk)
{
    cas_backlog_lose(talk->backlog);
    if (talk->has_begun) {
        talk->is_given_up = true;
        talk->facts.reasons |= CAS_REASON_BIT(CAS_REASON_GAP);
        talk->facts.may_lack_messages = true;
        cas_talk_cut(talk, CAS_REASON_GAP);
    }
    cas_talk_end(talk);
}

static void remark_and_give_up(struct cas_talk *talk, enum cas_talk_anomaly anomaly)
{
    talk->facts.has_wrong_key |= anomaly == CAS_ANOMALY_WRONG_KEY;
    talk->handler->anomaly(talk->handler->ctx, talk, anomaly);
    give_up(talk);
}

static bool is_hello(uint16_t type)
{
    return type == CAS_HANDSHAKE_CLIENT_HELLO || type == CAS_HANDSHAKE_SERVER_HELLO;
}

/* More of the handshake has come: what lies between it and the hello is a part of it, too. */
static void join_to_hello(struct cas_talk *talk)
{
    talk->facts.may_lack_messages |= !talk->is_unbroken;
}

static void note_message(struct cas_talk *talk, uint16_t type)
{
    if (is_hello(type)) {
        talk->has_begun = true;
        talk->is_unbroken = true;
        talk->facts.may_lack_messages = false; /* of one that was refused */
    } else if (type != CAS_HANDSHAKE_HELLO_REQUEST) {
        join_to_hello(talk);
    }
}

/* What opened is authenticated: no doubt about its bytes has a part in it. */
static void take_handshake(struct cas_talk *talk, const struct cas_backlog_record *record)
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
        note_message(talk, message.type);
        talk->handler->message(talk->handler->ctx, talk, &message);
    }
}

static void take_record(struct cas_talk *talk, const struct cas_backlog_record *record)
{
    switch (record->type) {
    case CAS_RECORD_HANDSHAKE:
        take_handshake(talk, record);
        break;
    case CAS_RECORD_ALERT:
        cas_side_alerts_push(&talk->alerts, record->content);
        if (talk->alerts.has_end) {
            cas_talk_end(talk);
        }
        break;
    case CAS_RECORD_CHANGE_CIPHER_SPEC:
        talk->facts.has_change_cipher_spec = true;
        join_to_hello(talk);
        break;
    default:
        break;
    }
}

/* Behind ChangeCipherSpec: whether a record has come, whatever it holds. */
static void see_next(struct cas_talk *talk)
{
    switch (cas_backlog_peek(talk->backlog)) {
    case 0:
        if (cas_backlog_is_lost(talk->backlog)) {
            give_up(talk);
        }
        return;
    case CAS_RECORD_HANDSHAKE:
        talk->facts.has_encrypted_handshake = true;
        talk->facts.encrypted_handshakes = 1;
        talk->facts.has_finished = true;
        break;
    case CAS_RECORD_ALERT:
        talk->facts.has_encrypted_alert = true;
        break;
    default:
        break;
    }
    cas_talk_end(talk);
}

/* False when nothing more can be read of it now. */
static bool read_record(struct cas_talk *talk)
{
    struct cas_backlog_record record = { 0 };
    enum cas_backlog_data data =
        talk->is_unbroken ? CAS_BACKLOG_CHECK_DATA : CAS_BACKLOG_PASS_DATA;

    switch (cas_backlog_next(talk->backlog, data, &record)) {
    case CAS_BACKLOG_EMPTY:
        return false;
    case CAS_BACKLOG_RECORD:
        take_record(talk, &record);
        return true;
    case CAS_BACKLOG_NO_DATA:
        talk->handler->anomaly(talk->handler->ctx, talk, CAS_ANOMALY_DAMAGED_RECORD);
        talk->is_unbroken = false;
        return true;
    case CAS_BACKLOG_UNCHECKED:
        talk->is_unbroken = false;
        return true;
    case CAS_BACKLOG_WRONG_KEY:
        remark_and_give_up(talk, CAS_ANOMALY_WRONG_KEY);
        return false;
    case CAS_BACKLOG_DAMAGED:
        remark_and_give_up(talk, CAS_ANOMALY_DAMAGED_RECORD);
        return false;
    case CAS_BACKLOG_LOST:
        give_up(talk);
        return false;
    }
    return false;
}

void cas_talk_read_backlog(struct cas_talk *talk)
{
    while (!talk->is_over && !talk->facts.has_change_cipher_spec && read_record(talk)) {
    }
    if (!talk->is_over && talk->facts.has_change_cipher_spec) {
        see_next(talk);
    }
}

/* RFC 5246, 7.4.9: 4 + 12 bytes, and 36 in SSL 3.0 */
bool cas_talk_open_finished(struct cas_talk *talk)
{
    struct cas_backlog_record record = { 0 };
    enum cas_backlog_step step =
        cas_backlog_next(talk->backlog, CAS_BACKLOG_PASS_DATA, &record);

    if (step == CAS_BACKLOG_WRONG_KEY) {
        talk->facts.has_wrong_key = true;
        talk->handler->anomaly(talk->handler->ctx, talk, CAS_ANOMALY_WRONG_KEY);
    }
    struct cas_reader r = cas_reader_init(record.content);
    return step == CAS_BACKLOG_RECORD && record.type == CAS_RECORD_HANDSHAKE &&
           cas_reader_u8(&r) == CAS_HANDSHAKE_FINISHED;
}
