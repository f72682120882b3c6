/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was captured, in tcpdump's words, and what came of it, in ours: on standard error. */
#ifndef CAS_CLI_STATISTICS_H
#define CAS_CLI_STATISTICS_H

#include <casniff/capture.h>
#include <casniff/counters.h>

void cas_cli_statistics_print(const struct cas_counters *counters,
                              const struct cas_capture_stats *stats);

#endif
