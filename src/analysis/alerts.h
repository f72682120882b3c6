/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which findings of a handshake an operator hears of, and how often: once for each address and
 * port and cause, again when what it says changes, and again after a time while it still holds.
 * What the client chooses, its SNI, makes no finding another one. Knows nothing of where alerts
 * go.
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

/* What one address and port has to itself, so that it cannot use up what all share. */
struct cas_alert_memory {
    struct cas_state_alerts alerts;
    struct cas_bucket bucket;
};

struct cas_alert_memory cas_alert_memory_init(void);

/* Takes up what an earlier run remembered, as much as there is room for. */
void cas_alert_memory_recall(struct cas_alert_memory *memory,
                             const struct cas_state_alerts *alerts);

/* Of whom a handshake is. */
struct cas_alert_subject {
    struct cas_state_server *server;
    struct cas_alert_memory *memory; /* of its address and port */
};

/* Where an alert goes; its head is that of the handshake, without a number. */
struct cas_alert_teller {
    void *user;
    void (*tell)(void *user, struct cas_alert_event *event);
};

/*
 * Raises what the handshake shows of its server and was not told, and remembers that in
 * subject. A list that was not seen whole raises nothing; one that is encrypted, what the size
 * of its request shows. The sentences lie in the arena.
 */
void cas_alerts_raise(struct cas_alerts *alerts, const struct cas_alert_subject *subject,
                      const struct cas_handshake_event *handshake,
                      const struct cas_alert_teller *teller, struct cas_arena *arena);

#endif
