/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds where TLS begins in one direction of a connection, at any byte, whatever is before it.
 * The result is the same for every splitting of the stream; a few bytes are carried from one
 * call to the next.
 */
#ifndef CAS_TLS_FINDER_H
#define CAS_TLS_FINDER_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/reader.h"
#include "tls/signature.h"

/* How far a direction is searched: longer than any plaintext start of a mail, directory or
 * remote desktop session, short enough to give up bulk data soon. */
#define CAS_FINDER_REACH 65536

enum cas_finder_mode {
    /* From the first byte of a connection on: it begins with a hello. There, other handshake
     * records are accepted, too: they come too early. */
    CAS_FINDER_HELLO,
    CAS_FINDER_MIDDLE /* bytes are missing: other handshake records are accepted anywhere */
};

enum cas_found_kind {
    CAS_FOUND_HELLO,
    CAS_FOUND_SSL2_HELLO,
    CAS_FOUND_ALERT,
    CAS_FOUND_HANDSHAKE,
    CAS_FOUND_CHANGE_CIPHER_SPEC /* of the mode CAS_FINDER_MIDDLE only */
};

struct cas_found {
    enum cas_found_kind kind;
    uint64_t offset;         /* of the record's first byte in the stream */
    struct cas_view carried; /* its bytes of earlier calls; valid until the next one */
};

/* What was passed over between plaintext and the hello: alone it proves nothing. */
struct cas_passed {
    /* When the other side is TLS it is this side's refusal. The first one's: */
    bool has_alert;
    uint8_t alert_level;
    uint8_t alert_description;
    bool has_handshake; /* a record of a handshake: no peer takes one there */
};

struct cas_finder {
    enum cas_finder_mode mode;
    uint64_t start; /* where the search began */
    uint64_t next;  /* offset of the next byte */
    uint8_t carried[CAS_SIGNATURE_MAX];
    uint8_t carried_len;
    struct cas_passed passed;
};

enum cas_finder_step {
    CAS_FINDER_MORE,  /* not yet */
    CAS_FINDER_FOUND, /* out_found was set */
    CAS_FINDER_NEVER  /* not within reach */
};

struct cas_finder cas_finder_init(enum cas_finder_mode mode, uint64_t offset);

/* On FOUND, what is left in bytes follows what was carried. Otherwise all of it was used. */
enum cas_finder_step cas_finder_push(struct cas_finder *finder, struct cas_reader *bytes,
                                     struct cas_found *out_found);

/* The next len bytes are missing. FOUND: what was carried is a hello that is cut here. */
enum cas_finder_step cas_finder_miss(struct cas_finder *finder, uint64_t len,
                                     struct cas_found *out_found);

#endif
