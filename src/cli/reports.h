/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reports of one run behind one sink, which other sinks can join. Live nothing here waits:
 * the loop polls for whoever is slow, and flushes.
 */
#ifndef CAS_CLI_REPORTS_H
#define CAS_CLI_REPORTS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/events.h>
#include <casniff/report.h>

#include "cli/fan_out.h"
#include "cli/options.h"
#include "cli/outbox.h"
#include "cli/output.h"

struct cas_cli_reports {
    struct cas_cli_output *outputs;
    size_t outputs_len;
    struct cas_cli_fan_out fan_out;
    uint64_t end_ms; /* when the last words must be out; 0: not ending */
};

/* False when one could not be opened: that has been said. */
bool cas_cli_reports_open(struct cas_cli_reports *out_reports,
                          const struct cas_cli_options *options);

/* Tells every event to all reports, then to the sinks that joined; valid until closed. */
struct cas_sink cas_cli_reports_sink(struct cas_cli_reports *reports);
/* False when memory could not be had: that has been said. */
bool cas_cli_reports_join(struct cas_cli_reports *reports, const struct cas_sink *sink);

/*
 * How writing stands: asked now and then, so that nobody reads on for nothing. Sinks that
 * joined always want to hear more.
 */
enum cas_cli_written cas_cli_reports_state(const struct cas_cli_reports *reports);

/* Fills in at most max of those to poll for writing, and gives their number. */
size_t cas_cli_reports_poll(const struct cas_cli_reports *reports, struct pollfd *out_polls,
                            size_t max);
/* When to flush at the latest, whatever poll() says; CAS_CLI_NEVER: not by the clock. */
uint64_t cas_cli_reports_retry_ms(const struct cas_cli_reports *reports);

/* Writes what can be written, after every batch of packets, and tells of trouble. */
void cas_cli_reports_flush(struct cas_cli_reports *reports, uint64_t now_ms);

/* SIGHUP: opens the files anew. One that cannot be opened is kept as it was, and that said. */
void cas_cli_reports_reopen(struct cas_cli_reports *reports, uint64_t now_ms);

/* The run ends: from now on slow readers are waited for, together until this time. */
void cas_cli_reports_end_by(struct cas_cli_reports *reports, uint64_t deadline_ms);

/* Of one output, by its index below outputs_len: for metrics, and for confinement. */
const char *cas_cli_reports_name(const struct cas_cli_reports *reports, size_t i);
struct cas_cli_outbox_stats cas_cli_reports_stats(const struct cas_cli_reports *reports,
                                                  size_t i);
/* To give it to the service user, and to let files be made in its directory; -1: has none. */
int cas_cli_reports_fd(const struct cas_cli_reports *reports, size_t i);
int cas_cli_reports_dir_fd(const struct cas_cli_reports *reports, size_t i);

/* Writes out what is buffered, and frees everything. */
enum cas_cli_written cas_cli_reports_close(struct cas_cli_reports *reports);

#endif
