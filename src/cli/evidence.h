/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -w: the file that gets the packets of the handshakes that raised a finding. */
#ifndef CAS_CLI_EVIDENCE_H
#define CAS_CLI_EVIDENCE_H

#include <stdbool.h>

#include <casniff/evidence.h>

#include "cli/options.h"
#include "cli/place.h"

struct cas_cli_evidence {
    const char *path; /* NULL: none is wanted */
    struct cas_cli_place place;
    int fd;
    bool is_regular; /* what was written by half can be taken back */
    uint64_t written;
    bool has_failed; /* that has been said */
    bool is_quiet;
    uint64_t handshakes_not_whole;
    struct cas_evidence_writer *writer;
};

/* Opens the file, if one is wanted. False, and said, when that fails; to be closed in any case.
 */
bool cas_cli_evidence_open(struct cas_cli_evidence *out_evidence,
                           const struct cas_cli_options *options);

/* Without a function when no file is wanted. */
struct cas_evidence_sink cas_cli_evidence_sink(struct cas_cli_evidence *evidence);

/* SIGHUP: where the file was renamed, a new one takes its place. The old one is kept, and that
 * said, when it cannot be made. */
void cas_cli_evidence_reopen(struct cas_cli_evidence *evidence);

/* SIGUSR2: all that was written is on the disk. */
void cas_cli_evidence_flush(const struct cas_cli_evidence *evidence);

/* The file is complete. False when something could not be written; that has been said. */
bool cas_cli_evidence_close(struct cas_cli_evidence *evidence);

#endif
