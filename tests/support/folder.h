/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A directory for one test, and what is in it. */
#ifndef CAS_TEST_FOLDER_H
#define CAS_TEST_FOLDER_H

#include <stdbool.h>

#include <casniff/types.h>

/* For a checked fixture: an empty directory, and the end of it with everything in it. */
void folder_make(void);
void folder_remove(void);

/* The path of this name in it. Static memory, of the last eight. */
const char *folder_path(const char *name);

void folder_write(const char *name, const char *text);
/* Fails unless the file holds exactly this. */
void folder_check(const char *name, const char *text);
bool folder_has(const char *name);

#endif
