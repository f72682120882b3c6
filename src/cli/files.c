/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/files.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <casniff/capture.h>

#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/say.h"

/* How many packets pass between two looks at the clock and at the reports. */
#define PACKETS_BETWEEN 256

struct reading {
    const struct cas_cli_options *options;
    struct cas_sniffer *sniffer;
    const struct cas_cli_reports *reports;
    struct cas_cli_progress progress;
};

static bool is_wanted(const struct reading *reading)
{
    return !cas_cli_is_interrupted() &&
           cas_cli_reports_state(reading->reports) == CAS_CLI_WRITTEN;
}

/* All its packets; how it ended. */
static int read_packets(struct reading *reading, struct cas_capture *capture, const char *path)
{
    struct cas_frame frame = { 0 };
    struct cas_error error = { 0 };
    for (uint64_t i = 1;; i++) {
        switch (cas_capture_next(capture, &frame, &error)) {
        case CAS_CAPTURE_FRAME:
            cas_sniffer_push(reading->sniffer, &frame);
            break;
        case CAS_CAPTURE_END:
        case CAS_CAPTURE_NONE: /* the next two are of live captures only */
        case CAS_CAPTURE_GONE:
            return CAS_EXIT_DONE;
        case CAS_CAPTURE_DAMAGED:
            cas_cli_progress_end(&reading->progress);
            cas_cli_say("%s: %s, so the report is partial", path, error.text);
            return CAS_EXIT_DAMAGED;
        }
        if (i % PACKETS_BETWEEN == 0) {
            cas_cli_progress_show(&reading->progress, path, capture,
                                  cas_sniffer_counters(reading->sniffer));
            if (!is_wanted(reading)) {
                return CAS_EXIT_DONE;
            }
        }
    }
}

/* A capture of which not one packet could be decoded needs a word: its report is empty. */
static int judge_links(const struct cas_counters *before, const struct cas_counters *after,
                       const char *path)
{
    uint64_t frames = after->value[CAS_COUNT_FRAMES] - before->value[CAS_COUNT_FRAMES];
    uint64_t unknown =
        after->value[CAS_COUNT_LINK_UNSUPPORTED] - before->value[CAS_COUNT_LINK_UNSUPPORTED];
    if (frames == 0 || unknown < frames) {
        return CAS_EXIT_DONE;
    }
    cas_cli_say("%s: its link type is not decoded: capture on an Ethernet, loopback or 'any' "
                "interface",
                path);
    return CAS_EXIT_FAILED;
}

/* `-r a.pcap b.pcap`: what was meant for a capture or a store has become the filter. */
static const char *remedy_of(enum cas_err err, const char *filter)
{
    bool begins_with_file = false;
    if (err == CAS_ERR_USAGE && filter != NULL) {
        char word[PATH_MAX];
        size_t len = strcspn(filter, " ");
        (void)snprintf(word, sizeof(word), "%.*s", (int)(len < PATH_MAX ? len : 0), filter);
        begins_with_file = access(word, F_OK) == 0;
    }
    return begins_with_file ? "; it begins with a file: each capture needs its own -r, a trust "
                              "store -t"
                            : "";
}

static int read_file(struct reading *reading, const char *path)
{
    struct cas_capture *capture = NULL;
    struct cas_error error = { 0 };
    const struct cas_counters before = *cas_sniffer_counters(reading->sniffer);
    enum cas_err err = cas_capture_open_file(path, reading->options->filter, &capture, &error);
    if (err != CAS_OK) {
        cas_cli_say("%s%s", error.text, remedy_of(err, reading->options->filter));
        return err == CAS_ERR_USAGE ? CAS_EXIT_USAGE : CAS_EXIT_FAILED;
    }
    cas_sniffer_set_file(reading->sniffer, path);
    int ended = read_packets(reading, capture, path);
    cas_capture_close(capture);
    cas_cli_progress_end(&reading->progress);
    int judged = judge_links(&before, cas_sniffer_counters(reading->sniffer), path);
    return judged != CAS_EXIT_DONE ? judged : ended;
}

int cas_cli_files_read(const struct cas_cli_options *options, struct cas_sniffer *sniffer,
                       const struct cas_cli_reports *reports)
{
    struct reading reading = {
        .options = options,
        .sniffer = sniffer,
        .reports = reports,
    };
    int worst = CAS_EXIT_DONE;
    for (size_t i = 0; i < options->captures.len && is_wanted(&reading); i++) {
        reading.progress = cas_cli_progress_begin(options);
        int ended = read_file(&reading, options->captures.word[i]);
        if (worst == CAS_EXIT_DONE) {
            worst = ended;
        }
        if (ended == CAS_EXIT_USAGE) {
            break; /* the filter is wrong for the others as well */
        }
    }
    return worst;
}
