/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal's native protocol: a datagram of fields, each either
 *   KEY=value\n                                 without a newline in value, or
 *   KEY\n, u64 length (little endian), value\n  with anything in it.
 * Everything that may hold a peer's text takes the second form: then nothing in it can begin a
 * field of its own, whatever the text is.
 */
#include <errno.h>

#include <casniff/alert_text.h>

#include "output/alert_facts.h"

#define FIELDS_MAX   ((size_t)128 * 1024)
#define LENGTH_BYTES 8
#define BITS_A_BYTE  8

/* Never changed: catalogs and filters know them. */
static const char *const message_ids[CAS_ALERT_CAUSES] = {
    [CAS_ALERT_LIST_NEAR_LIMIT] = "b76b1097bee64cf785c5ff4a22c6c8c4",
    [CAS_ALERT_LIST_OVER_LIMIT] = "21626a20c6a6465a8dc88122aaafedb3",
    [CAS_ALERT_TRUNCATION_SUSPECTED] = "784a3495d0ec49af90a7ad8c738fc719",
    [CAS_ALERT_TRUNCATION_CONFIRMED] = "3e38d6b4bd084cdba1e28d1ddbd453be",
    [CAS_ALERT_LIST_CHANGED] = "0149fff701dc418785893d2be30f39e6",
    [CAS_ALERT_LIST_SHRANK] = "c183aee5be1d4211815c9adbe750410a",
    [CAS_ALERT_CLIENTS_REFUSING] = "423a66f72f534e30a0b7190a36164087",
    [CAS_ALERT_CLIENT_CUT_OFF] = "8f5ad77d4f344d25a4918cec79aa4f8e",
};

static void put_length(struct cas_buf *out, uint64_t len)
{
    for (unsigned i = 0; i < LENGTH_BYTES; i++) {
        cas_buf_append_u8(out, (uint8_t)(len >> (i * BITS_A_BYTE)));
    }
}

/* "ca_bytes" becomes CASNIFF_CA_BYTES. */
static void put_fact(struct cas_buf *out, const char *key, struct cas_view value)
{
    cas_buf_append_text(out, "CASNIFF_");
    for (size_t i = 0; key[i] != '\0'; i++) {
        bool is_lower = key[i] >= 'a' && key[i] <= 'z';
        cas_buf_append_u8(out, (uint8_t)(is_lower ? key[i] - 'a' + 'A' : key[i]));
    }
    cas_buf_append_u8(out, '\n');
    put_length(out, value.len);
    cas_buf_append(out, value);
    cas_buf_append_u8(out, '\n');
}

static void put_message(struct cas_buf *out, const struct cas_alert_event *event)
{
    struct cas_buf sentence = cas_buf_init(FIELDS_MAX, NULL);
    cas_alert_sentence(&sentence, event);
    if (cas_buf_ok(&sentence)) {
        cas_buf_append_text(out, "MESSAGE\n");
        put_length(out, sentence.len);
        cas_buf_append(out, cas_buf_view(&sentence));
        cas_buf_append_u8(out, '\n');
    } else {
        out->failed = true;
    }
    cas_buf_finish(&sentence);
}

int cas_alert_to_journal(const struct cas_alert_event *event, const struct cas_writer *writer)
{
    struct cas_buf out = cas_buf_init(FIELDS_MAX, NULL);
    put_message(&out, event);
    cas_buf_append_format(&out,
                          "PRIORITY=%u\nMESSAGE_ID=%s\nSYSLOG_IDENTIFIER=casniff\n"
                          "SYSLOG_FACILITY=3\n",
                          cas_alert_priority(event), message_ids[event->cause]);
    cas_alert_facts(&out, event, put_fact);
    int reason = cas_buf_ok(&out) ? writer->write(writer->user, cas_buf_view(&out)) : ENOMEM;
    cas_buf_finish(&out);
    return reason;
}
