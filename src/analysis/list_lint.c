/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/list_lint.h"

#include <inttypes.h>

#include "bytes/number.h"
#include "bytes/reader.h"

#define WHOLE_LIST SIZE_MAX

/* One finding a code at most. */
#define LINTS_MAX (CAS_LINT_TRAILING_BYTES + 1)

struct linting {
    const struct cas_lint_subject *subject;
    struct cas_arena *arena;
    struct cas_lint_info *found;
    size_t len;
};

static void add(struct linting *linting, enum cas_lint code, size_t index, const char *text)
{
    linting->found[linting->len++] =
        (struct cas_lint_info){ .code = code, .index = index, .text = text };
}

/* Names of one oddity: how many, and the first. */
struct tally {
    size_t count;
    size_t first;
};

static void tally_up(struct tally *tally, size_t index)
{
    if (tally->count++ == 0) {
        tally->first = index;
    }
}

static void add_tally(struct linting *linting, enum cas_lint code, struct tally tally,
                      const char *what)
{
    if (tally.count > 0) {
        add(linting, code, tally.first,
            cas_arena_format(linting->arena, "%s name%s %s",
                             cas_number_format(tally.count).text, tally.count == 1 ? "" : "s",
                             what));
    }
}

static void lint_message(struct linting *linting)
{
    const struct cas_ca_list *list = linting->subject->list;
    const struct cas_cert_request *request = linting->subject->request;
    if (list->is_wrapped) {
        add(linting, CAS_LINT_LENGTH_WRAPPED, WHOLE_LIST,
            cas_arena_format(linting->arena,
                             "the list has %s bytes, but its length field holds at most 65,535 "
                             "and says %s: clients will refuse the message; trust fewer CAs",
                             cas_number_format(list->bytes).text,
                             cas_number_format(request->list_declared_len).text));
    }
    if (list->trailing_len > 0) {
        add(linting, CAS_LINT_TRAILING_BYTES, WHOLE_LIST,
            cas_arena_format(linting->arena, "%s bytes follow the list in the message",
                             cas_number_format(list->trailing_len).text));
    }
    if (request->sight.is_record_too_long) {
        add(linting, CAS_LINT_RECORD_TOO_LONG, WHOLE_LIST,
            "the message came in a record of more than 16,384 bytes: clients answer with a "
            "record_overflow alert");
    }
    if (linting->subject->comparison->store != NULL && list->len == 0 &&
        list->seen == CAS_SEEN_COMPLETE) {
        add(linting, CAS_LINT_LIST_OMITTED, WHOLE_LIST,
            "the list is empty although the trust store is not: the server does not advertise "
            "its CAs");
    }
}

static void lint_duplicates(struct linting *linting)
{
    const struct cas_placed_name *sorted = linting->subject->list->sorted;
    struct tally tally = { .first = SIZE_MAX };
    for (size_t i = 1; i < linting->subject->list->len; i++) {
        if (cas_view_equal(sorted[i].der, sorted[i - 1].der)) {
            tally.count++;
            tally.first = sorted[i].index < tally.first ? sorted[i].index : tally.first;
        }
    }
    add_tally(linting, CAS_LINT_DUPLICATE_NAME, tally, "stood in the list before");
}

static void lint_names(struct linting *linting)
{
    const struct cas_ca_list *list = linting->subject->list;
    struct tally empty = { 0 };
    struct tally malformed = { 0 };
    struct tally authority = { 0 };
    struct tally leaf = { 0 };
    for (size_t i = 0; i < list->len; i++) {
        struct cas_view name = list->names[i];
        const struct cas_ca_name *known = linting->subject->names[i];
        if (name.len == 0) {
            tally_up(&empty, i);
        } else if (!known->is_valid) {
            tally_up(&malformed, i);
        } else if (known->is_nt_authority) {
            tally_up(&authority, i);
        }
        if (name.len > 0 && cas_view_equal(name, linting->subject->server_subject)) {
            tally_up(&leaf, i);
        }
    }
    add_tally(linting, CAS_LINT_EMPTY_NAME, empty, "of length 0, which the protocol forbids");
    add_tally(linting, CAS_LINT_MALFORMED_NAME, malformed, "not in valid DER");
    add_tally(linting, CAS_LINT_NT_AUTHORITY, authority,
              "of Windows itself (NT AUTHORITY): not a CA for clients");
    add_tally(linting, CAS_LINT_SERVER_LEAF, leaf,
              "equal to the server's own certificate, which is no CA: it stands in the wrong "
              "store");
}

static void lint_store(struct linting *linting)
{
    const struct cas_comparison *comparison = linting->subject->comparison;
    if (comparison->store == NULL) {
        return;
    }
    struct tally mismatch = { 0 };
    for (size_t i = 0; i < linting->subject->list->len; i++) {
        if (comparison->in_store[i] == CAS_IN_STORE_OTHER_ENCODING) {
            tally_up(&mismatch, i);
        }
    }
    add_tally(linting, CAS_LINT_ENCODING_MISMATCH, mismatch,
              "equal to the trust store's only after folding case, blanks and string types: Go "
              "and GnuTLS clients compare bytes and will not find their CA");
    struct tally extra = { .count = comparison->extra_len };
    if (extra.count > 0) {
        extra.first = comparison->extra[0];
    }
    add_tally(linting, CAS_LINT_NOT_IN_STORE, extra, "not in the trust store");
}

const struct cas_lint_info *cas_list_lint(const struct cas_lint_subject *subject,
                                          struct cas_arena *arena, size_t *out_len)
{
    struct linting linting = {
        .subject = subject,
        .arena = arena,
        .found = cas_arena_array(arena, LINTS_MAX, sizeof(*linting.found)),
    };
    *out_len = 0;
    if (linting.found == NULL) {
        return NULL;
    }
    lint_message(&linting);
    lint_names(&linting);
    lint_duplicates(&linting);
    lint_store(&linting);
    *out_len = linting.len;
    return linting.found;
}
