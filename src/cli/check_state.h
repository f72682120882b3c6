/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --check: the plugin's line, and its answer from a state file without looking at a packet. */
#ifndef CAS_CLI_CHECK_STATE_H
#define CAS_CLI_CHECK_STATE_H

#include <casniff/check.h>

#include "cli/options.h"

/* Each prints a line and gives the plugin's exit code: UNKNOWN when the line cannot be
 * written. */
int cas_cli_check_print(const char *line, enum cas_check_status status);
/* It could not look, for a reason that has been said. */
int cas_cli_check_unknown(void);
int cas_cli_check_state(const struct cas_cli_options *options);

#endif
