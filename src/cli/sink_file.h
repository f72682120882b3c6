/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens what an outbox writes to, and tells how it has to be written to. */
#ifndef CAS_CLI_SINK_FILE_H
#define CAS_CLI_SINK_FILE_H

#include <stdbool.h>

#include "cli/place.h"

enum cas_cli_way {
    CAS_CLI_WAY_FILE,   /* takes everything at once, or fails */
    CAS_CLI_WAY_STREAM, /* O_NONBLOCK is on: takes what it can */
    CAS_CLI_WAY_POLLED  /* O_NONBLOCK is not on: poll() first, then PIPE_BUF at most */
};

struct cas_cli_sink_file {
    int fd;
    bool is_ours; /* to close */
    enum cas_cli_way way;
};

/* 0 or an errno; the second opens fd once more where that keeps it from blocking. */
int cas_cli_sink_file_open(struct cas_cli_sink_file *out_file,
                           const struct cas_cli_place *place);
struct cas_cli_sink_file cas_cli_sink_file_of(int fd);
void cas_cli_sink_file_close(struct cas_cli_sink_file *file);

/* What to write before anything else: heading at the top, a newline behind a cut-off line. */
const char *cas_cli_sink_file_lead(const struct cas_cli_sink_file *file, const char *heading);

/* The same file, or pipe, which was not emptied meanwhile. */
bool cas_cli_sink_file_goes_on(const struct cas_cli_sink_file *old,
                               const struct cas_cli_sink_file *fresh);

#endif
