/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample_events FORM NAMES: writes a report of hand-made events to standard output, for the
 * checks of reports that are written in other languages.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <casniff/report.h>

#include "support/events.h"

static size_t names_option(const char *text)
{
    if (strcmp(text, "all") == 0) {
        return CAS_NAMES_ALL;
    }
    return strcmp(text, "first") == 0 ? CAS_NAMES_FIRST : strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
    struct cas_report_options options = { .verbose = true };
    if (argc != 3 || !cas_report_form_find(argv[1], &options.form)) {
        fprintf(stderr, "usage: sample_events text|json|csv all|first|N\n");
        return EXIT_FAILURE;
    }
    options.names = names_option(argv[2]);
    const struct cas_writer writer = cas_writer_to_stream(stdout);
    struct cas_report *report = cas_report_create(&writer, &options);
    if (report == NULL) {
        return EXIT_FAILURE;
    }
    struct cas_sink sink = cas_report_sink(report);
    sample_tell_all(&sink);
    for (int i = 0; sink.plan != NULL && i < SAMPLES; i++) {
        sink.plan(sink.user, sample_plan((enum sample)i));
    }
    bool is_good = cas_report_is_good(report) && fflush(stdout) == 0;
    cas_report_destroy(report);
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
