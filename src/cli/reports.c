/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/reports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/say.h"

/* Some dozens of JSON lines. */
#define STREAM_BUFFER ((size_t)64 * 1024)

struct cas_cli_output {
    const char *path; /* NULL: standard output */
    FILE *stream;
    struct cas_report *report;
    struct cas_sink sink;
};

static bool wants_colour(const struct cas_cli_options *options, FILE *stream)
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
           strcmp(term, "dumb") != 0 && isatty(fileno(stream)) == 1;
}

static bool open_output(struct cas_cli_output *output, const struct cas_cli_options *options,
                        const struct cas_cli_report *wanted)
{
    output->path = wanted->path;
    output->stream = wanted->path != NULL ? fopen(wanted->path, "w") : stdout;
    if (output->stream == NULL) {
        cas_cli_say("cannot write the report %s: %s", wanted->path, strerror(errno));
        return false;
    }
    setvbuf(output->stream, NULL, options->is_line_buffered ? _IOLBF : _IOFBF, STREAM_BUFFER);
    const struct cas_report_options report_options = {
        .form = wanted->form,
        .names = options->names,
        .colour = wants_colour(options, output->stream),
        .verbose = options->is_verbose,
    };
    output->report = cas_report_create(output->stream, &report_options);
    if (output->report == NULL) {
        cas_cli_say("out of memory");
        return false;
    }
    output->sink = cas_report_sink(output->report);
    return true;
}

bool cas_cli_reports_open(struct cas_cli_reports *out_reports,
                          const struct cas_cli_options *options)
{
    *out_reports = (struct cas_cli_reports){
        .outputs = calloc(options->reports_len, sizeof(*out_reports->outputs)),
    };
    if (out_reports->outputs == NULL) {
        cas_cli_say("out of memory");
        return false;
    }
    for (size_t i = 0; i < options->reports_len; i++) {
        out_reports->outputs_len++;
        if (!open_output(&out_reports->outputs[i], options, &options->reports[i])) {
            (void)cas_cli_reports_close(out_reports);
            return false;
        }
    }
    return true;
}

static void tell_handshake(void *user, const struct cas_handshake_event *event)
{
    const struct cas_cli_reports *reports = user;
    for (size_t i = 0; i < reports->outputs_len; i++) {
        const struct cas_sink *sink = &reports->outputs[i].sink;
        if (sink->handshake != NULL) {
            sink->handshake(sink->user, event);
        }
    }
}

static void tell_ca_list(void *user, const struct cas_ca_list_event *event)
{
    const struct cas_cli_reports *reports = user;
    for (size_t i = 0; i < reports->outputs_len; i++) {
        const struct cas_sink *sink = &reports->outputs[i].sink;
        if (sink->ca_list != NULL) {
            sink->ca_list(sink->user, event);
        }
    }
}

static void tell_server(void *user, const struct cas_server_event *event)
{
    const struct cas_cli_reports *reports = user;
    for (size_t i = 0; i < reports->outputs_len; i++) {
        const struct cas_sink *sink = &reports->outputs[i].sink;
        if (sink->server != NULL) {
            sink->server(sink->user, event);
        }
    }
}

static void tell_anomaly(void *user, const struct cas_anomaly_event *event)
{
    const struct cas_cli_reports *reports = user;
    for (size_t i = 0; i < reports->outputs_len; i++) {
        const struct cas_sink *sink = &reports->outputs[i].sink;
        if (sink->anomaly != NULL) {
            sink->anomaly(sink->user, event);
        }
    }
}

static void tell_stats(void *user, const struct cas_stats_event *event)
{
    const struct cas_cli_reports *reports = user;
    for (size_t i = 0; i < reports->outputs_len; i++) {
        const struct cas_sink *sink = &reports->outputs[i].sink;
        if (sink->stats != NULL) {
            sink->stats(sink->user, event);
        }
    }
}

static void tell_plan(void *user, const struct cas_plan_event *event)
{
    const struct cas_cli_reports *reports = user;
    for (size_t i = 0; i < reports->outputs_len; i++) {
        const struct cas_sink *sink = &reports->outputs[i].sink;
        if (sink->plan != NULL) {
            sink->plan(sink->user, event);
        }
    }
}

static void tell_end(void *user)
{
    const struct cas_cli_reports *reports = user;
    for (size_t i = 0; i < reports->outputs_len; i++) {
        const struct cas_sink *sink = &reports->outputs[i].sink;
        if (sink->end != NULL) {
            sink->end(sink->user);
        }
    }
}

struct cas_sink cas_cli_reports_sink(struct cas_cli_reports *reports)
{
    return (struct cas_sink){
        .user = reports,
        .handshake = tell_handshake,
        .ca_list = tell_ca_list,
        .server = tell_server,
        .anomaly = tell_anomaly,
        .stats = tell_stats,
        .plan = tell_plan,
        .end = tell_end,
    };
}

enum cas_cli_written cas_cli_reports_state(const struct cas_cli_reports *reports)
{
    size_t unwanted = 0;
    for (size_t i = 0; i < reports->outputs_len; i++) {
        int reason = cas_report_errno(reports->outputs[i].report);
        if (reason == EPIPE) {
            unwanted++;
        } else if (reason != 0) {
            return CAS_CLI_UNWRITTEN;
        }
    }
    return unwanted > 0 && unwanted == reports->outputs_len ? CAS_CLI_UNWANTED
                                                            : CAS_CLI_WRITTEN;
}

/* The errno of the first failure, also of what was written only now. */
static int close_output(struct cas_cli_output *output)
{
    int reason = output->report != NULL ? cas_report_errno(output->report) : 0;
    cas_report_destroy(output->report);
    if (output->stream == NULL) {
        return reason;
    }
    errno = 0;
    int failed = output->path != NULL ? fclose(output->stream) : fflush(output->stream);
    if (reason == 0 && failed != 0) {
        reason = errno != 0 ? errno : EIO;
    }
    return reason;
}

enum cas_cli_written cas_cli_reports_close(struct cas_cli_reports *reports)
{
    enum cas_cli_written written = CAS_CLI_WRITTEN;
    for (size_t i = 0; i < reports->outputs_len; i++) {
        const char *path = reports->outputs[i].path;
        int reason = close_output(&reports->outputs[i]);
        if (reason != 0 && reason != EPIPE) {
            cas_cli_say("cannot write the report to %s: %s",
                        path != NULL ? path : "standard output", strerror(reason));
            written = CAS_CLI_UNWRITTEN;
        } else if (reason == EPIPE && written == CAS_CLI_WRITTEN) {
            written = CAS_CLI_UNWANTED;
        }
    }
    free(reports->outputs);
    *reports = (struct cas_cli_reports){ 0 };
    return written;
}
