/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/handshake.h"

#include <string.h>

struct cas_handshake cas_handshake_init(struct cas_budget *budget)
{
    return (struct cas_handshake){ .kept = cas_buf_init(CAS_CERTIFICATE_MAX, budget) };
}

void cas_handshake_finish(struct cas_handshake *handshake)
{
    cas_buf_finish(&handshake->kept);
}

/* How many bytes of a body are kept; 0: nobody reads this type. */
static uint32_t longest(uint16_t type)
{
    switch (type) {
    case CAS_HANDSHAKE_CLIENT_HELLO:
    case CAS_HANDSHAKE_SSL2_CLIENT_HELLO:
        return CAS_CLIENT_HELLO_MAX;
    case CAS_HANDSHAKE_SERVER_HELLO:
        return CAS_SERVER_HELLO_MAX;
    case CAS_HANDSHAKE_CERTIFICATE:
        return CAS_CERTIFICATE_MAX;
    case CAS_HANDSHAKE_CERTIFICATE_REQUEST:
        return CAS_CERT_REQUEST_MAX;
    default:
        return 0;
    }
}

static uint64_t part_offset(const struct cas_record_part *part)
{
    return part->record.body_offset + part->at;
}

/* The present message has bytes in this record. */
static void touch(struct cas_handshake *handshake, const struct cas_record *record)
{
    struct cas_message_sight *sight = &handshake->message.sight;

    if (sight->records == 0 || handshake->last_record != record->number) {
        sight->records++;
        handshake->last_record = record->number;
        sight->is_record_too_long |=
            record->len > CAS_RECORD_PLAINTEXT_MAX && record->version != CAS_TLS_VERSION_SSL2;
    }
}

static void begin(struct cas_handshake *handshake, const struct cas_record *record,
                  uint64_t offset)
{
    cas_buf_finish(&handshake->kept);
    handshake->at = 0;
    handshake->is_stopped = false;
    handshake->message = (struct cas_handshake_message){
        .record_version = record->version,
        .record_offset = record->offset,
        .from = offset,
        .sight.reasons = handshake->reasons,
    };
}

static void open_body(struct cas_handshake *handshake, uint16_t type, uint32_t declared_len)
{
    handshake->header_len = 0;
    handshake->is_open = true;
    handshake->message.type = type;
    handshake->message.sight.declared_len = declared_len;
    handshake->is_stopped = declared_len > longest(type);
    if (handshake->is_stopped && longest(type) > 0) {
        handshake->message.sight.reasons |= CAS_REASON_BIT(CAS_REASON_MESSAGE_CAP);
    }
}

static struct cas_view take(struct cas_reader *bytes, size_t wanted)
{
    size_t left = cas_reader_left(bytes);
    return cas_reader_bytes(bytes, wanted < left ? wanted : left);
}

/* Whole in header[]: true. */
static bool take_header(struct cas_handshake *handshake, const struct cas_record_part *part,
                        struct cas_reader *bytes)
{
    if (cas_reader_left(bytes) == 0) {
        return false;
    }
    if (handshake->header_len == 0) {
        begin(handshake, &part->record, part_offset(part) + cas_reader_offset(bytes));
    }
    touch(handshake, &part->record);
    struct cas_view taken =
        take(bytes, (size_t)(CAS_HANDSHAKE_HEADER_LEN - handshake->header_len));
    memcpy(handshake->header + handshake->header_len, taken.data, taken.len);
    handshake->header_len = (uint8_t)(handshake->header_len + taken.len);
    return handshake->header_len == CAS_HANDSHAKE_HEADER_LEN;
}

/* RFC 5246, 7.4: u8 msg_type, u24 length */
static void read_header(struct cas_handshake *handshake)
{
    struct cas_reader r =
        cas_reader_init(cas_view_of(handshake->header, CAS_HANDSHAKE_HEADER_LEN));
    uint8_t type = cas_reader_u8(&r);

    open_body(handshake, type, cas_reader_u24(&r));
}

static void keep(struct cas_handshake *handshake, struct cas_view bytes)
{
    if (handshake->is_stopped) {
        return;
    }
    cas_buf_append(&handshake->kept, bytes);
    if (!cas_buf_ok(&handshake->kept)) {
        handshake->is_stopped = true;
        handshake->message.sight.reasons |= CAS_REASON_BIT(CAS_REASON_MEMORY);
    }
}

/* The message ends before offset to of the stream. */
static void tell(struct cas_handshake *handshake, uint64_t to,
                 struct cas_handshake_message *out_message)
{
    struct cas_message_sight *sight = &handshake->message.sight;

    sight->is_message_too_long_for_record = sight->is_record_too_long && sight->records == 1;
    handshake->is_open = false;
    handshake->header_len = 0;
    handshake->message.to = to;
    *out_message = handshake->message;
    if (out_message->body.len == 0) {
        out_message->body = cas_buf_view(&handshake->kept);
    }
}

static bool take_body(struct cas_handshake *handshake, const struct cas_record_part *part,
                      struct cas_reader *bytes, struct cas_handshake_message *out_message)
{
    uint32_t left = handshake->message.sight.declared_len - handshake->at;
    struct cas_view taken = take(bytes, left);

    if (taken.len > 0) {
        touch(handshake, &part->record);
    }
    if (taken.len < left || handshake->at > 0) {
        keep(handshake, taken);
    } else if (!handshake->is_stopped) {
        handshake->message.body = taken;
    }
    handshake->at += (uint32_t)taken.len;
    if (taken.len < left) {
        return false;
    }
    tell(handshake, part_offset(part) + cas_reader_offset(bytes), out_message);
    return true;
}

/* Does a message begin with this header, so surely that nothing else can be meant? */
static bool is_verified(const struct cas_handshake *handshake, const struct cas_record *record)
{
    struct cas_reader r =
        cas_reader_init(cas_view_of(handshake->header, CAS_HANDSHAKE_HEADER_LEN));
    uint8_t type = cas_reader_u8(&r);
    uint32_t len = cas_reader_u24(&r);
    bool is_known =
        type == CAS_HANDSHAKE_SESSION_TICKET ||
        (type >= CAS_HANDSHAKE_CERTIFICATE && type <= CAS_HANDSHAKE_CLIENT_KEY_EXCHANGE) ||
        type == CAS_HANDSHAKE_CERTIFICATE_STATUS || type == CAS_HANDSHAKE_SERVER_HELLO;

    return is_known && len + CAS_HANDSHAKE_HEADER_LEN == record->len;
}

/* Looks for a message at the beginning of a record; true when one has begun. */
static bool regain(struct cas_handshake *handshake, const struct cas_record_part *part,
                   struct cas_reader *bytes)
{
    if (part->at == 0) {
        handshake->is_candidate = true;
        handshake->header_len = 0;
    }
    if (!handshake->is_candidate || !take_header(handshake, part, bytes)) {
        (void)cas_reader_rest(bytes);
        return false;
    }
    if (!is_verified(handshake, &part->record)) {
        handshake->is_candidate = false;
        handshake->header_len = 0;
        (void)cas_reader_rest(bytes);
        return false;
    }
    handshake->is_lost = false;
    handshake->reasons |= CAS_REASON_BIT(CAS_REASON_FRAMING);
    handshake->message.sight.reasons |= handshake->reasons;
    read_header(handshake);
    return true;
}

void cas_handshake_expect_ssl2(struct cas_handshake *handshake, const struct cas_record *record)
{
    begin(handshake, record, record->offset);
    open_body(handshake, CAS_HANDSHAKE_SSL2_CLIENT_HELLO, record->len);
}

bool cas_handshake_next(struct cas_handshake *handshake, const struct cas_record_part *part,
                        struct cas_reader *bytes, struct cas_handshake_message *out_message)
{
    if (handshake->is_lost && !regain(handshake, part, bytes)) {
        return false;
    }
    if (!handshake->is_open) {
        if (!take_header(handshake, part, bytes)) {
            return false;
        }
        read_header(handshake);
    }
    return take_body(handshake, part, bytes, out_message);
}

void cas_handshake_lose(struct cas_handshake *handshake)
{
    handshake->is_lost = true;
    handshake->is_candidate = false;
    handshake->is_open = false;
    handshake->header_len = 0;
    handshake->may_lack_messages = true;
}

bool cas_handshake_miss(struct cas_handshake *handshake, const struct cas_record_part *part,
                        enum cas_reason reason, struct cas_handshake_message *out_message)
{
    if (!handshake->is_open) {
        cas_handshake_lose(handshake);
        return false;
    }
    uint32_t left = handshake->message.sight.declared_len - handshake->at;
    touch(handshake, &part->record);
    handshake->is_stopped = true;
    handshake->message.sight.reasons |= CAS_REASON_BIT(reason);
    if (part->missing_len < left) {
        handshake->at += part->missing_len;
        return false;
    }
    tell(handshake, part_offset(part) + left, out_message);
    if (part->missing_len > left) {
        cas_handshake_lose(handshake);
    }
    return true;
}

bool cas_handshake_cut(struct cas_handshake *handshake, enum cas_reason reason,
                       struct cas_handshake_message *out_message)
{
    handshake->may_lack_messages |= handshake->header_len > 0;
    handshake->header_len = 0;
    if (!handshake->is_open) {
        return false;
    }
    handshake->message.sight.reasons |= CAS_REASON_BIT(reason);
    tell(handshake, UINT64_MAX, out_message);
    return true;
}

bool cas_handshake_is_inside(const struct cas_handshake *handshake)
{
    return handshake->is_open || (handshake->header_len > 0 && !handshake->is_lost);
}
