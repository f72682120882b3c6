/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/signature.h"

#include <stdbool.h>
#include <string.h>

#include "bytes/reader.h"
#include "tls/handshake.h"
#include "tls/names.h"
#include "tls/record.h"

/* Body bytes of a hello up to and with the length of its session id. */
#define HELLO_START_LEN 39
/* Shortest bodies: version, random, empty session id, and what must follow. */
#define HELLO_MIN 38

/* RFC 5246, 6.2.1 */
struct header {
    uint8_t type;
    uint16_t version;
    uint16_t len;
};

static struct header read_header(struct cas_reader *r)
{
    struct header header = { 0 };
    header.type = cas_reader_u8(r);
    header.version = cas_reader_u16(r);
    header.len = cas_reader_u16(r);
    return header;
}

static bool is_ssl3_to_tls13(uint16_t version)
{
    return version >= CAS_TLS_VERSION_SSL3 && version <= CAS_TLS_VERSION_TLS13;
}

static bool is_handshake_header(const struct header *header)
{
    return header->type == CAS_RECORD_HANDSHAKE && is_ssl3_to_tls13(header->version) &&
           header->len > 0;
}

/* What could be read agrees so far; it is proven when nothing was too short. */
static enum cas_match verdict(const struct cas_reader *r)
{
    return cas_reader_ok(r) ? CAS_MATCH_YES : CAS_MATCH_MAYBE;
}

/*
 * RFC 5246, 7.4.1.2 and 7.4.1.3:
 *   u8 msg_type, u24 length, u16 version, random[32], u8 session_id<0..32>
 * Drafts of TLS 1.3 had 0x7fxx as the version of a ServerHello.
 */
static enum cas_match match_hello_body(struct cas_reader *r)
{
    uint8_t type = cas_reader_u8(r);
    if (cas_reader_ok(r) && type != CAS_HANDSHAKE_CLIENT_HELLO &&
        type != CAS_HANDSHAKE_SERVER_HELLO) {
        return CAS_MATCH_NO;
    }
    uint32_t len = cas_reader_u24(r);
    if (cas_reader_ok(r) && (len < HELLO_MIN || len > CAS_CLIENT_HELLO_MAX)) {
        return CAS_MATCH_NO;
    }
    uint16_t version = cas_reader_u16(r);
    if (cas_reader_ok(r) && version >> 8 != 3 && version >> 8 != 0x7f) {
        return CAS_MATCH_NO;
    }
    cas_reader_skip(r, 32);
    uint8_t session_id_len = cas_reader_u8(r);
    if (cas_reader_ok(r) && session_id_len > 32) {
        return CAS_MATCH_NO;
    }
    return verdict(r);
}

/* The start of a hello, out of the records that it is in. */
struct start {
    uint8_t bytes[HELLO_START_LEN];
    size_t len;
};

/* What the next record adds to it. NO: it is no such record. */
static enum cas_match take_record(struct start *start, struct cas_reader *r)
{
    struct header header = read_header(r);

    if (header.type != CAS_RECORD_HANDSHAKE) {
        return CAS_MATCH_NO;
    }
    if (!cas_reader_ok(r)) {
        return CAS_MATCH_MAYBE;
    }
    if (!is_handshake_header(&header) || header.len > CAS_RECORD_CIPHERTEXT_MAX) {
        return CAS_MATCH_NO;
    }
    size_t room = sizeof(start->bytes) - start->len;
    size_t wanted = header.len < room ? header.len : room;
    size_t left = cas_reader_left(r);
    struct cas_view part = cas_reader_bytes(r, wanted < left ? wanted : left);
    if (part.len > 0) {
        memcpy(start->bytes + start->len, part.data, part.len);
    }
    start->len += part.len;
    return CAS_MATCH_YES;
}

enum cas_match cas_signature_hello(struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);
    struct start start = { .len = 0 };

    while (cas_reader_left(&r) > 0 && start.len < sizeof(start.bytes)) {
        if (take_record(&start, &r) == CAS_MATCH_NO) {
            return CAS_MATCH_NO;
        }
    }
    struct cas_reader body = cas_reader_init(cas_view_of(start.bytes, start.len));
    enum cas_match match = match_hello_body(&body);
    /* In several records: their headers prove as much as what they leave no room for. */
    return match == CAS_MATCH_MAYBE && bytes.len >= CAS_SIGNATURE_MAX ? CAS_MATCH_YES : match;
}

enum cas_match cas_signature_first_hello(struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);
    struct header header = read_header(&r);

    if (!cas_reader_ok(&r)) {
        return bytes.len > 0 && bytes.data[0] != CAS_RECORD_HANDSHAKE ? CAS_MATCH_NO
                                                                      : CAS_MATCH_MAYBE;
    }
    if (header.type != CAS_RECORD_HANDSHAKE || header.version >> 8 != 3 || header.len == 0) {
        return CAS_MATCH_NO;
    }
    struct cas_view seen = cas_reader_rest(&r);
    struct cas_reader body = cas_reader_init(cas_view_part(seen, 0, header.len));
    enum cas_match match = match_hello_body(&body);
    /* Too short for its record, not for what came of it: more proof cannot be had. */
    return match == CAS_MATCH_MAYBE && seen.len >= header.len ? CAS_MATCH_YES : match;
}

/* Of the handshake messages that go in the clear, those that are no hello. */
static bool is_behind_hello(uint8_t type)
{
    switch (type) {
    case CAS_HANDSHAKE_HELLO_REQUEST:
    case CAS_HANDSHAKE_SESSION_TICKET:
    case CAS_HANDSHAKE_CERTIFICATE:
    case CAS_HANDSHAKE_SERVER_KEY_EXCHANGE:
    case CAS_HANDSHAKE_CERTIFICATE_REQUEST:
    case CAS_HANDSHAKE_SERVER_HELLO_DONE:
    case CAS_HANDSHAKE_CERTIFICATE_VERIFY:
    case CAS_HANDSHAKE_CLIENT_KEY_EXCHANGE:
    case CAS_HANDSHAKE_CERTIFICATE_STATUS:
        return true;
    default:
        return false;
    }
}

enum cas_match cas_signature_first_handshake(struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);
    struct header header = read_header(&r);

    if (cas_reader_ok(&r) && !is_handshake_header(&header)) {
        return CAS_MATCH_NO;
    }
    uint8_t type = cas_reader_u8(&r);
    return cas_reader_ok(&r) && !is_behind_hello(type) ? CAS_MATCH_NO : verdict(&r);
}

/*
 * RFC 5246, E.2:
 *   u16 length (highest bit set), u8 msg_type, u16 version, u16 cipher_spec_length,
 *   u16 session_id_length, u16 challenge_length
 */
enum cas_match cas_signature_ssl2_hello(struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);
    uint16_t len = cas_reader_u16(&r);
    uint8_t type = cas_reader_u8(&r);

    if (cas_reader_ok(&r) && (len < 0x8000 || type != CAS_HANDSHAKE_CLIENT_HELLO)) {
        return CAS_MATCH_NO;
    }
    uint16_t version = cas_reader_u16(&r);
    if (cas_reader_ok(&r) && version != CAS_TLS_VERSION_SSL2 && !is_ssl3_to_tls13(version)) {
        return CAS_MATCH_NO;
    }
    uint16_t ciphers = cas_reader_u16(&r);
    uint16_t session_id = cas_reader_u16(&r);
    uint16_t challenge = cas_reader_u16(&r);
    bool agrees = len - 0x8000 == 9 + ciphers + session_id + challenge && ciphers % 3 == 0 &&
                  ciphers > 0 && session_id <= 32 && challenge >= 16 && challenge <= 32;
    return cas_reader_ok(&r) && !agrees ? CAS_MATCH_NO : verdict(&r);
}

/* RFC 5246, 7.2: u8 level, u8 description */
enum cas_match cas_signature_alert(struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);
    struct header header = read_header(&r);

    if (cas_reader_ok(&r) && (header.type != CAS_RECORD_ALERT ||
                              !is_ssl3_to_tls13(header.version) || header.len != 2)) {
        return CAS_MATCH_NO;
    }
    uint8_t level = cas_reader_u8(&r);
    uint8_t description = cas_reader_u8(&r);
    bool is_known =
        cas_tls_alert_level_name(level) != NULL && cas_tls_alert_name(description) != NULL;
    return cas_reader_ok(&r) && !is_known ? CAS_MATCH_NO : verdict(&r);
}

/* RFC 5246, 7.4.2: u24 certificate_list, u24 certificate */
static enum cas_match match_certificate(struct cas_reader *r, uint32_t len)
{
    uint32_t list_len = cas_reader_u24(r);
    return cas_reader_ok(r) && list_len + 3 != len ? CAS_MATCH_NO : verdict(r);
}

/* RFC 5246, 7.4.4: u8 certificate_types<1..255>; two of them are looked at. */
static enum cas_match match_cert_request(struct cas_reader *r, uint32_t len)
{
    uint8_t num_types = cas_reader_u8(r);
    uint8_t first = cas_reader_u8(r);
    uint8_t second = num_types > 1 ? cas_reader_u8(r) : first;
    bool agrees = len <= CAS_CERT_REQUEST_MAX && num_types > 0 && num_types + 3u <= len &&
                  cas_tls_certificate_type_name(first) != NULL &&
                  cas_tls_certificate_type_name(second) != NULL;

    return cas_reader_ok(r) && !agrees ? CAS_MATCH_NO : verdict(r);
}

static enum cas_match match_message(struct cas_reader *r, uint16_t record_len)
{
    uint8_t type = cas_reader_u8(r);
    uint32_t len = cas_reader_u24(r);
    bool is_all_of_record = len + CAS_HANDSHAKE_HEADER_LEN == record_len;

    if (!cas_reader_ok(r)) {
        return CAS_MATCH_MAYBE;
    }
    switch (type) {
    case CAS_HANDSHAKE_CERTIFICATE:
        return match_certificate(r, len);
    case CAS_HANDSHAKE_CERTIFICATE_REQUEST:
        return match_cert_request(r, len);
    case CAS_HANDSHAKE_SERVER_HELLO_DONE:
        return len == 0 && is_all_of_record ? CAS_MATCH_YES : CAS_MATCH_NO;
    case CAS_HANDSHAKE_SESSION_TICKET:
    case CAS_HANDSHAKE_SERVER_KEY_EXCHANGE:
    case CAS_HANDSHAKE_CERTIFICATE_VERIFY:
    case CAS_HANDSHAKE_CLIENT_KEY_EXCHANGE:
    case CAS_HANDSHAKE_CERTIFICATE_STATUS:
        return is_all_of_record ? CAS_MATCH_YES : CAS_MATCH_NO;
    default:
        return CAS_MATCH_NO;
    }
}

enum cas_match cas_signature_handshake(struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);
    struct header header = read_header(&r);

    if (cas_reader_ok(&r) && !is_handshake_header(&header)) {
        return CAS_MATCH_NO;
    }
    return match_message(&r, header.len);
}

enum cas_match cas_signature_any_handshake(struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);
    struct header header = read_header(&r);

    if (cas_reader_ok(&r) && !is_handshake_header(&header)) {
        return CAS_MATCH_NO;
    }
    (void)cas_reader_u8(&r); /* its type: whatever it is, others may follow it */
    if (header.len < CAS_HANDSHAKE_HEADER_LEN) {
        return verdict(&r);
    }
    uint32_t len = cas_reader_u24(&r);
    return cas_reader_ok(&r) && len > CAS_CERTIFICATE_MAX ? CAS_MATCH_NO : verdict(&r);
}

/* RFC 5246, 7.1: u8 type, 1 */
enum cas_match cas_signature_change_cipher_spec(struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);
    struct header header = read_header(&r);

    if (cas_reader_ok(&r) && (header.type != CAS_RECORD_CHANGE_CIPHER_SPEC ||
                              !is_ssl3_to_tls13(header.version) || header.len != 1)) {
        return CAS_MATCH_NO;
    }
    uint8_t body = cas_reader_u8(&r);
    uint8_t next_type = cas_reader_u8(&r);
    uint16_t next_version = cas_reader_u16(&r);
    bool agrees = body == 1 && next_type >= CAS_RECORD_CHANGE_CIPHER_SPEC &&
                  next_type <= CAS_RECORD_HEARTBEAT && next_version == header.version;
    return cas_reader_ok(&r) && !agrees ? CAS_MATCH_NO : verdict(&r);
}
