/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes of their own that are confined and then try something. */
#ifndef CAS_TEST_CONFINED_H
#define CAS_TEST_CONFINED_H

#include <stdbool.h>
#include <sys/types.h>

#include "cli/confine.h"

/* What a confined process does; the result is its exit status, as a rule an errno. */
typedef int deed(void);

/* Of a process that could not be confined. */
#define NOT_CONFINED 199

/* A child that does this and ends with its result, unconfined as yet. data outlives it. */
pid_t process_begin(int (*does)(void *data), void *data);

/* How the process ended, in waitpid()'s words. */
int confined_does(const struct cas_cli_confine_plan *plan, deed *does);

/* The same for a user other than root. */
int confined_user_does(const struct cas_cli_confine_plan *plan, deed *does);

/* A confined process that waits: its line "NAME:\t..." of /proc/PID/status. */
const char *confined_status(const struct cas_cli_confine_plan *plan, const char *name);

/* Gives the test's folder to whom a confined process becomes. */
void folder_give(void);

bool is_root(void);
uid_t nobody(void);

#endif
