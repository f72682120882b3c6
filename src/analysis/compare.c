/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/compare.h"

#include "bytes/buf.h"
#include "x509/dn.h"

#define PREFIX_LEN 2

uint32_t cas_store_name_bytes(const struct cas_store_name *name)
{
    return (uint32_t)(PREFIX_LEN + name->der.len);
}

/* The store's name that this one equals, and how. Without memory scratch is not ok. */
static size_t match(const struct cas_trust_store *store, struct cas_view name,
                    struct cas_buf *scratch, enum cas_in_store *out_how)
{
    size_t found = cas_trust_store_find_der(store, name);
    if (found != CAS_NOT_FOUND) {
        *out_how = CAS_IN_STORE_YES;
        return found;
    }
    cas_buf_clear(scratch);
    if (cas_dn_canonical(name, scratch) && cas_buf_ok(scratch)) {
        found = cas_trust_store_find_canonical(store, cas_buf_view(scratch));
    } else if (cas_dn_is_valid(name)) {
        scratch->failed = true;
    }
    *out_how = found != CAS_NOT_FOUND ? CAS_IN_STORE_OTHER_ENCODING : CAS_IN_STORE_NO;
    return found;
}

/* False without memory: a name must not be called missing for that. */
static bool match_names(struct cas_comparison *comparison, const struct cas_ca_list *list,
                        struct cas_budget *budget)
{
    struct cas_buf scratch = cas_buf_init(SIZE_MAX / 2, budget);
    comparison->is_ordered_prefix = list->len > 0;
    for (size_t i = 0; cas_buf_ok(&scratch) && i < list->len; i++) {
        size_t name =
            match(comparison->store, list->names[i], &scratch, &comparison->in_store[i]);
        comparison->is_ordered_prefix &= name == i;
        if (name == CAS_NOT_FOUND) {
            comparison->extra[comparison->extra_len++] = i;
        } else if (!comparison->is_advertised[name]) {
            comparison->is_advertised[name] = true;
            comparison->advertised++;
        }
    }
    bool is_good = cas_buf_ok(&scratch);
    cas_buf_finish(&scratch);
    return is_good;
}

static void collect_missing(struct cas_comparison *comparison, int64_t now_s)
{
    const struct cas_trust_store *store = comparison->store;
    for (size_t i = 0; i < store->names_len; i++) {
        if (comparison->is_advertised[i]) {
            continue;
        }
        const char *note = cas_store_name_note(&store->names[i], now_s);
        comparison->missing[comparison->missing_len] = i;
        comparison->missing_notes[comparison->missing_len] = note;
        if (note == NULL) {
            uint32_t bytes = cas_store_name_bytes(&store->names[i]);
            if (comparison->faults++ == 0) {
                comparison->first_fault = comparison->missing_len;
            }
            if (bytes > comparison->longest_missing) {
                comparison->longest_missing = bytes;
            }
        }
        comparison->missing_len++;
    }
    if (comparison->faults == 0) {
        comparison->first_fault = comparison->missing_len;
    }
}

bool cas_comparison_make(struct cas_comparison *out_comparison, const struct cas_ca_list *list,
                         const struct cas_trust_store *store, int64_t now_s,
                         struct cas_arena *arena)
{
    struct cas_comparison comparison = {
        .store = store,
        .in_store = cas_arena_array(arena, list->len, sizeof(*comparison.in_store)),
        .extra = cas_arena_array(arena, list->len, sizeof(*comparison.extra)),
        .is_advertised = cas_arena_array(arena, store->names_len, sizeof(bool)),
        .missing = cas_arena_array(arena, store->names_len, sizeof(*comparison.missing)),
        .missing_notes =
            cas_arena_array(arena, store->names_len, sizeof(*comparison.missing_notes)),
    };
    if (!cas_arena_ok(arena)) {
        return false;
    }
    if (!match_names(&comparison, list, arena->budget)) {
        arena->failed = true;
        return false;
    }
    collect_missing(&comparison, now_s);
    *out_comparison = comparison;
    return true;
}
