/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/text_layout.h"

#include <string.h>

#include "bytes/reader.h"
#include "bytes/text.h"
#include "output/format.h"

#define BAR_WIDTH 50

void cas_text_colour_on(const struct cas_text *text, enum cas_text_colour colour)
{
    static const char *const codes[] = {
        [CAS_TEXT_PLAIN] = "\x1b[0m",   [CAS_TEXT_BOLD] = "\x1b[1m",
        [CAS_TEXT_DIM] = "\x1b[2m",     [CAS_TEXT_RED] = "\x1b[1;31m",
        [CAS_TEXT_YELLOW] = "\x1b[33m", [CAS_TEXT_GREEN] = "\x1b[32m",
    };
    cas_buf_append_text(text->out, text->colour ? codes[colour] : "");
}

void cas_text_colour_off(const struct cas_text *text)
{
    cas_buf_append_text(text->out, text->colour ? "\x1b[0m" : "");
}

void cas_text_paint(const struct cas_text *text, enum cas_text_colour colour, const char *word)
{
    cas_text_colour_on(text, colour);
    cas_format_text(text->out, word);
    cas_text_colour_off(text);
}

void cas_text_spaces(const struct cas_text *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cas_buf_append_u8(text->out, ' ');
    }
}

void cas_text_end_line(const struct cas_text *text)
{
    cas_buf_append_u8(text->out, '\n');
}

void cas_text_label(const struct cas_text *text, enum cas_text_colour colour, const char *label)
{
    size_t end = CAS_TEXT_INDENT + strlen(label);
    cas_text_spaces(text, CAS_TEXT_INDENT);
    cas_text_paint(text, colour, label);
    cas_text_spaces(text, end < CAS_TEXT_VALUE_AT ? CAS_TEXT_VALUE_AT - end : 1);
}

void cas_text_value(const struct cas_text *text)
{
    cas_text_spaces(text, CAS_TEXT_VALUE_AT);
}

void cas_text_count(const struct cas_text *text, uint64_t count, const char *one,
                    const char *many)
{
    cas_format_grouped(text->out, count);
    cas_buf_append_u8(text->out, ' ');
    cas_buf_append_text(text->out, count == 1 ? one : many);
}

const char *cas_text_part(const struct cas_text *text, const char *separator, uint64_t count,
                          const char *what)
{
    if (count == 0) {
        return separator;
    }
    cas_buf_append_text(text->out, separator);
    cas_format_grouped(text->out, count);
    cas_buf_append_text(text->out, what);
    return ", ";
}

/* Characters, not bytes. */
static size_t width_of(struct cas_view utf8)
{
    struct cas_reader r = cas_reader_init(utf8);
    size_t width = 0;
    while (cas_reader_left(&r) > 0) {
        (void)cas_text_next(&r);
        width++;
    }
    return width;
}

void cas_text_sentence(const struct cas_text *text, size_t indent, size_t column,
                       const char *sentence)
{
    const char *words = sentence != NULL ? sentence : "";
    struct cas_view left = cas_view_of(words, strlen(words));
    bool is_first_word = true;
    while (left.len > 0) {
        struct cas_view word = cas_view_part(left, 0, strcspn((const char *)left.data, " "));
        left = cas_view_part(left, word.len + 1, left.len);
        size_t width = width_of(word);
        if (!is_first_word && column + 1 + width > CAS_TEXT_WIDTH) {
            cas_text_end_line(text);
            cas_text_spaces(text, indent);
            column = indent;
        } else if (!is_first_word) {
            cas_text_spaces(text, 1);
            column++;
        }
        cas_format_view(text->out, word);
        column += width;
        is_first_word = false;
    }
    cas_text_end_line(text);
}

static void append_cells(const struct cas_text *text, uint64_t count, uint8_t cell)
{
    for (uint64_t i = 0; i < count; i++) {
        cas_buf_append_u8(text->out, cell);
    }
}

void cas_text_bar(const struct cas_text *text, uint64_t counted, uint64_t limit)
{
    uint64_t scale = counted > limit ? counted : limit;
    uint64_t filled = counted * BAR_WIDTH / scale;
    uint64_t mark = limit * BAR_WIDTH / scale;
    uint64_t before = filled < mark ? filled : mark;
    cas_buf_append_u8(text->out, '[');
    append_cells(text, before, '#');
    append_cells(text, mark - before, '.');
    cas_buf_append_u8(text->out, '|');
    append_cells(text, filled - before, '#');
    cas_buf_append_u8(text->out, ']');
}
