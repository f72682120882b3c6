/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "integration/outcome.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <casniff/casniff.h>

#define DIFFERENCE_MAX 4096

static void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(EXIT_FAILURE);
}

static int compare_lines(const void *a, const void *b)
{
    const struct report_line *const *x = a;
    const struct report_line *const *y = b;
    return *x == *y ? 0 : strcmp((*x)->text, (*y)->text);
}

static void keep_line(struct outcome *outcome, struct report_line *line)
{
    if (line->text == NULL) {
        report_line_drop(line);
        return;
    }
    outcome->line = wire_grow(outcome->line, (outcome->len + 1) * sizeof(outcome->line[0]));
    outcome->line[outcome->len++] = line;
}

/* One run of the sniffer: the report's writer gets whole lines. */
struct run {
    struct report_lines *lines;
    struct outcome outcome;
};

/* Of each schedule its own, and not compared: not worth the reading. */
static bool is_stats(struct cas_view line)
{
    static const char behind_time[] = "\"event_type\":\"stats\"";
    const uint8_t *comma = line.len > 7 ? memchr(line.data + 7, ',', line.len - 7) : NULL;
    size_t at = comma != NULL ? (size_t)(comma - line.data) + 1 : line.len;
    return line.len - at > sizeof(behind_time) &&
           memcmp(line.data + at, behind_time, sizeof(behind_time) - 1) == 0;
}

static int take_line(void *user, struct cas_view text)
{
    struct run *run = user;
    if (text.len > 0 && !is_stats(text)) {
        keep_line(&run->outcome,
                  report_lines_get(run->lines, (const char *)text.data, text.len));
    }
    return 0;
}

static void push_all(struct cas_sniffer *sniffer, const struct wire_row *row)
{
    for (size_t i = 0; i < row->len; i++) {
        const struct wire_packet *p = &row->packet[i];
        const struct cas_frame frame = {
            .number = i + 1,
            .timestamp_us = p->time_us,
            .link_type = p->link_type,
            .wire_len = p->wire_len,
            .bytes = { p->frame, p->frame_len },
        };
        cas_sniffer_push(sniffer, &frame);
    }
    cas_sniffer_finish(sniffer);
}

static struct cas_sniffer *create_sniffer(struct cas_report *report,
                                          const struct outcome_setting *setting)
{
    struct cas_sniffer_config config = cas_sniffer_defaults();
    config.sink = cas_report_sink(report);
    config.max_flows = setting->max_flows;
    config.memory_bytes =
        setting->memory_bytes > 0 ? setting->memory_bytes : config.memory_bytes;
    config.checksums = setting->checks_sums ? CAS_CHECKSUMS_CHECK : CAS_CHECKSUMS_AUTO;
    memcpy(config.hash_key, &setting->hash_seed, sizeof(setting->hash_seed));
    config.hash_key[sizeof(config.hash_key) - 1] = 1; /* all zero would be the system's */
    struct cas_sniffer *sniffer = cas_sniffer_create(&config);
    if (sniffer == NULL) {
        fail("cannot create the sniffer");
    }
    return sniffer;
}

struct outcome outcome_of(struct report_lines *lines, const struct schedule *schedule,
                          const struct outcome_setting *setting)
{
    const struct cas_report_options options = {
        .form = CAS_REPORT_JSON,
        .names = CAS_NAMES_DEFAULT,
    };
    struct run run = { .lines = lines };
    const struct cas_writer writer = { .user = &run, .write = take_line };
    struct cas_report *report = cas_report_create(&writer, &options);
    if (report == NULL) {
        fail("cannot create the report");
    }
    struct cas_sniffer *sniffer = create_sniffer(report, setting);
    push_all(sniffer, &schedule->row);
    run.outcome.evicted = cas_sniffer_counters(sniffer)->value[CAS_COUNT_FLOWS_EVICTED];
    cas_sniffer_destroy(sniffer);
    if (!cas_report_is_good(report)) {
        fail("the report failed");
    }
    cas_report_destroy(report);
    if (run.outcome.len > 0) {
        qsort(run.outcome.line, run.outcome.len, sizeof(run.outcome.line[0]), compare_lines);
    }
    return run.outcome;
}

void outcome_finish(struct outcome *outcome)
{
    for (size_t i = 0; i < outcome->len; i++) {
        report_line_drop(outcome->line[i]);
    }
    free(outcome->line);
    *outcome = (struct outcome){ 0 };
}

/* From a little before the first byte in which they differ. */
static const char *first_difference(const char *a, const char *b)
{
    static char text[DIFFERENCE_MAX];
    size_t at = 0;
    while (a[at] != '\0' && a[at] == b[at]) {
        at++;
    }
    size_t from = at > 80 ? at - 80 : 0;
    snprintf(text, sizeof(text), "...%.400s\n...%.400s", a + from, b + from);
    return text;
}

const char *outcome_difference(const struct outcome *a, const struct outcome *b)
{
    size_t most = a->len > b->len ? a->len : b->len;
    for (size_t i = 0; i < most; i++) {
        if (i < a->len && i < b->len && a->line[i] == b->line[i]) {
            continue; /* read once, and found again */
        }
        const char *x = i < a->len ? a->line[i]->text : "(no more events)";
        const char *y = i < b->len ? b->line[i]->text : "(no more events)";
        if (strcmp(x, y) != 0) {
            return first_difference(x, y);
        }
    }
    return NULL;
}

static bool is_address(const char *text, const struct recorded_connection *c, unsigned end)
{
    uint8_t address[16] = { 0 };
    int family = c->family == 4 ? AF_INET : AF_INET6;
    return inet_pton(family, text, address) == 1 &&
           memcmp(address, c->address[end], c->family == 4 ? 4 : 16) == 0;
}

bool outcome_list_is_of(const struct report_line *list,
                        const struct recorded_connection *connection)
{
    for (unsigned end = 0; end < 2; end++) {
        if (list->port[0] == connection->port[end] &&
            list->port[1] == connection->port[1 - end] &&
            is_address(list->address[0], connection, end) &&
            is_address(list->address[1], connection, 1 - end)) {
            return true;
        }
    }
    return strcmp(list->event_type, "server") == 0;
}
