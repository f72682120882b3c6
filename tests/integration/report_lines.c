/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "integration/report_lines.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/wire.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* Kept at most, by two bounds: schedules with losses say ever new things. */
#define KEPT_MAX       4096
#define KEPT_BYTES_MAX (64u << 20)
#define SLOTS          ((size_t)2 * KEPT_MAX)

/* Times, numbers of packets, and what is made of them. */
static const char *const volatile_keys[] = { "timestamp", "event_seq", "pcap_cnt",
                                             "flow_id",   "first",     "last" };

/* A list or a server belongs to no single connection: whichever came first stands for it. */
static const char *const connection_keys[] = { "src_ip", "src_port", "community_id" };

/* What makes two lists the same list. */
static const char *const fact_keys[] = { "sha256", "set_sha256", "count",
                                         "bytes",  "records",    "message_bytes" };

struct kept {
    char *bytes; /* the line without the values of volatile keys */
    size_t len;
    uint64_t hash;
    struct report_line *line;
};

struct report_lines {
    struct kept kept[SLOTS]; /* open addressing; empty where line is NULL */
    size_t len;
    size_t bytes;
    char *scratch;
    size_t room;
};

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
        fputs("out of memory\n", stderr);
        exit(EXIT_FAILURE);
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

static enum report_list list_of(const json_t *event)
{
    static const char *const names[REPORT_LIST_STATES] = {
        [REPORT_LIST_COMPLETE] = "complete",
        [REPORT_LIST_INCOMPLETE] = "incomplete",
        [REPORT_LIST_AMBIGUOUS] = "ambiguous",
        [REPORT_LIST_MALFORMED] = "malformed",
    };
    const json_t *list = json_object_get(event, "ca_list");
    const char *capture = json_string_value(json_object_get(list, "capture"));
    for (unsigned i = REPORT_LIST_COMPLETE; capture != NULL && i < REPORT_LIST_STATES; i++) {
        if (strcmp(capture, names[i]) == 0) {
            return (enum report_list)i;
        }
    }
    return REPORT_LIST_NONE;
}

static void read_complete(struct report_line *line, const json_t *event)
{
    static const char *const address_keys[] = { "src_ip", "dest_ip" };
    static const char *const port_keys[] = { "src_port", "dest_port" };
    for (size_t i = 0; i < 2; i++) {
        const char *address = json_string_value(json_object_get(event, address_keys[i]));
        snprintf(line->address[i], sizeof(line->address[i]), "%s", address ? address : "");
        line->port[i] = (uint16_t)json_integer_value(json_object_get(event, port_keys[i]));
    }
    const json_t *list = json_object_get(event, "ca_list");
    json_t *facts = json_object();
    for (size_t i = 0; i < ARRAY_LEN(fact_keys); i++) {
        json_object_set(facts, fact_keys[i], json_object_get(list, fact_keys[i]));
    }
    line->facts = to_text(facts);
    json_decref(facts);
}

static struct report_line *read_line(const char *json, size_t len)
{
    json_error_t error;
    json_t *event = json_loadb(json, len, 0, &error);
    const char *type = json_string_value(json_object_get(event, "event_type"));
    if (type == NULL) {
        fprintf(stderr, "no event: %s: %.*s\n", error.text, (int)len, json);
        exit(EXIT_FAILURE);
    }
    struct report_line *line = wire_alloc(sizeof(*line));
    *line = (struct report_line){ .owners = 1, .list = list_of(event) };
    snprintf(line->event_type, sizeof(line->event_type), "%s", type);
    if (line->list == REPORT_LIST_COMPLETE) {
        read_complete(line, event);
    }
    drop_keys(event, volatile_keys, ARRAY_LEN(volatile_keys));
    if (strcmp(line->event_type, "server") == 0) {
        strip_server(event);
    }
    if (strcmp(line->event_type, "ca_list") == 0) {
        drop_keys(event, connection_keys, ARRAY_LEN(connection_keys));
    }
    line->text = strcmp(line->event_type, "stats") != 0 ? to_text(event) : NULL;
    json_decref(event);
    return line;
}

void report_line_drop(struct report_line *line)
{
    if (--line->owners > 0) {
        return;
    }
    free(line->text);
    free(line->facts);
    free(line);
}

struct report_lines *report_lines_create(void)
{
    struct report_lines *lines = wire_alloc(sizeof(*lines));
    memset(lines, 0, sizeof(*lines));
    return lines;
}

void report_lines_destroy(struct report_lines *lines)
{
    for (size_t i = 0; i < SLOTS; i++) {
        if (lines->kept[i].line != NULL) {
            report_line_drop(lines->kept[i].line);
            free(lines->kept[i].bytes);
        }
    }
    free(lines->scratch);
    free(lines);
}

/* Behind `"key":` when a volatile key stands here; else NULL. */
static const char *behind_volatile_key(const char *at, const char *end)
{
    for (size_t i = 0; i < ARRAY_LEN(volatile_keys); i++) {
        size_t len = strlen(volatile_keys[i]);
        if ((size_t)(end - at) > len + 3 && memcmp(at + 1, volatile_keys[i], len) == 0 &&
            at[len + 1] == '"' && at[len + 2] == ':') {
            return at + len + 3;
        }
    }
    return NULL;
}

/* Behind a time or a number. */
static const char *behind_value(const char *at, const char *end)
{
    if (*at == '"') {
        const char *quote = memchr(at + 1, '"', (size_t)(end - at - 1));
        return quote != NULL ? quote + 1 : end;
    }
    while (at < end && *at != ',' && *at != '}') {
        at++;
    }
    return at;
}

/* The line without the values of volatile keys, in scratch. */
static size_t blank(struct report_lines *lines, const char *json, size_t len)
{
    if (lines->room < len) {
        lines->room = len;
        lines->scratch = wire_grow(lines->scratch, len);
    }
    const char *end = json + len;
    const char *from = json;
    const char *quote = json;
    size_t made = 0;
    while ((quote = memchr(quote, '"', (size_t)(end - quote))) != NULL) {
        bool is_key = quote > json && (quote[-1] == '{' || quote[-1] == ',');
        const char *value = is_key ? behind_volatile_key(quote, end) : NULL;
        if (value == NULL) {
            quote++;
            continue;
        }
        memcpy(lines->scratch + made, from, (size_t)(value - from));
        made += (size_t)(value - from);
        from = quote = behind_value(value, end);
    }
    memcpy(lines->scratch + made, from, (size_t)(end - from));
    return made + (size_t)(end - from);
}

static uint64_t hash_of(const char *bytes, size_t len)
{
    uint64_t hash = len;
    uint64_t word = 0;
    for (size_t at = 0; at < len; at += sizeof(word)) {
        size_t left = len - at < sizeof(word) ? len - at : sizeof(word);
        word = 0;
        memcpy(&word, bytes + at, left);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15;
        hash ^= hash >> 29;
    }
    return hash;
}

/* The values that were left out must be those that are not compared, and no others. */
static bool can_keep(const struct report_lines *lines, const struct report_line *line,
                     size_t len)
{
    char key[32];
    if (lines->len == KEPT_MAX || lines->bytes + len > KEPT_BYTES_MAX) {
        return false;
    }
    for (size_t i = 0; line->text != NULL && i < ARRAY_LEN(volatile_keys); i++) {
        snprintf(key, sizeof(key), "\"%s\":", volatile_keys[i]);
        if (strstr(line->text, key) != NULL) {
            return false;
        }
    }
    return true;
}

/* The bytes of the scratch, or the empty place where they belong. */
static struct kept *find(struct report_lines *lines, size_t len, uint64_t hash)
{
    size_t i = (size_t)hash % SLOTS;
    while (lines->kept[i].line != NULL) {
        const struct kept *k = &lines->kept[i];
        if (k->hash == hash && k->len == len && memcmp(k->bytes, lines->scratch, len) == 0) {
            break;
        }
        i = (i + 1) % SLOTS;
    }
    return &lines->kept[i];
}

struct report_line *report_lines_get(struct report_lines *lines, const char *json, size_t len)
{
    size_t blanked = blank(lines, json, len);
    uint64_t hash = hash_of(lines->scratch, blanked);
    struct kept *kept = find(lines, blanked, hash);
    if (kept->line != NULL) {
        kept->line->owners++;
        return kept->line;
    }
    struct report_line *line = read_line(json, len);
    if (can_keep(lines, line, blanked)) {
        *kept = (struct kept){ wire_alloc(blanked), blanked, hash, line };
        memcpy(kept->bytes, lines->scratch, blanked);
        line->owners++;
        lines->len++;
        lines->bytes += blanked;
    }
    return line;
}
