/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a conversation and writes down everything that it tells, as text: two runs that tell the
 * same give the same text. What the handler is called with in between is in the text too, each
 * direction's apart, for the order between directions is free.
 */
#ifndef CAS_TEST_TLS_RECORDER_H
#define CAS_TEST_TLS_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/buf.h"
#include "support/tls_records.h"
#include "tls/conversation.h"

#define TLS_CLIENT 0u
#define TLS_SERVER 1u

struct tls_recorder {
    struct cas_budget budget;
    struct cas_counters counters;
    struct cas_tls_context context;
    struct cas_conversation *conversation;
    struct cas_buf text; /* of requests and certificates */
    struct cas_buf facts_text;
    uint64_t sent[2]; /* bytes of each end so far, holes too */
    size_t num_requests;
    size_t num_certificates;
    size_t num_anomalies;
    char last_anomaly[40]; /* its code */
    size_t num_done;
    bool any_whole_request;               /* one with no reasons that is not broken */
    struct cas_buf whole_list;            /* the list of the last whole request */
    struct cas_cert_request last_request; /* its views are not valid any more */
    enum cas_want want[2];
};

/* It must not be moved from here on. */
void tls_recorder_init(struct tls_recorder *recorder, bool is_midstream);
/* Before anything is sent: from now on with a key log, which outlives it. */
void tls_recorder_use_keys(struct tls_recorder *recorder, struct cas_keylog *keylog);
void tls_recorder_finish(struct tls_recorder *recorder);

/* Nothing is sent after the conversation wants nothing more of that end. */
void tls_recorder_bytes(struct tls_recorder *recorder, unsigned end, struct cas_view bytes);
/* In pieces of this length, each an exact copy. */
void tls_recorder_pieces(struct tls_recorder *recorder, unsigned end, struct cas_view bytes,
                         size_t piece_len);
void tls_recorder_hole(struct tls_recorder *recorder, unsigned end, uint64_t len,
                       enum cas_reason reason);
void tls_recorder_close(struct tls_recorder *recorder, enum cas_reason reason);

/* From the beginning to the end: the client's flight, then the server's. */
void tls_recorder_run(struct tls_recorder *recorder, const struct tls_flights *flights);
/* One direction alone, as one half of a mirror port. */
void tls_recorder_run_one(struct tls_recorder *recorder, unsigned end, struct cas_view bytes);

const struct cas_conversation_facts *tls_recorder_facts(const struct tls_recorder *recorder);

#endif
