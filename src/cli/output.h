/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One report with where it goes: offline a stream, whose failure ends the run; live an outbox,
 * whose trouble costs events, which are counted, but never the run.
 */
#ifndef CAS_CLI_OUTPUT_H
#define CAS_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include <casniff/report.h>

#include "cli/options.h"
#include "cli/outbox.h"

enum cas_cli_written {
    CAS_CLI_WRITTEN,
    CAS_CLI_UNWANTED, /* whoever read the reports has gone (`| head`) */
    CAS_CLI_UNWRITTEN /* a report could not be written: that has been said */
};

struct cas_cli_output {
    const char *path;           /* NULL: standard output */
    FILE *stream;               /* offline */
    char *buffer;               /* the stream's */
    struct cas_cli_outbox *box; /* live */
    struct cas_report *report;
};

/* False when it could not be opened: that has been said. */
bool cas_cli_output_open(struct cas_cli_output *out_output,
                         const struct cas_cli_options *options,
                         const struct cas_cli_report *wanted);
bool cas_cli_output_open_live(struct cas_cli_output *out_output,
                              const struct cas_cli_options *options,
                              const struct cas_cli_report *wanted);

/* For sentences: the path, or "standard output". */
const char *cas_cli_output_name(const struct cas_cli_output *output);

/* The errno that ended it: EPIPE when its reader has gone; 0 while it goes on. */
int cas_cli_output_errno(const struct cas_cli_output *output);

/* Tells what an outbox has to say, if it is time to. */
void cas_cli_output_complain(struct cas_cli_output *output, uint64_t now_ms);

/* Frees everything; tells how writing went, also of what was written only now. */
enum cas_cli_written cas_cli_output_close(struct cas_cli_output *output);

#endif
