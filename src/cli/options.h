/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line, parsed. One table drives the parser and --help. */
#ifndef CAS_CLI_OPTIONS_H
#define CAS_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/limits.h>
#include <casniff/report.h>
#include <casniff/sniffer.h>

enum cas_cli_action {
    CAS_CLI_READ,
    CAS_CLI_PLAN,
    CAS_CLI_LIST_LIMITS,
    CAS_CLI_VERSION,
    CAS_CLI_HELP
};

enum cas_cli_colour {
    CAS_CLI_COLOUR_AUTO,
    CAS_CLI_COLOUR_ALWAYS,
    CAS_CLI_COLOUR_NEVER
};

struct cas_cli_report {
    enum cas_report_form form;
    const char *path; /* NULL: standard output */
};

struct cas_cli_options {
    enum cas_cli_action action;
    const char **captures; /* "-" is standard input */
    size_t captures_len;
    struct cas_cli_report *reports;
    size_t reports_len;
    const char **stores;
    size_t stores_len;
    const char *client_cert;
    const char **keylogs;
    size_t keylogs_len;
    bool may_keylog_be_public; /* a key log that everybody may read is taken */
    struct cas_limit *limits;
    size_t limits_len;
    uint32_t warn_percent;
    uint32_t crit_percent;
    enum cas_select select;
    enum cas_checksums checksums;
    size_t names;
    size_t memory_bytes;
    const char *sensor_name;
    enum cas_cli_colour colour;
    bool is_line_buffered;
    bool is_quiet;
    bool is_verbose;
    const char *filter_path; /* -F */
    char *filter;            /* NULL: everything */
};

/*
 * Fills out_options, which cas_cli_options_finish() frees in any case; the strings stay argv's.
 * False when the command line is wrong or a filter's file cannot be read: that has been said,
 * and out_exit is the exit code.
 */
bool cas_cli_options_parse(struct cas_cli_options *out_options, int argc, char **argv,
                           int *out_exit);
void cas_cli_options_finish(struct cas_cli_options *options);

/* --help */
void cas_cli_options_help(void);

#endif
