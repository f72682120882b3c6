/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a request and an answer to the codes. The store trusts the CAs A to E; the request lists
 * what each test says; certificates are built by hand.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/diagnosis.h"
#include "analysis/known_certs.h"
#include "support/cert_text.h"

#define NOW_S INT64_C(1700000000) /* 2023-11-14 */

#define NAME(letter) "30{31{30{06:550403 0c'CA " letter "'}}}"

#define CA_EXTENSION EXTENSION("13", "30{01:ff}")
#define CLIENT_AUTH  EXTENSION("25", "30{06:2b06010505070302}")
#define SERVER_AUTH  EXTENSION("25", "30{06:2b06010505070301}")

static const uint8_t hash_key[CAS_KEYHASH_KEY_LEN] = { 1 };

struct scene {
    struct cas_budget budget;
    struct cas_list_reporter reporter;
    struct cas_cert_cache cache;
    struct cas_arena arena;
    struct cas_limit limit;
    struct cas_trust_store *store;
    struct cas_trust_store *given;
    struct cas_list_report *report;
    struct cas_known_cert *certs[CAS_KNOWN_CERTS_MAX];
    size_t certs_len;
    bool certs_incomplete;
    int64_t now_s;
    struct cas_conclusion conclusion;
    const struct cas_diagnosis *found;
    size_t found_len;
};

/* A store of certificates in the notation of cert_text.h, by way of a file. */
static struct cas_trust_store *store_of(const struct cert_parts *parts, size_t len)
{
    char path[] = "/tmp/casniff-test-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    for (size_t i = 0; i < len; i++) {
        struct cas_view der = cert_copy(&parts[i]);
        ck_assert_int_eq(write(fd, der.data, der.len), (ssize_t)der.len);
        exact_free(der);
    }
    close(fd);
    struct cas_trust_store *store = cas_trust_store_create();
    struct cas_error error = { 0 };
    ck_assert_msg(cas_trust_store_add(store, path, NULL, NULL, &error) == CAS_OK, "%s",
                  error.text);
    unlink(path);
    return store;
}

static void open_scene(struct scene *scene)
{
    const struct cert_parts cas[] = {
        { .subject = NAME("A"),
          .issuer = NAME("A"),
          .serial = "02:01",
          .extensions = CA_EXTENSION },
        { .subject = NAME("B"),
          .issuer = NAME("B"),
          .serial = "02:02",
          .extensions = CA_EXTENSION },
        { .subject = NAME("C"),
          .issuer = NAME("C"),
          .serial = "02:03",
          .extensions = CA_EXTENSION },
        { .subject = NAME("D"),
          .issuer = NAME("D"),
          .serial = "02:04",
          .extensions = CA_EXTENSION },
        { .subject = NAME("E"),
          .issuer = NAME("E"),
          .serial = "02:05",
          .extensions = CA_EXTENSION },
    };
    *scene = (struct scene){ .budget = { .limit = 1u << 24 }, .now_s = NOW_S };
    scene->store = store_of(cas, 5);
    scene->arena = cas_arena_init(&scene->budget);
    /* Each name makes 2 + 16 bytes: two fit, a third does not. */
    ck_assert(cas_limit_find("50", &scene->limit));
    const struct cas_verdict_rules rules = {
        .limits = &scene->limit,
        .limits_len = 1,
        .warn_percent = 80,
        .crit_percent = 95,
    };
    ck_assert(cas_list_reporter_init(&scene->reporter, scene->store, &rules, &scene->budget,
                                     hash_key));
    ck_assert(cas_cert_cache_init(&scene->cache, &scene->budget, hash_key));
    scene->conclusion = (struct cas_conclusion){
        .requested = CAS_REQUESTED_YES,
        .established = CAS_ESTABLISHED_YES,
    };
}

static void close_scene(struct scene *scene)
{
    cas_list_report_release(&scene->reporter, scene->report);
    for (size_t i = 0; i < scene->certs_len; i++) {
        cas_cert_cache_release(&scene->cache, scene->certs[i]);
    }
    cas_cert_cache_finish(&scene->cache);
    cas_list_reporter_finish(&scene->reporter);
    cas_arena_finish(&scene->arena);
    cas_trust_store_destroy(scene->store);
    cas_trust_store_destroy(scene->given);
    ck_assert_uint_eq(scene->budget.used, 0);
}

/* A request with these names, written as letters: "AB". Accepts RSA and ECDSA. */
static void request(struct scene *scene, const char *letters)
{
    struct cas_buf list = cas_buf_init(10000, NULL);
    for (const char *letter = letters; *letter != '\0'; letter++) {
        char text[64];
        snprintf(text, sizeof(text), "30{31{30{06:550403 0c'CA %c'}}}", *letter);
        struct cas_view name = der_copy(text);
        cas_buf_append_u8(&list, 0);
        cas_buf_append_u8(&list, (uint8_t)name.len);
        cas_buf_append(&list, name);
        exact_free(name);
    }
    struct cas_cert_request message = {
        .sight = { .declared_len = (uint32_t)list.len + 10, .records = 1 },
        .certificate_types = text_view("\x01\x40"),
        .list_declared_len = (uint32_t)list.len,
        .list = cas_buf_view(&list),
        .rest_of_message = cas_buf_view(&list),
    };
    scene->report =
        cas_list_report_get(&scene->reporter, &message, (struct cas_view){ 0 }, NOW_S);
    ck_assert_ptr_nonnull(scene->report);
    cas_buf_finish(&list);
}

static void send_cert(struct scene *scene, const struct cert_parts *parts)
{
    struct cas_view der = cert_copy(parts);
    struct cas_known_cert *cert = cas_cert_cache_get(&scene->cache, der);
    ck_assert_ptr_nonnull(cert);
    scene->certs[scene->certs_len++] = cert;
    exact_free(der);
    scene->conclusion.answer = CAS_ANSWER_CERTIFICATE;
}

static void diagnose(struct scene *scene)
{
    const struct cas_diagnosis_case diagnosis_case = {
        .conclusion = &scene->conclusion,
        .report = scene->report,
        .reporter = &scene->reporter,
        .store = scene->store,
        .client_cert = scene->given,
        .certs = scene->certs,
        .certs_len = scene->certs_len,
        .certs_incomplete = scene->certs_incomplete,
        .now_s = scene->now_s,
    };
    scene->found = cas_diagnose(&diagnosis_case, &scene->arena, &scene->found_len);
}

/* Exactly these, e.g. "EXPIRED:warning OK:info". */
static void expect(const struct scene *scene, const char *wanted)
{
    char text[512] = "";
    size_t at = 0;
    for (size_t i = 0; i < scene->found_len; i++) {
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s:%s", i > 0 ? " " : "",
                               cas_diagnosis_name(scene->found[i].code),
                               cas_severity_name(scene->found[i].severity));
    }
    ck_assert_str_eq(text, wanted);
}

START_TEST(a_listed_issuer_is_ok)
{
    struct scene scene;
    open_scene(&scene);
    request(&scene, "ABCDE");
    send_cert(&scene, &(struct cert_parts){ .issuer = NAME("E"), .extensions = CLIENT_AUTH });
    diagnose(&scene);
    expect(&scene, "OK:info");
    close_scene(&scene);
}
END_TEST

/* RFC 8446, 4.6.2: a server may ask again; which list the certificate answers is not known. */
START_TEST(of_several_requests_none_is_held_against_the_certificate)
{
    static const char *const issuers[] = { NAME("E"), NAME("X") };
    static const char expired[] = "30{17'200101000000Z' 17'210101000000Z'}";
    for (size_t i = 0; i < 2; i++) {
        struct scene scene;
        open_scene(&scene);
        request(&scene, "AB");
        scene.conclusion.has_several_requests = true;
        send_cert(&scene,
                  &(struct cert_parts){ .issuer = issuers[i], .extensions = CLIENT_AUTH });
        diagnose(&scene);
        expect(&scene, "");
        close_scene(&scene);
        open_scene(&scene);
        request(&scene, "AB");
        scene.conclusion.has_several_requests = true;
        send_cert(&scene, &(struct cert_parts){ .issuer = issuers[i], .validity = expired });
        diagnose(&scene);
        expect(&scene, "EXPIRED:warning");
        close_scene(&scene);
    }
}
END_TEST

START_TEST(what_cannot_be_read_is_never_ok)
{
    struct scene scene;
    open_scene(&scene);
    request(&scene, "ABCDE");
    scene.conclusion.answer = CAS_ANSWER_CERTIFICATE; /* its message was not seen whole */
    diagnose(&scene);
    expect(&scene, "");
    scene.certs[scene.certs_len++] =
        cas_cert_cache_get(&scene.cache, text_view("no certificate"));
    diagnose(&scene);
    expect(&scene, "");
    close_scene(&scene);
}
END_TEST

START_TEST(an_issuer_that_fell_off_is_cut_off)
{
    struct scene scene;
    open_scene(&scene);
    request(&scene, "AB");
    ck_assert_int_eq(scene.report->info.truncation, CAS_TRUNCATION_CONFIRMED);
    send_cert(&scene, &(struct cert_parts){ .issuer = NAME("E") });
    diagnose(&scene);
    expect(&scene, "ISSUER_CUT_OFF:error");
    close_scene(&scene);
}
END_TEST

START_TEST(the_founding_case_no_answer_to_a_cut_list)
{
    struct scene scene;
    open_scene(&scene);
    request(&scene, "AB");
    scene.conclusion.answer = CAS_ANSWER_EMPTY;
    scene.given =
        store_of(&(struct cert_parts){ .issuer = NAME("E"), .extensions = CLIENT_AUTH }, 1);
    diagnose(&scene);
    expect(&scene, "ISSUER_CUT_OFF:error CLIENT_SENT_NONE:error");
    close_scene(&scene);
}
END_TEST

START_TEST(no_answer_though_the_given_certificate_matches)
{
    struct scene scene;
    open_scene(&scene);
    request(&scene, "ABCDE");
    scene.conclusion.answer = CAS_ANSWER_EMPTY;
    scene.given =
        store_of(&(struct cert_parts){ .issuer = NAME("E"), .extensions = CLIENT_AUTH }, 1);
    diagnose(&scene);
    expect(&scene, "CLIENT_SENT_NONE:warning");
    ck_assert_ptr_nonnull(strstr(scene.found[0].text, "given certificate matches"));
    close_scene(&scene);
}
END_TEST

START_TEST(an_unlisted_issuer_is_a_warning_until_it_fails)
{
    struct scene scene;
    open_scene(&scene);
    request(&scene, "ABCDE");
    send_cert(&scene, &(struct cert_parts){ .issuer = NAME("X") });
    diagnose(&scene);
    expect(&scene, "ISSUER_NOT_ADVERTISED:warning");
    const struct cas_alert_facts unknown_ca = { .from_server = true,
                                                .level = 2,
                                                .description = 48 };
    scene.conclusion.established = CAS_ESTABLISHED_NO;
    scene.conclusion.fatal_from_server = &unknown_ca;
    diagnose(&scene);
    expect(&scene, "ISSUER_NOT_ADVERTISED:error REJECTED_BY_ALERT:error");
    ck_assert_ptr_nonnull(strstr(scene.found[1].text, "unknown_ca"));
    close_scene(&scene);
}
END_TEST

static void end_by_client(struct scene *scene, const struct cas_alert_facts *alert)
{
    scene->conclusion.established = CAS_ESTABLISHED_NO;
    scene->conclusion.fatal_from_client = alert;
    diagnose(scene);
}

/*
 * RFC 5246, 7.2.2, and RFC 8446, 6.2: bad_certificate to certificate_unknown, and unknown_ca,
 * are of a certificate that was received. The others are what clients send that refuse a long
 * message: Java 10, wolfSSL's peers 22, OpenSSL 47, Go 80. bad_record_mac and decrypt_error
 * tell nothing of it.
 */
START_TEST(a_client_s_alert_is_of_the_request_only_if_it_can_be)
{
    static const char *const too_big = "MESSAGE_TOO_BIG_FOR_CLIENT:error";
    static const char *const server = "SERVER_CERT_REJECTED:warning";
    static const char *const unknown = "REJECTED_BY_ALERT:warning";
    static const char *const refusing[] = { "mbedtls-recv" };
    const struct {
        uint8_t description;
        const char *when_big;
        const char *when_small;
    } cases[] = {
        { 10, too_big, unknown }, { 20, unknown, unknown }, { 22, too_big, unknown },
        { 40, too_big, unknown }, { 42, server, server },   { 43, server, server },
        { 44, server, server },   { 45, server, server },   { 46, server, server },
        { 47, too_big, unknown }, { 48, server, server },   { 51, unknown, unknown },
        { 50, too_big, unknown }, { 80, too_big, unknown },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct cas_alert_facts alert = { .level = 2,
                                               .description = cases[i].description };
        struct scene scene;
        open_scene(&scene);
        request(&scene, "ABCDE");
        scene.conclusion.answer = CAS_ANSWER_NONE;
        end_by_client(&scene, &alert);
        expect(&scene, cases[i].when_small);
        scene.report->info.clients_refusing = refusing;
        scene.report->info.clients_refusing_len = 1;
        end_by_client(&scene, &alert);
        expect(&scene, cases[i].when_big);
        close_scene(&scene);
    }
}
END_TEST

/* OpenSSL answers a list whose length wrapped with decode_error. */
START_TEST(a_wrapped_list_is_not_what_the_server_s_certificate_is_refused_for)
{
    const struct {
        uint8_t description;
        const char *expected;
        const char *says;
    } cases[] = {
        { 50, "REJECTED_BY_ALERT:error", "length field" },
        { 47, "REJECTED_BY_ALERT:error", "length field" },
        { 48, "SERVER_CERT_REJECTED:warning", "unknown_ca" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct cas_alert_facts alert = { .level = 2,
                                               .description = cases[i].description };
        struct scene scene;
        open_scene(&scene);
        request(&scene, "ABCDE");
        scene.report->list.is_wrapped = true;
        end_by_client(&scene, &alert);
        expect(&scene, cases[i].expected);
        ck_assert_ptr_nonnull(strstr(scene.found[0].text, cases[i].says));
        close_scene(&scene);
    }
}
END_TEST

/* Whatever is odd about the client's certificate, it was not refused. */
START_TEST(a_client_that_refuses_the_server_did_not_fail_over_its_own_certificate)
{
    const struct cas_alert_facts unknown_ca = { .level = 2, .description = 48 };
    struct scene scene;
    open_scene(&scene);
    request(&scene, "ABCDE");
    send_cert(&scene, &(struct cert_parts){ .issuer = NAME("X") });
    end_by_client(&scene, &unknown_ca);
    expect(&scene, "ISSUER_NOT_ADVERTISED:warning SERVER_CERT_REJECTED:warning");
    scene.conclusion.fatal_from_server = &unknown_ca;
    diagnose(&scene);
    expect(&scene, "ISSUER_NOT_ADVERTISED:error REJECTED_BY_ALERT:error "
                   "SERVER_CERT_REJECTED:warning");
    close_scene(&scene);
    open_scene(&scene);
    request(&scene, "ABCDE");
    scene.conclusion.answer = CAS_ANSWER_EMPTY;
    end_by_client(&scene, &unknown_ca);
    expect(&scene, "CLIENT_SENT_NONE:warning SERVER_CERT_REJECTED:warning");
    close_scene(&scene);
}
END_TEST

START_TEST(a_name_in_other_bytes_is_a_mismatch)
{
    struct scene scene;
    open_scene(&scene);
    request(&scene, "ABCDE");
    /* PrintableString and lower case. */
    send_cert(&scene, &(struct cert_parts){ .issuer = "30{31{30{06:550403 13'ca  e'}}}" });
    diagnose(&scene);
    expect(&scene, "ENCODING_MISMATCH:warning");
    close_scene(&scene);
}
END_TEST

START_TEST(the_leaf_itself_can_be_at_fault)
{
    struct scene scene;
    open_scene(&scene);
    request(&scene, "ABCDE");
    send_cert(&scene, &(struct cert_parts){
                          .issuer = NAME("A"),
                          .validity = "30{17'200101000000Z' 17'210101000000Z'}",
                          .extensions = SERVER_AUTH,
                      });
    diagnose(&scene);
    expect(&scene, "EXPIRED:warning NO_CLIENTAUTH_EKU:warning");
    close_scene(&scene);
    open_scene(&scene);
    request(&scene, "ABCDE");
    send_cert(&scene, &(struct cert_parts){
                          .issuer = NAME("A"),
                          .validity = "30{17'300101000000Z' 17'310101000000Z'}",
                      });
    diagnose(&scene);
    expect(&scene, "NOT_YET_VALID:warning");
    close_scene(&scene);
}
END_TEST

/* Simple Packet Blocks of pcapng have no time, which comes as 1970. */
START_TEST(without_a_time_nothing_is_said_of_validity)
{
    static const char *const validities[] = {
        "30{17'300101000000Z' 17'310101000000Z'}",
        "30{18'19500101000000Z' 18'19600101000000Z'}",
    };
    for (size_t i = 0; i < 2; i++) {
        struct scene scene;
        open_scene(&scene);
        request(&scene, "ABCDE");
        send_cert(&scene, &(struct cert_parts){
                              .issuer = NAME("A"),
                              .validity = validities[i],
                          });
        scene.now_s = 0;
        diagnose(&scene);
        expect(&scene, "OK:info");
        scene.now_s = NOW_S;
        diagnose(&scene);
        expect(&scene, i == 0 ? "NOT_YET_VALID:warning" : "EXPIRED:warning");
        close_scene(&scene);
    }
}
END_TEST

START_TEST(an_intermediate_that_was_not_sent_is_named)
{
    struct scene scene;
    open_scene(&scene);
    request(&scene, "ABCDE");
    send_cert(&scene, &(struct cert_parts){ .issuer = NAME("I") });
    const struct cert_parts given[] = {
        { .issuer = NAME("I") },
        { .subject = NAME("I"), .issuer = NAME("A"), .extensions = CA_EXTENSION },
    };
    scene.given = store_of(given, 2);
    diagnose(&scene);
    expect(&scene, "ISSUER_NOT_ADVERTISED:warning CHAIN_INCOMPLETE:warning");
    ck_assert_ptr_nonnull(strstr(scene.found[1].text, "CN=CA I"));
    close_scene(&scene);
}
END_TEST

/* RFC 5246, 7.4.6: the chain is the leaf's; what else was sent leads nowhere. */
START_TEST(a_certificate_that_the_leaf_does_not_lead_to_makes_no_match)
{
    static const char *const unrelated[] = { NAME("I"), NAME("A") };
    for (size_t i = 0; i < 2; i++) {
        struct scene scene;
        open_scene(&scene);
        request(&scene, "ABCDE");
        send_cert(&scene, &(struct cert_parts){ .issuer = NAME("X") });
        send_cert(&scene, &(struct cert_parts){ .subject = unrelated[i],
                                                .issuer = NAME("A"),
                                                .extensions = CA_EXTENSION });
        diagnose(&scene);
        expect(&scene, "ISSUER_NOT_ADVERTISED:warning");
        ck_assert_ptr_nonnull(strstr(scene.found[0].text, "CN=CA X"));
        close_scene(&scene);
    }
}
END_TEST

START_TEST(nor_does_one_in_the_file_of_the_given_certificate)
{
    const struct cert_parts given[] = {
        { .issuer = NAME("X"), .extensions = CLIENT_AUTH },
        { .subject = NAME("I"), .issuer = NAME("A"), .extensions = CA_EXTENSION },
    };
    struct scene scene;
    open_scene(&scene);
    request(&scene, "ABCDE");
    scene.conclusion.answer = CAS_ANSWER_EMPTY;
    scene.given = store_of(given, 2);
    diagnose(&scene);
    expect(&scene, "ISSUER_NOT_ADVERTISED:error CLIENT_SENT_NONE:warning");
    close_scene(&scene);
}
END_TEST

/* RFC 8446, 4.4.2, wants arbitrary orders and extraneous certificates to be borne. */
START_TEST(a_chain_is_followed_in_any_order)
{
    const struct cert_parts sent[] = {
        { .subject = NAME("J"), .issuer = NAME("A"), .extensions = CA_EXTENSION },
        { .subject = NAME("Y"), .issuer = NAME("Z"), .extensions = CA_EXTENSION },
        { .subject = NAME("I"), .issuer = NAME("J"), .extensions = CA_EXTENSION },
    };
    for (size_t first = 0; first < 3; first++) {
        struct scene scene;
        open_scene(&scene);
        request(&scene, "ABCDE");
        send_cert(&scene, &(struct cert_parts){ .issuer = NAME("I") });
        for (size_t i = 0; i < 3; i++) {
            send_cert(&scene, &sent[(first + i) % 3]);
        }
        diagnose(&scene);
        expect(&scene, "OK:info");
        close_scene(&scene);
    }
}
END_TEST

/* RFC 5280, 7.1: case, blanks and string types do not count. */
START_TEST(a_chain_is_followed_by_equal_names_not_equal_bytes)
{
    struct scene scene;
    open_scene(&scene);
    request(&scene, "ABCDE");
    send_cert(&scene, &(struct cert_parts){ .issuer = "30{31{30{06:550403 13'ca  i'}}}" });
    send_cert(&scene, &(struct cert_parts){ .subject = NAME("I"),
                                            .issuer = NAME("A"),
                                            .extensions = CA_EXTENSION });
    diagnose(&scene);
    expect(&scene, "OK:info");
    close_scene(&scene);
}
END_TEST

/* Each has issued all: followed once, and the end is found. */
START_TEST(a_chain_that_bites_its_tail_ends)
{
    struct scene scene;
    open_scene(&scene);
    request(&scene, "ABCDE");
    for (unsigned i = 0; i < CAS_KNOWN_CERTS_MAX; i++) {
        char serial[] = "02:0000";
        snprintf(serial, sizeof(serial), "02:01%02x", i);
        send_cert(&scene, &(struct cert_parts){
                              .subject = NAME("X"), .issuer = NAME("X"), .serial = serial });
    }
    diagnose(&scene);
    expect(&scene, "ISSUER_NOT_ADVERTISED:warning");
    close_scene(&scene);
}
END_TEST

/* Each would be a finding, were the chain known to be no longer. */
START_TEST(nothing_is_said_of_certificates_that_may_have_been_sent_unseen)
{
    const struct {
        const char *listed;
        const char *issuer;
        const char *when_whole;
    } cases[] = {
        { "AB", NAME("E"), "ISSUER_CUT_OFF:error" },
        { "ABCDE", NAME("X"), "ISSUER_NOT_ADVERTISED:warning" },
        { "ABCDE", NAME("I"), "ISSUER_NOT_ADVERTISED:warning CHAIN_INCOMPLETE:warning" },
        { "ABCDE", "30{31{30{06:550403 13'ca  e'}}}", "ENCODING_MISMATCH:warning" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int is_incomplete = 0; is_incomplete <= 1; is_incomplete++) {
            struct scene scene;
            open_scene(&scene);
            request(&scene, cases[i].listed);
            send_cert(&scene, &(struct cert_parts){ .issuer = cases[i].issuer });
            scene.certs_incomplete = is_incomplete == 1;
            const struct cert_parts given[] = {
                { .issuer = NAME("I") },
                { .subject = NAME("I"), .issuer = NAME("A"), .extensions = CA_EXTENSION },
            };
            scene.given = store_of(given, 2);
            diagnose(&scene);
            expect(&scene, is_incomplete == 1 ? "" : cases[i].when_whole);
            close_scene(&scene);
        }
    }
}
END_TEST

/* What is behind it cannot be read: it may be what leads to a listed name. */
START_TEST(a_certificate_that_cannot_be_read_may_be_the_one_that_matters)
{
    struct scene scene;
    open_scene(&scene);
    request(&scene, "ABCDE");
    send_cert(&scene, &(struct cert_parts){ .issuer = NAME("X") });
    scene.certs[scene.certs_len++] =
        cas_cert_cache_get(&scene.cache, text_view("no certificate"));
    diagnose(&scene);
    expect(&scene, "");
    close_scene(&scene);
}
END_TEST

START_TEST(what_was_seen_of_a_chain_is_still_told)
{
    struct scene scene;
    open_scene(&scene);
    request(&scene, "ABCDE");
    send_cert(&scene, &(struct cert_parts){ .issuer = NAME("E"), .extensions = CLIENT_AUTH });
    scene.certs_incomplete = true;
    diagnose(&scene);
    expect(&scene, "OK:info"); /* a listed issuer is enough */
    close_scene(&scene);
    open_scene(&scene);
    request(&scene, "ABCDE");
    send_cert(&scene, &(struct cert_parts){
                          .issuer = NAME("X"),
                          .validity = "30{17'200101000000Z' 17'210101000000Z'}",
                          .extensions = SERVER_AUTH,
                      });
    scene.certs_incomplete = true;
    diagnose(&scene);
    expect(&scene, "EXPIRED:warning NO_CLIENTAUTH_EKU:warning");
    close_scene(&scene);
}
END_TEST

/* Somebody else may have sent it: neither its faults nor that it matches is the client's. */
START_TEST(of_an_answer_in_doubt_nothing_is_said)
{
    static const char expired[] = "30{17'200101000000Z' 17'210101000000Z'}";
    const struct cert_parts sent[] = {
        { .issuer = NAME("E"), .extensions = CLIENT_AUTH },
        { .issuer = NAME("X"), .extensions = SERVER_AUTH, .validity = expired },
    };
    for (size_t i = 0; i < 2; i++) {
        struct scene scene;
        open_scene(&scene);
        request(&scene, "ABCDE");
        send_cert(&scene, &sent[i]);
        scene.conclusion.is_answer_in_doubt = true;
        scene.certs_incomplete = true;
        diagnose(&scene);
        expect(&scene, "");
        scene.conclusion.answer = CAS_ANSWER_EMPTY;
        diagnose(&scene);
        expect(&scene, "");
        close_scene(&scene);
    }
}
END_TEST

START_TEST(requests_that_were_not_made_or_not_seen)
{
    const struct {
        struct cas_conclusion conclusion;
        const char *expected;
    } cases[] = {
        { { .requested = CAS_REQUESTED_NO }, "NO_REQUEST:info" },
        { { .requested = CAS_REQUESTED_NO, .is_resumed = true, .is_psk = true },
          "RESUMED:info" },
        { { .requested = CAS_REQUESTED_NO, .is_psk = true }, "NO_REQUEST:info" },
        { { .requested = CAS_REQUESTED_HIDDEN, .is_tls13 = true },
          "REQUEST_HIDDEN_TLS13:info" },
        { { .requested = CAS_REQUESTED_HIDDEN, .is_renegotiated = true },
          "REQUEST_HIDDEN_RENEGOTIATION:info" },
        { { .requested = CAS_REQUESTED_UNSEEN }, "" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct scene scene;
        open_scene(&scene);
        scene.conclusion = cases[i].conclusion;
        diagnose(&scene);
        expect(&scene, cases[i].expected);
        close_scene(&scene);
    }
}
END_TEST

/* RFC 9849, 6.1.7: it then answers without a certificate, whatever it has. */
START_TEST(a_client_whose_encrypted_hello_may_have_been_refused_may_have_a_certificate)
{
    for (int is_offered = 0; is_offered <= 1; is_offered++) {
        struct scene scene;
        open_scene(&scene);
        scene.conclusion = (struct cas_conclusion){
            .requested = CAS_REQUESTED_YES,
            .how = CAS_HOW_INFERRED,
            .is_tls13 = true,
            .answer = CAS_ANSWER_EMPTY,
            .offers_ech = is_offered,
        };
        diagnose(&scene);
        expect(&scene, "CLIENT_SENT_NONE:warning REQUEST_HIDDEN_TLS13:info");
        ck_assert((strstr(scene.found[0].text, "ECH") != NULL) == (is_offered == 1));
        close_scene(&scene);
        open_scene(&scene);
        request(&scene, "ABCDE");
        scene.conclusion.answer = CAS_ANSWER_EMPTY;
        scene.conclusion.offers_ech = is_offered;
        diagnose(&scene);
        expect(&scene, "CLIENT_SENT_NONE:warning");
        ck_assert((strstr(scene.found[0].text, "ECH") != NULL) == (is_offered == 1));
        close_scene(&scene);
    }
}
END_TEST

START_TEST(an_empty_list_is_told)
{
    struct scene scene;
    open_scene(&scene);
    request(&scene, "");
    scene.conclusion.answer = CAS_ANSWER_EMPTY;
    diagnose(&scene);
    expect(&scene, "CLIENT_SENT_NONE:warning REQUEST_EMPTY_LIST:info");
    close_scene(&scene);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("diagnosis");
    TCase *tcase = tcase_create("diagnosis");
    tcase_add_test(tcase, a_listed_issuer_is_ok);
    tcase_add_test(tcase, of_several_requests_none_is_held_against_the_certificate);
    tcase_add_test(tcase, what_cannot_be_read_is_never_ok);
    tcase_add_test(tcase, an_issuer_that_fell_off_is_cut_off);
    tcase_add_test(tcase, the_founding_case_no_answer_to_a_cut_list);
    tcase_add_test(tcase, no_answer_though_the_given_certificate_matches);
    tcase_add_test(tcase, an_unlisted_issuer_is_a_warning_until_it_fails);
    tcase_add_test(tcase, a_client_s_alert_is_of_the_request_only_if_it_can_be);
    tcase_add_test(tcase, a_wrapped_list_is_not_what_the_server_s_certificate_is_refused_for);
    tcase_add_test(tcase,
                   a_client_that_refuses_the_server_did_not_fail_over_its_own_certificate);
    tcase_add_test(tcase, a_name_in_other_bytes_is_a_mismatch);
    tcase_add_test(tcase, the_leaf_itself_can_be_at_fault);
    tcase_add_test(tcase, without_a_time_nothing_is_said_of_validity);
    tcase_add_test(tcase, an_intermediate_that_was_not_sent_is_named);
    tcase_add_test(tcase, a_certificate_that_the_leaf_does_not_lead_to_makes_no_match);
    tcase_add_test(tcase, nor_does_one_in_the_file_of_the_given_certificate);
    tcase_add_test(tcase, a_chain_is_followed_in_any_order);
    tcase_add_test(tcase, a_chain_is_followed_by_equal_names_not_equal_bytes);
    tcase_add_test(tcase, a_chain_that_bites_its_tail_ends);
    tcase_add_test(tcase, nothing_is_said_of_certificates_that_may_have_been_sent_unseen);
    tcase_add_test(tcase, a_certificate_that_cannot_be_read_may_be_the_one_that_matters);
    tcase_add_test(tcase, what_was_seen_of_a_chain_is_still_told);
    tcase_add_test(tcase, of_an_answer_in_doubt_nothing_is_said);
    tcase_add_test(tcase, requests_that_were_not_made_or_not_seen);
    tcase_add_test(tcase, an_empty_list_is_told);
    tcase_add_test(tcase,
                   a_client_whose_encrypted_hello_may_have_been_refused_may_have_a_certificate);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
