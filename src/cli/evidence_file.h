/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What -w writes to, in whole records: a regular file, from which half a record is taken back
 * when the disk is full, or a pipe or device, which is never waited for.
 */
#ifndef CAS_CLI_EVIDENCE_FILE_H
#define CAS_CLI_EVIDENCE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/evidence.h>

#include "cli/place.h"

struct cas_cli_evidence_file {
    int fd;
    bool is_regular;
    uint64_t written; /* regular: how much of it is whole */
    uint8_t *rest;    /* else: of the records that were written last, what was not taken yet */
    size_t rest_len;
    size_t rest_done;
};

/* Changes nothing of what is there. 0 or an errno: ENXIO is a pipe without a reader. */
int cas_cli_evidence_file_open(struct cas_cli_evidence_file *out_file,
                               const struct cas_cli_place *place);

/* False when another process writes to the file. */
bool cas_cli_evidence_file_lock(const struct cas_cli_evidence_file *file);

/* What is in the file goes on, as far as it is whole, if it is of the writer's kind. False when
 * it is not. */
bool cas_cli_evidence_file_resume(struct cas_cli_evidence_file *file,
                                  const struct cas_cli_place *place,
                                  struct cas_evidence_writer *writer, int link_type);

/* Now it begins: what is not resumed is cut off. 0 or an errno. */
int cas_cli_evidence_file_begin(struct cas_cli_evidence_file *file);

/* A pipe may be waited for from now on: nothing else is to be done. */
void cas_cli_evidence_file_wait(const struct cas_cli_evidence_file *file);

/* The output of a writer, as user of struct cas_evidence_output. EAGAIN: a reader is slow. */
int cas_cli_evidence_file_put(void *file, struct cas_view bytes);

/* Writes what is left of the last records. 0 or an errno; EAGAIN: there is still something. */
int cas_cli_evidence_file_drain(struct cas_cli_evidence_file *file);

/* Is it empty? A device or a pipe is. */
bool cas_cli_evidence_file_is_empty(const struct cas_cli_evidence_file *file);

/* 0 or an errno. */
int cas_cli_evidence_file_close(struct cas_cli_evidence_file *file);

#endif
