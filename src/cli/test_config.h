/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --test-config: what can be known of a run before it begins. */
#ifndef CAS_CLI_TEST_CONFIG_H
#define CAS_CLI_TEST_CONFIG_H

#include "cli/options.h"

/*
 * Loads the stores, compiles the filter, looks the user up and the folders of the files that
 * are to be written. Opens nothing for writing and no interface. Says all that is wrong; the
 * exit code is that which the run would come to.
 */
int cas_cli_test_config(const struct cas_cli_options *options);

#endif
