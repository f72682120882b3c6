/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a file stands: its directory, held open, and its name in it. What is opened through it
 * later stays in that directory, also after the rights to walk the path are gone.
 */
#ifndef CAS_CLI_PLACE_H
#define CAS_CLI_PLACE_H

#include <stdbool.h>

struct cas_cli_place {
    int dir_fd;
    char *name; /* NULL: no place */
};

/* 0, or an errno: the directory cannot be opened, or the path names none but a directory. */
int cas_cli_place_open(struct cas_cli_place *out_place, const char *path);
/* Nothing is lost when a file is renamed to it: a regular file is there, or nothing. */
bool cas_cli_place_is_free(const struct cas_cli_place *place);
/* Takes a zeroed place as well. */
void cas_cli_place_close(struct cas_cli_place *place);

#endif
