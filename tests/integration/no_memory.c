/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The k-th allocation of a run fails, for every k, or for so many evenly spread where a run has
 * more: nothing crashes, and no list is called complete that is not the true one. The calls of
 * the library are wrapped by the linker.
 *
 *     no_memory [--rounds N] CAPTURE...      at most so many k of each capture: 3,000
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <casniff/casniff.h>

#include "support/recording.h"
#include "support/scarce.h"

#define LISTS_MAX 64

/* What a run said of lists. */
struct hearing {
    struct {
        uint8_t sha256[CAS_SHA256_LEN];
        uint64_t count;
        uint64_t bytes;
    } complete[LISTS_MAX];
    size_t len;
    unsigned long told;
    unsigned long allocations;
};

static void hear_list(struct hearing *hearing, const struct cas_ca_list_info *list)
{
    hearing->told++;
    if (list == NULL || list->seen != CAS_SEEN_COMPLETE || hearing->len == LISTS_MAX) {
        return;
    }
    memcpy(hearing->complete[hearing->len].sha256, list->sha256, CAS_SHA256_LEN);
    hearing->complete[hearing->len].count = list->count;
    hearing->complete[hearing->len].bytes = list->bytes;
    hearing->len++;
}

static void hear_handshake(void *user, const struct cas_handshake_event *event)
{
    hear_list(user, event->ca_list);
}

static void hear_ca_list(void *user, const struct cas_ca_list_event *event)
{
    hear_list(user, event->ca_list);
}

static int forget(void *user, struct cas_view text)
{
    (void)user;
    (void)text;
    return 0;
}

static struct cas_report *report_to_nowhere(enum cas_report_form form)
{
    static const struct cas_writer nowhere = { .write = forget };
    const struct cas_report_options options = { .form = form, .names = CAS_NAMES_DEFAULT };
    return cas_report_create(&nowhere, &options);
}

static void push_all(const struct wire_row *row, const struct cas_sink *sink)
{
    struct cas_sniffer_config config = cas_sniffer_defaults();
    config.hash_key[0] = 1;
    config.max_flows = 256;
    config.sink = *sink;
    struct cas_sniffer *sniffer = cas_sniffer_create(&config);
    for (size_t i = 0; sniffer != NULL && i < row->len; i++) {
        const struct wire_packet *p = &row->packet[i];
        const struct cas_frame frame = { .number = i + 1,
                                         .timestamp_us = p->time_us,
                                         .link_type = p->link_type,
                                         .wire_len = p->wire_len,
                                         .bytes = { p->frame, p->frame_len } };
        cas_sniffer_push(sniffer, &frame);
    }
    if (sniffer != NULL) {
        cas_sniffer_finish(sniffer);
    }
    cas_sniffer_destroy(sniffer);
}

/* The lists are heard, and then reported in both forms. */
static struct hearing run(const struct wire_row *row, unsigned long fails,
                          enum scarce_then then)
{
    static const enum cas_report_form forms[] = { CAS_REPORT_JSON, CAS_REPORT_TEXT };
    struct hearing hearing = { .len = 0 };
    const struct cas_sink ear = { .user = &hearing,
                                  .handshake = hear_handshake,
                                  .ca_list = hear_ca_list };
    scarce_begin(fails, then);
    push_all(row, &ear);
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct cas_report *report = report_to_nowhere(forms[i]);
        const struct cas_sink sink =
            report != NULL ? cas_report_sink(report) : (struct cas_sink){ 0 };
        push_all(row, &sink);
        cas_report_destroy(report);
    }
    hearing.allocations = scarce_end();
    return hearing;
}

static bool is_true(const struct hearing *truth, const struct hearing *heard, size_t i)
{
    for (size_t k = 0; k < truth->len; k++) {
        if (memcmp(truth->complete[k].sha256, heard->complete[i].sha256, CAS_SHA256_LEN) == 0 &&
            truth->complete[k].count == heard->complete[i].count &&
            truth->complete[k].bytes == heard->complete[i].bytes) {
            return true;
        }
    }
    return false;
}

static unsigned long try_capture(const char *path, unsigned long rounds)
{
    struct recording *recording = recording_load(path);
    if (recording == NULL) {
        return 1;
    }
    struct hearing truth = run(&recording->row, 0, SCARCE_ONCE);
    unsigned long all = truth.allocations;
    unsigned long step = all > rounds ? all / rounds + 1 : 1;
    unsigned long failures = 0;
    unsigned long tried = 0;
    unsigned long complete = 0;
    for (unsigned long k = 1; k <= all; k += step, tried++) {
        struct hearing heard =
            run(&recording->row, k, tried % 4 == 3 ? SCARCE_GOES_ON : SCARCE_ONCE);
        complete += heard.len;
        for (size_t i = 0; i < heard.len; i++) {
            if (!is_true(&truth, &heard, i)) {
                printf("FAILED: %s, allocation %lu: a false complete list of %llu names\n",
                       path, k, (unsigned long long)heard.complete[i].count);
                failures++;
            }
        }
    }
    printf("%s: %lu allocations, %lu failed one by one, %lu lists complete all the same, "
           "%lu of them false\n",
           path, all, tried, complete, failures);
    recording_destroy(recording);
    return failures + (truth.told == 0 ? 1 : 0);
}

int main(int argc, char **argv)
{
    unsigned long failures = 0;
    unsigned long rounds = 3000;
    int first = 1;
    if (argc > 2 && strcmp(argv[1], "--rounds") == 0) {
        rounds = strtoul(argv[2], NULL, 10);
        first = 3;
    }
    if (first >= argc || rounds == 0) {
        fputs("usage: no_memory [--rounds N] CAPTURE...\n", stderr);
        return 2;
    }
    for (int i = first; i < argc; i++) {
        failures += try_capture(argv[i], rounds);
        fflush(stdout);
    }
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
