/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the captures, one after the other, into the sniffer. */
#ifndef CAS_CLI_FILES_H
#define CAS_CLI_FILES_H

#include <casniff/sniffer.h>

#include "cli/options.h"
#include "cli/reports.h"

/*
 * An exit code: CAS_EXIT_DONE, or of the first capture that could not be read to its end. What
 * was wrong has been said. Ends early when nobody wants the reports any more.
 */
int cas_cli_files_read(const struct cas_cli_options *options, struct cas_sniffer *sniffer,
                       const struct cas_cli_reports *reports);

#endif
