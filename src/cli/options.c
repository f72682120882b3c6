/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/options.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/config.h"
#include "cli/filter.h"
#include "cli/option_fit.h"
#include "cli/option_table.h"
#include "cli/say.h"

/* What getopt_long() gives for the option of this index; above every letter. */
#define LONG_BASE 256

/* More than there will ever be; an assertion in getopt_table() watches it. */
#define OPTIONS_MAX 96

#define HOUR_US UINT64_C(3600000000)

/* The table in getopt's own words. */
struct getopt_table {
    char letters[2 * OPTIONS_MAX + 2];
    struct option longs[OPTIONS_MAX + 1];
};

static const char *name_at(const void *context, size_t i)
{
    const struct option *longs = context;
    return longs[i].name;
}

static const struct cas_cli_option *option_of(int given)
{
    size_t len = 0;
    const struct cas_cli_option *table = cas_cli_option_table(&len);
    for (size_t i = 0; i < len; i++) {
        bool is_letter = table[i].letter != '\0' && given == table[i].letter;
        if (is_letter || given == LONG_BASE + (int)i) {
            return &table[i];
        }
    }
    return NULL;
}

static struct getopt_table getopt_table(void)
{
    struct getopt_table getopts = { 0 };
    size_t letters_len = 0;
    size_t len = 0;
    const struct cas_cli_option *table = cas_cli_option_table(&len);
    assert(len <= OPTIONS_MAX);
    getopts.letters[letters_len++] = ':'; /* a missing argument is told apart */
    for (size_t i = 0; i < len; i++) {
        if (table[i].letter != '\0') {
            getopts.letters[letters_len++] = table[i].letter;
        }
        if (table[i].letter != '\0' && table[i].argument != NULL) {
            getopts.letters[letters_len++] = ':';
        }
        getopts.longs[i] = (struct option){
            .name = table[i].name,
            .has_arg = table[i].argument != NULL ? required_argument : no_argument,
            .val = LONG_BASE + (int)i,
        };
    }
    return getopts;
}

/* What getopt_long() refused; word is the one that it stopped at. */
static void say_unknown(const struct getopt_table *getopts, const char *word)
{
    char name[64] = "";
    const struct cas_cli_option *option = option_of(optopt);
    if (option != NULL && option->argument == NULL) {
        cas_cli_say("option --%s takes no argument", option->name);
    } else if (optopt != 0) {
        cas_cli_say("unknown option -%c: casniff --help shows all", optopt);
    } else {
        (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
        const char *meant = strncmp(name, "--", 2) == 0
                                ? cas_cli_nearest(&name[2], name_at, getopts->longs)
                                : NULL;
        cas_cli_say("unknown option %s: %s%s%s", name, meant != NULL ? "did you mean --" : "",
                    meant != NULL ? meant : "casniff --help shows all",
                    meant != NULL ? "?" : "");
    }
}

static void say_missing(const char *word)
{
    const struct cas_cli_option *option = option_of(optopt);
    cas_cli_say("option %s needs its argument%s%s", word, option != NULL ? ": " : "",
                option != NULL ? option->argument : "");
}

/* What is on the command line, before the configuration is read: its file, and which options
 * it leaves to the file. */
static const char *look_ahead(int argc, char **argv, bool is_given[OPTIONS_MAX])
{
    const struct getopt_table getopts = getopt_table();
    const char *path = NULL;
    size_t len = 0;
    const struct cas_cli_option *table = cas_cli_option_table(&len);
    opterr = 0;
    int given = 0;
    while ((given = getopt_long(argc, argv, getopts.letters, getopts.longs, NULL)) != -1) {
        const struct cas_cli_option *option = option_of(given);
        if (option == NULL) {
            return NULL; /* take_options() says what is wrong with it */
        }
        is_given[option - table] = true;
        if (strcmp(option->name, "config") == 0) {
            path = optarg;
        }
    }
    if (optind < argc) {
        is_given[cas_cli_option_find("filter") - table] = true;
    }
    return path;
}

/* Options that would have no effect are no mistake in a configuration, which is for all kinds
 * of runs, but one on the command line. */
static void warn_of_useless(const struct cas_cli_options *options, const bool *is_given)
{
    size_t len = 0;
    const struct cas_cli_option *table = cas_cli_option_table(&len);
    for (size_t i = 0; i < len && !options->is_quiet; i++) {
        if (is_given[i] && table[i].is_live_only && options->captures.len > 0) {
            cas_cli_say("--%s is for -i, and without effect on saved captures", table[i].name);
        }
    }
}

static int take_config(struct cas_cli_options *options, int argc, char **argv,
                       bool is_given[OPTIONS_MAX])
{
    options->config_path = look_ahead(argc, argv, is_given);
    return options->config_path != NULL ? cas_cli_config_read(options, is_given)
                                        : CAS_EXIT_DONE;
}

static bool take_options(struct cas_cli_options *options, int argc, char **argv)
{
    const struct getopt_table getopts = getopt_table();
    optind = 0; /* from the beginning again, as glibc and musl have it */
    int given = 0;
    while ((given = getopt_long(argc, argv, getopts.letters, getopts.longs, NULL)) != -1) {
        if (given == '?') {
            say_unknown(&getopts, argv[optind - 1]);
            return false;
        }
        if (given == ':') {
            say_missing(argv[optind - 1]);
            return false;
        }
        const struct cas_cli_option *option = option_of(given);
        if (option == NULL || !cas_cli_option_take(option, options, optarg)) {
            return false;
        }
    }
    return true;
}

static struct cas_cli_options defaults(void)
{
    const struct cas_sniffer_config config = cas_sniffer_defaults();
    return (struct cas_cli_options){
        .warn_percent = config.warn_percent,
        .crit_percent = config.crit_percent,
        .checksums = config.checksums,
        .select = config.select,
        .memory_bytes = config.memory_bytes,
        .names = CAS_NAMES_DEFAULT,
        .snaplen = 262144,
        .buffer_bytes = 8u << 20,
        .heartbeat_us = HOUR_US,
        .realert_us = HOUR_US,
        .alert_exec_jobs = 4,
        .alert_exec_timeout_us = 10000000,
        .sandbox = CAS_CLI_SANDBOX_ON,
    };
}

/* --check with a state file and nothing that says what to look at, or for how long, judges what
 * the state file holds. */
static void choose_action(struct cas_cli_options *options)
{
    if (options->action == CAS_CLI_SNIFF && options->is_check && options->captures.len == 0 &&
        options->interfaces.len == 0 && options->duration_us == 0 &&
        options->packets_max == 0 && options->filter[0] == '\0' &&
        options->state_path != NULL) {
        options->action = CAS_CLI_CHECK_STATE;
    }
}

static bool add_default_report(struct cas_cli_options *options)
{
    const struct cas_cli_option *report = cas_cli_option_find("report");
    return options->reports_len > 0 || options->is_check ||
           cas_cli_option_take(report, options, "text");
}

bool cas_cli_options_parse(struct cas_cli_options *out_options, int argc, char **argv,
                           int *out_exit)
{
    bool is_given[OPTIONS_MAX] = { false };
    *out_options = defaults();
    *out_exit = take_config(out_options, argc, argv, is_given);
    if (*out_exit != CAS_EXIT_DONE) {
        return false;
    }
    *out_exit = CAS_EXIT_USAGE;
    if (!take_options(out_options, argc, argv)) {
        return false;
    }
    *out_exit = cas_cli_filter_take(out_options, &argv[optind], argc - optind);
    if (*out_exit != CAS_EXIT_DONE) {
        return false;
    }
    choose_action(out_options);
    if (!cas_cli_options_fit(out_options) || !add_default_report(out_options)) {
        *out_exit = CAS_EXIT_USAGE;
        return false;
    }
    warn_of_useless(out_options, is_given);
    return true;
}

void cas_cli_options_finish(struct cas_cli_options *options)
{
    free(options->captures.word);
    free(options->interfaces.word);
    free(options->stores.word);
    free(options->keylogs.word);
    free(options->reports);
    free(options->limits);
    free(options->filter);
    free(options->config_text);
    *options = (struct cas_cli_options){ 0 };
}
