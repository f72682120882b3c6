/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reports of one run, each with its stream, behind one sink. */
#ifndef CAS_CLI_REPORTS_H
#define CAS_CLI_REPORTS_H

#include <stdbool.h>
#include <stdio.h>

#include <casniff/events.h>
#include <casniff/report.h>

#include "cli/options.h"

struct cas_cli_reports {
    struct cas_cli_output *outputs;
    size_t outputs_len;
};

enum cas_cli_written {
    CAS_CLI_WRITTEN,
    CAS_CLI_UNWANTED, /* whoever read the reports has gone (`| head`) */
    CAS_CLI_UNWRITTEN /* a report could not be written: that has been said */
};

/* False when one could not be opened: that has been said. */
bool cas_cli_reports_open(struct cas_cli_reports *out_reports,
                          const struct cas_cli_options *options);

/* Tells every event to all reports; valid until they are closed. */
struct cas_sink cas_cli_reports_sink(struct cas_cli_reports *reports);

/* How writing stands: asked now and then, so that nobody reads on for nothing. */
enum cas_cli_written cas_cli_reports_state(const struct cas_cli_reports *reports);

/* Writes out what is buffered, and frees everything. */
enum cas_cli_written cas_cli_reports_close(struct cas_cli_reports *reports);

#endif
