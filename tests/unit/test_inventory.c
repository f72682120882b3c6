/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "analysis/inventory.h"
#include "analysis/inventory_parts.h"
#include "support/support.h"

static const uint8_t hash_key[CAS_KEYHASH_KEY_LEN] = { 1 };

struct scene {
    struct cas_budget budget;
    struct cas_counters counters;
    struct cas_limit limit;
    struct cas_list_reporter reporter;
    struct cas_inventory inventory;
    uint64_t now_us;
    size_t told;
    struct cas_server_event servers[8];
};

static void open_scene(struct scene *scene, size_t memory)
{
    *scene = (struct scene){ .budget = { .limit = memory } };
    ck_assert(cas_limit_find("schannel", &scene->limit));
    const struct cas_verdict_rules rules = { .limits = &scene->limit, .limits_len = 1 };
    ck_assert(cas_list_reporter_init(&scene->reporter, NULL, &rules, &scene->budget, hash_key));
    ck_assert(
        cas_inventory_init(&scene->inventory, &scene->reporter, &scene->counters, hash_key));
}

static void close_scene(struct scene *scene)
{
    cas_inventory_finish(&scene->inventory);
    cas_list_reporter_finish(&scene->reporter);
    ck_assert_uint_eq(scene->budget.used, 0);
}

static struct cas_list_report *report_get(struct scene *scene,
                                          const struct cas_cert_request *request)
{
    struct cas_list_report *report =
        cas_list_report_get(&scene->reporter, request, (struct cas_view){ 0 }, 0);
    ck_assert_ptr_nonnull(report);
    return report;
}

/* A request with this list and nothing wrong. */
static struct cas_cert_request request_of(struct cas_view list)
{
    return (struct cas_cert_request){
        .sight = { .declared_len = (uint32_t)list.len + 5, .records = 1 },
        .list_declared_len = (uint32_t)list.len,
        .list = list,
        .rest_of_message = list,
    };
}

/* The report of a list of one name of so many bytes; with a gap when it is not whole. */
static struct cas_list_report *report_of(struct scene *scene, uint8_t len, uint32_t reasons)
{
    uint8_t list[64] = { 0, len };
    ck_assert_uint_le(2u + len, sizeof(list));
    struct cas_cert_request request = request_of(cas_view_of(list, (size_t)len + 2));
    request.sight.reasons = reasons;
    return report_get(scene, &request);
}

/* A handshake with the server of this port. */
static enum cas_list_news note(struct scene *scene, uint16_t port,
                               struct cas_list_report *report)
{
    const struct cas_handshake_event event = {
        .head = { .dest = { .family = 4, .address = { 192, 0, 2, 1 }, .port = port },
                  .timestamp_us = scene->now_us },
        .tls = { .sni = "www.example.at", .version = "TLS 1.2" },
        .client_auth = { .requested = report != NULL ? CAS_REQUESTED_YES : CAS_REQUESTED_NO },
    };
    const struct cas_inventory_entry entry = { .event = &event, .report = report };
    const struct cas_inventory_noted noted = cas_inventory_note(&scene->inventory, &entry);
    cas_list_report_release(&scene->reporter, report);
    return noted.news;
}

static void take_server(void *user, struct cas_server_event *event)
{
    struct scene *scene = user;
    ck_assert_uint_lt(scene->told, 8);
    scene->servers[scene->told++] = *event;
}

START_TEST(a_list_is_news_once_and_when_it_changes)
{
    struct scene scene;
    open_scene(&scene, 1u << 22);
    ck_assert_int_eq(note(&scene, 443, report_of(&scene, 10, 0)), CAS_LIST_NEWS_FULL);
    ck_assert_int_eq(note(&scene, 443, report_of(&scene, 10, 0)), CAS_LIST_NEWS_NONE);
    ck_assert_int_eq(note(&scene, 443, report_of(&scene, 20, 0)), CAS_LIST_NEWS_FULL);
    ck_assert_int_eq(note(&scene, 443, report_of(&scene, 10, 0)),
                     CAS_LIST_NEWS_FULL); /* back again */
    ck_assert_int_eq(note(&scene, 443, NULL), CAS_LIST_NEWS_NONE);
    ck_assert_int_eq(note(&scene, 444, report_of(&scene, 10, 0)),
                     CAS_LIST_NEWS_FULL); /* another server */
    cas_inventory_tell(&scene.inventory, take_server, &scene);
    ck_assert_uint_eq(scene.told, 4);
    ck_assert_uint_eq(scene.servers[0].handshakes, 3);
    ck_assert_uint_eq(scene.servers[1].handshakes, 1);
    ck_assert_ptr_null(scene.servers[2].ca_list);
    ck_assert_uint_eq(scene.servers[3].head.dest.port, 444);
    close_scene(&scene);
}
END_TEST

START_TEST(a_version_outlives_the_event_that_told_it)
{
    struct scene scene;
    char version[] = "0x7f1c"; /* no name that IANA knows: made for the event */
    open_scene(&scene, 1u << 20);
    const struct cas_handshake_event event = {
        .head = { .dest = { .family = 4, .port = 443 } },
        .tls = { .version = version },
    };
    const struct cas_inventory_entry entry = { .event = &event };
    (void)cas_inventory_note(&scene.inventory, &entry);
    memset(version, '?', sizeof(version) - 1);
    cas_inventory_tell(&scene.inventory, take_server, &scene);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_str_eq(scene.servers[0].version, "0x7f1c");
    close_scene(&scene);
}
END_TEST

START_TEST(lists_not_seen_whole_make_at_most_one_server)
{
    struct scene scene;
    open_scene(&scene, 1u << 22);
    uint32_t gap = CAS_REASON_BIT(CAS_REASON_GAP);
    ck_assert_int_eq(note(&scene, 443, report_of(&scene, 10, gap)), CAS_LIST_NEWS_FULL);
    ck_assert_int_eq(note(&scene, 443, report_of(&scene, 11, gap)), CAS_LIST_NEWS_NONE);
    ck_assert_int_eq(note(&scene, 443, report_of(&scene, 20, 0)), CAS_LIST_NEWS_FULL);
    ck_assert_int_eq(note(&scene, 443, report_of(&scene, 12, gap)), CAS_LIST_NEWS_NONE);
    ck_assert_int_eq(note(&scene, 443, report_of(&scene, 20, 0)), CAS_LIST_NEWS_NONE);
    cas_inventory_tell(&scene.inventory, take_server, &scene);
    ck_assert_uint_eq(scene.told, 2);
    ck_assert_uint_eq(scene.servers[0].handshakes, 2);
    ck_assert_uint_eq(scene.servers[1].handshakes, 3);
    close_scene(&scene);
}
END_TEST

/* A connection without a list that ended so, with this diagnosis. */
static void note_outcome(struct scene *scene, enum cas_established established,
                         enum cas_severity severity)
{
    const struct cas_diagnosis diagnosis = { CAS_DIAGNOSIS_CLIENT_SENT_NONE, severity, "" };
    const struct cas_handshake_event event = {
        .head = { .dest = { .family = 4, .address = { 192, 0, 2, 1 }, .port = 443 } },
        .tls = { .established = established },
        .client_auth = { .diagnosis = &diagnosis, .diagnosis_len = 1 },
    };
    const struct cas_inventory_entry entry = { .event = &event };
    (void)cas_inventory_note(&scene->inventory, &entry);
}

START_TEST(a_warning_over_an_established_connection_is_no_failure)
{
    struct scene scene;
    open_scene(&scene, 1u << 22);
    note_outcome(&scene, CAS_ESTABLISHED_YES, CAS_SEVERITY_INFO);
    for (int i = 0; i < CAS_FAILURES_MAX + 1; i++) {
        note_outcome(&scene, CAS_ESTABLISHED_YES, CAS_SEVERITY_WARNING);
    }
    note_outcome(&scene, CAS_ESTABLISHED_UNKNOWN, CAS_SEVERITY_WARNING);
    note_outcome(&scene, CAS_ESTABLISHED_NO, CAS_SEVERITY_WARNING);
    note_outcome(&scene, CAS_ESTABLISHED_YES, CAS_SEVERITY_ERROR);
    cas_inventory_tell(&scene.inventory, take_server, &scene);
    ck_assert_uint_eq(scene.told, 1);
    ck_assert_uint_eq(scene.servers[0].doubtful_count, CAS_FAILURES_MAX + 2);
    ck_assert_uint_eq(scene.servers[0].failures_count, 2);
    ck_assert_uint_eq(scene.servers[0].failures_len, CAS_FAILURES_MAX + 2);
    ck_assert(scene.servers[0].failures[0].is_doubtful);
    ck_assert(!scene.servers[0].failures[CAS_FAILURES_MAX].is_doubtful);
    close_scene(&scene);
}
END_TEST

START_TEST(what_no_longer_fits_is_counted_and_its_list_told)
{
    struct scene scene;
    open_scene(&scene, 1u << 18);
    unsigned capped = 0;
    for (uint16_t port = 1; port < 2000; port++) {
        ck_assert_int_eq(note(&scene, port, report_of(&scene, 10, 0)), CAS_LIST_NEWS_FULL);
    }
    capped = (unsigned)scene.counters.value[CAS_COUNT_SERVERS_CAPPED];
    ck_assert_uint_gt(capped, 0);
    ck_assert_uint_lt(capped, 2000);
    close_scene(&scene);
}
END_TEST

/* The state of the server of this port; NULL when it was given up. */
static const struct cas_state_server *state_of(struct scene *scene, uint16_t port)
{
    const struct cas_endpoint endpoint = { .family = 4,
                                           .address = { 192, 0, 2, 1 },
                                           .port = port };
    struct cas_inventory_host *host =
        cas_inventory_find(&scene->inventory, &endpoint, "www.example.at");
    return host != NULL ? &host->state : NULL;
}

START_TEST(the_server_unseen_for_longest_goes_first)
{
    struct scene scene;
    open_scene(&scene, 1u << 18);
    uint16_t port = 2;
    note(&scene, 1, report_of(&scene, 10, 0));
    while (scene.counters.value[CAS_COUNT_SERVERS_CAPPED] == 0) {
        note(&scene, port++, report_of(&scene, 10, 0));
        ck_assert_int_eq(note(&scene, 1, report_of(&scene, 10, 0)), CAS_LIST_NEWS_NONE);
    }
    ck_assert_ptr_nonnull(state_of(&scene, 1));
    ck_assert_ptr_null(state_of(&scene, 2));
    ck_assert_ptr_nonnull(state_of(&scene, (uint16_t)(port - 1)));
    close_scene(&scene);
}
END_TEST

START_TEST(one_server_keeps_so_many_lists)
{
    struct scene scene;
    open_scene(&scene, 1u << 22);
    for (uint8_t len = 1; len <= CAS_LISTS_MAX + 4; len++) {
        scene.now_us++;
        ck_assert_int_eq(note(&scene, 443, report_of(&scene, len, 0)), CAS_LIST_NEWS_FULL);
    }
    ck_assert_uint_eq(scene.counters.value[CAS_COUNT_SERVERS_CAPPED], 4);
    const struct cas_inventory_listing *first = scene.inventory.first;
    ck_assert_uint_eq(first->report->info.bytes, 7); /* those of 1 to 4 bytes went */
    ck_assert_uint_eq(state_of(&scene, 443)->handshakes, CAS_LISTS_MAX + 4);
    close_scene(&scene);
}
END_TEST

START_TEST(lists_that_take_turns_are_not_told_each_time)
{
    struct scene scene;
    open_scene(&scene, 1u << 22);
    unsigned told = 0;
    for (int i = 0; i < 500; i++) {
        told += note(&scene, 443, report_of(&scene, 10, 0)) == CAS_LIST_NEWS_FULL;
        told += note(&scene, 443, report_of(&scene, 20, 0)) == CAS_LIST_NEWS_FULL;
    }
    ck_assert_uint_eq(told, 2 + 8);
    ck_assert_uint_eq(scene.counters.value[CAS_COUNT_LISTS_NOT_RETOLD], 1000 - told);
    close_scene(&scene);
}
END_TEST

START_TEST(a_known_list_is_a_heartbeat_after_its_time)
{
    struct scene scene;
    open_scene(&scene, 1u << 22);
    scene.inventory.heartbeat_us = 1000;
    scene.now_us = 5000;
    ck_assert_int_eq(note(&scene, 443, report_of(&scene, 10, 0)), CAS_LIST_NEWS_FULL);
    scene.now_us = 5999;
    ck_assert_int_eq(note(&scene, 443, report_of(&scene, 10, 0)), CAS_LIST_NEWS_NONE);
    scene.now_us = 6000;
    ck_assert_int_eq(note(&scene, 443, NULL), CAS_LIST_NEWS_NONE);
    ck_assert_int_eq(note(&scene, 443, report_of(&scene, 10, 0)), CAS_LIST_NEWS_HEARTBEAT);
    ck_assert_int_eq(note(&scene, 443, report_of(&scene, 10, 0)), CAS_LIST_NEWS_NONE);
    scene.now_us = 10; /* the clock was set back */
    ck_assert_int_eq(note(&scene, 443, report_of(&scene, 10, 0)), CAS_LIST_NEWS_NONE);
    scene.now_us = 1010;
    ck_assert_int_eq(note(&scene, 443, report_of(&scene, 10, 0)), CAS_LIST_NEWS_HEARTBEAT);
    scene.inventory.heartbeat_us = 0;
    scene.now_us = 1000000;
    ck_assert_int_eq(note(&scene, 443, report_of(&scene, 10, 0)), CAS_LIST_NEWS_NONE);
    close_scene(&scene);
}
END_TEST

START_TEST(a_server_is_recalled_as_older_than_those_seen)
{
    struct scene scene;
    open_scene(&scene, 1u << 22);
    note(&scene, 443, report_of(&scene, 10, 0));
    struct cas_state_server known = *state_of(&scene, 443);
    known.endpoint.port = 444;
    known.handshakes = 7;
    cas_inventory_recall(&scene.inventory, &known);
    ck_assert_uint_eq(scene.inventory.oldest->state.endpoint.port, 444);
    ck_assert_int_eq(note(&scene, 444, report_of(&scene, 20, 0)), CAS_LIST_NEWS_FULL);
    const struct cas_state_server *state = state_of(&scene, 444);
    ck_assert_uint_eq(state->handshakes, 8);
    ck_assert_uint_eq(state->base.bytes, 12); /* what a change is measured against */
    ck_assert_uint_eq(state->list.brief.bytes, 22);
    known.endpoint.port = 443;
    cas_inventory_recall(&scene.inventory, &known); /* what was seen counts more */
    ck_assert_uint_eq(state_of(&scene, 443)->handshakes, 1);
    close_scene(&scene);
}
END_TEST

/* Behind a field that says otherwise lies something else, maybe another list. */
START_TEST(what_a_malformed_list_shows_is_not_remembered)
{
    uint8_t list[] = { 0, 3, 'a', 'b', 'c', 0, 9, 'd' };
    const struct cas_cert_request whole = request_of(cas_view_of(list, 5));
    struct cas_cert_request malformed[] = { whole, whole, request_of(cas_view_of(list, 8)) };
    malformed[0].is_malformed = true; /* its fields contradict each other */
    malformed[1].trailing_len = 3;    /* bytes behind the list */
    malformed[1].rest_of_message = cas_view_of(list, 8);
    /* The last one's second name is longer than the list. */
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
        struct scene scene;
        open_scene(&scene, 1u << 22);
        struct cas_list_report *first = report_get(&scene, &malformed[i]);
        ck_assert_int_eq(first->info.seen, CAS_SEEN_MALFORMED);
        ck_assert_int_eq(note(&scene, 443, first), CAS_LIST_NEWS_FULL); /* told all the same */
        ck_assert(!state_of(&scene, 443)->has_list);
        note(&scene, 443, report_of(&scene, 20, 0));
        note(&scene, 443, report_get(&scene, &malformed[i]));
        const struct cas_state_server *state = state_of(&scene, 443);
        ck_assert(state->has_list);
        ck_assert_uint_eq(state->base.bytes, 22);
        ck_assert_uint_eq(state->list.brief.bytes, 22);
        ck_assert_int_eq(state->list.seen, CAS_SEEN_COMPLETE);
        close_scene(&scene);
    }
}
END_TEST

/* 1,024 names of 64 bytes with their lengths, and one of 12: their length modulo 65,536 is 12.
 */
START_TEST(a_list_whose_length_wrapped_is_remembered_with_its_names)
{
    static uint8_t list[1024 * 64 + 12];
    struct scene scene;
    open_scene(&scene, 1u << 26);
    for (size_t i = 0; i < 1024; i++) {
        list[i * 64 + 1] = 62;
    }
    list[1024 * 64 + 1] = 10;
    struct cas_cert_request request = request_of(cas_view_of(list, sizeof(list)));
    request.list_declared_len = 12;
    request.list = cas_view_of(list, 12);
    request.trailing_len = 1024 * 64;
    note(&scene, 443, report_get(&scene, &request));
    const struct cas_state_server *state = state_of(&scene, 443);
    ck_assert(state->has_list);
    ck_assert_uint_eq(state->base.count, 1025);
    ck_assert_int_eq(state->list.seen, CAS_SEEN_MALFORMED);
    close_scene(&scene);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("inventory");
    TCase *tcase = tcase_create("inventory");
    tcase_add_test(tcase, a_list_is_news_once_and_when_it_changes);
    tcase_add_test(tcase, a_version_outlives_the_event_that_told_it);
    tcase_add_test(tcase, lists_not_seen_whole_make_at_most_one_server);
    tcase_add_test(tcase, a_warning_over_an_established_connection_is_no_failure);
    tcase_add_test(tcase, what_no_longer_fits_is_counted_and_its_list_told);
    tcase_add_test(tcase, the_server_unseen_for_longest_goes_first);
    tcase_add_test(tcase, one_server_keeps_so_many_lists);
    tcase_add_test(tcase, lists_that_take_turns_are_not_told_each_time);
    tcase_add_test(tcase, a_known_list_is_a_heartbeat_after_its_time);
    tcase_add_test(tcase, a_server_is_recalled_as_older_than_those_seen);
    tcase_add_test(tcase, what_a_malformed_list_shows_is_not_remembered);
    tcase_add_test(tcase, a_list_whose_length_wrapped_is_remembered_with_its_names);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
