/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The metrics of counters and servers that are at hand: what casniff/metrics.h is made of. */
#ifndef CAS_OUTPUT_METRICS_H
#define CAS_OUTPUT_METRICS_H

#include <casniff/metrics.h>

#include "bytes/buf.h"
#include "output/metrics_servers.h"

/* Ranks the servers. Fails out when memory could not be had. */
void cas_metrics_put(struct cas_buf *out, const struct cas_counters *counters,
                     const struct cas_metrics_facts *facts,
                     struct cas_metrics_servers *servers);

#endif
