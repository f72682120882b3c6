/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/inventory.h"

#include <stdio.h>
#include <string.h>

#include "analysis/diagnosis.h"
#include "analysis/inventory_parts.h"

/* Where a handshake counts: at the host's listing of this list; with a list that was not seen
 * whole, at the one of any list, the current one if there is. NULL when it is none of these. */
static struct cas_inventory_listing *find_listing(const struct cas_inventory_host *host,
                                                  const struct cas_list_report *report)
{
    struct cas_inventory_listing *found = NULL;
    for (struct cas_inventory_listing *at = host->listings; at != NULL; at = at->next_of_host) {
        if (at->report == report) {
            return at;
        }
        if (at->report != NULL && (found == NULL || at == host->current)) {
            found = at;
        }
    }
    return report != NULL && !cas_list_is_whole(&report->info) ? found : NULL;
}

static void keep_failure(struct cas_inventory *inventory, struct cas_inventory_listing *listing,
                         const struct cas_handshake_event *event, enum cas_outcome outcome)
{
    const struct cas_client_auth_info *auth = &event->client_auth;
    listing->failures_count[outcome]++;
    if (listing->failures_count[outcome] > CAS_FAILURES_MAX ||
        inventory->used > inventory->limit) {
        return;
    }
    size_t used = listing->arena.used;
    struct cas_diagnosis *diagnosis =
        cas_arena_array(&listing->arena, auth->diagnosis_len, sizeof(*diagnosis));
    for (size_t i = 0; diagnosis != NULL && i < auth->diagnosis_len; i++) {
        diagnosis[i] = auth->diagnosis[i];
        diagnosis[i].text = cas_arena_string(&listing->arena, auth->diagnosis[i].text);
    }
    listing->charged += listing->arena.used - used;
    inventory->used += listing->arena.used - used;
    if (!cas_arena_ok(&listing->arena)) {
        return;
    }
    listing->failures[listing->failures_len++] = (struct cas_failure_info){
        .timestamp_us = event->head.timestamp_us,
        .frame = event->head.frame,
        .client = event->head.src,
        .answer = auth->answer,
        .diagnosis = diagnosis,
        .diagnosis_len = auth->diagnosis_len,
        .is_doubtful = outcome == CAS_OUTCOME_DOUBTFUL,
    };
}

static enum cas_outcome outcome_of(const struct cas_handshake_event *event)
{
    const struct cas_client_auth_info *auth = &event->client_auth;
    enum cas_severity worst = cas_diagnosis_worst(auth->diagnosis, auth->diagnosis_len);
    if (worst == CAS_SEVERITY_INFO) {
        return CAS_OUTCOME_GOOD;
    }
    bool has_failed =
        worst == CAS_SEVERITY_ERROR || event->tls.established == CAS_ESTABLISHED_NO;
    return has_failed ? CAS_OUTCOME_FAILED : CAS_OUTCOME_DOUBTFUL;
}

/* The name of a number that nobody knows lives as long as its event only. */
static void keep_version(struct cas_inventory_listing *listing, const char *version)
{
    if (version != NULL && strcmp(version, listing->version) != 0) {
        (void)snprintf(listing->version, sizeof(listing->version), "%s", version);
    }
}

static void count_handshake(struct cas_inventory *inventory,
                            struct cas_inventory_listing *listing,
                            const struct cas_handshake_event *event)
{
    if (listing->handshakes == 0) {
        listing->first_us = event->head.timestamp_us;
    }
    listing->handshakes++;
    listing->resumed += event->tls.resumed;
    listing->requested[event->client_auth.requested]++;
    listing->answers[event->client_auth.answer]++;
    listing->inferred += event->client_auth.requested == CAS_REQUESTED_YES &&
                         event->client_auth.how == CAS_HOW_INFERRED;
    listing->last_us = event->head.timestamp_us;
    keep_version(listing, event->tls.version);
    enum cas_outcome outcome = outcome_of(event);
    if (outcome != CAS_OUTCOME_GOOD) {
        keep_failure(inventory, listing, event, outcome);
    }
}

static void count_in_state(struct cas_state_server *state,
                           const struct cas_handshake_event *event)
{
    if (state->handshakes == 0) {
        state->first_us = event->head.timestamp_us;
    }
    state->handshakes++;
    state->requests += event->client_auth.requested == CAS_REQUESTED_YES;
    state->requests_hidden += event->client_auth.requested == CAS_REQUESTED_HIDDEN;
    state->failures += outcome_of(event) == CAS_OUTCOME_FAILED;
    state->last_us = event->head.timestamp_us;
}

/* Of the handshake that was counted last. */
static void keep_list(struct cas_state_server *state, const struct cas_ca_list_info *info)
{
    struct cas_state_list list = {
        .brief = { .count = info->count, .bytes = info->bytes },
        .message_bytes = info->message_bytes,
        .seen = info->seen,
        .truncation = info->truncation,
        .headroom = info->headroom,
        .limit_name = info->limit_name,
        .limit_bytes = info->limit_bytes,
        .limit_counted = info->limit_counted,
        .limit_percent = info->limit_percent,
        .clients_refusing = info->clients_refusing_len,
    };
    memcpy(list.brief.sha256, info->sha256, sizeof(list.brief.sha256));
    memcpy(list.brief.set_sha256, info->set_sha256, sizeof(list.brief.set_sha256));
    state->list = list;
    state->has_request = false;
    if (!state->has_list) {
        state->base = list.brief;
        state->has_list = true;
    }
    if (memcmp(state->base.set_sha256, info->set_sha256, sizeof(info->set_sha256)) == 0) {
        state->base_us = state->last_us;
    }
}

/* A list that is seen tells more than the size of a request. */
static void keep_request(struct cas_state_server *state, const struct cas_request_size *size)
{
    state->request = (struct cas_request_brief){
        .least = size->least,
        .headroom = size->headroom_least,
        .limit_name = size->limit_name,
        .limit_bytes = size->limit_bytes,
        .limit_counted = size->limit_counted,
        .clients_refusing = size->clients_refusing_len,
    };
    state->has_request = true;
}

/* The list that the server shows now, when it showed another before. */
static bool has_same_names(const struct cas_inventory_host *host,
                           const struct cas_ca_list_info *info)
{
    return host->state.has_list && memcmp(host->state.list.brief.set_sha256, info->set_sha256,
                                          sizeof(info->set_sha256)) == 0;
}

/* Has it been so long since then? A time that is yet to come is now: the clock was set back. */
static bool is_due(uint64_t *then_us, uint64_t now_us, uint64_t after_us)
{
    if (*then_us > now_us) {
        *then_us = now_us;
    }
    return now_us - *then_us >= after_us;
}

/* What to tell of a whole list that is not the one shown last. One that was told before, and
 * one of the same names in another order, can take turns for ever: only so many are told. */
static enum cas_list_news change_current(struct cas_inventory *inventory,
                                         struct cas_inventory_listing *listing, bool is_new,
                                         uint64_t now_us)
{
    struct cas_inventory_host *host = listing->host;
    bool is_return =
        !is_new || (host->current != NULL && has_same_names(host, &listing->report->info));
    host->current = listing;
    if (is_return && !cas_bucket_take(&host->returns, now_us)) {
        cas_count(inventory->counters, CAS_COUNT_LISTS_NOT_RETOLD);
        return CAS_LIST_NEWS_NONE;
    }
    return CAS_LIST_NEWS_FULL;
}

static enum cas_list_news news_of(struct cas_inventory *inventory,
                                  struct cas_inventory_listing *listing, bool is_new,
                                  const struct cas_inventory_entry *entry)
{
    uint64_t now_us = entry->event->head.timestamp_us;
    enum cas_list_news news = is_new ? CAS_LIST_NEWS_FULL : CAS_LIST_NEWS_NONE;
    if (entry->report == NULL) {
        return CAS_LIST_NEWS_NONE;
    }
    if (cas_list_is_whole(&entry->report->info)) {
        if (listing->host->current != listing) {
            news = change_current(inventory, listing, is_new, now_us);
        } else if (inventory->heartbeat_us != 0 &&
                   is_due(&listing->told_us, now_us, inventory->heartbeat_us)) {
            news = CAS_LIST_NEWS_HEARTBEAT;
        }
    }
    if (news != CAS_LIST_NEWS_NONE) {
        listing->told_us = now_us;
    }
    return news;
}

/* Without a place for the list, the state at least knows whether it is the one before. */
static enum cas_list_news news_without_listing(const struct cas_inventory_host *host,
                                               const struct cas_list_report *report)
{
    if (report == NULL ||
        (host != NULL && host->state.has_list &&
         memcmp(host->state.list.brief.sha256, report->info.sha256, CAS_SHA256_LEN) == 0)) {
        return CAS_LIST_NEWS_NONE;
    }
    return CAS_LIST_NEWS_FULL;
}

static struct cas_inventory_host *find_or_add(struct cas_inventory *inventory,
                                              const struct cas_handshake_event *event)
{
    struct cas_inventory_host *host =
        cas_inventory_find(inventory, &event->head.dest, event->tls.sni);
    if (host == NULL) {
        return cas_inventory_add(inventory, &event->head.dest, event->tls.sni);
    }
    cas_inventory_touch(inventory, host);
    return host;
}

struct cas_inventory_noted cas_inventory_note(struct cas_inventory *inventory,
                                              const struct cas_inventory_entry *entry)
{
    const struct cas_handshake_event *event = entry->event;
    struct cas_inventory_noted noted = { .news = CAS_LIST_NEWS_NONE };
    struct cas_inventory_host *host = find_or_add(inventory, event);
    struct cas_inventory_listing *listing = NULL;
    bool is_new = false;
    if (host != NULL) {
        noted.server = &host->state;
        noted.memory = &host->place->memory;
        noted.ration = &host->place->ration;
        listing = find_listing(host, entry->report);
        is_new = listing == NULL;
    }
    if (is_new) {
        listing = cas_inventory_add_listing(inventory, host, entry->report);
    }
    if (listing != NULL) {
        count_handshake(inventory, listing, event);
        noted.news = news_of(inventory, listing, is_new, entry);
    } else {
        cas_count(inventory->counters, CAS_COUNT_SERVERS_CAPPED);
        noted.news = news_without_listing(host, entry->report);
    }
    if (host != NULL) {
        count_in_state(&host->state, event);
    }
    if (host != NULL && entry->report != NULL && cas_list_is_comparable(&entry->report->info)) {
        keep_list(&host->state, &entry->report->info);
    } else if (host != NULL && event->client_auth.request_size != NULL) {
        keep_request(&host->state, event->client_auth.request_size);
    }
    return noted;
}

/* What the state remembers of a list that is in doubt now: it is measured against no more. */
static void forget_list(struct cas_state_server *state, const struct cas_ca_list_info *info)
{
    if (memcmp(state->list.brief.sha256, info->sha256, CAS_SHA256_LEN) == 0) {
        state->has_list = false;
    }
}

void cas_inventory_take_back(struct cas_inventory *inventory,
                             const struct cas_inventory_entry *entry,
                             struct cas_list_report *told)
{
    const struct cas_handshake_event *event = entry->event;
    struct cas_inventory_host *host =
        cas_inventory_find(inventory, &event->head.dest, event->tls.sni);
    struct cas_inventory_listing *listing = host != NULL ? find_listing(host, told) : NULL;
    if (listing == NULL || listing->report != told || listing->handshakes > 1) {
        return;
    }
    /* Both reports hold the same message, so what is charged for it stays. */
    listing->report = entry->report;
    host->current = host->current == listing ? NULL : host->current;
    forget_list(&host->state, &told->info);
    cas_list_report_hold(inventory->reporter, entry->report);
    cas_list_report_release(inventory->reporter, told);
}

void cas_inventory_renegotiated(struct cas_inventory *inventory,
                                const struct cas_inventory_entry *entry,
                                enum cas_requested requested, enum cas_answer answer)
{
    const struct cas_handshake_event *event = entry->event;
    struct cas_inventory_host *host =
        cas_inventory_find(inventory, &event->head.dest, event->tls.sni);
    struct cas_inventory_listing *listing =
        host != NULL ? find_listing(host, entry->report) : NULL;
    if (listing == NULL || listing->requested[requested] == 0 ||
        listing->answers[answer] == 0) {
        return;
    }
    listing->requested[requested]--;
    listing->answers[answer]--;
    listing->requested[event->client_auth.requested]++;
    listing->answers[event->client_auth.answer]++;
    listing->inferred += event->client_auth.requested == CAS_REQUESTED_YES;
    listing->last_us = event->head.timestamp_us;
    host->state.requests += event->client_auth.requested == CAS_REQUESTED_YES;
    host->state.requests_hidden += event->client_auth.requested == CAS_REQUESTED_HIDDEN;
}

void cas_inventory_tell(const struct cas_inventory *inventory,
                        void (*tell)(void *user, struct cas_server_event *event), void *user)
{
    for (const struct cas_inventory_listing *listing = inventory->first; listing != NULL;
         listing = listing->next) {
        struct cas_server_event event = {
            .head = { .timestamp_us = listing->last_us, .dest = listing->host->state.endpoint },
            .sni = listing->host->sni,
            .version = listing->version[0] != '\0' ? listing->version : NULL,
            .first_us = listing->first_us,
            .last_us = listing->last_us,
            .handshakes = listing->handshakes,
            .resumed = listing->resumed,
            .ca_list = listing->report != NULL ? &listing->report->info : NULL,
            .request = listing->report == NULL && listing->host->state.has_request
                           ? &listing->host->state.request
                           : NULL,
            .inferred = listing->inferred,
            .failures = listing->failures,
            .failures_len = listing->failures_len,
            .failures_count = listing->failures_count[CAS_OUTCOME_FAILED],
            .doubtful_count = listing->failures_count[CAS_OUTCOME_DOUBTFUL],
        };
        memcpy(event.requested, listing->requested, sizeof(event.requested));
        memcpy(event.answers, listing->answers, sizeof(event.answers));
        tell(user, &event);
    }
}

void cas_inventory_each(const struct cas_inventory *inventory,
                        bool (*tell)(void *user, const struct cas_state_server *server),
                        void *user)
{
    bool is_wanted = true;
    for (const struct cas_inventory_host *host = inventory->newest; host != NULL && is_wanted;
         host = host->older) {
        struct cas_state_server state = host->state;
        state.alerts = host->place->newest == host ? &host->place->memory.alerts : NULL;
        is_wanted = tell(user, &state);
    }
}

void cas_inventory_remembered(const struct cas_inventory *inventory,
                              void (*tell)(void *user, const struct cas_state_server *server),
                              void *user)
{
    for (const struct cas_inventory_host *host = inventory->newest; host != NULL;
         host = host->older) {
        if (host->current == NULL && host->state.has_list) {
            tell(user, &host->state);
        }
    }
}

void cas_inventory_recall(struct cas_inventory *inventory,
                          const struct cas_state_server *server)
{
    if (cas_inventory_find(inventory, &server->endpoint, server->sni) != NULL) {
        return;
    }
    struct cas_inventory_host *host =
        cas_inventory_add_oldest(inventory, &server->endpoint, server->sni);
    if (host == NULL) {
        cas_count(inventory->counters, CAS_COUNT_SERVERS_CAPPED);
        return;
    }
    const char *sni = host->state.sni;
    host->state = *server;
    host->state.sni = sni;
    host->state.alerts = NULL;
    if (server->alerts != NULL) {
        cas_alert_memory_recall(&host->place->memory, server->alerts);
    }
}
