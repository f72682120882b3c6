/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/metrics.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <casniff/capture.h>
#include <casniff/version.h>

#include "output/metrics_form.h"

/* A hundred servers take 100 KiB; labels that are all escapes a few times that. */
#define METRICS_MAX ((size_t)16 * 1024 * 1024)

#define US_DIGITS      6
#define RATIO_DIGITS   3
#define RATIO_ONE      1000
#define LOSS_DIGITS    6
#define LOSS_ONE       1000000
#define OTHERS_UNNAMED "other"

/* A sample that is a counter as it stands; rows of one family follow each other. */
struct row {
    const char *name;
    const char *label; /* NULL: none */
    const char *value;
    enum cas_counter counter;
    const char *help; /* of the family's first row */
};

static const struct row rows[] = {
    { "casniff_packets_total", NULL, NULL, CAS_COUNT_FRAMES, "Packets that were looked at." },
    { "casniff_packet_bytes_total", NULL, NULL, CAS_COUNT_FRAME_BYTES,
      "Bytes captured of these packets." },
    { "casniff_packets_cut_total", NULL, NULL, CAS_COUNT_FRAMES_CUT,
      "Packets that were shorter than on the wire." },
    { "casniff_packets_ignored_total", "reason", "checksum", CAS_COUNT_TCP_CHECKSUM_BAD,
      "Packets that were of no use, by reason." },
    { "casniff_packets_ignored_total", "reason", "malformed_ip", CAS_COUNT_IP_MALFORMED, NULL },
    { "casniff_packets_ignored_total", "reason", "malformed_link", CAS_COUNT_LINK_MALFORMED,
      NULL },
    { "casniff_packets_ignored_total", "reason", "malformed_tcp", CAS_COUNT_TCP_MALFORMED,
      NULL },
    { "casniff_packets_ignored_total", "reason", "memory", CAS_COUNT_TCP_NO_ROOM, NULL },
    { "casniff_packets_ignored_total", "reason", "not_ip", CAS_COUNT_NOT_IP, NULL },
    { "casniff_packets_ignored_total", "reason", "not_tcp", CAS_COUNT_NOT_TCP, NULL },
    { "casniff_packets_ignored_total", "reason", "out_of_window", CAS_COUNT_TCP_OUT_OF_WINDOW,
      NULL },
    { "casniff_packets_ignored_total", "reason", "unsupported_link", CAS_COUNT_LINK_UNSUPPORTED,
      NULL },
    { "casniff_fragmented_packets_total", "outcome", "joined", CAS_COUNT_FRAGMENTS_JOINED,
      "TCP packets that came in IP fragments, by what became of them." },
    { "casniff_fragmented_packets_total", "outcome", "malformed", CAS_COUNT_FRAGMENTS_MALFORMED,
      NULL },
    { "casniff_fragmented_packets_total", "outcome", "no_room", CAS_COUNT_FRAGMENTS_NO_ROOM,
      NULL },
    { "casniff_fragmented_packets_total", "outcome", "overlapping",
      CAS_COUNT_FRAGMENTS_OVERLAPPING, NULL },
    { "casniff_fragmented_packets_total", "outcome", "unfinished",
      CAS_COUNT_FRAGMENTS_UNFINISHED, NULL },
    { "casniff_flows_total", NULL, NULL, CAS_COUNT_FLOWS, "Connections that carried data." },
    { "casniff_flow_evictions_total", "reason", "memory", CAS_COUNT_FLOWS_EVICTED,
      "Connections that were given up, by reason." },
    { "casniff_flow_evictions_total", "reason", "timeout", CAS_COUNT_FLOWS_TIMED_OUT, NULL },
    { "casniff_holes_total", NULL, NULL, CAS_COUNT_HOLES,
      "Places where bytes of a connection were not captured." },
    { "casniff_hole_bytes_total", NULL, NULL, CAS_COUNT_HOLE_BYTES,
      "Bytes of connections that were not captured." },
    { "casniff_ca_lists_total", "verdict", "ambiguous", CAS_COUNT_CERT_LISTS_AMBIGUOUS,
      "Certificate requests, by how their CA list was seen." },
    { "casniff_ca_lists_total", "verdict", "complete", CAS_COUNT_CERT_LISTS_COMPLETE, NULL },
    { "casniff_ca_lists_total", "verdict", "encrypted", CAS_COUNT_CERT_REQUESTS_HIDDEN, NULL },
    { "casniff_ca_lists_total", "verdict", "incomplete", CAS_COUNT_CERT_LISTS_INCOMPLETE,
      NULL },
    { "casniff_ca_lists_total", "verdict", "inferred", CAS_COUNT_CERT_REQUESTS_INFERRED, NULL },
    { "casniff_ca_lists_total", "verdict", "malformed", CAS_COUNT_CERT_LISTS_MALFORMED, NULL },
    { "casniff_alerts_suppressed_total", NULL, NULL, CAS_COUNT_ALERTS_SUPPRESSED,
      "Alerts that the rate limit held back." },
    { "casniff_anomalies_total", NULL, NULL, CAS_COUNT_ANOMALIES_TOLD,
      "Anomalies that were told." },
    { "casniff_memory_refused_total", NULL, NULL, CAS_COUNT_MEMORY_REFUSED,
      "Allocations that the memory budget refused." },
    { "casniff_servers_forgotten_total", NULL, NULL, CAS_COUNT_SERVERS_CAPPED,
      "Servers for which there was no room." },
};

static void put_rows(struct cas_buf *out, const struct cas_counters *counters)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].help != NULL) {
            cas_metrics_counter(out, rows[i].name, rows[i].help);
        }
        cas_metrics_begin(out, rows[i].name);
        if (rows[i].label != NULL) {
            cas_metrics_label(out, rows[i].label, rows[i].value);
        }
        cas_metrics_end(out, counters->value[rows[i].counter]);
    }
}

struct version {
    char text[32];
};

/* "1.10.3" of "libpcap version 1.10.3 (with TPACKET_V3)". */
static struct version bare_version(const char *sentence)
{
    static const char before[] = " version ";
    struct version version = { "" };
    const char *found = strstr(sentence, before);
    const char *number = found != NULL ? found + sizeof(before) - 1 : sentence;
    snprintf(version.text, sizeof(version.text), "%.*s", (int)strcspn(number, " "), number);
    return version;
}

static void put_build(struct cas_buf *out, const struct cas_metrics_facts *facts)
{
    cas_metrics_gauge(out, "casniff_build_info", "Versions, as labels; the value is 1.");
    cas_metrics_begin(out, "casniff_build_info");
    cas_metrics_label(out, "version", cas_version());
    cas_metrics_label(out, "libpcap", bare_version(cas_capture_library()).text);
    cas_metrics_label(out, "wolfssl", cas_version_wolfssl());
    cas_metrics_end(out, 1);
    if (facts->start_us != 0) {
        cas_metrics_gauge(out, "casniff_start_time_seconds", "When this run began.");
        cas_metrics_begin(out, "casniff_start_time_seconds");
        cas_metrics_end_decimal(out, facts->start_us, US_DIGITS);
    }
}

static void put_dropped(struct cas_buf *out, const struct cas_metrics_iface *iface,
                        const char *reason, uint64_t packets)
{
    cas_metrics_begin(out, "casniff_packets_dropped_total");
    cas_metrics_label(out, "interface", iface->name);
    cas_metrics_label(out, "reason", reason);
    cas_metrics_end(out, packets);
}

static void put_ifaces(struct cas_buf *out, const struct cas_metrics_facts *facts)
{
    if (facts->ifaces_len == 0) {
        return;
    }
    cas_metrics_gauge(out, "casniff_capture_up", "1 while the interface can be read from.");
    for (size_t i = 0; i < facts->ifaces_len; i++) {
        cas_metrics_begin(out, "casniff_capture_up");
        cas_metrics_label(out, "interface", facts->ifaces[i].name);
        cas_metrics_end(out, facts->ifaces[i].is_up ? 1 : 0);
    }
    cas_metrics_counter(out, "casniff_packets_received_total",
                        "Packets that passed the filter.");
    for (size_t i = 0; i < facts->ifaces_len; i++) {
        cas_metrics_begin(out, "casniff_packets_received_total");
        cas_metrics_label(out, "interface", facts->ifaces[i].name);
        cas_metrics_end(out, facts->ifaces[i].received);
    }
    cas_metrics_counter(out, "casniff_packets_dropped_total",
                        "Packets that were lost before they were looked at, by whom.");
    for (size_t i = 0; i < facts->ifaces_len; i++) {
        put_dropped(out, &facts->ifaces[i], "kernel", facts->ifaces[i].dropped_kernel);
        put_dropped(out, &facts->ifaces[i], "interface", facts->ifaces[i].dropped_interface);
    }
}

static void put_output(struct cas_buf *out, const char *name,
                       const struct cas_metrics_output *output, uint64_t value)
{
    cas_metrics_begin(out, name);
    cas_metrics_label(out, "output", output->name);
    cas_metrics_end(out, value);
}

static void put_outputs(struct cas_buf *out, const struct cas_metrics_facts *facts)
{
    if (facts->outputs_len == 0) {
        return;
    }
    cas_metrics_counter(out, "casniff_events_written_total", "Events that were written.");
    for (size_t i = 0; i < facts->outputs_len; i++) {
        put_output(out, "casniff_events_written_total", &facts->outputs[i],
                   facts->outputs[i].written);
    }
    cas_metrics_counter(out, "casniff_events_dropped_total",
                        "Events that were lost: the reader was too slow, the disk full.");
    for (size_t i = 0; i < facts->outputs_len; i++) {
        put_output(out, "casniff_events_dropped_total", &facts->outputs[i],
                   facts->outputs[i].dropped);
    }
    cas_metrics_counter(out, "casniff_output_errors_total", "Writes that failed.");
    for (size_t i = 0; i < facts->outputs_len; i++) {
        put_output(out, "casniff_output_errors_total", &facts->outputs[i],
                   facts->outputs[i].errors);
    }
}

static void put_alerts(struct cas_buf *out, const struct cas_metrics_facts *facts)
{
    cas_metrics_counter(out, "casniff_alerts_total", "Alerts that went out, by cause.");
    for (int i = 0; i < CAS_ALERT_CAUSES; i++) {
        cas_metrics_begin(out, "casniff_alerts_total");
        cas_metrics_label(out, "cause", cas_alert_cause_name((enum cas_alert_cause)i));
        cas_metrics_end(out, facts->alerts[i]);
    }
    cas_metrics_counter(out, "casniff_alerts_inferred_total",
                        "Of these, what the size of an encrypted request shows.");
    cas_metrics_value(out, "casniff_alerts_inferred_total", facts->alerts_inferred);
}

/* What is computed of several counters. */
static void put_derived(struct cas_buf *out, const struct cas_counters *counters,
                        const struct cas_metrics_facts *facts)
{
    uint64_t all = counters->value[CAS_COUNT_TLS_CONNECTIONS];
    uint64_t newest = counters->value[CAS_COUNT_TLS13_CONNECTIONS];
    uint64_t lost = counters->value[CAS_COUNT_HOLE_BYTES];
    uint64_t seen = counters->value[CAS_COUNT_FRAME_BYTES];
    cas_metrics_counter(out, "casniff_handshakes_total", "TLS handshakes, by version.");
    cas_metrics_begin(out, "casniff_handshakes_total");
    cas_metrics_label(out, "version", "1.2_or_older");
    cas_metrics_end(out, all > newest ? all - newest : 0);
    cas_metrics_begin(out, "casniff_handshakes_total");
    cas_metrics_label(out, "version", "1.3");
    cas_metrics_end(out, newest);
    cas_metrics_gauge(out, "casniff_capture_loss_ratio",
                      "Share of the bytes of this run that were not captured.");
    cas_metrics_begin(out, "casniff_capture_loss_ratio");
    cas_metrics_end_decimal(out, lost > 0 ? lost * LOSS_ONE / (lost + seen) : 0, LOSS_DIGITS);
    cas_metrics_gauge(out, "casniff_memory_peak_bytes", "Most of the budget that was used.");
    cas_metrics_value(out, "casniff_memory_peak_bytes",
                      counters->value[CAS_COUNT_MEMORY_PEAK_BYTES]);
    cas_metrics_gauge(out, "casniff_memory_limit_bytes", "The budget.");
    cas_metrics_value(out, "casniff_memory_limit_bytes", facts->memory_limit_bytes);
}

/* One gauge of every server that is named. */
struct gauge {
    const char *name;
    const char *help;
    uint64_t (*value)(const struct cas_metrics_server *server);
    unsigned digits;  /* of the value, behind the point */
    bool is_of_store; /* what is only remembered of a server does not say */
};

static uint64_t bytes_of(const struct cas_metrics_server *server)
{
    return server->bytes;
}

static uint64_t names_of(const struct cas_metrics_server *server)
{
    return server->names;
}

static uint64_t limit_of(const struct cas_metrics_server *server)
{
    return server->limit_bytes;
}

static uint64_t missing_of(const struct cas_metrics_server *server)
{
    return server->missing;
}

static uint64_t cut_of(const struct cas_metrics_server *server)
{
    return server->is_cut ? 1 : 0;
}

static uint64_t last_of(const struct cas_metrics_server *server)
{
    return server->last_us;
}

static const struct gauge gauges[] = {
    { "casniff_ca_list_bytes", "Size of the server's CA list.", bytes_of, 0, false },
    { "casniff_ca_list_names", "Names in the server's CA list.", names_of, 0, false },
    { "casniff_ca_list_limit_bytes", "The limit that is nearest; 0: none.", limit_of, 0,
      false },
    { "casniff_ca_list_usage_ratio", "Share of that limit which is taken.",
      cas_metrics_server_usage, RATIO_DIGITS, false },
    { "casniff_ca_list_missing_names", "Names of the trust store that the list lacks.",
      missing_of, 0, true },
    { "casniff_ca_list_truncated", "1 when the list was cut, or looks so.", cut_of, 0, false },
    { "casniff_ca_list_last_seen_timestamp_seconds", "The last handshake with the list.",
      last_of, US_DIGITS, false },
};

static bool is_nearer(const struct cas_metrics_server *a, const struct cas_metrics_server *b)
{
    if (a->limit_bytes == 0 || b->limit_bytes == 0) {
        return a->limit_bytes > b->limit_bytes;
    }
    return a->limit_counted * b->limit_bytes > b->limit_counted * a->limit_bytes;
}

/* Of those that have no series of their own, the one that is nearest to its limit. */
static const struct cas_metrics_server *worst_of(const struct cas_metrics_servers *servers)
{
    const struct cas_metrics_server *worst = NULL;
    for (size_t i = CAS_METRICS_SERVERS; i < servers->len; i++) {
        const struct cas_metrics_server *server = &servers->server[i];
        if (worst == NULL || is_nearer(server, worst)) {
            worst = server;
        }
    }
    return worst;
}

static bool has_value(const struct gauge *gauge, const struct cas_metrics_server *server)
{
    return !gauge->is_of_store || !server->is_remembered;
}

static void put_gauge(struct cas_buf *out, const struct gauge *gauge,
                      const struct cas_metrics_servers *servers)
{
    const struct cas_metrics_server *worst = worst_of(servers);
    cas_metrics_gauge(out, gauge->name, gauge->help);
    for (size_t i = 0; i < servers->len && i < CAS_METRICS_SERVERS; i++) {
        if (!has_value(gauge, &servers->server[i])) {
            continue;
        }
        cas_metrics_begin(out, gauge->name);
        cas_metrics_label_endpoint(out, "server", &servers->server[i].endpoint);
        cas_metrics_label(out, "sni", servers->server[i].sni);
        cas_metrics_end_decimal(out, gauge->value(&servers->server[i]), gauge->digits);
    }
    if (worst != NULL && has_value(gauge, worst)) {
        cas_metrics_begin(out, gauge->name);
        cas_metrics_label(out, "server", OTHERS_UNNAMED);
        cas_metrics_label(out, "sni", "");
        cas_metrics_end_decimal(out, gauge->value(worst), gauge->digits);
    }
}

static void put_servers(struct cas_buf *out, struct cas_metrics_servers *servers)
{
    cas_metrics_servers_rank(servers, CAS_METRICS_SERVERS);
    cas_metrics_gauge(out, "casniff_ca_list_servers",
                      "Servers with a CA list, those without series of their own included.");
    cas_metrics_value(out, "casniff_ca_list_servers", servers->len);
    for (size_t i = 0; servers->len > 0 && i < sizeof(gauges) / sizeof(gauges[0]); i++) {
        put_gauge(out, &gauges[i], servers);
    }
}

void cas_metrics_put(struct cas_buf *out, const struct cas_counters *counters,
                     const struct cas_metrics_facts *facts, struct cas_metrics_servers *servers)
{
    put_build(out, facts);
    put_ifaces(out, facts);
    put_rows(out, counters);
    put_derived(out, counters, facts);
    put_alerts(out, facts);
    put_outputs(out, facts);
    put_servers(out, servers);
    if (servers->failed) {
        out->failed = true;
    }
}

int cas_metrics_write(struct cas_sniffer *sniffer, const struct cas_metrics_facts *facts,
                      const struct cas_writer *writer)
{
    struct cas_metrics_servers servers = { 0 };
    struct cas_buf out = cas_buf_init(METRICS_MAX, NULL);
    cas_sniffer_servers(sniffer, cas_metrics_servers_take, &servers);
    cas_sniffer_remembered(sniffer, cas_metrics_servers_recall, &servers);
    cas_metrics_put(&out, cas_sniffer_counters(sniffer), facts, &servers);
    int reason = cas_buf_ok(&out) ? writer->write(writer->user, cas_buf_view(&out)) : ENOMEM;
    cas_metrics_servers_finish(&servers);
    cas_buf_finish(&out);
    return reason;
}
