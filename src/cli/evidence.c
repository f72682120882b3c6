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

bool cas_cli_evidence_open(struct cas_cli_evidence *out_evidence,
                           const struct cas_cli_options *options)
{
    *out_evidence = (struct cas_cli_evidence){ .fd = -1, .is_quiet = options->is_quiet };
    if (options->evidence_path == NULL) {
        return true;
    }
    out_evidence->path = options->evidence_path;
    out_evidence->fd = open(out_evidence->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (out_evidence->fd < 0) {
        cas_cli_say("cannot write %s: %s", out_evidence->path, strerror(errno));
        out_evidence->path = NULL;
        return false;
    }
    struct stat status = { 0 };
    out_evidence->is_regular = fstat(out_evidence->fd, &status) == 0 && S_ISREG(status.st_mode);
    const struct cas_evidence_output output = { .user = out_evidence, .write = put };
    out_evidence->writer = cas_evidence_writer_create(&output);
    if (out_evidence->writer == NULL) {
        cas_cli_say("out of memory");
        return false;
    }
    return true;
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
    bool is_saved = !evidence->has_failed;
    *evidence = (struct cas_cli_evidence){ .fd = -1 };
    return is_saved;
}
