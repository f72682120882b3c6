/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/check_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bytes/buf.h"
#include "output/format.h"

#define DOTS       "..."
#define DOTS_LEN   (sizeof(DOTS) - 1)
#define BYTES_MAX  65535 /* what a list's length field can say */
#define PART_MAX   128
#define SERVER_MAX ((size_t)2 * PART_MAX)
#define PORT_LEN   6 /* ":65535" */
#define SNI_LEAST  8 /* less of a name tells nothing */

/* Cuts text to at most max bytes: its end gives way, but for the last `tail` bytes. */
static void shorten(char *text, size_t max, size_t tail)
{
    size_t len = strlen(text);
    if (len <= max || max < DOTS_LEN + tail) {
        return;
    }
    size_t head = max - DOTS_LEN - tail;
    while (head > 0 && ((unsigned char)text[head] & 0xc0) == 0x80) {
        head--; /* never inside of a UTF-8 sequence */
    }
    memcpy(&text[head], DOTS, DOTS_LEN);
    memmove(&text[head + DOTS_LEN], &text[len - tail], tail + 1);
}

/* The bar ends a plugin's text, a line break the line. */
static void make_plain(char *text)
{
    for (char *c = text; *c != '\0'; c++) {
        if (*c == '|' || (unsigned char)*c < 0x20 || *c == 0x7f) {
            *c = '?';
        }
    }
}

static void put_endpoint(char *out, size_t size, const struct cas_endpoint *endpoint)
{
    struct cas_buf buf = cas_buf_init(size - 1, NULL);
    cas_format_endpoint(&buf, endpoint);
    (void)snprintf(out, size, "%.*s", (int)buf.len, buf.data != NULL ? (char *)buf.data : "");
    cas_buf_finish(&buf);
}

/* "10.0.0.2:443 (www.example.at)" in at most room bytes. */
static void put_server(char out[SERVER_MAX], size_t room, const struct cas_check_server *server)
{
    char endpoint[PART_MAX];
    char sni[CAS_CHECK_TEXT_MAX + 1];
    put_endpoint(endpoint, sizeof(endpoint), &server->endpoint);
    const char *port = strrchr(endpoint, ':');
    shorten(endpoint, room, port != NULL && strlen(port) <= PORT_LEN ? strlen(port) : 0);
    size_t left = room > strlen(endpoint) ? room - strlen(endpoint) : 0;
    (void)snprintf(sni, sizeof(sni), "%s", server->sni != NULL ? server->sni : "");
    if (sni[0] == '\0' || left < SNI_LEAST + strlen(" ()")) {
        (void)snprintf(out, PART_MAX, "%s", endpoint);
        return;
    }
    shorten(sni, left - strlen(" ()"), 0);
    make_plain(sni);
    (void)snprintf(out, SERVER_MAX, "%s (%s)", endpoint, sni);
}

static uint64_t percent_of(const struct cas_check_server *server)
{
    return server->limit_bytes > 0 ? (uint64_t)server->limit_counted * 100 / server->limit_bytes
                                   : 0;
}

/* The same of an encrypted request: what holds in any case. */
static void put_inferred_fact(char out[PART_MAX], const struct cas_check_verdict *verdict)
{
    const struct cas_check_server *worst = verdict->worst;
    if (verdict->cause == CAS_CHECK_CAUSE_REFUSED) {
        (void)snprintf(out, PART_MAX,
                       "request refused by %" PRIu64 " kind%s of client (inferred)",
                       worst->clients_refuse, worst->clients_refuse == 1 ? "" : "s");
    } else {
        (void)snprintf(out, PART_MAX, "request is %" PRIu64 "%% of %" PRIu32 " B (inferred)",
                       percent_of(worst), worst->limit_bytes);
    }
}

/* How full it is; a state file may hold a list of which no limit is known. */
static void put_size(char out[PART_MAX], const struct cas_check_server *worst)
{
    if (worst->limit_bytes == 0) {
        (void)snprintf(out, PART_MAX, "CA list %" PRIu32 " B, no limit known",
                       worst->limit_counted);
    } else {
        (void)snprintf(out, PART_MAX, "CA list %" PRIu32 " B is %" PRIu64 "%% of %" PRIu32,
                       worst->limit_counted, percent_of(worst), worst->limit_bytes);
    }
}

/* What is to be said of the worst server, behind its name. */
static void put_fact(char out[PART_MAX], const struct cas_check_verdict *verdict)
{
    const struct cas_check_server *worst = verdict->worst;
    switch (verdict->cause) {
    case CAS_CHECK_CAUSE_NOTHING:
        out[0] = '\0';
        break;
    case CAS_CHECK_CAUSE_CONFIRMED:
        if (worst->store_names > 0) {
            (void)snprintf(out, PART_MAX, "CA list was cut: %" PRIu64 " of %" PRIu64 " names",
                           worst->count, worst->store_names);
        } else {
            (void)snprintf(out, PART_MAX, "CA list was cut after %" PRIu64 " names",
                           worst->count);
        }
        break;
    case CAS_CHECK_CAUSE_WRAPPED:
        (void)snprintf(out, PART_MAX, "CA list is longer than %d B", BYTES_MAX);
        break;
    case CAS_CHECK_CAUSE_SUSPECTED:
        (void)snprintf(out, PART_MAX, "CA list looks cut: %" PRIu32 " B of %" PRIu32,
                       worst->limit_counted, worst->limit_bytes);
        break;
    case CAS_CHECK_CAUSE_REFUSED:
        (void)snprintf(
            out, PART_MAX, "CA list %" PRIu32 " B is refused by %" PRIu64 " kind%s of clients",
            worst->limit_counted, worst->clients_refuse, worst->clients_refuse == 1 ? "" : "s");
        break;
    case CAS_CHECK_CAUSE_ROOM:
    case CAS_CHECK_CAUSE_WARN:
    case CAS_CHECK_CAUSE_CRIT:
    case CAS_CHECK_CAUSE_OVER:
        put_size(out, worst);
        break;
    }
}

/* "the state is 3 days old" */
static void put_age(char out[PART_MAX], int64_t age_s)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = { { 86400, "day" }, { 3600, "hour" }, { 60, "minute" } };
    int64_t apart_s = age_s < 0 ? -age_s : age_s;
    size_t i = 0;
    while (i < 2 && apart_s < 2 * units[i].seconds) {
        i++;
    }
    (void)snprintf(out, PART_MAX, "the saved state is %" PRId64 " %ss %s",
                   apart_s / units[i].seconds, units[i].name,
                   age_s < 0 ? "ahead of the clock" : "old: does casniff run?");
}

/* "no CA list: 2 of 5 handshakes hide one, 1 more may" */
static void put_hiding(char out[PART_MAX], const struct cas_check_verdict *verdict)
{
    int len =
        snprintf(out, PART_MAX, "no CA list: %" PRIu64 " of %" PRIu64 " handshake%s hide%s one",
                 verdict->inferred, verdict->handshakes, verdict->handshakes == 1 ? "" : "s",
                 verdict->inferred == 1 ? "s" : "");
    if (verdict->hidden > 0 && len > 0 && len < PART_MAX) {
        (void)snprintf(&out[len], PART_MAX - (size_t)len, ", %" PRIu64 " more may",
                       verdict->hidden);
    }
}

/* Why nothing is known. */
static void put_ignorance(char out[PART_MAX], const struct cas_check_verdict *verdict)
{
    const struct cas_check_traffic *traffic = verdict->traffic;
    if (verdict->not_whole > 0) {
        (void)snprintf(out, PART_MAX, "not one of %" PRIu64 " CA list%s was seen whole",
                       verdict->not_whole, verdict->not_whole == 1 ? "" : "s");
    } else if (verdict->inferred > 0) {
        put_hiding(out, verdict);
    } else if (verdict->hidden > 0) {
        (void)snprintf(
            out, PART_MAX, "no CA list: %" PRIu64 " of %" PRIu64 " handshake%s may hide one",
            verdict->hidden, verdict->handshakes, verdict->handshakes == 1 ? "" : "s");
    } else if (verdict->handshakes > 0) {
        (void)snprintf(out, PART_MAX, "no CA list in %" PRIu64 " TLS handshake%s",
                       verdict->handshakes, verdict->handshakes == 1 ? "" : "s");
    } else if (traffic == NULL) {
        (void)snprintf(out, PART_MAX, "no TLS server was seen");
    } else if (traffic->frames == 0) {
        (void)snprintf(out, PART_MAX, "not one packet was seen");
    } else {
        (void)snprintf(out, PART_MAX, "no TLS handshake in %" PRIu64 " packet%s",
                       traffic->frames, traffic->frames == 1 ? "" : "s");
    }
}

/* How many others are not OK either, or how many are. */
static void put_others(char out[PART_MAX], const struct cas_check_verdict *verdict)
{
    out[0] = '\0';
    if (verdict->bad > 1) {
        (void)snprintf(out, PART_MAX, ", %" PRIu64 " more", verdict->bad - 1);
    } else if (verdict->bad == 0 && verdict->lists > 1) {
        (void)snprintf(out, PART_MAX, ", the fullest of %" PRIu64, verdict->lists);
    }
}

static void put_text(char out[CAS_CHECK_TEXT_MAX + 1], const struct cas_check_verdict *verdict)
{
    static const char *const words[] = {
        [CAS_CHECK_OK] = "OK",
        [CAS_CHECK_WARNING] = "WARNING",
        [CAS_CHECK_CRITICAL] = "CRITICAL",
        [CAS_CHECK_UNKNOWN] = "UNKNOWN",
    };
    char fact[PART_MAX];
    char others[PART_MAX];
    char server[SERVER_MAX];
    char head[PART_MAX];
    char whole[4 * PART_MAX];
    (void)snprintf(head, sizeof(head), "CASNIFF %s - ", words[verdict->status]);
    if (verdict->is_old) {
        put_age(fact, *verdict->age_s);
        (void)snprintf(out, CAS_CHECK_TEXT_MAX + 1, "%s%s", head, fact);
        return;
    }
    if (verdict->worst == NULL) {
        put_ignorance(fact, verdict);
        (void)snprintf(out, CAS_CHECK_TEXT_MAX + 1, "%s%s", head, fact);
        return;
    }
    if (verdict->worst->is_inferred) {
        put_inferred_fact(fact, verdict);
    } else {
        put_fact(fact, verdict);
    }
    put_others(others, verdict);
    size_t used = strlen(head) + strlen(fact) + strlen(others) + 1;
    if (used + DOTS_LEN + PORT_LEN > CAS_CHECK_TEXT_MAX) {
        others[0] = '\0';
        used = strlen(head) + strlen(fact) + 1;
    }
    put_server(server, used < CAS_CHECK_TEXT_MAX ? CAS_CHECK_TEXT_MAX - used : 0,
               verdict->worst);
    (void)snprintf(whole, sizeof(whole), "%s%s %s%s", head, server, fact, others);
    shorten(whole, CAS_CHECK_TEXT_MAX, 0);
    memcpy(out, whole, strlen(whole) + 1);
}

/* A value is bad when it is above its threshold: the last one at which it is not yet. */
static uint64_t threshold(uint64_t limit, uint32_t percent)
{
    uint64_t first_bad = (limit * percent + 99) / 100;
    return first_bad > 0 ? first_bad - 1 : 0;
}

/* 'label'=value[UOM];[warn];[crit];[min];[max], "U" where the value is unknown. */
static void put_bytes(char out[PART_MAX], const struct cas_check_verdict *verdict)
{
    const struct cas_check_server *worst = verdict->worst;
    if (worst == NULL || worst->is_inferred) {
        (void)snprintf(out, PART_MAX, "'ca_list_bytes'=U 'ca_list_names'=U");
    } else if (worst->limit_bytes == 0) {
        (void)snprintf(out, PART_MAX,
                       "'ca_list_bytes'=%" PRIu32 "B;;;0 'ca_list_names'=%" PRIu64 ";;;0",
                       worst->limit_counted, worst->count);
    } else {
        (void)snprintf(
            out, PART_MAX,
            "'ca_list_bytes'=%" PRIu32 "B;%" PRIu64 ";%" PRIu64 ";0;%d 'ca_list_names'=%" PRIu64
            ";;;0",
            worst->limit_counted, threshold(worst->limit_bytes, verdict->warn_percent),
            threshold(worst->limit_bytes, verdict->crit_percent), BYTES_MAX, worst->count);
    }
}

void cas_check_line_format(char out_line[CAS_CHECK_LINE_MAX],
                           const struct cas_check_verdict *verdict)
{
    char text[CAS_CHECK_TEXT_MAX + 1];
    char bytes[PART_MAX];
    char more[PART_MAX] = "";
    put_text(text, verdict);
    put_bytes(bytes, verdict);
    if (verdict->traffic != NULL) {
        (void)snprintf(more, sizeof(more), " 'drops'=%" PRIu64 "c;;;0",
                       verdict->traffic->drops);
    }
    if (verdict->age_s != NULL) {
        (void)snprintf(more, sizeof(more), " 'age'=%" PRId64 "s;%d;%d", *verdict->age_s,
                       CAS_CHECK_AGE_MAX_S, CAS_CHECK_AGE_MAX_S);
    }
    (void)snprintf(out_line, CAS_CHECK_LINE_MAX,
                   "%s | %s 'lists'=%" PRIu64 ";;;0 'bad_lists'=%" PRIu64
                   ";;;0 'lists_not_whole'=%" PRIu64 ";;;0 'handshakes'=%" PRIu64
                   ";;;0 'hidden'=%" PRIu64 ";;;0%s",
                   text, bytes, verdict->lists, verdict->bad, verdict->not_whole,
                   verdict->handshakes, verdict->hidden, more);
}
