/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a run as Prometheus reads it (text exposition format 0.0.4), for a file of the
 * node exporter's textfile collector.
 */
#ifndef CASNIFF_METRICS_H
#define CASNIFF_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/api.h>
#include <casniff/counters.h>
#include <casniff/events.h>
#include <casniff/sniffer.h>
#include <casniff/writer.h>

/* Servers with series of their own; a monitor's memory is not the traffic's to fill. */
#define CAS_METRICS_SERVERS 100

struct cas_metrics_iface {
    const char *name;
    bool is_up;
    uint64_t received;
    uint64_t dropped_kernel;
    uint64_t dropped_interface;
};

struct cas_metrics_output {
    const char *name; /* a path, "syslog", ... */
    uint64_t written;
    uint64_t dropped;
    uint64_t errors;
};

/* What only the caller knows. All of it is borrowed during the call. */
struct cas_metrics_facts {
    uint64_t start_us; /* since 1970; 0: not told */
    uint64_t memory_limit_bytes;
    const struct cas_metrics_iface *ifaces; /* their names differ, as the outputs' do */
    size_t ifaces_len;
    const struct cas_metrics_output *outputs;
    size_t outputs_len;
    uint64_t alerts[CAS_ALERT_CAUSES]; /* that went out, by enum cas_alert_cause */
    uint64_t alerts_inferred;          /* of them, from the size of an encrypted request */
};

/*
 * Writes all of it in one call of writer: the counters, and of each server (address, port,
 * SNI) the list that was last seen whole, before a restart if need be: then without what the
 * trust store says to it. The CAS_METRICS_SERVERS with most handshakes are
 * named; the one of the others whose list is nearest to its limit stands for them as
 * server="other". 0, what writer gave, or ENOMEM.
 */
CAS_API CAS_MUST_CHECK int cas_metrics_write(struct cas_sniffer *sniffer,
                                             const struct cas_metrics_facts *facts,
                                             const struct cas_writer *writer);

#endif
