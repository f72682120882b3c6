/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each option alone cannot know: whether all of them fit together. */
#ifndef CAS_CLI_OPTION_FIT_H
#define CAS_CLI_OPTION_FIT_H

#include "cli/options.h"

/* False when they do not: that has been said. */
bool cas_cli_options_fit(const struct cas_cli_options *options);

#endif
