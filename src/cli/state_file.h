/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --state: what a run remembers for the next one. Written aside and renamed; a damaged one is
 * set aside as NAME.damaged, and the run begins anew. What is no state is left where it is.
 */
#ifndef CAS_CLI_STATE_FILE_H
#define CAS_CLI_STATE_FILE_H

#include <stdbool.h>

#include <casniff/sniffer.h>

#include "cli/place.h"
#include "cli/replace_file.h"

struct cas_cli_state_file {
    struct cas_cli_place place;
    const char *path;
};

/* Opens the directory; path is kept. False when it cannot be: that has been said. */
bool cas_cli_state_file_open(struct cas_cli_state_file *out_file, const char *path);

/* The saved text, to be freed; NULL, with errno set, when there is none or it cannot be had. */
char *cas_cli_state_file_read(const struct cas_cli_state_file *file, size_t *out_len);

/* That errno in words. */
const char *cas_cli_state_file_why(int reason);

/*
 * Hands the saved state to the sniffer, before the first frame. False when something is there
 * that is no state of casniff, or cannot be read or set aside: that has been said, as every
 * other trouble is.
 */
bool cas_cli_state_file_load(const struct cas_cli_state_file *file,
                             struct cas_sniffer *sniffer);

/* 0, or an errno: the old one is kept. CAS_CLI_KEEP_DURABLE waits for the disk: not in the
 * midst of traffic. */
int cas_cli_state_file_save(const struct cas_cli_state_file *file, enum cas_cli_keep keep,
                            const struct cas_sniffer *sniffer);

void cas_cli_state_file_close(struct cas_cli_state_file *file);

#endif
