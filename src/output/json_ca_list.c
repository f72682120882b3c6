/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/json_ca_list.h"

#include "bytes/reader.h"
#include "output/form.h"

#define KEY "ca_list"

/* How an event spells it; NULL leaves the member out. */
static const char *in_store_name(enum cas_in_store in_store)
{
    switch (in_store) {
    case CAS_IN_STORE_UNKNOWN:
        return NULL;
    case CAS_IN_STORE_NO:
        return "no";
    case CAS_IN_STORE_YES:
        return "yes";
    case CAS_IN_STORE_OTHER_ENCODING:
        return "other_encoding";
    }
    return NULL;
}

static void put_name(struct cas_json *json, const struct cas_name_info *name)
{
    cas_json_object(json, NULL);
    cas_json_string(json, "dn", name->dn);
    cas_json_u64(json, "bytes", name->bytes);
    cas_json_string(json, "in_store", in_store_name(name->in_store));
    cas_json_object_end(json);
}

void cas_json_names(struct cas_json *json, const struct cas_name_info *names, size_t count,
                    size_t option)
{
    struct cas_form_names shown = cas_form_names(option, count);
    cas_json_array(json, "names");
    for (size_t i = cas_form_names_first(shown); i < count; i = cas_form_names_next(shown, i)) {
        put_name(json, &names[i]);
    }
    cas_json_array_end(json);
    cas_json_u64(json, "names_shown", shown.head + shown.tail);
}

static void put_missing(struct cas_json *json, const struct cas_store_info *store,
                        size_t option)
{
    size_t count = store->missing_count;
    struct cas_form_names shown = cas_form_names(option, count);
    cas_json_array(json, "missing");
    for (size_t i = cas_form_names_first(shown); i < count; i = cas_form_names_next(shown, i)) {
        cas_json_object(json, NULL);
        cas_json_string(json, "dn", store->missing[i].dn);
        cas_json_u64(json, "bytes", store->missing[i].bytes);
        cas_json_string(json, "note", store->missing[i].note);
        cas_json_object_end(json);
    }
    cas_json_array_end(json);
}

static void put_extra(struct cas_json *json, const struct cas_store_info *store, size_t option)
{
    size_t count = store->extra_count;
    struct cas_form_names shown = cas_form_names(option, count);
    cas_json_array(json, "extra");
    for (size_t i = cas_form_names_first(shown); i < count; i = cas_form_names_next(shown, i)) {
        cas_json_string(json, NULL, store->extra[i]);
    }
    cas_json_array_end(json);
}

/* The object is left open, for a full list adds to it. */
static void open_store(struct cas_json *json, const struct cas_store_info *store)
{
    cas_json_object(json, "store");
    cas_json_u64(json, "names", store->names);
    cas_json_u64(json, "advertised", store->advertised);
    cas_json_u64(json, "missing_count", store->missing_count);
    cas_json_u64(json, "extra_count", store->extra_count);
    cas_json_bool(json, "ordered_prefix", store->is_ordered_prefix);
    cas_json_string(json, "first_missing", store->first_missing);
}

static void put_capture(struct cas_json *json, const struct cas_ca_list_info *list)
{
    cas_json_string(json, "capture", cas_seen_name(list->seen));
    cas_json_array(json, "capture_reasons");
    for (size_t i = 0; i < CAS_REASONS; i++) {
        if ((list->reasons & CAS_REASON_BIT(i)) != 0) {
            cas_json_string(json, NULL, cas_reason_name((enum cas_reason)i));
        }
    }
    cas_json_array_end(json);
}

static void put_verdict(struct cas_json *json, const struct cas_ca_list_info *list)
{
    cas_json_string(json, "truncation", cas_truncation_name(list->truncation));
    cas_json_string(json, "verdict_text", list->verdict_text);
    if (list->limit_name != NULL) {
        cas_json_string(json, "limit_name", list->limit_name);
        cas_json_u64(json, "limit_bytes", list->limit_bytes);
        cas_json_u64(json, "limit_counted", list->limit_counted);
        cas_json_u64(json, "limit_percent", list->limit_percent);
        cas_json_i64(json, "slack_bytes", list->slack_bytes);
        cas_json_u64(json, "room_for", list->room_for);
        cas_json_string(json, "headroom", cas_headroom_name(list->headroom));
    }
    cas_json_strings(json, "clients_refusing", list->clients_refusing,
                     list->clients_refusing_len);
}

static void put_lint(struct cas_json *json, const struct cas_ca_list_info *list)
{
    cas_json_array(json, "lint");
    for (size_t i = 0; i < list->lint_len; i++) {
        const struct cas_lint_info *lint = &list->lint[i];
        cas_json_object(json, NULL);
        cas_json_string(json, "code", cas_lint_name(lint->code));
        if (lint->index != SIZE_MAX) {
            cas_json_u64(json, "index", lint->index);
        }
        cas_json_string(json, "text", lint->text);
        cas_json_object_end(json);
    }
    cas_json_array_end(json);
}

/* What both kinds have; the object is left open. */
static void open_ca_list(struct cas_json *json, const struct cas_ca_list_info *list)
{
    cas_json_object(json, KEY);
    cas_json_u64(json, "count", list->count);
    cas_json_u64(json, "bytes", list->bytes);
    cas_json_u64(json, "declared_bytes", list->declared_bytes);
    cas_json_u64(json, "message_bytes", list->message_bytes);
    cas_json_u64(json, "records", list->records);
    cas_json_hex(json, "sha256", cas_view_of(list->sha256, sizeof(list->sha256)));
    cas_json_hex(json, "set_sha256", cas_view_of(list->set_sha256, sizeof(list->set_sha256)));
    cas_json_strings(json, "certificate_types", list->certificate_types,
                     list->certificate_types_len);
    cas_json_strings(json, "signature_algorithms", list->signature_algorithms,
                     list->signature_algorithms_len);
    put_capture(json, list);
    put_verdict(json, list);
    put_lint(json, list);
}

static void put_brief(struct cas_json *json, const struct cas_ca_list_info *list)
{
    open_ca_list(json, list);
    if (list->store != NULL) {
        open_store(json, list->store);
        cas_json_object_end(json);
    }
    cas_json_object_end(json);
}

void cas_json_ca_list_brief(struct cas_json *json, struct cas_json_kept *kept,
                            const struct cas_ca_list_info *list)
{
    const struct cas_json_name name = { .number = list->id };
    if (list->id == 0) {
        put_brief(json, list);
    } else if (!cas_json_kept_put(kept, json, KEY, &name)) {
        size_t begin = cas_json_value_begin(json, KEY);
        put_brief(json, list);
        cas_json_kept_take(kept, &name, json, begin);
    }
}

void cas_json_ca_list_full(struct cas_json *json, const struct cas_ca_list_info *list,
                           size_t option)
{
    open_ca_list(json, list);
    if (list->store != NULL) {
        open_store(json, list->store);
        put_missing(json, list->store, option);
        put_extra(json, list->store, option);
        cas_json_object_end(json);
    }
    cas_json_names(json, list->names, list->count, option);
    cas_json_object_end(json);
}
