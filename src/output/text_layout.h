/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the text report lays out a line: label and value, colour, sentences broken into lines,
 * the bar of the headroom. Knows nothing of what it says.
 *
 *     |  CA list   16,301 bytes, 133 names
 *     ^ 0          ^ CAS_TEXT_VALUE_AT
 */
#ifndef CAS_OUTPUT_TEXT_LAYOUT_H
#define CAS_OUTPUT_TEXT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/buf.h"

/* Sentences are broken here; names, which people copy, are not. */
#define CAS_TEXT_WIDTH    96
#define CAS_TEXT_INDENT   2
#define CAS_TEXT_VALUE_AT 12

enum cas_text_colour {
    CAS_TEXT_PLAIN,
    CAS_TEXT_BOLD,
    CAS_TEXT_DIM,
    CAS_TEXT_RED,
    CAS_TEXT_YELLOW,
    CAS_TEXT_GREEN
};

/* Where text goes, and how the user wants it. */
struct cas_text {
    struct cas_buf *out;
    bool colour;
    size_t names; /* one of CAS_NAMES_..., or how many */
};

/* What is written between them is coloured, when the user wants that. */
void cas_text_colour_on(const struct cas_text *text, enum cas_text_colour colour);
void cas_text_colour_off(const struct cas_text *text);
void cas_text_paint(const struct cas_text *text, enum cas_text_colour colour, const char *word);

void cas_text_spaces(const struct cas_text *text, size_t count);
void cas_text_end_line(const struct cas_text *text);

/* Indents, and writes the label up to where the value begins. */
void cas_text_label(const struct cas_text *text, enum cas_text_colour colour,
                    const char *label);

/* The line is indented as far as values are. */
void cas_text_value(const struct cas_text *text);

/* "1 name", "133 names" */
void cas_text_count(const struct cas_text *text, uint64_t count, const char *one,
                    const char *many);

/*
 * One part of "12 handshakes: 9 sent a certificate, 3 resumed": the separator, the count and
 * what; nothing for a count of 0. Gives the separator of the next part.
 */
const char *cas_text_part(const struct cas_text *text, const char *separator, uint64_t count,
                          const char *what);

/*
 * Words broken into lines, all but the first indented by `indent`; the first continues a line
 * that is `column` long. Ends the line. sentence may be NULL or empty.
 */
void cas_text_sentence(const struct cas_text *text, size_t indent, size_t column,
                       const char *sentence);

/* "[#######...|]": how much of limit is counted; what is over stands right of the mark. */
void cas_text_bar(const struct cas_text *text, uint64_t counted, uint64_t limit);

#endif
