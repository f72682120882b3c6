/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the streams of a connection tell, on its way to the handler of net/flows.h: positions
 * become offsets of the flow's ends, what was lost is counted, and the handler's answer is
 * heeded. Knows no segments.
 */
#ifndef CAS_NET_CONNECTION_SINK_H
#define CAS_NET_CONNECTION_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "net/connection.h"
#include "net/stream.h"

/* What is needed to call the handler. The side is the stream's: it may be set for each call. */
struct cas_connection_sink {
    struct cas_connection *connection;
    const struct cas_connection_env *env;
    const struct cas_frame *frame; /* NULL: of no frame, at the end */
    unsigned side;
};

/* Of what a segment brings. */
struct cas_connection_sink cas_connection_sink_of(struct cas_connection *connection,
                                                  const struct cas_connection_env *env,
                                                  const struct cas_arrival *arrival);

/* What the streams of its connection tell it through; valid as long as it. */
struct cas_stream_sink cas_connection_sink_for_streams(struct cas_connection_sink *sink);

/* As the stream sink's again(), whose user it is. */
bool cas_connection_sink_again(void *user, uint64_t offset, struct cas_view bytes,
                               uint64_t before);

#endif
