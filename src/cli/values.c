/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/say.h"

#define SECOND_US UINT64_C(1000000)

/* Ten years: longer is a slip of the keyboard. */
#define TIME_MAX_S UINT64_C(315360000)

/* libpcap's own: no packet is longer. */
#define SNAPLEN_MAX 262144

static bool wrong(const struct cas_cli_option *option, const char *wanted, const char *argument)
{
    cas_cli_say("--%s takes %s, not '%s'", option->name, wanted, argument);
    return false;
}

bool cas_cli_number(const char *digits, size_t len, uint64_t least, uint64_t most,
                    uint64_t *out_number)
{
    uint64_t number = 0;
    for (size_t i = 0; i < len; i++) {
        if (digits[i] < '0' || digits[i] > '9' || number > UINT64_MAX / 10 - 1) {
            return false;
        }
        number = number * 10 + (uint64_t)(digits[i] - '0');
    }
    if (len == 0 || number < least || number > most) {
        return false;
    }
    *out_number = number;
    return true;
}

static const char *word_at(const void *words, size_t i)
{
    const char *const *list = words;
    return list[i];
}

bool cas_cli_word(const struct cas_cli_option *option, const char *argument,
                  const char *const *words, unsigned *out_index)
{
    for (unsigned i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], argument) == 0) {
            *out_index = i;
            return true;
        }
    }
    const char *meant = cas_cli_nearest(argument, word_at, words);
    cas_cli_say("--%s does not know '%s': %s%s%s, or see casniff --help", option->name,
                argument, meant != NULL ? "did you mean '" : "try '",
                meant != NULL ? meant : words[0], "'");
    return false;
}

static bool take_number(const struct cas_cli_option *option, uint64_t *number,
                        const char *argument)
{
    char wanted[64];
    if (!cas_cli_number(argument, strlen(argument), option->least, option->most, number)) {
        (void)snprintf(wanted, sizeof(wanted), "a number from %llu to %llu",
                       (unsigned long long)option->least, (unsigned long long)option->most);
        return wrong(option, wanted, argument);
    }
    *number *= option->unit;
    return true;
}

/* "80" or "80%". */
static bool take_percent(const struct cas_cli_option *option, uint64_t *percent,
                         const char *argument)
{
    size_t len = strlen(argument);
    if (len > 0 && argument[len - 1] == '%') {
        len--;
    }
    return cas_cli_number(argument, len, 1, 100, percent) ||
           wrong(option, "a percentage from 1 to 100", argument);
}

/* The seconds of a unit; 1 where there is none. */
static uint64_t seconds_of(char unit)
{
    switch (unit) {
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    default:
        return 1;
    }
}

/* "90", "90s", "15m", "1h", "7d". */
static bool take_time(const struct cas_cli_option *option, uint64_t *microseconds,
                      const char *argument)
{
    uint64_t number = 0;
    size_t len = strlen(argument);
    const char *unit = &argument[len > 0 ? len - 1 : 0];
    if (len > 1 && strchr("smhd", *unit) != NULL) {
        len--;
    }
    if (!cas_cli_number(argument, len, option->least, TIME_MAX_S / seconds_of(*unit),
                        &number)) {
        return wrong(option, "a time such as 90, 15m, 1h or 7d", argument);
    }
    *microseconds = number * seconds_of(*unit) * SECOND_US;
    return true;
}

static bool take_list(struct cas_cli_words *words, const char *argument)
{
    const char **grown = realloc(words->word, (words->len + 1) * sizeof(*grown));
    if (grown == NULL) {
        cas_cli_say("out of memory");
        return false;
    }
    words->word = grown;
    words->word[words->len++] = argument;
    return true;
}

bool cas_cli_option_take(const struct cas_cli_option *option, struct cas_cli_options *options,
                         const char *argument)
{
    void *member = (char *)options + option->at;
    switch (option->kind) {
    case CAS_CLI_KIND_FLAG:
        *(bool *)member = true;
        return true;
    case CAS_CLI_KIND_SET:
        *(unsigned *)member = option->value;
        return true;
    case CAS_CLI_KIND_WORD:
        return cas_cli_word(option, argument, option->words, member);
    case CAS_CLI_KIND_NUMBER:
        return take_number(option, member, argument);
    case CAS_CLI_KIND_PERCENT:
        return take_percent(option, member, argument);
    case CAS_CLI_KIND_TIME:
        return take_time(option, member, argument);
    case CAS_CLI_KIND_TEXT:
        *(const char **)member = argument;
        return true;
    case CAS_CLI_KIND_LIST:
        return take_list(member, argument);
    case CAS_CLI_KIND_FUNCTION:
        break;
    }
    return option->take(option, options, argument);
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
    struct cas_cli_report *grown =
        realloc(options->reports, (options->reports_len + 1) * sizeof(*grown));
    if (grown == NULL) {
        cas_cli_say("out of memory");
        return false;
    }
    options->reports = grown;
    options->reports[options->reports_len++] =
        (struct cas_cli_report){ .form = form, .path = path };
    return true;
}

/* FORM or FORM:FILE, "-" for standard output. */
bool cas_cli_take_report(const struct cas_cli_option *option, struct cas_cli_options *options,
                         const char *argument)
{
    char name[16] = "";
    size_t len = strcspn(argument, ":");
    const char *path = argument[len] == ':' ? &argument[len + 1] : "-";
    if (len < sizeof(name)) {
        (void)snprintf(name, sizeof(name), "%.*s", (int)len, argument);
    }
    unsigned index = 0;
    enum cas_report_form form = CAS_REPORT_TEXT;
    if (!cas_cli_word(option, len < sizeof(name) ? name : argument, option->words, &index) ||
        !cas_report_form_find(option->words[index], &form)) {
        return false;
    }
    if (path[0] == '\0') {
        cas_cli_say("-T %s has no file behind its colon", argument);
        return false;
    }
    return add_report(options, form, strcmp(path, "-") == 0 ? NULL : path);
}

bool cas_cli_take_json(const struct cas_cli_option *option, struct cas_cli_options *options,
                       const char *argument)
{
    (void)option;
    (void)argument;
    return add_report(options, CAS_REPORT_JSON, NULL);
}

static const char *limit_at(const void *context, size_t i)
{
    (void)context;
    size_t len = 0;
    const struct cas_limit *limits = cas_limits(&len);
    return i < len ? limits[i].name : NULL;
}

bool cas_cli_take_limit(const struct cas_cli_option *option, struct cas_cli_options *options,
                        const char *argument)
{
    struct cas_limit limit = { 0 };
    if (!cas_limit_find(argument, &limit)) {
        const char *meant = cas_cli_nearest(argument, limit_at, NULL);
        cas_cli_say("--%s does not know '%s': %s%s%s casniff --list-limits shows%s",
                    option->name, argument,
                    meant != NULL ? "did you mean '" : "give a number of bytes, or a name that",
                    meant != NULL ? meant : "", meant != NULL ? "'?" : "",
                    meant != NULL ? " all" : "");
        return false;
    }
    struct cas_limit *grown =
        realloc(options->limits, (options->limits_len + 1) * sizeof(*grown));
    if (grown == NULL) {
        cas_cli_say("out of memory");
        return false;
    }
    options->limits = grown;
    options->limits[options->limits_len++] = limit;
    return true;
}

bool cas_cli_take_names(const struct cas_cli_option *option, struct cas_cli_options *options,
                        const char *argument)
{
    enum {
        ALL,
        FIRST,
        NONE
    };
    unsigned index = NONE;
    uint64_t number = 0;
    if (cas_cli_number(argument, strlen(argument), 0, CAS_NAMES_FIRST - 1, &number)) {
        options->names = (size_t)number;
        return true;
    }
    if (!cas_cli_word(option, argument, option->words, &index)) {
        return false;
    }
    options->names = index == ALL ? CAS_NAMES_ALL : index == FIRST ? CAS_NAMES_FIRST : 0;
    return true;
}

/* As tcpdump: 0 is the most there is. */
bool cas_cli_take_snaplen(const struct cas_cli_option *option, struct cas_cli_options *options,
                          const char *argument)
{
    uint64_t number = 0;
    if (!cas_cli_number(argument, strlen(argument), 0, SNAPLEN_MAX, &number)) {
        return wrong(option, "a number of bytes up to 262144", argument);
    }
    options->snaplen = number != 0 ? number : SNAPLEN_MAX;
    return true;
}
