/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report for people: one block a server, those that need a reader first. Blocks are held
 * until the end, so that the first line can say what follows; when they outgrow HELD_MAX they
 * are written, still in that order, and holding begins anew.
 */
#include <stdlib.h>

#include "output/form.h"
#include "output/text_anomalies.h"
#include "output/text_plan.h"
#include "output/text_server.h"
#include "output/text_totals.h"

/* Thousands of blocks; far more than anybody reads. */
#define HELD_MAX ((size_t)4 * 1024 * 1024)

struct text_report {
    struct cas_buf blocks[CAS_TEXT_URGENCIES];
    struct cas_text_totals totals;
    struct cas_text_anomalies anomalies;
    bool has_plan;
};

static struct cas_text text_to(const struct cas_report *report, struct cas_buf *out)
{
    return (struct cas_text){
        .out = out,
        .colour = report->options.colour,
        .names = report->options.names,
    };
}

static void write_blocks(struct cas_report *report)
{
    struct text_report *state = report->state;
    for (size_t i = 0; i < CAS_TEXT_URGENCIES; i++) {
        cas_form_write_buf(report, &state->blocks[i]);
    }
}

static void tell_handshake(void *user, const struct cas_handshake_event *event)
{
    struct cas_report *report = user;
    if (report->options.verbose) {
        struct cas_text text = text_to(report, &report->out);
        cas_text_handshake(&text, event);
        cas_form_write(report);
    }
}

static void tell_server(void *user, const struct cas_server_event *event)
{
    struct cas_report *report = user;
    struct text_report *state = report->state;
    struct cas_text text = text_to(report, &state->blocks[cas_text_urgency(event)]);
    cas_text_server(&text, event);
    cas_text_totals_add_server(&state->totals, event);
    size_t held = 0;
    for (size_t i = 0; i < CAS_TEXT_URGENCIES; i++) {
        held += state->blocks[i].len;
    }
    if (held > HELD_MAX) {
        write_blocks(report);
    }
}

static void tell_anomaly(void *user, const struct cas_anomaly_event *event)
{
    struct cas_report *report = user;
    struct text_report *state = report->state;
    cas_text_anomalies_add(&state->anomalies, event);
}

static void tell_stats(void *user, const struct cas_stats_event *event)
{
    struct cas_report *report = user;
    struct text_report *state = report->state;
    cas_text_totals_add_stats(&state->totals, event);
}

static void tell_plan(void *user, const struct cas_plan_event *event)
{
    struct cas_report *report = user;
    struct text_report *state = report->state;
    struct cas_text text = text_to(report, &report->out);
    cas_text_plan(&text, event);
    cas_form_write(report);
    state->has_plan = true;
}

static void tell_end(void *user)
{
    struct cas_report *report = user;
    struct text_report *state = report->state;
    struct cas_text text = text_to(report, &report->out);
    if (state->has_plan) {
        return;
    }
    cas_text_totals_headline(&state->totals, &text);
    cas_form_write(report);
    write_blocks(report);
    cas_text_anomalies_put(&state->anomalies, &text);
    cas_text_totals_unseen(&state->totals, &text);
    cas_form_write(report);
}

static void destroy(void *user)
{
    struct text_report *state = user;
    for (size_t i = 0; i < CAS_TEXT_URGENCIES; i++) {
        cas_buf_finish(&state->blocks[i]);
    }
    cas_text_anomalies_finish(&state->anomalies);
    free(state);
}

bool cas_form_text(struct cas_report *report)
{
    struct text_report *state = calloc(1, sizeof(*state));
    if (state == NULL) {
        return false;
    }
    for (size_t i = 0; i < CAS_TEXT_URGENCIES; i++) {
        state->blocks[i] = cas_buf_init(CAS_FORM_MAX, NULL);
    }
    report->state = state;
    report->destroy_state = destroy;
    if (report->options.names == CAS_NAMES_DEFAULT) {
        report->options.names = CAS_NAMES_FIRST;
    }
    report->sink = (struct cas_sink){
        .handshake = tell_handshake,
        .server = tell_server,
        .anomaly = tell_anomaly,
        .stats = tell_stats,
        .plan = tell_plan,
        .end = tell_end,
    };
    return true;
}
