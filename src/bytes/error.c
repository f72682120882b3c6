/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <casniff/error.h>

/* Takes the pieces of a UTF-8 character that was cut off the end of text. */
static void trim_to_character(char *text)
{
    size_t len = strlen(text);
    while (len > 0 && ((unsigned char)text[len - 1] & 0xc0) == 0x80) {
        len--;
    }
    if (len > 0 && ((unsigned char)text[len - 1] & 0x80) != 0) {
        len--;
    }
    text[len] = '\0';
}

enum cas_err cas_error_set(struct cas_error *out_error, enum cas_err code, const char *format,
                           ...)
{
    if (out_error == NULL) {
        return code;
    }
    out_error->code = code;
    va_list args;
    va_start(args, format);
    int len = vsnprintf(out_error->text, sizeof(out_error->text), format, args);
    va_end(args);
    if (len >= (int)sizeof(out_error->text)) {
        trim_to_character(out_error->text);
    }
    return code;
}
