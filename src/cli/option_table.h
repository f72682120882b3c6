/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All options, in one table that drives the parser, the configuration file, --help and shell
 * completion. A configuration's keys are the long names.
 */
#ifndef CAS_CLI_OPTION_TABLE_H
#define CAS_CLI_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/options.h"

/* How a value is read, and what kind of member of the options it sets. */
enum cas_cli_kind {
    CAS_CLI_KIND_FLAG,     /* no argument; a bool becomes true */
    CAS_CLI_KIND_SET,      /* no argument; an unsigned becomes `value` */
    CAS_CLI_KIND_WORD,     /* one of `words`; an unsigned becomes its index */
    CAS_CLI_KIND_NUMBER,   /* least..most; a uint64_t becomes the number times `unit` */
    CAS_CLI_KIND_PERCENT,  /* 1..100; a uint64_t */
    CAS_CLI_KIND_TIME,     /* seconds, or with s, m, h, d; a uint64_t in microseconds */
    CAS_CLI_KIND_TEXT,     /* a const char * */
    CAS_CLI_KIND_LIST,     /* repeatable; a struct cas_cli_words */
    CAS_CLI_KIND_FUNCTION, /* `take` does it */
};

/* What completion offers for the argument. */
enum cas_cli_offer {
    CAS_CLI_OFFER_NOTHING, /* or `words`, where there are any */
    CAS_CLI_OFFER_FILES,
    CAS_CLI_OFFER_INTERFACES,
    CAS_CLI_OFFER_USERS,
    CAS_CLI_OFFER_COMMANDS
};

enum cas_cli_section {
    CAS_CLI_SECTION_CAPTURE,
    CAS_CLI_SECTION_COMPARE,
    CAS_CLI_SECTION_REPORT,
    CAS_CLI_SECTION_ALERT,
    CAS_CLI_SECTION_RUN, /* the last one that a configuration has */
    CAS_CLI_SECTION_OTHER
};

struct cas_cli_option;

/* argument is NULL for an option without one. False when it is wrong: that has been said. */
typedef bool cas_cli_take(const struct cas_cli_option *option, struct cas_cli_options *options,
                          const char *argument);

struct cas_cli_option {
    enum cas_cli_section section;
    char letter;          /* tcpdump's, with tcpdump's meaning; '\0': none */
    const char *name;     /* without dashes */
    const char *argument; /* what --help calls it; NULL: takes none */
    enum cas_cli_kind kind;
    size_t at;                /* offset of the member in struct cas_cli_options */
    const char *const *words; /* NULL-terminated */
    unsigned value;
    uint64_t least;
    uint64_t most;
    uint64_t unit;
    cas_cli_take *take;
    enum cas_cli_offer offer;
    bool is_repeatable;
    bool is_live_only;
    bool is_command_line_only; /* no key of a configuration */
    const char *help;
};

const struct cas_cli_option *cas_cli_option_table(size_t *out_len);

/* By its long name; NULL when there is none. */
const struct cas_cli_option *cas_cli_option_find(const char *name);

/* "Capture", as --help heads the section; in a configuration it is "[capture]". */
const char *cas_cli_section_name(enum cas_cli_section section);

/* Takes a value as the option's kind says. False when it is wrong: that has been said. */
bool cas_cli_option_take(const struct cas_cli_option *option, struct cas_cli_options *options,
                         const char *argument);

#endif
