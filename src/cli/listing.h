/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --list-limits, -D and -L: what casniff knows, and what this machine has, on standard output.
 */
#ifndef CAS_CLI_LISTING_H
#define CAS_CLI_LISTING_H

#include "cli/options.h"

void cas_cli_list_limits(void);

/* An exit code each; what is wrong has been said. */
int cas_cli_list_interfaces(void);
int cas_cli_list_link_types(const struct cas_cli_options *options);

#endif
