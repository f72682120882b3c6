/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/text_plan.h"

#include "bytes/reader.h"
#include "output/format.h"
#include "output/text_list.h"

#define NAME_WIDTH    18
#define NUMBER_WIDTH  10
#define PERCENT_WIDTH 7
#define DETAIL_AT     (CAS_TEXT_INDENT + NAME_WIDTH)

/* The number ends where the column does. */
static void put_right(const struct cas_text *text, uint64_t number, size_t width)
{
    struct cas_buf digits = cas_buf_init(SIZE_MAX, NULL);
    cas_format_grouped(&digits, number);
    cas_text_spaces(text, digits.len < width ? width - digits.len : 1);
    cas_buf_append(text->out, cas_buf_view(&digits));
    cas_buf_finish(&digits);
}

/* ", room for 37 more names" of average size. */
static void put_room(const struct cas_text *text, const struct cas_plan_event *event,
                     const struct cas_plan_cut *cut)
{
    if (event->bytes > 0) {
        uint64_t left = cut->limit_bytes - cut->limit_counted;
        cas_buf_append_text(text->out, ", room for ");
        cas_text_count(text, left * event->names / event->bytes, "more name", "more names");
    }
}

static void put_cut(const struct cas_text *text, const struct cas_plan_event *event,
                    const struct cas_plan_cut *cut)
{
    bool fits = cut->names_sent >= event->names && cut->limit_counted <= cut->limit_bytes;
    cas_text_spaces(text, CAS_TEXT_INDENT);
    size_t before = text->out->len;
    cas_format_text(text->out, cut->limit_name);
    size_t width = text->out->len - before;
    cas_text_spaces(text, width < NAME_WIDTH ? NAME_WIDTH - width : 1);
    put_right(text, cut->limit_bytes, NUMBER_WIDTH);
    put_right(text, cut->limit_counted, NUMBER_WIDTH);
    put_right(text, cut->limit_percent, PERCENT_WIDTH);
    cas_buf_append_text(text->out, " %  ");
    cas_text_paint(text, fits ? CAS_TEXT_GREEN : CAS_TEXT_RED, fits ? "fits" : "TOO LONG");
    if (fits) {
        put_room(text, event, cut);
    } else if (cut->effect != NULL) {
        cas_buf_append_text(text->out, ": ");
        cas_format_text(text->out, cut->effect);
    }
    cas_text_end_line(text);
    if (cut->names_sent > 0 && cut->names_sent < event->names) {
        cas_text_spaces(text, DETAIL_AT);
        cas_text_count(text, cut->names_sent, "name is", "names are");
        cas_buf_append_text(text->out, " sent; the first that is not: ");
        cas_format_text(text->out, cut->first_missing);
        cas_text_end_line(text);
    }
}

void cas_text_plan(const struct cas_text *text, const struct cas_plan_event *event)
{
    cas_buf_append_text(text->out, "A server with this trust store would send ");
    cas_text_count(text, event->names, "name", "names");
    cas_buf_append_text(text->out, " in ");
    cas_text_count(text, event->bytes, "byte", "bytes");
    cas_buf_append_text(text->out, " (the store holds ");
    cas_text_count(text, event->entries, "certificate", "certificates");
    cas_buf_append_text(text->out, ").\n\n");
    cas_buf_append_text(text->out, "  limit                  bytes   counted      %\n");
    for (size_t i = 0; i < event->cuts_len; i++) {
        put_cut(text, event, &event->cuts[i]);
    }
    cas_text_end_line(text);
    cas_text_label(text, CAS_TEXT_PLAIN, "names");
    cas_buf_append_text(text->out, "in this order\n");
    cas_text_list_names(text, event->name, event->names);
}
