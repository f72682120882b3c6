/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include <casniff/check.h>

#include "output/check_line.h"

#define ROWS_FIRST 64

#define SECOND_US 1000000

struct row {
    struct cas_check_server server; /* its sni is this: */
    char sni[CAS_CHECK_SNI_MAX];    /* "" when there is none */
};

struct cas_check {
    uint32_t warn_percent;
    uint32_t crit_percent;
    struct row *rows;
    size_t rows_len;
    size_t rows_size;
    bool is_saved;      /* of a state, which is so old: */
    int64_t age_s;      /* below 0: it is of the future */
    bool is_incomplete; /* a server did not fit into memory */
    char line[CAS_CHECK_LINE_MAX];
};

struct cas_check *cas_check_create(uint32_t warn_percent, uint32_t crit_percent)
{
    struct cas_check *check = calloc(1, sizeof(*check));
    if (check != NULL) {
        check->warn_percent = warn_percent;
        check->crit_percent = crit_percent;
    }
    return check;
}

void cas_check_destroy(struct cas_check *check)
{
    if (check != NULL) {
        free(check->rows);
        free(check);
    }
}

static bool make_room(struct cas_check *check)
{
    if (check->rows_len < check->rows_size) {
        return true;
    }
    size_t size = check->rows_size > 0 ? check->rows_size * 2 : ROWS_FIRST;
    if (size > SIZE_MAX / sizeof(*check->rows)) {
        return false;
    }
    struct row *rows = realloc(check->rows, size * sizeof(*rows));
    if (rows == NULL) {
        return false;
    }
    check->rows = rows;
    check->rows_size = size;
    return true;
}

void cas_check_add(struct cas_check *check, const struct cas_check_server *server)
{
    if (!make_room(check)) {
        check->is_incomplete = true;
        return;
    }
    struct row *row = &check->rows[check->rows_len++];
    *row = (struct row){ .server = *server };
    row->server.sni = NULL;
    if (server->sni != NULL) {
        size_t len = strnlen(server->sni, sizeof(row->sni) - 1);
        memcpy(row->sni, server->sni, len);
    }
}

static bool has_lint(const struct cas_ca_list_info *list, enum cas_lint lint)
{
    for (size_t i = 0; i < list->lint_len; i++) {
        if (list->lint[i].code == lint) {
            return true;
        }
    }
    return false;
}

static void add_request(struct cas_check *check, struct cas_check_server server,
                        const struct cas_request_brief *request)
{
    server.has_list = false;
    server.is_inferred = true;
    server.handshakes = 0; /* they are counted already */
    server.hidden = 0;
    server.inferred = 0;
    server.limit_bytes = request->limit_bytes;
    server.limit_counted = request->limit_counted;
    server.clients_refuse = request->clients_refusing;
    cas_check_add(check, &server);
}

static void add_event(void *user, const struct cas_server_event *event)
{
    const struct cas_ca_list_info *list = event->ca_list;
    struct cas_check_server server = {
        .endpoint = event->head.dest,
        .sni = event->sni,
        .first_us = event->first_us,
        .last_us = event->last_us,
        .handshakes = event->handshakes,
        .hidden = event->requested[CAS_REQUESTED_HIDDEN],
        .inferred = event->inferred,
        .has_list = list != NULL,
    };
    if (list != NULL) {
        server.seen = list->seen;
        server.truncation = list->truncation;
        server.is_wrapped = has_lint(list, CAS_LINT_LENGTH_WRAPPED);
        server.count = list->count;
        server.store_names = list->store != NULL ? list->store->names : 0;
        server.limit_bytes = list->limit_bytes;
        server.limit_counted = list->limit_counted;
        server.clients_refuse = list->clients_refusing_len;
    }
    cas_check_add(user, &server);
    if (event->request != NULL) {
        add_request(user, server, event->request);
    }
}

struct cas_sink cas_check_sink(struct cas_check *check)
{
    return (struct cas_sink){ .user = check, .server = add_event };
}

void cas_check_take_state(void *check, const struct cas_state_server *server)
{
    const struct cas_state_list *list = &server->list;
    struct cas_check_server row = {
        .endpoint = server->endpoint,
        .sni = server->sni,
        .first_us = server->first_us,
        .last_us = server->last_us,
        .handshakes = server->handshakes,
        .hidden = server->requests_hidden,
        .inferred = server->has_list || !server->has_request ? 0 : server->requests,
        .has_list = server->has_list,
    };
    if (server->has_list) {
        row.seen = list->seen;
        row.truncation = list->truncation;
        row.count = list->brief.count;
        row.limit_bytes = list->limit_bytes;
        row.limit_counted = list->limit_counted;
        row.clients_refuse = list->clients_refusing;
    }
    cas_check_add(check, &row);
    if (server->has_request) {
        add_request(check, row, &server->request);
    }
}

void cas_check_set_saved(struct cas_check *check, uint64_t saved_us, uint64_t now_us)
{
    uint64_t apart_s = (now_us > saved_us ? now_us - saved_us : saved_us - now_us) / SECOND_US;
    check->is_saved = true;
    check->age_s = now_us >= saved_us ? (int64_t)apart_s : -(int64_t)apart_s;
}

static bool is_of_today(const struct cas_check *check)
{
    return !check->is_saved ||
           (check->age_s <= CAS_CHECK_AGE_MAX_S && check->age_s >= -CAS_CHECK_AGE_MAX_S);
}

/* Address, port and name: those of one server stand together. */
static int compare_servers(const struct row *a, const struct row *b)
{
    const struct cas_endpoint *left = &a->server.endpoint;
    const struct cas_endpoint *right = &b->server.endpoint;
    if (left->family != right->family) {
        return left->family < right->family ? -1 : 1;
    }
    int order = memcmp(left->address, right->address, sizeof(left->address));
    if (order == 0 && left->port != right->port) {
        return left->port < right->port ? -1 : 1;
    }
    return order != 0 ? order : strcmp(a->sni, b->sni);
}

/* Of one server the list that came last stands first. */
static int compare(const void *left, const void *right)
{
    const struct row *a = left;
    const struct row *b = right;
    int order = compare_servers(a, b);
    if (order != 0) {
        return order;
    }
    if (a->server.first_us != b->server.first_us) {
        return a->server.first_us > b->server.first_us ? -1 : 1;
    }
    if (a->server.limit_counted != b->server.limit_counted) {
        return a->server.limit_counted > b->server.limit_counted ? -1 : 1;
    }
    return 0;
}

static bool is_whole(const struct cas_check_server *server)
{
    return server->has_list && (server->seen == CAS_SEEN_COMPLETE || server->is_wrapped);
}

static bool reaches(const struct cas_check_server *server, uint32_t percent)
{
    return server->limit_bytes > 0 &&
           (uint64_t)server->limit_counted * 100 >= (uint64_t)server->limit_bytes * percent;
}

static enum cas_check_cause cause_of(const struct cas_check *check,
                                     const struct cas_check_server *server)
{
    if (server->truncation == CAS_TRUNCATION_CONFIRMED) {
        return CAS_CHECK_CAUSE_CONFIRMED;
    }
    if (server->is_wrapped) {
        return CAS_CHECK_CAUSE_WRAPPED;
    }
    if (server->limit_bytes > 0 && server->limit_counted > server->limit_bytes) {
        return CAS_CHECK_CAUSE_OVER;
    }
    if (reaches(server, check->crit_percent)) {
        return CAS_CHECK_CAUSE_CRIT;
    }
    if (server->truncation == CAS_TRUNCATION_SUSPECTED) {
        return CAS_CHECK_CAUSE_SUSPECTED;
    }
    if (server->clients_refuse > 0) {
        return CAS_CHECK_CAUSE_REFUSED;
    }
    return reaches(server, check->warn_percent) ? CAS_CHECK_CAUSE_WARN : CAS_CHECK_CAUSE_ROOM;
}

static enum cas_check_status status_of(enum cas_check_cause cause)
{
    switch (cause) {
    case CAS_CHECK_CAUSE_NOTHING:
        return CAS_CHECK_UNKNOWN;
    case CAS_CHECK_CAUSE_ROOM:
        return CAS_CHECK_OK;
    case CAS_CHECK_CAUSE_WARN:
    case CAS_CHECK_CAUSE_REFUSED:
    case CAS_CHECK_CAUSE_SUSPECTED:
        return CAS_CHECK_WARNING;
    case CAS_CHECK_CAUSE_CRIT:
    case CAS_CHECK_CAUSE_OVER:
    case CAS_CHECK_CAUSE_WRAPPED:
    case CAS_CHECK_CAUSE_CONFIRMED:
        break;
    }
    return CAS_CHECK_CRITICAL;
}

/* The fuller of two limits; exact where percentages would be equal. */
static bool is_fuller(const struct cas_check_server *a, const struct cas_check_server *b)
{
    return (uint64_t)a->limit_counted * b->limit_bytes >
           (uint64_t)b->limit_counted * a->limit_bytes;
}

/* What is inferred can be bad, but never good: the list itself is not known. */
static void judge_inferred(const struct cas_check *check, const struct cas_check_server *server,
                           struct cas_check_verdict *verdict)
{
    enum cas_check_cause cause = cause_of(check, server);
    if (cause <= CAS_CHECK_CAUSE_ROOM) {
        return;
    }
    verdict->bad++;
    if (verdict->worst == NULL || cause > verdict->cause) {
        verdict->cause = cause;
        verdict->worst = server;
    }
}

static void judge_list(const struct cas_check *check, const struct cas_check_server *server,
                       struct cas_check_verdict *verdict)
{
    enum cas_check_cause cause = cause_of(check, server);
    verdict->lists++;
    verdict->bad += cause > CAS_CHECK_CAUSE_ROOM ? 1 : 0;
    if (verdict->worst == NULL || cause > verdict->cause ||
        (cause == verdict->cause && is_fuller(server, verdict->worst))) {
        verdict->cause = cause;
        verdict->worst = server;
    }
}

/* newest_us is when the newest whole list of the row's server was seen first. */
static void judge_row(const struct cas_check *check, struct row *row, uint64_t newest_us,
                      struct cas_check_verdict *verdict)
{
    struct cas_check_server *server = &row->server;
    server->sni = row->sni[0] != '\0' ? row->sni : NULL;
    verdict->handshakes += server->handshakes;
    verdict->hidden += server->hidden;
    verdict->inferred += server->inferred;
    if (server->is_inferred) {
        judge_inferred(check, server, verdict);
    } else if (server->has_list && !is_whole(server)) {
        verdict->not_whole++;
    } else if (server->has_list && server->last_us >= newest_us) {
        judge_list(check, server, verdict);
    }
}

static uint64_t newest_of(const struct row *rows, size_t rows_len)
{
    for (size_t i = 0; i < rows_len && compare_servers(&rows[0], &rows[i]) == 0; i++) {
        if (is_whole(&rows[i].server)) {
            return rows[i].server.first_us;
        }
    }
    return 0;
}

enum cas_check_status cas_check_end(struct cas_check *check,
                                    const struct cas_check_traffic *traffic,
                                    const char **out_line)
{
    struct cas_check_verdict verdict = {
        .warn_percent = check->warn_percent,
        .crit_percent = check->crit_percent,
        .traffic = traffic,
        .age_s = check->is_saved ? &check->age_s : NULL,
    };
    uint64_t newest_us = 0;
    if (check->rows_len > 1) {
        qsort(check->rows, check->rows_len, sizeof(*check->rows), compare);
    }
    for (size_t i = 0; i < check->rows_len; i++) {
        if (i == 0 || compare_servers(&check->rows[i - 1], &check->rows[i]) != 0) {
            newest_us = newest_of(&check->rows[i], check->rows_len - i);
        }
        judge_row(check, &check->rows[i], newest_us, &verdict);
    }
    verdict.status = status_of(verdict.cause);
    if (verdict.status == CAS_CHECK_OK && check->is_incomplete) {
        verdict.status = CAS_CHECK_UNKNOWN; /* one of those left out may be bad */
    }
    if (!is_of_today(check)) {
        verdict.status = CAS_CHECK_UNKNOWN;
        verdict.is_old = true;
    }
    cas_check_line_format(check->line, &verdict);
    *out_line = check->line;
    return verdict.status;
}
