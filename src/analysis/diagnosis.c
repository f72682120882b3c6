/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/diagnosis.h"

#include <string.h>

#include "analysis/candidate.h"
#include "analysis/diagnosing.h"
#include "bytes/number.h"
#include "bytes/reader.h"
#include "x509/dn.h"

/* A name in a sentence. */
#define DN_TEXT_MAX (1u << 20)

/* Whose certificate a sentence speaks of. */
enum whose {
    WHOSE_SENT,
    WHOSE_GIVEN
};

static const struct cas_ca_list_info *list_info(const struct cas_diagnosing *d)
{
    return &d->of->report->info;
}

static bool is_cut(const struct cas_diagnosing *d)
{
    enum cas_truncation truncation = list_info(d)->truncation;
    return truncation == CAS_TRUNCATION_CONFIRMED || truncation == CAS_TRUNCATION_SUSPECTED;
}

static bool has_failed(const struct cas_diagnosing *d)
{
    return d->of->conclusion->established == CAS_ESTABLISHED_NO;
}

/* Not so where the client ended it over the server's certificate. */
static bool may_have_failed_over_it(const struct cas_diagnosing *d)
{
    const struct cas_conclusion *conclusion = d->of->conclusion;
    bool is_refused = conclusion->fatal_from_server != NULL;
    return has_failed(d) && (is_refused || !cas_diagnose_is_server_refused(conclusion));
}

/* A doubt about a certificate is an error once the connection failed over it. */
static enum cas_severity severity_of_doubt(const struct cas_diagnosing *d, enum whose whose)
{
    return whose == WHOSE_GIVEN || may_have_failed_over_it(d) ? CAS_SEVERITY_ERROR
                                                              : CAS_SEVERITY_WARNING;
}

static const char *whose_text(enum whose whose)
{
    return whose == WHOSE_SENT ? "the client's certificate" : "the given certificate";
}

static const char *name_text(struct cas_diagnosing *d, struct cas_view name)
{
    struct cas_buf text = cas_buf_init(DN_TEXT_MAX, d->arena->budget);
    cas_dn_format(name, &text);
    const char *string = cas_arena_string_of(d->arena, &text);
    cas_buf_finish(&text);
    return string != NULL ? string : "";
}

/* The issuer of the last certificate; of a sent one it was told in words before, unless
 * this process tells nobody of certificates. */
static const char *issuer_text(struct cas_diagnosing *d, const struct cas_candidate *candidate,
                               enum whose whose)
{
    const struct cas_cert *last = candidate->chain[candidate->len - 1];
    for (size_t i = d->of->certs_len; whose == WHOSE_SENT && i > 0; i--) {
        const struct cas_known_cert *known = d->of->certs[i - 1];
        const struct cas_cert_info *told = known != NULL ? known->info : NULL;
        if (told != NULL && &known->cert == last && told->issuer != NULL) {
            return told->issuer;
        }
    }
    return name_text(d, last->issuer);
}

static void diagnose_issuer(struct cas_diagnosing *d, const struct cas_candidate *candidate,
                            const struct cas_candidate_facts *facts, enum whose whose)
{
    if (facts->advertised == CAS_IN_STORE_YES) {
        return;
    }
    const char *issuer = issuer_text(d, candidate, whose);
    if (facts->advertised == CAS_IN_STORE_OTHER_ENCODING) {
        cas_diagnosing_add(
            d, CAS_DIAGNOSIS_ENCODING_MISMATCH, severity_of_doubt(d, whose),
            cas_arena_format(d->arena,
                             "The issuer of %s, %s, is in the list only in other bytes (case, "
                             "blanks or string types differ): Go and GnuTLS clients do not "
                             "recognise it. Reissue one of the two with the same encoding.",
                             whose_text(whose), issuer));
    }
    if (facts->advertised != CAS_IN_STORE_NO || list_info(d)->count == 0 ||
        list_info(d)->seen != CAS_SEEN_COMPLETE) {
        return;
    }
    if (facts->is_issuer_missing && is_cut(d)) {
        cas_diagnosing_add(
            d, CAS_DIAGNOSIS_ISSUER_CUT_OFF, CAS_SEVERITY_ERROR,
            cas_arena_format(
                d->arena,
                "The issuer of %s, %s, is in the trust store but fell off the list: "
                "clients that go by the list do not send it. Trust fewer CAs for "
                "client authentication, so that the list fits.",
                whose_text(whose), issuer));
    } else {
        cas_diagnosing_add(
            d, CAS_DIAGNOSIS_ISSUER_NOT_ADVERTISED, severity_of_doubt(d, whose),
            cas_arena_format(
                d->arena,
                "The issuer of %s, %s, is not in the list: clients that go by the "
                "list do not send it. Let the server trust that CA, use a "
                "certificate from a listed one, or, if it is an intermediate CA's, "
                "install the certificates up to a listed CA with it.",
                whose_text(whose), issuer));
    }
}

static void diagnose_leaf(struct cas_diagnosing *d, const struct cas_candidate_facts *facts,
                          enum whose whose)
{
    enum cas_severity severity = severity_of_doubt(d, whose);
    const char *subject = whose_text(whose);
    if (facts->is_expired) {
        cas_diagnosing_add(
            d, CAS_DIAGNOSIS_EXPIRED, severity,
            cas_arena_format(d->arena, "The validity of %s had ended. Renew it.", subject));
    }
    if (facts->is_not_yet_valid) {
        cas_diagnosing_add(
            d, CAS_DIAGNOSIS_NOT_YET_VALID, severity,
            cas_arena_format(d->arena,
                             "The validity of %s had not begun. Check the clocks, or wait.",
                             subject));
    }
    if (facts->lacks_client_auth) {
        cas_diagnosing_add(
            d, CAS_DIAGNOSIS_NO_CLIENTAUTH_EKU, severity,
            cas_arena_format(d->arena,
                             "The extended key usage of %s lacks clientAuth. Issue one for "
                             "client authentication.",
                             subject));
    }
    if (facts->lacks_key_type) {
        cas_diagnosing_add(
            d, CAS_DIAGNOSIS_KEYTYPE_NOT_ACCEPTED, severity,
            cas_arena_format(d->arena,
                             "The request's certificate types do not accept the key of %s.",
                             subject));
    }
}

/* The certificate that would lead from the leaf to a listed name, where one is known. */
static const struct cas_cert *find_link(const struct cas_diagnosing *d,
                                        const struct cas_trust_store *known,
                                        const struct cas_cert *last)
{
    for (size_t i = 0; known != NULL && i < known->entries_len; i++) {
        const struct cas_cert *cert = &known->entries[i].cert;
        if (cas_view_equal(cert->subject, last->issuer) &&
            !cas_view_equal(cert->subject, cert->issuer) &&
            cas_list_report_find(d->of->reporter, d->of->report, cert->issuer) ==
                CAS_IN_STORE_YES) {
            return cert;
        }
    }
    return NULL;
}

static void diagnose_chain(struct cas_diagnosing *d, const struct cas_candidate *candidate,
                           const struct cas_candidate_facts *facts)
{
    if (facts->advertised != CAS_IN_STORE_NO) {
        return;
    }
    const struct cas_cert *last = candidate->chain[candidate->len - 1];
    const struct cas_cert *link = find_link(d, d->of->client_cert, last);
    if (link == NULL) {
        link = find_link(d, d->of->store, last);
    }
    if (link != NULL) {
        cas_diagnosing_add(
            d, CAS_DIAGNOSIS_CHAIN_INCOMPLETE, severity_of_doubt(d, WHOSE_SENT),
            cas_arena_format(d->arena,
                             "The client did not send the intermediate certificate %s, which "
                             "leads to a listed CA. Install it with the client's certificate.",
                             name_text(d, link->subject)));
    }
}

static struct cas_candidate sent_candidate(const struct cas_diagnosing *d)
{
    struct cas_candidate candidate = { 0 };
    for (size_t i = 0; i < d->of->certs_len && candidate.len < CAS_CHAIN_MAX; i++) {
        if (d->of->certs[i] != NULL && d->of->certs[i]->is_cut) {
            candidate.chain[candidate.len++] = &d->of->certs[i]->cert;
        }
    }
    return candidate;
}

static struct cas_candidate given_candidate(const struct cas_diagnosing *d)
{
    struct cas_candidate candidate = { 0 };
    const struct cas_trust_store *given = d->of->client_cert;
    for (size_t i = 0; i < given->entries_len && candidate.len < CAS_CHAIN_MAX; i++) {
        candidate.chain[candidate.len++] = &given->entries[i].cert;
    }
    return candidate;
}

/* All that was sent was seen, and can be read: what is not there the client did not send. */
static bool knows_chain(const struct cas_diagnosing *d)
{
    bool is_known = !d->of->certs_incomplete;
    for (size_t i = 0; i < d->of->certs_len; i++) {
        is_known = is_known && d->of->certs[i] != NULL && d->of->certs[i]->is_cut;
    }
    return is_known;
}

static void diagnose_sent(struct cas_diagnosing *d)
{
    struct cas_candidate candidate = sent_candidate(d);
    if (candidate.len == 0 || d->of->certs[0] == NULL || !d->of->certs[0]->is_cut) {
        return;
    }
    bool is_followed = cas_candidate_follow(&candidate, &d->of->reporter->names);
    struct cas_candidate_facts facts =
        cas_candidate_judge(&candidate, d->of->reporter, d->of->report, d->of->now_s);
    d->is_match_unknown = d->of->conclusion->has_several_requests || !is_followed ||
                          (facts.advertised != CAS_IN_STORE_YES && !knows_chain(d));
    if (d->of->conclusion->has_several_requests) {
        facts.lacks_key_type = false; /* it may answer another request than this one */
    }
    if (d->is_match_unknown) {
        diagnose_leaf(d, &facts, WHOSE_SENT);
        return;
    }
    diagnose_issuer(d, &candidate, &facts, WHOSE_SENT);
    diagnose_leaf(d, &facts, WHOSE_SENT);
    diagnose_chain(d, &candidate, &facts);
}

/* Tells what speaks against the given certificate; true when nothing does. */
static bool diagnose_given(struct cas_diagnosing *d)
{
    struct cas_candidate candidate = given_candidate(d);
    if (candidate.len == 0 || !cas_candidate_follow(&candidate, &d->of->reporter->names)) {
        return false;
    }
    size_t before = d->len;
    struct cas_candidate_facts facts =
        cas_candidate_judge(&candidate, d->of->reporter, d->of->report, d->of->now_s);
    diagnose_issuer(d, &candidate, &facts, WHOSE_GIVEN);
    diagnose_leaf(d, &facts, WHOSE_GIVEN);
    return d->len == before;
}

static const char *sent_none_reason(struct cas_diagnosing *d)
{
    const struct cas_ca_list_info *info = list_info(d);
    if (info->truncation == CAS_TRUNCATION_CONFIRMED) {
        return cas_arena_format(d->arena,
                                "The client sent no certificate, after a list from which %s "
                                "names were cut: its CA may be among them.",
                                cas_number_format(d->of->report->comparison.faults).text);
    }
    if (info->truncation == CAS_TRUNCATION_SUSPECTED) {
        return "The client sent no certificate, after a list that looks cut: its CA may have "
               "fallen off.";
    }
    return cas_arena_format(d->arena, "The client sent no certificate: %s.",
                            cas_diagnose_reason_for_none(d));
}

static void diagnose_empty_answer(struct cas_diagnosing *d)
{
    const char *text = sent_none_reason(d);
    if (d->of->client_cert != NULL && diagnose_given(d) && text != NULL) {
        text = cas_arena_format(d->arena,
                                "%s The given certificate matches the request: the client did "
                                "not have it, or did not offer it.",
                                text);
    }
    bool is_error = may_have_failed_over_it(d) || is_cut(d);
    cas_diagnosing_add(d, CAS_DIAGNOSIS_CLIENT_SENT_NONE,
                       is_error ? CAS_SEVERITY_ERROR : CAS_SEVERITY_WARNING, text);
}

static void diagnose_skipped_answer(struct cas_diagnosing *d)
{
    cas_diagnosing_add(
        d, CAS_DIAGNOSIS_CLIENT_SKIPPED_ANSWER,
        may_have_failed_over_it(d) ? CAS_SEVERITY_ERROR : CAS_SEVERITY_WARNING,
        "The client was asked for a certificate and went on without a Certificate message: TLS "
        "demands one, empty where there is none, and most servers refuse what comes without "
        "it. Update the client, or the proxy in front of it; the list is not at fault.");
}

/* Of an answer that may be somebody else's nothing is said, good or bad. */
static void diagnose_answer(struct cas_diagnosing *d)
{
    if (d->of->conclusion->is_answer_in_doubt) {
        d->is_match_unknown = true;
    } else if (d->of->conclusion->answer == CAS_ANSWER_EMPTY) {
        diagnose_empty_answer(d);
    } else if (d->of->conclusion->answer == CAS_ANSWER_CERTIFICATE) {
        diagnose_sent(d);
    } else if (d->of->conclusion->has_skipped_answer) {
        diagnose_skipped_answer(d);
    }
}

static void diagnose_request(struct cas_diagnosing *d)
{
    if (list_info(d)->count == 0 && list_info(d)->seen == CAS_SEEN_COMPLETE) {
        cas_diagnosing_add(
            d, CAS_DIAGNOSIS_REQUEST_EMPTY_LIST, CAS_SEVERITY_INFO,
            "The request names no CA: a client may send any certificate, and may ask its user "
            "to choose among all.");
    }
    diagnose_answer(d);
    cas_diagnose_alerts(d);
}

/* A certificate was sent, nothing speaks against it, and the whole list was there to compare.
 */
static bool matches_what_was_seen(const struct cas_diagnosing *d)
{
    bool has_leaf = d->of->certs_len > 0 && d->of->certs[0]->is_cut;
    return has_leaf && !d->is_match_unknown &&
           d->of->conclusion->answer == CAS_ANSWER_CERTIFICATE && !has_failed(d) &&
           d->of->report != NULL && list_info(d)->seen == CAS_SEEN_COMPLETE;
}

static void diagnose(struct cas_diagnosing *d)
{
    const struct cas_conclusion *conclusion = d->of->conclusion;
    switch (conclusion->requested) {
    case CAS_REQUESTED_YES:
        if (d->of->report != NULL) {
            diagnose_request(d);
        } else if (conclusion->how == CAS_HOW_INFERRED) {
            cas_diagnose_inferred(d);
        }
        break;
    case CAS_REQUESTED_HIDDEN:
        cas_diagnose_hidden(d);
        break;
    case CAS_REQUESTED_NO:
        if (conclusion->is_resumed) {
            cas_diagnosing_add(
                d, CAS_DIAGNOSIS_RESUMED, CAS_SEVERITY_INFO,
                "A resumed session has no request: what the client showed in the first one "
                "counts. Capture a first handshake.");
        } else if (conclusion->is_psk) {
            cas_diagnosing_add(
                d, CAS_DIAGNOSIS_NO_REQUEST, CAS_SEVERITY_INFO,
                "The handshake rests on a pre-shared key, with which no certificate is asked "
                "for. Whether it is from an earlier session, or was agreed on in another way, "
                "is not told.");
        } else if (conclusion->how == CAS_HOW_INFERRED) {
            cas_diagnosing_add(
                d, CAS_DIAGNOSIS_NO_REQUEST, CAS_SEVERITY_INFO,
                "The server did not ask for a client certificate, as the sizes of the client's "
                "encrypted records tell.");
        } else if (conclusion->how == CAS_HOW_DECRYPTED) {
            cas_diagnosing_add(d, CAS_DIAGNOSIS_NO_REQUEST, CAS_SEVERITY_INFO,
                               "The server did not ask for a client certificate, as the "
                               "decrypted handshake shows.");
        } else {
            cas_diagnosing_add(
                d, CAS_DIAGNOSIS_NO_REQUEST, CAS_SEVERITY_INFO,
                "The server did not ask for a client certificate in this handshake. Whether it "
                "asked later, inside the encryption, cannot be seen.");
        }
        break;
    case CAS_REQUESTED_UNSEEN:
        break;
    }
    if (d->len == 0 && matches_what_was_seen(d)) {
        cas_diagnosing_add(d, CAS_DIAGNOSIS_OK, CAS_SEVERITY_INFO,
                           "The client sent a certificate that matches the request.");
    }
}

/* The worst first; equals keep their order. At most CAS_DIAGNOSIS_MAX: insertion is enough. */
static void sort_by_severity(struct cas_diagnosis *found, size_t len)
{
    for (size_t i = 1; i < len; i++) {
        struct cas_diagnosis moved = found[i];
        size_t at = i;
        while (at > 0 && found[at - 1].severity < moved.severity) {
            found[at] = found[at - 1];
            at--;
        }
        found[at] = moved;
    }
}

const struct cas_diagnosis *cas_diagnose(const struct cas_diagnosis_case *diagnosis_case,
                                         struct cas_arena *arena, size_t *out_len)
{
    struct cas_diagnosing d = {
        .of = diagnosis_case,
        .arena = arena,
        .found = cas_arena_array(arena, CAS_DIAGNOSIS_MAX, sizeof(*d.found)),
    };
    *out_len = 0;
    if (d.found == NULL) {
        return NULL;
    }
    diagnose(&d);
    sort_by_severity(d.found, d.len);
    *out_len = d.len;
    return d.found;
}

enum cas_severity cas_diagnosis_worst(const struct cas_diagnosis *diagnosis, size_t len)
{
    return len > 0 ? diagnosis[0].severity : CAS_SEVERITY_INFO;
}
