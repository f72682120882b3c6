/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/text_list.h"

#include <string.h>

#include "output/form.h"
#include "output/format.h"

/* Findings of one kind can be as many as names: the rest is counted. */
#define LINT_MAX 8

/* Of a name's place in the list; more digits push its name to the right. */
#define NUMBER_WIDTH 3

struct verdict {
    const char *word;
    const char *meaning;
    enum cas_text_colour colour;
};

static bool is_wrapped(const struct cas_ca_list_info *list)
{
    for (size_t i = 0; i < list->lint_len; i++) {
        if (list->lint[i].code == CAS_LINT_LENGTH_WRAPPED) {
            return true;
        }
    }
    return false;
}

static struct verdict unknown_verdict(const struct cas_ca_list_info *list)
{
    if (is_wrapped(list)) {
        return (struct verdict){ "WRONG LENGTH", "the list is too long for the protocol",
                                 CAS_TEXT_RED };
    }
    switch (list->seen) {
    case CAS_SEEN_COMPLETE:
        return (struct verdict){ "UNKNOWN", "nothing can be said", CAS_TEXT_YELLOW };
    case CAS_SEEN_INCOMPLETE:
        return (struct verdict){ "UNKNOWN", "the list was not seen whole", CAS_TEXT_YELLOW };
    case CAS_SEEN_AMBIGUOUS:
        return (struct verdict){ "UNKNOWN", "bytes of the list are in doubt", CAS_TEXT_YELLOW };
    case CAS_SEEN_MALFORMED:
        return (struct verdict){ "UNKNOWN", "the list contradicts itself", CAS_TEXT_YELLOW };
    }
    return (struct verdict){ 0 };
}

static struct verdict verdict_of(const struct cas_ca_list_info *list)
{
    switch (list->truncation) {
    case CAS_TRUNCATION_UNKNOWN:
        return unknown_verdict(list);
    case CAS_TRUNCATION_NONE:
        return (struct verdict){ "OK", "nothing of the trust store is missing",
                                 CAS_TEXT_GREEN };
    case CAS_TRUNCATION_NO_SIGN:
        return (struct verdict){ "NO SIGN", "nothing looks cut", CAS_TEXT_GREEN };
    case CAS_TRUNCATION_SUBSET:
        return (struct verdict){ "SUBSET", "less than the trust store, but not cut by size",
                                 CAS_TEXT_YELLOW };
    case CAS_TRUNCATION_SUSPECTED:
        return (struct verdict){ "SUSPECTED", "the list looks cut", CAS_TEXT_RED };
    case CAS_TRUNCATION_CONFIRMED:
        return (struct verdict){ "CONFIRMED", "the list was cut", CAS_TEXT_RED };
    }
    return (struct verdict){ 0 };
}

void cas_text_list_verdict(const struct cas_text *text, const struct cas_ca_list_info *list)
{
    struct verdict verdict = verdict_of(list);
    if (list->truncation == CAS_TRUNCATION_NO_SIGN && list->count == 0) {
        verdict = (struct verdict){ "EMPTY", "the request names no authority: any will do",
                                    CAS_TEXT_PLAIN };
    }
    cas_text_paint(text, verdict.colour, verdict.word);
    cas_buf_append_text(text->out, ": ");
    cas_buf_append_text(text->out, verdict.meaning);
}

static void put_headroom(const struct cas_text *text, enum cas_headroom headroom)
{
    switch (headroom) {
    case CAS_HEADROOM_OK:
        cas_text_paint(text, CAS_TEXT_GREEN, "ok");
        return;
    case CAS_HEADROOM_WARN:
        cas_text_paint(text, CAS_TEXT_YELLOW, "WARN");
        return;
    case CAS_HEADROOM_CRIT:
        cas_text_paint(text, CAS_TEXT_RED, "CRIT");
        return;
    case CAS_HEADROOM_OVER:
        cas_text_paint(text, CAS_TEXT_RED, "OVER");
        return;
    }
}

/* "   99 % of 16,384 (schannel-16k)   CRIT", and the bar below it. */
static void put_limit(const struct cas_text *text, const struct cas_ca_list_info *list)
{
    cas_text_spaces(text, 3);
    cas_format_grouped(text->out, list->limit_percent);
    cas_buf_append_text(text->out, " % of ");
    cas_format_grouped(text->out, list->limit_bytes);
    cas_buf_append_text(text->out, " (");
    cas_format_text(text->out, list->limit_name);
    cas_buf_append_text(text->out, ")");
    cas_text_spaces(text, 3);
    put_headroom(text, list->headroom);
    if (list->headroom == CAS_HEADROOM_OVER) {
        cas_buf_append_text(text->out, list->seen == CAS_SEEN_COMPLETE
                                           ? ": this server does not stop there"
                                           : "");
    } else if (list->count > 0) {
        cas_buf_append_text(text->out, ", room for ");
        cas_text_count(text, list->room_for, "more name", "more names");
    }
    cas_text_end_line(text);
    cas_text_value(text);
    cas_text_bar(text, list->limit_counted, list->limit_bytes);
    cas_text_end_line(text);
}

static void put_size(const struct cas_text *text, const struct cas_ca_list_info *list)
{
    cas_text_label(text, CAS_TEXT_PLAIN, "CA list");
    cas_text_count(text, list->bytes, "byte", "bytes");
    if (list->declared_bytes != list->bytes) {
        cas_buf_append_text(text->out, " of the declared ");
        cas_format_grouped(text->out, list->declared_bytes);
    }
    cas_buf_append_text(text->out, ", ");
    cas_text_count(text, list->count, "name", "names");
    if (list->limit_name != NULL && list->limit_bytes > 0) {
        put_limit(text, list);
    } else {
        cas_text_end_line(text);
    }
}

/* What was seen of it, unless that is everything. */
static void put_capture(const struct cas_text *text, const struct cas_ca_list_info *list)
{
    if (list->seen == CAS_SEEN_COMPLETE) {
        return;
    }
    cas_text_label(text, CAS_TEXT_YELLOW, "capture");
    cas_buf_append_text(text->out, cas_seen_name(list->seen));
    const char *separator = ": ";
    for (size_t i = 0; i < CAS_REASONS; i++) {
        if ((list->reasons & CAS_REASON_BIT(i)) != 0) {
            cas_buf_append_text(text->out, separator);
            cas_buf_append_text(text->out, cas_reason_name((enum cas_reason)i));
            separator = ", ";
        }
    }
    cas_text_end_line(text);
}

/* Stands where names are left out. */
static void put_left_out(const struct cas_text *text, struct cas_form_names shown)
{
    cas_text_value(text);
    cas_buf_append_text(text->out, "... ");
    cas_format_grouped(text->out, shown.count - shown.head - shown.tail);
    cas_text_paint(text, CAS_TEXT_DIM,
                   shown.head + shown.tail > 0 ? " more (--names all)" : " (--names all)");
    cas_text_end_line(text);
}

/* One line of a list of names, given its index. */
typedef void put_entry(const struct cas_text *text, const void *entries, size_t index);

static void put_entries(const struct cas_text *text, const void *entries, size_t count,
                        put_entry *put)
{
    struct cas_form_names shown = cas_form_names(text->names, count);
    bool is_gap_due = shown.head + shown.tail < count;
    for (size_t i = cas_form_names_first(shown); i < count; i = cas_form_names_next(shown, i)) {
        if (is_gap_due && i >= shown.head) {
            put_left_out(text, shown);
            is_gap_due = false;
        }
        cas_text_value(text);
        put(text, entries, i);
        cas_text_end_line(text);
    }
    if (is_gap_due && shown.head > 0) {
        put_left_out(text, shown);
    }
}

static void put_dn(const struct cas_text *text, const char *dn)
{
    cas_format_text(text->out, dn != NULL && dn[0] != '\0' ? dn : "(an empty name)");
}

static size_t digits_of(size_t number)
{
    size_t digits = 1;
    while (number >= 10) {
        number /= 10;
        digits++;
    }
    return digits;
}

static void put_name(const struct cas_text *text, const void *entries, size_t index)
{
    const struct cas_name_info *names = entries;
    size_t digits = digits_of(index + 1);
    cas_text_spaces(text, digits < NUMBER_WIDTH ? NUMBER_WIDTH - digits : 0);
    cas_format_u64(text->out, index + 1);
    cas_text_spaces(text, 2);
    put_dn(text, names[index].dn);
    if (names[index].in_store == CAS_IN_STORE_NO) {
        cas_text_paint(text, CAS_TEXT_YELLOW, "  (not in the store)");
    } else if (names[index].in_store == CAS_IN_STORE_OTHER_ENCODING) {
        cas_text_paint(text, CAS_TEXT_YELLOW, "  (in the store in another encoding)");
    }
}

void cas_text_list_names(const struct cas_text *text, const struct cas_name_info *names,
                         size_t count)
{
    put_entries(text, names, count, put_name);
}

static void put_missing(const struct cas_text *text, const void *entries, size_t index)
{
    const struct cas_missing_info *missing = entries;
    put_dn(text, missing[index].dn);
    if (missing[index].note != NULL) {
        cas_buf_append_text(text->out, "  (");
        cas_format_text(text->out, missing[index].note);
        cas_buf_append_text(text->out, ")");
    }
}

static void put_extra(const struct cas_text *text, const void *entries, size_t index)
{
    const char *const *extra = entries;
    put_dn(text, extra[index]);
}

static size_t noted(const struct cas_store_info *store)
{
    size_t count = 0;
    for (size_t i = 0; i < store->missing_count; i++) {
        count += store->missing[i].note != NULL ? 1 : 0;
    }
    return count;
}

static void put_store(const struct cas_text *text, const struct cas_store_info *store)
{
    if (store->missing_count > 0) {
        cas_text_label(text, CAS_TEXT_YELLOW, "missing");
        cas_format_grouped(text->out, store->missing_count);
        cas_buf_append_text(text->out, " of the store's ");
        cas_text_count(text, store->names, "name", "names");
        size_t excused = noted(store);
        if (excused > 0) {
            cas_buf_append_text(text->out, "; ");
            cas_format_grouped(text->out, excused);
            cas_buf_append_text(text->out, " of them expired or no CA, which is no fault");
        }
        cas_text_end_line(text);
        put_entries(text, store->missing, store->missing_count, put_missing);
    }
    if (store->extra_count > 0) {
        cas_text_label(text, CAS_TEXT_YELLOW, "extra");
        cas_text_count(text, store->extra_count, "name that is", "names that are");
        cas_buf_append_text(text->out, " not in the store\n");
        put_entries(text, store->extra, store->extra_count, put_extra);
    }
}

static void put_lint(const struct cas_text *text, const struct cas_ca_list_info *list)
{
    size_t shown = list->lint_len < LINT_MAX ? list->lint_len : LINT_MAX;
    for (size_t i = 0; i < shown; i++) {
        const char *code = cas_lint_name(list->lint[i].code);
        cas_text_label(text, CAS_TEXT_YELLOW, i == 0 ? "lint" : "");
        cas_buf_append_text(text->out, code);
        cas_buf_append_text(text->out, ": ");
        cas_text_sentence(text, CAS_TEXT_VALUE_AT, CAS_TEXT_VALUE_AT + strlen(code) + 2,
                          list->lint[i].text);
    }
    if (shown < list->lint_len) {
        cas_text_value(text);
        cas_buf_append_text(text->out, "... ");
        cas_text_count(text, list->lint_len - shown, "more finding", "more findings");
        cas_text_end_line(text);
    }
}

static void put_refusing(const struct cas_text *text, const struct cas_ca_list_info *list)
{
    if (list->clients_refusing_len == 0) {
        return;
    }
    cas_text_label(text, CAS_TEXT_YELLOW, "too long");
    cas_buf_append_text(text->out, "for these clients: ");
    for (size_t i = 0; i < list->clients_refusing_len; i++) {
        cas_buf_append_text(text->out, i > 0 ? ", " : "");
        cas_format_text(text->out, list->clients_refusing[i]);
    }
    cas_text_end_line(text);
}

void cas_text_list_summary(const struct cas_text *text, const struct cas_ca_list_info *list)
{
    cas_text_spaces(text, CAS_TEXT_INDENT);
    cas_text_sentence(text, CAS_TEXT_INDENT, CAS_TEXT_INDENT, list->verdict_text);
    put_size(text, list);
    put_capture(text, list);
}

void cas_text_list_details(const struct cas_text *text, const struct cas_ca_list_info *list)
{
    if (list->count > 0 && text->names > 0) {
        cas_text_label(text, CAS_TEXT_PLAIN, "sent");
        cas_buf_append_text(text->out, "in this order\n");
        cas_text_list_names(text, list->names, list->count);
    }
    if (list->store != NULL) {
        put_store(text, list->store);
    }
    put_lint(text, list);
    put_refusing(text, list);
}
