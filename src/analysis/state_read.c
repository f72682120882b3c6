/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include <casniff/state.h>

#include "analysis/state_fields.h"
#include "analysis/state_write.h"
#include "bytes/digest.h"
#include "bytes/reader.h"

/* As long as anything that is written. */
#define TEXT_MAX ((size_t)256 * 1024)

/* A server as it is read, and the line that is being read. */
struct parser {
    struct cas_state_server server;
    struct cas_state_alerts alerts; /* the server's */
    bool has_server;
    struct cas_buf sni; /* the server's strings */
    struct cas_buf limit;
    struct cas_buf request_limit;
    struct cas_reader line; /* what is left of it; failed when it is not as it should be */
};

static uint32_t take_u32(struct cas_reader *line, const char *key)
{
    return (uint32_t)cas_state_u64(line, key, UINT32_MAX);
}

static const char *seen_name(unsigned value)
{
    return cas_seen_name((enum cas_seen)value);
}

static const char *truncation_name(unsigned value)
{
    return cas_truncation_name((enum cas_truncation)value);
}

static const char *headroom_name(unsigned value)
{
    return cas_headroom_name((enum cas_headroom)value);
}

static const char *cause_name(unsigned value)
{
    return cas_alert_cause_name((enum cas_alert_cause)value);
}

static void take_server(struct parser *parser)
{
    struct cas_reader *line = &parser->line;
    struct cas_state_server server = { .sni = NULL };
    cas_state_address(line, &server.endpoint);
    server.endpoint.port = (uint16_t)cas_state_u64(line, "port", UINT16_MAX);
    server.first_us = cas_state_u64(line, "first", UINT64_MAX);
    server.last_us = cas_state_u64(line, "last", UINT64_MAX);
    server.handshakes = cas_state_u64(line, "handshakes", UINT64_MAX);
    server.requests = cas_state_u64(line, "requests", UINT64_MAX);
    server.requests_hidden = cas_state_u64(line, "hidden", UINT64_MAX);
    server.failures = cas_state_u64(line, "failures", UINT64_MAX);
    server.sni = cas_state_text(line, "sni", &parser->sni);
    server.base_us = server.last_us;
    parser->server = server;
    parser->alerts = (struct cas_state_alerts){ .told_len = 0 };
    parser->has_server = true;
}

static struct cas_list_brief take_brief(struct cas_reader *line)
{
    struct cas_list_brief brief = { 0 };
    brief.count = take_u32(line, "count");
    brief.bytes = take_u32(line, "bytes");
    cas_state_digest(line, "sha256", brief.sha256);
    cas_state_digest(line, "set_sha256", brief.set_sha256);
    return brief;
}

static void take_list(struct parser *parser)
{
    struct cas_reader *line = &parser->line;
    struct cas_state_list *list = &parser->server.list;
    if (parser->server.has_list) {
        cas_reader_fail(line);
        return;
    }
    list->brief = take_brief(line);
    list->message_bytes = take_u32(line, "message_bytes");
    list->seen = (enum cas_seen)cas_state_enum(line, "capture", seen_name, CAS_SEEN_MALFORMED);
    list->truncation = (enum cas_truncation)cas_state_enum(line, "truncation", truncation_name,
                                                           CAS_TRUNCATION_CONFIRMED);
    list->headroom =
        (enum cas_headroom)cas_state_enum(line, "headroom", headroom_name, CAS_HEADROOM_OVER);
    list->limit_bytes = take_u32(line, "limit_bytes");
    list->limit_counted = take_u32(line, "limit_counted");
    list->limit_percent = take_u32(line, "limit_percent");
    list->clients_refusing = cas_state_u64(line, "clients_refusing", UINT64_MAX);
    list->limit_name = cas_state_text(line, "limit", &parser->limit);
    parser->server.base = list->brief;
    parser->server.has_list = true;
}

static void take_base(struct parser *parser)
{
    if (!parser->server.has_list) {
        cas_reader_fail(&parser->line);
        return;
    }
    parser->server.base = take_brief(&parser->line);
}

static void take_request(struct parser *parser)
{
    struct cas_reader *line = &parser->line;
    struct cas_request_brief *request = &parser->server.request;
    if (parser->server.has_request) {
        cas_reader_fail(line);
        return;
    }
    request->least = take_u32(line, "request");
    request->headroom =
        (enum cas_headroom)cas_state_enum(line, "headroom", headroom_name, CAS_HEADROOM_OVER);
    request->limit_bytes = take_u32(line, "limit_bytes");
    request->limit_counted = take_u32(line, "limit_counted");
    request->clients_refusing = cas_state_u64(line, "clients_refusing", UINT64_MAX);
    request->limit_name = cas_state_text(line, "limit", &parser->request_limit);
    parser->server.has_request = true;
}

static enum cas_alert_cause take_cause(struct cas_reader *line)
{
    return (enum cas_alert_cause)cas_state_enum(line, "cause", cause_name,
                                                CAS_ALERT_CAUSES - 1);
}

static void take_told(struct parser *parser)
{
    struct cas_state_alerts *alerts = &parser->alerts;
    if (alerts->told_len == CAS_STATE_TOLD_MAX) {
        cas_reader_fail(&parser->line);
        return;
    }
    struct cas_state_told told = { .cause = take_cause(&parser->line) };
    told.at_us = cas_state_u64(&parser->line, "at", UINT64_MAX);
    told.substance = cas_state_u64(&parser->line, "substance", UINT64_MAX);
    alerts->told[alerts->told_len++] = told;
}

static void take_held(struct parser *parser)
{
    enum cas_alert_cause cause = take_cause(&parser->line);
    parser->alerts.held[cause] = cas_state_u64(&parser->line, "occurrences", UINT64_MAX);
}

/* Lines but the one that begins a server. */
static const struct {
    const char *kind;
    void (*take)(struct parser *parser);
} kinds[] = {
    { "list", take_list }, { "base", take_base }, { "inferred", take_request },
    { "told", take_told }, { "held", take_held },
};

/* Where servers go; take may be NULL. */
struct taker {
    void (*take)(void *user, const struct cas_state_server *server);
    void *user;
};

static void give_server(const struct parser *parser, const struct taker *taker)
{
    if (parser->has_server && taker->take != NULL) {
        struct cas_state_server server = parser->server;
        server.alerts = &parser->alerts;
        taker->take(taker->user, &server);
    }
}

/* False when it is no line of a state. */
static bool take_line(struct parser *parser, struct cas_view text, const struct taker *taker)
{
    if (text.len == 0 || text.data[text.len - 1] != '\n') {
        return false;
    }
    parser->line = cas_reader_init(cas_view_part(text, 0, text.len - 1));
    struct cas_view kind = cas_state_part(&parser->line);
    if (cas_view_equal(kind, cas_state_view("server"))) {
        give_server(parser, taker);
        take_server(parser);
        return cas_reader_done(&parser->line);
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (parser->has_server && cas_view_equal(kind, cas_state_view(kinds[i].kind))) {
            kinds[i].take(parser);
            return cas_reader_done(&parser->line);
        }
    }
    return false;
}

/* "run", what is known of the run that saved it. */
static bool take_run(struct cas_view text, uint64_t *out_saved_us)
{
    if (text.len == 0 || text.data[text.len - 1] != '\n') {
        return false;
    }
    struct cas_reader line = cas_reader_init(cas_view_part(text, 0, text.len - 1));
    struct cas_view kind = cas_state_part(&line);
    uint64_t saved_us = cas_state_u64(&line, CAS_STATE_SAVED, UINT64_MAX);
    if (!cas_view_equal(kind, cas_state_view(CAS_STATE_RUN)) || !cas_reader_done(&line)) {
        return false;
    }
    *out_saved_us = saved_us;
    return true;
}

/* The lines after the first; gives the number of the one that is wrong, or 0. */
static size_t take_lines(struct parser *parser, struct cas_view lines,
                         const struct taker *taker)
{
    struct cas_reader r = cas_reader_init(lines);
    uint64_t saved_us = 0;
    bool is_good = take_run(cas_reader_until(&r, '\n'), &saved_us);
    size_t number = is_good ? 3 : 2;
    parser->has_server = false;
    while (is_good && cas_reader_left(&r) > 0) {
        is_good = take_line(parser, cas_reader_until(&r, '\n'), taker);
        number += is_good;
    }
    if (is_good) {
        give_server(parser, taker);
    }
    return is_good ? 0 : number;
}

/* First without telling anybody; then every string fits the memory that is there. */
static enum cas_err take_all(struct parser *parser, struct cas_view lines,
                             const struct taker *taker, struct cas_error *out_error)
{
    const struct taker nobody = { .take = NULL };
    size_t wrong = take_lines(parser, lines, &nobody);
    if (!cas_buf_ok(&parser->sni) || !cas_buf_ok(&parser->limit) ||
        !cas_buf_ok(&parser->request_limit)) {
        return cas_error_set(out_error, CAS_ERR_NOMEM, "not enough memory to read the state");
    }
    if (wrong != 0) {
        return cas_error_set(out_error, CAS_ERR_FORMAT,
                             "line %zu of the state is no line of one", wrong);
    }
    (void)take_lines(parser, lines, taker);
    return CAS_OK;
}

/* Does the last line fit what is before it? */
static bool is_sum_right(struct cas_view body, struct cas_view last)
{
    struct cas_reader r = cas_reader_init(last);
    struct cas_view word = cas_reader_bytes(&r, sizeof(CAS_STATE_SUM) - 1);
    struct cas_view hex = cas_reader_bytes(&r, 2 * (size_t)CAS_SHA256_LEN);
    uint8_t said[CAS_SHA256_LEN] = { 0 };
    uint8_t sum[CAS_SHA256_LEN];
    cas_sha256(body, sum);
    return cas_view_equal(word, cas_state_view(CAS_STATE_SUM)) &&
           cas_state_parse_digest(hex, said) && cas_reader_u8(&r) == '\n' &&
           cas_reader_done(&r) && memcmp(said, sum, sizeof(sum)) == 0;
}

/* The first line, and that nothing is missing. */
static enum cas_err check_frame(struct cas_view text, struct cas_view *out_lines,
                                struct cas_error *out_error)
{
    const struct cas_view magic = cas_state_view(CAS_STATE_MAGIC);
    struct cas_reader r = cas_reader_init(text);
    struct cas_view first = cas_reader_until(&r, '\n');
    if (text.len > CAS_STATE_MAX) {
        return cas_error_set(out_error, CAS_ERR_FORMAT, "a saved state has at most %zu bytes",
                             CAS_STATE_MAX);
    }
    if (!cas_view_equal(cas_view_part(first, 0, magic.len), magic)) {
        return cas_error_set(out_error, CAS_ERR_FORMAT, "this is no saved state of casniff");
    }
    if (!cas_view_equal(first, cas_state_view(CAS_STATE_FIRST))) {
        return cas_error_set(out_error, CAS_ERR_FORMAT,
                             "this state is of another version of casniff, only version %d can "
                             "be read",
                             CAS_STATE_VERSION);
    }
    struct cas_view body = { 0 };
    if (text.len >= first.len + CAS_STATE_SUM_LINE) {
        body = cas_view_part(text, 0, text.len - CAS_STATE_SUM_LINE);
    }
    if (!is_sum_right(body, cas_view_part(text, body.len, CAS_STATE_SUM_LINE))) {
        return cas_error_set(out_error, CAS_ERR_FORMAT,
                             "the state is damaged: its checksum does not fit the rest");
    }
    *out_lines = cas_view_part(body, first.len, body.len);
    return CAS_OK;
}

enum cas_err cas_state_read(struct cas_view text,
                            void (*take)(void *user, const struct cas_state_server *server),
                            void *user, struct cas_error *out_error)
{
    struct cas_view lines = { 0 };
    const struct taker taker = { .take = take, .user = user };
    struct parser parser = {
        .sni = cas_buf_init(TEXT_MAX, NULL),
        .limit = cas_buf_init(TEXT_MAX, NULL),
        .request_limit = cas_buf_init(TEXT_MAX, NULL),
    };
    enum cas_err err = check_frame(text, &lines, out_error);
    if (err == CAS_OK) {
        err = take_all(&parser, lines, &taker, out_error);
    }
    cas_buf_finish(&parser.sni);
    cas_buf_finish(&parser.limit);
    cas_buf_finish(&parser.request_limit);
    return err;
}

uint64_t cas_state_saved_us(struct cas_view text)
{
    struct cas_reader r = cas_reader_init(text);
    struct cas_view first = cas_reader_until(&r, '\n');
    uint64_t saved_us = 0;
    bool is_state = cas_view_equal(first, cas_state_view(CAS_STATE_FIRST)) &&
                    take_run(cas_reader_until(&r, '\n'), &saved_us);
    return is_state ? saved_us : 0;
}
