/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/inventory.h"

#include <string.h>

#include "bytes/buf.h"
#include "bytes/reader.h"

#define BUCKETS 4096

/* Its share of the budget. */
#define INVENTORY_SHARE 4

struct cas_inventory_server {
    struct cas_inventory_server *next_in_bucket;
    struct cas_inventory_server *next;
    uint64_t hash;
    struct cas_arena arena; /* sni and failures */
    struct cas_endpoint endpoint;
    const char *sni;
    const char *version;
    struct cas_list_report *report; /* held; NULL when no list was seen */
    bool is_current;                /* its list is the one that this server showed last */
    uint64_t first_us;
    uint64_t last_us;
    uint64_t handshakes;
    uint64_t resumed;
    uint64_t requested[CAS_REQUESTED_HIDDEN + 1];
    uint64_t answers[CAS_ANSWER_HIDDEN + 1];
    uint64_t inferred;
    struct cas_failure_info failures[CAS_FAILURES_MAX];
    size_t failures_len;
    uint64_t failures_count;
};

bool cas_inventory_init(struct cas_inventory *inventory, struct cas_list_reporter *reporter,
                        struct cas_counters *counters,
                        const uint8_t hash_key[CAS_KEYHASH_KEY_LEN])
{
    struct cas_budget *budget = reporter->budget;
    *inventory = (struct cas_inventory){
        .buckets = cas_budget_alloc(budget, BUCKETS * sizeof(*inventory->buckets)),
        .limit = budget->limit / INVENTORY_SHARE,
        .keyhash = cas_keyhash_init(hash_key),
        .budget = budget,
        .counters = counters,
        .reporter = reporter,
    };
    return inventory->buckets != NULL;
}

static void destroy_server(struct cas_inventory *inventory, struct cas_inventory_server *server)
{
    cas_list_report_release(inventory->reporter, server->report);
    cas_arena_finish(&server->arena);
    cas_budget_free(inventory->budget, server, sizeof(*server));
}

void cas_inventory_finish(struct cas_inventory *inventory)
{
    struct cas_inventory_server *server = inventory->first;
    while (server != NULL) {
        struct cas_inventory_server *next = server->next;
        destroy_server(inventory, server);
        server = next;
    }
    cas_budget_free(inventory->budget, inventory->buckets,
                    BUCKETS * sizeof(*inventory->buckets));
    *inventory = (struct cas_inventory){ 0 };
}

static uint64_t hash_of(const struct cas_inventory *inventory,
                        const struct cas_endpoint *endpoint, const char *sni)
{
    uint64_t hash = cas_keyhash_of(&inventory->keyhash,
                                   cas_view_of(endpoint->address, sizeof(endpoint->address)));
    if (sni != NULL) {
        hash ^= cas_keyhash_of(&inventory->keyhash, cas_view_of(sni, strlen(sni)));
    }
    return hash ^ endpoint->port;
}

static bool is_same_sni(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_same_endpoint(const struct cas_endpoint *a, const struct cas_endpoint *b)
{
    return a->family == b->family && a->port == b->port &&
           memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

/* A server of the same address, port and SNI, from at on in its bucket. */
static struct cas_inventory_server *find_namesake(struct cas_inventory_server *at,
                                                  uint64_t hash,
                                                  const struct cas_handshake_event *event)
{
    while (at != NULL &&
           (at->hash != hash || !is_same_endpoint(&at->endpoint, &event->head.dest) ||
            !is_same_sni(at->sni, event->tls.sni))) {
        at = at->next_in_bucket;
    }
    return at;
}

/* A list that was not seen whole says nothing of a change, and nothing new of a server whose
 * list is known. */
static bool is_whole(const struct cas_list_report *report)
{
    return report != NULL &&
           (report->info.seen == CAS_SEEN_COMPLETE || report->info.seen == CAS_SEEN_MALFORMED);
}

/* Where a handshake counts: at the server with this list; with a list that was not seen whole,
 * at the one with any list, the current one if there is. NULL when it is none of these. */
static struct cas_inventory_server *find_server(const struct cas_inventory *inventory,
                                                const struct cas_inventory_entry *entry,
                                                uint64_t hash)
{
    struct cas_inventory_server *found = NULL;
    struct cas_inventory_server *at = inventory->buckets[hash % BUCKETS];
    while ((at = find_namesake(at, hash, entry->event)) != NULL) {
        if (at->report == entry->report) {
            return at;
        }
        bool will_do = entry->report != NULL && !is_whole(entry->report) && at->report != NULL;
        if (will_do && (found == NULL || at->is_current)) {
            found = at;
        }
        at = at->next_in_bucket;
    }
    return found;
}

static struct cas_inventory_server *create_server(struct cas_inventory *inventory,
                                                  const struct cas_inventory_entry *entry,
                                                  uint64_t hash)
{
    if (inventory->used > inventory->limit) {
        return NULL;
    }
    struct cas_inventory_server *server = cas_budget_alloc(inventory->budget, sizeof(*server));
    if (server == NULL) {
        return NULL;
    }
    server->arena = cas_arena_init(inventory->budget);
    server->hash = hash;
    server->endpoint = entry->event->head.dest;
    server->first_us = entry->event->head.timestamp_us;
    if (entry->event->tls.sni != NULL) {
        server->sni = cas_arena_string(&server->arena, entry->event->tls.sni);
    }
    if (!cas_arena_ok(&server->arena)) {
        destroy_server(inventory, server);
        return NULL;
    }
    if (entry->report != NULL) {
        server->report = entry->report;
        cas_list_report_hold(inventory->reporter, entry->report);
    }
    /* What it holds counts as well: else one server's many lists would use up all memory. */
    size_t held = entry->report != NULL ? entry->report->item.size : 0;
    inventory->used += sizeof(*server) + server->arena.used + held;
    return server;
}

static void link_server(struct cas_inventory *inventory, struct cas_inventory_server *server)
{
    struct cas_inventory_server **bucket = &inventory->buckets[server->hash % BUCKETS];
    server->next_in_bucket = *bucket;
    *bucket = server;
    if (inventory->last != NULL) {
        inventory->last->next = server;
    } else {
        inventory->first = server;
    }
    inventory->last = server;
}

static void keep_failure(struct cas_inventory *inventory, struct cas_inventory_server *server,
                         const struct cas_handshake_event *event)
{
    const struct cas_client_auth_info *auth = &event->client_auth;
    server->failures_count++;
    if (server->failures_len == CAS_FAILURES_MAX || inventory->used > inventory->limit) {
        return;
    }
    size_t used = server->arena.used;
    struct cas_diagnosis *diagnosis =
        cas_arena_array(&server->arena, auth->diagnosis_len, sizeof(*diagnosis));
    for (size_t i = 0; diagnosis != NULL && i < auth->diagnosis_len; i++) {
        diagnosis[i] = auth->diagnosis[i];
        diagnosis[i].text = cas_arena_string(&server->arena, auth->diagnosis[i].text);
    }
    inventory->used += server->arena.used - used;
    if (!cas_arena_ok(&server->arena)) {
        return;
    }
    server->failures[server->failures_len++] = (struct cas_failure_info){
        .timestamp_us = event->head.timestamp_us,
        .frame = event->head.frame,
        .client = event->head.src,
        .answer = auth->answer,
        .diagnosis = diagnosis,
        .diagnosis_len = auth->diagnosis_len,
    };
}

static bool is_failure(const struct cas_client_auth_info *auth)
{
    for (size_t i = 0; i < auth->diagnosis_len; i++) {
        if (auth->diagnosis[i].severity != CAS_SEVERITY_INFO) {
            return true;
        }
    }
    return false;
}

static void count_handshake(struct cas_inventory *inventory,
                            struct cas_inventory_server *server,
                            const struct cas_handshake_event *event)
{
    server->handshakes++;
    server->resumed += event->tls.resumed;
    server->requested[event->client_auth.requested]++;
    server->answers[event->client_auth.answer]++;
    server->inferred += event->client_auth.requested == CAS_REQUESTED_YES &&
                        event->client_auth.how == CAS_HOW_INFERRED;
    server->last_us = event->head.timestamp_us;
    server->version = event->tls.version != NULL ? event->tls.version : server->version;
    if (is_failure(&event->client_auth)) {
        keep_failure(inventory, server, event);
    }
}

/* Marks the server's list as the one shown last. True when that is a change. */
static bool make_current(struct cas_inventory *inventory, struct cas_inventory_server *server,
                         const struct cas_handshake_event *event)
{
    if (server->is_current || !is_whole(server->report)) {
        return false;
    }
    struct cas_inventory_server *other = inventory->buckets[server->hash % BUCKETS];
    while ((other = find_namesake(other, server->hash, event)) != NULL) {
        other->is_current = false;
        other = other->next_in_bucket;
    }
    server->is_current = true;
    return true;
}

bool cas_inventory_note(struct cas_inventory *inventory,
                        const struct cas_inventory_entry *entry)
{
    const struct cas_handshake_event *event = entry->event;
    uint64_t hash = hash_of(inventory, &event->head.dest, event->tls.sni);
    struct cas_inventory_server *server = find_server(inventory, entry, hash);
    bool is_new = server == NULL;
    if (is_new) {
        server = create_server(inventory, entry, hash);
        if (server == NULL) {
            cas_count(inventory->counters, CAS_COUNT_SERVERS_CAPPED);
            return entry->report != NULL;
        }
        link_server(inventory, server);
    }
    count_handshake(inventory, server, event);
    bool has_changed = make_current(inventory, server, event);
    return entry->report != NULL && (is_new || has_changed);
}

void cas_inventory_renegotiated(struct cas_inventory *inventory,
                                const struct cas_inventory_entry *entry,
                                enum cas_requested requested, enum cas_answer answer)
{
    const struct cas_handshake_event *event = entry->event;
    uint64_t hash = hash_of(inventory, &event->head.dest, event->tls.sni);
    struct cas_inventory_server *server = find_server(inventory, entry, hash);
    if (server != NULL && server->requested[requested] > 0 && server->answers[answer] > 0) {
        server->requested[requested]--;
        server->answers[answer]--;
        server->requested[event->client_auth.requested]++;
        server->answers[event->client_auth.answer]++;
        server->last_us = event->head.timestamp_us;
    }
}

void cas_inventory_tell(const struct cas_inventory *inventory,
                        void (*tell)(void *user, struct cas_server_event *event), void *user)
{
    for (const struct cas_inventory_server *server = inventory->first; server != NULL;
         server = server->next) {
        struct cas_server_event event = {
            .head = { .timestamp_us = server->last_us, .dest = server->endpoint },
            .sni = server->sni,
            .version = server->version,
            .first_us = server->first_us,
            .last_us = server->last_us,
            .handshakes = server->handshakes,
            .resumed = server->resumed,
            .ca_list = server->report != NULL ? &server->report->info : NULL,
            .inferred = server->inferred,
            .failures = server->failures,
            .failures_len = server->failures_len,
            .failures_count = server->failures_count,
        };
        memcpy(event.requested, server->requested, sizeof(event.requested));
        memcpy(event.answers, server->answers, sizeof(event.answers));
        tell(user, &event);
    }
}
