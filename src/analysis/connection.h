/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection as the analysis sees it: collects what its conversation tells, and tells the
 * handshake event when that is over.
 */
#ifndef CAS_ANALYSIS_CONNECTION_H
#define CAS_ANALYSIS_CONNECTION_H

#include "analysis/run.h"

struct cas_connection;

/* What the conversations of a run call. */
struct cas_conversation_handler cas_connection_handler(void);

/* NULL without memory. flow outlives it. */
struct cas_connection *cas_connection_create(struct cas_run *run, const struct cas_flow *flow);

enum cas_want cas_connection_bytes(struct cas_connection *connection,
                                   const struct cas_frame *frame, unsigned end, uint64_t offset,
                                   struct cas_view bytes);
enum cas_want cas_connection_hole(struct cas_connection *connection,
                                  const struct cas_frame *frame, unsigned end, uint64_t offset,
                                  uint64_t len, enum cas_reason reason);
void cas_connection_doubt(struct cas_connection *connection, const struct cas_frame *frame,
                          unsigned end, uint64_t offset, uint64_t len, enum cas_reason reason);

/* Nothing more comes; tells what was not told yet. */
void cas_connection_close(struct cas_connection *connection, const struct cas_frame *frame,
                          enum cas_close close, enum cas_reason reason);

/* How dear it is when memory is short: higher is dearer. */
unsigned cas_connection_worth(const struct cas_connection *connection);

/* Tells nothing. */
void cas_connection_destroy(struct cas_connection *connection);

#endif
