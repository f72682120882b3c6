/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom alerts go to beside the reports: the system's logs and a command. */
#ifndef CAS_CLI_ALERTING_H
#define CAS_CLI_ALERTING_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/events.h>
#include <casniff/report.h>

#include "cli/alert_exec.h"
#include "cli/alert_sinks.h"
#include "cli/options.h"

struct cas_cli_alerting {
    struct cas_cli_alert_sinks sinks;
    struct cas_cli_alert_exec *exec; /* NULL: none is wanted */
    struct cas_report *line;         /* makes the event that the command gets */
    uint64_t told;                   /* more than before is news */
};

/* Before the confinement. False when something is not there: that has been said. To be closed
 * in any case. */
bool cas_cli_alerting_open(struct cas_cli_alerting *out_alerting,
                           const struct cas_cli_options *options,
                           const struct cas_cli_alert_exec_secrets *secrets);

/* Hears alerts only; valid until closed. */
struct cas_sink cas_cli_alerting_sink(struct cas_cli_alerting *alerting);

/* Gives commands that run their last second. */
void cas_cli_alerting_close(struct cas_cli_alerting *alerting, bool is_quiet);

#endif
