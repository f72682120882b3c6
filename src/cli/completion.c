/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/completion.h"

#include <stdio.h>
#include <string.h>

#include <casniff/limits.h>

#include "cli/option_table.h"

/* The words an argument can be, with a blank between them; LIMIT's are the library's. */
static void print_words(const struct cas_cli_option *option)
{
    size_t len = 0;
    const struct cas_limit *limits = cas_limits(&len);
    for (size_t i = 0; option->words != NULL && option->words[i] != NULL; i++) {
        printf("%s%s", i > 0 ? " " : "", option->words[i]);
    }
    for (size_t i = 0; strcmp(option->name, "limit") == 0 && i < len; i++) {
        printf("%s%s", i > 0 ? " " : "", limits[i].name);
    }
}

static bool has_words(const struct cas_cli_option *option)
{
    return option->words != NULL || strcmp(option->name, "limit") == 0;
}

/* "-r|--read)" of a case. */
static void print_case(const struct cas_cli_option *option)
{
    printf("    ");
    if (option->letter != '\0') {
        printf("-%c | ", option->letter);
    }
    printf("--%s) ", option->name);
}

static void print_bash_offer(const struct cas_cli_option *option)
{
    print_case(option);
    switch (option->offer) {
    case CAS_CLI_OFFER_FILES:
        fputs("compopt -o filenames && COMPREPLY=($(compgen -f -- \"$cur\"))", stdout);
        break;
    case CAS_CLI_OFFER_INTERFACES:
        fputs("COMPREPLY=($(compgen -W \"any $(command ls /sys/class/net 2> /dev/null)\" "
              "-- \"$cur\"))",
              stdout);
        break;
    case CAS_CLI_OFFER_USERS:
        fputs("COMPREPLY=($(compgen -u -- \"$cur\"))", stdout);
        break;
    case CAS_CLI_OFFER_COMMANDS:
        fputs("COMPREPLY=($(compgen -c -- \"$cur\"))", stdout);
        break;
    case CAS_CLI_OFFER_NOTHING:
        if (has_words(option)) {
            fputs("COMPREPLY=($(compgen -W \"", stdout);
            print_words(option);
            fputs("\" -- \"$cur\"))", stdout);
        }
        break;
    }
    puts(";;");
}

static void print_bash(const struct cas_cli_option *table, size_t len)
{
    puts("# bash completion for casniff; made by: casniff --completion bash\n"
         "_casniff()\n"
         "{\n"
         "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
         "    COMPREPLY=()\n"
         "    if [[ $prev == = ]]; then # --option=word is three words here\n"
         "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
         "    elif [[ $cur == = ]]; then\n"
         "        cur=\n"
         "    fi\n"
         "    case $prev in");
    for (size_t i = 0; i < len; i++) {
        if (table[i].argument != NULL) {
            print_bash_offer(&table[i]);
        }
    }
    fputs("    *) [[ $cur == -* ]] && COMPREPLY=($(compgen -W \"", stdout);
    for (size_t i = 0; i < len; i++) {
        printf("%s--%s", i > 0 ? " " : "", table[i].name);
    }
    puts("\" -- \"$cur\")) ;;\n"
         "    esac\n"
         "}\n"
         "complete -F _casniff casniff");
}

/* Help is quoted with '...' in zsh and fish; zsh's _arguments has brackets around it. */
static void print_quoted(const char *help, const char *escaped)
{
    for (const char *c = help; *c != '\0'; c++) {
        if (*c == '\'') {
            fputs("'\\''", stdout);
        } else {
            printf("%s%c", strchr(escaped, *c) != NULL ? "\\" : "", *c);
        }
    }
}

/* "::FILE:_files" behind an option's description. */
static void print_zsh_offer(const struct cas_cli_option *option)
{
    if (option->argument == NULL) {
        return;
    }
    putchar(':');
    print_quoted(option->argument, ":[]\\");
    putchar(':');
    switch (option->offer) {
    case CAS_CLI_OFFER_FILES:
        fputs("_files", stdout);
        break;
    case CAS_CLI_OFFER_INTERFACES:
        fputs("{compadd any /sys/class/net/*(N\\:t)}", stdout);
        break;
    case CAS_CLI_OFFER_USERS:
        fputs("_users", stdout);
        break;
    case CAS_CLI_OFFER_COMMANDS:
        fputs("_command_names -e", stdout);
        break;
    case CAS_CLI_OFFER_NOTHING:
        if (has_words(option)) {
            putchar('(');
            print_words(option);
            putchar(')');
        }
        break;
    }
}

/* '*-r+[help]:FILE:_files': one spec a spelling. */
static void print_zsh_spec(const struct cas_cli_option *option, const char *spelling)
{
    /* A long one with "=" as well would be two ways to go on, of which zsh inserts neither. */
    const char *joined = option->argument != NULL && spelling[1] != '-' ? "+" : "";
    printf("    '%s%s%s[", option->is_repeatable ? "*" : "", spelling, joined);
    print_quoted(option->help, ":[]\\");
    putchar(']');
    print_zsh_offer(option);
    puts("' \\");
}

static void print_zsh(const struct cas_cli_option *table, size_t len)
{
    char spelling[64];
    puts("#compdef casniff\n"
         "# zsh completion for casniff; made by: casniff --completion zsh\n"
         "_casniff()\n"
         "{\n"
         "    _arguments -s -S \\");
    for (size_t i = 0; i < len; i++) {
        if (table[i].letter != '\0') {
            (void)snprintf(spelling, sizeof(spelling), "-%c", table[i].letter);
            print_zsh_spec(&table[i], spelling);
        }
        (void)snprintf(spelling, sizeof(spelling), "--%s", table[i].name);
        print_zsh_spec(&table[i], spelling);
    }
    puts("    '*:filter:'\n"
         "}\n"
         "if [ \"$funcstack[1]\" = _casniff ]; then\n"
         "    _casniff \"$@\"\n"
         "else\n"
         "    compdef _casniff casniff\n"
         "fi");
}

static void print_fish_offer(const struct cas_cli_option *option)
{
    switch (option->offer) {
    case CAS_CLI_OFFER_FILES:
        fputs(" -r -F", stdout);
        break;
    case CAS_CLI_OFFER_INTERFACES:
        fputs(" -x -a '(command ls /sys/class/net) any'", stdout);
        break;
    case CAS_CLI_OFFER_USERS:
        fputs(" -x -a '(__fish_complete_users)'", stdout);
        break;
    case CAS_CLI_OFFER_COMMANDS:
        fputs(" -x -a '(__fish_complete_command)'", stdout);
        break;
    case CAS_CLI_OFFER_NOTHING:
        fputs(option->argument != NULL ? " -x" : "", stdout);
        if (has_words(option)) {
            fputs(" -a '", stdout);
            print_words(option);
            putchar('\'');
        }
        break;
    }
}

static void print_fish(const struct cas_cli_option *table, size_t len)
{
    puts("# fish completion for casniff; made by: casniff --completion fish\n"
         "complete -c casniff -f");
    for (size_t i = 0; i < len; i++) {
        fputs("complete -c casniff", stdout);
        if (table[i].letter != '\0') {
            printf(" -s %c", table[i].letter);
        }
        printf(" -l %s", table[i].name);
        print_fish_offer(&table[i]);
        fputs(" -d '", stdout);
        /* Inside of '...' fish knows the backslash, so that "'\''" means what it means in sh.
         */
        print_quoted(table[i].help, "\\");
        puts("'");
    }
}

void cas_cli_completion(enum cas_cli_shell shell)
{
    size_t len = 0;
    const struct cas_cli_option *table = cas_cli_option_table(&len);
    switch (shell) {
    case CAS_CLI_BASH:
        print_bash(table, len);
        break;
    case CAS_CLI_ZSH:
        print_zsh(table, len);
        break;
    case CAS_CLI_FISH:
        print_fish(table, len);
        break;
    }
}
