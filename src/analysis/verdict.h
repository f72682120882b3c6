/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Was the list cut, and how near is it to a limit? The rules of the verdict, over numbers only:
 * no bytes, no names, no text.
 */
#ifndef CAS_ANALYSIS_VERDICT_H
#define CAS_ANALYSIS_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/events.h>
#include <casniff/limits.h>

/* What the rules look at. */
struct cas_verdict_facts {
    enum cas_seen seen;
    size_t count;           /* names in the list */
    uint32_t bytes;         /* sum of (2 + DER length) */
    uint32_t message_bytes; /* the handshake message with its header */
    uint32_t longest_name;  /* 2 + DER length of the longest name in the list */
    bool has_store;
    size_t advertised;        /* names of the store in the list */
    size_t extra;             /* names of the list that the store lacks */
    size_t missing;           /* names of the store that should be there and are not */
    uint32_t longest_missing; /* 2 + DER length, of those */
    bool is_ordered_prefix;
};

struct cas_verdict {
    enum cas_truncation truncation;
    /* The limit that explains the truncation, or else the chosen one that is used up most. */
    struct cas_limit limit;
    bool is_explained; /* limit explains the truncation */
    uint32_t counted;
    uint32_t percent;
    int64_t slack;
    uint32_t room_for;
    enum cas_headroom headroom;
};

struct cas_verdict_rules {
    const struct cas_limit *limits; /* chosen by the user */
    size_t limits_len;
    uint32_t warn_percent;
    uint32_t crit_percent;
};

/* What a limit counts of such a message. */
uint32_t cas_limit_counted(const struct cas_limit *limit,
                           const struct cas_verdict_facts *facts);

/* A store of which the list has not one name is not that server's: it proves nothing. */
bool cas_verdict_store_speaks(const struct cas_verdict_facts *facts);

struct cas_verdict cas_verdict_of(const struct cas_verdict_facts *facts,
                                  const struct cas_verdict_rules *rules);

#endif
