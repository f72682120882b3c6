/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of casniff's JSON report, without what must differ between schedules: packet
 * numbers, times, and what follows from them. Schedules of one capture say the same again and
 * again, so what was read once is kept and found by its bytes.
 */
#ifndef CAS_TEST_REPORT_LINES_H
#define CAS_TEST_REPORT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a line says of a server's list. */
enum report_list {
    REPORT_LIST_NONE,
    REPORT_LIST_COMPLETE,
    REPORT_LIST_INCOMPLETE,
    REPORT_LIST_AMBIGUOUS,
    REPORT_LIST_MALFORMED,
    REPORT_LIST_STATES
};

struct report_line {
    char *text; /* without what differs, keys sorted; NULL: nothing of it is to be compared */
    char event_type[16];
    enum report_list list;
    /* Of a complete list: whose it is (ports are 0 in an event of no single connection), and
     * its digests, counts and lengths as JSON. */
    char address[2][64];
    uint16_t port[2];
    char *facts;

    unsigned owners;
};

struct report_lines;

struct report_lines *report_lines_create(void);
void report_lines_destroy(struct report_lines *lines);

/* The line of these bytes; to be dropped. What is no event ends the program. */
struct report_line *report_lines_get(struct report_lines *lines, const char *json, size_t len);
void report_line_drop(struct report_line *line);

#endif
