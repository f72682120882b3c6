/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of a server, form by form: each verdict, each reason for having no list. */
#include <stdio.h>
#include <string.h>

#include "support/report.h"
#include "support/support.h"

#define DEST .head.dest = { 4, { 10, 0, 0, 2 }, 443 }
#define LIST .count = 2, .bytes = 40, .declared_bytes = 40, .verdict_text = "The sentence."

static char text[8192];

static const char *told(const struct cas_server_event *event, uint64_t names)
{
    const struct cas_report_options options = { .form = CAS_REPORT_TEXT, .names = names };
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    memory.sink.server(memory.sink.user, event);
    memory.sink.end(memory.sink.user);
    (void)snprintf(text, sizeof(text), "%s", memory_report_text(&memory));
    memory_report_close(&memory);
    return text;
}

static void expect(const char *all, const char *part)
{
    ck_assert_msg(strstr(all, part) != NULL, "\"%s\" is not in:\n%s", part, all);
}

static void expect_not(const char *all, const char *part)
{
    ck_assert_msg(strstr(all, part) == NULL, "\"%s\" is in:\n%s", part, all);
}

#define VERDICTS 11

START_TEST(each_verdict_has_a_word_and_a_meaning)
{
    static const struct cas_lint_info wrapped = { .code = CAS_LINT_LENGTH_WRAPPED,
                                                  .text = "Too long." };
    static const struct {
        struct cas_ca_list_info list;
        const char *line;
    } cases[VERDICTS] = {
        { { LIST, .truncation = CAS_TRUNCATION_NONE },
          "OK: nothing of the trust store is missing\n" },
        { { LIST, .truncation = CAS_TRUNCATION_NO_SIGN }, "NO SIGN: nothing looks cut\n" },
        { { .truncation = CAS_TRUNCATION_NO_SIGN },
          "EMPTY: the request names no authority: any will do\n" },
        { { LIST, .truncation = CAS_TRUNCATION_SUBSET },
          "SUBSET: less than the trust store, but not cut by size\n" },
        { { LIST, .truncation = CAS_TRUNCATION_SUSPECTED }, "SUSPECTED: the list looks cut\n" },
        { { LIST, .truncation = CAS_TRUNCATION_CONFIRMED }, "CONFIRMED: the list was cut\n" },
        { { LIST, .truncation = CAS_TRUNCATION_UNKNOWN }, "UNKNOWN: nothing can be said\n" },
        { { LIST, .truncation = CAS_TRUNCATION_UNKNOWN, .seen = CAS_SEEN_INCOMPLETE },
          "UNKNOWN: the list was not seen whole\n" },
        { { LIST, .truncation = CAS_TRUNCATION_UNKNOWN, .seen = CAS_SEEN_AMBIGUOUS },
          "UNKNOWN: bytes of the list are in doubt\n" },
        { { LIST, .truncation = CAS_TRUNCATION_UNKNOWN, .seen = CAS_SEEN_MALFORMED },
          "UNKNOWN: the list contradicts itself\n" },
        { { LIST, .truncation = CAS_TRUNCATION_UNKNOWN, .seen = CAS_SEEN_MALFORMED,
            .lint = &wrapped, .lint_len = 1 },
          "WRONG LENGTH: the list is too long for the protocol\n" },
    };
    static const struct cas_name_info names[2] = { { .dn = "CN=A" }, { .dn = "CN=B" } };
    struct cas_ca_list_info list = cases[_i].list;
    list.names = names;
    const struct cas_server_event event = { DEST, .ca_list = &list };
    expect(told(&event, CAS_NAMES_DEFAULT), cases[_i].line);
}
END_TEST

START_TEST(room_is_told_beside_a_limit_only)
{
    static const struct {
        enum cas_headroom headroom;
        const char *word;
    } cases[] = { { CAS_HEADROOM_OK, "   ok" },
                  { CAS_HEADROOM_WARN, "   WARN" },
                  { CAS_HEADROOM_CRIT, "   CRIT" },
                  { CAS_HEADROOM_OVER, "   OVER" } };
    static const struct cas_name_info names[2] = { { .dn = "CN=A" }, { .dn = "CN=B" } };
    struct cas_ca_list_info list = { LIST,
                                     .names = names,
                                     .limit_name = "schannel-16k",
                                     .limit_bytes = 16384,
                                     .limit_counted = 40,
                                     .limit_percent = 0,
                                     .headroom = cases[_i].headroom };
    const struct cas_server_event event = { DEST, .ca_list = &list };
    expect(told(&event, CAS_NAMES_DEFAULT), cases[_i].word);
    list.limit_name = NULL;
    expect(told(&event, CAS_NAMES_DEFAULT), "  CA list   40 bytes, 2 names\n");
    list.limit_name = "own";
    list.limit_bytes = 0;
    expect(told(&event, CAS_NAMES_DEFAULT), "  CA list   40 bytes, 2 names\n");
}
END_TEST

START_TEST(so_many_names_as_are_asked_for)
{
    static const struct cas_name_info names[3] = { { .dn = "CN=A" },
                                                   { .dn = "" },
                                                   { .dn = "CN=C" } };
    const struct cas_ca_list_info list = { .count = 3,
                                           .verdict_text = "The sentence.",
                                           .names = names };
    const struct cas_server_event event = { DEST, .ca_list = &list };
    expect(told(&event, 1), "              1  CN=A\n            ... 2 more (--names all)\n");
    expect(told(&event, CAS_NAMES_ALL), "              2  (an empty name)\n");
    expect_not(told(&event, 0), "CN=A");
    expect_not(told(&event, 0), "in this order");
}
END_TEST

START_TEST(what_was_not_seen_of_a_list_has_its_reasons)
{
    static const struct cas_name_info names[2] = { { .dn = "CN=A" }, { .dn = "CN=B" } };
    const struct cas_ca_list_info list = { LIST, .names = names, .seen = CAS_SEEN_INCOMPLETE,
                                           .reasons = CAS_REASON_BIT(CAS_REASON_GAP) |
                                                      CAS_REASON_BIT(CAS_REASON_SNAPLEN) };
    const struct cas_server_event event = { DEST, .ca_list = &list };
    const char *all = told(&event, CAS_NAMES_DEFAULT);
    expect(all, "  capture   incomplete: ");
    expect(all, cas_reason_name(CAS_REASON_GAP));
    expect(all, cas_reason_name(CAS_REASON_SNAPLEN));
}
END_TEST

START_TEST(findings_beyond_a_few_are_counted)
{
    static const struct cas_name_info names[2] = { { .dn = "CN=A" }, { .dn = "CN=B" } };
    struct cas_lint_info lint[20];
    for (size_t i = 0; i < 20; i++) {
        lint[i] = (struct cas_lint_info){ .code = CAS_LINT_EMPTY_NAME, .text = "Found." };
    }
    struct cas_ca_list_info list = { LIST, .names = names, .lint = lint, .lint_len = 20 };
    const struct cas_server_event event = { DEST, .ca_list = &list };
    const char *all = told(&event, CAS_NAMES_DEFAULT);
    unsigned found = 0;
    for (const char *at = all; (at = strstr(at, "empty_name: Found.")) != NULL; at++) {
        found++;
    }
    char rest[64];
    (void)snprintf(rest, sizeof(rest), "            ... %u more findings\n", 20 - found);
    ck_assert_uint_lt(found, 20);
    expect(all, rest);
}
END_TEST

START_TEST(a_store_that_lacks_names_of_the_list_and_misses_none)
{
    static const struct cas_name_info names[2] = { { .dn = "CN=A" }, { .dn = "CN=B" } };
    static const char *const extra[] = { "CN=A", "CN=B" };
    const struct cas_store_info store = { .names = 5, .extra = extra, .extra_count = 2 };
    const struct cas_ca_list_info list = { LIST, .names = names, .store = &store };
    const struct cas_server_event event = { DEST, .ca_list = &list };
    const char *all = told(&event, CAS_NAMES_DEFAULT);
    expect(all, "  extra     2 names that are not in the store\n");
    expect_not(all, "  missing");
}
END_TEST

#define ABSENCES 8

START_TEST(without_a_list_the_reason_is_told)
{
    static const struct {
        struct cas_server_event event;
        const char *line;
    } cases[ABSENCES] = {
        { { DEST, .version = "TLS 1.3", .handshakes = 1, .inferred = 1,
            .requested = { [CAS_REQUESTED_YES] = 1 } },
          "TLS 1.3    ASKED: but TLS 1.3 encrypts the list\n" },
        { { DEST, .version = "TLS 1.2", .handshakes = 1, .inferred = 1,
            .requested = { [CAS_REQUESTED_YES] = 1 } },
          "TLS 1.2    ASKED: but in a renegotiation, which encrypts the list\n" },
        { { DEST, .version = "TLS 1.3", .handshakes = 1,
            .requested = { [CAS_REQUESTED_HIDDEN] = 1 } },
          "TLS 1.3    HIDDEN: TLS 1.3 encrypts the request\n" },
        { { DEST, .version = "TLS 1.2", .handshakes = 1,
            .requested = { [CAS_REQUESTED_HIDDEN] = 1 } },
          "TLS 1.2    HIDDEN: a renegotiation may hold the request\n" },
        { { DEST, .version = "TLS 1.2", .handshakes = 2, .resumed = 2,
            .requested = { [CAS_REQUESTED_NO] = 2 } },
          "TLS 1.2    RESUMED" },
        { { DEST, .version = "TLS 1.2", .handshakes = 2, .resumed = 1,
            .requested = { [CAS_REQUESTED_NO] = 2 } },
          "TLS 1.2    NOT ASKED" },
        { { DEST, .handshakes = 1, .requested = { [CAS_REQUESTED_UNSEEN] = 1 } },
          "TLS ?    NOT SEEN" },
        { { DEST, .version = "TLS 1.2", .sni = "www.example.at", .handshakes = 1,
            .requested = { [CAS_REQUESTED_YES] = 1 } },
          "www.example.at  TLS 1.2    ASKED: but its list was not seen\n" },
    };
    expect(told(&cases[_i].event, CAS_NAMES_DEFAULT), cases[_i].line);
}
END_TEST

START_TEST(a_size_that_was_inferred_is_told_without_a_limit)
{
    const struct cas_request_brief request = { .least = 16000 };
    const struct cas_server_event event = {
        DEST,          .version = "TLS 1.3", .handshakes = 1,
        .inferred = 1, .request = &request,  .requested = { [CAS_REQUESTED_YES] = 1 }
    };
    expect(told(&event, CAS_NAMES_DEFAULT), "  request   size inferred: at least 16,000 bytes");
}
END_TEST

/* Those whom a reader must see come first, those who merely deserve a look next. */
START_TEST(every_oddity_puts_a_server_before_the_calm)
{
    static const struct cas_lint_info lint = { .code = CAS_LINT_EMPTY_NAME, .text = "Found." };
    static const char *const clients[] = { "java" };
    static const struct cas_ca_list_info lists[] = {
        { .truncation = CAS_TRUNCATION_UNKNOWN, .seen = CAS_SEEN_INCOMPLETE },
        { .truncation = CAS_TRUNCATION_SUBSET },
        { .truncation = CAS_TRUNCATION_NO_SIGN, .headroom = CAS_HEADROOM_WARN },
        { .truncation = CAS_TRUNCATION_NO_SIGN, .lint = &lint, .lint_len = 1 },
        { .truncation = CAS_TRUNCATION_NO_SIGN,
          .clients_refusing = clients,
          .clients_refusing_len = 1 },
        { .truncation = CAS_TRUNCATION_NO_SIGN },
    };
    static const struct cas_request_brief requests[] = { { .headroom = CAS_HEADROOM_WARN },
                                                         { .clients_refusing = 1 },
                                                         { .least = 1 } };
    const struct cas_report_options options = { .form = CAS_REPORT_TEXT,
                                                .names = CAS_NAMES_DEFAULT };
    const struct cas_server_event calm = { .head.dest = { 4, { 1 }, 1 } };
    struct cas_server_event odd = { .head.dest = { 4, { 2 }, 1 } };
    bool is_calm = _i == 5 || _i == 8;
    if (_i < 6) {
        odd.ca_list = &lists[_i];
    } else {
        odd.request = &requests[_i - 6];
    }
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    memory.sink.server(memory.sink.user, &calm);
    memory.sink.server(memory.sink.user, &odd);
    memory.sink.end(memory.sink.user);
    const char *first = strstr(memory_report_text(&memory), "1.0.0.0:1");
    const char *second = strstr(memory_report_text(&memory), "2.0.0.0:1");
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_nonnull(second);
    ck_assert(is_calm ? first < second : second < first);
    memory_report_close(&memory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text_verdict");
    TCase *tcase = tcase_create("text_verdict");
    tcase_add_loop_test(tcase, each_verdict_has_a_word_and_a_meaning, 0, VERDICTS);
    tcase_add_loop_test(tcase, room_is_told_beside_a_limit_only, 0, 4);
    tcase_add_test(tcase, so_many_names_as_are_asked_for);
    tcase_add_test(tcase, what_was_not_seen_of_a_list_has_its_reasons);
    tcase_add_test(tcase, findings_beyond_a_few_are_counted);
    tcase_add_test(tcase, a_store_that_lacks_names_of_the_list_and_misses_none);
    tcase_add_loop_test(tcase, without_a_list_the_reason_is_told, 0, ABSENCES);
    tcase_add_test(tcase, a_size_that_was_inferred_is_told_without_a_limit);
    tcase_add_loop_test(tcase, every_oddity_puts_a_server_before_the_calm, 0, 9);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
