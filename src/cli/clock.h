/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two clocks. The library reads neither: time is handed to it. */
#ifndef CAS_CLI_CLOCK_H
#define CAS_CLI_CLOCK_H

#include <stdint.h>

/* Goes on steadily from an unknown beginning, and is never set: for what is due. */
uint64_t cas_cli_clock_ms(void);
uint64_t cas_cli_clock_us(void);

/* Microseconds since 1970-01-01 UTC; may be set back or forth at any time: for what is told. */
uint64_t cas_cli_wall_us(void);

#endif
