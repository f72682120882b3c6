/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a server with a store would send, and where each limit would cut it: no packet needed.
 */
#include <string.h>

#include <casniff/limits.h>
#include <casniff/sniffer.h>

#include "analysis/compare.h"
#include "analysis/trust_store.h"
#include "analysis/verdict.h"
#include "bytes/arena.h"

/*
 * What a TLS 1.2 CertificateRequest holds besides the names, as OpenSSL 3.0 sends it: header 4,
 * certificate_types 1 + 3, signature_algorithms 2 + 2 * 20, length of the list 2.
 */
#define MESSAGE_OVERHEAD 52

/* The operator's store alone decides how much is needed. */
#define PLAN_MEMORY_MAX (1u << 30)

/* What the limit counts of a list of the store's first len names. */
static uint32_t counted(const struct cas_limit *limit, size_t len, uint32_t bytes)
{
    const struct cas_verdict_facts facts = {
        .count = len,
        .bytes = bytes,
        .message_bytes = bytes + MESSAGE_OVERHEAD,
    };
    return cas_limit_counted(limit, &facts);
}

/* How many of the first names fit. */
static size_t count_fitting(const struct cas_trust_store *store, const struct cas_limit *limit)
{
    uint32_t bytes = 0;
    for (size_t i = 0; i < store->names_len; i++) {
        bytes += cas_store_name_bytes(&store->names[i]);
        if (counted(limit, i + 1, bytes) > limit->bytes) {
            return i;
        }
    }
    return store->names_len;
}

static uint32_t list_bytes(const struct cas_trust_store *store)
{
    uint32_t bytes = 0;
    for (size_t i = 0; i < store->names_len; i++) {
        bytes += cas_store_name_bytes(&store->names[i]);
    }
    return bytes;
}

static const char *effect_text(const struct cas_limit *limit)
{
    if (limit->side == CAS_LIMIT_CLIENT) {
        return "refuses the message";
    }
    switch (limit->effect) {
    case CAS_EFFECT_TRUNCATES:
        return "cuts the list";
    case CAS_EFFECT_WRAPS:
        return "writes a wrong length";
    case CAS_EFFECT_OMITS:
        return "sends no list";
    case CAS_EFFECT_FAILS:
        return "fails the handshake";
    }
    return "";
}

static struct cas_plan_cut plan_cut(const struct cas_trust_store *store,
                                    const struct cas_limit *limit, uint32_t bytes)
{
    struct cas_plan_cut cut = {
        .limit_name = limit->name,
        .limit_bytes = limit->bytes,
        .limit_counted = counted(limit, store->names_len, bytes),
        .names_sent = store->names_len,
        .effect = effect_text(limit),
    };
    cut.limit_percent = (uint32_t)((uint64_t)cut.limit_counted * 100 / limit->bytes);
    if (cut.limit_counted <= limit->bytes) {
        return cut;
    }
    if (limit->effect == CAS_EFFECT_TRUNCATES) {
        cut.names_sent = count_fitting(store, limit);
        cut.first_missing = store->names[cut.names_sent].dn;
    } else if (limit->side != CAS_LIMIT_CLIENT) {
        cut.names_sent = 0;
    }
    return cut;
}

static bool is_in(const struct cas_limit *limits, size_t len, const char *name)
{
    for (size_t i = 0; i < len; i++) {
        if (strcmp(limits[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* The chosen limits first, then the rest of the table. */
static void plan_cuts(struct cas_plan_event *event, const struct cas_sniffer_config *config,
                      struct cas_arena *arena)
{
    size_t table_len = 0;
    const struct cas_limit *table = cas_limits(&table_len);
    struct cas_plan_cut *cuts =
        cas_arena_array(arena, config->limits_len + table_len, sizeof(*cuts));
    size_t len = 0;
    if (cuts == NULL) {
        return;
    }
    for (size_t i = 0; i < config->limits_len; i++) {
        cuts[len++] = plan_cut(config->store, &config->limits[i], event->bytes);
    }
    for (size_t i = 0; i < table_len; i++) {
        if (!is_in(config->limits, config->limits_len, table[i].name)) {
            cuts[len++] = plan_cut(config->store, &table[i], event->bytes);
        }
    }
    event->cuts = cuts;
    event->cuts_len = len;
}

static void plan_names(struct cas_plan_event *event, const struct cas_trust_store *store,
                       struct cas_arena *arena)
{
    struct cas_name_info *names = cas_arena_array(arena, store->names_len, sizeof(*names));
    for (size_t i = 0; names != NULL && i < store->names_len; i++) {
        names[i] = (struct cas_name_info){
            .dn = store->names[i].dn,
            .bytes = cas_store_name_bytes(&store->names[i]),
            .in_store = CAS_IN_STORE_YES,
            .der = store->names[i].der,
        };
    }
    event->name = names;
}

enum cas_err cas_plan(const struct cas_sniffer_config *config)
{
    const struct cas_trust_store *store = config->store;
    if (store == NULL) {
        return CAS_ERR_USAGE;
    }
    struct cas_budget budget = { .limit = PLAN_MEMORY_MAX };
    struct cas_arena arena = cas_arena_init(&budget);
    struct cas_plan_event event = {
        .head = { .seq = 1, .sensor_name = config->sensor_name },
        .entries = store->entries_len,
        .names = store->names_len,
        .bytes = list_bytes(store),
    };
    plan_cuts(&event, config, &arena);
    plan_names(&event, store, &arena);
    bool is_good = cas_arena_ok(&arena);
    if (is_good && config->sink.plan != NULL) {
        config->sink.plan(config->sink.user, &event);
    }
    if (is_good && config->sink.end != NULL) {
        config->sink.end(config->sink.user);
    }
    cas_arena_finish(&arena);
    return is_good ? CAS_OK : CAS_ERR_NOMEM;
}
