/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection as the analysis sees it: collects what its conversation tells, and tells the
 * handshake event when that is over.
 */
#ifndef CAS_ANALYSIS_OBSERVATION_H
#define CAS_ANALYSIS_OBSERVATION_H

#include <stdbool.h>

#include "analysis/run.h"

struct cas_following;
struct cas_observation;

/* What the conversations of a run call. */
struct cas_conversation_handler cas_observation_handler(void);

/* NULL without memory. flow outlives it. */
struct cas_observation *cas_observation_create(struct cas_run *run,
                                               const struct cas_flow *flow);

enum cas_want cas_observation_bytes(struct cas_observation *observation,
                                    const struct cas_frame *frame, unsigned end,
                                    uint64_t offset, struct cas_view bytes);
enum cas_want cas_observation_hole(struct cas_observation *observation,
                                   const struct cas_frame *frame, unsigned end, uint64_t offset,
                                   uint64_t len, enum cas_reason reason);
void cas_observation_doubt(struct cas_observation *observation, const struct cas_frame *frame,
                           unsigned end, uint64_t offset, uint64_t len, enum cas_reason reason);
bool cas_observation_again(struct cas_observation *observation, unsigned end, uint64_t offset,
                           struct cas_view bytes, uint64_t before);

/* As struct cas_flow_handler's function; state is a struct cas_following. */
bool cas_observation_watch(struct cas_observation *observation, struct cas_following *state,
                           struct cas_watch_start *start);

/* As struct cas_flow_handler's functions of the same names. */
bool cas_observation_is_over(const struct cas_observation *observation, enum cas_close ending);
void cas_observation_tell(struct cas_observation *observation, enum cas_close ending);

/* Nothing more comes; tells what was not told yet. */
void cas_observation_close(struct cas_observation *observation, const struct cas_frame *frame,
                           enum cas_close close, enum cas_reason reason);

/* It is closed soon: fetches what that needs, in CAS_FLOW_FETCH_STEPS. */
void cas_observation_fetch(const struct cas_observation *observation, unsigned step);

/* How dear it is when memory is short: higher is dearer. */
unsigned cas_observation_worth(const struct cas_observation *observation);

/* Tells nothing. */
void cas_observation_destroy(struct cas_observation *observation);

#endif
