/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "analysis/alerts.h"
#include "support/support.h"

#define HOUR_US UINT64_C(3600000000)
#define NOW_US  (1000000 * HOUR_US)

#define TOLD_MAX 64

struct told {
    enum cas_alert_cause cause;
    enum cas_severity severity;
    char signature[256];
    bool has_previous;
    struct cas_list_brief previous;
    uint64_t occurrences;
    uint64_t suppressed;
    enum cas_how how;
};

/* One server, and what was told of it. */
struct stage {
    struct cas_budget budget;
    struct cas_arena arena;
    struct cas_counters counters;
    struct cas_alerts alerts;
    struct cas_state_server server;
    struct cas_alert_memory memory;
    uint64_t now_us;
    struct told told[TOLD_MAX];
    size_t told_len;
};

static void take_alert(void *user, struct cas_alert_event *event)
{
    struct stage *stage = user;
    ck_assert_uint_lt(stage->told_len, TOLD_MAX);
    struct told *told = &stage->told[stage->told_len++];
    *told = (struct told){
        .cause = event->cause,
        .severity = event->severity,
        .has_previous = event->previous != NULL,
        .occurrences = event->occurrences,
        .suppressed = event->suppressed,
        .how = event->how,
    };
    /* what it is about */
    ck_assert((event->ca_list != NULL) == (event->request_size == NULL));
    if (event->previous != NULL) {
        told->previous = *event->previous;
    }
    ck_assert_uint_lt(strlen(event->signature), sizeof(told->signature));
    snprintf(told->signature, sizeof(told->signature), "%s", event->signature);
    ck_assert_str_eq(event->category, "TLS client authentication");
    ck_assert_uint_eq(event->signature_id, (unsigned)event->cause + 1);
}

static void open_stage(struct stage *stage)
{
    *stage = (struct stage){ .budget = { .limit = 1u << 20 }, .now_us = NOW_US };
    stage->arena = cas_arena_init(&stage->budget);
    stage->alerts = (struct cas_alerts){
        .bucket = cas_bucket_per_second(10, 100),
        .realert_us = HOUR_US,
        .counters = &stage->counters,
    };
    stage->memory = cas_alert_memory_init();
}

static void close_stage(struct stage *stage)
{
    cas_arena_finish(&stage->arena);
    ck_assert_uint_eq(stage->budget.used, 0);
}

/* A calm list; mark tells the set of its names apart from others. */
static struct cas_ca_list_info list_of(uint8_t mark, size_t count)
{
    return (struct cas_ca_list_info){
        .count = count,
        .bytes = (uint32_t)count * 100,
        .message_bytes = (uint32_t)count * 100 + 9,
        .sha256 = { mark },
        .set_sha256 = { mark },
        .truncation = CAS_TRUNCATION_NO_SIGN,
        .limit_name = "schannel-16k",
        .limit_bytes = 16384,
        .limit_counted = (uint32_t)count * 100,
    };
}

static struct cas_ca_list_info near_list(uint8_t mark)
{
    struct cas_ca_list_info list = list_of(mark, 140);
    list.headroom = CAS_HEADROOM_WARN;
    list.limit_percent = 85;
    list.room_for = 23;
    return list;
}

/* A handshake that shows this list; as the inventory does, the server's state has it already.
 */
static void show_to(struct stage *stage, const struct cas_ca_list_info *list,
                    const struct cas_diagnosis *diagnosis)
{
    struct cas_list_brief brief = { .count = list->count, .bytes = list->bytes };
    memcpy(brief.sha256, list->sha256, sizeof(brief.sha256));
    memcpy(brief.set_sha256, list->set_sha256, sizeof(brief.set_sha256));
    if (list->seen == CAS_SEEN_COMPLETE) {
        stage->server.list.brief = brief;
        stage->server.base = stage->server.has_list ? stage->server.base : brief;
        stage->server.has_list = true;
        if (stage->server.base.set_sha256[0] == list->set_sha256[0]) {
            stage->server.base_us = stage->now_us;
        }
    }
    const struct cas_handshake_event handshake = {
        .head = { .timestamp_us = stage->now_us },
        .client_auth = {
            .answer = diagnosis != NULL ? CAS_ANSWER_EMPTY : CAS_ANSWER_CERTIFICATE,
            .diagnosis = diagnosis,
            .diagnosis_len = diagnosis != NULL,
        },
        .ca_list = list,
    };
    const struct cas_alert_teller teller = { .user = stage, .tell = take_alert };
    const struct cas_alert_subject subject = {
        .server = &stage->server,
        .memory = &stage->memory,
    };
    cas_alerts_raise(&stage->alerts, &subject, &handshake, &teller, &stage->arena);
    cas_arena_clear(&stage->arena);
}

static void show(struct stage *stage, struct cas_ca_list_info list)
{
    show_to(stage, &list, NULL);
}

START_TEST(a_thousand_more_handshakes_add_none)
{
    struct stage stage;
    open_stage(&stage);
    for (int i = 0; i <= 1000; i++) {
        show(&stage, near_list(1));
        stage.now_us += 1000;
    }
    ck_assert_uint_eq(stage.told_len, 1);
    ck_assert_int_eq(stage.told[0].cause, CAS_ALERT_LIST_NEAR_LIMIT);
    ck_assert_int_eq(stage.told[0].severity, CAS_SEVERITY_WARNING);
    ck_assert_str_eq(stage.told[0].signature,
                     "The CA list takes 14,000 of the 16,384 bytes of schannel-16k (85 %): "
                     "room for 23 more names.");
    ck_assert_uint_eq(stage.told[0].occurrences, 0);
    ck_assert_uint_eq(stage.counters.value[CAS_COUNT_ALERTS_TOLD], 1);
    ck_assert_uint_eq(stage.counters.value[CAS_COUNT_ALERTS_SUPPRESSED], 0);
    close_stage(&stage);
}
END_TEST

START_TEST(it_comes_again_after_an_hour_with_what_was_not_told)
{
    struct stage stage;
    open_stage(&stage);
    show(&stage, near_list(1));
    for (int i = 0; i < 7; i++) {
        show(&stage, near_list(1));
    }
    stage.now_us += HOUR_US - 1;
    show(&stage, near_list(1));
    ck_assert_uint_eq(stage.told_len, 1);
    stage.now_us += 1;
    show(&stage, near_list(1));
    ck_assert_uint_eq(stage.told_len, 2);
    ck_assert_uint_eq(stage.told[1].occurrences, 8);
    show(&stage, list_of(1, 10)); /* no cause holds any more */
    stage.now_us += HOUR_US;
    show(&stage, list_of(1, 10));
    ck_assert_uint_eq(stage.told_len, 2);
    close_stage(&stage);
}
END_TEST

START_TEST(never_again_when_the_time_is_0)
{
    struct stage stage;
    open_stage(&stage);
    stage.alerts.realert_us = 0;
    show(&stage, near_list(1));
    stage.now_us += 1000 * HOUR_US;
    show(&stage, near_list(1));
    ck_assert_uint_eq(stage.told_len, 1);
    close_stage(&stage);
}
END_TEST

START_TEST(a_worse_class_of_headroom_is_news)
{
    struct stage stage;
    open_stage(&stage);
    struct cas_ca_list_info list = near_list(1);
    show(&stage, list);
    list.headroom = CAS_HEADROOM_CRIT;
    show(&stage, list);
    show(&stage, list);
    list.headroom = CAS_HEADROOM_OVER;
    show(&stage, list);
    ck_assert_uint_eq(stage.told_len, 3);
    ck_assert_int_eq(stage.told[1].severity, CAS_SEVERITY_ERROR);
    ck_assert_int_eq(stage.told[2].cause, CAS_ALERT_LIST_OVER_LIMIT);
    close_stage(&stage);
}
END_TEST

START_TEST(a_change_says_what_changed)
{
    struct stage stage;
    open_stage(&stage);
    show(&stage, list_of(1, 10));
    ck_assert_uint_eq(stage.told_len, 0); /* the first one is no change */
    show(&stage, list_of(2, 13));
    show(&stage, list_of(2, 13));
    ck_assert_uint_eq(stage.told_len, 1);
    ck_assert_int_eq(stage.told[0].cause, CAS_ALERT_LIST_CHANGED);
    ck_assert_str_eq(stage.told[0].signature,
                     "The CA list changed from 10 names in 1,000 bytes to 13 in 1,300: "
                     "3 names more, 300 bytes more.");
    ck_assert(stage.told[0].has_previous);
    ck_assert_uint_eq(stage.told[0].previous.count, 10);
    ck_assert_uint_eq(stage.told[0].previous.bytes, 1000);
    ck_assert_uint_eq(stage.told[0].previous.sha256[0], 1);
    close_stage(&stage);
}
END_TEST

START_TEST(another_order_of_the_same_names_is_no_change)
{
    struct stage stage;
    open_stage(&stage);
    struct cas_ca_list_info list = near_list(1);
    show(&stage, list);
    list.sha256[0] = 9;
    show(&stage, list);
    ck_assert_uint_eq(stage.told_len, 1);
    close_stage(&stage);
}
END_TEST

START_TEST(fewer_names_are_worse_than_others)
{
    struct stage stage;
    open_stage(&stage);
    show(&stage, list_of(1, 13));
    show(&stage, list_of(2, 12));
    ck_assert_uint_eq(stage.told_len, 1);
    ck_assert_int_eq(stage.told[0].cause, CAS_ALERT_LIST_SHRANK);
    ck_assert_int_eq(stage.told[0].severity, CAS_SEVERITY_WARNING);
    ck_assert_str_eq(stage.told[0].signature,
                     "The CA list shrank from 13 names in 1,300 bytes to 12 in 1,200: "
                     "1 name less, 100 bytes less.");
    close_stage(&stage);
}
END_TEST

START_TEST(lists_that_take_turns_are_told_once_each)
{
    struct stage stage;
    open_stage(&stage);
    for (int i = 0; i < 500; i++) {
        show(&stage, near_list(1));
        show(&stage, near_list(2));
    }
    /* Each near its limit; a change to the one, and back to the other. */
    ck_assert_uint_eq(stage.told_len, 4);
    close_stage(&stage);
}
END_TEST

START_TEST(a_list_not_seen_whole_raises_nothing)
{
    static const enum cas_seen seen[] = { CAS_SEEN_INCOMPLETE, CAS_SEEN_AMBIGUOUS };
    static const struct cas_diagnosis diagnosis = {
        .code = CAS_DIAGNOSIS_CLIENT_SENT_NONE,
        .severity = CAS_SEVERITY_ERROR,
    };
    struct stage stage;
    open_stage(&stage);
    show(&stage, list_of(1, 200));
    for (size_t i = 0; i < 2; i++) {
        struct cas_ca_list_info list = near_list(2);
        list.seen = seen[i];
        list.clients_refusing_len = 1;
        show_to(&stage, &list, &diagnosis);
    }
    ck_assert_uint_eq(stage.told_len, 0);
    close_stage(&stage);
}
END_TEST

/* The state holds a change that could not be told yet; this list is not the changed one. */
START_TEST(a_malformed_list_is_no_change_unless_only_its_length_wrapped)
{
    static const struct cas_lint_info wrapped[] = { { .code = CAS_LINT_LENGTH_WRAPPED } };
    static const struct cas_lint_info trailing[] = { { .code = CAS_LINT_TRAILING_BYTES } };
    for (size_t count = 100; count <= 300; count += 200) {
        struct stage stage;
        open_stage(&stage);
        show(&stage, list_of(1, 200));
        stage.server.list.brief.set_sha256[0] = 2;
        struct cas_ca_list_info list = list_of(2, count);
        list.seen = CAS_SEEN_MALFORMED;
        show(&stage, list);
        list.lint = trailing;
        list.lint_len = 1;
        show(&stage, list);
        ck_assert_uint_eq(stage.told_len, 0);
        list.headroom = CAS_HEADROOM_OVER; /* what it is itself is told */
        show(&stage, list);
        ck_assert_uint_eq(stage.told_len, 1);
        ck_assert_int_eq(stage.told[0].cause, CAS_ALERT_LIST_OVER_LIMIT);
        list.lint = wrapped;
        show(&stage, list);
        ck_assert_uint_eq(stage.told_len, 2);
        ck_assert_int_eq(stage.told[1].cause,
                         count < 200 ? CAS_ALERT_LIST_SHRANK : CAS_ALERT_LIST_CHANGED);
        close_stage(&stage);
    }
}
END_TEST

/* A handshake with an encrypted request of this size. */
static void show_size(struct stage *stage, const struct cas_request_size *size)
{
    const struct cas_handshake_event handshake = {
        .head = { .timestamp_us = stage->now_us },
        .client_auth = { .requested = CAS_REQUESTED_YES,
                         .how = CAS_HOW_INFERRED,
                         .request_size = size },
    };
    const struct cas_alert_teller teller = { .user = stage, .tell = take_alert };
    const struct cas_alert_subject subject = {
        .server = &stage->server,
        .memory = &stage->memory,
    };
    cas_alerts_raise(&stage->alerts, &subject, &handshake, &teller, &stage->arena);
    cas_arena_clear(&stage->arena);
}

static const char *const refusing_names[] = { "mbedtls-recv", "wolfssl-recv" };

static struct cas_request_size size_near(enum cas_headroom least, enum cas_headroom most)
{
    return (struct cas_request_size){
        .least = 16000,
        .most = 16000,
        .limit_name = "schannel-16k",
        .limit_bytes = 16384,
        .limit_counted = 15600,
        .limit_percent_least = 95,
        .limit_percent = 97,
        .headroom_least = least,
        .headroom = most,
    };
}

START_TEST(an_encrypted_request_that_is_near_in_any_case_is_told_once)
{
    struct stage stage;
    open_stage(&stage);
    struct cas_request_size size = size_near(CAS_HEADROOM_OK, CAS_HEADROOM_CRIT);
    show_size(&stage, &size); /* it may be near, and may not */
    ck_assert_uint_eq(stage.told_len, 0);
    size = size_near(CAS_HEADROOM_CRIT, CAS_HEADROOM_CRIT);
    show_size(&stage, &size);
    show_size(&stage, &size);
    ck_assert_uint_eq(stage.told_len, 1);
    ck_assert_int_eq(stage.told[0].cause, CAS_ALERT_LIST_NEAR_LIMIT);
    ck_assert_int_eq(stage.told[0].severity, CAS_SEVERITY_ERROR);
    ck_assert_int_eq(stage.told[0].how, CAS_HOW_INFERRED);
    ck_assert_str_eq(stage.told[0].signature,
                     "The encrypted request takes at least 15,600 of the 16,384 bytes of "
                     "schannel-16k (95 %, inferred from record sizes).");
    size.headroom_least = CAS_HEADROOM_OVER;
    show_size(&stage, &size);
    ck_assert_uint_eq(stage.told_len, 2);
    ck_assert_int_eq(stage.told[1].cause, CAS_ALERT_LIST_OVER_LIMIT);
    stage.now_us += HOUR_US;
    show_size(&stage, &size);
    ck_assert_uint_eq(stage.told_len, 3); /* it still holds */
    close_stage(&stage);
}
END_TEST

START_TEST(clients_that_refuse_an_encrypted_request_are_told)
{
    struct stage stage;
    open_stage(&stage);
    struct cas_request_size size = { .least = 20000, .most = 20000 };
    size.clients_refusing = refusing_names;
    size.clients_refusing_len = 2;
    show_size(&stage, &size);
    show_size(&stage, &size);
    ck_assert_uint_eq(stage.told_len, 1);
    ck_assert_int_eq(stage.told[0].cause, CAS_ALERT_CLIENTS_REFUSING);
    ck_assert_int_eq(stage.told[0].severity, CAS_SEVERITY_WARNING);
    ck_assert_str_eq(stage.told[0].signature,
                     "An encrypted request of 20,000 bytes is refused by mbedtls-recv and 1 "
                     "other kind of client (inferred from record sizes).");
    close_stage(&stage);
}
END_TEST

START_TEST(what_a_list_in_the_clear_has_told_is_not_inferred_again)
{
    struct stage stage;
    open_stage(&stage);
    show(&stage, near_list(1));
    stage.server.list.headroom = CAS_HEADROOM_WARN; /* as the inventory keeps it */
    struct cas_request_size size = size_near(CAS_HEADROOM_WARN, CAS_HEADROOM_CRIT);
    show_size(&stage, &size);
    ck_assert_uint_eq(stage.told_len, 1);
    size.headroom_least = CAS_HEADROOM_CRIT; /* since then it has grown */
    show_size(&stage, &size);
    ck_assert_uint_eq(stage.told_len, 2);
    ck_assert_int_eq(stage.told[1].how, CAS_HOW_INFERRED);
    ck_assert_int_eq(stage.told[0].how, CAS_HOW_PLAINTEXT);
    close_stage(&stage);
}
END_TEST

START_TEST(each_truncation_has_its_words)
{
    const struct cas_store_info store = { .names = 405,
                                          .advertised = 133,
                                          .missing_count = 272 };
    struct stage stage;
    open_stage(&stage);
    struct cas_ca_list_info list = list_of(1, 133);
    list.truncation = CAS_TRUNCATION_SUSPECTED;
    show(&stage, list);
    list.truncation = CAS_TRUNCATION_CONFIRMED;
    list.store = &store;
    show(&stage, list);
    ck_assert_uint_eq(stage.told_len, 2);
    ck_assert_int_eq(stage.told[0].severity, CAS_SEVERITY_WARNING);
    ck_assert_str_eq(stage.told[0].signature,
                     "The CA list looks cut: 133 names, 13,300 of the 16,384 bytes of "
                     "schannel-16k.");
    ck_assert_int_eq(stage.told[1].severity, CAS_SEVERITY_ERROR);
    ck_assert_str_eq(stage.told[1].signature,
                     "The CA list was cut: 133 of the trust store's 405 names, 13,300 of the "
                     "16,384 bytes of schannel-16k.");
    close_stage(&stage);
}
END_TEST

START_TEST(an_empty_answer_makes_a_suspicion_worse)
{
    static const struct cas_diagnosis diagnosis = {
        .code = CAS_DIAGNOSIS_CLIENT_SENT_NONE,
        .severity = CAS_SEVERITY_WARNING, /* the server let it in */
    };
    struct stage stage;
    open_stage(&stage);
    struct cas_ca_list_info list = list_of(1, 133);
    list.truncation = CAS_TRUNCATION_SUSPECTED;
    show(&stage, list);
    show_to(&stage, &list, &diagnosis);
    ck_assert_uint_eq(stage.told_len, 2);
    ck_assert_int_eq(stage.told[1].cause, CAS_ALERT_TRUNCATION_SUSPECTED);
    ck_assert_int_eq(stage.told[1].severity, CAS_SEVERITY_ERROR);
    close_stage(&stage);
}
END_TEST

START_TEST(clients_that_refuse_are_named)
{
    static const char *const clients[] = { "openssl-recv", "b", "c" };
    struct stage stage;
    open_stage(&stage);
    struct cas_ca_list_info list = list_of(1, 1000);
    list.clients_refusing = clients;
    list.clients_refusing_len = 1;
    show(&stage, list);
    list.clients_refusing_len = 3;
    show(&stage, list);
    ck_assert_uint_eq(stage.told_len, 2);
    ck_assert_str_eq(stage.told[0].signature,
                     "A request of 100,009 bytes is refused by openssl-recv.");
    ck_assert_str_eq(stage.told[1].signature,
                     "A request of 100,009 bytes is refused by openssl-recv and 2 other kinds "
                     "of client.");
    close_stage(&stage);
}
END_TEST

START_TEST(a_client_that_the_list_kept_out_is_told)
{
    static const struct {
        enum cas_diagnosis_code code;
        enum cas_severity severity;
        enum cas_truncation truncation;
        bool is_told;
    } cases[] = {
        { CAS_DIAGNOSIS_ISSUER_CUT_OFF, CAS_SEVERITY_ERROR, CAS_TRUNCATION_NO_SIGN, true },
        { CAS_DIAGNOSIS_ISSUER_CUT_OFF, CAS_SEVERITY_WARNING, CAS_TRUNCATION_NO_SIGN, true },
        { CAS_DIAGNOSIS_CLIENT_SENT_NONE, CAS_SEVERITY_ERROR, CAS_TRUNCATION_NO_SIGN, true },
        { CAS_DIAGNOSIS_CLIENT_SENT_NONE, CAS_SEVERITY_WARNING, CAS_TRUNCATION_NO_SIGN, false },
        { CAS_DIAGNOSIS_EXPIRED, CAS_SEVERITY_ERROR, CAS_TRUNCATION_NO_SIGN, false },
        { CAS_DIAGNOSIS_REJECTED_BY_ALERT, CAS_SEVERITY_ERROR, CAS_TRUNCATION_SUSPECTED, true },
        { CAS_DIAGNOSIS_OK, CAS_SEVERITY_INFO, CAS_TRUNCATION_CONFIRMED, false },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct stage stage;
        open_stage(&stage);
        const struct cas_diagnosis diagnosis = { cases[i].code, cases[i].severity, "" };
        struct cas_ca_list_info list = list_of(1, 133);
        list.truncation = cases[i].truncation;
        show_to(&stage, &list, &diagnosis);
        show_to(&stage, &list, &diagnosis);
        size_t told = 0;
        for (size_t k = 0; k < stage.told_len; k++) {
            told += stage.told[k].cause == CAS_ALERT_CLIENT_CUT_OFF;
        }
        ck_assert_msg(told == cases[i].is_told, "case %zu", i);
        close_stage(&stage);
    }
}
END_TEST

START_TEST(what_the_rate_limit_holds_back_comes_when_there_is_room)
{
    struct stage stage;
    open_stage(&stage);
    stage.alerts.bucket = cas_bucket_per_second(1, 2);
    show(&stage, near_list(1));
    show(&stage, near_list(2)); /* near, and changed */
    show(&stage, near_list(2));
    ck_assert_uint_eq(stage.told_len, 2);
    ck_assert_uint_eq(stage.counters.value[CAS_COUNT_ALERTS_SUPPRESSED], 2);
    stage.now_us += 1000000;
    show(&stage, near_list(2));
    ck_assert_uint_eq(stage.told_len, 3);
    ck_assert_int_eq(stage.told[2].cause, CAS_ALERT_LIST_CHANGED);
    ck_assert_uint_eq(stage.told[2].suppressed, 2);
    ck_assert_uint_eq(stage.told[2].occurrences, 2);
    ck_assert_uint_eq(stage.told[2].previous.sha256[0], 1);
    stage.now_us += HOUR_US;
    show(&stage, near_list(2));
    ck_assert_uint_eq(stage.told_len, 4);
    ck_assert_uint_eq(stage.told[3].suppressed, 0);
    close_stage(&stage);
}
END_TEST

START_TEST(one_server_cannot_raise_more_than_is_remembered)
{
    struct stage stage;
    open_stage(&stage);
    for (uint8_t mark = 1; mark < 200; mark++) {
        show(&stage, near_list(mark));
        stage.now_us += 1000000;
    }
    ck_assert_uint_eq(stage.told_len, CAS_STATE_TOLD_MAX);
    ck_assert_uint_gt(stage.counters.value[CAS_COUNT_ALERTS_SUPPRESSED], 0);
    stage.now_us += HOUR_US;
    show(&stage, near_list(200));
    ck_assert_uint_eq(stage.told_len, CAS_STATE_TOLD_MAX + 2);
    close_stage(&stage);
}
END_TEST

/* From now on it is another SNI of the same address and port. */
static void change_sni(struct stage *stage)
{
    stage->server = (struct cas_state_server){ .sni = NULL };
}

START_TEST(an_invented_sni_makes_no_alert_of_its_own)
{
    static const struct cas_diagnosis diagnosis = {
        .code = CAS_DIAGNOSIS_CLIENT_SENT_NONE,
        .severity = CAS_SEVERITY_ERROR,
    };
    struct stage stage;
    open_stage(&stage);
    struct cas_ca_list_info list = near_list(1);
    for (int i = 0; i < 1000; i++) {
        change_sni(&stage);
        show_to(&stage, &list, &diagnosis);
        stage.now_us += 1000;
    }
    ck_assert_uint_eq(stage.told_len, 2); /* near its limit, and a client that failed */
    ck_assert_uint_eq(stage.counters.value[CAS_COUNT_ALERTS_SUPPRESSED], 0);
    stage.now_us += HOUR_US;
    change_sni(&stage);
    show(&stage, near_list(1));
    ck_assert_uint_eq(stage.told_len, 3);
    ck_assert_uint_eq(stage.told[2].occurrences, 999);
    list.headroom = CAS_HEADROOM_CRIT; /* another verdict on the same list is news */
    change_sni(&stage);
    show(&stage, list);
    ck_assert_uint_eq(stage.told_len, 4);
    close_stage(&stage);
}
END_TEST

START_TEST(a_change_behind_many_names_is_told_once)
{
    struct stage stage;
    struct cas_state_server servers[20] = { { .sni = NULL } };
    open_stage(&stage);
    for (uint8_t mark = 1; mark <= 2; mark++) {
        for (size_t i = 0; i < 20; i++) {
            stage.server = servers[i];
            show(&stage, list_of(mark, 10));
            servers[i] = stage.server;
            stage.now_us += HOUR_US; /* some are asked for by nobody for most of a day */
        }
    }
    ck_assert_uint_eq(stage.told_len, 1);
    ck_assert_int_eq(stage.told[0].cause, CAS_ALERT_LIST_CHANGED);
    /* One that goes back and forth is told of as before. */
    show(&stage, list_of(1, 10));
    stage.now_us += 1000000;
    show(&stage, list_of(2, 10));
    ck_assert_uint_eq(stage.told_len, 3);
    close_stage(&stage);
}
END_TEST

START_TEST(one_address_cannot_use_up_what_all_share)
{
    struct stage stage;
    open_stage(&stage);
    stage.alerts.realert_us = 0; /* nothing is too early */
    for (int i = 0; i < 10000; i++) {
        change_sni(&stage);
        show(&stage, near_list((uint8_t)(i % 250)));
        stage.now_us += 1000;
    }
    size_t told = stage.told_len;
    ck_assert_uint_eq(told, CAS_STATE_TOLD_MAX); /* its burst; the next comes at 10 s */
    uint64_t suppressed = stage.counters.value[CAS_COUNT_ALERTS_SUPPRESSED];
    ck_assert_uint_gt(suppressed, 9000);
    stage.memory = cas_alert_memory_init(); /* another address */
    show(&stage, near_list(251));
    ck_assert_uint_eq(stage.told_len, told + 2); /* near, and changed */
    ck_assert_uint_eq(stage.told[told].suppressed, suppressed);
    close_stage(&stage);
}
END_TEST

START_TEST(a_clock_that_was_set_back_does_not_silence_it)
{
    struct stage stage;
    open_stage(&stage);
    show(&stage, near_list(1));
    stage.now_us -= UINT64_C(8760) * HOUR_US;
    show(&stage, near_list(1));
    ck_assert_uint_eq(stage.told_len, 1);
    stage.now_us += HOUR_US;
    show(&stage, near_list(1));
    ck_assert_uint_eq(stage.told_len, 2);
    close_stage(&stage);
}
END_TEST

START_TEST(a_bucket_fills_with_time_and_survives_jumps)
{
    struct cas_bucket bucket = cas_bucket_per_second(10, 3);
    for (int i = 0; i < 3; i++) {
        ck_assert(cas_bucket_take(&bucket, NOW_US));
    }
    ck_assert(!cas_bucket_take(&bucket, NOW_US));
    ck_assert(!cas_bucket_take(&bucket, NOW_US + 99999));
    ck_assert(cas_bucket_take(&bucket, NOW_US + 100000));
    ck_assert(!cas_bucket_take(&bucket, NOW_US + 50000)); /* a little out of order */
    ck_assert(!cas_bucket_take(&bucket, NOW_US + 150000));
    ck_assert(cas_bucket_take(&bucket, NOW_US + 200000));
    ck_assert(!cas_bucket_take(&bucket, 0)); /* set back: it goes on from there */
    ck_assert(cas_bucket_take(&bucket, 100000));
    ck_assert(cas_bucket_take(&bucket, UINT64_MAX));
    bucket = cas_bucket_per_second(0, 0);
    ck_assert(cas_bucket_take(&bucket, 0));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("alerts");
    TCase *tcase = tcase_create("alerts");
    tcase_add_test(tcase, a_thousand_more_handshakes_add_none);
    tcase_add_test(tcase, it_comes_again_after_an_hour_with_what_was_not_told);
    tcase_add_test(tcase, never_again_when_the_time_is_0);
    tcase_add_test(tcase, a_worse_class_of_headroom_is_news);
    tcase_add_test(tcase, a_change_says_what_changed);
    tcase_add_test(tcase, another_order_of_the_same_names_is_no_change);
    tcase_add_test(tcase, fewer_names_are_worse_than_others);
    tcase_add_test(tcase, lists_that_take_turns_are_told_once_each);
    tcase_add_test(tcase, a_list_not_seen_whole_raises_nothing);
    tcase_add_test(tcase, a_malformed_list_is_no_change_unless_only_its_length_wrapped);
    tcase_add_test(tcase, an_encrypted_request_that_is_near_in_any_case_is_told_once);
    tcase_add_test(tcase, clients_that_refuse_an_encrypted_request_are_told);
    tcase_add_test(tcase, what_a_list_in_the_clear_has_told_is_not_inferred_again);
    tcase_add_test(tcase, each_truncation_has_its_words);
    tcase_add_test(tcase, an_empty_answer_makes_a_suspicion_worse);
    tcase_add_test(tcase, clients_that_refuse_are_named);
    tcase_add_test(tcase, a_client_that_the_list_kept_out_is_told);
    tcase_add_test(tcase, what_the_rate_limit_holds_back_comes_when_there_is_room);
    tcase_add_test(tcase, one_server_cannot_raise_more_than_is_remembered);
    tcase_add_test(tcase, an_invented_sni_makes_no_alert_of_its_own);
    tcase_add_test(tcase, a_change_behind_many_names_is_told_once);
    tcase_add_test(tcase, one_address_cannot_use_up_what_all_share);
    tcase_add_test(tcase, a_clock_that_was_set_back_does_not_silence_it);
    tcase_add_test(tcase, a_bucket_fills_with_time_and_survives_jumps);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
