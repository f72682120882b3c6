/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --help, from the table of options. */
#ifndef CAS_CLI_HELP_H
#define CAS_CLI_HELP_H

void cas_cli_help(void);

#endif
