/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/verdict_text.h"

#include <string.h>

#include "bytes/number.h"

static const char *unseen_text(const struct cas_ca_list *list, struct cas_arena *arena)
{
    if (list->is_wrapped) {
        return cas_arena_format(arena,
                                "The list has %s bytes, but its length field holds at most "
                                "65,535: clients refuse the message. Trust fewer CAs.",
                                cas_number_format(list->bytes).text);
    }
    if (list->seen == CAS_SEEN_MALFORMED) {
        return cas_arena_string(arena, "The list contradicts itself: whether it was cut cannot "
                                       "be told.");
    }
    struct cas_buf reasons = cas_buf_init(1024, arena->budget);
    for (unsigned i = 0; i < CAS_REASONS; i++) {
        if ((list->reasons & CAS_REASON_BIT(i)) != 0) {
            cas_buf_append_text(&reasons, reasons.len > 0 ? ", " : "");
            cas_buf_append_text(&reasons, cas_reason_name((enum cas_reason)i));
        }
    }
    cas_buf_append_u8(&reasons, '\0');
    const char *text = NULL;
    if (cas_buf_ok(&reasons)) {
        text =
            cas_arena_format(arena,
                             "The list was not seen %s (%s): whether the server cut it cannot "
                             "be told.",
                             list->seen == CAS_SEEN_AMBIGUOUS ? "unambiguously" : "whole",
                             (const char *)reasons.data);
    }
    cas_buf_finish(&reasons);
    return text;
}

static const char *confirmed_text(const struct cas_verdict *verdict,
                                  const struct cas_ca_list *list,
                                  const struct cas_comparison *comparison,
                                  struct cas_arena *arena)
{
    size_t first = comparison->missing[comparison->first_fault];
    const struct cas_store_name *name = &comparison->store->names[first];
    /* In the store's order the first missing name is the one that did not fit. */
    const char *how = (int64_t)cas_store_name_bytes(name) > verdict->slack
                          ? "The first one missing would not have fitted"
                          : "The longest one missing would not have fitted";
    return cas_arena_format(
        arena,
        "The server sent %s of the %s names in the trust store, %s bytes. %s below the %s "
        "bytes of %s (%s). First missing: %s",
        cas_number_format(comparison->advertised).text,
        cas_number_format(comparison->store->names_len).text,
        cas_number_format(list->bytes).text, how, cas_number_format(verdict->limit.bytes).text,
        verdict->limit.name, verdict->limit.stack, name->dn);
}

/* Said of a store that has nothing to do with the list. */
static const char *store_remark(const struct cas_ca_list *list,
                                const struct cas_comparison *comparison)
{
    bool is_foreign = comparison->store != NULL && comparison->advertised == 0 && list->len > 0;
    return is_foreign
               ? "The trust store given has not one of its names: it is not this server's."
               : "Only the server's trust store (-t) can prove more.";
}

static const char *near_limit_text(const struct cas_verdict *verdict, const char *remark,
                                   struct cas_arena *arena)
{
    return cas_arena_format(arena,
                            "The list ends %s bytes below the %s of %s (%s): its longest name "
                            "would not have fitted "
                            "once more, so it looks cut. %s",
                            cas_number_format((uint64_t)verdict->slack).text,
                            cas_number_format(verdict->limit.bytes).text, verdict->limit.name,
                            verdict->limit.stack, remark);
}

static const char *suspected_text(const struct cas_verdict *verdict,
                                  const struct cas_ca_list *list,
                                  const struct cas_comparison *comparison,
                                  struct cas_arena *arena)
{
    if (comparison->store == NULL || comparison->advertised == 0) {
        return near_limit_text(verdict, store_remark(list, comparison), arena);
    }
    if (comparison->extra_len > comparison->advertised) {
        return near_limit_text(verdict,
                               "Most of its names are not in the trust store given: it may not "
                               "be this server's.",
                               arena);
    }
    return cas_arena_format(
        arena,
        "The server sent exactly the first %s of the %s names in the trust store, in its "
        "order. "
        "No known limit explains where it ends: it was cut for another reason, or the server "
        "trusts only these.",
        cas_number_format(list->len).text,
        cas_number_format(comparison->store->names_len).text);
}

static const char *subset_text(const struct cas_ca_list *list,
                               const struct cas_comparison *comparison, struct cas_arena *arena)
{
    return cas_arena_format(
        arena,
        "The server sent %s name%s, and %s of the %s in the trust store are missing. Size does "
        "not explain it: the server was configured with fewer, or this is not its store.",
        cas_number_format(list->len).text, list->len == 1 ? "" : "s",
        cas_number_format(comparison->missing_len).text,
        cas_number_format(comparison->store->names_len).text);
}

static const char *none_text(const struct cas_comparison *comparison, struct cas_arena *arena)
{
    if (comparison->missing_len == 0) {
        return cas_arena_format(arena, "All %s names of the trust store are in the list.",
                                cas_number_format(comparison->store->names_len).text);
    }
    return cas_arena_format(
        arena,
        "All usable names of the trust store are in the list; the %s that are not have expired "
        "or are no CAs.",
        cas_number_format(comparison->missing_len).text);
}

const char *cas_verdict_text(const struct cas_verdict *verdict, const struct cas_ca_list *list,
                             const struct cas_comparison *comparison, struct cas_arena *arena)
{
    switch (verdict->truncation) {
    case CAS_TRUNCATION_UNKNOWN:
        return unseen_text(list, arena);
    case CAS_TRUNCATION_NONE:
        return none_text(comparison, arena);
    case CAS_TRUNCATION_NO_SIGN:
        return cas_arena_format(arena,
                                "No sign that the list was cut: it ends at no known limit. %s",
                                store_remark(list, comparison));
    case CAS_TRUNCATION_SUBSET:
        return subset_text(list, comparison, arena);
    case CAS_TRUNCATION_SUSPECTED:
        return suspected_text(verdict, list, comparison, arena);
    case CAS_TRUNCATION_CONFIRMED:
        return confirmed_text(verdict, list, comparison, arena);
    }
    return NULL;
}
