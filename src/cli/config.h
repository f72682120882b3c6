/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration file, casniff.conf(5): `key = value` lines, where a key is an option's long
 * name. Knows no option itself: the table does.
 */
#ifndef CAS_CLI_CONFIG_H
#define CAS_CLI_CONFIG_H

#include <stdbool.h>

#include "cli/options.h"

/*
 * Takes the options of the file at options->config_path, all but those that the command line
 * gives: is_given has a value for each row of the option table. The values stay in
 * options->config_text. The exit code: CAS_EXIT_DONE, CAS_EXIT_USAGE when a line is wrong,
 * CAS_EXIT_FAILED when the file cannot be read; what is wrong has been said, with its line.
 */
int cas_cli_config_read(struct cas_cli_options *options, const bool *is_given);

#endif
