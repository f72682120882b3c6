/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reports: sinks that write what they are told, in one of several forms.
 */
#ifndef CASNIFF_REPORT_H
#define CASNIFF_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include <casniff/api.h>
#include <casniff/events.h>
#include <casniff/writer.h>

enum cas_report_form {
    CAS_REPORT_TEXT,
    CAS_REPORT_JSON,
    CAS_REPORT_CSV
};

/* How many names a report prints. */
#define CAS_NAMES_DEFAULT SIZE_MAX /* the form's own: text first and last few, JSON all */
#define CAS_NAMES_ALL     (SIZE_MAX - 1)
#define CAS_NAMES_FIRST   (SIZE_MAX - 2) /* the first and the last few */

struct cas_report_options {
    enum cas_report_form form;
    size_t names;     /* CAS_NAMES_..., or how many from the start; 0 is none */
    bool colour;      /* text only */
    bool verbose;     /* text only: also connections without a finding */
    bool is_headless; /* without the heading: who writes the file puts it there */
    /* Goes on after a failure; text also tells at once what is new, and holds nothing back. */
    bool is_live;
};

struct cas_report;

/* The form of this name ("text", "json", "csv"); false when there is none. */
CAS_API bool cas_report_form_find(const char *name, enum cas_report_form *out_form);

/* What stands once at the top of a file of this form, a whole line; "" when there is none. */
CAS_API const char *cas_report_heading(enum cas_report_form form);

/* The writer is copied. NULL when memory could not be had. */
CAS_API CAS_MUST_CHECK struct cas_report *
cas_report_create(const struct cas_writer *writer, const struct cas_report_options *options);

/* The sink that feeds it; valid until cas_report_destroy(). */
CAS_API struct cas_sink cas_report_sink(struct cas_report *report);

/* False when something could not be written (the writer said so, or memory). */
CAS_API bool cas_report_is_good(const struct cas_report *report);

/*
 * What the writer gave when it first failed, ENOMEM for memory; 0 while all is good. A report
 * that is not live writes no more afterwards.
 */
CAS_API int cas_report_errno(const struct cas_report *report);

CAS_API void cas_report_destroy(struct cas_report *report);

#endif
