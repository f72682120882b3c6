/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sniffer: frames in, events out. It holds no global state, reads no clock and prints
 * nothing; several can live in one process.
 *
 *     struct cas_sniffer_config config = cas_sniffer_defaults();
 *     config.sink = my_sink;
 *     sniffer = cas_sniffer_create(&config);
 *     while (cas_capture_next(capture, &frame, NULL) == CAS_CAPTURE_FRAME) {
 *         cas_sniffer_push(sniffer, &frame);
 *     }
 *     cas_sniffer_finish(sniffer);
 *     cas_sniffer_destroy(sniffer);
 */
#ifndef CASNIFF_SNIFFER_H
#define CASNIFF_SNIFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/counters.h>
#include <casniff/error.h>
#include <casniff/events.h>
#include <casniff/keylog.h>
#include <casniff/limits.h>
#include <casniff/trust_store.h>
#include <casniff/types.h>

struct cas_sniffer;

enum cas_checksums {
    CAS_CHECKSUMS_AUTO,  /* checked, but given up when 10 % of the first 1,000 are wrong */
    CAS_CHECKSUMS_CHECK, /* always checked */
    CAS_CHECKSUMS_TRUST  /* never checked */
};

/* Which connections get a handshake event. */
enum cas_select {
    CAS_SELECT_ALL,
    CAS_SELECT_REQUESTS, /* a request was seen, or may be hidden */
    CAS_SELECT_FINDINGS  /* a diagnosis of severity warning or error */
};

struct cas_sniffer_config {
    struct cas_sink sink;
    const struct cas_trust_store *store;       /* NULL: none; kept alive by the caller */
    const struct cas_keylog *keylog;           /* NULL: none; kept alive by the caller */
    const struct cas_trust_store *client_cert; /* --client-cert: its first entry is the leaf */
    const struct cas_limit *limits;            /* copied; NULL: schannel */
    size_t limits_len;
    uint32_t warn_percent;
    uint32_t crit_percent;
    enum cas_checksums checksums;
    enum cas_select select;
    size_t memory_bytes;     /* the budget for everything that traffic can make it keep */
    size_t max_flows;        /* connections followed at once */
    const char *sensor_name; /* kept alive by the caller, as the next two */
    const char *in_iface;
    const char *pcap_filename;
    uint8_t
        hash_key[16]; /* of the flow table; all zero: taken from the system's random source */
};

CAS_API struct cas_sniffer_config cas_sniffer_defaults(void);

/* NULL when memory, or randomness, could not be had. The config is copied. */
CAS_API CAS_MUST_CHECK struct cas_sniffer *
cas_sniffer_create(const struct cas_sniffer_config *config);

/* Takes one frame; all events that it completes are told to the sink before this returns. */
CAS_API void cas_sniffer_push(struct cas_sniffer *sniffer, const struct cas_frame *frame);

/* The next capture begins: pcap_filename of the events from now on. Kept alive by the caller.
 */
CAS_API void cas_sniffer_set_file(struct cas_sniffer *sniffer, const char *pcap_filename);

/* The input has ended: tells what is left, the servers and the statistics. Call it once. */
CAS_API void cas_sniffer_finish(struct cas_sniffer *sniffer);

CAS_API const struct cas_counters *cas_sniffer_counters(const struct cas_sniffer *sniffer);

/* Tells the plan for config's store and limits to config's sink. CAS_ERR_NOMEM, or
 * CAS_ERR_USAGE without a store. */
CAS_API CAS_MUST_CHECK enum cas_err cas_plan(const struct cas_sniffer_config *config);

CAS_API void cas_sniffer_destroy(struct cas_sniffer *sniffer);

#endif
