/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/files.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <casniff/capture.h>

#include "cli/clock.h"
#include "cli/interrupt.h"
#include "cli/key_logs.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/session.h"

/* How many packets pass between two looks at the clock and at the reports. */
#define PACKETS_BETWEEN 256

struct reading {
    const struct cas_cli_options *options;
    struct cas_sniffer *sniffer;
    const struct cas_cli_reports *reports;
    struct cas_cli_key_logs *keys;
    struct cas_cli_progress progress;
};

static bool is_enough(const struct reading *reading)
{
    uint64_t frames = cas_sniffer_counters(reading->sniffer)->value[CAS_COUNT_FRAMES];
    return reading->options->packets_max != 0 && frames >= reading->options->packets_max;
}

static bool is_wanted(const struct reading *reading)
{
    return !cas_cli_is_interrupted() && !is_enough(reading) &&
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

/* Every capture takes a descriptor, and there may be hundreds. */
static void raise_descriptors(void)
{
    struct rlimit limit = { 0 };
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* False when there is no use in opening others. */
static bool open_file(struct cas_cli_files *files, size_t i)
{
    const struct cas_cli_options *options = files->options;
    struct cas_error error = { 0 };
    enum cas_err err = cas_capture_open_file(options->captures.word[i], options->filter,
                                             &files->capture[i], &error);
    if (err == CAS_OK) {
        files->opened++;
        return true;
    }
    files->capture[i] = NULL;
    files->ended = cas_cli_exit_of(err);
    cas_cli_say("%s%s", error.text, remedy_of(err, options->filter));
    return err != CAS_ERR_USAGE; /* the filter is wrong for the others as well */
}

bool cas_cli_files_open(struct cas_cli_files *out_files, const struct cas_cli_options *options)
{
    size_t len = options->captures.len;
    *out_files = (struct cas_cli_files){
        .options = options,
        .capture = calloc(len, sizeof(struct cas_capture *)),
    };
    if (out_files->capture == NULL) {
        cas_cli_say("out of memory");
        out_files->ended = CAS_EXIT_FAILED;
        return false;
    }
    raise_descriptors();
    for (size_t i = 0; i < len; i++) {
        if (!open_file(out_files, i)) {
            return false;
        }
    }
    return out_files->opened > 0;
}

static int read_file(struct reading *reading, struct cas_capture *capture, const char *path)
{
    const struct cas_counters before = *cas_sniffer_counters(reading->sniffer);
    cas_sniffer_set_file(reading->sniffer, path);
    int ended = read_packets(reading, capture, path);
    cas_cli_progress_end(&reading->progress);
    int judged = judge_links(&before, cas_sniffer_counters(reading->sniffer), path);
    return judged != CAS_EXIT_DONE ? judged : ended;
}

static int read_files(struct cas_cli_files *files, struct cas_cli_session *session)
{
    struct reading reading = {
        .options = files->options,
        .sniffer = session->sniffer,
        .reports = &session->reports,
        .keys = &session->stores.keys,
    };
    int worst = files->ended;
    for (size_t i = 0; i < files->options->captures.len && is_wanted(&reading); i++) {
        if (files->capture[i] != NULL) {
            reading.progress = cas_cli_progress_begin(files->options);
            int ended =
                read_file(&reading, files->capture[i], files->options->captures.word[i]);
            cas_capture_close(files->capture[i]);
            files->capture[i] = NULL;
            worst = worst == CAS_EXIT_DONE ? ended : worst;
        }
    }
    return worst;
}

void cas_cli_files_close(struct cas_cli_files *files)
{
    for (size_t i = 0; files->capture != NULL && i < files->options->captures.len; i++) {
        cas_capture_close(files->capture[i]);
    }
    free((void *)files->capture);
    *files = (struct cas_cli_files){ 0 };
}

static int sniff(struct cas_cli_files *files, struct cas_cli_session *session)
{
    int ended = read_files(files, session);
    cas_cli_key_logs_end(&session->stores.keys);
    bool is_nothing = cas_sniffer_counters(session->sniffer)->value[CAS_COUNT_FRAMES] == 0 &&
                      ended == CAS_EXIT_FAILED;
    if (!is_nothing) {
        cas_sniffer_finish(session->sniffer);
        cas_cli_session_write_metrics(session, NULL);
    }
    return ended;
}

int cas_cli_files(const struct cas_cli_options *options)
{
    struct cas_cli_session session;
    struct cas_cli_files files = { 0 };
    cas_cli_interrupt_catch();
    int ended = cas_cli_session_begin(&session, options);
    if (ended == CAS_EXIT_DONE && !cas_cli_files_open(&files, options)) {
        ended = files.ended;
    }
    session.captures = &files;
    if (ended == CAS_EXIT_DONE) {
        ended = cas_cli_session_open(&session);
    }
    if (ended == CAS_EXIT_DONE) {
        ended = cas_cli_session_confine(&session, NULL);
    }
    if (ended == CAS_EXIT_DONE) {
        ended = sniff(&files, &session);
    }
    cas_cli_files_close(&files);
    return cas_cli_session_close(&session, ended);
}
