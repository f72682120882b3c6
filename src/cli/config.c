/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/config.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/option_table.h"
#include "cli/say.h"

/* No configuration is longer: this is another file. */
#define FILE_MAX ((size_t)1024 * 1024)

#define NAME_MAX_LEN 64

/* What Windows' editors put before UTF-8. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* More than the table will ever have; take_key() watches it. */
#define OPTIONS_MAX 96

/* One pass over the file. inih tells no line numbers, so that the lines are counted here. */
struct pass {
    struct cas_cli_options *options;
    const bool *is_given;
    const char *rest; /* of the file's text */
    unsigned line;    /* the one that inih has, from 1 */
    char *kept;       /* where the next value is put; as much room as the file has bytes */
    unsigned seen_at[OPTIONS_MAX]; /* the line of each option's key; 0: none */
    bool is_bad;
};

static bool complain(struct pass *pass, const char *what)
{
    cas_cli_say("%s:%u: %s", pass->options->config_path, pass->line, what);
    pass->is_bad = true;
    return false;
}

/* The next option that a file can have, from i on. */
static const char *key_at(const void *context, size_t i)
{
    size_t len = 0;
    size_t nth = 0;
    const struct cas_cli_option *table = cas_cli_option_table(&len);
    (void)context;
    for (size_t row = 0; row < len; row++) {
        if (!table[row].is_command_line_only && nth++ == i) {
            return table[row].name;
        }
    }
    return NULL;
}

static void say_unknown_key(struct pass *pass, const char *key)
{
    char sentence[256];
    const char *meant = cas_cli_nearest(key + strspn(key, "-"), key_at, NULL);
    (void)snprintf(sentence, sizeof(sentence), "unknown key '%.*s': %s%s%s", NAME_MAX_LEN, key,
                   meant != NULL ? "did you mean '" : "man casniff.conf lists all",
                   meant != NULL ? meant : "", meant != NULL ? "'?" : "");
    (void)complain(pass, sentence);
}

/* "yes" or "no", for an option that has no argument. */
static bool take_flag(struct pass *pass, const struct cas_cli_option *option, const char *value)
{
    if (strcmp(value, "no") == 0) {
        return true;
    }
    if (strcmp(value, "yes") == 0) {
        return cas_cli_option_take(option, pass->options, NULL);
    }
    cas_cli_say("--%s takes yes or no, not '%s'", option->name, value);
    return false;
}

static bool take_value(struct pass *pass, const struct cas_cli_option *option,
                       const char *value)
{
    if (value[0] == '\0') {
        cas_cli_say("--%s has no value: leave the line out", option->name);
        return false;
    }
    if (option->argument == NULL) {
        return take_flag(pass, option, value);
    }
    size_t size = strlen(value) + 1;
    char *kept = pass->kept;
    memcpy(kept, value, size);
    pass->kept += size;
    return cas_cli_option_take(option, pass->options, kept);
}

/* Options of which one takes the other's place, whichever of the two the command line gives. */
static const char *const rivals[][2] = {
    { "read", "interface" },
    { "filter-file", "filter" },
    { "report", "json" },
    { "checksum", "dont-verify-checksums" },
};

static bool is_overruled(const struct pass *pass, const struct cas_cli_option *option)
{
    size_t len = 0;
    const struct cas_cli_option *table = cas_cli_option_table(&len);
    bool is = pass->is_given[option - table];
    for (size_t i = 0; i < sizeof(rivals) / sizeof(rivals[0]); i++) {
        for (size_t side = 0; side < 2; side++) {
            const struct cas_cli_option *rival = cas_cli_option_find(rivals[i][1 - side]);
            if (strcmp(option->name, rivals[i][side]) == 0 && rival != NULL) {
                is = is || pass->is_given[rival - table];
            }
        }
    }
    return is;
}

static bool is_repeated(struct pass *pass, const struct cas_cli_option *option)
{
    char sentence[128];
    size_t len = 0;
    const struct cas_cli_option *table = cas_cli_option_table(&len);
    unsigned *seen_at = &pass->seen_at[option - table];
    if (*seen_at != 0 && !option->is_repeatable) {
        (void)snprintf(sentence, sizeof(sentence),
                       "%s: is in line %u already, and can be given once only", option->name,
                       *seen_at);
        (void)complain(pass, sentence);
        return true;
    }
    *seen_at = pass->line;
    return false;
}

/* inih's callback: 0 is failure. */
static int take_key(void *user, const char *section, const char *key, const char *value)
{
    struct pass *pass = user;
    char place[512];
    size_t len = 0;
    const struct cas_cli_option *option = cas_cli_option_find(key);
    (void)section; /* for the reader; next_line() has seen that it is one of ours */
    (void)cas_cli_option_table(&len);
    if (option == NULL || len > OPTIONS_MAX) {
        say_unknown_key(pass, key);
        return 0;
    }
    if (option->is_command_line_only) {
        (void)snprintf(place, sizeof(place), "%s: is for the command line only", key);
        return complain(pass, place);
    }
    if (is_repeated(pass, option)) {
        return 0;
    }
    if (is_overruled(pass, option)) {
        return 1;
    }
    (void)snprintf(place, sizeof(place), "%s:%u: %s: ", pass->options->config_path, pass->line,
                   key);
    cas_cli_say_at(place);
    pass->is_bad = !take_value(pass, option, value);
    cas_cli_say_at(NULL);
    return pass->is_bad ? 0 : 1;
}

/* "[capture]", as --help heads a section. */
static bool is_section(const char *name, size_t len)
{
    for (int i = 0; i <= CAS_CLI_SECTION_RUN; i++) {
        const char *known = cas_cli_section_name((enum cas_cli_section)i);
        bool is_same = strlen(known) == len;
        for (size_t at = 0; is_same && at < len; at++) {
            is_same = tolower((unsigned char)known[at]) == (unsigned char)name[at];
        }
        if (is_same) {
            return true;
        }
    }
    return false;
}

static bool check_section(struct pass *pass, const char *line)
{
    size_t len = strcspn(&line[1], "]");
    if (line[1 + len] == '\0') {
        return complain(pass, "the section's ']' is missing");
    }
    if (line[2 + len] != '\0') {
        return complain(pass, "behind the section's ']' there is more: it needs its own line");
    }
    return is_section(&line[1], len) ||
           complain(pass, "unknown section: there are [capture], [compare], [report], [alert] "
                          "and [run]");
}

/* A blank and a ';' begin a comment for inih: a command would silently lose its end. */
static bool has_comment_inside(const char *line)
{
    for (const char *c = strchr(line, ';'); c != NULL; c = strchr(c + 1, ';')) {
        if (c > line && isspace((unsigned char)c[-1])) {
            return true;
        }
    }
    return false;
}

/* What inih would pass over, cut or misunderstand without a word. */
static bool check_line(struct pass *pass, const char *line)
{
    if (line[0] == '\0' || line[0] == '#' || line[0] == ';') {
        return true;
    }
    if (line[0] == '[') {
        return check_section(pass, line);
    }
    if (line[strcspn(line, "=:")] != '=') {
        return complain(pass, "this is no 'key = value'");
    }
    if (has_comment_inside(line)) {
        return complain(pass, "a ';' behind a blank would begin a comment: comments need their "
                              "own line, a command with one a script");
    }
    return true;
}

/* The file's next line without blanks around it, in out_line; false when it is too long. */
static bool copy_line(struct pass *pass, char *out_line, size_t size)
{
    const char *line = pass->rest;
    size_t len = strcspn(line, "\n");
    pass->rest = &line[len + (line[len] == '\n' ? 1 : 0)];
    pass->line++;
    while (len > 0 && isspace((unsigned char)line[0])) {
        line++; /* inih would take an indented line for more of the value before it */
        len--;
    }
    while (len > 0 && isspace((unsigned char)line[len - 1])) {
        len--;
    }
    bool is_comment = len > 0 && (line[0] == '#' || line[0] == ';');
    if (len >= size && !is_comment) {
        return false;
    }
    (void)snprintf(out_line, size, "%.*s", is_comment ? 1 : (int)len, line);
    return true;
}

/* inih's reader, in the way of fgets(). */
static char *next_line(char *out_line, int size, void *user)
{
    char sentence[128];
    struct pass *pass = user;
    if (pass->is_bad || pass->rest[0] == '\0') {
        return NULL;
    }
    if (!copy_line(pass, out_line, (size_t)size)) {
        (void)snprintf(sentence, sizeof(sentence),
                       "the line is too long: at most %d bytes are read; a long filter goes "
                       "into a filter-file, a long command into a script",
                       size - 1);
        (void)complain(pass, sentence);
        return NULL;
    }
    return check_line(pass, out_line) ? out_line : NULL;
}

/* The whole file, ended by a zero byte; NULL when it cannot be had: that has been said. */
static char *read_file(const char *path)
{
    char *text = calloc(FILE_MAX + 1, 1);
    FILE *file = fopen(path, "r");
    size_t len = 0;
    bool is_good = text != NULL && file != NULL;
    if (is_good) {
        len = fread(text, 1, FILE_MAX, file);
        is_good = ferror(file) == 0;
    }
    if (!is_good) {
        cas_cli_say("cannot read the configuration %s: %s", path, strerror(errno));
    } else if (len == FILE_MAX || strlen(text) != len) {
        cas_cli_say("%s is no configuration: it is %s", path,
                    len == FILE_MAX ? "longer than a MiB" : "no text");
        is_good = false;
    }
    if (file != NULL) {
        fclose(file);
    }
    if (!is_good) {
        free(text);
        return NULL;
    }
    return text;
}

int cas_cli_config_read(struct cas_cli_options *options, const bool *is_given)
{
    char *text = read_file(options->config_path);
    if (text == NULL) {
        return CAS_EXIT_FAILED;
    }
    const char *begin = strncmp(text, BYTE_ORDER_MARK, 3) == 0 ? &text[3] : text;
    struct pass pass = { .options = options, .is_given = is_given, .rest = begin };
    options->config_text = calloc(strlen(text) + 1, 1);
    pass.kept = options->config_text;
    int ended = -1;
    if (options->config_text != NULL) {
        ended = ini_parse_stream(next_line, &pass, take_key, &pass);
    }
    free(text);
    if (ended < 0) {
        cas_cli_say("out of memory");
        return CAS_EXIT_FAILED;
    }
    if (ended > 0 && !pass.is_bad) {
        (void)complain(&pass, "this is no 'key = value'");
    }
    return pass.is_bad ? CAS_EXIT_USAGE : CAS_EXIT_DONE;
}
