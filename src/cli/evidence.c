/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/clock.h"
#include "cli/say.h"

/* DLT_EN10MB: what a file without packets says. */
#define ETHERNET 1

/* Trouble that goes on is told once a minute. */
#define TELL_EVERY_MS 60000

#define LAST_WORDS_MS 300

/* So many files are set aside; more need a look. */
#define OLD_MAX 99

static const char *why(int reason)
{
    switch (reason) {
    case ELOOP:
        return "it is a symbolic link: name the file itself";
    case ENXIO:
        return "nobody reads from it";
    case EAGAIN:
        return "its reader is too slow";
    default:
        return strerror(reason);
    }
}

/* NAME.old, or NAME.old2 and so on where there is one already. False, and said, when the file
 * cannot be moved. */
static bool set_aside(const struct cas_cli_evidence *evidence)
{
    char name[NAME_MAX + 1] = "";
    const struct cas_cli_place *place = &evidence->place;
    struct stat status;
    for (unsigned i = 1; i <= OLD_MAX; i++) {
        char suffix[16] = ".old";
        if (i > 1) {
            (void)snprintf(suffix, sizeof(suffix), ".old%u", i);
        }
        (void)snprintf(name, sizeof(name), "%.*s%s", NAME_MAX - (int)sizeof(suffix),
                       place->name, suffix);
        if (fstatat(place->dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            break;
        }
        name[0] = '\0';
    }
    if (name[0] == '\0' || renameat(place->dir_fd, place->name, place->dir_fd, name) != 0) {
        cas_cli_say("%s holds something else, and cannot be set aside: %s", evidence->path,
                    name[0] == '\0' ? "there are too many .old files" : strerror(errno));
        return false;
    }
    cas_cli_say("%s holds something else: it is set aside as %s", evidence->path, name);
    return true;
}

/* What there is goes on live, or is set aside: a run must not end the evidence of the last one.
 */
static bool keep_old(struct cas_cli_evidence *evidence, int link_type)
{
    struct cas_cli_evidence_file *file = &evidence->file;
    if (cas_cli_evidence_file_is_empty(file) ||
        cas_cli_evidence_file_resume(file, &evidence->place, evidence->writer, link_type)) {
        return true;
    }
    if (!set_aside(evidence)) {
        return false;
    }
    (void)cas_cli_evidence_file_close(file);
    int reason = cas_cli_evidence_file_open(file, &evidence->place);
    if (reason != 0) {
        cas_cli_say("cannot write %s: %s", evidence->path, why(reason));
    }
    return reason == 0;
}

static bool open_file(struct cas_cli_evidence *evidence)
{
    int reason = cas_cli_place_open(&evidence->place, evidence->path);
    if (reason == 0) {
        reason = cas_cli_evidence_file_open(&evidence->file, &evidence->place);
    }
    if (reason != 0) {
        cas_cli_say("cannot write %s: %s", evidence->path, why(reason));
        return false;
    }
    if (!cas_cli_evidence_file_lock(&evidence->file)) {
        cas_cli_say("cannot write %s: another casniff writes to it", evidence->path);
        return false;
    }
    return true;
}

struct cas_cli_evidence cas_cli_evidence_of(const struct cas_cli_options *options)
{
    return (struct cas_cli_evidence){
        .path = options->evidence_path,
        .file = { .fd = -1 },
        .is_live = cas_cli_options_are_live(options),
        .is_quiet = options->is_quiet,
    };
}

bool cas_cli_evidence_open(struct cas_cli_evidence *evidence, int link_type)
{
    if (evidence->path == NULL) {
        return true;
    }
    const struct cas_evidence_output output = {
        .user = &evidence->file,
        .write = cas_cli_evidence_file_put,
    };
    evidence->writer = cas_evidence_writer_create(&output);
    if (evidence->writer == NULL) {
        cas_cli_say("out of memory");
        return false;
    }
    return open_file(evidence) && (!evidence->is_live || keep_old(evidence, link_type));
}

bool cas_cli_evidence_begin(struct cas_cli_evidence *evidence)
{
    if (evidence->path == NULL) {
        return true;
    }
    if (!evidence->is_live) {
        cas_cli_evidence_file_wait(&evidence->file);
    }
    int reason = cas_cli_evidence_file_begin(&evidence->file);
    evidence->has_begun = reason == 0;
    if (reason != 0) {
        cas_cli_say("cannot write %s: %s", evidence->path, strerror(reason));
    }
    return evidence->has_begun;
}

/* The name still leads to the file that is open. */
static bool is_in_place(const struct cas_cli_evidence *evidence)
{
    struct stat named = { 0 };
    struct stat ours = { 0 };
    return fstatat(evidence->place.dir_fd, evidence->place.name, &named, AT_SYMLINK_NOFOLLOW) ==
               0 &&
           fstat(evidence->file.fd, &ours) == 0 && named.st_dev == ours.st_dev &&
           named.st_ino == ours.st_ino;
}

static void tell_failure(struct cas_cli_evidence *evidence)
{
    uint64_t now_ms = cas_cli_clock_ms();
    if (now_ms >= evidence->tell_ms) {
        evidence->tell_ms = now_ms + TELL_EVERY_MS;
        evidence->is_told = true;
        cas_cli_say("cannot write %s: %s; packets are missing in it", evidence->path,
                    why(evidence->failed));
    }
}

static void note_result(struct cas_cli_evidence *evidence, int failed)
{
    evidence->failed = failed;
    if (failed != 0) {
        evidence->errors++;
        tell_failure(evidence);
    } else if (evidence->is_told) {
        evidence->is_told = false;
        cas_cli_say("%s is written again; %" PRIu64 " packets are missing in it so far",
                    evidence->path, cas_evidence_writer_counts(evidence->writer).frames_failed);
    }
    if (failed == EPIPE) {
        cas_evidence_writer_restart(evidence->writer); /* for the pipe's next reader */
    }
}

static void save(void *user, const struct cas_evidence *evidence)
{
    struct cas_cli_evidence *file = user;
    int failed = cas_evidence_write(file->writer, evidence);
    file->handshakes_not_whole += evidence->missing > 0;
    file->dropped += failed != 0 && !evidence->is_late;
    note_result(file, failed);
}

struct cas_evidence_sink cas_cli_evidence_sink(struct cas_cli_evidence *evidence)
{
    if (evidence->path == NULL) {
        return (struct cas_evidence_sink){ 0 };
    }
    return (struct cas_evidence_sink){ .user = evidence, .packets = save };
}

/* It gets at least its header. */
static void begin_file(struct cas_cli_evidence *evidence)
{
    int failed = cas_evidence_writer_begin(evidence->writer, ETHERNET);
    if (failed != 0) {
        note_result(evidence, failed);
    }
}

/* The new file, where it can be had; a file with contents that is there is set aside. */
static bool open_anew(struct cas_cli_evidence *evidence,
                      struct cas_cli_evidence_file *out_fresh)
{
    int reason = cas_cli_evidence_file_open(out_fresh, &evidence->place);
    if (reason == 0 && !cas_cli_evidence_file_is_empty(out_fresh)) {
        (void)cas_cli_evidence_file_close(out_fresh);
        if (!set_aside(evidence)) {
            return false;
        }
        reason = cas_cli_evidence_file_open(out_fresh, &evidence->place);
    }
    if (reason != 0) {
        cas_cli_say("cannot open %s anew: %s; the old file is kept", evidence->path,
                    why(reason));
    }
    return reason == 0;
}

void cas_cli_evidence_reopen(struct cas_cli_evidence *evidence)
{
    struct cas_cli_evidence_file fresh = { .fd = -1 };
    if (evidence->path == NULL || is_in_place(evidence) || !open_anew(evidence, &fresh)) {
        return;
    }
    begin_file(evidence); /* the old one is a capture also without packets */
    (void)cas_cli_evidence_file_close(&evidence->file);
    evidence->file = fresh;
    cas_evidence_writer_restart(evidence->writer);
}

void cas_cli_evidence_tick(struct cas_cli_evidence *evidence)
{
    if (evidence->file.rest != NULL) {
        (void)cas_cli_evidence_file_drain(&evidence->file);
    }
}

void cas_cli_evidence_flush(const struct cas_cli_evidence *evidence)
{
    if (evidence->file.fd >= 0) {
        (void)fdatasync(evidence->file.fd);
    }
}

struct cas_cli_evidence_stats cas_cli_evidence_stats(const struct cas_cli_evidence *evidence)
{
    const struct cas_evidence_counts counts = cas_evidence_writer_counts(evidence->writer);
    return (struct cas_cli_evidence_stats){
        .written = counts.handshakes,
        .dropped = evidence->dropped,
        .errors = evidence->errors,
    };
}

/* What the file lacks, in words. */
static void tell_lacking(const struct cas_cli_evidence *evidence)
{
    const struct cas_evidence_counts counts = cas_evidence_writer_counts(evidence->writer);
    if (counts.frames_other_link > 0) {
        cas_cli_say("%s: %" PRIu64 " packets of another link type than the first are not in "
                    "it; a pcap file has one: run one casniff for each kind of interface",
                    evidence->path, counts.frames_other_link);
    }
    if (evidence->handshakes_not_whole > 0) {
        cas_cli_say("%s: %" PRIu64
                    " handshakes in it are not whole, for lack of room: a larger "
                    "--memory may help",
                    evidence->path, evidence->handshakes_not_whole);
    }
}

/* A slow reader of a pipe gets a last chance. */
static void end_file(struct cas_cli_evidence *evidence)
{
    begin_file(evidence);
    int failed = cas_cli_evidence_file_drain(&evidence->file);
    if (failed == EAGAIN) {
        struct pollfd wait = { .fd = evidence->file.fd, .events = POLLOUT };
        (void)poll(&wait, 1, LAST_WORDS_MS);
        failed = cas_cli_evidence_file_drain(&evidence->file);
    }
    if (failed != 0 || evidence->failed == EAGAIN) {
        evidence->failed = failed;
    }
}

bool cas_cli_evidence_close(struct cas_cli_evidence *evidence)
{
    bool is_saved = true;
    if (evidence->has_begun) {
        end_file(evidence);
        if (!evidence->is_quiet) {
            tell_lacking(evidence);
        }
        uint64_t missing = cas_evidence_writer_counts(evidence->writer).frames_failed;
        is_saved = evidence->failed == 0 && (evidence->is_live || missing == 0);
    }
    int failed = cas_cli_evidence_file_close(&evidence->file);
    if (failed != 0) {
        cas_cli_say("cannot write %s: %s", evidence->path, strerror(failed));
    }
    cas_evidence_writer_destroy(evidence->writer);
    cas_cli_place_close(&evidence->place);
    *evidence = (struct cas_cli_evidence){ .file = { .fd = -1 } };
    return is_saved && failed == 0;
}
