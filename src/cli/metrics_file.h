/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The metrics file: replaced every 15 seconds, and within a second of an alert. Joins the
 * reports as a sink, to hear of alerts and to count them.
 */
#ifndef CAS_CLI_METRICS_FILE_H
#define CAS_CLI_METRICS_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/metrics.h>

#include "cli/place.h"

struct cas_cli_metrics_file {
    struct cas_cli_place place;
    const char *path;
    uint64_t last_ms; /* when it was tried last; 0: never */
    bool has_news;    /* an alert went out since */
    uint64_t tell_ms; /* a failure is not told again before */
    uint64_t alerts[CAS_ALERT_CAUSES];
    uint64_t alerts_inferred;
    struct cas_metrics_output counts; /* written, errors: for the caller's facts */
};

/* Opens the directory; path is kept. False when it cannot be, or when something is there that
 * is no regular file: that has been said. To be closed in any case. */
bool cas_cli_metrics_file_open(struct cas_cli_metrics_file *out_file, const char *path);

struct cas_sink cas_cli_metrics_file_sink(struct cas_cli_metrics_file *file);

/* When it is due, by cas_cli_clock_ms(). */
uint64_t cas_cli_metrics_file_due_ms(const struct cas_cli_metrics_file *file);

/*
 * Replaces the file now; facts->alerts are filled in. What fails is counted, and told once a
 * minute.
 */
void cas_cli_metrics_file_write(struct cas_cli_metrics_file *file, uint64_t now_ms,
                                struct cas_sniffer *sniffer, struct cas_metrics_facts *facts);

void cas_cli_metrics_file_close(struct cas_cli_metrics_file *file);

#endif
