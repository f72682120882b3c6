/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RFC 5424:
 *   <PRI>1 TIMESTAMP HOSTNAME casniff PROCID MSGID [casniff@32473 key="value" ...] MSG
 *
 * glibc's syslog(3) sends the older form of RFC 3164 to the same socket; rsyslog and syslog-ng
 * tell the two apart by the version behind the priority. The journal, which may be the one
 * that listens there, takes the priority and keeps the rest as its message.
 */
#include <errno.h>

#include <casniff/alert_text.h>

#include "output/alert_facts.h"
#include "output/format.h"

#define FACILITY_DAEMON 3u
#define HOSTNAME_MAX    255 /* RFC 5424, 6 */

/*
 * A datagram that every daemon takes: rsyslog's default is the least, with 8 KiB. Nothing
 * legitimate comes near; what is longer is cut in its message, never in its facts.
 */
#define MESSAGE_MAX 8000
#define FACTS_MAX   ((size_t)128 * 1024)

/* 32473 is the enterprise number for those who have none (RFC 5612). */
static const char facts_begin[] = "[casniff@32473";

static void put_hostname(struct cas_buf *out, const char *hostname)
{
    if (hostname == NULL || hostname[0] == '\0') {
        cas_buf_append_u8(out, '-');
        return;
    }
    for (size_t i = 0; i < HOSTNAME_MAX && hostname[i] != '\0'; i++) {
        bool is_printable = hostname[i] > ' ' && hostname[i] <= '~';
        cas_buf_append_u8(out, is_printable ? (uint8_t)hostname[i] : '?');
    }
}

/* RFC 5424, 6.3.3: '"', '\' and ']' get a backslash in front. */
static void put_fact(struct cas_buf *out, const char *key, struct cas_view value)
{
    cas_buf_append_u8(out, ' ');
    cas_buf_append_text(out, key);
    cas_buf_append_text(out, "=\"");
    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] == '"' || value.data[i] == '\\' || value.data[i] == ']') {
            cas_buf_append_u8(out, '\\');
        }
        cas_buf_append_u8(out, value.data[i]);
    }
    cas_buf_append_u8(out, '"');
}

/* No further than the longest message, and not inside a character. */
static void cut_message(struct cas_buf *out)
{
    size_t len = out->len;
    if (len > MESSAGE_MAX) {
        len = MESSAGE_MAX;
        while (len > 0 && (out->data[len] & 0xc0) == 0x80) {
            len--;
        }
        cas_buf_cut(out, len);
    }
}

int cas_alert_to_syslog(const struct cas_alert_event *event, const char *hostname, uint32_t pid,
                        const struct cas_writer *writer)
{
    struct cas_buf out = cas_buf_init(FACTS_MAX, NULL);
    cas_buf_append_format(&out, "<%u>1 ", FACILITY_DAEMON * 8 + cas_alert_priority(event));
    cas_format_time(&out, event->head.timestamp_us);
    cas_buf_append_u8(&out, ' ');
    put_hostname(&out, hostname);
    cas_buf_append_format(&out, " casniff %u %s ", pid, cas_alert_cause_name(event->cause));
    cas_buf_append_text(&out, facts_begin);
    cas_alert_facts(&out, event, put_fact);
    cas_buf_append_text(&out, "] ");
    cas_alert_sentence(&out, event);
    cut_message(&out);
    int reason = cas_buf_ok(&out) ? writer->write(writer->user, cas_buf_view(&out)) : ENOMEM;
    cas_buf_finish(&out);
    return reason;
}
