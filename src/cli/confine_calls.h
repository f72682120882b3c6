/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which system calls are left: seccomp, from a list of what is allowed. */
#ifndef CAS_CLI_CONFINE_CALLS_H
#define CAS_CLI_CONFINE_CALLS_H

#include "cli/confine.h"

/*
 * The rest is logged by the kernel or kills the process, as the plan says. CAS_CLI_CALLS_FREE
 * when nothing was done: the kernel or the build is without.
 */
enum cas_cli_calls cas_cli_calls_confine(const struct cas_cli_confine_plan *plan);

#endif
