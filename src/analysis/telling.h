/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What follows from that which one connection showed: the inventory takes note, the sink hears
 * of it as far as it is selected and within the rate limits, alerts are raised, packets are
 * saved. All that connections share happens here, and in the order in which it is called.
 *
 * A sniffer that only reads for another one (relay_writer.h) hands over what was shown instead.
 */
#ifndef CAS_ANALYSIS_TELLING_H
#define CAS_ANALYSIS_TELLING_H

#include <stddef.h>

#include "analysis/handshake_event.h"
#include "analysis/relay_shapes.h"
#include "analysis/run.h"
#include "net/flows.h"

/* A handshake, as whoever follows its connection knows it. */
struct cas_shown {
    struct cas_handshake_event *event; /* without a number */
    const struct cas_handshake_parts *parts;
    size_t anomalies;
    const struct cas_flow *flow; /* its frames may become evidence */
};

/* An anomaly; code and text are constant strings. */
void cas_tell_anomaly(struct cas_run *run, const struct cas_event_head *head, const char *code,
                      const char *text);

/* A handshake is over. */
void cas_tell_handshake(struct cas_run *run, const struct cas_shown *shown);

/* Its list came after it was told. */
void cas_tell_late_list(struct cas_run *run, const struct cas_shown *shown);

/* The list that was told with it is in doubt now. */
void cas_tell_doubt(struct cas_run *run, const struct cas_shown *shown,
                    struct cas_list_report *told);

/* A connection whose handshake was told as this has negotiated again. */
void cas_tell_renegotiation(struct cas_run *run, struct cas_handshake_event *event,
                            const struct cas_relay_before *before);

/* A frame behind a handshake whose packets are evidence. */
void cas_tell_late_frame(struct cas_run *run, const struct cas_relay_late_frame *late);

#endif
