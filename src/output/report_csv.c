/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One row a handshake, for spreadsheets: RFC 4180, with a header row. Columns are only ever
 * added at the end. Texts are always in quotes; one that a spreadsheet would run as a formula
 * gets an apostrophe in front.
 */
#include <string.h>

#include "bytes/reader.h"
#include "output/form.h"
#include "output/format.h"

const char cas_form_csv_heading[] =
    "timestamp,sensor_name,pcap_filename,pcap_cnt,client_ip,client_port,server_ip,server_port,"
    "sni,version,cipher,resumed,established,requested,answer,severity,diagnosis,alerts,"
    "client_subject,client_issuer,list_count,list_bytes,message_bytes,list_sha256,"
    "limit_name,limit_bytes,limit_percent,headroom,capture,capture_reasons,truncation,"
    "store_names,missing_count,first_missing\r\n";

/* Cells at the end of the row that stay empty: of a limit, a store, a list with both. */
#define LIMIT_CELLS 4
#define STORE_CELLS 3
#define LIST_CELLS  (4 + LIMIT_CELLS + 3 + STORE_CELLS)

static bool starts_formula(const char *text)
{
    return text[0] != '\0' && strchr("=+-@", text[0]) != NULL;
}

/* The inside of a quoted cell. */
static void append_doubled(struct cas_buf *out, const char *text)
{
    struct cas_view left = cas_view_of(text, strlen(text));
    while (left.len > 0) {
        size_t run = strcspn((const char *)left.data, "\"");
        cas_format_view(out, cas_view_part(left, 0, run));
        if (run < left.len) {
            cas_buf_append_text(out, "\"\"");
        }
        left = cas_view_part(left, run + 1, left.len);
    }
}

/* Every cell but the first of a row begins with its comma. */
static void next_cell(struct cas_buf *out)
{
    cas_buf_append_u8(out, ',');
}

static void skip_cells(struct cas_buf *out, size_t cells)
{
    for (size_t i = 0; i < cells; i++) {
        next_cell(out);
    }
}

static void put_text(struct cas_buf *out, const char *text)
{
    next_cell(out);
    if (text != NULL) {
        cas_buf_append_u8(out, '"');
        if (starts_formula(text)) {
            cas_buf_append_u8(out, '\'');
        }
        append_doubled(out, text);
        cas_buf_append_u8(out, '"');
    }
}

static void put_u64(struct cas_buf *out, uint64_t number)
{
    next_cell(out);
    cas_format_u64(out, number);
}

static void put_endpoint(struct cas_buf *out, const struct cas_endpoint *endpoint)
{
    next_cell(out);
    cas_format_address(out, endpoint);
    put_u64(out, endpoint->port);
}

static void put_head(struct cas_buf *out, const struct cas_event_head *head)
{
    cas_format_time(out, head->timestamp_us);
    put_text(out, head->sensor_name);
    put_text(out, head->pcap_filename);
    put_u64(out, head->frame);
    put_endpoint(out, &head->src);
    put_endpoint(out, &head->dest);
}

/* The worst severity, and the codes. */
static void put_diagnosis(struct cas_buf *out, const struct cas_client_auth_info *auth)
{
    enum cas_severity worst = CAS_SEVERITY_INFO;
    for (size_t i = 0; i < auth->diagnosis_len; i++) {
        if (auth->diagnosis[i].severity > worst) {
            worst = auth->diagnosis[i].severity;
        }
    }
    put_text(out, auth->diagnosis_len > 0 ? cas_severity_name(worst) : NULL);
    next_cell(out);
    for (size_t i = 0; i < auth->diagnosis_len; i++) {
        cas_buf_append_text(out, i > 0 ? " " : "");
        cas_buf_append_text(out, cas_diagnosis_name(auth->diagnosis[i].code));
    }
}

/* "server:40", "client:46 client:0" */
static void put_alerts(struct cas_buf *out, const struct cas_tls_info *tls)
{
    next_cell(out);
    for (size_t i = 0; i < tls->alerts_len; i++) {
        cas_buf_append_text(out, i > 0 ? " " : "");
        cas_buf_append_text(out, cas_side_name(tls->alerts[i].from));
        cas_buf_append_u8(out, ':');
        cas_format_u64(out, tls->alerts[i].code);
    }
}

static void put_client_cert(struct cas_buf *out, const struct cas_tls_info *tls)
{
    const struct cas_cert_info *leaf = tls->client_certs_len > 0 ? tls->client_certs[0] : NULL;
    put_text(out, leaf != NULL ? leaf->subject : NULL);
    put_text(out, leaf != NULL ? leaf->issuer : NULL);
}

static void put_handshake(struct cas_buf *out, const struct cas_handshake_event *event)
{
    put_text(out, event->tls.sni);
    put_text(out, event->tls.version);
    put_text(out, event->tls.cipher);
    put_text(out, event->tls.resumed ? "yes" : "no");
    put_text(out, cas_established_name(event->tls.established));
    put_text(out, cas_requested_name(event->client_auth.requested));
    put_text(out, cas_answer_name(event->client_auth.answer));
    put_diagnosis(out, &event->client_auth);
    put_alerts(out, &event->tls);
    put_client_cert(out, &event->tls);
}

static void put_store(struct cas_buf *out, const struct cas_store_info *store)
{
    if (store == NULL) {
        skip_cells(out, STORE_CELLS);
        return;
    }
    put_u64(out, store->names);
    put_u64(out, store->missing_count);
    put_text(out, store->first_missing);
}

static void put_limit(struct cas_buf *out, const struct cas_ca_list_info *list)
{
    if (list->limit_name == NULL) {
        skip_cells(out, LIMIT_CELLS);
        return;
    }
    put_text(out, list->limit_name);
    put_u64(out, list->limit_bytes);
    put_u64(out, list->limit_percent);
    put_text(out, cas_headroom_name(list->headroom));
}

static void put_capture(struct cas_buf *out, const struct cas_ca_list_info *list)
{
    put_text(out, cas_seen_name(list->seen));
    next_cell(out);
    const char *separator = "";
    for (size_t i = 0; i < CAS_REASONS; i++) {
        if ((list->reasons & CAS_REASON_BIT(i)) != 0) {
            cas_buf_append_text(out, separator);
            cas_buf_append_text(out, cas_reason_name((enum cas_reason)i));
            separator = " ";
        }
    }
}

static void put_list(struct cas_buf *out, const struct cas_ca_list_info *list)
{
    if (list == NULL) {
        skip_cells(out, LIST_CELLS);
        return;
    }
    put_u64(out, list->count);
    put_u64(out, list->bytes);
    put_u64(out, list->message_bytes);
    next_cell(out);
    cas_buf_append_hex(out, cas_view_of(list->sha256, sizeof(list->sha256)));
    put_limit(out, list);
    put_capture(out, list);
    put_text(out, cas_truncation_name(list->truncation));
    put_store(out, list->store);
}

static void tell_handshake(void *user, const struct cas_handshake_event *event)
{
    struct cas_report *report = user;
    put_head(&report->out, &event->head);
    put_handshake(&report->out, event);
    put_list(&report->out, event->ca_list);
    cas_buf_append_text(&report->out, "\r\n");
    cas_form_write(report);
}

bool cas_form_csv(struct cas_report *report)
{
    report->sink = (struct cas_sink){ .handshake = tell_handshake };
    return true;
}
