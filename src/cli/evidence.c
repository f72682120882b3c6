/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/say.h"

/* DLT_EN10MB: what a file without packets says. */
#define ETHERNET 1

static int write_all(int fd, struct cas_view bytes)
{
    size_t done = 0;
    while (done < bytes.len) {
        ssize_t len = write(fd, &bytes.data[done], bytes.len - done);
        if (len < 0 && errno != EINTR) {
            return errno;
        }
        done += len > 0 ? (size_t)len : 0;
    }
    return 0;
}

/* All or nothing, so that a full disk leaves a capture that ends with a whole packet. */
static int put(void *user, struct cas_view bytes)
{
    struct cas_cli_evidence *evidence = user;
    int failed = write_all(evidence->fd, bytes);
    if (failed == 0) {
        evidence->written += bytes.len;
    } else if (evidence->is_regular && ftruncate(evidence->fd, (off_t)evidence->written) == 0) {
        (void)lseek(evidence->fd, (off_t)evidence->written, SEEK_SET);
    }
    return failed;
}

static void look_at(struct cas_cli_evidence *evidence, int fd)
{
    struct stat status = { 0 };
    evidence->fd = fd;
    evidence->is_regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    evidence->written = 0;
}

/* A FIFO or a device is written to as it is; what a link points to might be anybody's. */
static int open_place(const struct cas_cli_place *place)
{
    return openat(place->dir_fd, place->name,
                  O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
}

bool cas_cli_evidence_open(struct cas_cli_evidence *out_evidence,
                           const struct cas_cli_options *options)
{
    *out_evidence = (struct cas_cli_evidence){ .fd = -1, .is_quiet = options->is_quiet };
    if (options->evidence_path == NULL) {
        return true;
    }
    int reason = cas_cli_place_open(&out_evidence->place, options->evidence_path);
    int fd = reason == 0 ? open_place(&out_evidence->place) : -1;
    if (fd < 0) {
        cas_cli_say("cannot write %s: %s", options->evidence_path,
                    strerror(reason != 0 ? reason : errno));
        return false;
    }
    out_evidence->path = options->evidence_path;
    look_at(out_evidence, fd);
    const struct cas_evidence_output output = { .user = out_evidence, .write = put };
    out_evidence->writer = cas_evidence_writer_create(&output);
    if (out_evidence->writer == NULL) {
        cas_cli_say("out of memory");
        return false;
    }
    return true;
}

/* The name still leads to the file that is open. */
static bool is_in_place(const struct cas_cli_evidence *evidence)
{
    struct stat named = { 0 };
    struct stat ours = { 0 };
    return fstatat(evidence->place.dir_fd, evidence->place.name, &named, AT_SYMLINK_NOFOLLOW) ==
               0 &&
           fstat(evidence->fd, &ours) == 0 && named.st_dev == ours.st_dev &&
           named.st_ino == ours.st_ino;
}

static void note_result(struct cas_cli_evidence *evidence, int failed)
{
    if (failed != 0 && !evidence->has_failed) {
        evidence->has_failed = true;
        cas_cli_say("cannot write %s: %s; packets are missing in it", evidence->path,
                    strerror(failed));
    }
}

static void save(void *user, const struct cas_evidence *evidence)
{
    struct cas_cli_evidence *file = user;
    file->handshakes_not_whole += evidence->missing > 0;
    note_result(file, cas_evidence_write(file->writer, evidence));
}

struct cas_evidence_sink cas_cli_evidence_sink(struct cas_cli_evidence *evidence)
{
    if (evidence->path == NULL) {
        return (struct cas_evidence_sink){ 0 };
    }
    return (struct cas_evidence_sink){ .user = evidence, .packets = save };
}

void cas_cli_evidence_reopen(struct cas_cli_evidence *evidence)
{
    if (evidence->path == NULL || is_in_place(evidence)) {
        return;
    }
    int fd = open_place(&evidence->place);
    if (fd < 0) {
        cas_cli_say("cannot open %s anew: %s; the old file is kept", evidence->path,
                    strerror(errno));
        return;
    }
    close(evidence->fd);
    look_at(evidence, fd);
    cas_evidence_writer_restart(evidence->writer);
}

void cas_cli_evidence_flush(const struct cas_cli_evidence *evidence)
{
    if (evidence->fd >= 0) {
        (void)fdatasync(evidence->fd);
    }
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

bool cas_cli_evidence_close(struct cas_cli_evidence *evidence)
{
    if (evidence->writer != NULL) {
        note_result(evidence, cas_evidence_writer_begin(evidence->writer, ETHERNET));
        if (!evidence->is_quiet) {
            tell_lacking(evidence);
        }
    }
    if (evidence->fd >= 0 && close(evidence->fd) != 0) {
        note_result(evidence, errno);
    }
    cas_evidence_writer_destroy(evidence->writer);
    cas_cli_place_close(&evidence->place);
    bool is_saved = !evidence->has_failed;
    *evidence = (struct cas_cli_evidence){ .fd = -1 };
    return is_saved;
}
