/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a sniffer remembers across a restart, as a text: see cas_sniffer_state_save() and
 * cas_sniffer_state_load(). Here it is read without a sniffer, for a check over the saved file.
 *
 *     casniff-state 1
 *     run  saved=1700000000000000
 *     server  address=192.0.2.1  port=443  first=...  last=...  handshakes=...  ...  sni=...
 *     list  count=133  bytes=16301  ...
 *     base  count=...                     (what changes are measured against, if another)
 *     inferred  request=16000  ...        (an encrypted request, by the sizes of records)
 *     told  cause=list_near_limit  at=...  substance=...
 *     held  cause=list_near_limit  occurrences=1000
 *     sha256  (over everything before this line)
 *
 * `saved` is the wall clock's time of the saving: a state that is old tells nothing of today.
 * Fields are separated by one tab, lines end with a newline; list to held belong
 * to the server before them, told and held to the others of its address and port as well.
 * Members come in this order, all of them; only sni may be absent.
 */
#ifndef CASNIFF_STATE_H
#define CASNIFF_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/error.h>
#include <casniff/events.h>
#include <casniff/types.h>

/* How every state begins, of whatever version. */
#define CAS_STATE_MAGIC "casniff-state "

#define CAS_STATE_VERSION 1

/* A longer one is not read, and none is saved. */
#define CAS_STATE_MAX ((size_t)16 * 1024 * 1024)

/* Alerts remembered of one address and port: cause and substance. */
#define CAS_STATE_TOLD_MAX 24

/* A list that was seen whole, and is not malformed but for its length, with its verdict. */
struct cas_state_list {
    struct cas_list_brief brief;
    uint32_t message_bytes;
    enum cas_seen seen;
    enum cas_truncation truncation;
    enum cas_headroom headroom;
    const char *limit_name; /* NULL when it has none */
    uint32_t limit_bytes;
    uint32_t limit_counted;
    uint32_t limit_percent;
    uint64_t clients_refusing; /* how many client profiles refuse it */
};

/* An alert that went out. */
struct cas_state_told {
    enum cas_alert_cause cause;
    uint64_t at_us;
    uint64_t substance; /* what it said, as a number to compare */
};

/* What was told of one address and port, of whatever SNI: that is the client's word, and the
 * same list behind another one is the same finding. */
struct cas_state_alerts {
    struct cas_state_told told[CAS_STATE_TOLD_MAX];
    size_t told_len;
    uint64_t held[CAS_ALERT_CAUSES]; /* occurrences since the last alert of each cause */
};

/* One server: address, port and SNI. */
struct cas_state_server {
    struct cas_endpoint endpoint;
    const char *sni; /* NULL when there was none */
    uint64_t first_us;
    uint64_t last_us;
    uint64_t handshakes;
    uint64_t requests;        /* handshakes with a request that was seen */
    uint64_t requests_hidden; /* handshakes that may hide one */
    uint64_t failures;        /* connections that failed over the client certificate */
    bool has_list;
    struct cas_state_list list; /* the last one seen whole */
    struct cas_list_brief base; /* the one that a change is measured against */
    uint64_t base_us; /* that was shown last, as far as is known: read from a state, last_us */
    bool has_request;
    struct cas_request_brief request;      /* the last inferred one, behind the list */
    const struct cas_state_alerts *alerts; /* NULL: they are with a server before this one */
};

/*
 * Reads a saved state and hands each server over, the one seen last first; server is valid
 * during the call. CAS_ERR_FORMAT, with a sentence, when text is no whole state of a version
 * that is known, CAS_ERR_NOMEM: then no server is handed over.
 */
CAS_API CAS_MUST_CHECK enum cas_err
cas_state_read(struct cas_view text,
               void (*take)(void *user, const struct cas_state_server *server), void *user,
               struct cas_error *out_error);

/* When a state was saved, in microseconds since 1970; 0 when text does not begin as one. */
CAS_API uint64_t cas_state_saved_us(struct cas_view text);

#endif
