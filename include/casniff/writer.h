/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where text goes that the library makes: a function of the caller's. */
#ifndef CASNIFF_WRITER_H
#define CASNIFF_WRITER_H

#include <stdio.h>

#include <casniff/api.h>
#include <casniff/types.h>

/*
 * Takes one whole line or block a call, valid during the call only; 0, or the errno of what
 * went wrong, after which no more is written. A writer that would rather lose a line than its
 * report returns 0 and counts for itself. user is handed to every call as it is.
 */
struct cas_writer {
    void *user;
    int (*write)(void *user, struct cas_view text);
};

/* Writes to a stream, which stays the caller's and open. */
CAS_API struct cas_writer cas_writer_to_stream(FILE *stream);

#endif
