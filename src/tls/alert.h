/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The alerts of one direction that were sent in the clear, in every split; more than are kept
 * are counted. */
#ifndef CAS_TLS_ALERT_H
#define CAS_TLS_ALERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

/* So that one side cannot crowd out the other's. */
#define CAS_ALERTS_OF_SIDE_MAX 4

/* RFC 5246, 7.2 */
#define CAS_ALERT_FATAL 2

struct cas_alert {
    uint8_t level;
    uint8_t description;
};

/* What one side sent. */
struct cas_side_alerts {
    struct cas_alert alert[CAS_ALERTS_OF_SIDE_MAX];
    size_t len;
    uint64_t count;
    struct cas_alert begun; /* its level came, its description did not yet */
    bool is_begun;
    bool has_end; /* fatal, or close_notify: nothing of TLS comes after it */
};

/* Bodies of alert records, in order. */
void cas_side_alerts_push(struct cas_side_alerts *alerts, struct cas_view bytes);

void cas_side_alerts_add(struct cas_side_alerts *alerts, struct cas_alert alert);

#endif
