/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/candidate.h"

#include "bytes/reader.h"

/* RFC 5246, 7.4.4 and RFC 8422, 5.5: what a key needs among the certificate types. */
#define TYPE_RSA_SIGN   1
#define TYPE_DSS_SIGN   2
#define TYPE_ECDSA_SIGN 64

struct key_type {
    uint8_t oid[9]; /* content of the algorithm's OID */
    size_t oid_len;
    uint8_t certificate_type;
};

static const struct key_type key_types[] = {
    { { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 }, 9, TYPE_RSA_SIGN },
    { { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a }, 9, TYPE_RSA_SIGN }, /* PSS */
    { { 0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01 }, 7, TYPE_DSS_SIGN },
    { { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 }, 7, TYPE_ECDSA_SIGN },
    { { 0x2b, 0x65, 0x70 }, 3, TYPE_ECDSA_SIGN }, /* Ed25519 */
    { { 0x2b, 0x65, 0x71 }, 3, TYPE_ECDSA_SIGN }, /* Ed448 */
};

/* A key of a kind unknown here, or a request without types, is not held against it. */
static bool lacks_key_type(const struct cas_cert *leaf, struct cas_view certificate_types)
{
    for (size_t i = 0; i < sizeof(key_types) / sizeof(key_types[0]); i++) {
        const struct key_type *type = &key_types[i];
        if (!cas_view_equal(leaf->key_oid, cas_view_of(type->oid, type->oid_len))) {
            continue;
        }
        struct cas_reader r = cas_reader_init(certificate_types);
        while (cas_reader_left(&r) > 0) {
            if (cas_reader_u8(&r) == type->certificate_type) {
                return false;
            }
        }
        return certificate_types.len > 0;
    }
    return false;
}

/* The names of a candidate's certificates: each is read once, however they are linked. */
struct linkage {
    uint64_t subject[CAS_CHAIN_MAX];
    uint64_t issuer[CAS_CHAIN_MAX];
};

static bool find_linkage(const struct cas_candidate *candidate, struct cas_ca_names *names,
                         struct linkage *out)
{
    for (size_t i = 0; i < candidate->len; i++) {
        out->subject[i] = cas_ca_names_hash(names, candidate->chain[i]->subject);
        out->issuer[i] = cas_ca_names_hash(names, candidate->chain[i]->issuer);
        if (out->subject[i] == 0 || out->issuer[i] == 0) {
            return false;
        }
    }
    return true;
}

/*
 * RFC 8446, 4.4.2: the leaf is the first, and others may come in any order, among certificates
 * that are of no use. Each is followed once: at most CAS_CHAIN_MAX^2 hashes are compared.
 */
bool cas_candidate_follow(struct cas_candidate *candidate, struct cas_ca_names *names)
{
    const struct cas_candidate sent = *candidate;
    struct linkage linkage;
    size_t from[CAS_CHAIN_MAX] = { 0 }; /* where each one of the chain was sent */
    bool is_followed[CAS_CHAIN_MAX] = { true };
    if (sent.len <= 1) {
        return true;
    }
    if (!find_linkage(&sent, names, &linkage)) {
        return false;
    }
    candidate->len = 1;
    for (size_t at = 0; at < candidate->len; at++) {
        for (size_t i = 1; i < sent.len; i++) {
            if (!is_followed[i] && linkage.subject[i] == linkage.issuer[from[at]]) {
                is_followed[i] = true;
                from[candidate->len] = i;
                candidate->chain[candidate->len++] = sent.chain[i];
            }
        }
    }
    return true;
}

static enum cas_in_store find_advertised(const struct cas_candidate *candidate,
                                         struct cas_list_reporter *reporter,
                                         const struct cas_list_report *report)
{
    enum cas_in_store best = CAS_IN_STORE_NO;
    for (size_t i = 0; i < candidate->len; i++) {
        enum cas_in_store found =
            cas_list_report_find(reporter, report, candidate->chain[i]->issuer);
        if (found == CAS_IN_STORE_YES) {
            return found;
        }
        best = found == CAS_IN_STORE_NO ? best : found;
    }
    return best;
}

/* The store trusts one of its issuers, and the list lacks that name for no good reason. */
static bool is_issuer_missing(const struct cas_candidate *candidate,
                              const struct cas_list_report *report, int64_t now_s)
{
    const struct cas_comparison *comparison = &report->comparison;
    for (size_t i = 0; comparison->store != NULL && i < candidate->len; i++) {
        size_t name = cas_trust_store_find_der(comparison->store, candidate->chain[i]->issuer);
        if (name != CAS_NOT_FOUND && !comparison->is_advertised[name] &&
            cas_store_name_note(&comparison->store->names[name], now_s) == NULL) {
            return true;
        }
    }
    return false;
}

struct cas_candidate_facts cas_candidate_judge(const struct cas_candidate *candidate,
                                               struct cas_list_reporter *reporter,
                                               const struct cas_list_report *report,
                                               int64_t now_s)
{
    const struct cas_cert *leaf = candidate->chain[0];
    bool has_time = now_s != 0;
    struct cas_candidate_facts facts = {
        .advertised = find_advertised(candidate, reporter, report),
        .is_expired = has_time && now_s > leaf->not_after_s,
        .is_not_yet_valid = has_time && now_s < leaf->not_before_s,
        .lacks_client_auth = !cas_cert_allows_client_auth(leaf),
        .lacks_key_type = lacks_key_type(leaf, report->request.certificate_types),
    };
    facts.is_issuer_missing =
        facts.advertised == CAS_IN_STORE_NO && is_issuer_missing(candidate, report, now_s);
    return facts;
}
