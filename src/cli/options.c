/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/say.h"
#include "cli/values.h"

/* What getopt_long() gives for the option of this index; above every letter. */
#define LONG_BASE 256

/* A filter is a line of words; libpcap could not compile one that long. */
#define FILTER_FILE_MAX 65536

struct option_row {
    char letter;          /* '\0': none */
    const char *name;     /* NULL: none */
    const char *argument; /* NULL: takes none */
    cas_cli_take *take;
    const char *help;
};

/* The letters are tcpdump's, with tcpdump's meaning. */
static const struct option_row rows[] = {
    { 'r', "read", "FILE", cas_cli_take_capture,
      "read this capture, '-' is stdin; repeatable" },
    { 'F', NULL, "FILE", cas_cli_take_filter_file, "take the filter from this file" },
    { 't', "trust-store", "PATH", cas_cli_take_store,
      "what the server should list; repeatable" },
    { '\0', "client-cert", "PATH", cas_cli_take_client_cert,
      "would this certificate have been chosen?" },
    { '\0', "keylog", "FILE", cas_cli_take_keylog,
      "decrypt handshakes with this NSS key log; repeatable" },
    { '\0', "keylog-world-readable", NULL, cas_cli_take_public_keylog,
      "take one that everybody may read" },
    { '\0', "limit", "LIMIT", cas_cli_take_limit, "a name or bytes; repeatable [schannel]" },
    { '\0', "warn", "PCT", cas_cli_take_warn, "a list this full is a WARN [80]" },
    { '\0', "crit", "PCT", cas_cli_take_crit, "a list this full is a CRIT [95]" },
    { 'T', NULL, "FORM[:FILE]", cas_cli_take_report, "text, json or csv; repeatable [text]" },
    { '\0', "json", NULL, cas_cli_take_json, "the same as -T json" },
    { '\0', "select", "WHICH", cas_cli_take_select,
      "connections told: all, requests, findings [all]" },
    { '\0', "names", "HOW", cas_cli_take_names, "names told: all, first, none or a number" },
    { '\0', "sensor-name", "NAME", cas_cli_take_sensor_name, "put this into every event" },
    { '\0', "color", "WHEN", cas_cli_take_colour, "auto, always or never [auto]" },
    { 'l', NULL, NULL, cas_cli_take_line_buffered, "write each line at once" },
    { 'q', NULL, NULL, cas_cli_take_quiet, "no warnings, no progress" },
    { 'v', NULL, NULL, cas_cli_take_verbose, "text: a line for every connection" },
    { 'n', NULL, NULL, cas_cli_take_nothing, "accepted: names are never resolved" },
    { '\0', "checksum", "HOW", cas_cli_take_checksums,
      "TCP checksums: auto, check, trust [auto]" },
    { 'K', NULL, NULL, cas_cli_take_trust_checksums, "the same as --checksum trust" },
    { '\0', "memory", "MIB", cas_cli_take_memory,
      "budget for what traffic makes us keep [64]" },
    { '\0', "plan", NULL, cas_cli_take_plan, "no capture: what would the trust store send?" },
    { '\0', "list-limits", NULL, cas_cli_take_list_limits, "show the limits that are known" },
    { 'V', "version", NULL, cas_cli_take_version,
      "show the versions of this and its libraries" },
    { 'h', "help", NULL, cas_cli_take_help, "show this" },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const char *name_at(const void *context, size_t i)
{
    const struct option *longs = context;
    return longs[i].name;
}

static const struct option_row *row_of(int given)
{
    for (size_t i = 0; i < ROWS; i++) {
        bool is_letter = rows[i].letter != '\0' && given == rows[i].letter;
        if (is_letter || given == LONG_BASE + (int)i) {
            return &rows[i];
        }
    }
    return NULL;
}

/* The table in getopt's own words. */
struct getopt_table {
    char letters[2 * ROWS + 2];
    struct option longs[ROWS + 1];
};

static struct getopt_table getopt_table(void)
{
    struct getopt_table table = { 0 };
    size_t letters_len = 0;
    size_t longs_len = 0;
    table.letters[letters_len++] = ':'; /* a missing argument is told apart */
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].letter != '\0') {
            table.letters[letters_len++] = rows[i].letter;
        }
        if (rows[i].letter != '\0' && rows[i].argument != NULL) {
            table.letters[letters_len++] = ':';
        }
        if (rows[i].name != NULL) {
            table.longs[longs_len++] = (struct option){
                .name = rows[i].name,
                .has_arg = rows[i].argument != NULL ? required_argument : no_argument,
                .val = LONG_BASE + (int)i,
            };
        }
    }
    return table;
}

/* What getopt_long() refused; word is the one that it stopped at. */
static void say_unknown(const struct getopt_table *table, const char *word)
{
    char name[64] = "";
    const struct option_row *row = row_of(optopt);
    if (row != NULL && row->argument == NULL) {
        cas_cli_say("option --%s takes no argument", row->name);
    } else if (optopt != 0) {
        cas_cli_say("unknown option -%c: casniff --help shows all", optopt);
    } else {
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
        const char *meant = strncmp(name, "--", 2) == 0
                                ? cas_cli_nearest(&name[2], name_at, table->longs)
                                : NULL;
        cas_cli_say("unknown option %s: %s%s%s", name, meant != NULL ? "did you mean --" : "",
                    meant != NULL ? meant : "casniff --help shows all",
                    meant != NULL ? "?" : "");
    }
}

static void say_missing(const char *word)
{
    const struct option_row *row = row_of(optopt);
    cas_cli_say("option %s needs its argument%s%s", word, row != NULL ? ": " : "",
                row != NULL ? row->argument : "");
}

static bool take_options(struct cas_cli_options *options, int argc, char **argv)
{
    struct getopt_table table = getopt_table();
    opterr = 0;
    int given = 0;
    while ((given = getopt_long(argc, argv, table.letters, table.longs, NULL)) != -1) {
        if (given == '?') {
            say_unknown(&table, argv[optind - 1]);
            return false;
        }
        if (given == ':') {
            say_missing(argv[optind - 1]);
            return false;
        }
        const struct option_row *row = row_of(given);
        if (row == NULL || !row->take(options, optarg)) {
            return false;
        }
    }
    return true;
}

/* The words behind the options are the filter. */
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

static int take_filter(struct cas_cli_options *options, char *const *words, int count)
{
    if (options->filter_path != NULL && count > 0) {
        cas_cli_say("there are two filters, -F %s and '%s ...': leave one of them out",
                    options->filter_path, words[0]);
        return CAS_EXIT_USAGE;
    }
    if (options->filter_path != NULL) {
        options->filter = read_filter(options->filter_path);
        return options->filter != NULL ? CAS_EXIT_DONE : CAS_EXIT_FAILED;
    }
    options->filter = join_words(words, count);
    if (options->filter == NULL) {
        cas_cli_say("out of memory");
        return CAS_EXIT_FAILED;
    }
    return CAS_EXIT_DONE;
}

/* What each option alone cannot know. */
static bool fits_together(const struct cas_cli_options *options)
{
    if (options->warn_percent > options->crit_percent) {
        cas_cli_say("--warn %u is above --crit %u: a warning comes first",
                    options->warn_percent, options->crit_percent);
        return false;
    }
    if (options->action == CAS_CLI_PLAN && options->stores_len == 0) {
        cas_cli_say("--plan needs the store that it is about: -t PATH");
        return false;
    }
    if (options->action == CAS_CLI_PLAN &&
        (options->captures_len > 0 || options->filter[0] != '\0')) {
        cas_cli_say("--plan looks at no packets: leave the capture and the filter out");
        return false;
    }
    if (options->action == CAS_CLI_READ && options->captures_len == 0) {
        cas_cli_say(
            "there is no capture to read: name one with -r FILE, or see casniff --help");
        return false;
    }
    return true;
}

static bool allocate(struct cas_cli_options *options, size_t words)
{
    const struct cas_sniffer_config defaults = cas_sniffer_defaults();
    *options = (struct cas_cli_options){
        .captures = calloc(words, sizeof(*options->captures)),
        .reports = calloc(words, sizeof(*options->reports)),
        .stores = calloc(words, sizeof(*options->stores)),
        .keylogs = calloc(words, sizeof(*options->keylogs)),
        .limits = calloc(words, sizeof(*options->limits)),
        .warn_percent = defaults.warn_percent,
        .crit_percent = defaults.crit_percent,
        .checksums = defaults.checksums,
        .select = defaults.select,
        .memory_bytes = defaults.memory_bytes,
        .names = CAS_NAMES_DEFAULT,
    };
    return options->captures != NULL && options->reports != NULL && options->stores != NULL &&
           options->limits != NULL && options->keylogs != NULL;
}

bool cas_cli_options_parse(struct cas_cli_options *out_options, int argc, char **argv,
                           int *out_exit)
{
    /* No list of values is longer than the command line; --json and -T text are one more. */
    if (!allocate(out_options, (size_t)argc + 1)) {
        cas_cli_say("out of memory");
        *out_exit = CAS_EXIT_FAILED;
        return false;
    }
    *out_exit = CAS_EXIT_USAGE;
    if (!take_options(out_options, argc, argv)) {
        return false;
    }
    *out_exit = take_filter(out_options, &argv[optind], argc - optind);
    if (*out_exit != CAS_EXIT_DONE) {
        return false;
    }
    *out_exit = CAS_EXIT_USAGE;
    if (!fits_together(out_options)) {
        return false;
    }
    if (out_options->reports_len == 0) {
        out_options->reports[out_options->reports_len++] =
            (struct cas_cli_report){ .form = CAS_REPORT_TEXT };
    }
    *out_exit = CAS_EXIT_DONE;
    return true;
}

void cas_cli_options_finish(struct cas_cli_options *options)
{
    free(options->captures);
    free(options->reports);
    free(options->stores);
    free(options->limits);
    free(options->keylogs);
    free(options->filter);
    *options = (struct cas_cli_options){ 0 };
}

static void print_row(const struct option_row *row)
{
    char left[64];
    char letter[8] = "   ";
    if (row->letter != '\0') {
        snprintf(letter, sizeof(letter), "-%c%s", row->letter, row->name != NULL ? "," : "");
    }
    snprintf(left, sizeof(left), "%-3s %s%s%s%s", letter, row->name != NULL ? "--" : "",
             row->name != NULL ? row->name : "",
             row->name != NULL && row->argument != NULL ? " " : "",
             row->argument != NULL ? row->argument : "");
    printf("  %-26s %s\n", left, row->help);
}

void cas_cli_options_help(void)
{
    puts("casniff - read TLS handshakes, and tell whether a server's list of certificate\n"
         "authorities was cut, and why clients then sent no certificate\n"
         "\n"
         "  casniff -r site.pcap                       what the servers in it asked for\n"
         "  casniff -r site.pcap -t roots.pem          ... and what their lists lack\n"
         "  casniff -r site.pcap --client-cert me.pem  ... and why mine was not sent\n"
         "  casniff -r site.pcap --json tcp port 443   events for machines, some packets only\n"
         "  casniff --plan -t roots.pem                where each limit would cut this store\n"
         "  tcpdump -w - | casniff -r -                from a pipe\n"
         "\n"
         "usage: casniff -r FILE... [OPTION]... [FILTER]\n"
         "       casniff --plan -t PATH... [OPTION]...\n");
    for (size_t i = 0; i < ROWS; i++) {
        print_row(&rows[i]);
    }
    puts("\n"
         "FILTER is tcpdump's (pcap-filter(7)). TLS 1.3, renegotiations and resumed sessions\n"
         "show no list: casniff says so. Exit: 0 done, 1 failed, 2 usage, 3 damaged input.\n"
         "More: man casniff");
}
