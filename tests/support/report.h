/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report that writes to memory, for the suites of the reports' forms. */
#ifndef CAS_TEST_REPORT_H
#define CAS_TEST_REPORT_H

#include <stdio.h>

#include <casniff/report.h>

struct memory_report {
    FILE *stream;
    char *text;
    size_t len;
    struct cas_report *report;
    struct cas_sink sink;
};

void memory_report_open(struct memory_report *memory, const struct cas_report_options *options);

/* What was written so far; valid until the next event. */
const char *memory_report_text(struct memory_report *memory);

void memory_report_close(struct memory_report *memory);

#endif
