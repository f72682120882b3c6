/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our own failures: memory, input and output, usage. What a peer did oddly is never an error
 * but a finding, reported in an event.
 */
#ifndef CASNIFF_ERROR_H
#define CASNIFF_ERROR_H

#include <casniff/api.h>

enum cas_err {
    CAS_OK = 0,
    CAS_ERR_NOMEM,  /* memory could not be had */
    CAS_ERR_IO,     /* a file could not be opened, read or written */
    CAS_ERR_FORMAT, /* a file is not what it should be */
    CAS_ERR_USAGE,  /* the caller asked for something that does not exist */
    CAS_ERR_RIGHTS, /* the system does not let this user capture */
    CAS_ERR_GONE    /* an interface is not there: it may be later */
};

/* A failure with its sentence, without a full stop, the remedy in it where there is one. */
struct cas_error {
    enum cas_err code;
    char text[512];
};

/*
 * Fills out_error (which may be NULL) and returns code, so that a failing function can end in
 * `return cas_error_set(...)`. A text that is too long is cut at a character.
 */
CAS_API enum cas_err cas_error_set(struct cas_error *out_error, enum cas_err code,
                                   const char *format, ...) CAS_PRINTF(3, 4);

#endif
