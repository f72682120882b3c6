/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/over.h"

static bool has_fatal_alert(const struct cas_direction *side)
{
    if (side->talk == NULL) {
        return side->finder.passed.has_alert &&
               side->finder.passed.alert_level == CAS_ALERT_FATAL;
    }
    const struct cas_side_alerts *alerts = &side->talk->alerts;
    for (size_t i = 0; i < alerts->len; i++) {
        if (alerts->alert[i].level == CAS_ALERT_FATAL) {
            return true;
        }
    }
    return false;
}

/* What the server of these versions says, as far as a list is concerned. */
static bool has_server_said_all(const struct cas_direction *side, enum cas_close ending)
{
    if (side->talk == NULL || side->talk->role != CAS_ROLE_SERVER) {
        return false;
    }
    const struct cas_direction_facts *facts = &side->talk->facts;
    if (ending == CAS_CLOSE_RST) {
        return facts->has_hello_done || facts->has_change_cipher_spec ||
               side->state == CAS_DIRECTION_ENDED;
    }
    return facts->cert_requests > 0 && facts->has_encrypted_handshake;
}

bool cas_over(const struct cas_direction sides[2], enum cas_close ending)
{
    return ending == CAS_CLOSE_FIN || has_fatal_alert(&sides[0]) ||
           has_fatal_alert(&sides[1]) || has_server_said_all(&sides[0], ending) ||
           has_server_said_all(&sides[1], ending);
}
