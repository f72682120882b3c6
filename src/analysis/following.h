/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection behind its handshake, which asked for no certificate: should it negotiate again,
 * that is told as a handshake of its own. Keeps as little as that needs.
 */
#ifndef CAS_ANALYSIS_FOLLOWING_H
#define CAS_ANALYSIS_FOLLOWING_H

#include "analysis/handshake_event.h"
#include "analysis/run.h"
#include "tls/follower.h"

struct cas_following;

/* What was told of the first handshake. */
struct cas_followed_handshake {
    const struct cas_conversation_facts *facts;
    const struct cas_handshake_event *event;
    struct cas_list_report *report; /* NULL: no list was seen */
};

/* NULL without memory. flow outlives it. */
struct cas_following *cas_following_create(struct cas_run *run, const struct cas_flow *flow,
                                           const struct cas_followed_handshake *first);

struct cas_follower *cas_following_follower(struct cas_following *following);

/* Bytes of either end, or a hole of len bytes. */
enum cas_want cas_following_bytes(struct cas_following *following,
                                  const struct cas_frame *frame, unsigned end,
                                  struct cas_view bytes);
enum cas_want cas_following_hole(struct cas_following *following, const struct cas_frame *frame,
                                 unsigned end, uint64_t len);

/* Is anything more wanted? Tells a handshake that was seen. */
enum cas_want cas_following_settle(struct cas_following *following,
                                   const struct cas_frame *frame, unsigned end);

/* Tells nothing; following may be NULL. */
void cas_following_destroy(struct cas_following *following);

#endif
