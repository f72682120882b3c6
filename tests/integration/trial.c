/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "integration/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "integration/crowd.h"

/* A capture of more packets has each loss tried only for so many of them, evenly spread. */
#define LOSSES_MAX 400

#define COMPLAINT_MAX 512

/* As many connections as a recording has, and some more. */
#define FLOWS_MAX 64

/* What is too small for a crowd: the smallest table there is, and little more memory than the
 * tables need. */
#define CROWD_FLOWS_MAX    8
#define CROWD_MEMORY_MIN   (1u << 20)
#define CROWD_MEMORY_STEPS 4
#define CROWD_MEMORY_STEP  (128u << 10)

/* Bytes of all connections of a crowd together, and how many times it has a recording. */
#define CROWD_BYTES     (128u << 10)
#define CROWD_TIMES_MIN 3
#define CROWD_TIMES_MAX 12

static void add_failed(struct tally *sum, const uint64_t *failed, unsigned long failures)
{
    uint64_t *own = sum->failed;
    size_t own_len = sum->failures < TALLY_FAILED_MAX ? sum->failures : TALLY_FAILED_MAX;
    size_t len = failures < TALLY_FAILED_MAX ? failures : TALLY_FAILED_MAX;
    uint64_t merged[TALLY_FAILED_MAX] = { 0 };
    size_t a = 0;
    size_t b = 0;
    for (size_t i = 0; i < TALLY_FAILED_MAX && (a < own_len || b < len); i++) {
        bool is_own = b == len || (a < own_len && own[a] < failed[b]);
        merged[i] = is_own ? own[a++] : failed[b++];
    }
    memcpy(own, merged, sizeof(merged));
    sum->failures += failures;
}

void tally_add(struct tally *sum, const struct tally *more)
{
    sum->schedules += more->schedules;
    sum->lossless += more->lossless;
    sum->evicted += more->evicted;
    sum->whole += more->whole;
    for (size_t i = 0; i < SCHEDULE_KINDS; i++) {
        sum->of_kind[i] += more->of_kind[i];
    }
    for (size_t i = 0; i < REPORT_LIST_STATES; i++) {
        sum->lists[i] += more->lists[i];
    }
    add_failed(sum, more->failed, more->failures);
}

static struct scene scene_of(const struct recording *recording)
{
    struct scene scene = { .recording = recording };
    scene.told = wire_alloc(recording->connections * sizeof(*scene.told));
    for (size_t i = 0; i < recording->connections; i++) {
        const struct recorded_connection *c = &recording->connection[i];
        for (unsigned end = 0; end < 2; end++) {
            struct told_stream *told = &scene.told[i][end];
            told->stream = recorded_stream_of(c, &c->row, end);
            told->walk = tls_walk(&told->stream);
        }
    }
    return scene;
}

static void scene_finish(struct scene *scene)
{
    for (size_t i = 0; i < scene->recording->connections; i++) {
        recorded_stream_finish(&scene->told[i][0].stream);
        recorded_stream_finish(&scene->told[i][1].stream);
    }
    free(scene->told);
}

static size_t crowd_times(const struct recording *recording)
{
    size_t bytes = 1;
    for (size_t i = 0; i < recording->row.len; i++) {
        bytes += recording->row.packet[i].frame_len;
    }
    size_t times = CROWD_BYTES / bytes;
    times = times < CROWD_TIMES_MAX ? times : CROWD_TIMES_MAX;
    return times > CROWD_TIMES_MIN ? times : CROWD_TIMES_MIN;
}

struct trial trial_start(const struct recording *recording)
{
    struct trial trial = { .lines = report_lines_create() };
    trial.crowded = crowd_of(recording, crowd_times(recording));
    trial.plain = scene_of(recording);
    trial.crowd = scene_of(trial.crowded);
    return trial;
}

void trial_finish(struct trial *trial)
{
    scene_finish(&trial->plain);
    scene_finish(&trial->crowd);
    recording_destroy(trial->crowded);
    outcome_finish(&trial->baseline);
    report_lines_destroy(trial->lines);
    *trial = (struct trial){ 0 };
}

void trial_plan(struct trial *trial, uint64_t seed, uint64_t schedules, unsigned kinds)
{
    size_t len = trial->plain.recording->row.len;
    trial->kinds = kinds;
    trial->seed = seed;
    trial->loss_every = len > LOSSES_MAX ? len / LOSSES_MAX + 1 : 1;
    trial->losses =
        (kinds & SCHEDULE_LOSE) != 0 ? (len + trial->loss_every - 1) / trial->loss_every : 0;
    trial->schedules = trial->losses + schedules;
}

static const struct scene *scene_for(const struct trial *trial, unsigned kinds)
{
    return (kinds & SCHEDULE_CROWD) != 0 ? &trial->crowd : &trial->plain;
}

struct schedule trial_random(const struct trial *trial, uint64_t seed, unsigned kinds)
{
    return schedule_random(scene_for(trial, kinds)->recording, seed, kinds);
}

struct schedule trial_schedule(const struct trial *trial, uint64_t number)
{
    if (number < trial->losses) {
        return schedule_without(trial->plain.recording, (size_t)number * trial->loss_every);
    }
    uint64_t seed = trial_seed(trial, number);
    return trial_random(trial, seed, schedule_choose(seed, trial->kinds));
}

uint64_t trial_seed(const struct trial *trial, uint64_t number)
{
    return number < trial->losses ? number : trial->seed + number - trial->losses;
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
static size_t count_whole(const struct scene *scene, const struct schedule *s,
                          size_t connection)
{
    size_t whole = 0;
    for (unsigned end = 0; end < 2; end++) {
        const struct tls_walk *walk = &scene->told[connection][end].walk;
        if (walk->requests == 0) {
            continue;
        }
        struct recorded_stream stream = recorded_stream_of(
            &scene->recording->connection[connection], &s->by_connection[connection], end);
        for (size_t i = 0; i < walk->requests; i++) {
            whole += is_whole(&stream, walk->request[i]) ? 1 : 0;
        }
        recorded_stream_finish(&stream);
    }
    return whole;
}

/* The same list was complete in the recording as it is. */
static bool is_known(const struct trial *trial, const struct report_line *list)
{
    for (size_t i = 0; i < trial->baseline.len; i++) {
        const struct report_line *known = trial->baseline.line[i];
        if (known->list == REPORT_LIST_COMPLETE && strcmp(known->facts, list->facts) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_justified(const struct trial *trial, const struct scene *scene,
                         const struct report_line *list, const size_t *whole)
{
    for (size_t i = 0; i < scene->recording->connections && !trial->is_distrustful; i++) {
        if (whole[i] > 0 && outcome_list_is_of(list, &scene->recording->connection[i])) {
            return is_known(trial, list);
        }
    }
    return false;
}

/* One list that is called complete, and is not justified; NULL when there is none. */
static const struct report_line *find_false(const struct trial *trial,
                                            const struct scene *scene,
                                            const struct outcome *outcome, const size_t *whole)
{
    for (size_t i = 0; i < outcome->len; i++) {
        const struct report_line *line = outcome->line[i];
        if (line->list == REPORT_LIST_COMPLETE && !is_justified(trial, scene, line, whole)) {
            return line;
        }
    }
    return NULL;
}

static void count_lists(struct tally *tally, const struct outcome *outcome)
{
    for (size_t i = 0; i < outcome->len; i++) {
        const struct report_line *line = outcome->line[i];
        tally->lists[line->list] += strcmp(line->event_type, "handshake") == 0 ? 1 : 0;
    }
}

static const char *judge_lossy(const struct trial *trial, const struct schedule *s,
                               const struct outcome *outcome, struct tally *tally)
{
    static char complaint[COMPLAINT_MAX];
    const struct scene *scene = scene_for(trial, s->kinds);
    size_t *whole = wire_alloc(s->connections * sizeof(*whole));
    for (size_t i = 0; i < s->connections; i++) {
        whole[i] = count_whole(scene, s, i);
        tally->whole += whole[i];
    }
    count_lists(tally, outcome);
    const struct report_line *list = find_false(trial, scene, outcome, whole);
    free(whole);
    if (list == NULL) {
        return NULL;
    }
    snprintf(complaint, sizeof(complaint),
             "a false \"complete\" in a %s event, port %u to %u: %s", list->event_type,
             list->port[0], list->port[1], list->facts);
    return complaint;
}

static bool is_same_stream(const struct recorded_stream *a, const struct recorded_stream *b)
{
    return a->len == b->len && (a->len == 0 || (memcmp(a->data, b->data, a->len) == 0 &&
                                                memcmp(a->is_there, b->is_there, a->len) == 0));
}

/* The schedule itself must not have lost anything: this test's own mistakes are not
 * casniff's. */
static const char *check_schedule(const struct trial *trial, const struct schedule *s)
{
    const struct recording *recording = trial->plain.recording;
    for (size_t i = 0; i < s->connections; i++) {
        for (unsigned end = 0; end < 2; end++) {
            struct recorded_stream is =
                recorded_stream_of(&recording->connection[i], &s->by_connection[i], end);
            bool is_same = is_same_stream(&trial->plain.told[i][end].stream, &is);
            recorded_stream_finish(&is);
            if (!is_same) {
                return TRIAL_OWN_MISTAKE "the schedule is not lossless";
            }
        }
    }
    return NULL;
}

/* All that was captured of an end of a connection came to harm: nothing tells it from the work
 * of a network card. */
static bool is_all_harmed(const struct wire_row *row)
{
    for (size_t i = 0; i < row->len; i++) {
        bool has_good = row->packet[i].is_tcp;
        for (size_t k = 0; k < row->len && !has_good; k++) {
            has_good =
                row->packet[k].is_tcp && schedule_is_same_way(&row->packet[k], &row->packet[i]);
        }
        if (!has_good) {
            return true;
        }
    }
    return false;
}

/* A crowd finds too little room. Where a sniffer cannot guess which checksums count, it checks
 * all; in a crowd it may have given up a connection before it could. */
static struct outcome_setting setting_for(const struct schedule *s, uint64_t seed)
{
    struct outcome_setting setting = { .hash_seed = seed, .max_flows = FLOWS_MAX };
    setting.checks_sums = (s->kinds & SCHEDULE_CROWD) != 0 &&
                          (s->kinds & (SCHEDULE_GARBLE | SCHEDULE_DAMAGE)) != 0;
    for (size_t i = 0; i < s->connections; i++) {
        setting.checks_sums = setting.checks_sums || is_all_harmed(&s->by_connection[i]);
    }
    if ((s->kinds & SCHEDULE_CROWD) != 0) {
        struct dice dice = { seed };
        setting.max_flows = CROWD_FLOWS_MAX;
        setting.memory_bytes =
            CROWD_MEMORY_MIN + CROWD_MEMORY_STEP * dice_roll(&dice, CROWD_MEMORY_STEPS);
    }
    return setting;
}

const char *trial_judge(const struct trial *trial, const struct schedule *schedule,
                        uint64_t seed, struct tally *tally)
{
    const struct outcome_setting setting = setting_for(schedule, seed);
    struct outcome outcome = outcome_of(trial->lines, schedule, &setting);
    const char *what = NULL;
    tally->schedules++;
    tally->evicted += outcome.evicted;
    for (size_t i = 0; i < SCHEDULE_KINDS; i++) {
        tally->of_kind[i] += schedule->kinds >> i & 1;
    }
    if ((schedule->kinds & SCHEDULE_LOSSY) != 0) {
        what = judge_lossy(trial, schedule, &outcome, tally);
    } else {
        tally->lossless++;
        what = check_schedule(trial, schedule);
        what = what != NULL ? what : outcome_difference(&trial->baseline, &outcome);
    }
    outcome_finish(&outcome);
    return what;
}

/* A line of this type with the list that was made. */
static bool has_known(const struct trial *trial, const struct generated *known,
                      const char *event_type)
{
    char counts[128];
    char digest[128];
    snprintf(counts, sizeof(counts), "{\"bytes\":%zu,\"count\":%zu,\"message_bytes\":%zu,",
             known->list_bytes, known->names, known->message_bytes);
    snprintf(digest, sizeof(digest), ",\"sha256\":\"%s\"}", known->sha256);
    for (size_t i = 0; i < trial->baseline.len; i++) {
        const struct report_line *line = trial->baseline.line[i];
        if (line->list == REPORT_LIST_COMPLETE && strcmp(line->event_type, event_type) == 0 &&
            strncmp(line->facts, counts, strlen(counts)) == 0 &&
            strstr(line->facts, digest) != NULL) {
            return true;
        }
    }
    return false;
}

const char *trial_set_baseline(struct trial *trial, const struct generated *known)
{
    struct tally unused = { 0 };
    struct schedule plain = schedule_plain(trial->plain.recording);
    const struct outcome_setting setting = setting_for(&plain, 0);
    bool is_tls = false;
    for (size_t i = 0; i < trial->plain.recording->connections; i++) {
        const struct told_stream *told = trial->plain.told[i];
        is_tls = is_tls || told[0].walk.is_tls || told[1].walk.is_tls;
    }
    trial->baseline = outcome_of(trial->lines, &plain, &setting);
    const char *what = judge_lossy(trial, &plain, &trial->baseline, &unused);
    schedule_finish(&plain);
    if (is_tls && trial->baseline.len == 0) {
        return "TLS connections, and nothing was reported";
    }
    if (known != NULL &&
        !(has_known(trial, known, "handshake") && has_known(trial, known, "ca_list"))) {
        return "the list that was made is not reported, or not complete";
    }
    return what;
}

void trial_run(const struct trial *trial, uint64_t first, uint64_t step, struct tally *tally,
               volatile uint64_t *now)
{
    for (uint64_t number = first; number < trial->schedules; number += step) {
        struct schedule s = trial_schedule(trial, number);
        *now = number;
        if (trial_judge(trial, &s, trial_seed(trial, number), tally) != NULL) {
            add_failed(tally, &number, 1);
        }
        schedule_finish(&s);
    }
}
