/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/metrics_facts.h"

#include <stdlib.h>

/* Beside the reports: syslog, the journal, the command, and the packets of -w. */
#define OTHER_OUTPUTS 4

static void add_interfaces(struct cas_cli_metrics_facts *facts,
                           const struct cas_cli_interfaces *interfaces)
{
    size_t len = interfaces != NULL ? interfaces->len : 0;
    for (size_t i = 0; i < len; i++) {
        const struct cas_cli_interface *interface = &interfaces->interface[i];
        facts->ifaces[i] = (struct cas_metrics_iface){
            .name = interface->name,
            .is_up = interface->is_up,
            .received = interface->stats.received,
            .dropped_kernel = interface->stats.dropped_kernel,
            .dropped_interface = interface->stats.dropped_interface,
        };
    }
    facts->facts.ifaces = facts->ifaces;
    facts->facts.ifaces_len = len;
}

static void add_output(struct cas_cli_metrics_facts *facts,
                       const struct cas_metrics_output *output)
{
    facts->outputs[facts->facts.outputs_len++] = *output;
}

static void add_reports(struct cas_cli_metrics_facts *facts,
                        const struct cas_cli_reports *reports)
{
    for (size_t i = 0; i < reports->outputs_len; i++) {
        const struct cas_cli_outbox_stats stats = cas_cli_reports_stats(reports, i);
        const struct cas_metrics_output output = {
            .name = cas_cli_reports_name(reports, i),
            .written = stats.written,
            .dropped = stats.dropped,
            .errors = stats.errors,
        };
        add_output(facts, &output);
    }
}

static void add_log(struct cas_cli_metrics_facts *facts, const char *name,
                    const struct cas_cli_alert_socket *socket)
{
    const struct cas_metrics_output output = {
        .name = name,
        .written = socket->written,
        .dropped = socket->dropped,
        .errors = socket->errors,
    };
    if (socket->fd >= 0) {
        add_output(facts, &output);
    }
}

static void add_command(struct cas_cli_metrics_facts *facts, struct cas_cli_alert_exec *exec)
{
    if (exec != NULL) {
        const struct cas_cli_alert_exec_counts counts = cas_cli_alert_exec_counts(exec);
        const struct cas_metrics_output output = {
            .name = "alert-exec",
            .written = counts.sent,
            .dropped = counts.dropped,
            .errors = counts.failed + counts.killed,
        };
        add_output(facts, &output);
    }
}

static void add_evidence(struct cas_cli_metrics_facts *facts,
                         const struct cas_cli_evidence *evidence)
{
    if (evidence->has_begun) {
        const struct cas_cli_evidence_stats stats = cas_cli_evidence_stats(evidence);
        const struct cas_metrics_output output = {
            .name = evidence->path,
            .written = stats.written,
            .dropped = stats.dropped,
            .errors = stats.errors,
        };
        add_output(facts, &output);
    }
}

bool cas_cli_metrics_facts_init(struct cas_cli_metrics_facts *out_facts,
                                const struct cas_cli_interfaces *interfaces,
                                const struct cas_cli_reports *reports,
                                const struct cas_cli_alerting *alerting,
                                const struct cas_cli_evidence *evidence)
{
    size_t ifaces_len = interfaces != NULL ? interfaces->len : 0;
    size_t outputs_len = reports->outputs_len + OTHER_OUTPUTS;
    *out_facts = (struct cas_cli_metrics_facts){
        .ifaces = calloc(ifaces_len + 1, sizeof(*out_facts->ifaces)),
        .outputs = calloc(outputs_len, sizeof(*out_facts->outputs)),
    };
    if (out_facts->ifaces == NULL || out_facts->outputs == NULL) {
        return false;
    }
    add_interfaces(out_facts, interfaces);
    add_reports(out_facts, reports);
    add_log(out_facts, "syslog", &alerting->sinks.syslog);
    add_log(out_facts, "journal", &alerting->sinks.journal);
    add_command(out_facts, alerting->exec);
    add_evidence(out_facts, evidence);
    out_facts->facts.outputs = out_facts->outputs;
    return true;
}

void cas_cli_metrics_facts_finish(struct cas_cli_metrics_facts *facts)
{
    free(facts->ifaces);
    free(facts->outputs);
    *facts = (struct cas_cli_metrics_facts){ 0 };
}
