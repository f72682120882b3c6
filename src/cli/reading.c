/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/reading.h"

#include "cli/clock.h"
#include "cli/interrupt.h"
#include "cli/say.h"

/* How many packets pass between two looks at the clock and at the reports. */
#define PACKETS_BETWEEN 256

static bool is_enough(const struct cas_cli_reading *reading)
{
    uint64_t frames = cas_sniffer_counters(reading->sniffer)->value[CAS_COUNT_FRAMES];
    return reading->options->packets_max != 0 && frames >= reading->options->packets_max;
}

bool cas_cli_reading_goes_on(const struct cas_cli_reading *reading)
{
    return !cas_cli_is_interrupted() && !is_enough(reading) &&
           reading->is_wanted(reading->user);
}

/* All its packets; how it ended. */
static int read_packets(struct cas_cli_reading *reading, struct cas_capture *capture,
                        const char *path)
{
    struct cas_frame frame = { 0 };
    struct cas_error error = { 0 };
    for (uint64_t i = 1;; i++) {
        switch (cas_capture_next(capture, &frame, &error)) {
        case CAS_CAPTURE_FRAME:
            if (reading->keys->grow) {
                cas_cli_key_logs_read_on(reading->keys, cas_cli_clock_ms());
            }
            cas_sniffer_push(reading->sniffer, &frame);
            if (is_enough(reading)) {
                return CAS_EXIT_DONE;
            }
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
            if (!cas_cli_reading_goes_on(reading)) {
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

int cas_cli_reading_run(struct cas_cli_reading *reading, struct cas_capture *capture,
                        const char *path)
{
    const struct cas_counters before = *cas_sniffer_counters(reading->sniffer);
    cas_sniffer_set_file(reading->sniffer, path);
    int ended = read_packets(reading, capture, path);
    cas_cli_progress_end(&reading->progress);
    int judged = judge_links(&before, cas_sniffer_counters(reading->sniffer), path);
    return judged != CAS_EXIT_DONE ? judged : ended;
}
