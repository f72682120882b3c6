/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "analysis/list_report.h"
#include "bytes/buf.h"
#include "support/der_text.h"
#include "support/support.h"

static const uint8_t hash_key[CAS_KEYHASH_KEY_LEN] = { 7 };

struct scene {
    struct cas_budget budget;
    struct cas_limit limit;
    struct cas_list_reporter reporter;
    struct cas_buf list;
};

static void open_scene(struct scene *scene)
{
    *scene = (struct scene){
        .budget = { .limit = 1u << 24 },
        .list = cas_buf_init(1u << 20, NULL),
    };
    ck_assert(cas_limit_find("schannel", &scene->limit));
    const struct cas_verdict_rules rules = { .limits = &scene->limit, .limits_len = 1 };
    ck_assert(cas_list_reporter_init(&scene->reporter, NULL, &rules, &scene->budget, hash_key));
}

static void close_scene(struct scene *scene)
{
    cas_list_reporter_finish(&scene->reporter);
    cas_buf_finish(&scene->list);
    ck_assert_uint_eq(scene->budget.used, 0);
}

static void add_name(struct scene *scene, const char *text)
{
    struct cas_view name = der_copy(text);
    cas_buf_append_u8(&scene->list, 0);
    cas_buf_append_u8(&scene->list, (uint8_t)name.len);
    cas_buf_append(&scene->list, name);
    exact_free(name);
}

/* CN=CA 1, CN=CA 2, ... */
static void add_names(struct scene *scene, unsigned len)
{
    for (unsigned i = 1; i <= len; i++) {
        char text[64];
        (void)snprintf(text, sizeof(text), "30{31{30{06:550403 0c'CA %u'}}}", i);
        add_name(scene, text);
    }
}

static void add_empty_names(struct scene *scene, unsigned len)
{
    for (unsigned i = 0; i < 2 * len; i++) {
        cas_buf_append_u8(&scene->list, 0);
    }
}

static struct cas_list_report *get_at(struct scene *scene, int64_t now_s)
{
    struct cas_view list = cas_buf_view(&scene->list);
    const struct cas_cert_request request = {
        .list_declared_len = (uint32_t)list.len,
        .list = list,
        .rest_of_message = list,
    };
    return cas_list_report_get(&scene->reporter, &request, (struct cas_view){ 0 }, now_s);
}

static struct cas_list_report *get(struct scene *scene)
{
    return get_at(scene, 1700000000);
}

/* Whatever memory there is: all of the report, or none of it, and nothing is lost. */
START_TEST(without_memory_there_is_no_report)
{
    enum {
        NAMES = 200
    };
    struct scene scene;
    struct cas_list_report *report = NULL;
    size_t refused = 0;
    open_scene(&scene);
    add_names(&scene, NAMES);
    size_t begun = scene.budget.used;
    for (size_t room = 0; report == NULL; room += 97) {
        uint64_t before = scene.budget.refused;
        ck_assert_uint_lt(room, 1u << 20);
        scene.budget.limit = begun + room;
        report = get(&scene);
        refused += report == NULL ? 1 : 0;
        /* The first refusal ends it: two hundred names do not ask one after the other. */
        ck_assert_uint_le(scene.budget.refused - before, 4);
    }
    ck_assert_uint_gt(refused, NAMES);
    ck_assert_uint_eq(report->info.count, NAMES);
    ck_assert_str_eq(report->info.names[0].dn, "CN=CA 1");
    ck_assert_str_eq(report->info.names[NAMES - 1].dn, "CN=CA 200");
    ck_assert_uint_eq(report->info.lint_len, 0);
    cas_list_report_release(&scene.reporter, report);
    close_scene(&scene);
}
END_TEST

START_TEST(a_name_that_stands_there_often_costs_once)
{
    struct scene scene;
    open_scene(&scene);
    add_empty_names(&scene, 1000);
    struct cas_list_report *report = get(&scene);
    ck_assert_ptr_nonnull(report);
    ck_assert_uint_eq(report->info.count, 1000);
    ck_assert_ptr_eq(report->names[0], report->names[999]);
    ck_assert_uint_eq(scene.reporter.names.names.len, 1);
    ck_assert_uint_le(report->item.size, report->arena.used + report->names[0]->item.size);
    cas_list_report_release(&scene.reporter, report);
    close_scene(&scene);
}
END_TEST

/* The same list, cut: the names are the same ones, and stay when one of the two has gone. */
START_TEST(lists_share_their_names)
{
    struct scene scene;
    open_scene(&scene);
    add_names(&scene, 3);
    struct cas_list_report *whole = get(&scene);
    scene.list.len -= 4; /* within the last name */
    struct cas_list_report *cut = get(&scene);
    ck_assert_uint_eq(cut->info.count, 2);
    ck_assert_ptr_ne(whole, cut);
    ck_assert_ptr_eq(whole->names[1], cut->names[1]);
    ck_assert_uint_eq(cut->names[1]->item.holders, 2);
    ck_assert_uint_eq(whole->names[2]->item.holders, 1);
    ck_assert_uint_lt(cut->item.size - cut->arena.used,
                      cut->names[0]->item.size + cut->names[1]->item.size);
    scene.reporter.reports.limit = 0; /* what nobody holds goes at once */
    cas_list_report_release(&scene.reporter, whole);
    ck_assert_uint_eq(cut->names[1]->item.holders, 1);
    ck_assert_str_eq(cut->info.names[1].dn, "CN=CA 2");
    cas_list_report_release(&scene.reporter, cut);
    ck_assert_uint_eq(scene.reporter.reports.len, 0);
    close_scene(&scene);
}
END_TEST

static const struct cas_lint_info *lint_of(const struct cas_list_report *report,
                                           enum cas_lint code)
{
    const struct cas_lint_info *found = NULL;
    for (size_t i = 0; i < report->info.lint_len; i++) {
        if (report->info.lint[i].code == code) {
            ck_assert_ptr_null(found); /* one finding of a kind */
            found = &report->info.lint[i];
        }
    }
    ck_assert_ptr_nonnull(found);
    return found;
}

#define SERVER    "30{31{30{06:550403 0c'server'}}}"
#define AUTHORITY "30{31{30{06:550403 0c'NT AUTHORITY'}}}"

START_TEST(what_is_odd_about_a_list_is_told_once_a_kind)
{
    struct scene scene;
    open_scene(&scene);
    add_names(&scene, 1);
    add_name(&scene, AUTHORITY);
    add_name(&scene, "04:beef");
    add_empty_names(&scene, 2);
    add_name(&scene, SERVER);
    add_name(&scene, SERVER);
    size_t list_len = scene.list.len;
    cas_buf_append_text(&scene.list, "abc");
    struct cas_view message = cas_buf_view(&scene.list);
    struct cas_view subject = der_copy(SERVER);
    const struct cas_cert_request request = {
        .sight = { .is_record_too_long = true },
        .list_declared_len = (uint32_t)list_len,
        .list = cas_view_part(message, 0, list_len),
        .trailing_len = 3,
        .rest_of_message = message,
    };
    struct cas_list_report *report =
        cas_list_report_get(&scene.reporter, &request, subject, 1700000000);
    ck_assert_ptr_nonnull(report);
    ck_assert_uint_eq(report->info.count, 7);
    ck_assert_uint_eq(lint_of(report, CAS_LINT_NT_AUTHORITY)->index, 1);
    ck_assert_uint_eq(lint_of(report, CAS_LINT_MALFORMED_NAME)->index, 2);
    ck_assert_uint_eq(lint_of(report, CAS_LINT_EMPTY_NAME)->index, 3);
    ck_assert_uint_eq(lint_of(report, CAS_LINT_DUPLICATE_NAME)->index, 4);
    ck_assert_uint_eq(lint_of(report, CAS_LINT_SERVER_LEAF)->index, 5);
    (void)lint_of(report, CAS_LINT_TRAILING_BYTES);
    (void)lint_of(report, CAS_LINT_RECORD_TOO_LONG);
    ck_assert_uint_eq(report->info.lint_len, 7);
    cas_list_report_release(&scene.reporter, report);
    exact_free(subject);
    close_scene(&scene);
}
END_TEST

/* What has expired need not be in the list: the verdict of the same bytes changes in time. */
START_TEST(a_report_is_made_again_once_a_name_of_the_store_has_expired)
{
    struct scene scene;
    struct cas_view der = der_copy("30{31{30{06:550403 0c'CA 9'}}}");
    char dn[] = "CN=CA 9";
    struct cas_store_name name = {
        .der = der,
        .canonical = der,
        .dn = dn,
        .has_ca = true,
        .not_after_s = 1700000000,
    };
    size_t by_canonical[] = { 0 };
    const struct cas_trust_store store = {
        .names = &name,
        .names_len = 1,
        .by_canonical = by_canonical,
        .ends_s = &name.not_after_s,
        .ends_len = 1,
    };
    open_scene(&scene);
    scene.reporter.store = &store;
    add_names(&scene, 1);
    struct cas_list_report *before = get_at(&scene, 1699999999);
    struct cas_list_report *still = get_at(&scene, 1700000000);
    struct cas_list_report *after = get_at(&scene, 1700000001);
    ck_assert_ptr_eq(before, still);
    ck_assert_ptr_ne(before, after);
    ck_assert_uint_eq(before->comparison.faults, 1);
    ck_assert_ptr_null(before->info.store->missing[0].note);
    ck_assert_uint_eq(after->comparison.faults, 0);
    ck_assert_str_eq(after->info.store->missing[0].note, "expired");
    /* In doubt, too, the time counts. */
    struct cas_list_report *doubted = cas_list_report_doubt(
        &scene.reporter, still, CAS_REASON_BIT(CAS_REASON_OVERLAP), 1700000001);
    ck_assert_uint_eq(doubted->comparison.faults, 0);
    cas_list_report_release(&scene.reporter, before);
    cas_list_report_release(&scene.reporter, after);
    cas_list_report_release(&scene.reporter, doubted);
    close_scene(&scene);
    exact_free(der);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("list_report");
    TCase *tcase = tcase_create("list_report");
    tcase_add_test(tcase, without_memory_there_is_no_report);
    tcase_add_test(tcase, a_name_that_stands_there_often_costs_once);
    tcase_add_test(tcase, lists_share_their_names);
    tcase_add_test(tcase, what_is_odd_about_a_list_is_told_once_a_kind);
    tcase_add_test(tcase, a_report_is_made_again_once_a_name_of_the_store_has_expired);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
