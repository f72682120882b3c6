/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --completion: what a shell sources to complete casniff's command line. */
#ifndef CAS_CLI_COMPLETION_H
#define CAS_CLI_COMPLETION_H

#include "cli/options.h"

/* Made from the option table, to standard output. */
void cas_cli_completion(enum cas_cli_shell shell);

#endif
