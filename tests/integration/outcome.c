/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "integration/outcome.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <casniff/casniff.h>

#define DIFFERENCE_MAX 4096
#define FLOWS_MAX      1024

/* Times, numbers of packets, and what is made of them. */
static const char *const volatile_keys[] = { "timestamp", "event_seq", "pcap_cnt",
                                             "flow_id",   "first",     "last" };

/* A list or a server belongs to no single connection: whichever came first stands for it. */
static const char *const connection_keys[] = { "src_ip", "src_port", "community_id" };

/* What makes two lists the same list. */
static const char *const fact_keys[] = { "sha256", "set_sha256", "count",
                                         "bytes",  "records",    "message_bytes" };

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(EXIT_FAILURE);
}

static int compare_texts(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;
    return strcmp(*x, *y);
}

static char *to_text(const json_t *value)
{
    char *text = json_dumps(value, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY);
    if (text == NULL) {
        fail("out of memory");
    }
    return text;
}

static void drop_keys(json_t *object, const char *const *keys, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        json_object_del(object, keys[i]);
    }
}

/* The failures of a server, whatever order they came in. */
static json_t *sorted_copy(const json_t *array)
{
    size_t len = json_array_size(array);
    char **text = wire_alloc(len * sizeof(*text));
    for (size_t i = 0; i < len; i++) {
        drop_keys(json_array_get(array, i), volatile_keys, ARRAY_LEN(volatile_keys));
        text[i] = to_text(json_array_get(array, i));
    }
    qsort(text, len, sizeof(*text), compare_texts);
    json_t *sorted = json_array();
    for (size_t i = 0; i < len; i++) {
        json_array_append_new(sorted, json_string(text[i]));
        free(text[i]);
    }
    free(text);
    return sorted;
}

static void strip_server(json_t *event)
{
    json_t *server = json_object_get(event, "server");
    drop_keys(server, volatile_keys, ARRAY_LEN(volatile_keys));
    json_object_set_new(server, "failures", sorted_copy(json_object_get(server, "failures")));
    /* Of its last handshake, whichever that is. */
    json_object_del(json_object_get(event, "tls"), "version");
}

static void keep_complete(struct outcome *outcome, const json_t *event, const char *type)
{
    json_t *list = json_object_get(event, "ca_list");
    const char *capture = json_string_value(json_object_get(list, "capture"));
    if (capture == NULL || strcmp(capture, "complete") != 0) {
        return;
    }
    struct outcome_list kept = { .facts = NULL };
    snprintf(kept.event_type, sizeof(kept.event_type), "%s", type);
    static const char *const address_keys[] = { "src_ip", "dest_ip" };
    static const char *const port_keys[] = { "src_port", "dest_port" };
    for (size_t i = 0; i < 2; i++) {
        const char *address = json_string_value(json_object_get(event, address_keys[i]));
        snprintf(kept.address[i], sizeof(kept.address[i]), "%s", address ? address : "");
        kept.port[i] = (uint16_t)json_integer_value(json_object_get(event, port_keys[i]));
    }
    json_t *facts = json_object();
    for (size_t i = 0; i < ARRAY_LEN(fact_keys); i++) {
        json_object_set(facts, fact_keys[i], json_object_get(list, fact_keys[i]));
    }
    kept.facts = to_text(facts);
    json_decref(facts);
    size_t room = (outcome->completes + 1) * sizeof(kept);
    outcome->complete = wire_grow(outcome->complete, room);
    outcome->complete[outcome->completes++] = kept;
}

static void keep_line(struct outcome *outcome, const char *text)
{
    json_error_t error;
    json_t *event = json_loads(text, 0, &error);
    const char *type = json_string_value(json_object_get(event, "event_type"));
    if (type == NULL) {
        fprintf(stderr, "no event: %s: %s\n", error.text, text);
        exit(EXIT_FAILURE);
    }
    keep_complete(outcome, event, type);
    drop_keys(event, volatile_keys, ARRAY_LEN(volatile_keys));
    if (strcmp(type, "server") == 0) {
        strip_server(event);
    }
    if (strcmp(type, "ca_list") == 0) {
        drop_keys(event, connection_keys, ARRAY_LEN(connection_keys));
    }
    if (strcmp(type, "stats") != 0) {
        outcome->line = wire_grow(outcome->line, (outcome->lines + 1) * sizeof(char *));
        outcome->line[outcome->lines++] = to_text(event);
    }
    json_decref(event);
}

static struct outcome read_report(char *report)
{
    struct outcome outcome = { 0 };
    char *rest = NULL;
    for (char *line = strtok_r(report, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        keep_line(&outcome, line);
    }
    if (outcome.lines > 0) {
        qsort(outcome.line, outcome.lines, sizeof(*outcome.line), compare_texts);
    }
    return outcome;
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

static void sniff(const struct schedule *schedule, uint64_t seed, FILE *stream)
{
    const struct cas_report_options options = {
        .form = CAS_REPORT_JSON,
        .names = CAS_NAMES_DEFAULT,
    };
    const struct cas_writer writer = cas_writer_to_stream(stream);
    struct cas_report *report = cas_report_create(&writer, &options);
    if (report == NULL) {
        fail("cannot create the report");
    }
    struct cas_sniffer_config config = cas_sniffer_defaults();
    config.sink = cas_report_sink(report);
    config.max_flows = FLOWS_MAX;
    memcpy(config.hash_key, &seed, sizeof(seed));
    config.hash_key[sizeof(config.hash_key) - 1] = 1; /* all zero would be the system's */
    struct cas_sniffer *sniffer = cas_sniffer_create(&config);
    if (sniffer == NULL) {
        fail("cannot create the sniffer");
    }
    push_all(sniffer, &schedule->row);
    cas_sniffer_destroy(sniffer);
    if (!cas_report_is_good(report)) {
        fail("the report failed");
    }
    cas_report_destroy(report);
}

struct outcome outcome_of(const struct schedule *schedule, uint64_t seed)
{
    char *text = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&text, &len);
    if (stream == NULL) {
        fail("out of memory");
    }
    sniff(schedule, seed, stream);
    fclose(stream);
    struct outcome outcome = read_report(text);
    free(text);
    return outcome;
}

void outcome_finish(struct outcome *outcome)
{
    for (size_t i = 0; i < outcome->lines; i++) {
        free(outcome->line[i]);
    }
    for (size_t i = 0; i < outcome->completes; i++) {
        free(outcome->complete[i].facts);
    }
    free(outcome->line);
    free(outcome->complete);
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
    size_t most = a->lines > b->lines ? a->lines : b->lines;
    for (size_t i = 0; i < most; i++) {
        const char *x = i < a->lines ? a->line[i] : "(no more events)";
        const char *y = i < b->lines ? b->line[i] : "(no more events)";
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

bool outcome_list_is_of(const struct outcome_list *list,
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
