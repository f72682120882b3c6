/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which findings of a handshake an operator hears of, and how often: once for each server and
 * cause, again when what it says changes, and again after a time while it still holds. Knows
 * nothing of where alerts go.
 */
#ifndef CAS_ANALYSIS_ALERTS_H
#define CAS_ANALYSIS_ALERTS_H

#include <stddef.h>
#include <stdint.h>

#include <casniff/events.h>
#include <casniff/state.h>

#include "analysis/bucket.h"
#include "bytes/arena.h"

struct cas_alerts {
    struct cas_bucket bucket;
    uint64_t realert_us; /* 0: never again */
    uint64_t suppressed; /* by the rate limits since the last alert that went out */
    struct cas_counters *counters;
};

/* Where an alert goes; its head is that of the handshake, without a number. */
struct cas_alert_teller {
    void *user;
    void (*tell)(void *user, struct cas_alert_event *event);
};

/*
 * Raises what the handshake shows of its server and was not told, and remembers that in server.
 * A list that was not seen whole raises nothing. The sentences lie in the arena.
 */
void cas_alerts_raise(struct cas_alerts *alerts, struct cas_state_server *server,
                      const struct cas_handshake_event *handshake,
                      const struct cas_alert_teller *teller, struct cas_arena *arena);

#endif
