/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Standard error. Live it must never be waited for: a terminal that was stopped, or a log's
 * reader that hangs, would stop the capture, and the end of the program with it.
 */
#ifndef CAS_CLI_ERRORS_H
#define CAS_CLI_ERRORS_H

#include <casniff/types.h>

/* Whole lines, PIPE_BUF bytes at most. */
void cas_cli_errors_put(struct cas_view lines);

/* From now on what does not go at once is dropped; how much, is told when it goes again. Before
 * the confinement, for a descriptor of its own is opened. */
void cas_cli_errors_never_wait(void);

#endif
