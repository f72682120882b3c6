/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line on the terminal's standard error while a long capture is read, e.g.
 * "site.pcap 43 %  00:07 left, 3 lists". Begins after a second; says nothing when standard
 * error is no terminal.
 */
#ifndef CAS_CLI_PROGRESS_H
#define CAS_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/capture.h>
#include <casniff/counters.h>

#include "cli/options.h"

struct cas_cli_progress {
    bool is_wanted;
    bool is_shown;
    uint64_t began_ms;
    uint64_t due_ms;
};

struct cas_cli_progress cas_cli_progress_begin(const struct cas_cli_options *options);

/* Cheap enough for every few hundred packets. */
void cas_cli_progress_show(struct cas_cli_progress *progress, const char *path,
                           const struct cas_capture *capture,
                           const struct cas_counters *counters);

/* Removes the line. */
void cas_cli_progress_end(struct cas_cli_progress *progress);

#endif
