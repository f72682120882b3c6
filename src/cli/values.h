/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of options: each is checked, put into the options, or complained about. */
#ifndef CAS_CLI_VALUES_H
#define CAS_CLI_VALUES_H

#include "cli/options.h"

/* Takes the option's argument (NULL for an option that has none); false when it is wrong. */
typedef bool cas_cli_take(struct cas_cli_options *options, const char *argument);

cas_cli_take cas_cli_take_capture, cas_cli_take_filter_file, cas_cli_take_report,
    cas_cli_take_json, cas_cli_take_store, cas_cli_take_client_cert, cas_cli_take_limit,
    cas_cli_take_keylog, cas_cli_take_public_keylog, cas_cli_take_warn, cas_cli_take_crit,
    cas_cli_take_select, cas_cli_take_names, cas_cli_take_memory, cas_cli_take_checksums,
    cas_cli_take_trust_checksums, cas_cli_take_sensor_name, cas_cli_take_colour,
    cas_cli_take_nothing, cas_cli_take_line_buffered, cas_cli_take_quiet, cas_cli_take_verbose,
    cas_cli_take_plan, cas_cli_take_list_limits, cas_cli_take_version, cas_cli_take_help;

#endif
