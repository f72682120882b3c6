/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which files can still be opened: Landlock. What is open already stays open. */
#ifndef CAS_CLI_CONFINE_FILES_H
#define CAS_CLI_CONFINE_FILES_H

#include "cli/confine.h"

/*
 * Confines to the plan's files, and to the statistics of the interfaces that packet sockets
 * are bound to. The version of Landlock's interface that was used, or 0 when nothing was done:
 * the kernel or the build is without.
 */
int cas_cli_files_confine(const struct cas_cli_confine_plan *plan);

/* A line for each of the plan's directories in which no file can be made. */
void cas_cli_files_judge(const struct cas_cli_confine_plan *plan, const char *user);

#endif
