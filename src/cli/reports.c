/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/reports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/clock.h"
#include "cli/output.h"
#include "cli/say.h"

/* For the last words when nobody said how long; the whole end may take two seconds. */
#define GRACE_MS 1000

#define POLLS_MAX 16 /* while ending; more outputs are waited for a turn later */

static bool is_live(const struct cas_cli_options *options)
{
    return options->action == CAS_CLI_SNIFF && cas_cli_options_are_live(options);
}

static bool open_one(struct cas_cli_reports *reports, const struct cas_cli_options *options,
                     const struct cas_cli_report *wanted)
{
    struct cas_cli_output *output = &reports->outputs[reports->outputs_len++];
    if (!(is_live(options) ? cas_cli_output_open_live(output, options, wanted)
                           : cas_cli_output_open(output, options, wanted))) {
        return false;
    }
    const struct cas_sink sink = cas_report_sink(output->report);
    return cas_cli_reports_join(reports, &sink);
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
        if (!open_one(out_reports, options, &options->reports[i])) {
            (void)cas_cli_reports_close(out_reports);
            return false;
        }
    }
    return true;
}

struct cas_sink cas_cli_reports_sink(struct cas_cli_reports *reports)
{
    return cas_cli_fan_out_sink(&reports->fan_out);
}

bool cas_cli_reports_join(struct cas_cli_reports *reports, const struct cas_sink *sink)
{
    if (cas_cli_fan_out_add(&reports->fan_out, sink) != 0) {
        cas_cli_say("out of memory");
        return false;
    }
    return true;
}

enum cas_cli_written cas_cli_reports_state(const struct cas_cli_reports *reports)
{
    size_t unwanted = 0;
    for (size_t i = 0; i < reports->outputs_len; i++) {
        int reason = cas_cli_output_errno(&reports->outputs[i]);
        if (reason == EPIPE) {
            unwanted++;
        } else if (reason != 0) {
            return CAS_CLI_UNWRITTEN;
        }
    }
    return unwanted > 0 && unwanted == reports->fan_out.sinks_len ? CAS_CLI_UNWANTED
                                                                  : CAS_CLI_WRITTEN;
}

size_t cas_cli_reports_poll(const struct cas_cli_reports *reports, struct pollfd *out_polls,
                            size_t max)
{
    size_t len = 0;
    for (size_t i = 0; i < reports->outputs_len && len < max; i++) {
        const struct cas_cli_outbox *box = reports->outputs[i].box;
        int fd = box != NULL ? cas_cli_outbox_poll_fd(box) : -1;
        if (fd >= 0) {
            out_polls[len++] = (struct pollfd){ .fd = fd, .events = POLLOUT };
        }
    }
    return len;
}

uint64_t cas_cli_reports_retry_ms(const struct cas_cli_reports *reports)
{
    uint64_t first = CAS_CLI_NEVER;
    for (size_t i = 0; i < reports->outputs_len; i++) {
        const struct cas_cli_outbox *box = reports->outputs[i].box;
        uint64_t retry_ms = box != NULL ? cas_cli_outbox_retry_ms(box) : CAS_CLI_NEVER;
        if (retry_ms < first) {
            first = retry_ms;
        }
    }
    return first;
}

void cas_cli_reports_flush(struct cas_cli_reports *reports, uint64_t now_ms)
{
    for (size_t i = 0; i < reports->outputs_len; i++) {
        struct cas_cli_output *output = &reports->outputs[i];
        if (output->box != NULL) {
            cas_cli_outbox_flush(output->box, now_ms);
            cas_cli_output_complain(output, now_ms);
        }
    }
}

void cas_cli_reports_reopen(struct cas_cli_reports *reports, uint64_t now_ms)
{
    for (size_t i = 0; i < reports->outputs_len; i++) {
        struct cas_cli_output *output = &reports->outputs[i];
        int reason = output->box != NULL ? cas_cli_outbox_reopen(output->box, now_ms) : 0;
        if (reason != 0) {
            cas_cli_say("cannot open the report %s again: %s; the old file is written to",
                        cas_cli_output_name(output), strerror(reason));
        }
    }
}

void cas_cli_reports_end_by(struct cas_cli_reports *reports, uint64_t deadline_ms)
{
    reports->end_ms = deadline_ms;
    for (size_t i = 0; i < reports->outputs_len; i++) {
        if (reports->outputs[i].box != NULL) {
            cas_cli_outbox_wait_until(reports->outputs[i].box, deadline_ms);
        }
    }
}

const char *cas_cli_reports_name(const struct cas_cli_reports *reports, size_t i)
{
    return cas_cli_output_name(&reports->outputs[i]);
}

struct cas_cli_outbox_stats cas_cli_reports_stats(const struct cas_cli_reports *reports,
                                                  size_t i)
{
    const struct cas_cli_outbox *box = reports->outputs[i].box;
    return box != NULL ? cas_cli_outbox_stats(box) : (struct cas_cli_outbox_stats){ 0 };
}

int cas_cli_reports_fd(const struct cas_cli_reports *reports, size_t i)
{
    const struct cas_cli_outbox *box = reports->outputs[i].box;
    return box != NULL ? cas_cli_outbox_fd(box) : -1;
}

int cas_cli_reports_dir_fd(const struct cas_cli_reports *reports, size_t i)
{
    const struct cas_cli_outbox *box = reports->outputs[i].box;
    return box != NULL ? cas_cli_outbox_dir_fd(box) : -1;
}

static bool are_empty(const struct cas_cli_reports *reports)
{
    for (size_t i = 0; i < reports->outputs_len; i++) {
        const struct cas_cli_outbox *box = reports->outputs[i].box;
        if (box != NULL && !cas_cli_outbox_is_empty(box)) {
            return false;
        }
    }
    return true;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Gives slow readers, and disks without room, the time that is left. */
static void flush_all(struct cas_cli_reports *reports)
{
    uint64_t now_ms = cas_cli_clock_ms();
    uint64_t end_ms = reports->end_ms != 0 ? reports->end_ms : now_ms + GRACE_MS;
    cas_cli_reports_flush(reports, now_ms);
    while (!are_empty(reports) && now_ms < end_ms) {
        struct pollfd polls[POLLS_MAX];
        size_t len = cas_cli_reports_poll(reports, polls, POLLS_MAX);
        uint64_t until_ms = least(end_ms, cas_cli_reports_retry_ms(reports));
        poll(polls, (nfds_t)len, until_ms > now_ms ? (int)(until_ms - now_ms) : 0);
        now_ms = cas_cli_clock_ms();
        cas_cli_reports_flush(reports, now_ms);
    }
}

enum cas_cli_written cas_cli_reports_close(struct cas_cli_reports *reports)
{
    enum cas_cli_written written = CAS_CLI_WRITTEN;
    flush_all(reports);
    for (size_t i = 0; i < reports->outputs_len; i++) {
        enum cas_cli_written one = cas_cli_output_close(&reports->outputs[i]);
        if (one > written) {
            written = one; /* the worst */
        }
    }
    free(reports->outputs);
    cas_cli_fan_out_finish(&reports->fan_out);
    *reports = (struct cas_cli_reports){ 0 };
    return written;
}
