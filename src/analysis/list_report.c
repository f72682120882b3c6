/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/list_report.h"

#include <string.h>

#include "analysis/list_lint.h"
#include "analysis/verdict_text.h"
#include "bytes/buf.h"
#include "bytes/digest.h"
#include "bytes/reader.h"
#include "tls/names.h"
#include "x509/dn.h"

/* Of a handshake message. */
#define HEADER_LEN 4

/* The u16 in front of a name. */
#define PREFIX_LEN 2

/* The reports that nobody holds may keep this share of the budget. */
#define CACHE_SHARE 8

static void destroy_report(struct cas_intern_item *item)
{
    struct cas_list_report *report = (struct cas_list_report *)item;
    struct cas_list_reporter *reporter = report->reporter;
    for (size_t i = 0; report->names != NULL && i < report->list.len; i++) {
        cas_ca_names_release(&reporter->names, report->names[i]);
    }
    cas_arena_finish(&report->arena);
    cas_budget_free(reporter->budget, report, sizeof(*report));
}

bool cas_list_reporter_init(struct cas_list_reporter *reporter,
                            const struct cas_trust_store *store,
                            const struct cas_verdict_rules *rules, struct cas_budget *budget,
                            const uint8_t hash_key[CAS_KEYHASH_KEY_LEN])
{
    *reporter = (struct cas_list_reporter){
        .store = store,
        .rules = *rules,
        .budget = budget,
        .key = cas_buf_init(SIZE_MAX / 2, budget),
    };
    return cas_ca_names_init(&reporter->names, budget, hash_key) &&
           cas_intern_init(&reporter->reports, budget->limit / CACHE_SHARE, budget, hash_key,
                           destroy_report);
}

void cas_list_reporter_finish(struct cas_list_reporter *reporter)
{
    cas_intern_finish(&reporter->reports);
    cas_ca_names_finish(&reporter->names);
    cas_buf_finish(&reporter->key);
}

static void append_u32(struct cas_buf *buf, uint32_t value)
{
    for (unsigned shift = 32; shift > 0; shift -= 8) {
        cas_buf_append_u8(buf, (uint8_t)(value >> (shift - 8)));
    }
}

static void append_sized(struct cas_buf *buf, struct cas_view bytes)
{
    append_u32(buf, (uint32_t)bytes.len);
    cas_buf_append(buf, bytes);
}

/*
 * All that a report depends on, but for the run's store and limits. expired: so many of the
 * store's names need not be in the list any more.
 */
static void make_key(struct cas_buf *key, const struct cas_cert_request *request,
                     struct cas_view server_subject, size_t expired)
{
    const struct cas_message_sight *sight = &request->sight;
    cas_buf_clear(key);
    append_u32(key, sight->declared_len);
    append_u32(key, sight->records);
    append_u32(key, sight->reasons);
    append_u32(key, request->list_declared_len);
    append_u32(key, (uint32_t)request->trailing_len);
    append_u32(key, (uint32_t)expired);
    cas_buf_append_u8(key, sight->is_record_too_long);
    cas_buf_append_u8(key, sight->is_broken);
    cas_buf_append_u8(key, request->is_malformed);
    append_sized(key, request->certificate_types);
    append_sized(key, request->signature_algorithms);
    append_sized(key, server_subject);
    append_sized(key, request->list);
    if (request->trailing_len > 0) {
        append_sized(key, request->rest_of_message);
    }
}

/* The name of a number that IANA gave one, else the number. */
static const char *name_or_number(struct cas_arena *arena, const char *name, unsigned number,
                                  int digits)
{
    return name != NULL ? name : cas_arena_format(arena, "0x%0*x", digits, number);
}

static void tell_types(struct cas_list_report *report, struct cas_view types)
{
    struct cas_arena *arena = &report->arena;
    const char **names = cas_arena_array(arena, types.len, sizeof(*names));
    struct cas_reader r = cas_reader_init(types);
    size_t len = 0;
    while (names != NULL && cas_reader_left(&r) > 0) {
        uint8_t type = cas_reader_u8(&r);
        names[len++] = name_or_number(arena, cas_tls_certificate_type_name(type), type, 2);
    }
    report->info.certificate_types = names;
    report->info.certificate_types_len = len;
}

static void tell_schemes(struct cas_list_report *report, struct cas_view schemes)
{
    struct cas_arena *arena = &report->arena;
    const char **names = cas_arena_array(arena, schemes.len / 2, sizeof(*names));
    struct cas_reader r = cas_reader_init(schemes);
    size_t len = 0;
    while (names != NULL && cas_reader_left(&r) >= 2) {
        uint16_t scheme = cas_reader_u16(&r);
        names[len++] = name_or_number(arena, cas_tls_signature_scheme_name(scheme), scheme, 4);
    }
    report->info.signature_algorithms = names;
    report->info.signature_algorithms_len = len;
}

static void tell_names(struct cas_list_report *report)
{
    const struct cas_ca_list *list = &report->list;
    struct cas_name_info *names = cas_arena_array(&report->arena, list->len, sizeof(*names));
    for (size_t i = 0; names != NULL && i < list->len; i++) {
        names[i] = (struct cas_name_info){
            .dn = report->names[i]->dn,
            .bytes = (uint32_t)(PREFIX_LEN + list->names[i].len),
            .der = list->names[i],
        };
        if (report->comparison.store != NULL) {
            names[i].in_store = report->comparison.in_store[i];
        }
    }
    report->info.names = names;
    report->info.count = list->len;
}

static const struct cas_missing_info *tell_missing(struct cas_list_report *report)
{
    const struct cas_comparison *comparison = &report->comparison;
    struct cas_missing_info *missing =
        cas_arena_array(&report->arena, comparison->missing_len, sizeof(*missing));
    for (size_t i = 0; missing != NULL && i < comparison->missing_len; i++) {
        const struct cas_store_name *name = &comparison->store->names[comparison->missing[i]];
        missing[i] = (struct cas_missing_info){
            .dn = name->dn,
            .bytes = cas_store_name_bytes(name),
            .note = comparison->missing_notes[i],
        };
    }
    return missing;
}

static const char *const *tell_extra(struct cas_list_report *report)
{
    const struct cas_comparison *comparison = &report->comparison;
    const char **extra = cas_arena_array(&report->arena, comparison->extra_len, sizeof(*extra));
    for (size_t i = 0; extra != NULL && i < comparison->extra_len; i++) {
        extra[i] = report->info.names[comparison->extra[i]].dn;
    }
    return extra;
}

static void tell_store(struct cas_list_report *report)
{
    const struct cas_comparison *comparison = &report->comparison;
    struct cas_store_info *store = cas_arena_alloc(&report->arena, sizeof(*store));
    if (store == NULL || report->info.names == NULL) {
        return;
    }
    *store = (struct cas_store_info){
        .names = comparison->store->names_len,
        .advertised = comparison->advertised,
        .missing_count = comparison->missing_len,
        .extra_count = comparison->extra_len,
        .is_ordered_prefix = comparison->is_ordered_prefix,
        .missing = tell_missing(report),
        .extra = tell_extra(report),
    };
    if (store->missing != NULL && store->missing_count > 0) {
        size_t first = comparison->faults > 0 ? comparison->first_fault : 0;
        store->first_missing = store->missing[first].dn;
    }
    report->info.store = store;
}

static struct cas_verdict_facts verdict_facts(const struct cas_list_report *report,
                                              const struct cas_cert_request *request)
{
    const struct cas_ca_list *list = &report->list;
    struct cas_verdict_facts facts = {
        .seen = list->seen,
        .count = list->len,
        .bytes = list->bytes,
        .message_bytes = HEADER_LEN + request->sight.declared_len,
        .has_store = report->comparison.store != NULL,
        .advertised = report->comparison.advertised,
        .extra = report->comparison.extra_len,
        .missing = report->comparison.faults,
        .longest_missing = report->comparison.longest_missing,
        .is_ordered_prefix = report->comparison.is_ordered_prefix,
    };
    for (size_t i = 0; i < list->len; i++) {
        uint32_t bytes = (uint32_t)(PREFIX_LEN + list->names[i].len);
        facts.longest_name = bytes > facts.longest_name ? bytes : facts.longest_name;
    }
    if (list->seen == CAS_SEEN_INCOMPLETE && request->list_declared_len > list->bytes) {
        facts.bytes = request->list_declared_len;
    }
    return facts;
}

static void tell_refusing(struct cas_list_report *report, const struct cas_verdict_facts *facts)
{
    size_t table_len = 0;
    const struct cas_limit *table = cas_limits(&table_len);
    const char **refusing = cas_arena_array(&report->arena, table_len, sizeof(*refusing));
    size_t len = 0;
    for (size_t i = 0; refusing != NULL && i < table_len; i++) {
        if (table[i].side == CAS_LIMIT_CLIENT &&
            cas_limit_counted(&table[i], facts) > table[i].bytes) {
            refusing[len++] = table[i].name;
        }
    }
    report->info.clients_refusing = refusing;
    report->info.clients_refusing_len = len;
}

static void tell_verdict(struct cas_list_report *report, const struct cas_verdict_rules *rules,
                         const struct cas_cert_request *request)
{
    struct cas_verdict_facts facts = verdict_facts(report, request);
    struct cas_verdict *verdict = &report->verdict;
    *verdict = cas_verdict_of(&facts, rules);
    struct cas_ca_list_info *info = &report->info;
    info->truncation = verdict->truncation;
    info->verdict_text =
        cas_verdict_text(verdict, &report->list, &report->comparison, &report->arena);
    info->limit_name = verdict->limit.name;
    info->limit_bytes = verdict->limit.bytes;
    info->limit_counted = verdict->counted;
    info->limit_percent = verdict->percent;
    info->slack_bytes = verdict->slack;
    info->room_for = verdict->room_for;
    info->headroom = verdict->headroom;
    tell_refusing(report, &facts);
}

/* The message's bytes, so that the views into them live as long as the report. */
static struct cas_cert_request keep_bytes(const struct cas_cert_request *request,
                                          struct cas_arena *arena)
{
    struct cas_cert_request kept = *request;
    kept.certificate_types = cas_arena_copy(arena, request->certificate_types);
    kept.signature_algorithms = cas_arena_copy(arena, request->signature_algorithms);
    kept.list = cas_arena_copy(arena, request->list);
    kept.rest_of_message = kept.list;
    if (request->trailing_len > 0) {
        kept.rest_of_message = cas_arena_copy(arena, request->rest_of_message);
    }
    return kept;
}

static void tell_sizes(struct cas_list_report *report, const struct cas_cert_request *request)
{
    const struct cas_ca_list *list = &report->list;
    struct cas_ca_list_info *info = &report->info;
    info->bytes = list->bytes;
    info->declared_bytes = request->list_declared_len;
    info->message_bytes = HEADER_LEN + request->sight.declared_len;
    info->records = request->sight.records;
    info->seen = list->seen;
    info->reasons = list->reasons;
    cas_sha256(list->vector, info->sha256);
    cas_ca_list_set_digest(list, info->set_sha256);
}

/* False without memory. */
static bool know_names(struct cas_list_report *report)
{
    const struct cas_ca_list *list = &report->list;
    report->names = cas_arena_array(&report->arena, list->len, sizeof(struct cas_ca_name *));
    for (size_t i = 0; cas_arena_ok(&report->arena) && i < list->len; i++) {
        report->names[i] = cas_ca_names_get(&report->reporter->names, list->names[i]);
        report->arena.failed = report->names[i] == NULL;
    }
    return cas_arena_ok(&report->arena);
}

/* A name that is in the list often, or in other lists too, is shared by all these places. */
static size_t size_of(const struct cas_list_report *report)
{
    size_t size = report->arena.used;
    for (size_t i = 0; i < report->list.len; i++) {
        size += report->names[i]->item.size / report->names[i]->item.holders;
    }
    return size;
}

static void compose(struct cas_list_report *report, const struct cas_cert_request *request,
                    struct cas_view server_subject, int64_t now_s)
{
    const struct cas_list_reporter *reporter = report->reporter;
    struct cas_arena *arena = &report->arena;
    report->request = keep_bytes(request, arena);
    report->server_subject = cas_arena_copy(arena, server_subject);
    const struct cas_cert_request *kept = &report->request;
    report->list = cas_ca_list_split(kept, arena);
    if (!know_names(report)) {
        return;
    }
    if (reporter->store != NULL && !cas_comparison_make(&report->comparison, &report->list,
                                                        reporter->store, now_s, arena)) {
        return;
    }
    tell_sizes(report, kept);
    tell_types(report, kept->certificate_types);
    tell_schemes(report, kept->signature_algorithms);
    tell_names(report);
    if (report->comparison.store != NULL) {
        tell_store(report);
    }
    tell_verdict(report, &reporter->rules, kept);
    const struct cas_lint_subject subject = {
        .list = &report->list,
        .names = report->names,
        .request = kept,
        .comparison = &report->comparison,
        .server_subject = report->server_subject,
    };
    report->info.lint = cas_list_lint(&subject, arena, &report->info.lint_len);
}

struct cas_list_report *cas_list_report_get(struct cas_list_reporter *reporter,
                                            const struct cas_cert_request *request,
                                            struct cas_view server_subject, int64_t now_s)
{
    size_t expired =
        reporter->store != NULL ? cas_trust_store_expired(reporter->store, now_s) : 0;
    make_key(&reporter->key, request, server_subject, expired);
    if (!cas_buf_ok(&reporter->key)) {
        return NULL;
    }
    struct cas_intern_item *known =
        cas_intern_find(&reporter->reports, cas_buf_view(&reporter->key));
    if (known != NULL) {
        return (struct cas_list_report *)known;
    }
    struct cas_list_report *report = cas_budget_alloc(reporter->budget, sizeof(*report));
    if (report == NULL) {
        return NULL;
    }
    report->reporter = reporter;
    report->arena = cas_arena_init(reporter->budget);
    report->item.key = cas_arena_copy(&report->arena, cas_buf_view(&reporter->key));
    compose(report, request, server_subject, now_s);
    if (!cas_arena_ok(&report->arena)) {
        destroy_report(&report->item);
        return NULL;
    }
    report->info.id = ++reporter->last_id;
    report->item.size = size_of(report);
    cas_intern_add(&reporter->reports, &report->item);
    return report;
}

struct cas_list_report *cas_list_report_doubt(struct cas_list_reporter *reporter,
                                              struct cas_list_report *report,
                                              uint32_t more_reasons, int64_t now_s)
{
    struct cas_cert_request request = report->request;
    request.sight.reasons |= more_reasons;
    struct cas_list_report *doubted =
        cas_list_report_get(reporter, &request, report->server_subject, now_s);
    cas_list_report_release(reporter, report);
    return doubted;
}

void cas_list_report_hold(struct cas_list_reporter *reporter, struct cas_list_report *report)
{
    cas_intern_hold(&reporter->reports, &report->item);
}

void cas_list_report_release(struct cas_list_reporter *reporter, struct cas_list_report *report)
{
    cas_intern_release(&reporter->reports, report != NULL ? &report->item : NULL);
}

enum cas_in_store cas_list_report_find(struct cas_list_reporter *reporter,
                                       const struct cas_list_report *report,
                                       struct cas_view name)
{
    const struct cas_ca_list *list = &report->list;
    for (size_t i = 0; i < list->len; i++) {
        if (cas_view_equal(list->names[i], name)) {
            return CAS_IN_STORE_YES;
        }
    }
    uint64_t wanted = cas_ca_names_canonical_hash(&reporter->names, name);
    if (wanted == 0 && cas_dn_is_valid(name)) {
        return CAS_IN_STORE_YES; /* no memory: nothing is held against it */
    }
    for (size_t i = 0; wanted != 0 && i < list->len; i++) {
        if (report->names[i]->canonical_hash == wanted) {
            return CAS_IN_STORE_OTHER_ENCODING;
        }
    }
    return CAS_IN_STORE_NO;
}
