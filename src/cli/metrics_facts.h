/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only the program knows of a run, for its metrics: interfaces and outputs. */
#ifndef CAS_CLI_METRICS_FACTS_H
#define CAS_CLI_METRICS_FACTS_H

#include <stdbool.h>

#include <casniff/metrics.h>

#include "cli/alerting.h"
#include "cli/evidence.h"
#include "cli/interfaces.h"
#include "cli/reports.h"

struct cas_cli_metrics_facts {
    struct cas_metrics_facts facts; /* its arrays are the next two */
    struct cas_metrics_iface *ifaces;
    struct cas_metrics_output *outputs;
};

/* interfaces is NULL offline. False without memory. To be finished in any case. */
bool cas_cli_metrics_facts_init(struct cas_cli_metrics_facts *out_facts,
                                const struct cas_cli_interfaces *interfaces,
                                const struct cas_cli_reports *reports,
                                const struct cas_cli_alerting *alerting,
                                const struct cas_cli_evidence *evidence);
void cas_cli_metrics_facts_finish(struct cas_cli_metrics_facts *facts);

#endif
