/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/state_write.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "bytes/digest.h"
#include "bytes/reader.h"
#include "bytes/text.h"

/* The longest server: its SNI can take 65,535 bytes on the wire, and three times that here. */
#define RECORD_MAX ((size_t)256 * 1024)

struct writer {
    int (*write)(void *user, struct cas_view text);
    void *user;
    struct cas_sha256_sum sum;
    struct cas_buf record; /* scratch */
    size_t len;            /* written so far */
    int failed;            /* 0 or an errno */
};

static void put(struct writer *writer, struct cas_view text)
{
    if (writer->failed == 0) {
        cas_sha256_add(&writer->sum, text);
        writer->len += text.len;
        writer->failed = writer->write(writer->user, text);
    }
}

static void put_u64(struct cas_buf *out, const char *key, uint64_t number)
{
    cas_buf_append_format(out, "\t%s=%" PRIu64, key, number);
}

/* A word of our own. */
static void put_word(struct cas_buf *out, const char *key, const char *word)
{
    cas_buf_append_format(out, "\t%s=", key);
    cas_buf_append_text(out, word);
}

static void put_digest(struct cas_buf *out, const char *key,
                       const uint8_t digest[CAS_SHA256_LEN])
{
    put_word(out, key, "");
    cas_buf_append_hex(out, cas_view_of(digest, CAS_SHA256_LEN));
}

/* The strings of events are safe already; should one not be, it must not break the form. */
static void put_text(struct cas_buf *out, const char *key, const char *text)
{
    if (text == NULL) {
        return;
    }
    put_word(out, key, "");
    struct cas_reader r = cas_reader_init(cas_view_of(text, strlen(text)));
    while (cas_reader_left(&r) > 0) {
        uint32_t code_point = cas_text_next(&r);
        cas_text_append_utf8(out, cas_text_is_safe(code_point) ? code_point : '?');
    }
}

static void put_address(struct cas_buf *out, const struct cas_endpoint *endpoint)
{
    char text[INET6_ADDRSTRLEN] = "";
    int family = endpoint->family == 6 ? AF_INET6 : AF_INET;
    const char *formatted = inet_ntop(family, endpoint->address, text, sizeof(text));
    assert(formatted != NULL);
    put_word(out, "address", formatted != NULL ? formatted : "");
}

static void put_server(struct cas_buf *out, const struct cas_state_server *server)
{
    cas_buf_append_text(out, "server");
    put_address(out, &server->endpoint);
    put_u64(out, "port", server->endpoint.port);
    put_u64(out, "first", server->first_us);
    put_u64(out, "last", server->last_us);
    put_u64(out, "handshakes", server->handshakes);
    put_u64(out, "requests", server->requests);
    put_u64(out, "hidden", server->requests_hidden);
    put_u64(out, "failures", server->failures);
    put_text(out, "sni", server->sni);
    cas_buf_append_u8(out, '\n');
}

static void put_brief(struct cas_buf *out, const char *kind, const struct cas_list_brief *brief)
{
    cas_buf_append_text(out, kind);
    put_u64(out, "count", brief->count);
    put_u64(out, "bytes", brief->bytes);
    put_digest(out, "sha256", brief->sha256);
    put_digest(out, "set_sha256", brief->set_sha256);
}

static void put_list(struct cas_buf *out, const struct cas_state_list *list)
{
    put_brief(out, "list", &list->brief);
    put_u64(out, "message_bytes", list->message_bytes);
    put_word(out, "capture", cas_seen_name(list->seen));
    put_word(out, "truncation", cas_truncation_name(list->truncation));
    put_word(out, "headroom", cas_headroom_name(list->headroom));
    put_u64(out, "limit_bytes", list->limit_bytes);
    put_u64(out, "limit_counted", list->limit_counted);
    put_u64(out, "limit_percent", list->limit_percent);
    put_u64(out, "clients_refusing", list->clients_refusing);
    put_text(out, "limit", list->limit_name);
    cas_buf_append_u8(out, '\n');
}

static void put_request(struct cas_buf *out, const struct cas_request_brief *request)
{
    cas_buf_append_text(out, "inferred");
    put_u64(out, "request", request->least);
    put_word(out, "headroom", cas_headroom_name(request->headroom));
    put_u64(out, "limit_bytes", request->limit_bytes);
    put_u64(out, "limit_counted", request->limit_counted);
    put_u64(out, "clients_refusing", request->clients_refusing);
    put_text(out, "limit", request->limit_name);
    cas_buf_append_u8(out, '\n');
}

static void put_alerts(struct cas_buf *out, const struct cas_state_alerts *alerts)
{
    for (size_t i = 0; i < alerts->told_len; i++) {
        const struct cas_state_told *told = &alerts->told[i];
        cas_buf_append_text(out, "told");
        put_word(out, "cause", cas_alert_cause_name(told->cause));
        put_u64(out, "at", told->at_us);
        put_u64(out, "substance", told->substance);
        cas_buf_append_u8(out, '\n');
    }
    for (int cause = 0; cause < CAS_ALERT_CAUSES; cause++) {
        if (alerts->held[cause] > 0) {
            cas_buf_append_text(out, "held");
            put_word(out, "cause", cas_alert_cause_name((enum cas_alert_cause)cause));
            put_u64(out, "occurrences", alerts->held[cause]);
            cas_buf_append_u8(out, '\n');
        }
    }
}

static void put_record(struct cas_buf *out, const struct cas_state_server *server)
{
    put_server(out, server);
    if (server->has_list) {
        put_list(out, &server->list);
        if (memcmp(server->base.sha256, server->list.brief.sha256, CAS_SHA256_LEN) != 0) {
            put_brief(out, "base", &server->base);
            cas_buf_append_u8(out, '\n');
        }
    }
    if (server->has_request) {
        put_request(out, &server->request);
    }
    if (server->alerts != NULL) {
        put_alerts(out, server->alerts);
    }
}

static bool write_server(void *user, const struct cas_state_server *server)
{
    struct writer *writer = user;
    cas_buf_clear(&writer->record);
    put_record(&writer->record, server);
    if (!cas_buf_ok(&writer->record)) {
        writer->failed = ENOMEM;
    }
    if (writer->failed != 0 ||
        writer->record.len > CAS_STATE_MAX - CAS_STATE_SUM_LINE - writer->len) {
        return false;
    }
    put(writer, cas_buf_view(&writer->record));
    return true;
}

static void write_sum(struct writer *writer)
{
    uint8_t digest[CAS_SHA256_LEN];
    cas_sha256_end(&writer->sum, digest);
    cas_buf_clear(&writer->record);
    cas_buf_append_text(&writer->record, CAS_STATE_SUM);
    cas_buf_append_hex(&writer->record, cas_view_of(digest, sizeof(digest)));
    cas_buf_append_u8(&writer->record, '\n');
    if (cas_buf_ok(&writer->record)) {
        put(writer, cas_buf_view(&writer->record));
    } else {
        writer->failed = ENOMEM;
    }
}

static void write_head(struct writer *writer, uint64_t wall_us)
{
    cas_buf_append_text(&writer->record, CAS_STATE_FIRST CAS_STATE_RUN);
    put_u64(&writer->record, CAS_STATE_SAVED, wall_us);
    cas_buf_append_u8(&writer->record, '\n');
    if (cas_buf_ok(&writer->record)) {
        put(writer, cas_buf_view(&writer->record));
    } else {
        writer->failed = ENOMEM;
    }
}

int cas_state_write(const struct cas_inventory *inventory, uint64_t wall_us,
                    int (*write)(void *user, struct cas_view text), void *user)
{
    struct writer writer = {
        .write = write,
        .user = user,
        .sum = cas_sha256_begin(),
        .record = cas_buf_init(RECORD_MAX, NULL),
    };
    write_head(&writer, wall_us);
    cas_inventory_each(inventory, write_server, &writer);
    if (writer.failed == 0) {
        write_sum(&writer);
    }
    cas_buf_finish(&writer.record);
    return writer.failed;
}
