/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the program tells on standard error: one sentence with the remedy, behind its name. And
 * its exit codes.
 */
#ifndef CAS_CLI_SAY_H
#define CAS_CLI_SAY_H

#include <stddef.h>

#include <casniff/api.h>
#include <casniff/error.h>

enum cas_cli_exit {
    CAS_EXIT_DONE = 0,
    CAS_EXIT_FAILED = 1, /* while running */
    CAS_EXIT_USAGE = 2,
    CAS_EXIT_DAMAGED = 3, /* the input broke off: the report is partial */
    CAS_EXIT_RIGHTS = 4,  /* no permission to capture */
    CAS_EXIT_GONE = 75    /* an interface is not there; to be started again (EX_TEMPFAIL) */
};

/* The exit code of a failure. */
int cas_cli_exit_of(enum cas_err err);

/* "casniff: ...\n"; control characters that came with a file's name are shown as '?'. */
void cas_cli_say(const char *format, ...) CAS_PRINTF(1, 2);

/* From now on sentences go there instead, without the program's name: in a process whose parent
 * tells them. */
void cas_cli_say_divert(void (*put)(void *user, const char *sentence), void *user);

/*
 * From now on a sentence begins with this place, e.g. "casniff.conf:12: limit: ", and not with
 * the option that it is about: "--limit does not know" becomes "does not know". NULL ends that.
 * The text stays the caller's.
 */
void cas_cli_say_at(const char *place);

/*
 * The candidate that word was probably meant to be, or NULL. Candidates are given one by one
 * until NULL, in the way of an iterator: at(context, i).
 */
typedef const char *cas_cli_candidate(const void *context, size_t i);
const char *cas_cli_nearest(const char *word, cas_cli_candidate *at, const void *context);

#endif
