/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The BPF expression: from the trailing words, from --filter, or from a file. */
#ifndef CAS_CLI_FILTER_H
#define CAS_CLI_FILTER_H

#include "cli/options.h"

/* Sets options->filter, "" when none was given. The exit code, CAS_EXIT_DONE when it went well;
 * else the reason was said. */
int cas_cli_filter_take(struct cas_cli_options *options, char *const *words, int count);

#endif
