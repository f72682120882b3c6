/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client certificate with its chain, held against a request: would the list, the types and
 * the certificate itself let it be chosen? Facts only; the sentences are the diagnosis'.
 */
#ifndef CAS_ANALYSIS_CANDIDATE_H
#define CAS_ANALYSIS_CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/events.h>

#include "analysis/known_certs.h"
#include "analysis/list_report.h"
#include "x509/cert.h"

/* Certificates of a chain that are looked at: all that are kept of one. */
#define CAS_CHAIN_MAX CAS_KNOWN_CERTS_MAX

/* The leaf first; the certificates live elsewhere. */
struct cas_candidate {
    const struct cas_cert *chain[CAS_CHAIN_MAX];
    size_t len;
};

/*
 * Leaves out what does not belong to the leaf: its chain are its issuer, that one's, and so on,
 * in whatever order they came, and from the leaf upwards then. False without memory: the
 * candidate is as it was, and what it would match is not known.
 */
bool cas_candidate_follow(struct cas_candidate *candidate, struct cas_ca_names *names);

struct cas_candidate_facts {
    enum cas_in_store advertised; /* an issuer of the chain in the list: by bytes, or folded */
    bool is_issuer_missing;       /* none is, and the store's missing names have one of them */
    bool is_expired;
    bool is_not_yet_valid;
    bool lacks_client_auth;
    bool lacks_key_type; /* certificate_types has none for the leaf's key */
};

/*
 * report has a list that was seen. now_s is 0 when the frames carry no time (Simple Packet
 * Blocks of pcapng, say): then nothing is known of the validity.
 */
struct cas_candidate_facts cas_candidate_judge(const struct cas_candidate *candidate,
                                               struct cas_list_reporter *reporter,
                                               const struct cas_list_report *report,
                                               int64_t now_s);

#endif
