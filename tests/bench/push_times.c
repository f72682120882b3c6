/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long one cas_sniffer_push() takes, telling what it tells as JSON to nowhere: the median,
 * one of a hundred, one of a thousand, and the longest, in microseconds.
 *
 *     push_times [--passes N] [--worst N] CAPTURE...
 *     push_times --only N CAPTURE      that packet alone, in push_chosen(), for callgrind
 *
 * All captures are one row, each with a sniffer of its own. Every pass goes over all of them,
 * in the same order with the same key, so a packet does the same each time. Three lines: the
 * last pass as it went; of each packet the least of all passes, which is what it costs without
 * what else the machine did then; and the machine alone, which did nothing for as long, in
 * pieces as long as the median.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <casniff/casniff.h>

struct packet {
    const char *path;
    uint64_t number;
    uint32_t least_ns;
    uint32_t last_ns;
};

struct times {
    struct packet *packet;
    size_t len;
    size_t room;
    size_t at; /* of the present pass */
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void fail(const char *what)
{
    fprintf(stderr, "push_times: %s\n", what);
    exit(EXIT_FAILURE);
}

static int write_nowhere(void *user, struct cas_view text)
{
    (void)user;
    (void)text;
    return 0;
}

static void note(struct times *times, const char *path, uint64_t number, uint64_t took_ns)
{
    uint32_t ns = took_ns < UINT32_MAX ? (uint32_t)took_ns : UINT32_MAX;
    if (times->at == times->room) {
        times->room = times->room > 0 ? 2 * times->room : 4096;
        times->packet = realloc(times->packet, times->room * sizeof(times->packet[0]));
        if (times->packet == NULL) {
            fail("no memory");
        }
    }
    struct packet *packet = &times->packet[times->at++];
    if (times->at > times->len) {
        times->len = times->at;
        *packet = (struct packet){ .path = path, .number = number, .least_ns = ns };
    }
    packet->last_ns = ns;
    packet->least_ns = ns < packet->least_ns ? ns : packet->least_ns;
}

/* A function of its own, so that callgrind can be told of it. */
__attribute__((noinline)) static void push_chosen(struct cas_sniffer *sniffer,
                                                  const struct cas_frame *frame)
{
    cas_sniffer_push(sniffer, frame);
    __asm__ volatile("" ::: "memory"); /* no tail call */
}

/* All packets of a capture; or up to one of them. */
static void push_all(struct times *times, const char *path, struct cas_sniffer *sniffer,
                     uint64_t only)
{
    struct cas_capture *capture = NULL;
    struct cas_error error = { 0 };
    struct cas_frame frame = { 0 };
    if (cas_capture_open_file(path, "", &capture, &error) != CAS_OK) {
        fail(error.text);
    }
    while (cas_capture_next(capture, &frame, &error) == CAS_CAPTURE_FRAME) {
        if (frame.number == only) {
            push_chosen(sniffer, &frame);
            break;
        }
        uint64_t start_ns = now_ns();
        cas_sniffer_push(sniffer, &frame);
        note(times, path, frame.number, now_ns() - start_ns);
    }
    cas_capture_close(capture);
}

static void sniff(struct times *times, const char *path, uint64_t only)
{
    const struct cas_writer nowhere = { .write = write_nowhere };
    const struct cas_report_options options = { .form = CAS_REPORT_JSON,
                                                .names = CAS_NAMES_DEFAULT };
    struct cas_report *report = cas_report_create(&nowhere, &options);
    if (report == NULL) {
        fail("no memory for a report");
    }
    struct cas_sniffer_config config = cas_sniffer_defaults();
    config.sink = cas_report_sink(report);
    config.hash_key[0] = 1; /* the same each time */
    struct cas_sniffer *sniffer = cas_sniffer_create(&config);
    if (sniffer == NULL) {
        fail("no memory for a sniffer");
    }
    push_all(times, path, sniffer, only);
    cas_sniffer_finish(sniffer);
    cas_sniffer_destroy(sniffer);
    cas_report_destroy(report);
}

/* --- what is told --- */

static int by_ns(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static int dearest_first(const void *a, const void *b)
{
    const struct packet *x = a;
    const struct packet *y = b;
    return (x->least_ns < y->least_ns) - (x->least_ns > y->least_ns);
}

/* Sorts them. */
static void print_row(const char *name, uint32_t *ns, size_t len)
{
    qsort(ns, len, sizeof(ns[0]), by_ns);
    printf("%-8s%10zu%9.2f%9.2f%9.2f%10.2f\n", name, len, ns[len / 2] / 1e3,
           ns[len - 1 - len / 100] / 1e3, ns[len - 1 - len / 1000] / 1e3, ns[len - 1] / 1e3);
}

/* The same time, spent in pieces of piece_ns in which nothing is done. */
static void print_machine(uint64_t all_ns, uint32_t piece_ns, uint32_t *ns, size_t room)
{
    size_t len = 0;
    for (uint64_t spent = 0; spent < all_ns && len < room;) {
        uint64_t start_ns = now_ns();
        uint64_t end_ns = start_ns;
        while (end_ns - start_ns < piece_ns) {
            end_ns = now_ns();
        }
        uint64_t took_ns = end_ns - start_ns;
        ns[len++] = took_ns < UINT32_MAX ? (uint32_t)took_ns : UINT32_MAX;
        spent += took_ns;
    }
    print_row("machine", ns, len);
}

static void print_all(struct times *times, size_t worst)
{
    uint64_t all_ns = 0;
    uint32_t *ns = calloc(times->len, 2 * sizeof(*ns));
    if (ns == NULL) {
        fail("nothing to tell of, or no memory");
    }
    printf("            pieces   median      p99    p99.9       max\n");
    for (size_t i = 0; i < times->len; i++) {
        ns[i] = times->packet[i].last_ns;
        all_ns += ns[i];
    }
    print_row("went", ns, times->len);
    for (size_t i = 0; i < times->len; i++) {
        ns[i] = times->packet[i].least_ns;
    }
    print_row("least", ns, times->len);
    print_machine(all_ns, ns[times->len / 2], ns, 2 * times->len);
    qsort(times->packet, times->len, sizeof(times->packet[0]), dearest_first);
    for (size_t i = 0; i < worst && i < times->len; i++) {
        const struct packet *packet = &times->packet[i];
        printf("worst %9.2f  %llu %s\n", packet->least_ns / 1e3,
               (unsigned long long)packet->number, packet->path);
    }
    free(ns);
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {
        { "passes", required_argument, NULL, 'p' },
        { "worst", required_argument, NULL, 'w' },
        { "only", required_argument, NULL, 'o' },
        { 0 },
    };
    struct times times = { 0 };
    unsigned long passes = 5;
    unsigned long worst = 5;
    unsigned long long only = 0;
    int option = 0;
    while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (option == 'p') {
            passes = strtoul(optarg, NULL, 10);
        } else if (option == 'w') {
            worst = strtoul(optarg, NULL, 10);
        } else if (option == 'o') {
            only = strtoull(optarg, NULL, 10);
        } else {
            return 2;
        }
    }
    for (unsigned long pass = 0; pass < (only > 0 ? 1 : passes); pass++) {
        times.at = 0;
        for (int i = optind; i < argc; i++) {
            sniff(&times, argv[i], only);
        }
    }
    if (only == 0) {
        print_all(&times, worst);
    }
    free(times.packet);
    return EXIT_SUCCESS;
}
