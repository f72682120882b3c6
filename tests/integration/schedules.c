/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * However the packets of a capture come, casniff says the same; and whatever is lost of a
 * server's list, it never calls that list complete.
 *
 * Each schedule follows from a seed. A failure names it and writes the schedule as a capture:
 *
 *     schedules --capture FILE --seed SEED --schedules 1
 */
#include <errno.h>
#include <getopt.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "integration/outcome.h"
#include "integration/schedule.h"
#include "support/tls_walk.h"

/* A capture of more packets has each loss tried only for so many of them, evenly spread. */
#define LOSSES_MAX 400

/* Failures of one capture that are told; all are counted. */
#define COMPLAINTS_MAX 5

struct run {
    const char *path;
    struct recording *recording;
    struct tls_walk (*walk)[2]; /* of both directions of each connection, as recorded */
    struct outcome baseline;
    unsigned long schedules;
    unsigned long whole; /* lists whose bytes were all there, in schedules with losses */
    unsigned long told;  /* of them, how many were called complete */
    unsigned long failures;
};

struct options {
    uint64_t seed;
    unsigned long schedules;
    unsigned kinds;
    char **path;
    size_t paths;
};

/* The schedule as a capture in the working directory, to be looked at. */
static void save(const struct run *run, const struct schedule *s, uint64_t seed)
{
    const char *name =
        strrchr(run->path, '/') != NULL ? strrchr(run->path, '/') + 1 : run->path;
    char path[256];
    snprintf(path, sizeof(path), "failed-%.100s-%s%llu.pcap", name, s->is_random ? "" : "lost-",
             (unsigned long long)seed);
    FILE *file = wire_file_create(path, run->recording->link_type);
    for (size_t i = 0; i < s->row.len; i++) {
        wire_file_add(file, &s->row.packet[i]);
    }
    fclose(file);
    printf("  its packets: %s\n", path);
}

static void complain(struct run *run, const struct schedule *s, uint64_t seed, const char *what)
{
    run->failures++;
    if (run->failures > COMPLAINTS_MAX) {
        return;
    }
    printf("FAILED: --capture %s ", run->path);
    if (s->is_random) {
        printf("--seed %llu --schedules 1 (", (unsigned long long)seed);
    } else {
        printf("without packet %llu (", (unsigned long long)seed + 1);
    }
    for (unsigned bit = 1; bit <= SCHEDULE_ALL; bit <<= 1) {
        printf("%s", (s->kinds & bit) != 0 ? schedule_kind_name(bit) : "");
        printf("%s", (s->kinds & bit) != 0 ? " " : "");
    }
    printf(")\n  %s\n", what);
    save(run, s, seed);
}

/* Every byte of the request there, and none of them in two versions. */
static bool is_whole(const struct recorded_stream *stream, struct tls_span span)
{
    for (size_t i = span.from; i < span.to; i++) {
        if (i >= stream->len || !stream->is_there[i] || stream->is_doubtful[i]) {
            return false;
        }
    }
    return true;
}

/* The requests of a connection that are whole in this schedule. */
static size_t count_whole(const struct run *run, const struct schedule *s, size_t connection)
{
    size_t whole = 0;
    for (unsigned end = 0; end < 2; end++) {
        const struct tls_walk *walk = &run->walk[connection][end];
        if (walk->requests == 0) {
            continue;
        }
        struct recorded_stream stream = recorded_stream_of(
            &run->recording->connection[connection], &s->by_connection[connection], end);
        for (size_t i = 0; i < walk->requests; i++) {
            whole += is_whole(&stream, walk->request[i]) ? 1 : 0;
        }
        recorded_stream_finish(&stream);
    }
    return whole;
}

/* The same list, of the same connection, was complete in the recording as it is. */
static bool is_known(const struct run *run, const struct outcome_list *list)
{
    for (size_t i = 0; i < run->baseline.completes; i++) {
        const struct outcome_list *known = &run->baseline.complete[i];
        if (strcmp(known->facts, list->facts) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_justified(const struct run *run, const struct outcome_list *list,
                         const size_t *whole)
{
    for (size_t i = 0; i < run->recording->connections; i++) {
        if (whole[i] > 0 && outcome_list_is_of(list, &run->recording->connection[i])) {
            return is_known(run, list);
        }
    }
    return false;
}

static void check_lossy(struct run *run, const struct schedule *s, uint64_t seed,
                        const struct outcome *outcome)
{
    size_t connections = run->recording->connections;
    size_t *whole = wire_alloc(connections * sizeof(*whole));
    for (size_t i = 0; i < connections; i++) {
        whole[i] = count_whole(run, s, i);
        run->whole += whole[i];
    }
    for (size_t i = 0; i < outcome->completes; i++) {
        const struct outcome_list *list = &outcome->complete[i];
        run->told += strcmp(list->event_type, "handshake") == 0 ? 1 : 0;
        if (!is_justified(run, list, whole)) {
            char what[512];
            snprintf(what, sizeof(what),
                     "a false \"complete\" in a %s event, port %u to %u: %s", list->event_type,
                     list->port[0], list->port[1], list->facts);
            complain(run, s, seed, what);
            break;
        }
    }
    free(whole);
}

/* The schedule itself must not have lost anything: this test's own mistakes are not
 * casniff's. */
static const char *check_schedule(const struct run *run, const struct schedule *s)
{
    for (size_t i = 0; i < s->connections; i++) {
        for (unsigned end = 0; end < 2; end++) {
            const struct recorded_connection *c = &run->recording->connection[i];
            struct recorded_stream was = recorded_stream_of(c, &c->row, end);
            struct recorded_stream is = recorded_stream_of(c, &s->by_connection[i], end);
            bool is_same = was.len == is.len &&
                           (was.len == 0 || (memcmp(was.data, is.data, is.len) == 0 &&
                                             memcmp(was.is_there, is.is_there, is.len) == 0));
            recorded_stream_finish(&was);
            recorded_stream_finish(&is);
            if (!is_same) {
                return "the schedule is not lossless: a mistake of this test";
            }
        }
    }
    return NULL;
}

static void try_one(struct run *run, const struct schedule *s, uint64_t seed)
{
    struct outcome outcome = outcome_of(s, seed);
    run->schedules++;
    if ((s->kinds & SCHEDULE_LOSSY) != 0) {
        check_lossy(run, s, seed, &outcome);
    } else {
        const char *what = check_schedule(run, s);
        what = what != NULL ? what : outcome_difference(&run->baseline, &outcome);
        if (what != NULL) {
            complain(run, s, seed, what);
        }
    }
    outcome_finish(&outcome);
}

static void begin(struct run *run)
{
    const struct recording *recording = run->recording;
    bool is_tls = false;
    run->walk = wire_alloc(recording->connections * sizeof(*run->walk));
    for (size_t i = 0; i < recording->connections; i++) {
        const struct recorded_connection *c = &recording->connection[i];
        for (unsigned end = 0; end < 2; end++) {
            struct recorded_stream stream = recorded_stream_of(c, &c->row, end);
            run->walk[i][end] = tls_walk(&stream);
            is_tls = is_tls || run->walk[i][end].is_tls;
            recorded_stream_finish(&stream);
        }
    }
    struct schedule plain = schedule_plain(recording);
    run->baseline = outcome_of(&plain, 0);
    check_lossy(run, &plain, 0, &run->baseline);
    if (is_tls && run->baseline.lines == 0) {
        complain(run, &plain, 0, "TLS connections, and nothing was reported");
    }
    schedule_finish(&plain);
    run->whole = 0;
    run->told = 0;
}

static void lose_each(struct run *run)
{
    size_t len = run->recording->row.len;
    size_t step = len > LOSSES_MAX ? len / LOSSES_MAX + 1 : 1;
    for (size_t i = 0; i < len; i += step) {
        struct schedule s = schedule_without(run->recording, i);
        try_one(run, &s, i);
        schedule_finish(&s);
    }
}

static unsigned long run_capture(const struct options *options, const char *path,
                                 unsigned long schedules)
{
    struct run run = { .path = path, .recording = recording_load(path) };
    if (run.recording == NULL) {
        return 1;
    }
    begin(&run);
    if ((options->kinds & SCHEDULE_LOSE) != 0) {
        lose_each(&run);
    }
    unsigned long losses = run.schedules;
    for (unsigned long i = 0; i < schedules; i++) {
        struct schedule s = schedule_random(run.recording, options->seed + i, options->kinds);
        try_one(&run, &s, options->seed + i);
        schedule_finish(&s);
    }
    printf("%s: %zu events; %lu packets lost one by one, %lu random schedules, %lu failed; "
           "lists whole in spite of losses: %lu, said so of %lu\n",
           path, run.baseline.lines, losses, schedules, run.failures, run.whole, run.told);
    outcome_finish(&run.baseline);
    free(run.walk);
    recording_destroy(run.recording);
    return run.failures;
}

static unsigned long number(const char *text)
{
    char *end = NULL;
    errno = 0;
    unsigned long value = strtoul(text, &end, 0);
    if (end == text || *end != '\0' || errno != 0) {
        fprintf(stderr, "not a number: %s\n", text);
        exit(2);
    }
    return value;
}

static unsigned kinds_of(char *list)
{
    unsigned kinds = 0;
    char *rest = NULL;
    for (char *name = strtok_r(list, ",", &rest); name != NULL;
         name = strtok_r(NULL, ",", &rest)) {
        unsigned kind = strcmp(name, "all") == 0 ? SCHEDULE_ALL : schedule_kind_find(name);
        if (kind == 0) {
            fprintf(stderr, "no such kind of schedule: %s; there are all", name);
            for (unsigned bit = 1; bit <= SCHEDULE_ALL; bit <<= 1) {
                fprintf(stderr, ", %s", schedule_kind_name(bit));
            }
            fputs("\n", stderr);
            exit(2);
        }
        kinds |= kind;
    }
    return kinds;
}

/* A file, or all captures in a folder, in the order of their names. */
static void add_path(struct options *options, const char *path)
{
    char pattern[4096];
    glob_t found;
    snprintf(pattern, sizeof(pattern), "%s/*.pcap*", path);
    if (glob(pattern, GLOB_NOCHECK, NULL, &found) != 0) {
        fprintf(stderr, "cannot search %s\n", path);
        exit(EXIT_FAILURE);
    }
    bool is_folder = strcmp(found.gl_pathv[0], pattern) != 0;
    size_t more = is_folder ? found.gl_pathc : 1;
    options->path = wire_grow(options->path, (options->paths + more) * sizeof(char *));
    for (size_t i = 0; i < more; i++) {
        options->path[options->paths++] = strdup(is_folder ? found.gl_pathv[i] : path);
    }
    globfree(&found);
}

static struct options options_of(int argc, char **argv)
{
    static const struct option longs[] = {
        { "schedules", required_argument, NULL, 'n' },
        { "seed", required_argument, NULL, 's' },
        { "kinds", required_argument, NULL, 'k' },
        { "capture", required_argument, NULL, 'c' },
        { 0 },
    };
    const char *more = getenv("CASNIFF_SCHEDULES");
    struct options options = { .seed = 1, .schedules = 10000, .kinds = SCHEDULE_ALL };
    options.schedules = more != NULL ? number(more) : options.schedules;
    int option = 0;
    while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (option) {
        case 'n':
            options.schedules = number(optarg);
            break;
        case 's':
            options.seed = number(optarg);
            break;
        case 'k':
            options.kinds = kinds_of(optarg);
            break;
        case 'c':
            add_path(&options, optarg);
            break;
        default:
            exit(2);
        }
    }
    while (optind < argc) {
        add_path(&options, argv[optind++]);
    }
    return options;
}

int main(int argc, char **argv)
{
    struct options options = options_of(argc, argv);
    unsigned long failures = 0;
    if (options.paths == 0) {
        fputs("usage: schedules [--schedules N] [--seed N] [--kinds LIST] FILE|FOLDER...\n",
              stderr);
        return 2;
    }
    for (size_t i = 0; i < options.paths; i++) {
        /* In all as many as asked for: the first captures take the remainder. */
        unsigned long share = options.schedules / options.paths;
        share += i < options.schedules % options.paths ? 1 : 0;
        failures += run_capture(&options, options.path[i], share);
        options.seed += share; /* the next capture is tried in other ways */
        free(options.path[i]);
        fflush(stdout);
    }
    free(options.path);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
