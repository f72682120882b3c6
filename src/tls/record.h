/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record layer of one direction: bytes in any split in, record headers and pieces of their
 * bodies out. Nothing is copied but a header that is split between two calls. Knows no
 * handshake messages, and not what a body means.
 *
 * One of the two modules that know "not yet".
 */
#ifndef CAS_TLS_RECORD_H
#define CAS_TLS_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/reader.h"

#define CAS_RECORD_HEADER_LEN 5
/* RFC 5246, 6.2.1: the longest plaintext, and 6.2.3: the longest ciphertext. */
#define CAS_RECORD_PLAINTEXT_MAX  16384
#define CAS_RECORD_CIPHERTEXT_MAX (CAS_RECORD_PLAINTEXT_MAX + 2048)
/* Records without content that may follow each other; as OpenSSL allows. */
#define CAS_RECORD_EMPTY_MAX 32

enum cas_record_type {
    CAS_RECORD_CHANGE_CIPHER_SPEC = 20,
    CAS_RECORD_ALERT = 21,
    CAS_RECORD_HANDSHAKE = 22,
    CAS_RECORD_APPLICATION_DATA = 23,
    CAS_RECORD_HEARTBEAT = 24
};

struct cas_record {
    uint8_t type;
    uint16_t version; /* CAS_TLS_VERSION_SSL2 for an SSLv2-compatible hello */
    uint16_t len;     /* of its body */
    uint64_t number;  /* the first one is 1 */
    uint64_t offset;  /* of its header in the stream */
    uint64_t body_offset;
};

/* A piece of a record's body: bytes, or a hole of missing_len bytes. */
struct cas_record_part {
    struct cas_record record;
    uint32_t at; /* where in the body it begins; 0 for the first part, which always comes */
    struct cas_view bytes;
    uint32_t missing_len;
};

struct cas_record_layer {
    struct cas_record record; /* the present one, or the last */
    uint64_t offset;          /* of the next byte in the stream */
    uint32_t left;            /* of the present body */
    uint8_t header[CAS_RECORD_HEADER_LEN];
    uint8_t header_len;
    uint8_t empty_in_row;
    bool is_in_body;
    bool is_ssl2_first; /* the first header is that of an SSLv2-compatible hello */
    bool is_encrypted;  /* set by the owner when encryption has begun */
};

enum cas_record_step {
    CAS_RECORD_SHORT, /* everything was used: more must come */
    CAS_RECORD_PART,  /* out_part was set */
    CAS_RECORD_BAD    /* no record: the framing cannot be followed from here */
};

/* A record begins at this offset of the stream. */
struct cas_record_layer cas_record_layer_init(uint64_t offset);

/* After missing bytes a record begins at this offset; numbers go on. */
void cas_record_layer_resume(struct cas_record_layer *layer, uint64_t offset);

/* The next part of what lies in bytes. A record of length 0 gives one empty part. */
enum cas_record_step cas_record_next(struct cas_record_layer *layer, struct cas_reader *bytes,
                                     struct cas_record_part *out_part);

/*
 * The next part of a hole of *len bytes, which is made smaller by it: SHORT when nothing is
 * left of the hole, BAD when it covers a header.
 */
enum cas_record_step cas_record_next_missing(struct cas_record_layer *layer, uint64_t *len,
                                             struct cas_record_part *out_part);

/* What came of the next header, less than one, begins none. */
bool cas_record_layer_ends_in_none(const struct cas_record_layer *layer);

/* Where the next record's header begins. */
static inline uint64_t cas_record_layer_next(const struct cas_record_layer *layer)
{
    return layer->is_in_body ? layer->offset + layer->left : layer->offset - layer->header_len;
}

#endif
