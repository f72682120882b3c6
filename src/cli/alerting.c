/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/alerting.h"

#include <inttypes.h>

#include "cli/say.h"

static int send_line(void *user, struct cas_view text)
{
    struct cas_cli_alerting *alerting = user;
    cas_cli_alert_exec_send(alerting->exec, text);
    return 0;
}

static bool start_command(struct cas_cli_alerting *alerting,
                          const struct cas_cli_options *options,
                          const struct cas_cli_alert_exec_secrets *secrets)
{
    const struct cas_cli_alert_exec_options exec_options = {
        .command = options->alert_exec,
        .jobs = options->alert_exec_jobs,
        .timeout_us = options->alert_exec_timeout_us,
        .user = options->user,
        .secrets = *secrets,
    };
    const struct cas_report_options line_options = { .form = CAS_REPORT_JSON };
    const struct cas_writer writer = { .user = alerting, .write = send_line };
    if (!cas_cli_alert_exec_start(&exec_options, &alerting->exec)) {
        return false;
    }
    alerting->line = cas_report_create(&writer, &line_options);
    if (alerting->line == NULL) {
        cas_cli_say("out of memory");
        return false;
    }
    return true;
}

bool cas_cli_alerting_open(struct cas_cli_alerting *out_alerting,
                           const struct cas_cli_options *options,
                           const struct cas_cli_alert_exec_secrets *secrets)
{
    *out_alerting = (struct cas_cli_alerting){ 0 };
    return cas_cli_alert_sinks_open(&out_alerting->sinks,
                                    options->has_syslog ? CAS_CLI_SYSLOG_PATH : NULL,
                                    options->has_journal ? CAS_CLI_JOURNAL_PATH : NULL) &&
           (options->alert_exec == NULL || start_command(out_alerting, options, secrets));
}

static void take_alert(void *user, const struct cas_alert_event *event)
{
    struct cas_cli_alerting *alerting = user;
    const struct cas_sink sinks = cas_cli_alert_sinks_sink(&alerting->sinks);
    alerting->told++;
    sinks.alert(sinks.user, event);
    if (alerting->line != NULL) {
        const struct cas_sink line = cas_report_sink(alerting->line);
        line.alert(line.user, event);
    }
}

struct cas_sink cas_cli_alerting_sink(struct cas_cli_alerting *alerting)
{
    return (struct cas_sink){ .user = alerting, .alert = take_alert };
}

void cas_cli_alerting_close(struct cas_cli_alerting *alerting, bool is_quiet)
{
    if (alerting->exec != NULL) {
        const struct cas_cli_alert_exec_counts counts = cas_cli_alert_exec_end(alerting->exec);
        uint64_t bad = counts.dropped + counts.failed + counts.killed;
        if (bad > 0 && !is_quiet) {
            cas_cli_say("--alert-exec: of %" PRIu64 " alerts the command failed for %" PRIu64
                        ", took too long for %" PRIu64 ", and was not run for %" PRIu64,
                        counts.sent + counts.dropped, counts.failed, counts.killed,
                        counts.dropped);
        }
    }
    cas_report_destroy(alerting->line);
    cas_cli_alert_sinks_close(&alerting->sinks);
    *alerting = (struct cas_cli_alerting){ 0 };
}
