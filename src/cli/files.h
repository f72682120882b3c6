/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The saved captures of a run: all opened first, then read one after the other. */
#ifndef CAS_CLI_FILES_H
#define CAS_CLI_FILES_H

#include <stddef.h>

#include <casniff/capture.h>
#include <casniff/keylog.h>

#include "cli/options.h"
#include "cli/reading.h"

struct cas_cli_files {
    const struct cas_cli_options *options;
    struct cas_capture **capture;       /* as in the options; NULL: could not be opened */
    struct cas_keylog_blocks **secrets; /* in those that are pipes; NULL: in no pipe */
    struct cas_keylog *keylog;          /* where they go */
    size_t opened;
    int ended; /* of the opening: an exit code */
};

/*
 * Opens all that can be; those that cannot are said, and the others are read all the same.
 * False when there is nothing to read: ended is the exit code. To be closed in any case.
 */
bool cas_cli_files_open(struct cas_cli_files *out_files, const struct cas_cli_options *options,
                        struct cas_keylog *keylog);

/* Reads one that could be opened, and closes it. The exit code; what is wrong has been said. */
int cas_cli_files_read(struct cas_cli_files *files, size_t i, struct cas_cli_reading *reading);

void cas_cli_files_close(struct cas_cli_files *files);

/* A whole run over saved captures. The exit code; what is wrong has been said. */
int cas_cli_files(const struct cas_cli_options *options);

#endif
