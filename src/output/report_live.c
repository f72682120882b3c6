/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report for people who watch: a block when a server's list is seen first or changes, a
 * line for each alert and for what happens to an interface, the totals at the end. It runs for
 * months, so that nothing is held but counts.
 */
#include <stdlib.h>

#include "output/form.h"
#include "output/format.h"
#include "output/text_anomalies.h"
#include "output/text_list.h"
#include "output/text_server.h"
#include "output/text_totals.h"

struct live_report {
    struct cas_text_totals totals;
    struct cas_text_anomalies anomalies;
};

static struct cas_text text_of(struct cas_report *report)
{
    return (struct cas_text){
        .out = &report->out,
        .colour = report->options.colour,
        .names = report->options.names,
    };
}

static void tell_handshake(void *user, const struct cas_handshake_event *event)
{
    struct cas_report *report = user;
    if (report->options.verbose) {
        struct cas_text text = text_of(report);
        cas_text_handshake(&text, event);
        cas_form_write(report);
    }
}

/* "seen  2026-11-23T10:31:07.123456Z by 10.0.0.1:40000" */
static void put_seen(const struct cas_text *text, const struct cas_event_head *head)
{
    cas_text_label(text, CAS_TEXT_PLAIN, "seen");
    cas_format_time(text->out, head->timestamp_us);
    if (head->src.family != 0) {
        cas_buf_append_text(text->out, " by ");
        cas_format_endpoint(text->out, &head->src);
    }
    if (head->in_iface != NULL) {
        cas_buf_append_text(text->out, " on ");
        cas_format_text(text->out, head->in_iface);
    }
    cas_text_end_line(text);
}

static void tell_ca_list(void *user, const struct cas_ca_list_event *event)
{
    struct cas_report *report = user;
    struct cas_text text = text_of(report);
    if (event->is_heartbeat) {
        return;
    }
    cas_text_who(&text, &event->head.dest, event->sni, event->version);
    cas_text_list_verdict(&text, event->ca_list);
    cas_text_end_line(&text);
    cas_text_list_summary(&text, event->ca_list);
    put_seen(&text, &event->head);
    cas_text_list_details(&text, event->ca_list);
    cas_text_end_line(&text);
    cas_form_write(report);
}

/* "2026-11-23T10:31:07.123456Z  ", painted word, two blanks: how both kinds of line begin. */
static void begin_line(const struct cas_text *text, uint64_t timestamp_us,
                       enum cas_text_colour colour, const char *word)
{
    cas_format_time(text->out, timestamp_us);
    cas_text_spaces(text, 2);
    cas_text_paint(text, colour, word);
    cas_text_spaces(text, 2);
}

/* " (and 1,000 handshakes since the last alert)" */
static void put_since(const struct cas_text *text, const struct cas_alert_event *event)
{
    if (event->occurrences > 0) {
        cas_buf_append_text(text->out, " (");
        cas_text_count(text, event->occurrences, "more handshake", "more handshakes");
        cas_buf_append_text(text->out, " since its last alert)");
    }
    if (event->suppressed > 0) {
        cas_buf_append_text(text->out, " (");
        cas_text_count(text, event->suppressed, "alert was", "alerts were");
        cas_buf_append_text(text->out, " held back before)");
    }
}

static void tell_alert(void *user, const struct cas_alert_event *event)
{
    struct cas_report *report = user;
    struct cas_text text = text_of(report);
    begin_line(&text, event->head.timestamp_us, cas_text_severity_colour(event->severity),
               cas_severity_name(event->severity));
    cas_format_endpoint(text.out, &event->head.dest);
    if (event->sni != NULL) {
        cas_text_spaces(&text, 1);
        cas_format_text(text.out, event->sni);
    }
    cas_buf_append_text(text.out, ": ");
    cas_format_text(text.out, event->signature);
    put_since(&text, event);
    cas_text_end_line(&text);
    cas_form_write(report);
}

static void tell_capture(void *user, const struct cas_capture_event *event)
{
    struct cas_report *report = user;
    struct cas_text text = text_of(report);
    bool is_good = event->state == CAS_IFACE_UP || event->state == CAS_IFACE_BACK;
    begin_line(&text, event->head.timestamp_us, is_good ? CAS_TEXT_PLAIN : CAS_TEXT_YELLOW,
               cas_iface_state_name(event->state));
    cas_format_text(text.out, event->iface);
    if (event->text != NULL) {
        cas_buf_append_text(text.out, ": ");
        cas_format_text(text.out, event->text);
    }
    cas_text_end_line(&text);
    cas_form_write(report);
}

static void tell_server(void *user, const struct cas_server_event *event)
{
    const struct cas_report *report = user;
    struct live_report *state = report->state;
    cas_text_totals_add_server(&state->totals, event);
}

static void tell_anomaly(void *user, const struct cas_anomaly_event *event)
{
    const struct cas_report *report = user;
    struct live_report *state = report->state;
    cas_text_anomalies_add(&state->anomalies, event);
}

static void tell_stats(void *user, const struct cas_stats_event *event)
{
    const struct cas_report *report = user;
    struct live_report *state = report->state;
    cas_text_totals_add_stats(&state->totals, event);
}

static void tell_end(void *user)
{
    struct cas_report *report = user;
    const struct live_report *state = report->state;
    struct cas_text text = text_of(report);
    cas_text_totals_headline(&state->totals, &text);
    cas_text_anomalies_put(&state->anomalies, &text);
    cas_text_totals_unseen(&state->totals, &text);
    cas_form_write(report);
}

static void destroy(void *user)
{
    struct live_report *state = user;
    cas_text_anomalies_finish(&state->anomalies);
    free(state);
}

bool cas_form_live(struct cas_report *report)
{
    struct live_report *state = calloc(1, sizeof(*state));
    if (state == NULL) {
        return false;
    }
    report->state = state;
    report->destroy_state = destroy;
    if (report->options.names == CAS_NAMES_DEFAULT) {
        report->options.names = CAS_NAMES_FIRST;
    }
    report->sink = (struct cas_sink){
        .handshake = tell_handshake,
        .ca_list = tell_ca_list,
        .server = tell_server,
        .anomaly = tell_anomaly,
        .stats = tell_stats,
        .alert = tell_alert,
        .capture = tell_capture,
        .end = tell_end,
    };
    return true;
}
