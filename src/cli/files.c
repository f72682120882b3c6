/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/files.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <casniff/capture.h>

#include "cli/interrupt.h"
#include "cli/key_logs.h"
#include "cli/progress.h"
#include "cli/say.h"
#include "cli/session.h"

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

static void take_bytes(void *user, struct cas_view bytes)
{
    cas_keylog_blocks_push(user, bytes);
}

/* Of a pipe the secrets are taken as they pass. */
static struct cas_capture_tap tap_of(struct cas_cli_files *files, size_t i)
{
    const char *path = files->options->captures.word[i];
    if (cas_cli_key_logs_is_pipe(path)) {
        files->secrets[i] = cas_keylog_blocks_create(files->keylog, path);
    }
    return (struct cas_capture_tap){
        .user = files->secrets[i],
        .bytes = files->secrets[i] != NULL ? take_bytes : NULL,
    };
}

static void tell_bad_secrets(const struct cas_cli_files *files, size_t i)
{
    struct cas_error error = { 0 };
    if (files->secrets[i] != NULL && !files->options->is_quiet &&
        cas_keylog_blocks_result(files->secrets[i], &error) != CAS_OK) {
        cas_cli_say("the secrets in it: %s; the rest is used", error.text);
    }
}

/* False when there is no use in opening others. */
static bool open_file(struct cas_cli_files *files, size_t i)
{
    const struct cas_cli_options *options = files->options;
    struct cas_error error = { 0 };
    const struct cas_capture_tap tap = tap_of(files, i);
    enum cas_err err = cas_capture_open_tapped(options->captures.word[i], options->filter, &tap,
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

bool cas_cli_files_open(struct cas_cli_files *out_files, const struct cas_cli_options *options,
                        struct cas_keylog *keylog)
{
    size_t len = options->captures.len;
    *out_files = (struct cas_cli_files){
        .options = options,
        .capture = calloc(len, sizeof(struct cas_capture *)),
        .secrets = calloc(len, sizeof(struct cas_keylog_blocks *)),
        .keylog = keylog,
    };
    if (out_files->capture == NULL || out_files->secrets == NULL) {
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

int cas_cli_files_read(struct cas_cli_files *files, size_t i, struct cas_cli_reading *reading)
{
    reading->progress = cas_cli_progress_begin(files->options);
    int ended =
        cas_cli_reading_run(reading, files->capture[i], files->options->captures.word[i]);
    tell_bad_secrets(files, i);
    cas_capture_close(files->capture[i]);
    files->capture[i] = NULL;
    return ended;
}

static bool is_wanted(void *user)
{
    return cas_cli_reports_state(user) == CAS_CLI_WRITTEN;
}

static int read_files(struct cas_cli_files *files, struct cas_cli_session *session)
{
    struct cas_cli_reading reading = {
        .options = files->options,
        .sniffer = session->sniffer,
        .keys = &session->stores.keys,
        .is_wanted = is_wanted,
        .user = &session->reports,
    };
    int worst = files->ended;
    for (size_t i = 0; i < files->options->captures.len && cas_cli_reading_goes_on(&reading);
         i++) {
        if (files->capture[i] != NULL) {
            int ended = cas_cli_files_read(files, i, &reading);
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
    for (size_t i = 0; files->secrets != NULL && i < files->options->captures.len; i++) {
        cas_keylog_blocks_destroy(files->secrets[i]);
    }
    free((void *)files->secrets);
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
    if (ended == CAS_EXIT_DONE &&
        !cas_cli_files_open(&files, options, session.stores.keys.keylog)) {
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
