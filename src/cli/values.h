/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values that are of no common kind: each is checked, put into the options, or complained
 * about. */
#ifndef CAS_CLI_VALUES_H
#define CAS_CLI_VALUES_H

#include "cli/option_table.h"

cas_cli_take cas_cli_take_report, cas_cli_take_json, cas_cli_take_limit, cas_cli_take_names,
    cas_cli_take_snaplen;

/* Decimal digits only, of len characters; least <= number <= most. */
bool cas_cli_number(const char *digits, size_t len, uint64_t least, uint64_t most,
                    uint64_t *out_number);

/* The index of a word; false when it is none of words (ended by NULL): that has been said. */
bool cas_cli_word(const struct cas_cli_option *option, const char *argument,
                  const char *const *words, unsigned *out_index);

#endif
