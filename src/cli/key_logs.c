/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/key_logs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/say.h"

/* How often a file is looked at, and so much of it is read at once: some 1,000 connections. */
#define READ_EVERY_MS 100
#define READ_BYTES    ((size_t)512 * 1024)

/* Bad lines are told once a minute. */
#define TELL_EVERY_MS 60000

/* Secrets may take a fourth of the memory: what they are for needs some as well. */
#define MEMORY_PART 4

static bool is_pipe(const char *path)
{
    struct stat status;
    return strcmp(path, "-") == 0 || (stat(path, &status) == 0 && !S_ISREG(status.st_mode));
}

bool cas_cli_key_logs_grow(const struct cas_cli_options *options)
{
    bool grow = cas_cli_options_are_live(options);
    for (size_t i = 0; i < options->captures.len; i++) {
        grow = grow || is_pipe(options->captures.word[i]);
    }
    return options->keylogs.len > 0 && grow;
}

static const char *remedy_of(int reason)
{
    switch (reason) {
    case ENOENT:
        return "; check the path, or make an empty file with mode 600: it is read as it grows";
    case EACCES:
        return "; run casniff as a user who may read it";
    default:
        return "";
    }
}

/* A pipe to which nobody writes yet must not be waited for where packets come. */
static int open_at(const struct cas_cli_key_log *log, bool grow)
{
    int flags = O_RDONLY | O_NOCTTY | O_CLOEXEC | (grow ? O_NONBLOCK : 0);
    return log->place.name != NULL ? openat(log->place.dir_fd, log->place.name, flags)
                                   : open(log->path, flags);
}

/* Opens what stands there; the one before is read on when that fails, which is said. */
static bool use_file(struct cas_cli_key_log *log, bool grow)
{
    struct cas_error error = { 0 };
    int fd = open_at(log, grow);
    if (fd < 0) {
        cas_cli_say("cannot open %s: %s%s", log->path, strerror(errno), remedy_of(errno));
        return false;
    }
    if (cas_keylog_file_use(log->file, fd, &error) != CAS_OK) {
        close(fd);
        cas_cli_say("%s", error.text);
        return false;
    }
    return true;
}

/* Of a file by its name the place is kept; /dev/stdin and the like are gone once read. */
static bool open_place(struct cas_cli_key_logs *logs, struct cas_cli_key_log *log)
{
    int reason =
        logs->grow && !is_pipe(log->path) ? cas_cli_place_open(&log->place, log->path) : 0;
    if (reason != 0) {
        cas_cli_say("cannot open %s: %s%s", log->path, strerror(reason), remedy_of(reason));
    }
    return reason == 0;
}

/* All there is: a line that is none ends the run before it begins. */
static bool read_all(struct cas_cli_key_log *log)
{
    struct cas_error error = { 0 };
    struct cas_keylog_news news = { 0 };
    if (cas_keylog_file_read(log->file, SIZE_MAX, &news, &error) != CAS_OK) {
        cas_cli_say("%s", error.text);
        return false;
    }
    if (news.bad_lines > 0) {
        cas_cli_say("%s", news.first_bad.text);
        return false;
    }
    return true;
}

static void end_file(const struct cas_cli_key_logs *logs, struct cas_cli_key_log *log)
{
    struct cas_error error = { 0 };
    if (cas_keylog_file_end(log->file, &error) != CAS_OK && !logs->is_quiet) {
        cas_cli_say("%s; it has no end, so it was not finished, and the rest is used",
                    error.text);
    }
}

static bool open_log(struct cas_cli_key_logs *logs, struct cas_cli_key_log *log,
                     enum cas_keylog_access access)
{
    log->file = cas_keylog_file_create(logs->keylog, log->path, access);
    if (log->file == NULL) {
        cas_cli_say("out of memory");
        return false;
    }
    if (!open_place(logs, log) || !use_file(log, logs->grow) || !read_all(log)) {
        return false;
    }
    if (!logs->grow) {
        end_file(logs, log);
    }
    return true;
}

bool cas_cli_key_logs_open(struct cas_cli_key_logs *out_logs,
                           const struct cas_cli_options *options)
{
    enum cas_keylog_access access =
        options->may_keylog_be_public ? CAS_KEYLOG_ANY : CAS_KEYLOG_PRIVATE;
    size_t len = options->keylogs.len;
    *out_logs = (struct cas_cli_key_logs){
        .keylog = cas_keylog_create(),
        .log = calloc(len > 0 ? len : 1, sizeof(*out_logs->log)),
        .grow = cas_cli_key_logs_grow(options),
        .is_quiet = options->is_quiet,
    };
    if (out_logs->keylog == NULL || out_logs->log == NULL) {
        cas_cli_say("out of memory");
        return false;
    }
    cas_keylog_limit(out_logs->keylog, (size_t)options->memory_bytes / MEMORY_PART);
    for (; out_logs->len < len; out_logs->len++) {
        struct cas_cli_key_log *log = &out_logs->log[out_logs->len];
        log->path = options->keylogs.word[out_logs->len];
        if (!open_log(out_logs, log, access)) {
            out_logs->len++; /* it is to be closed, too */
            return false;
        }
    }
    return true;
}

static void take_news(struct cas_cli_key_logs *logs, const struct cas_keylog_news *news)
{
    if (news->bad_lines > 0 && logs->bad_lines == 0) {
        logs->first_bad = news->first_bad;
    }
    logs->bad_lines += news->bad_lines;
}

static void tell_bad_lines(struct cas_cli_key_logs *logs, uint64_t now_ms)
{
    if (logs->bad_lines == 0 || now_ms < logs->tell_ms) {
        return;
    }
    if (!logs->is_quiet) {
        cas_cli_say("%s; %" PRIu64 " bad lines were passed over, and the rest is used",
                    logs->first_bad.text, logs->bad_lines);
    }
    logs->bad_lines = 0;
    logs->tell_ms = now_ms + TELL_EVERY_MS;
}

static void read_on(struct cas_cli_key_logs *logs, struct cas_cli_key_log *log)
{
    struct cas_error error = { 0 };
    struct cas_keylog_news news = { 0 };
    enum cas_err err = cas_keylog_file_read(log->file, READ_BYTES, &news, &error);
    if (news.was_cut && !logs->is_quiet) {
        cas_cli_say("%s is shorter than it was: it is read from its beginning", log->path);
    }
    if (err != CAS_OK && news.bad_lines == 0) {
        news.bad_lines = 1;
        news.first_bad = error;
    }
    take_news(logs, &news);
}

void cas_cli_key_logs_read_on(struct cas_cli_key_logs *logs, uint64_t now_ms)
{
    if (!logs->grow || now_ms < logs->read_ms + READ_EVERY_MS) {
        return;
    }
    logs->read_ms = now_ms;
    for (size_t i = 0; i < logs->len; i++) {
        read_on(logs, &logs->log[i]);
    }
    tell_bad_lines(logs, now_ms);
}

void cas_cli_key_logs_reopen(struct cas_cli_key_logs *logs)
{
    for (size_t i = 0; i < logs->len; i++) {
        struct cas_cli_key_log *log = &logs->log[i];
        if (log->place.name != NULL) {
            read_on(logs, log);
            (void)use_file(log, logs->grow);
        }
    }
}

void cas_cli_key_logs_end(struct cas_cli_key_logs *logs)
{
    for (size_t i = 0; logs->grow && i < logs->len; i++) {
        read_on(logs, &logs->log[i]);
        end_file(logs, &logs->log[i]);
    }
    tell_bad_lines(logs, UINT64_MAX);
}

void cas_cli_key_logs_close(struct cas_cli_key_logs *logs)
{
    for (size_t i = 0; i < logs->len; i++) {
        cas_keylog_file_destroy(logs->log[i].file);
        cas_cli_place_close(&logs->log[i].place);
    }
    free(logs->log);
    cas_keylog_destroy(logs->keylog);
    *logs = (struct cas_cli_key_logs){ 0 };
}
