/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of a key log, however their bytes are cut: LABEL <client random in hex> <secret in
 * hex>; "#" begins a comment. Knows no files.
 */
#ifndef CAS_TLS_KEYLOG_LINES_H
#define CAS_TLS_KEYLOG_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tls/keylog.h"

/* The longest line that means something: label, random, secret, and room for other labels. */
#define CAS_KEYLOG_LINE_MAX 1024

struct cas_keylog_lines {
    struct cas_keylog *keylog;
    const char *name; /* of the file, in errors */
    uint64_t number;  /* of the line that was taken last */
    uint64_t bad;     /* lines that are none of a key log: passed over */
    struct cas_error first_bad;
    bool is_too_long; /* the line that has begun is passed over up to its end */
    size_t begun_len;
    uint8_t begun[CAS_KEYLOG_LINE_MAX]; /* a line that waits for its end */
};

struct cas_keylog_lines cas_keylog_lines_init(struct cas_keylog *keylog, const char *name);

/* The next bytes: every line that has its end in them is taken. */
void cas_keylog_lines_push(struct cas_keylog_lines *lines, struct cas_view bytes);

bool cas_keylog_lines_is_begun(const struct cas_keylog_lines *lines);

/* Nothing more comes: what has begun is a line. The next bytes begin one. */
void cas_keylog_lines_end(struct cas_keylog_lines *lines);

/* Wipes what has begun. */
void cas_keylog_lines_finish(struct cas_keylog_lines *lines);

#endif
