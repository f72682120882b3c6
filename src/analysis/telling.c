/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/telling.h"

#include "analysis/diagnosis.h"
#include "analysis/finding.h"
#include "analysis/relay_writer.h"

void cas_tell_anomaly(struct cas_run *run, const struct cas_event_head *head, const char *code,
                      const char *text)
{
    const struct cas_sink *sink = &run->config.sink;
    if (run->relay != NULL) {
        const struct cas_relay_anomaly anomaly = { *head, code, text };
        cas_relay_write_anomaly(run->relay, &anomaly);
        return;
    }
    if (!cas_anomaly_limits_take(&run->anomalies, code, head->timestamp_us)) {
        cas_count(&run->counters, CAS_COUNT_ANOMALIES_SUPPRESSED);
        return;
    }
    cas_count(&run->counters, CAS_COUNT_ANOMALIES_TOLD);
    if (sink->anomaly != NULL) {
        struct cas_anomaly_event event = { .head = *head, .code = code, .text = text };
        event.head.seq = cas_run_next_seq(run);
        sink->anomaly(sink->user, &event);
    }
}

static bool is_selected(enum cas_select select, const struct cas_client_auth_info *auth)
{
    switch (select) {
    case CAS_SELECT_ALL:
        return true;
    case CAS_SELECT_REQUESTS:
        return auth->requested == CAS_REQUESTED_YES || auth->requested == CAS_REQUESTED_HIDDEN;
    case CAS_SELECT_FINDINGS:
        return cas_diagnosis_worst(auth->diagnosis, auth->diagnosis_len) != CAS_SEVERITY_INFO;
    }
    return true;
}

static void tell_event(struct cas_run *run, struct cas_handshake_event *event)
{
    const struct cas_sink *sink = &run->config.sink;
    if (sink->handshake != NULL && is_selected(run->config.select, &event->client_auth)) {
        event->head.seq = cas_run_next_seq(run);
        sink->handshake(sink->user, event);
    }
}

static void tell_list(struct cas_run *run, const struct cas_handshake_event *handshake,
                      enum cas_list_news news)
{
    const struct cas_sink *sink = &run->config.sink;
    if (sink->ca_list == NULL || news == CAS_LIST_NEWS_NONE) {
        return;
    }
    struct cas_ca_list_event event = {
        .head = handshake->head,
        .sni = handshake->tls.sni,
        .version = handshake->tls.version,
        .ca_list = handshake->ca_list,
        .is_heartbeat = news == CAS_LIST_NEWS_HEARTBEAT,
    };
    event.head.seq = cas_run_next_seq(run);
    sink->ca_list(sink->user, &event);
}

static void tell_alert(void *user, struct cas_alert_event *event)
{
    struct cas_run *run = user;
    event->head.seq = cas_run_next_seq(run);
    run->config.sink.alert(run->config.sink.user, event);
}

/* The list first, so that who reads an alert has what it is about. What may be saved of it. */
static struct cas_finding tell_news(struct cas_run *run, const struct cas_shown *shown)
{
    uint64_t alerts = run->counters.value[CAS_COUNT_ALERTS_TOLD];
    const struct cas_inventory_entry entry = {
        .event = shown->event,
        .report = shown->parts->report,
    };
    const struct cas_inventory_noted noted = cas_inventory_note(&run->inventory, &entry);
    tell_list(run, shown->event, noted.news);
    if (run->config.sink.alert != NULL && noted.server != NULL) {
        const struct cas_alert_teller teller = { .user = run, .tell = tell_alert };
        const struct cas_alert_subject subject = {
            .server = noted.server,
            .memory = noted.memory,
        };
        cas_alerts_raise(&run->alerts, &subject, shown->event, &teller, &run->scratch);
    }
    return (struct cas_finding){
        .event = shown->event,
        .anomalies = shown->anomalies,
        .has_alert = run->counters.value[CAS_COUNT_ALERTS_TOLD] != alerts,
        .ration = noted.ration,
    };
}

void cas_tell_handshake(struct cas_run *run, const struct cas_shown *shown)
{
    if (run->relay != NULL) {
        cas_relay_write_handshake(run->relay, shown);
        return;
    }
    const struct cas_finding finding = tell_news(run, shown);
    tell_event(run, shown->event);
    cas_finding_tell(run, shown->flow, &finding);
}

void cas_tell_late_list(struct cas_run *run, const struct cas_shown *shown)
{
    if (run->relay != NULL) {
        cas_relay_write_late_list(run->relay, shown);
        return;
    }
    (void)tell_news(run, shown);
}

void cas_tell_doubt(struct cas_run *run, const struct cas_shown *shown,
                    struct cas_list_report *told)
{
    if (run->relay != NULL) {
        cas_relay_write_doubt(run->relay, shown, told);
        return;
    }
    const struct cas_inventory_entry entry = {
        .event = shown->event,
        .report = shown->parts->report,
    };
    cas_inventory_take_back(&run->inventory, &entry, told);
    tell_list(run, shown->event, CAS_LIST_NEWS_FULL);
}

/* The connection counts as one that was asked, or may have been; unless it was not. */
void cas_tell_renegotiation(struct cas_run *run, struct cas_handshake_event *event,
                            const struct cas_relay_before *before)
{
    if (run->relay != NULL) {
        cas_relay_write_renegotiation(run->relay, event, before);
        return;
    }
    const struct cas_inventory_entry entry = { .event = event };
    if (event->client_auth.requested != CAS_REQUESTED_NO) {
        cas_inventory_renegotiated(&run->inventory, &entry, before->requested, before->answer);
    }
    tell_event(run, event);
}

void cas_tell_late_frame(struct cas_run *run, const struct cas_relay_late_frame *late)
{
    if (run->relay != NULL) {
        cas_relay_write_late_frame(run->relay, late);
        return;
    }
    cas_finding_tell_late(run, &late->frame);
}
