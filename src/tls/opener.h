/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What opens the encrypted records of one direction, one after the other: keys of TLS 1.3
 * (tls/protection.h), or of an older version. Every record is authenticated. Knows no messages.
 *
 * Another kind of protection is another constant struct cas_opener_kind, and a function that
 * makes a struct cas_opener of it; the unsealer asks for no more.
 */
#ifndef CAS_TLS_OPENER_H
#define CAS_TLS_OPENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/buf.h"

enum cas_opening {
    CAS_OPENING_GOOD,
    CAS_OPENING_BAD, /* not of these keys, not the next record, or altered */
    CAS_OPENING_NO_MEMORY
};

/* protection is what the kind's own function has made. */
struct cas_opener_kind {
    /*
     * The next record: its 5-byte header and its body. The content comes to lie in out_content,
     * which is cleared, and *out_type is its type.
     */
    enum cas_opening (*open)(void *protection, struct cas_view header, struct cas_view body,
                             struct cas_buf *out_content, uint8_t *out_type);
    /*
     * The next record counts, but is not opened: its body has len bytes and ends with tail,
     * which is as long as tail_len() says. False when it cannot be of these keys. Both are NULL
     * where each record must be opened to know what it is.
     */
    bool (*pass)(void *protection, size_t len, struct cas_view tail);
    uint8_t (*tail_len)(const void *protection);
    /* The next record is of the next keys (KeyUpdate); NULL where there is no such thing. */
    void (*update)(void *protection);
    /* Wipes the keys. */
    void (*destroy)(void *protection);
};

struct cas_opener {
    const struct cas_opener_kind *kind; /* NULL: no keys */
    void *protection;
};

#endif
