/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events as JSON lines; man/casniff-events.schema.json describes every member. */
#include <assert.h>
#include <string.h>

#include "bytes/reader.h"
#include "output/form.h"
#include "output/json.h"
#include "output/json_ca_list.h"
#include "output/json_cert.h"

#define GROUP_MAX 32 /* longest name of a group of counters, with its end */

/* The line of an event is opened with its envelope and closed with its end and a newline. */
static struct cas_json open_event(struct cas_report *report, const char *type,
                                  const struct cas_event_head *head)
{
    struct cas_json json = cas_json_init(&report->out);
    cas_json_object(&json, NULL);
    cas_json_u64(&json, "v", CAS_EVENT_VERSION);
    cas_json_time(&json, "timestamp", head->timestamp_us);
    cas_json_string(&json, "event_type", type);
    cas_json_u64(&json, "event_seq", head->seq);
    cas_json_string(&json, "sensor_name", head->sensor_name);
    cas_json_string(&json, "in_iface", head->in_iface);
    cas_json_string(&json, "pcap_filename", head->pcap_filename);
    if (head->frame != 0) {
        cas_json_u64(&json, "pcap_cnt", head->frame);
    }
    if (head->flow_id != 0) {
        cas_json_u64(&json, "flow_id", head->flow_id);
    }
    if (head->community_id[0] != '\0') {
        cas_json_string(&json, "community_id", head->community_id);
    }
    return json;
}

static void close_event(struct cas_report *report, struct cas_json *json)
{
    cas_json_object_end(json);
    cas_buf_append_u8(&report->out, '\n');
    cas_form_write(report);
}

static void put_vlan(struct cas_json *json, const struct cas_event_head *head)
{
    if (head->vlan_len == 0) {
        return;
    }
    cas_json_array(json, "vlan");
    for (size_t i = 0; i < head->vlan_len; i++) {
        cas_json_u64(json, NULL, head->vlan[i]);
    }
    cas_json_array_end(json);
}

static void put_addresses(struct cas_json *json, const struct cas_event_head *head)
{
    if (head->src.family != 0) {
        cas_json_address(json, "src_ip", &head->src);
        cas_json_u64(json, "src_port", head->src.port);
    }
    if (head->dest.family != 0) {
        cas_json_address(json, "dest_ip", &head->dest);
        cas_json_u64(json, "dest_port", head->dest.port);
        cas_json_string(json, "proto", "TCP");
    }
    put_vlan(json, head);
}

static void put_alerts(struct cas_json *json, const struct cas_tls_info *tls)
{
    cas_json_array(json, "alerts");
    for (size_t i = 0; i < tls->alerts_len; i++) {
        const struct cas_alert_info *alert = &tls->alerts[i];
        cas_json_object(json, NULL);
        cas_json_string(json, "from", cas_side_name(alert->from));
        cas_json_string(json, "level", alert->level);
        cas_json_string(json, "description", alert->description);
        cas_json_u64(json, "code", alert->code);
        cas_json_object_end(json);
    }
    cas_json_array_end(json);
}

static void put_left_out(struct cas_json *json, const char *key, size_t left_out)
{
    if (left_out > 0) {
        cas_json_u64(json, key, left_out);
    }
}

static void put_incomplete(struct cas_json *json, const char *key, bool is_incomplete)
{
    if (is_incomplete) {
        cas_json_bool(json, key, false);
    }
}

static void put_tls(struct cas_json *json, struct cas_json_kept *kept,
                    const struct cas_tls_info *tls)
{
    cas_json_object(json, "tls");
    cas_json_string(json, "version", tls->version);
    cas_json_string(json, "cipher", tls->cipher);
    cas_json_string(json, "sni", tls->sni);
    cas_json_strings(json, "alpn", tls->alpn, tls->alpn_len);
    if (tls->is_renegotiation) {
        cas_json_bool(json, "renegotiation", true);
    }
    cas_json_bool(json, "resumed", tls->resumed);
    cas_json_string(json, "established", cas_established_name(tls->established));
    cas_json_string(json, "ja3", tls->ja3);
    cas_json_string(json, "ja3s", tls->ja3s);
    cas_json_string(json, "ja4", tls->ja4);
    put_alerts(json, tls);
    cas_json_certs(json, kept, "server_certs", tls->server_certs, tls->server_certs_len);
    put_left_out(json, "server_certs_left_out", tls->server_certs_left_out);
    put_incomplete(json, "server_certs_complete", tls->server_certs_incomplete);
    cas_json_certs(json, kept, "client_certs", tls->client_certs, tls->client_certs_len);
    put_left_out(json, "client_certs_left_out", tls->client_certs_left_out);
    put_incomplete(json, "client_certs_complete", tls->client_certs_incomplete);
    cas_json_strings(json, "hello_ca_names", tls->hello_ca_names, tls->hello_ca_names_len);
    cas_json_object_end(json);
}

/* Of events that know no more of TLS than this. */
static void put_tls_brief(struct cas_json *json, const char *version, const char *sni)
{
    cas_json_object(json, "tls");
    cas_json_string(json, "version", version);
    cas_json_string(json, "sni", sni);
    cas_json_object_end(json);
}

static void put_diagnosis(struct cas_json *json, const struct cas_diagnosis *diagnosis,
                          size_t len)
{
    cas_json_array(json, "diagnosis");
    for (size_t i = 0; i < len; i++) {
        cas_json_object(json, NULL);
        cas_json_string(json, "code", cas_diagnosis_name(diagnosis[i].code));
        cas_json_string(json, "severity", cas_severity_name(diagnosis[i].severity));
        cas_json_string(json, "text", diagnosis[i].text);
        cas_json_object_end(json);
    }
    cas_json_array_end(json);
}

static void put_request_size(struct cas_json *json, const struct cas_request_size *size)
{
    cas_json_object(json, "request_size");
    cas_json_u64(json, "min", size->least);
    cas_json_u64(json, "max", size->most);
    if (size->limit_name != NULL) {
        cas_json_string(json, "limit_name", size->limit_name);
        cas_json_u64(json, "limit_bytes", size->limit_bytes);
        cas_json_u64(json, "limit_counted_min", size->limit_counted);
        cas_json_u64(json, "limit_percent_min", size->limit_percent_least);
        cas_json_u64(json, "limit_percent", size->limit_percent);
        cas_json_string(json, "headroom_min", cas_headroom_name(size->headroom_least));
        cas_json_string(json, "headroom", cas_headroom_name(size->headroom));
    }
    cas_json_array(json, "clients_refusing");
    for (size_t i = 0; i < size->clients_refusing_len; i++) {
        cas_json_string(json, NULL, size->clients_refusing[i]);
    }
    cas_json_array_end(json);
    cas_json_object_end(json);
}

static void put_client_auth(struct cas_json *json, const struct cas_client_auth_info *auth)
{
    cas_json_object(json, "client_auth");
    cas_json_string(json, "requested", cas_requested_name(auth->requested));
    if (auth->requested == CAS_REQUESTED_YES ||
        (auth->requested == CAS_REQUESTED_NO && auth->how != CAS_HOW_PLAINTEXT)) {
        cas_json_string(json, "how", cas_how_name(auth->how));
    }
    cas_json_string(json, "answer", cas_answer_name(auth->answer));
    if (auth->request_size != NULL) {
        put_request_size(json, auth->request_size);
    }
    if (auth->encrypted_alert) {
        cas_json_bool(json, "encrypted_alert", true);
    }
    put_diagnosis(json, auth->diagnosis, auth->diagnosis_len);
    cas_json_object_end(json);
}

static void tell_handshake(void *user, const struct cas_handshake_event *event)
{
    struct cas_report *report = user;
    struct cas_json json = open_event(report, "handshake", &event->head);
    put_addresses(&json, &event->head);
    put_tls(&json, report->state, &event->tls);
    put_client_auth(&json, &event->client_auth);
    if (event->ca_list != NULL) {
        cas_json_ca_list_brief(&json, report->state, event->ca_list);
    }
    close_event(report, &json);
}

static void tell_ca_list(void *user, const struct cas_ca_list_event *event)
{
    struct cas_report *report = user;
    struct cas_json json = open_event(report, "ca_list", &event->head);
    put_addresses(&json, &event->head);
    put_tls_brief(&json, event->version, event->sni);
    if (event->is_heartbeat) {
        cas_json_bool(&json, "heartbeat", true);
        cas_json_ca_list_brief(&json, report->state, event->ca_list);
    } else {
        cas_json_ca_list_full(&json, event->ca_list, report->options.names);
    }
    close_event(report, &json);
}

static void put_failure(struct cas_json *json, const struct cas_failure_info *failure)
{
    cas_json_object(json, NULL);
    cas_json_time(json, "timestamp", failure->timestamp_us);
    if (failure->frame != 0) {
        cas_json_u64(json, "pcap_cnt", failure->frame);
    }
    if (failure->client.family != 0) {
        cas_json_address(json, "src_ip", &failure->client);
        cas_json_u64(json, "src_port", failure->client.port);
    }
    cas_json_string(json, "outcome", failure->is_doubtful ? "doubtful" : "failed");
    cas_json_string(json, "answer", cas_answer_name(failure->answer));
    put_diagnosis(json, failure->diagnosis, failure->diagnosis_len);
    cas_json_object_end(json);
}

static void put_tallies(struct cas_json *json, const struct cas_server_event *event)
{
    cas_json_object(json, "requested");
    for (size_t i = 0; i <= CAS_REQUESTED_HIDDEN; i++) {
        cas_json_u64(json, cas_requested_name((enum cas_requested)i), event->requested[i]);
    }
    cas_json_object_end(json);
    cas_json_object(json, "answers");
    for (size_t i = 0; i <= CAS_ANSWER_HIDDEN; i++) {
        cas_json_u64(json, cas_answer_name((enum cas_answer)i), event->answers[i]);
    }
    cas_json_object_end(json);
}

static void tell_server(void *user, const struct cas_server_event *event)
{
    struct cas_report *report = user;
    struct cas_json json = open_event(report, "server", &event->head);
    put_addresses(&json, &event->head);
    put_tls_brief(&json, event->version, event->sni);
    cas_json_object(&json, "server");
    cas_json_time(&json, "first", event->first_us);
    cas_json_time(&json, "last", event->last_us);
    cas_json_u64(&json, "handshakes", event->handshakes);
    cas_json_u64(&json, "resumed", event->resumed);
    put_tallies(&json, event);
    if (event->inferred > 0) {
        cas_json_u64(&json, "inferred", event->inferred);
    }
    cas_json_u64(&json, "failures_count", event->failures_count);
    cas_json_u64(&json, "doubtful_count", event->doubtful_count);
    cas_json_array(&json, "failures");
    for (size_t i = 0; i < event->failures_len; i++) {
        put_failure(&json, &event->failures[i]);
    }
    cas_json_array_end(&json);
    cas_json_object_end(&json);
    if (event->ca_list != NULL) {
        cas_json_ca_list_brief(&json, report->state, event->ca_list);
    }
    close_event(report, &json);
}

static void tell_anomaly(void *user, const struct cas_anomaly_event *event)
{
    struct cas_report *report = user;
    struct cas_json json = open_event(report, "anomaly", &event->head);
    put_addresses(&json, &event->head);
    cas_json_object(&json, "anomaly");
    cas_json_string(&json, "code", event->code);
    cas_json_string(&json, "text", event->text);
    cas_json_object_end(&json);
    close_event(report, &json);
}

/* EVE's: 1 is the worst. */
static unsigned eve_severity(enum cas_severity severity)
{
    static const unsigned numbers[] = {
        [CAS_SEVERITY_INFO] = 3,
        [CAS_SEVERITY_WARNING] = 2,
        [CAS_SEVERITY_ERROR] = 1,
    };
    return numbers[severity];
}

static void put_previous(struct cas_json *json, const struct cas_list_brief *previous)
{
    cas_json_object(json, "previous");
    cas_json_u64(json, "count", previous->count);
    cas_json_u64(json, "bytes", previous->bytes);
    cas_json_hex(json, "sha256", cas_view_of(previous->sha256, sizeof(previous->sha256)));
    cas_json_object_end(json);
}

static void put_alert(struct cas_json *json, const struct cas_alert_event *event)
{
    cas_json_object(json, "alert");
    cas_json_u64(json, "severity", eve_severity(event->severity));
    cas_json_string(json, "signature", event->signature);
    cas_json_string(json, "category", event->category);
    cas_json_u64(json, "signature_id", event->signature_id);
    cas_json_string(json, "cause", cas_alert_cause_name(event->cause));
    if (event->request_size != NULL) {
        cas_json_string(json, "how", cas_how_name(event->how));
        put_request_size(json, event->request_size);
    }
    cas_json_u64(json, "occurrences", event->occurrences);
    cas_json_u64(json, "suppressed", event->suppressed);
    if (event->previous != NULL) {
        put_previous(json, event->previous);
    }
    cas_json_object_end(json);
}

static void tell_alert(void *user, const struct cas_alert_event *event)
{
    struct cas_report *report = user;
    struct cas_json json = open_event(report, "alert", &event->head);
    put_addresses(&json, &event->head);
    put_alert(&json, event);
    put_tls_brief(&json, event->version, event->sni);
    if (event->ca_list != NULL) {
        cas_json_ca_list_brief(&json, report->state, event->ca_list);
    }
    if (event->diagnosis != NULL) {
        put_diagnosis(&json, event->diagnosis, 1);
    }
    close_event(report, &json);
}

static void tell_capture(void *user, const struct cas_capture_event *event)
{
    struct cas_report *report = user;
    struct cas_json json = open_event(report, "capture", &event->head);
    cas_json_object(&json, "capture");
    cas_json_string(&json, "iface", event->iface);
    cas_json_string(&json, "state", cas_iface_state_name(event->state));
    cas_json_string(&json, "text", event->text);
    cas_json_object_end(&json);
    close_event(report, &json);
}

/* The part of a counter's name before the dot. */
static struct cas_view group_of(enum cas_counter counter)
{
    const char *name = cas_counter_name(counter);
    return cas_view_of(name, strcspn(name, "."));
}

/* "tcp.holes" becomes {"tcp":{"holes":...}}; counters of a group follow each other. */
static void put_counters(struct cas_json *json, const struct cas_counters *counters)
{
    struct cas_view open = { 0 };
    for (size_t i = 0; i < CAS_COUNTERS; i++) {
        struct cas_view group = group_of((enum cas_counter)i);
        if (!cas_view_equal(group, open)) {
            if (open.len > 0) {
                cas_json_object_end(json);
            }
            char key[GROUP_MAX];
            assert(group.len < sizeof(key));
            memcpy(key, group.data, group.len);
            key[group.len] = '\0';
            cas_json_object(json, key);
            open = group;
        }
        const char *name = strchr(cas_counter_name((enum cas_counter)i), '.');
        assert(name != NULL);
        cas_json_u64(json, &name[1], counters->value[i]);
    }
    cas_json_object_end(json);
}

static void tell_stats(void *user, const struct cas_stats_event *event)
{
    struct cas_report *report = user;
    struct cas_json json = open_event(report, "stats", &event->head);
    put_addresses(&json, &event->head);
    cas_json_object(&json, "stats");
    put_counters(&json, event->counters);
    cas_json_object_end(&json);
    close_event(report, &json);
}

static void put_cut(struct cas_json *json, const struct cas_plan_cut *cut)
{
    cas_json_object(json, NULL);
    cas_json_string(json, "limit_name", cut->limit_name);
    cas_json_u64(json, "limit_bytes", cut->limit_bytes);
    cas_json_u64(json, "limit_counted", cut->limit_counted);
    cas_json_u64(json, "limit_percent", cut->limit_percent);
    cas_json_u64(json, "names_sent", cut->names_sent);
    cas_json_string(json, "first_missing", cut->first_missing);
    cas_json_string(json, "effect", cut->effect);
    cas_json_object_end(json);
}

static void tell_plan(void *user, const struct cas_plan_event *event)
{
    struct cas_report *report = user;
    struct cas_json json = open_event(report, "plan", &event->head);
    cas_json_object(&json, "plan");
    cas_json_u64(&json, "entries", event->entries);
    cas_json_u64(&json, "count", event->names);
    cas_json_u64(&json, "bytes", event->bytes);
    cas_json_array(&json, "cuts");
    for (size_t i = 0; i < event->cuts_len; i++) {
        put_cut(&json, &event->cuts[i]);
    }
    cas_json_array_end(&json);
    cas_json_names(&json, event->name, event->names, report->options.names);
    cas_json_object_end(&json);
    close_event(report, &json);
}

static void destroy(void *state)
{
    cas_json_kept_destroy(state);
}

bool cas_form_json(struct cas_report *report)
{
    report->state = cas_json_kept_create();
    report->destroy_state = destroy;
    if (report->state == NULL) {
        return false;
    }
    if (report->options.names == CAS_NAMES_DEFAULT) {
        report->options.names = CAS_NAMES_ALL;
    }
    report->sink = (struct cas_sink){
        .handshake = tell_handshake,
        .ca_list = tell_ca_list,
        .server = tell_server,
        .anomaly = tell_anomaly,
        .stats = tell_stats,
        .plan = tell_plan,
        .alert = tell_alert,
        .capture = tell_capture,
    };
    return true;
}
