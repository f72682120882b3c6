/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock of waiting and of retries: it never steps. */
#ifndef CAS_CLI_CLOCK_H
#define CAS_CLI_CLOCK_H

#include <stdint.h>

uint64_t cas_cli_clock_ms(void);

#endif
