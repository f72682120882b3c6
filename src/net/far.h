/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data out of reach of the stream that it claims to be of, or in front of its first byte.
 * Anybody can send it, and then it is nobody's business. But it is a sign that the stream may
 * be the wrong one
 *
 *   - when it acknowledges what the other side sends: who sent it knows the connection
 *   - when a whole conversation goes on out of reach, segments that fit each other
 *   - when nothing came of what the SYNs told of: then they were somebody else's
 *
 * Knows two streams and the last such segment.
 */
#ifndef CAS_NET_FAR_H
#define CAS_NET_FAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/stream.h"

struct cas_far_segment {
    unsigned side; /* who sent it: an index of the streams */
    uint32_t seq;  /* of its first byte of data */
    size_t len;    /* of its data, more than 0 */
    bool has_ack;
    uint32_t ack;
};

/* All zero: there was none. */
struct cas_far {
    bool is_any;
    struct cas_far_segment last;
};

struct cas_far_verdict {
    bool is_moved;      /* the streams begin elsewhere now: it is in reach */
    bool is_side_wrong; /* all that its sender has sent is in doubt */
    bool are_both_wrong;
};

struct cas_far_verdict cas_far_judge(struct cas_far *far, struct cas_stream stream[2],
                                     const struct cas_far_segment *segment);

#endif
