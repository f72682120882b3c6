/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user asked for: the command line and the configuration file, parsed. */
#ifndef CAS_CLI_OPTIONS_H
#define CAS_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/capture.h>
#include <casniff/limits.h>
#include <casniff/report.h>
#include <casniff/sniffer.h>

enum cas_cli_action {
    CAS_CLI_SNIFF, /* saved captures, or live */
    CAS_CLI_PLAN,
    CAS_CLI_CHECK_STATE, /* --check over the state file */
    CAS_CLI_TEST_CONFIG,
    CAS_CLI_LIST_LIMITS,
    CAS_CLI_LIST_INTERFACES,
    CAS_CLI_LIST_LINK_TYPES,
    CAS_CLI_COMPLETION,
    CAS_CLI_VERSION,
    CAS_CLI_HELP
};

enum cas_cli_colour {
    CAS_CLI_COLOUR_AUTO,
    CAS_CLI_COLOUR_ALWAYS,
    CAS_CLI_COLOUR_NEVER
};

enum cas_cli_sandbox {
    CAS_CLI_SANDBOX_OFF, /* the user and the capabilities are given away, nothing else */
    CAS_CLI_SANDBOX_LOG, /* what the filter would refuse is logged, and happens */
    CAS_CLI_SANDBOX_ON,
    CAS_CLI_SANDBOX_REQUIRE /* on, or no start */
};

enum cas_cli_shell {
    CAS_CLI_BASH,
    CAS_CLI_ZSH,
    CAS_CLI_FISH
};

/* The values of a repeatable option, in the order given. */
struct cas_cli_words {
    const char **word;
    size_t len;
};

struct cas_cli_report {
    enum cas_report_form form;
    const char *path; /* NULL: standard output */
};

/* Enumerations are kept as unsigned, so that one function can set them all. */
struct cas_cli_options {
    unsigned action; /* enum cas_cli_action */

    /* What to look at. */
    struct cas_cli_words captures; /* "-" is standard input */
    struct cas_cli_words interfaces;
    const char *link_type;
    uint64_t snaplen;
    uint64_t buffer_bytes;
    unsigned direction; /* enum cas_capture_direction */
    bool is_not_promiscuous;
    uint64_t jobs;        /* captures read at once, each on its own; 0: one after the other */
    uint64_t workers;     /* processes that share what is listened to; 0, 1: there are none */
    uint64_t packets_max; /* 0: no end */
    uint64_t duration_us; /* 0: no end */
    unsigned checksums;   /* enum cas_checksums */
    const char *filter_path;
    const char *filter_given; /* --filter */
    char *filter;             /* what these and the trailing words come to; "": everything */
    uint64_t memory_bytes;

    /* What to compare with. */
    struct cas_cli_words stores;
    const char *client_cert;
    struct cas_cli_words keylogs;
    bool may_keylog_be_public; /* a key log that everybody may read is taken */
    struct cas_limit *limits;
    size_t limits_len;
    uint64_t warn_percent;
    uint64_t crit_percent;

    /* What to tell. */
    struct cas_cli_report *reports;
    size_t reports_len;
    unsigned select; /* enum cas_select */
    size_t names;
    const char *sensor_name;
    unsigned colour; /* enum cas_cli_colour */
    bool is_line_buffered;
    bool is_quiet;
    bool is_verbose;
    bool is_check;
    const char *evidence_path; /* -w */
    uint64_t stats_us;         /* 0: at the end only */
    uint64_t heartbeat_us;

    /* Whom to alert. */
    uint64_t realert_us;
    bool has_syslog;
    bool has_journal;
    const char *alert_exec;
    uint64_t alert_exec_jobs;
    uint64_t alert_exec_timeout_us;
    const char *metrics_path;
    const char *state_path;

    /* How to run. */
    const char *user; /* -Z; NULL: the service user */
    unsigned sandbox; /* enum cas_cli_sandbox */
    unsigned shell;   /* enum cas_cli_shell */
    bool has_nothing; /* where options without effect are put */
    const char *config_path;
    char *config_text; /* the file's values lie in it */
};

/*
 * Fills out_options, which cas_cli_options_finish() frees in any case; the strings are argv's
 * or the configuration's. False when something is wrong, which has been said: out_exit is the
 * exit code.
 */
bool cas_cli_options_parse(struct cas_cli_options *out_options, int argc, char **argv,
                           int *out_exit);
void cas_cli_options_finish(struct cas_cli_options *options);

/* Other processes look at the packets of a live capture. */
static inline bool cas_cli_options_have_workers(const struct cas_cli_options *options)
{
    return options->workers > 1;
}

/* A live capture, not saved ones. */
static inline bool cas_cli_options_are_live(const struct cas_cli_options *options)
{
    return options->captures.len == 0;
}

#endif
