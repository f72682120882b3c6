/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the streams of a connection tell, on its way to the handler of net/flows.h: positions
 * become offsets of the flow's ends, what was lost is counted, and the handler's answer is
 * heeded. Knows no segments.
 */
#ifndef CAS_NET_TELLING_H
#define CAS_NET_TELLING_H

#include <stdbool.h>
#include <stdint.h>

#include "net/connection.h"
#include "net/stream.h"

/* What a stream's sink needs to call the handler. The side may be set for each call. */
struct cas_telling {
    struct cas_connection *connection;
    const struct cas_connection_env *env;
    const struct cas_frame *frame;
    unsigned side;
};

/* Of what a segment brings. */
struct cas_telling cas_telling_of(struct cas_connection *connection,
                                  const struct cas_connection_env *env,
                                  const struct cas_arrival *arrival);

/* Lives as long as the telling. */
struct cas_stream_sink cas_telling_sink(struct cas_telling *telling);

/* As the sink's again(): user is a telling. */
bool cas_telling_ask_again(void *user, uint64_t offset, struct cas_view bytes, uint64_t before);

#endif
