/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/option_fit.h"

#include <string.h>

#include "cli/key_logs.h"
#include "cli/say.h"

/* The files of a run beside its reports: -w, the metrics, the state. */
#define OTHER_FILES 3

static bool complain(const char *sentence)
{
    cas_cli_say("%s", sentence);
    return false;
}

static bool fits_plan(const struct cas_cli_options *options)
{
    if (options->stores.len == 0) {
        return complain("--plan needs the store that it is about: -t PATH");
    }
    if (options->captures.len > 0 || options->interfaces.len > 0 ||
        options->filter[0] != '\0') {
        return complain("--plan looks at no packets: leave the capture and the filter out");
    }
    if (options->evidence_path != NULL) {
        return complain("--plan looks at no packets, and so has none to save: leave -w out");
    }
    return true;
}

/* The same packets would be counted twice. */
static bool are_distinct(const struct cas_cli_words *interfaces)
{
    for (size_t i = 0; i < interfaces->len; i++) {
        if (strcmp(interfaces->word[i], "any") == 0 && interfaces->len > 1) {
            return complain("-i any is all interfaces: leave the others out");
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(interfaces->word[i], interfaces->word[j]) == 0) {
                cas_cli_say("-i %s is given twice: leave one of them out", interfaces->word[i]);
                return false;
            }
        }
    }
    return true;
}

/* What cannot be shared. */
static bool fits_workers(const struct cas_cli_options *options)
{
    if (!cas_cli_options_have_workers(options)) {
        return true;
    }
    if (options->packets_max > 0) {
        return complain(
            "-c counts all packets, which --workers reads at once: leave one of the "
            "two out");
    }
    for (size_t i = 0; i < options->keylogs.len; i++) {
        if (cas_cli_key_logs_is_pipe(options->keylogs.word[i])) {
            cas_cli_say(
                "--workers: each of them reads the key log, and %s is a pipe, which can "
                "be read once: name a file",
                options->keylogs.word[i]);
            return false;
        }
    }
    return true;
}

/* What makes sense live only, and the other way round. */
static bool fits_source(const struct cas_cli_options *options)
{
    if (options->captures.len > 0 && options->interfaces.len > 0) {
        return complain("-r reads what was saved, -i listens: give one of the two");
    }
    if (options->captures.len > 0 && options->duration_us > 0) {
        return complain("--duration is for -i: a saved capture has its own end");
    }
    if (options->jobs > 0 && options->captures.len == 0) {
        return complain("-j is for -r: how many captures are read at once");
    }
    if (options->jobs > 0 && options->packets_max > 0) {
        return complain("-c counts the packets of all captures, which -j reads at once: leave "
                        "one of the two out");
    }
    if (options->jobs > 0 && cas_cli_key_logs_grow(options)) {
        return complain(
            "-j cannot read --keylog on while a capture comes through a pipe: leave "
            "one of the two out");
    }
    if (options->evidence_path != NULL && strcmp(options->evidence_path, "-") == 0) {
        return complain("-w writes to a file only: give it a name");
    }
    return fits_workers(options) && are_distinct(&options->interfaces);
}

static bool is_read(const struct cas_cli_options *options, const char *path)
{
    for (size_t i = 0; i < options->captures.len; i++) {
        if (strcmp(options->captures.word[i], path) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_reported_to(const struct cas_cli_options *options, const char *path)
{
    for (size_t i = 0; i < options->reports_len; i++) {
        if (options->reports[i].path != NULL && strcmp(options->reports[i].path, path) == 0) {
            return true;
        }
    }
    return false;
}

/* Each file that is written is nothing else: one would write over the other. */
static bool have_own_files(const struct cas_cli_options *options)
{
    const char *const others[OTHER_FILES] = {
        options->evidence_path,
        options->metrics_path,
        options->state_path,
    };
    for (size_t i = 0; i < OTHER_FILES; i++) {
        bool is_taken = others[i] != NULL &&
                        (is_reported_to(options, others[i]) || is_read(options, others[i]));
        for (size_t j = 0; j < i && others[i] != NULL; j++) {
            is_taken = is_taken || (others[j] != NULL && strcmp(others[i], others[j]) == 0);
        }
        if (is_taken) {
            cas_cli_say("%s is named for two things: give each a file of its own", others[i]);
            return false;
        }
    }
    for (size_t i = 0; i < options->reports_len; i++) {
        const char *path = options->reports[i].path;
        if (path != NULL && is_read(options, path)) {
            cas_cli_say("%s is read, and would be written over: give the report another file",
                        path);
            return false;
        }
    }
    return true;
}

bool cas_cli_options_fit(const struct cas_cli_options *options)
{
    if (options->warn_percent > options->crit_percent) {
        cas_cli_say("--warn %llu is above --crit %llu: a warning comes first",
                    (unsigned long long)options->warn_percent,
                    (unsigned long long)options->crit_percent);
        return false;
    }
    switch ((enum cas_cli_action)options->action) {
    case CAS_CLI_PLAN:
        return fits_plan(options) && have_own_files(options);
    case CAS_CLI_SNIFF:
    case CAS_CLI_CHECK_STATE:
    case CAS_CLI_TEST_CONFIG:
        return fits_source(options) && have_own_files(options);
    case CAS_CLI_LIST_LIMITS:
    case CAS_CLI_LIST_INTERFACES:
    case CAS_CLI_LIST_LINK_TYPES:
    case CAS_CLI_COMPLETION:
    case CAS_CLI_VERSION:
    case CAS_CLI_HELP:
        break;
    }
    return true;
}
