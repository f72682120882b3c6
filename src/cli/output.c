/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/say.h"

/* Some dozens of JSON lines. */
#define STREAM_BUFFER ((size_t)64 * 1024)

/* Above any descriptor that a shell hands over. */
#define DESCRIPTOR_MAX 1000000L

static bool wants_colour(const struct cas_cli_options *options, int fd)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    switch ((enum cas_cli_colour)options->colour) {
    case CAS_CLI_COLOUR_ALWAYS:
        return true;
    case CAS_CLI_COLOUR_NEVER:
        return false;
    case CAS_CLI_COLOUR_AUTO:
        break;
    }
    return (no_color == NULL || no_color[0] == '\0') && term != NULL &&
           strcmp(term, "dumb") != 0 && isatty(fd) == 1;
}

static bool make_report(struct cas_cli_output *output, const struct cas_cli_options *options,
                        enum cas_report_form form, const struct cas_writer *writer)
{
    int fd = output->box != NULL ? cas_cli_outbox_fd(output->box) : fileno(output->stream);
    const struct cas_report_options report_options = {
        .form = form,
        .names = options->names,
        .colour = wants_colour(options, fd),
        .verbose = options->is_verbose,
        .is_headless = output->box != NULL, /* the outbox knows which files are new */
        .is_live = output->box != NULL,
    };
    output->report = cas_report_create(writer, &report_options);
    if (output->report == NULL) {
        cas_cli_say("out of memory");
    }
    return output->report != NULL;
}

/* A path that means a descriptor which is open already; -1 for any other. */
static int descriptor_of(const char *path)
{
    static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };
    if (path == NULL || strcmp(path, "/dev/stdout") == 0) {
        return STDOUT_FILENO;
    }
    if (strcmp(path, "/dev/stderr") == 0) {
        return STDERR_FILENO;
    }
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        size_t len = strlen(folders[i]);
        char *end = NULL;
        if (strncmp(path, folders[i], len) == 0 && path[len] != '\0') {
            long fd = strtol(&path[len], &end, 10);
            return *end == '\0' && fd >= 0 && fd < DESCRIPTOR_MAX ? (int)fd : -1;
        }
    }
    return -1;
}

const char *cas_cli_output_name(const struct cas_cli_output *output)
{
    return output->path != NULL ? output->path : "standard output";
}

static void say_unopened(const struct cas_cli_output *output, int reason)
{
    cas_cli_say("cannot write the report %s: %s", cas_cli_output_name(output),
                reason == ELOOP ? "it is a symbolic link: name the file itself"
                                : strerror(reason));
}

/* As live: no link is followed, which might be anybody's, but for the names of descriptors. */
static FILE *open_stream(const char *path)
{
    if (path == NULL) {
        return stdout;
    }
    int given = descriptor_of(path);
    int fd = given >= 0
                 ? fcntl(given, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
                 : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC,
                        0666);
    FILE *stream = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (stream == NULL && fd >= 0) {
        int reason = errno;
        close(fd);
        errno = reason;
    }
    return stream;
}

/* setvbuf() makes none of a size that is asked for; without one stdio's small one will do. */
static void give_buffer(struct cas_cli_output *output, int mode)
{
    output->buffer = malloc(STREAM_BUFFER);
    setvbuf(output->stream, output->buffer, mode, output->buffer != NULL ? STREAM_BUFFER : 0);
}

bool cas_cli_output_open(struct cas_cli_output *out_output,
                         const struct cas_cli_options *options,
                         const struct cas_cli_report *wanted)
{
    FILE *stream = open_stream(wanted->path);
    *out_output = (struct cas_cli_output){ .path = wanted->path, .stream = stream };
    if (stream == NULL) {
        say_unopened(out_output, errno);
        return false;
    }
    give_buffer(out_output, options->is_line_buffered ? _IOLBF : _IOFBF);
    const struct cas_writer writer = cas_writer_to_stream(stream);
    return make_report(out_output, options, wanted->form, &writer);
}

static int queue_text(void *user, struct cas_view text)
{
    (void)cas_cli_outbox_push(user, text); /* what is dropped is counted there */
    return 0;
}

bool cas_cli_output_open_live(struct cas_cli_output *out_output,
                              const struct cas_cli_options *options,
                              const struct cas_cli_report *wanted)
{
    const char *heading = cas_report_heading(wanted->form);
    int fd = descriptor_of(wanted->path);
    *out_output = (struct cas_cli_output){ .path = wanted->path };
    int reason =
        fd >= 0 ? cas_cli_outbox_open_fd(&out_output->box, fd, CAS_CLI_OUTBOX_BYTES, heading)
                : cas_cli_outbox_open(&out_output->box, wanted->path, CAS_CLI_OUTBOX_BYTES,
                                      heading);
    if (reason != 0) {
        say_unopened(out_output, reason);
        return false;
    }
    const struct cas_writer writer = { .user = out_output->box, .write = queue_text };
    return make_report(out_output, options, wanted->form, &writer);
}

int cas_cli_output_errno(const struct cas_cli_output *output)
{
    if (output->box != NULL) {
        return cas_cli_outbox_is_dead(output->box) ? EPIPE : 0;
    }
    return cas_report_errno(output->report);
}

void cas_cli_output_complain(struct cas_cli_output *output, uint64_t now_ms)
{
    const char *name = cas_cli_output_name(output);
    struct cas_cli_outbox_stats stats = cas_cli_outbox_stats(output->box);
    switch (cas_cli_outbox_trouble(output->box, now_ms)) {
    case CAS_CLI_TROUBLE_NONE:
        break;
    case CAS_CLI_TROUBLE_FAILS:
        cas_cli_say("cannot write the report to %s: %s; %" PRIu64 " events wait, %" PRIu64
                    " were dropped so far",
                    name, strerror(cas_cli_outbox_errno(output->box)), stats.queued,
                    stats.dropped);
        break;
    case CAS_CLI_TROUBLE_OVER:
        cas_cli_say("the report is written to %s again; %" PRIu64 " events were dropped so far",
                    name, stats.dropped);
        break;
    }
}

/*
 * What was dropped on the way is told, but only what could not be written in the end is a
 * failure: for the rest the readers were too slow, or there was trouble that is over.
 */
static enum cas_cli_written close_box(struct cas_cli_output *output)
{
    struct cas_cli_outbox_stats stats = cas_cli_outbox_stats(output->box);
    bool is_dead = cas_cli_outbox_is_dead(output->box);
    bool is_failing = cas_cli_outbox_retry_ms(output->box) != CAS_CLI_NEVER;
    int reason = cas_cli_outbox_errno(output->box);
    uint64_t lost = stats.dropped + stats.queued;
    cas_cli_outbox_destroy(output->box);
    if (is_dead) {
        return CAS_CLI_UNWANTED;
    }
    if (lost > 0) {
        cas_cli_say("%" PRIu64 " of %" PRIu64 " events could not be written to %s: %s", lost,
                    lost + stats.written, cas_cli_output_name(output),
                    reason != 0 ? strerror(reason) : "its reader is too slow");
    }
    return is_failing && stats.queued > 0 ? CAS_CLI_UNWRITTEN : CAS_CLI_WRITTEN;
}

/*
 * Standard output goes on without the buffer; but what it could not write it still holds there,
 * and tries once more when the program ends.
 */
static int end_stream(struct cas_cli_output *output)
{
    int failed = output->path != NULL ? fclose(output->stream) : fflush(output->stream);
    if (output->path != NULL ||
        (failed == 0 && setvbuf(output->stream, NULL, _IONBF, 0) == 0)) {
        free(output->buffer);
    }
    return failed;
}

static enum cas_cli_written close_stream(struct cas_cli_output *output)
{
    int reason = output->report != NULL ? cas_report_errno(output->report) : 0;
    errno = 0;
    int failed = end_stream(output);
    if (reason == 0 && failed != 0) {
        reason = errno != 0 ? errno : EIO;
    }
    if (reason == EPIPE) {
        return CAS_CLI_UNWANTED;
    }
    if (reason != 0) {
        cas_cli_say("cannot write the report to %s: %s", cas_cli_output_name(output),
                    strerror(reason));
        return CAS_CLI_UNWRITTEN;
    }
    return CAS_CLI_WRITTEN;
}

enum cas_cli_written cas_cli_output_close(struct cas_cli_output *output)
{
    enum cas_cli_written written = CAS_CLI_WRITTEN;
    if (output->box != NULL) {
        written = close_box(output);
    } else if (output->stream != NULL) {
        written = close_stream(output);
    }
    cas_report_destroy(output->report);
    *output = (struct cas_cli_output){ 0 };
    return written;
}
