/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The causes of alerts: does one hold in this handshake, how bad is it, and in which words.
 * Knows nothing of what was told before.
 */
#ifndef CAS_ANALYSIS_ALERT_CAUSES_H
#define CAS_ANALYSIS_ALERT_CAUSES_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/events.h>
#include <casniff/state.h>

#include "bytes/arena.h"

/* What the causes look at. */
struct cas_alert_scene {
    const struct cas_state_server *server; /* its list is the handshake's already */
    const struct cas_handshake_event *handshake;
    /* One of the two, the other NULL: the handshake's list, seen whole; or the size of the
     * request that it is in, when that is encrypted. */
    const struct cas_ca_list_info *list;
    const struct cas_request_size *size;
};

struct cas_alert_finding {
    enum cas_severity severity;
    uint64_t substance; /* what it says, as a number: another one is news */
};

/* Does the cause hold? */
bool cas_alert_find(enum cas_alert_cause cause, const struct cas_alert_scene *scene,
                    struct cas_alert_finding *out_finding);

/* One sentence with its figures, in the arena; a constant one without memory. */
const char *cas_alert_signature(enum cas_alert_cause cause, const struct cas_alert_scene *scene,
                                struct cas_arena *arena);

/* The cause's number, which never changes its meaning. */
uint32_t cas_alert_signature_id(enum cas_alert_cause cause);

#endif
