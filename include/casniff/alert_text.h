/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An alert as the system's logs want it. Pure functions: they open nothing and send nothing;
 * writer gets the whole message in one call, to be sent as one datagram.
 */
#ifndef CASNIFF_ALERT_TEXT_H
#define CASNIFF_ALERT_TEXT_H

#include <stdint.h>

#include <casniff/api.h>
#include <casniff/events.h>
#include <casniff/writer.h>

/*
 * RFC 5424, for /dev/log: facility daemon, the cause as MSGID, the facts as structured data,
 * and one line of UTF-8 that says it again for people. Without a newline at its end. hostname
 * may be NULL; what must not stand in a name becomes '?'. 0, what writer gave, or ENOMEM.
 */
CAS_API CAS_MUST_CHECK int cas_alert_to_syslog(const struct cas_alert_event *event,
                                               const char *hostname, uint32_t pid,
                                               const struct cas_writer *writer);

/*
 * The journal's native fields, for /run/systemd/journal/socket: MESSAGE, PRIORITY, MESSAGE_ID
 * (one for each cause), and CASNIFF_... for the facts. 0, what writer gave, or ENOMEM.
 */
CAS_API CAS_MUST_CHECK int cas_alert_to_journal(const struct cas_alert_event *event,
                                                const struct cas_writer *writer);

#endif
