/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the forms of reports share: the writer, the buffer in which a line or a block is made,
 * and which names are printed. A form fills in the sink; each of its functions makes text in
 * `out` and ends with cas_form_write().
 */
#ifndef CAS_OUTPUT_FORM_H
#define CAS_OUTPUT_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include <casniff/report.h>

#include "bytes/buf.h"

/*
 * The longest line or block. The longest list, 21,845 empty names, makes a JSON line of about
 * 1 MB; what a trust store adds is the user's own. Longer is a failure of the report.
 */
#define CAS_FORM_MAX ((size_t)256 * 1024 * 1024)

struct cas_report {
    struct cas_writer writer;
    struct cas_report_options options;
    struct cas_sink sink;
    struct cas_buf out;
    int failed_errno; /* of the first failure */
    void *state;      /* the form's own; NULL when it needs none */
    void (*destroy_state)(void *state);
};

/* Each makes report one of its form; false when memory could not be had. */
bool cas_form_text(struct cas_report *report);
bool cas_form_live(struct cas_report *report);
bool cas_form_json(struct cas_report *report);
bool cas_form_csv(struct cas_report *report);

/* The one form that has a heading. */
extern const char cas_form_csv_heading[];

/* Hands `out` to the writer in one piece, and empties it. */
void cas_form_write(struct cas_report *report);
/* The same for a buffer of the form's own. */
void cas_form_write_buf(struct cas_report *report, struct cas_buf *buf);

/* How many names "the first and the last few" are at each end. */
#define CAS_FORM_FEW 3

/* Which of count names are printed: the first `head` and the last `tail`. */
struct cas_form_names {
    size_t head;
    size_t tail;
    size_t count;
};

/* option is one of CAS_NAMES_..., or a number; never CAS_NAMES_DEFAULT. */
struct cas_form_names cas_form_names(size_t option, size_t count);

/* The first index that is printed, and the one after i; count when there is none. */
size_t cas_form_names_first(struct cas_form_names names);
size_t cas_form_names_next(struct cas_form_names names, size_t i);

#endif
