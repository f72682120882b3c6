/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/values.h"

#include <stdio.h>
#include <string.h>

#include "cli/say.h"

#define MIB          ((size_t)1024 * 1024)
#define MEMORY_MIB   1048576 /* a TiB: more is a slip of the keyboard */
#define MEMORY_LEAST 1

/* The words that an option takes, in the order of its enum's values. */
static const char *word_at(const void *words, size_t i)
{
    const char *const *list = words;
    return list[i];
}

/* words end with NULL. */
static bool take_word(const char *option, const char *argument, const char *const *words,
                      int *out_index)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], argument) == 0) {
            *out_index = i;
            return true;
        }
    }
    const char *meant = cas_cli_nearest(argument, word_at, words);
    cas_cli_say("%s does not know '%s': %s%s%s, or see casniff --help", option, argument,
                meant != NULL ? "did you mean '" : "try '", meant != NULL ? meant : words[0],
                "'");
    return false;
}

/* Decimal digits only; least <= number <= most. */
static bool take_number(const char *argument, size_t least, size_t most, size_t *out_number)
{
    size_t number = 0;
    for (const char *c = argument; *c != '\0'; c++) {
        if (*c < '0' || *c > '9') {
            return false;
        }
        number = number * 10 + (size_t)(*c - '0');
        if (number > most) {
            return false;
        }
    }
    *out_number = number;
    return argument[0] != '\0' && number >= least;
}

bool cas_cli_take_capture(struct cas_cli_options *options, const char *argument)
{
    options->captures[options->captures_len++] = argument;
    return true;
}

bool cas_cli_take_filter_file(struct cas_cli_options *options, const char *argument)
{
    options->filter_path = argument;
    return true;
}

static bool is_same_target(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool add_report(struct cas_cli_options *options, enum cas_report_form form,
                       const char *path)
{
    for (size_t i = 0; i < options->reports_len; i++) {
        if (is_same_target(options->reports[i].path, path)) {
            cas_cli_say("two reports go to %s: give one of them a file of its own, as in "
                        "-T json:FILE",
                        path != NULL ? path : "standard output");
            return false;
        }
    }
    options->reports[options->reports_len++] =
        (struct cas_cli_report){ .form = form, .path = path };
    return true;
}

/* FORM or FORM:FILE, "-" for standard output. */
bool cas_cli_take_report(struct cas_cli_options *options, const char *argument)
{
    static const char *const forms[] = { "text", "json", "csv", NULL };
    char name[16] = "";
    size_t len = strcspn(argument, ":");
    const char *path = argument[len] == ':' ? &argument[len + 1] : "-";
    if (len < sizeof(name)) {
        snprintf(name, sizeof(name), "%.*s", (int)len, argument);
    }
    int index = 0;
    enum cas_report_form form = CAS_REPORT_TEXT;
    if (!take_word("-T", len < sizeof(name) ? name : argument, forms, &index) ||
        !cas_report_form_find(forms[index], &form)) {
        return false;
    }
    if (path[0] == '\0') {
        cas_cli_say("-T %s has no file behind its colon", argument);
        return false;
    }
    return add_report(options, form, strcmp(path, "-") == 0 ? NULL : path);
}

bool cas_cli_take_json(struct cas_cli_options *options, const char *argument)
{
    (void)argument;
    return add_report(options, CAS_REPORT_JSON, NULL);
}

bool cas_cli_take_store(struct cas_cli_options *options, const char *argument)
{
    options->stores[options->stores_len++] = argument;
    return true;
}

bool cas_cli_take_client_cert(struct cas_cli_options *options, const char *argument)
{
    options->client_cert = argument;
    return true;
}

bool cas_cli_take_keylog(struct cas_cli_options *options, const char *argument)
{
    options->keylogs[options->keylogs_len++] = argument;
    return true;
}

bool cas_cli_take_public_keylog(struct cas_cli_options *options, const char *argument)
{
    (void)argument;
    options->may_keylog_be_public = true;
    return true;
}

static const char *limit_at(const void *context, size_t i)
{
    (void)context;
    size_t len = 0;
    const struct cas_limit *limits = cas_limits(&len);
    return i < len ? limits[i].name : NULL;
}

bool cas_cli_take_limit(struct cas_cli_options *options, const char *argument)
{
    if (cas_limit_find(argument, &options->limits[options->limits_len])) {
        options->limits_len++;
        return true;
    }
    const char *meant = cas_cli_nearest(argument, limit_at, NULL);
    if (meant != NULL) {
        cas_cli_say(
            "--limit does not know '%s': did you mean '%s'? casniff --list-limits shows "
            "all",
            argument, meant);
    } else {
        cas_cli_say(
            "--limit does not know '%s': give a number of bytes, or a name that casniff "
            "--list-limits shows",
            argument);
    }
    return false;
}

/* "80" or "80%". */
static bool take_percent(const char *option, const char *argument, uint32_t *out_percent)
{
    char digits[8] = "";
    size_t number = 0;
    size_t len = strlen(argument);
    if (len > 0 && argument[len - 1] == '%') {
        len--;
    }
    if (len < sizeof(digits)) {
        snprintf(digits, sizeof(digits), "%.*s", (int)len, argument);
    }
    if (!take_number(digits, 1, 100, &number)) {
        cas_cli_say("%s takes a percentage from 1 to 100, not '%s'", option, argument);
        return false;
    }
    *out_percent = (uint32_t)number;
    return true;
}

bool cas_cli_take_warn(struct cas_cli_options *options, const char *argument)
{
    return take_percent("--warn", argument, &options->warn_percent);
}

bool cas_cli_take_crit(struct cas_cli_options *options, const char *argument)
{
    return take_percent("--crit", argument, &options->crit_percent);
}

bool cas_cli_take_select(struct cas_cli_options *options, const char *argument)
{
    static const char *const words[] = { "all", "requests", "findings", NULL };
    int index = 0;
    if (!take_word("--select", argument, words, &index)) {
        return false;
    }
    options->select = (enum cas_select)index;
    return true;
}

bool cas_cli_take_names(struct cas_cli_options *options, const char *argument)
{
    static const char *const words[] = { "all", "first", "none", NULL };
    static const size_t meanings[] = { CAS_NAMES_ALL, CAS_NAMES_FIRST, 0 };
    int index = 0;
    if (take_number(argument, 0, CAS_NAMES_FIRST - 1, &options->names)) {
        return true;
    }
    if (!take_word("--names", argument, words, &index)) {
        return false;
    }
    options->names = meanings[index];
    return true;
}

bool cas_cli_take_memory(struct cas_cli_options *options, const char *argument)
{
    size_t mib = 0;
    if (!take_number(argument, MEMORY_LEAST, MEMORY_MIB, &mib) || mib > SIZE_MAX / MIB) {
        cas_cli_say("--memory takes a number of MiB from %d to %d, not '%s'", MEMORY_LEAST,
                    MEMORY_MIB, argument);
        return false;
    }
    options->memory_bytes = mib * MIB;
    return true;
}

bool cas_cli_take_checksums(struct cas_cli_options *options, const char *argument)
{
    static const char *const words[] = { "auto", "check", "trust", NULL };
    int index = 0;
    if (!take_word("--checksum", argument, words, &index)) {
        return false;
    }
    options->checksums = (enum cas_checksums)index;
    return true;
}

bool cas_cli_take_trust_checksums(struct cas_cli_options *options, const char *argument)
{
    (void)argument;
    options->checksums = CAS_CHECKSUMS_TRUST;
    return true;
}

bool cas_cli_take_sensor_name(struct cas_cli_options *options, const char *argument)
{
    options->sensor_name = argument;
    return true;
}

bool cas_cli_take_colour(struct cas_cli_options *options, const char *argument)
{
    static const char *const words[] = { "auto", "always", "never", NULL };
    int index = 0;
    if (!take_word("--color", argument, words, &index)) {
        return false;
    }
    options->colour = (enum cas_cli_colour)index;
    return true;
}

/* -n: names are never resolved, but hands are used to asking for that. */
bool cas_cli_take_nothing(struct cas_cli_options *options, const char *argument)
{
    (void)options;
    (void)argument;
    return true;
}

bool cas_cli_take_line_buffered(struct cas_cli_options *options, const char *argument)
{
    (void)argument;
    options->is_line_buffered = true;
    return true;
}

bool cas_cli_take_quiet(struct cas_cli_options *options, const char *argument)
{
    (void)argument;
    options->is_quiet = true;
    return true;
}

bool cas_cli_take_verbose(struct cas_cli_options *options, const char *argument)
{
    (void)argument;
    options->is_verbose = true;
    return true;
}

bool cas_cli_take_plan(struct cas_cli_options *options, const char *argument)
{
    (void)argument;
    options->action = CAS_CLI_PLAN;
    return true;
}

bool cas_cli_take_list_limits(struct cas_cli_options *options, const char *argument)
{
    (void)argument;
    options->action = CAS_CLI_LIST_LIMITS;
    return true;
}

bool cas_cli_take_version(struct cas_cli_options *options, const char *argument)
{
    (void)argument;
    options->action = CAS_CLI_VERSION;
    return true;
}

bool cas_cli_take_help(struct cas_cli_options *options, const char *argument)
{
    (void)argument;
    options->action = CAS_CLI_HELP;
    return true;
}
