/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packets that are told of a finding show the same finding again: however they came, and
 * whatever of them was lost. Each schedule is heard once, with a flood of SYNs in it if its
 * seed is even; then what was told of it alone. The handshake and anomaly events of the
 * connections with a finding must be the same but for numbers of packets and of events.
 *
 *     evidence [--schedules N] [--seed N] FILE|FOLDER...
 */
#include <getopt.h>
#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <casniff/casniff.h>

#include "integration/schedule.h"

#define FLOWS_MAX 1024

/* SYNs of nobody between two packets. */
#define FLOOD_LEN 8

static const char *const volatile_keys[] = { "event_seq", "pcap_cnt" };

/* One hearing: its events by line, and the packets that were told. */
struct hearing {
    bool has_later; /* a handshake behind the first */
    struct wire_row packets;
    uint64_t flow[FLOWS_MAX]; /* connections with a finding, of which no packet is missing */
    size_t flows;
    size_t not_whole;
    char **line; /* of such connections, sorted */
    size_t lines;
    uint64_t last_number; /* of the frames told of one connection */
};

struct totals {
    unsigned long schedules;
    unsigned long findings;
    unsigned long not_whole;
    unsigned long failures;
};

static void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(EXIT_FAILURE);
}

static void take_packets(void *user, const struct cas_evidence *evidence)
{
    struct hearing *hearing = user;
    struct cas_evidence_cursor cursor = { 0 };
    struct cas_frame frame;
    uint64_t last = 0;
    size_t len = 0;
    for (; cas_evidence_next(evidence, &cursor, &frame); len++) {
        struct wire_packet packet =
            wire_packet_of(frame.bytes.data, frame.bytes.len, frame.wire_len, frame.link_type);
        packet.time_us = frame.timestamp_us;
        wire_row_add(&hearing->packets, packet);
        /* Fragments stand where the last of their packet came, or where they were given up. */
        bool is_fragment = !packet.is_tcp && frame.bytes.len == frame.wire_len;
        if (!is_fragment && frame.number <= last) {
            fail("packets are not told in the order of the capture");
        }
        last = is_fragment ? last : frame.number;
    }
    if (len != evidence->frames_len) {
        fail("there are other packets than frames_len says");
    }
    if (!evidence->is_late && evidence->missing == 0 && hearing->flows < FLOWS_MAX) {
        hearing->flow[hearing->flows++] = evidence->flow_id;
    }
    hearing->not_whole += evidence->missing > 0;
}

static bool is_found(const struct hearing *hearing, uint64_t flow_id)
{
    for (size_t i = 0; i < hearing->flows; i++) {
        if (hearing->flow[i] == flow_id) {
            return true;
        }
    }
    return false;
}

static int compare_texts(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;
    return strcmp(*x, *y);
}

/* What is kept ends with the first handshake; one that follows it, encrypted, is not in it. */
static bool is_later(const json_t *event)
{
    return json_is_true(json_object_get(json_object_get(event, "tls"), "renegotiation"));
}

static void keep_line(struct hearing *hearing, const struct hearing *findings, const char *text)
{
    json_error_t error;
    json_t *event = json_loads(text, 0, &error);
    const char *type = json_string_value(json_object_get(event, "event_type"));
    if (type == NULL) {
        fail("a line that is no event");
    }
    bool is_kind = strcmp(type, "handshake") == 0 || strcmp(type, "anomaly") == 0;
    uint64_t flow_id = (uint64_t)json_integer_value(json_object_get(event, "flow_id"));
    hearing->has_later = hearing->has_later || is_later(event);
    if (is_kind && !is_later(event) && is_found(findings, flow_id)) {
        for (size_t i = 0; i < sizeof(volatile_keys) / sizeof(volatile_keys[0]); i++) {
            json_object_del(event, volatile_keys[i]);
        }
        size_t room = (hearing->lines + 1) * sizeof(*hearing->line);
        hearing->line = wire_grow(hearing->line, room);
        hearing->line[hearing->lines++] = json_dumps(event, JSON_SORT_KEYS | JSON_COMPACT);
    }
    json_decref(event);
}

static void keep_lines(struct hearing *hearing, const struct hearing *findings, char *report)
{
    char *rest = NULL;
    for (char *line = strtok_r(report, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        keep_line(hearing, findings, line);
    }
    if (hearing->lines > 0) {
        qsort(hearing->line, hearing->lines, sizeof(*hearing->line), compare_texts);
    }
}

/* --- hearing --- */

/* A SYN from somebody else to somebody else, made of one of the recorded packets. */
static struct wire_packet syn_of(const struct wire_packet *like, uint32_t n)
{
    struct wire_packet syn = wire_with(like, n * 2654435761u, WIRE_SYN, NULL, 0);
    uint8_t address[16] = { 10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };
    wire_set_end(&syn, 0, address, (uint16_t)(1024 + n % 60000));
    wire_seal(&syn);
    return syn;
}

static void push(struct cas_sniffer *sniffer, const struct wire_packet *p, uint64_t number,
                 uint64_t time_us)
{
    const struct cas_frame frame = {
        .number = number,
        .timestamp_us = time_us,
        .link_type = p->link_type,
        .wire_len = p->wire_len,
        .bytes = { p->frame, p->frame_len },
    };
    cas_sniffer_push(sniffer, &frame);
}

static void push_all(struct cas_sniffer *sniffer, const struct wire_row *row, bool is_flooded)
{
    uint64_t number = 0;
    uint32_t syns = 0;
    for (size_t i = 0; i < row->len; i++) {
        const struct wire_packet *p = &row->packet[i];
        push(sniffer, p, ++number, p->time_us);
        for (unsigned k = 0; is_flooded && p->is_tcp && k < FLOOD_LEN; k++) {
            struct wire_packet syn = syn_of(p, ++syns);
            push(sniffer, &syn, ++number, p->time_us);
            wire_free(&syn);
        }
    }
    cas_sniffer_finish(sniffer);
}

/* findings: of which connections to keep the lines; NULL: of those of this hearing. */
static struct hearing hear(const struct wire_row *row, bool is_flooded, uint64_t seed,
                           const struct hearing *findings)
{
    struct hearing hearing = { 0 };
    char *text = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&text, &len);
    const struct cas_report_options options = { .form = CAS_REPORT_JSON };
    const struct cas_writer writer = cas_writer_to_stream(stream);
    struct cas_report *report = stream != NULL ? cas_report_create(&writer, &options) : NULL;
    if (report == NULL) {
        fail("cannot create the report");
    }
    struct cas_sniffer_config config = cas_sniffer_defaults();
    config.sink = cas_report_sink(report);
    config.evidence = (struct cas_evidence_sink){ .user = &hearing, .packets = take_packets };
    config.max_flows = FLOWS_MAX;
    memcpy(config.hash_key, &seed, sizeof(seed));
    config.hash_key[sizeof(config.hash_key) - 1] = 1; /* all zero would be the system's */
    struct cas_sniffer *sniffer = cas_sniffer_create(&config);
    if (sniffer == NULL) {
        fail("cannot create the sniffer");
    }
    push_all(sniffer, row, is_flooded);
    cas_sniffer_destroy(sniffer);
    cas_report_destroy(report);
    fclose(stream);
    keep_lines(&hearing, findings != NULL ? findings : &hearing, text);
    free(text);
    return hearing;
}

static void hearing_finish(struct hearing *hearing)
{
    for (size_t i = 0; i < hearing->lines; i++) {
        free(hearing->line[i]);
    }
    free(hearing->line);
    wire_row_finish(&hearing->packets);
}

/* --- comparing --- */

static void complain(const char *path, uint64_t seed, const char *was, const char *is)
{
    size_t at = 0;
    while (was[at] != '\0' && was[at] == is[at]) {
        at++;
    }
    size_t from = at > 80 ? at - 80 : 0;
    printf("FAILED: --seed %llu --schedules 1 %s\n  heard: ...%.300s\n  told:  ...%.300s\n",
           (unsigned long long)seed, path, was + from, is + from);
}

static void compare(const char *path, uint64_t seed, const struct hearing *first,
                    const struct hearing *again, struct totals *totals)
{
    size_t most = first->lines > again->lines ? first->lines : again->lines;
    for (size_t i = 0; i < most; i++) {
        const char *was = i < first->lines ? first->line[i] : "(no more events)";
        const char *is = i < again->lines ? again->line[i] : "(no more events)";
        if (strcmp(was, is) != 0) {
            complain(path, seed, was, is);
            totals->failures++;
            return;
        }
    }
    /* What was told of what was told is all of it again; but the end of a connection that
     * negotiated again is told with that, of which the file has nothing. */
    if (first->not_whole == 0 && !first->has_later &&
        first->packets.len != again->packets.len) {
        printf("FAILED: --seed %llu --schedules 1 %s: %zu packets told, of these %zu\n",
               (unsigned long long)seed, path, first->packets.len, again->packets.len);
        totals->failures++;
    }
}

static void try_one(const char *path, const struct schedule *s, uint64_t seed,
                    struct totals *totals)
{
    struct hearing first = hear(&s->row, seed % 2 == 0, seed, NULL);
    struct hearing again = hear(&first.packets, false, seed + 1, &first);
    totals->schedules++;
    totals->findings += first.flows;
    totals->not_whole += first.not_whole;
    compare(path, seed, &first, &again, totals);
    hearing_finish(&first);
    hearing_finish(&again);
}

static void try_capture(const char *path, uint64_t seed, unsigned long schedules,
                        struct totals *totals)
{
    struct recording *recording = recording_load(path);
    if (recording == NULL) {
        fail("a capture cannot be read");
    }
    for (unsigned long i = 0; i < schedules; i++) {
        struct schedule s =
            schedule_random(recording, seed + i, schedule_choose(seed + i, SCHEDULE_ALL));
        try_one(path, &s, seed + i, totals);
        schedule_finish(&s);
    }
    recording_destroy(recording);
}

static void try_path(const char *path, uint64_t seed, unsigned long schedules,
                     struct totals *totals)
{
    char pattern[4096];
    glob_t found;
    snprintf(pattern, sizeof(pattern), "%s/*.pcap*", path);
    if (glob(pattern, 0, NULL, &found) != 0) {
        try_capture(path, seed, schedules, totals);
        return;
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        try_capture(found.gl_pathv[i], seed, schedules, totals);
    }
    globfree(&found);
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {
        { "schedules", required_argument, NULL, 'n' },
        { "seed", required_argument, NULL, 's' },
        { 0 },
    };
    unsigned long schedules = 60; /* of each capture */
    uint64_t seed = 1;
    struct totals totals = { 0 };
    int option = 0;
    while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (option == '?') {
            return 2;
        }
        unsigned long long value = strtoull(optarg, NULL, 10);
        schedules = option == 'n' ? (unsigned long)value : schedules;
        seed = option == 's' ? value : seed;
    }
    for (int i = optind; i < argc; i++) {
        try_path(argv[i], seed, schedules, &totals);
    }
    printf(
        "%lu schedules, %lu handshakes with a finding read again, %lu not whole, %lu failed\n",
        totals.schedules, totals.findings, totals.not_whole, totals.failures);
    return totals.failures == 0 && totals.findings > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
