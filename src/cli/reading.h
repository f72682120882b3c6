/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handing a saved capture's packets to a sniffer, one after the other. */
#ifndef CAS_CLI_READING_H
#define CAS_CLI_READING_H

#include <stdbool.h>

#include <casniff/capture.h>
#include <casniff/sniffer.h>

#include "cli/key_logs.h"
#include "cli/options.h"
#include "cli/progress.h"

struct cas_cli_reading {
    const struct cas_cli_options *options;
    struct cas_sniffer *sniffer;
    struct cas_cli_key_logs *keys;
    bool (*is_wanted)(void *user); /* does anybody want to hear more? Asked now and then */
    void *user;
    struct cas_cli_progress progress;
};

/* More packets are to be read: nothing has interrupted that, and -c allows them. */
bool cas_cli_reading_goes_on(const struct cas_cli_reading *reading);

/* All its packets. The exit code; what is wrong has been said. */
int cas_cli_reading_run(struct cas_cli_reading *reading, struct cas_capture *capture,
                        const char *path);

#endif
