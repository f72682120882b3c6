/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection behind its handshake, which asked for no certificate: should it negotiate again,
 * that is told as a handshake of its own. Keeps as little as that needs, for all that stays.
 */
#ifndef CAS_ANALYSIS_FOLLOWING_H
#define CAS_ANALYSIS_FOLLOWING_H

#include "analysis/handshake_event.h"
#include "analysis/known_name.h"
#include "analysis/run.h"
#include "tls/follower.h"

struct cas_following {
    struct cas_follower follower;
    struct cas_known_name *sni; /* held; NULL: none */
    uint64_t told_us;           /* when the first handshake was told */
    uint16_t version;
    uint16_t cipher;
    uint8_t client_end;
    uint8_t requested; /* enum cas_requested of the first handshake */
    uint8_t answer;    /* enum cas_answer */
    bool limits_records;
};

/* What is kept of the first handshake as it was told; the follower comes later. NULL without
 * memory. */
struct cas_following *cas_following_create(struct cas_run *run,
                                           const struct cas_conversation_facts *facts,
                                           const struct cas_handshake_event *event);

/* As struct cas_flow_handler's look(). */
enum cas_watching cas_following_look(struct cas_run *run, struct cas_following *following,
                                     struct cas_glimpse *glimpse);

/* Nothing more comes: a handshake that was seen is told. frame may be NULL. */
void cas_following_end(struct cas_run *run, struct cas_following *following,
                       const struct cas_flow *flow, const struct cas_frame *frame);

/* Tells nothing. */
void cas_following_finish(struct cas_run *run, struct cas_following *following);

/* Of one that did not become the state of a watch; may be NULL. */
void cas_following_destroy(struct cas_run *run, struct cas_following *following);

#endif
