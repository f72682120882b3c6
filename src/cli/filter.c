/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/say.h"

/* A filter is a line of words; libpcap could not compile one that long. */
#define FILTER_FILE_MAX 65536

static char *join_words(char *const *words, int count)
{
    size_t size = 1;
    for (int i = 0; i < count; i++) {
        size += strlen(words[i]) + 1;
    }
    char *filter = calloc(size, 1);
    size_t len = 0;
    for (int i = 0; filter != NULL && i < count; i++) {
        len += (size_t)snprintf(&filter[len], size - len, "%s%s", i > 0 ? " " : "", words[i]);
    }
    return filter;
}

/* As tcpdump -F: from '#' to the end of the line is comment. */
static void blank_comments(char *filter)
{
    bool is_comment = false;
    for (size_t i = 0; filter[i] != '\0'; i++) {
        is_comment = filter[i] == '#' || (is_comment && filter[i] != '\n');
        if (is_comment || filter[i] == '\n') {
            filter[i] = ' ';
        }
    }
}

static char *read_filter(const char *path)
{
    char *filter = calloc(FILTER_FILE_MAX + 1, 1);
    FILE *file = fopen(path, "r");
    size_t len = filter != NULL && file != NULL ? fread(filter, 1, FILTER_FILE_MAX, file) : 0;
    bool is_good = filter != NULL && file != NULL && ferror(file) == 0;
    if (!is_good) {
        cas_cli_say("cannot read the filter %s: %s", path, strerror(errno));
    } else if (len == FILTER_FILE_MAX) {
        cas_cli_say("the filter %s is too long: at most %d bytes are taken", path,
                    FILTER_FILE_MAX);
    } else if (strlen(filter) != len) {
        cas_cli_say("the filter %s is no text: there is a NUL byte in it", path);
        is_good = false;
    } else {
        blank_comments(filter);
    }
    if (file != NULL) {
        fclose(file);
    }
    if (!is_good || len == FILTER_FILE_MAX) {
        free(filter);
        return NULL;
    }
    return filter;
}

/* There can be one filter; out_first and out_second name two that were given. */
static bool is_given_twice(const struct cas_cli_options *options, char *const *words, int count,
                           const char **out_first, const char **out_second)
{
    *out_first = options->filter_path != NULL ? "-F" : "--filter";
    *out_second = count > 0 ? words[0] : "--filter";
    return (options->filter_path != NULL) + (options->filter_given != NULL) + (count > 0) > 1;
}

int cas_cli_filter_take(struct cas_cli_options *options, char *const *words, int count)
{
    const char *first = NULL;
    const char *second = NULL;
    if (is_given_twice(options, words, count, &first, &second)) {
        cas_cli_say("there are two filters, %s and '%s ...': leave one of them out", first,
                    second);
        return CAS_EXIT_USAGE;
    }
    if (options->filter_path != NULL) {
        options->filter = read_filter(options->filter_path);
        return options->filter != NULL ? CAS_EXIT_DONE : CAS_EXIT_FAILED;
    }
    if (options->filter_given != NULL) {
        options->filter = strdup(options->filter_given);
    } else {
        options->filter = join_words(words, count);
    }
    if (options->filter == NULL) {
        cas_cli_say("out of memory");
        return CAS_EXIT_FAILED;
    }
    return CAS_EXIT_DONE;
}
