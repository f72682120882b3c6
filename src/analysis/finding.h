/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which handshakes are worth their packets, and telling these to the sink. Knows what a finding
 * is; knows nothing of how packets are kept.
 */
#ifndef CAS_ANALYSIS_FINDING_H
#define CAS_ANALYSIS_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include <casniff/events.h>

#include "analysis/run.h"
#include "net/flows.h"

/* A diagnosis above information; a list that looks cut, is near its limit or over, is too long
 * for some clients, or breaks the protocol; an anomaly. */
bool cas_finding_is_in(const struct cas_handshake_event *event, size_t anomalies);

/* A handshake that was told. */
struct cas_finding {
    const struct cas_handshake_event *event;
    size_t anomalies;
    bool has_alert;            /* it raised one */
    struct cas_ration *ration; /* of its address and port; NULL: nobody remembers that */
};

/* Should it have a finding, and be wanted still: the frames kept of its connection, which are
 * evidence from now on. */
void cas_finding_tell(struct cas_run *run, const struct cas_flow *flow,
                      const struct cas_finding *finding);

/* A frame behind such a connection. */
void cas_finding_tell_late(struct cas_run *run, const struct cas_frame *frame);

#endif
