/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -j: saved captures, each read on its own, several at once, in a process each. */
#ifndef CAS_CLI_JOBS_H
#define CAS_CLI_JOBS_H

#include "cli/options.h"

/* As cas_cli_files(). What comes out is the same whatever the number of jobs. */
int cas_cli_jobs(const struct cas_cli_options *options);

#endif
