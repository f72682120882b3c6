/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that is replaced as a whole: written aside in its own directory, then renamed. Who
 * opens it finds the old one or the new one, whenever the writing stops.
 */
#ifndef CAS_CLI_REPLACE_FILE_H
#define CAS_CLI_REPLACE_FILE_H

#include <sys/types.h>

#include <casniff/writer.h>

#include "cli/place.h"

enum cas_cli_keep {
    CAS_CLI_KEEP_ATOMIC, /* survives us; an outage of the machine takes it back to an old one */
    CAS_CLI_KEEP_DURABLE /* on the disk first: waits for it, seconds on a busy one */
};

/* Writes the contents in pieces; 0, or an errno, which keeps the old file. */
typedef int cas_cli_make(void *user, const struct cas_writer *writer);

/* The new file gets exactly this mode. 0, or an errno: the old file is as it was. */
int cas_cli_replace_file(const struct cas_cli_place *place, mode_t mode, enum cas_cli_keep keep,
                         cas_cli_make *make, void *user);

#endif
