/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --check over a state file: the plugin's answer without looking at a packet. */
#ifndef CAS_CLI_CHECK_STATE_H
#define CAS_CLI_CHECK_STATE_H

#include "cli/options.h"

/* Prints the line; the plugin's exit code. */
int cas_cli_check_state(const struct cas_cli_options *options);

#endif
