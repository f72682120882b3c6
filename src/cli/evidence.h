/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -w: the file that gets the packets of the handshakes that raised a finding. */
#ifndef CAS_CLI_EVIDENCE_H
#define CAS_CLI_EVIDENCE_H

#include <stdbool.h>

#include <casniff/evidence.h>

#include "cli/evidence_file.h"
#include "cli/options.h"
#include "cli/place.h"

struct cas_cli_evidence {
    const char *path; /* NULL: none is wanted */
    struct cas_cli_place place;
    struct cas_cli_evidence_file file;
    bool is_live;
    bool is_quiet;
    bool has_begun;
    int failed;       /* the errno of the last writing, or 0 */
    bool is_told;     /* that it fails has been said */
    uint64_t tell_ms; /* and is not said again before */
    uint64_t dropped; /* handshakes */
    uint64_t errors;
    uint64_t handshakes_not_whole;
    struct cas_evidence_writer *writer;
};

/* What the options want, not open yet. To be closed in any case. */
struct cas_cli_evidence cas_cli_evidence_of(const struct cas_cli_options *options);

/*
 * Opens the file, if one is wanted, and changes nothing in it. Live what there is goes on where
 * it is a capture of this link type (a DLT_ value), and is renamed otherwise. False, and said,
 * when it cannot be had. From now on *evidence must stay where it is.
 */
bool cas_cli_evidence_open(struct cas_cli_evidence *evidence, int link_type);

/* Nothing else can go wrong any more: what is in the file gives way to the run. False, and
 * said, when it cannot. */
bool cas_cli_evidence_begin(struct cas_cli_evidence *evidence);

/* Without a function when no file is wanted. */
struct cas_evidence_sink cas_cli_evidence_sink(struct cas_cli_evidence *evidence);

/* SIGHUP: where the file was renamed, a new one takes its place. The old one is kept, and that
 * said, when it cannot be made. */
void cas_cli_evidence_reopen(struct cas_cli_evidence *evidence);

/* Now and then: gives a pipe what it had no room for. */
void cas_cli_evidence_tick(struct cas_cli_evidence *evidence);

/* SIGUSR2: all that was written is on the disk. */
void cas_cli_evidence_flush(const struct cas_cli_evidence *evidence);

struct cas_cli_evidence_stats {
    uint64_t written; /* handshakes */
    uint64_t dropped;
    uint64_t errors;
};
/* Of one that has a path. */
struct cas_cli_evidence_stats cas_cli_evidence_stats(const struct cas_cli_evidence *evidence);

/* The file is complete. False when it was failing at the end, or, of saved captures, anything
 * is missing in it; that has been said. */
bool cas_cli_evidence_close(struct cas_cli_evidence *evidence);

#endif
