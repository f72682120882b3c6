/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The facts of an alert, one after another, for logs that keep them apart from the message. */
#ifndef CAS_OUTPUT_ALERT_FACTS_H
#define CAS_OUTPUT_ALERT_FACTS_H

#include <casniff/events.h>

#include "bytes/buf.h"

/*
 * Puts one fact; value is one line of safe text. key is of lower-case letters and '_', and
 * constant.
 */
typedef void cas_alert_put(struct cas_buf *out, const char *key, struct cas_view value);

/* Those that are known. Fails out when memory could not be had. */
void cas_alert_facts(struct cas_buf *out, const struct cas_alert_event *event,
                     cas_alert_put *put);

/* "192.0.2.1:443 www.example.at: The CA list ...": one line of safe text. */
void cas_alert_sentence(struct cas_buf *out, const struct cas_alert_event *event);

/* As syslog(3) counts: 3 error, 4 warning, 6 informational. */
unsigned cas_alert_priority(const struct cas_alert_event *event);

#endif
