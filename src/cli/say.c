/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/errors.h"

#define SENTENCE_MAX 2048

/* Longer words are not compared; no option or limit is near that. */
#define WORD_MAX 32

/* So many wrong letters are a slip, more are another word. */
#define SLIPS_MAX 2

/* Where the configuration is read; NULL elsewhere. */
static const char *place;

void cas_cli_say_at(const char *new_place)
{
    place = new_place;
}

/* The sentence without the option at its beginning. */
static const char *behind_option(const char *sentence)
{
    const char *blank = strchr(sentence, ' ');
    return strncmp(sentence, "--", 2) == 0 && blank != NULL ? blank + 1 : sentence;
}

/* Where sentences go to; NULL: standard error. */
static struct {
    void (*put)(void *user, const char *sentence);
    void *user;
} diverted;

void cas_cli_say_divert(void (*put)(void *user, const char *sentence), void *user)
{
    diverted.put = put;
    diverted.user = user;
}

void cas_cli_say(const char *format, ...)
{
    char said[SENTENCE_MAX];
    char sentence[SENTENCE_MAX];
    char line[SENTENCE_MAX + sizeof("casniff: \n")];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(said, sizeof(said), format, args);
    va_end(args);
    (void)snprintf(sentence, sizeof(sentence), "%s%s", place != NULL ? place : "",
                   place != NULL ? behind_option(said) : said);
    for (size_t i = 0; sentence[i] != '\0'; i++) {
        if ((unsigned char)sentence[i] < 0x20 || sentence[i] == 0x7f) {
            sentence[i] = '?';
        }
    }
    if (diverted.put != NULL) {
        diverted.put(diverted.user, sentence);
        return;
    }
    int len = snprintf(line, sizeof(line), "casniff: %s\n", sentence);
    cas_cli_errors_put((struct cas_view){ .data = (const uint8_t *)line, .len = (size_t)len });
}

int cas_cli_exit_of(enum cas_err err)
{
    switch (err) {
    case CAS_OK:
        return CAS_EXIT_DONE;
    case CAS_ERR_USAGE:
        return CAS_EXIT_USAGE;
    case CAS_ERR_RIGHTS:
        return CAS_EXIT_RIGHTS;
    case CAS_ERR_GONE:
        return CAS_EXIT_GONE;
    case CAS_ERR_NOMEM:
    case CAS_ERR_IO:
    case CAS_ERR_FORMAT:
        break;
    }
    return CAS_EXIT_FAILED;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance, one row of the table at a time. */
static size_t distance(const char *a, const char *b)
{
    size_t row[WORD_MAX + 1];
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    if (a_len > WORD_MAX || b_len > WORD_MAX) {
        return WORD_MAX;
    }
    for (size_t j = 0; j <= b_len; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t changed = diagonal + (a[i - 1] != b[j - 1] ? 1 : 0);
            diagonal = row[j];
            row[j] = least(changed, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[b_len];
}

const char *cas_cli_nearest(const char *word, cas_cli_candidate *at, const void *context)
{
    const char *nearest = NULL;
    size_t best = least(SLIPS_MAX + 1, strlen(word));
    for (size_t i = 0; at(context, i) != NULL; i++) {
        size_t slips = distance(word, at(context, i));
        if (slips < best) {
            best = slips;
            nearest = at(context, i);
        }
    }
    return nearest;
}
