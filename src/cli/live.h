/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A live run: interfaces, signals, the clock and the outputs in one loop that never blocks but
 * in poll(). */
#ifndef CAS_CLI_LIVE_H
#define CAS_CLI_LIVE_H

#include "cli/options.h"

/* Until it is told to end. The exit code; what is wrong has been said. */
int cas_cli_live(const struct cas_cli_options *options);

#endif
