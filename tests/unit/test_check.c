/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The form of the line is the monitoring plugins' guidelines'. */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <casniff/check.h>

#include "support/events.h"
#include "support/support.h"

#define V4(d, p)                                                                               \
    {                                                                                          \
        .family = 4, .address = { 10, 0, 0, (d) }, .port = (p)                                 \
    }
#define SCHANNEL .limit_bytes = 16384

static const struct cas_endpoint v6 = {
    .family = 6,
    .address = { 0x20, 0x01, 0x0d, 0xb8, 0x11, 0x11, 0x22, 0x22, 0x33, 0x33, 0x44, 0x44, 0x55,
                 0x55, 0x66, 0x66 },
    .port = 65535,
};

/* The answer for these servers; the caller frees it. */
static char *answer_of(const struct cas_check_server *servers, size_t servers_len,
                       const struct cas_check_traffic *traffic,
                       enum cas_check_status *out_status)
{
    const char *line = NULL;
    struct cas_check *check = cas_check_create(80, 95);
    ck_assert_ptr_nonnull(check);
    for (size_t i = 0; i < servers_len; i++) {
        cas_check_add(check, &servers[i]);
    }
    *out_status = cas_check_end(check, traffic, &line);
    char *copy = strdup(line);
    cas_check_destroy(check);
    return copy;
}

/* Text and bar; what is behind it is another test's. */
static void expect(const struct cas_check_server *servers, size_t servers_len,
                   enum cas_check_status status, const char *text)
{
    enum cas_check_status given = CAS_CHECK_OK;
    char *line = answer_of(servers, servers_len, NULL, &given);
    char *bar = strstr(line, " | ");
    ck_assert_ptr_nonnull(bar);
    *bar = '\0';
    ck_assert_str_eq(line, text);
    ck_assert_int_eq(given, status);
    free(line);
}

struct row {
    struct cas_check_server server;
    enum cas_check_status status;
    const char *text;
};

#define LIST .endpoint = V4(2, 443), .has_list = true, SCHANNEL

static const struct row rows[] = {
    { { LIST, .limit_counted = 13107 }, /* 80 % are 13107.2 bytes */
      CAS_CHECK_OK,
      "CASNIFF OK - 10.0.0.2:443 CA list 13107 B is 79% of 16384" },
    { { LIST, .limit_counted = 13108 },
      CAS_CHECK_WARNING,
      "CASNIFF WARNING - 10.0.0.2:443 CA list 13108 B is 80% of 16384" },
    { { LIST, .limit_counted = 15564 }, /* 95 % are 15564.8 bytes */
      CAS_CHECK_WARNING,
      "CASNIFF WARNING - 10.0.0.2:443 CA list 15564 B is 94% of 16384" },
    { { LIST, .limit_counted = 15565 },
      CAS_CHECK_CRITICAL,
      "CASNIFF CRITICAL - 10.0.0.2:443 CA list 15565 B is 95% of 16384" },
    { { LIST, .limit_counted = 16384 },
      CAS_CHECK_CRITICAL,
      "CASNIFF CRITICAL - 10.0.0.2:443 CA list 16384 B is 100% of 16384" },
    { { LIST, .limit_counted = 37600 },
      CAS_CHECK_CRITICAL,
      "CASNIFF CRITICAL - 10.0.0.2:443 CA list 37600 B is 229% of 16384" },
    { { LIST, .limit_counted = 16318, .truncation = CAS_TRUNCATION_CONFIRMED, .count = 133,
        .store_names = 405 },
      CAS_CHECK_CRITICAL,
      "CASNIFF CRITICAL - 10.0.0.2:443 CA list was cut: 133 of 405 names" },
    { { LIST, .limit_counted = 9000, .truncation = CAS_TRUNCATION_SUSPECTED },
      CAS_CHECK_WARNING,
      "CASNIFF WARNING - 10.0.0.2:443 CA list looks cut: 9000 B of 16384" },
    { { LIST, .limit_counted = 9000, .truncation = CAS_TRUNCATION_SUBSET },
      CAS_CHECK_OK,
      "CASNIFF OK - 10.0.0.2:443 CA list 9000 B is 54% of 16384" },
    { { LIST, .limit_counted = 9000, .clients_refuse = 1 },
      CAS_CHECK_WARNING,
      "CASNIFF WARNING - 10.0.0.2:443 CA list 9000 B is refused by 1 kind of clients" },
    { { LIST, .limit_counted = 264, .is_wrapped = true, .seen = CAS_SEEN_MALFORMED },
      CAS_CHECK_CRITICAL,
      "CASNIFF CRITICAL - 10.0.0.2:443 CA list is longer than 65535 B" },
    { { LIST, .limit_counted = 0 },
      CAS_CHECK_OK,
      "CASNIFF OK - 10.0.0.2:443 CA list 0 B is 0% of 16384" },
    { { .endpoint = V4(2, 443), .has_list = true, .limit_counted = 500 },
      CAS_CHECK_OK,
      "CASNIFF OK - 10.0.0.2:443 CA list 500 B, no limit known" },
    { { LIST, .limit_counted = 37600, .seen = CAS_SEEN_INCOMPLETE },
      CAS_CHECK_UNKNOWN,
      "CASNIFF UNKNOWN - not one of 1 CA list was seen whole" },
    { { LIST, .limit_counted = 100, .seen = CAS_SEEN_AMBIGUOUS },
      CAS_CHECK_UNKNOWN,
      "CASNIFF UNKNOWN - not one of 1 CA list was seen whole" },
    { { .endpoint = V4(2, 443), .handshakes = 17, .hidden = 16 },
      CAS_CHECK_UNKNOWN,
      "CASNIFF UNKNOWN - no CA list: 16 of 17 handshakes may hide one" },
    { { .endpoint = V4(2, 443), .handshakes = 1 },
      CAS_CHECK_UNKNOWN,
      "CASNIFF UNKNOWN - no CA list in 1 TLS handshake" },
    { { LIST, .limit_counted = 100, .sni = "www.example.at" },
      CAS_CHECK_OK,
      "CASNIFF OK - 10.0.0.2:443 (www.example.at) CA list 100 B is 0% of 16384" },
    { { LIST, .limit_counted = 37600, .sni = "a-name-that-is-too-long.example.at" },
      CAS_CHECK_CRITICAL,
      "CASNIFF CRITICAL - 10.0.0.2:443 (a-name-tha...) CA list 37600 B is 229% of 16384" },
    { { LIST, .limit_counted = 100, .sni = "a|b\nc" },
      CAS_CHECK_OK,
      "CASNIFF OK - 10.0.0.2:443 (a?b?c) CA list 100 B is 0% of 16384" },
};

#define INFERRED .endpoint = V4(2, 443), .is_inferred = true, SCHANNEL

/* What is inferred of an encrypted request can be bad, and is never good. */
static const struct row inferred_rows[] = {
    { { INFERRED, .limit_counted = 13107 },
      CAS_CHECK_UNKNOWN,
      "CASNIFF UNKNOWN - no TLS server was seen" },
    { { INFERRED, .limit_counted = 13108 },
      CAS_CHECK_WARNING,
      "CASNIFF WARNING - 10.0.0.2:443 request is 80% of 16384 B (inferred)" },
    { { INFERRED, .limit_counted = 15565 },
      CAS_CHECK_CRITICAL,
      "CASNIFF CRITICAL - 10.0.0.2:443 request is 95% of 16384 B (inferred)" },
    { { INFERRED, .limit_counted = 9000, .clients_refuse = 2 },
      CAS_CHECK_WARNING,
      "CASNIFF WARNING - 10.0.0.2:443 request refused by 2 kinds of client (inferred)" },
    { { .endpoint = V4(2, 443), .handshakes = 3, .inferred = 2, .hidden = 1 },
      CAS_CHECK_UNKNOWN,
      "CASNIFF UNKNOWN - no CA list: 2 of 3 handshakes hide one, 1 more may" },
    { { .endpoint = V4(2, 443), .handshakes = 1, .inferred = 1 },
      CAS_CHECK_UNKNOWN,
      "CASNIFF UNKNOWN - no CA list: 1 of 1 handshake hides one" },
    { { .endpoint = V4(2, 443), .handshakes = 1, .hidden = 1 },
      CAS_CHECK_UNKNOWN,
      "CASNIFF UNKNOWN - no CA list: 1 of 1 handshake may hide one" },
};

START_TEST(a_server_with_encrypted_requests_is_judged)
{
    expect(&inferred_rows[_i].server, 1, inferred_rows[_i].status, inferred_rows[_i].text);
}
END_TEST

START_TEST(an_inferred_fault_stands_beside_a_good_list)
{
    const struct cas_check_server servers[] = {
        { LIST, .limit_counted = 9000, .handshakes = 5 },
        { INFERRED, .limit_counted = 15565 },
    };
    expect(servers, 2, CAS_CHECK_CRITICAL,
           "CASNIFF CRITICAL - 10.0.0.2:443 request is 95% of 16384 B (inferred)");
    const struct cas_check_server good[] = {
        { LIST, .limit_counted = 9000, .handshakes = 5 },
        { INFERRED, .limit_counted = 9000 },
    };
    expect(good, 2, CAS_CHECK_OK, "CASNIFF OK - 10.0.0.2:443 CA list 9000 B is 54% of 16384");
}
END_TEST

START_TEST(a_saved_server_s_request_is_taken)
{
    const char *line = NULL;
    const struct cas_state_server server = {
        .endpoint = V4(2, 443),
        .handshakes = 9,
        .requests = 9,
        .has_request = true,
        .request = { .limit_bytes = 16384, .limit_counted = 16000 },
    };
    struct cas_check *check = cas_check_create(80, 95);
    cas_check_take_state(check, &server);
    ck_assert_int_eq(cas_check_end(check, NULL, &line), CAS_CHECK_CRITICAL);
    ck_assert_ptr_nonnull(strstr(line, "request is 97% of 16384 B (inferred) | "));
    ck_assert_ptr_nonnull(strstr(line, "'handshakes'=9;"));
    cas_check_destroy(check);
}
END_TEST

START_TEST(one_server_is_judged)
{
    expect(&rows[_i].server, 1, rows[_i].status, rows[_i].text);
}
END_TEST

START_TEST(a_long_address_is_cut_but_not_its_port)
{
    struct cas_check_server server = { LIST, .limit_counted = 37600 };
    server.endpoint = v6;
    expect(&server, 1, CAS_CHECK_CRITICAL,
           "CASNIFF CRITICAL - [2001:db8:1111:2222...:65535 CA list 37600 B is 229% of 16384");
}
END_TEST

START_TEST(the_worst_is_named_and_the_others_are_counted)
{
    const struct cas_check_server servers[] = {
        { .endpoint = V4(1, 443), .has_list = true, SCHANNEL, .limit_counted = 15000 },
        { .endpoint = V4(2, 443), .has_list = true, SCHANNEL, .limit_counted = 17000 },
        { .endpoint = V4(3, 443), .has_list = true, SCHANNEL, .limit_counted = 100 },
        { .endpoint = V4(4, 443), .has_list = true, SCHANNEL, .limit_counted = 18000 },
    };
    expect(servers, 4, CAS_CHECK_CRITICAL,
           "CASNIFF CRITICAL - 10.0.0.4:443 CA list 18000 B is 109% of 16384, 2 more");
    expect(&servers[2], 1, CAS_CHECK_OK,
           "CASNIFF OK - 10.0.0.3:443 CA list 100 B is 0% of 16384");
}
END_TEST

START_TEST(of_good_lists_the_fullest_is_named)
{
    const struct cas_check_server servers[] = {
        { .endpoint = V4(1, 443), .has_list = true, SCHANNEL, .limit_counted = 8192 },
        { .endpoint = V4(2, 443), .has_list = true, SCHANNEL, .limit_counted = 8193 },
        { .endpoint = V4(3, 443), .handshakes = 5, .hidden = 5 },
        { .endpoint = V4(3, 444), .has_list = true, .seen = CAS_SEEN_INCOMPLETE },
    };
    expect(servers, 4, CAS_CHECK_OK,
           "CASNIFF OK - 10.0.0.2:443 CA list 8193 B is 50% of 16384, the fullest of 2");
}
END_TEST

START_TEST(a_list_that_was_replaced_does_not_count)
{
    struct cas_check_server servers[] = {
        { LIST, .limit_counted = 17000, .first_us = 100, .last_us = 199 },
        { LIST, .limit_counted = 1000, .first_us = 200, .last_us = 300 },
    };
    expect(servers, 2, CAS_CHECK_OK, "CASNIFF OK - 10.0.0.2:443 CA list 1000 B is 6% of 16384");
    servers[0].last_us = 250; /* behind a balancer both are sent */
    expect(servers, 2, CAS_CHECK_CRITICAL,
           "CASNIFF CRITICAL - 10.0.0.2:443 CA list 17000 B is 103% of 16384");
    servers[0].last_us = 199;
    servers[1].seen = CAS_SEEN_INCOMPLETE; /* replaces nothing: nobody knows what it is */
    expect(servers, 2, CAS_CHECK_CRITICAL,
           "CASNIFF CRITICAL - 10.0.0.2:443 CA list 17000 B is 103% of 16384");
    servers[1].seen = CAS_SEEN_COMPLETE;
    servers[1].sni = "other.example.at"; /* another server */
    expect(servers, 2, CAS_CHECK_CRITICAL,
           "CASNIFF CRITICAL - 10.0.0.2:443 CA list 17000 B is 103% of 16384");
}
END_TEST

START_TEST(nothing_seen_is_never_ok)
{
    const struct {
        struct cas_check_traffic traffic;
        const char *text;
    } nothings[] = {
        { { 0, 0 }, "CASNIFF UNKNOWN - not one packet was seen | " },
        { { 1, 0 }, "CASNIFF UNKNOWN - no TLS handshake in 1 packet | " },
        { { UINT64_MAX, UINT64_MAX },
          "CASNIFF UNKNOWN - no TLS handshake in 18446744073709551615 packets | " },
    };
    enum cas_check_status status = CAS_CHECK_OK;
    for (size_t i = 0; i < sizeof(nothings) / sizeof(nothings[0]); i++) {
        char *line = answer_of(NULL, 0, &nothings[i].traffic, &status);
        ck_assert_int_eq(strncmp(line, nothings[i].text, strlen(nothings[i].text)), 0);
        ck_assert_int_eq(status, CAS_CHECK_UNKNOWN);
        free(line);
    }
    expect(NULL, 0, CAS_CHECK_UNKNOWN, "CASNIFF UNKNOWN - no TLS server was seen");
}
END_TEST

START_TEST(performance_data_tell_the_worst_list)
{
    const struct cas_check_server server = {
        .endpoint = V4(2, 443),
        .has_list = true,
        SCHANNEL,
        .limit_counted = 37600,
        .count = 800,
        .handshakes = 9,
        .hidden = 1,
    };
    const struct cas_check_traffic traffic = { .frames = 100, .drops = 7 };
    enum cas_check_status status = CAS_CHECK_OK;
    char *line = answer_of(&server, 1, &traffic, &status);
    ck_assert_str_eq(strstr(line, " | "),
                     " | 'ca_list_bytes'=37600B;13107;15564;0;65535 'ca_list_names'=800;;;0 "
                     "'lists'=1;;;0 'bad_lists'=1;;;0 'lists_not_whole'=0;;;0 "
                     "'handshakes'=9;;;0 'hidden'=1;;;0 'drops'=7c;;;0");
    free(line);
}
END_TEST

/* As the guidelines have it: 'label'=value[UOM];[warn];[crit];[min];[max], or U. */
static void expect_form(const char *line)
{
    regex_t form;
    ck_assert_int_eq(
        regcomp(&form,
                "^CASNIFF (OK|WARNING|CRITICAL|UNKNOWN) - [^|]+ \\|"
                "( '[a-z_]+'=(U|-?[0-9]+(B|c|s)?(;[0-9]*(;[0-9]*(;[0-9]*(;[0-9]*)?)?)?)?))+$",
                REG_EXTENDED | REG_NOSUB),
        0);
    ck_assert_msg(regexec(&form, line, 0, NULL, 0) == 0, "%s", line);
    regfree(&form);
    ck_assert_msg(strstr(line, " | ") - line <= CAS_CHECK_TEXT_MAX, "%s", line);
}

START_TEST(no_line_is_too_long_or_malformed)
{
    char sni[300];
    const uint32_t sizes[] = { 0, 100, 65535, UINT32_MAX };
    struct cas_check_server pair[2] = { { LIST }, { LIST } };
    for (size_t i = 0; i < sizeof(sni) - 1; i++) {
        (void)snprintf(&sni[i], sizeof(sni) - i, "%s", i % 2 == 0 ? "\xc3" : "\xa9");
    }
    for (unsigned i = 0; i < 4u * 6 * 4 * 2 * 3 * 2; i++) {
        enum cas_check_status status = CAS_CHECK_OK;
        struct cas_check_server *server = &pair[0];
        server->limit_counted = sizes[i % 4];
        server->truncation = (enum cas_truncation)(i / 4 % 6);
        server->seen = (enum cas_seen)(i / 24 % 4);
        server->is_wrapped = i / 96 % 2 == 1;
        server->sni = i / 192 % 3 == 0 ? NULL : (i / 192 % 3 == 1 ? sni : &sni[1]);
        server->endpoint = i / 576 == 0 ? v6 : (struct cas_endpoint)V4(2, 1);
        server->count = UINT64_MAX;
        server->store_names = UINT64_MAX;
        server->clients_refuse = i % 3 == 0 ? UINT64_MAX : 0;
        pair[1] = pair[0];
        pair[1].endpoint.port = 2;
        char *line = answer_of(pair, 1 + i % 2, NULL, &status);
        expect_form(line);
        free(line);
    }
}
END_TEST

START_TEST(a_sniffers_servers_are_taken)
{
    const char *line = NULL;
    struct cas_check *check = cas_check_create(80, 95);
    struct cas_sink sink = cas_check_sink(check);
    for (enum sample sample = 0; sample < SAMPLES; sample++) {
        sink.server(sink.user, sample_server(sample));
    }
    (void)cas_check_end(check, NULL, &line);
    expect_form(line);
    ck_assert_ptr_nonnull(strstr(line, "'ca_list_bytes'="));
    cas_check_destroy(check);
}
END_TEST

START_TEST(a_saved_servers_list_is_taken)
{
    const char *line = NULL;
    const struct cas_state_server server = {
        .endpoint = V4(2, 443),
        .handshakes = 9,
        .requests_hidden = 1,
        .has_list = true,
        .list = { .brief = { .count = 133 },
                  .truncation = CAS_TRUNCATION_CONFIRMED,
                  .limit_bytes = 16384,
                  .limit_counted = 16318 },
    };
    const struct cas_state_server hidden = { .endpoint = V4(3, 443), .requests_hidden = 5 };
    struct cas_check *check = cas_check_create(80, 95);
    cas_check_take_state(check, &server);
    cas_check_take_state(check, &hidden);
    ck_assert_int_eq(cas_check_end(check, NULL, &line), CAS_CHECK_CRITICAL);
    expect_form(line);
    ck_assert_ptr_nonnull(strstr(line, "10.0.0.2:443 CA list was cut after 133 names | "));
    ck_assert_ptr_nonnull(strstr(line, "'hidden'=6;"));
    cas_check_destroy(check);
}
END_TEST

static void expect_age(uint64_t saved_s, uint64_t now_s, enum cas_check_status status,
                       const char *words)
{
    const char *line = NULL;
    const struct cas_check_server server = { LIST, .limit_counted = 16000 };
    struct cas_check *check = cas_check_create(80, 95);
    cas_check_add(check, &server);
    cas_check_set_saved(check, saved_s * 1000000, now_s * 1000000);
    ck_assert_int_eq(cas_check_end(check, NULL, &line), status);
    expect_form(line);
    ck_assert_msg(strstr(line, words) != NULL, "%s", line);
    cas_check_destroy(check);
}

START_TEST(an_old_state_is_never_ok)
{
    expect_age(1000, 1300, CAS_CHECK_CRITICAL, "'age'=300s;300;300");
    expect_age(1000, 1301, CAS_CHECK_UNKNOWN, "the saved state is 5 minutes old");
    expect_age(1000, 1301, CAS_CHECK_UNKNOWN, "'age'=301s;300;300");
    expect_age(0, UINT64_C(1700000000), CAS_CHECK_UNKNOWN, "the saved state is 19675 days old");
    expect_age(2000, 1700, CAS_CHECK_CRITICAL, "'age'=-300s");
    expect_age(9600, 2000, CAS_CHECK_UNKNOWN, "is 2 hours ahead of the clock");
}
END_TEST

START_TEST(many_servers_fit)
{
    enum cas_check_status status = CAS_CHECK_OK;
    struct cas_check *check = cas_check_create(80, 95);
    const char *line = NULL;
    for (uint16_t i = 0; i < 5000; i++) {
        struct cas_check_server server = { LIST, .limit_counted = 15000 };
        server.endpoint.port = i;
        cas_check_add(check, &server);
    }
    status = cas_check_end(check, NULL, &line);
    ck_assert_int_eq(status, CAS_CHECK_WARNING);
    ck_assert_ptr_nonnull(strstr(line, ", 4999 more | "));
    cas_check_destroy(check);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check");
    TCase *tcase = tcase_create("check");
    tcase_add_loop_test(tcase, a_server_with_encrypted_requests_is_judged, 0, 7);
    tcase_add_test(tcase, an_inferred_fault_stands_beside_a_good_list);
    tcase_add_test(tcase, a_saved_server_s_request_is_taken);
    tcase_add_loop_test(tcase, one_server_is_judged, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(tcase, a_long_address_is_cut_but_not_its_port);
    tcase_add_test(tcase, the_worst_is_named_and_the_others_are_counted);
    tcase_add_test(tcase, of_good_lists_the_fullest_is_named);
    tcase_add_test(tcase, a_list_that_was_replaced_does_not_count);
    tcase_add_test(tcase, nothing_seen_is_never_ok);
    tcase_add_test(tcase, performance_data_tell_the_worst_list);
    tcase_add_test(tcase, no_line_is_too_long_or_malformed);
    tcase_add_test(tcase, a_sniffers_servers_are_taken);
    tcase_add_test(tcase, a_saved_servers_list_is_taken);
    tcase_add_test(tcase, an_old_state_is_never_ok);
    tcase_add_test(tcase, many_servers_fit);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
