/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * However the packets of a capture come, casniff says the same; and whatever is lost of a
 * server's list, it never calls that list complete.
 *
 * Each schedule follows from a seed. A failure names it and writes the schedule as a capture:
 *
 *     schedules --capture FILE --seed SEED --schedules 1
 *
 * --generated makes recordings as well, of requests up to the largest there can be.
 * With --jobs each process has its share of the schedules; the result is the same.
 */
#include <errno.h>
#include <getopt.h>
#include <glob.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "integration/shrink.h"
#include "integration/trial.h"

#define JOBS_MAX 64

/* Names of recordings that are made: generated:0 and so on. */
#define GENERATED "generated:"

/* In bytes of packets: what a schedule costs beside them. */
#define COST_OF_A_SCHEDULE 4096u
#define LARGE              65536u /* from here on it counts twice */
#define WEIGHT_OF_NOTHING  (UINT64_C(1) << 60)

struct options {
    uint64_t seed;
    uint64_t schedules;
    unsigned kinds;
    unsigned jobs;
    bool is_distrustful;
    char **path;
    size_t paths;
};

/* A file, or a recording that was made. */
struct capture {
    const char *path;
    struct recording *recording;
    struct generated made;
    bool is_made;
    uint64_t schedules;
};

/* What one process has done, in memory that it shares with the one that waits for it. */
struct share {
    struct tally tally;
    volatile uint64_t now; /* the schedule that is being tried */
};

/* The schedule as a capture in the working directory, to be looked at. */
static void save(const char *capture, const struct schedule *s, uint64_t seed, int link_type)
{
    const char *slash = strrchr(capture, '/');
    char path[256];
    snprintf(path, sizeof(path), "failed-%.100s-%s%llu.pcap",
             slash != NULL ? slash + 1 : capture, s->is_random ? "" : "lost-",
             (unsigned long long)seed);
    FILE *file = wire_file_create(path, link_type);
    for (size_t i = 0; i < s->row.len; i++) {
        wire_file_add(file, &s->row.packet[i]);
    }
    fclose(file);
    printf("  the %zu packets that it takes: %s\n", s->row.len, path);
}

static void name_kinds(unsigned kinds)
{
    for (unsigned bit = 1; bit <= SCHEDULE_ALL; bit <<= 1) {
        if ((kinds & bit) != 0) {
            printf("%s ", schedule_kind_name(bit));
        }
    }
}

static void complain(const char *capture, const struct trial *trial, uint64_t number)
{
    struct tally unused = { 0 };
    uint64_t seed = trial_seed(trial, number);
    struct schedule s = shrink_trial(trial, number);
    const char *what = trial_judge(trial, &s, seed, &unused);
    printf("FAILED: --capture %s ", capture);
    if (s.is_random) {
        printf("--seed %llu --schedules 1 (", (unsigned long long)seed);
    } else {
        printf("without packet %zu (", (size_t)number * trial->loss_every + 1);
    }
    name_kinds(s.kinds);
    printf(")\n  %s\n", what != NULL ? what : "but not a second time");
    save(capture, &s, seed, trial->plain.recording->link_type);
    schedule_finish(&s);
}

static pid_t start(const struct trial *trial, struct share *own, unsigned job, unsigned jobs)
{
    pid_t pid = fork();
    if (pid == -1) {
        perror("cannot fork");
        exit(EXIT_FAILURE);
    }
    if (pid == 0) {
        trial_run(trial, job, jobs, &own->tally, &own->now);
        exit(EXIT_SUCCESS); /* not _exit(): leaks are looked for, where that is built in */
    }
    return pid;
}

/* Tries all schedules of the trial; false when a process broke down. */
static bool run_jobs(const struct trial *trial, unsigned jobs, struct tally *sum)
{
    pid_t pid[JOBS_MAX] = { 0 };
    bool is_good = true;
    struct share *shares = mmap(NULL, jobs * sizeof(*shares), PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shares == MAP_FAILED) {
        perror("cannot share memory");
        exit(EXIT_FAILURE);
    }
    fflush(stdout);
    for (unsigned job = 0; job < jobs; job++) {
        pid[job] = start(trial, &shares[job], job, jobs);
    }
    for (unsigned job = 0; job < jobs; job++) {
        int status = 0;
        uint64_t now = shares[job].now;
        if (waitpid(pid[job], &status, 0) == -1 || status != 0) {
            printf("FAILED: a process broke down in schedule %llu, seed %llu\n",
                   (unsigned long long)now, (unsigned long long)trial_seed(trial, now));
            is_good = false;
        }
        tally_add(sum, &shares[job].tally);
    }
    munmap(shares, jobs * sizeof(*shares));
    return is_good;
}

static struct tally run_capture(const struct options *options, const struct capture *capture,
                                uint64_t seed)
{
    struct tally sum = { 0 };
    struct trial trial = trial_start(capture->recording);
    trial_plan(&trial, seed, capture->schedules, options->kinds);
    const char *what = trial_set_baseline(&trial, capture->is_made ? &capture->made : NULL);
    trial.is_distrustful = options->is_distrustful;
    if (what != NULL) {
        printf("FAILED: --capture %s, as it is\n  %s\n", capture->path, what);
        sum.failures = 1;
    } else {
        bool is_good = run_jobs(&trial, options->jobs, &sum);
        for (size_t i = 0; i < TALLY_FAILED_MAX && i < sum.failures; i++) {
            complain(capture->path, &trial, sum.failed[i]);
        }
        sum.failures += is_good ? 0 : 1;
    }
    printf("%s: %zu events; %llu packets lost one by one, %llu random schedules, %lu failed; "
           "requests whole in spite of losses: %lu, called complete: %lu\n",
           capture->path, trial.baseline.len, (unsigned long long)trial.losses,
           (unsigned long long)capture->schedules, sum.failures, sum.whole,
           sum.lists[REPORT_LIST_COMPLETE]);
    trial_finish(&trial);
    return sum;
}

static uint64_t number(const char *text)
{
    char *end = NULL;
    errno = 0;
    uint64_t value = strtoull(text, &end, 0);
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

static void add_generated(struct options *options, uint64_t count)
{
    char path[64];
    options->path = wire_grow(options->path, (options->paths + count) * sizeof(char *));
    for (uint64_t i = 0; i < count; i++) {
        snprintf(path, sizeof(path), GENERATED "%llu", (unsigned long long)i);
        options->path[options->paths++] = strdup(path);
    }
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
        { "generated", required_argument, NULL, 'g' },
        { "jobs", required_argument, NULL, 'j' },
        { "distrust", no_argument, NULL, 'd' }, /* for check_schedules.py */
        { 0 },
    };
    const char *more = getenv("CASNIFF_SCHEDULES");
    struct options options = { 1, 10000, SCHEDULE_ALL, .jobs = 1 };
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
        case 'g':
            add_generated(&options, number(optarg));
            break;
        case 'j':
            options.jobs = (unsigned)number(optarg);
            break;
        case 'd':
            options.is_distrustful = true;
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

/* The bytes of its packets count against a capture: small ones get about the same time each,
 * large ones less. */
static uint64_t weight_of(const struct recording *recording)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < recording->row.len; i++) {
        bytes += recording->row.packet[i].frame_len;
    }
    return WEIGHT_OF_NOTHING / (COST_OF_A_SCHEDULE + bytes) / (LARGE + bytes) >> 8;
}

/* In all as many as asked for: the first capture takes the remainder. */
static void share_out(struct capture *captures, size_t len, uint64_t schedules)
{
    uint64_t weights = 0;
    uint64_t left = schedules;
    for (size_t i = 0; i < len; i++) {
        weights += weight_of(captures[i].recording);
    }
    for (size_t i = 0; i < len; i++) {
        captures[i].schedules = schedules * weight_of(captures[i].recording) / weights;
        left -= captures[i].schedules;
    }
    captures[0].schedules += left;
}

static struct capture load(const char *path)
{
    struct capture capture = { .path = path };
    capture.is_made = strncmp(path, GENERATED, strlen(GENERATED)) == 0;
    if (capture.is_made) {
        capture.made = generated_make((size_t)number(path + strlen(GENERATED)));
        capture.recording = capture.made.recording;
    } else {
        capture.recording = recording_load(path);
    }
    if (capture.recording == NULL) {
        exit(EXIT_FAILURE);
    }
    return capture;
}

static struct capture *load_all(const struct options *options)
{
    struct capture *captures = wire_alloc(options->paths * sizeof(*captures));
    for (size_t i = 0; i < options->paths; i++) {
        captures[i] = load(options->path[i]);
    }
    share_out(captures, options->paths, options->schedules);
    return captures;
}

static void print_summary(const struct tally *sum)
{
    static const char *const states[REPORT_LIST_STATES] = { "none", "complete", "incomplete",
                                                            "ambiguous", "malformed" };
    unsigned long lists = 0;
    printf("kinds:");
    for (unsigned i = 0; i < SCHEDULE_KINDS; i++) {
        printf(" %s %lu", schedule_kind_name(1u << i), sum->of_kind[i]);
    }
    for (unsigned i = 0; i < REPORT_LIST_STATES; i++) {
        lists += sum->lists[i];
    }
    printf("\nlists of the %lu handshakes in schedules with losses:", lists);
    for (unsigned i = 0; i < REPORT_LIST_STATES; i++) {
        printf(" %s %lu (%.1f %%)", states[i], sum->lists[i],
               lists > 0 ? 100.0 * (double)sum->lists[i] / (double)lists : 0);
    }
    printf("; connections evicted: %lu\n", sum->evicted);
    printf("%lu schedules, %lu of them lossless: %lu failed\n", sum->schedules, sum->lossless,
           sum->failures);
}

int main(int argc, char **argv)
{
    struct options options = options_of(argc, argv);
    if (options.paths == 0 || options.jobs == 0 || options.jobs > JOBS_MAX) {
        fputs("usage: schedules [--schedules N] [--seed N] [--kinds LIST] [--jobs N] "
              "[--generated N] [FILE|FOLDER]...\n",
              stderr);
        return 2;
    }
    mallopt(M_MMAP_THRESHOLD, 16 << 20); /* what a schedule needs, the next one needs again */
    mallopt(M_TRIM_THRESHOLD, 256 << 20);
    struct tally sum = { 0 };
    uint64_t seed = options.seed;
    struct capture *captures = load_all(&options);
    for (size_t i = 0; i < options.paths; i++) {
        struct tally own = run_capture(&options, &captures[i], seed);
        tally_add(&sum, &own);
        seed += captures[i].schedules; /* the next capture is tried in other ways */
        recording_destroy(captures[i].recording);
        free(options.path[i]);
        fflush(stdout);
    }
    free(captures);
    free(options.path);
    print_summary(&sum);
    return sum.failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
