/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/alert.h"

#include "bytes/reader.h"

void cas_side_alerts_add(struct cas_side_alerts *alerts, struct cas_alert alert)
{
    alerts->count++;
    alerts->has_end |=
        alert.level == CAS_ALERT_FATAL || alert.description == CAS_ALERT_CLOSE_NOTIFY;
    if (alerts->len < CAS_ALERTS_OF_SIDE_MAX) {
        alerts->alert[alerts->len++] = alert;
    }
}

/* RFC 5246, 7.2: u8 level, u8 description; several may share a record. */
void cas_side_alerts_push(struct cas_side_alerts *alerts, struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);

    while (cas_reader_left(&r) > 0) {
        if (!alerts->is_begun) {
            alerts->begun.level = cas_reader_u8(&r);
        } else {
            alerts->begun.description = cas_reader_u8(&r);
            cas_side_alerts_add(alerts, alerts->begun);
        }
        alerts->is_begun = !alerts->is_begun;
    }
}
