/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIGINT and SIGTERM end the reading, not the report: what was seen so far is told. The second
 * one ends the program.
 */
#ifndef CAS_CLI_INTERRUPT_H
#define CAS_CLI_INTERRUPT_H

#include <stdbool.h>

void cas_cli_interrupt_catch(void);
bool cas_cli_is_interrupted(void);

#endif
