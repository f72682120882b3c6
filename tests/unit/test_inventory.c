/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "analysis/inventory.h"
#include "support/support.h"

static const uint8_t hash_key[CAS_KEYHASH_KEY_LEN] = { 1 };

struct scene {
    struct cas_budget budget;
    struct cas_counters counters;
    struct cas_limit limit;
    struct cas_list_reporter reporter;
    struct cas_inventory inventory;
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

/* The report of a list of one name of so many bytes; with a gap when it is not whole. */
static struct cas_list_report *report_of(struct scene *scene, uint8_t len, uint32_t reasons)
{
    uint8_t list[64] = { 0, len };
    ck_assert_uint_le(2u + len, sizeof(list));
    struct cas_view view = cas_view_of(list, (size_t)len + 2);
    const struct cas_cert_request request = {
        .sight = { .declared_len = (uint32_t)view.len + 5, .records = 1, .reasons = reasons },
        .list_declared_len = (uint32_t)view.len,
        .list = view,
        .rest_of_message = view,
    };
    struct cas_list_report *report =
        cas_list_report_get(&scene->reporter, &request, (struct cas_view){ 0 }, 0);
    ck_assert_ptr_nonnull(report);
    return report;
}

/* A handshake with the server of this port; true when its list was news. */
static bool note(struct scene *scene, uint16_t port, struct cas_list_report *report)
{
    const struct cas_handshake_event event = {
        .head = { .dest = { .family = 4, .address = { 192, 0, 2, 1 }, .port = port } },
        .tls = { .sni = "www.example.at", .version = "TLS 1.2" },
        .client_auth = { .requested = report != NULL ? CAS_REQUESTED_YES : CAS_REQUESTED_NO },
    };
    const struct cas_inventory_entry entry = { .event = &event, .report = report };
    bool is_news = cas_inventory_note(&scene->inventory, &entry);
    cas_list_report_release(&scene->reporter, report);
    return is_news;
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
    ck_assert(note(&scene, 443, report_of(&scene, 10, 0)));
    ck_assert(!note(&scene, 443, report_of(&scene, 10, 0)));
    ck_assert(note(&scene, 443, report_of(&scene, 20, 0)));
    ck_assert(note(&scene, 443, report_of(&scene, 10, 0))); /* back again */
    ck_assert(!note(&scene, 443, NULL));
    ck_assert(note(&scene, 444, report_of(&scene, 10, 0))); /* another server */
    cas_inventory_tell(&scene.inventory, take_server, &scene);
    ck_assert_uint_eq(scene.told, 4);
    ck_assert_uint_eq(scene.servers[0].handshakes, 3);
    ck_assert_uint_eq(scene.servers[1].handshakes, 1);
    ck_assert_ptr_null(scene.servers[2].ca_list);
    ck_assert_uint_eq(scene.servers[3].head.dest.port, 444);
    close_scene(&scene);
}
END_TEST

START_TEST(lists_not_seen_whole_make_at_most_one_server)
{
    struct scene scene;
    open_scene(&scene, 1u << 22);
    uint32_t gap = CAS_REASON_BIT(CAS_REASON_GAP);
    ck_assert(note(&scene, 443, report_of(&scene, 10, gap)));
    ck_assert(!note(&scene, 443, report_of(&scene, 11, gap)));
    ck_assert(note(&scene, 443, report_of(&scene, 20, 0)));
    ck_assert(!note(&scene, 443, report_of(&scene, 12, gap)));
    ck_assert(!note(&scene, 443, report_of(&scene, 20, 0)));
    cas_inventory_tell(&scene.inventory, take_server, &scene);
    ck_assert_uint_eq(scene.told, 2);
    ck_assert_uint_eq(scene.servers[0].handshakes, 2);
    ck_assert_uint_eq(scene.servers[1].handshakes, 3);
    close_scene(&scene);
}
END_TEST

START_TEST(what_no_longer_fits_is_counted_and_its_list_told)
{
    struct scene scene;
    open_scene(&scene, 1u << 18);
    unsigned capped = 0;
    for (uint16_t port = 1; port < 2000; port++) {
        ck_assert(note(&scene, port, report_of(&scene, 10, 0)));
    }
    capped = (unsigned)scene.counters.value[CAS_COUNT_SERVERS_CAPPED];
    ck_assert_uint_gt(capped, 0);
    ck_assert_uint_lt(capped, 2000);
    close_scene(&scene);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("inventory");
    TCase *tcase = tcase_create("inventory");
    tcase_add_test(tcase, a_list_is_news_once_and_when_it_changes);
    tcase_add_test(tcase, lists_not_seen_whole_make_at_most_one_server);
    tcase_add_test(tcase, what_no_longer_fits_is_counted_and_its_list_told);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
