/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the process holds in memory stays there: no core file, and nobody but root looks into
 * it. To be asked for before the first secret is read, and again after the user has changed,
 * which makes the kernel forget half of it.
 */
#ifndef CAS_CLI_SECRECY_H
#define CAS_CLI_SECRECY_H

#include <stdbool.h>

/*
 * False, with errno, when the kernel refuses. A build that is instrumented for tests can still
 * be looked into: its search for leaks does so, as a debugger would.
 */
bool cas_cli_secrecy_begin(void);

#endif
