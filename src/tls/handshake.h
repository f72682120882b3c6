/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Handshake messages of one direction: the bodies of its records in, messages out, in every
 * split. A message that lies whole in one piece is handed on where it lies; otherwise it is
 * kept, and only its bytes that came make it grow. Messages that nobody reads are counted past.
 *
 * One of the two modules that know "not yet". A message with missing bytes is still told: what
 * lies before the first of them, and why.
 */
#ifndef CAS_TLS_HANDSHAKE_H
#define CAS_TLS_HANDSHAKE_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/budget.h"
#include "bytes/buf.h"
#include "bytes/reader.h"
#include "tls/conversation.h"
#include "tls/record.h"

#define CAS_HANDSHAKE_HEADER_LEN 4

/* Longest bodies that are kept; longer ones are told without their bytes. */
#define CAS_CLIENT_HELLO_MAX 65536
#define CAS_SERVER_HELLO_MAX 16384
#define CAS_CERTIFICATE_MAX  262144
/* The longest that TLS 1.2 allows: 1 + 255 + 2 + 65534 + 2 + 65535. */
#define CAS_CERT_REQUEST_MAX 131329

enum cas_handshake_type {
    CAS_HANDSHAKE_HELLO_REQUEST = 0,
    CAS_HANDSHAKE_CLIENT_HELLO = 1,
    CAS_HANDSHAKE_SERVER_HELLO = 2,
    CAS_HANDSHAKE_SESSION_TICKET = 4,
    CAS_HANDSHAKE_END_OF_EARLY_DATA = 5,
    CAS_HANDSHAKE_ENCRYPTED_EXTENSIONS = 8,
    CAS_HANDSHAKE_CERTIFICATE = 11,
    CAS_HANDSHAKE_SERVER_KEY_EXCHANGE = 12,
    CAS_HANDSHAKE_CERTIFICATE_REQUEST = 13,
    CAS_HANDSHAKE_SERVER_HELLO_DONE = 14,
    CAS_HANDSHAKE_CERTIFICATE_VERIFY = 15,
    CAS_HANDSHAKE_CLIENT_KEY_EXCHANGE = 16,
    CAS_HANDSHAKE_FINISHED = 20,
    CAS_HANDSHAKE_CERTIFICATE_URL = 21,
    CAS_HANDSHAKE_CERTIFICATE_STATUS = 22,
    CAS_HANDSHAKE_KEY_UPDATE = 24,
    CAS_HANDSHAKE_COMPRESSED_CERTIFICATE = 25,
    CAS_HANDSHAKE_SSL2_CLIENT_HELLO = 256 /* of no header: the whole first record */
};

struct cas_handshake_message {
    uint16_t type;
    uint16_t record_version; /* of the record in which it begins */
    struct cas_view body;    /* what lies before the first missing byte */
    struct cas_message_sight sight;
    uint64_t record_offset; /* of the header of the record in which it begins */
    uint64_t from;          /* its bytes in the stream, with headers between them */
    uint64_t to;
};

struct cas_handshake {
    struct cas_handshake_message message; /* the present one; body is set when it is told */
    struct cas_buf kept;
    uint64_t last_record; /* number of the last record that was touched */
    uint32_t at;          /* bytes of the body that have passed, missing ones too */
    uint32_t reasons;     /* of every message from now on: their beginning was guessed */
    uint8_t header[CAS_HANDSHAKE_HEADER_LEN];
    uint8_t header_len;
    bool is_open;      /* inside a body */
    bool is_stopped;   /* no more bytes of this message are kept */
    bool is_lost;      /* where messages begin is not known */
    bool is_candidate; /* lost, and this record may begin with a message */
    bool may_lack_messages;
};

struct cas_handshake cas_handshake_init(struct cas_budget *budget);
void cas_handshake_finish(struct cas_handshake *handshake);

/* The next message is an SSLv2-compatible hello of len bytes without a header. */
void cas_handshake_expect_ssl2(struct cas_handshake *handshake,
                               const struct cas_record *record);

/*
 * The next message that ends in bytes, which are those of part. False when it ends in none;
 * then everything was used. out_message is valid until the next call.
 */
bool cas_handshake_next(struct cas_handshake *handshake, const struct cas_record_part *part,
                        struct cas_reader *bytes, struct cas_handshake_message *out_message);

/* The bytes of part are missing. True when a message ends in them or with them. */
bool cas_handshake_miss(struct cas_handshake *handshake, const struct cas_record_part *part,
                        enum cas_reason reason, struct cas_handshake_message *out_message);

/* Nothing more of the present message comes. False when there is none. */
bool cas_handshake_cut(struct cas_handshake *handshake, enum cas_reason reason,
                       struct cas_handshake_message *out_message);

/* A message has begun and not ended. */
bool cas_handshake_is_inside(const struct cas_handshake *handshake);

/* Bytes before the next record are missing: where messages begin is not known any more. */
void cas_handshake_lose(struct cas_handshake *handshake);

#endif
