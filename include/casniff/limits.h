/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who cuts, wraps, refuses or omits a list, and at how many bytes: the table behind --limit and
 * --list-limits.
 */
#ifndef CASNIFF_LIMITS_H
#define CASNIFF_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/api.h>

enum cas_limit_side {
    CAS_LIMIT_SERVER,
    CAS_LIMIT_CLIENT,
    CAS_LIMIT_PROTOCOL
};

/* What is compared with the limit. */
enum cas_limit_counts {
    CAS_COUNTS_LIST,   /* the vector: sum of (2 + DER length) */
    CAS_COUNTS_DER,    /* the names without their prefixes */
    CAS_COUNTS_BODY,   /* the handshake message without its 4-byte header */
    CAS_COUNTS_MESSAGE /* the handshake message with it */
};

enum cas_limit_effect {
    CAS_EFFECT_TRUNCATES, /* silently: the rest of the list is not sent */
    CAS_EFFECT_WRAPS,     /* sends everything under a wrong length */
    CAS_EFFECT_OMITS,     /* sends no list */
    CAS_EFFECT_FAILS      /* refuses to go on */
};

struct cas_limit {
    const char *name;
    const char *stack; /* whose it is, for people */
    enum cas_limit_side side;
    enum cas_limit_counts counts;
    enum cas_limit_effect effect;
    uint32_t bytes;
    const char *source;   /* where the figure comes from */
    const char *standing; /* "documented", "measured", "read in its source", "unverified" */
};

/* The built-in table. */
CAS_API const struct cas_limit *cas_limits(size_t *out_len);

/*
 * The profile of this name or alias ("schannel" is "schannel-16k"), or a limit of so many bytes
 * when text is a number. False when it is neither, or a number that is 0 or above 16,777,215.
 */
CAS_API bool cas_limit_find(const char *text, struct cas_limit *out_limit);

CAS_API const char *cas_limit_side_name(enum cas_limit_side side);
CAS_API const char *cas_limit_counts_name(enum cas_limit_counts counts);
CAS_API const char *cas_limit_effect_name(enum cas_limit_effect effect);

#endif
