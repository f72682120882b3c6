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

/* RFC 8446, B.2, and RFC 6101, A.3 (no_certificate): those that something follows from. */
enum {
    CAS_ALERT_CLOSE_NOTIFY = 0,
    CAS_ALERT_UNEXPECTED_MESSAGE = 10,
    CAS_ALERT_RECORD_OVERFLOW = 22,
    CAS_ALERT_HANDSHAKE_FAILURE = 40,
    CAS_ALERT_NO_CERTIFICATE = 41, /* SSL 3.0's way to send none */
    CAS_ALERT_BAD_CERTIFICATE = 42,
    CAS_ALERT_UNSUPPORTED_CERTIFICATE = 43,
    CAS_ALERT_CERTIFICATE_REVOKED = 44,
    CAS_ALERT_CERTIFICATE_EXPIRED = 45,
    CAS_ALERT_CERTIFICATE_UNKNOWN = 46,
    CAS_ALERT_ILLEGAL_PARAMETER = 47,
    CAS_ALERT_UNKNOWN_CA = 48,
    CAS_ALERT_DECODE_ERROR = 50,
    CAS_ALERT_INTERNAL_ERROR = 80,
    CAS_ALERT_USER_CANCELED = 90
};

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
