/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "support/events.h"
#include "support/report.h"
#include "support/support.h"

static const struct cas_report_options options = {
    .form = CAS_REPORT_TEXT,
    .names = CAS_NAMES_DEFAULT,
};

static void tell_servers(const struct cas_sink *sink, const struct cas_server_event *events,
                         size_t len)
{
    for (size_t i = 0; i < len; i++) {
        sink->server(sink->user, &events[i]);
    }
    sink->end(sink->user);
}

START_TEST(a_cut_list_is_this_block)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    tell_servers(&memory.sink, sample_server(SAMPLE_RICH), 1);
    ck_assert_str_eq(
        memory_report_text(&memory),
        "1 CA list seen in 1,234 TLS handshakes: 1 CONFIRMED cut. 3 connections FAILED over "
        "the "
        "client certificate: ISSUER_CUT_OFF. 2 connections are DOUBTFUL: CLIENT_SENT_NONE.\n"
        "\n"
        "10.0.0.2:443  www.example.at  TLS 1.2    CONFIRMED: the list was cut\n"
        "  The server sent 8 of 10 names; the next one would not have fitted.\n"
        "  CA list   16,301 bytes of the declared 16,302, 9 names   99 % of 16,384 "
        "(schannel-16k)   CRIT, room for 1 more name\n"
        "            [#################################################.|]\n"
        "  clients   1,234 handshakes: 1,231 sent a certificate, 3 sent none, 2 resumed\n"
        "  FAILED    2026-11-23T10:31:07.123456Z  10.0.0.1:40000  packet 17\n"
        "            ISSUER_CUT_OFF error: The client's issuer is trusted but fell off the "
        "list.\n"
        "            CLIENT_SENT_NONE warning: No certificate was sent.\n"
        "  DOUBTFUL  2026-11-23T10:31:07.123456Z  10.0.0.1:40000  packet 18\n"
        "            CLIENT_SENT_NONE warning: No certificate was sent.\n"
        "            ... 2 more failed connections\n"
        "            ... 1 more doubtful connection\n"
        "  sent      in this order\n"
        "              1  CN=Root 1\n"
        "              2  CN=Root 2  (not in the store)\n"
        "              3  CN=Root 3  (in the store in another encoding)\n"
        "            ... 3 more (--names all)\n"
        "              7  CN=Root 7\n"
        "              8  CN=Root 8\n"
        "              9  (an empty name)\n"
        "  missing   2 of the store's 10 names; 1 of them expired or no CA, which is no fault\n"
        "            CN=Root 134\n"
        "            CN=Root 135  (expired)\n"
        "  extra     1 name that is not in the store\n"
        "            CN=Root 2\n"
        "  lint      empty_name: The name is empty.\n"
        "            trailing_bytes: 3 bytes follow the list.\n"
        "  too long  for these clients: h2, http/1.1\n"
        "\n");
    memory_report_close(&memory);
}
END_TEST

/* Only an error says so: a warning is of a client that broke off, over something else. */
START_TEST(the_client_certificate_is_named_only_where_all_failed_over_it)
{
    static const struct cas_ca_list_info list = { .truncation = CAS_TRUNCATION_NO_SIGN };
    const struct cas_diagnosis expired = { CAS_DIAGNOSIS_EXPIRED, CAS_SEVERITY_ERROR, "" };
    const struct cas_diagnosis server = { CAS_DIAGNOSIS_SERVER_CERT_REJECTED,
                                          CAS_SEVERITY_WARNING, "" };
    const struct cas_failure_info failures[] = {
        { .diagnosis = &expired, .diagnosis_len = 1 },
        { .diagnosis = &server, .diagnosis_len = 1 },
    };
    static const char *const expected[] = {
        "1 connection FAILED over the client certificate: EXPIRED.",
        "2 connections FAILED: EXPIRED, SERVER_CERT_REJECTED.",
    };
    for (size_t i = 0; i < 2; i++) {
        const struct cas_server_event event = {
            .handshakes = 2,
            .ca_list = &list,
            .failures = failures,
            .failures_len = i + 1,
            .failures_count = i + 1,
        };
        struct memory_report memory = { 0 };
        memory_report_open(&memory, &options);
        tell_servers(&memory.sink, &event, 1);
        ck_assert_ptr_nonnull(strstr(memory_report_text(&memory), expected[i]));
        memory_report_close(&memory);
    }
}
END_TEST

START_TEST(without_a_list_the_first_line_says_why)
{
    const struct cas_request_brief near = {
        .least = 16000,
        .headroom = CAS_HEADROOM_CRIT,
        .limit_name = "schannel-16k",
        .limit_bytes = 16384,
        .limit_counted = 15600,
        .clients_refusing = 1,
    };
    const struct cas_server_event servers[] = {
        { .head.dest = { 4, { 10, 0, 0, 2 }, 443 },
          .version = "TLS 1.3",
          .handshakes = 12,
          .requested = { [CAS_REQUESTED_HIDDEN] = 12 } },
        { .head.dest = { 4, { 10, 0, 0, 4 }, 443 },
          .version = "TLS 1.3",
          .handshakes = 2,
          .inferred = 2,
          .answers = { [CAS_ANSWER_CERTIFICATE] = 1, [CAS_ANSWER_EMPTY] = 1 },
          .request = &near,
          .requested = { [CAS_REQUESTED_YES] = 2 } },
        { .head.dest = { 4, { 10, 0, 0, 3 }, 443 },
          .version = "TLS 1.2",
          .handshakes = 5,
          .resumed = 3,
          .requested = { [CAS_REQUESTED_NO] = 4, [CAS_REQUESTED_HIDDEN] = 1 } },
    };
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    tell_servers(&memory.sink, servers, 3);
    const char *expected =
        "0 CA lists seen in 19 TLS handshakes: 2 with a request whose list is encrypted "
        "(inferred), to which 1 client sent a certificate and 1 client sent none, 12 with TLS "
        "1.3, which "
        "encrypts the request, "
        "1 with a renegotiation that may hide one, 3 resumed, which repeats none, "
        "4 in which no certificate was asked for. A key log (--keylog) shows the "
        "list, and so does a test with TLS 1.2; on IIS, clientcertnegotiation=enable moves "
        "the request to the first handshake.\n\n"
        "10.0.0.4:443  TLS 1.3    ASKED: but TLS 1.3 encrypts the list\n";
    ck_assert_mem_eq(memory_report_text(&memory), expected, strlen(expected));
    ck_assert_ptr_nonnull(strstr(memory_report_text(&memory),
                                 "10.0.0.3:443  TLS 1.2    HIDDEN: a renegotiation may hold"));
    ck_assert_ptr_nonnull(
        strstr(memory_report_text(&memory), "10.0.0.2:443  TLS 1.3    HIDDEN: TLS 1.3"));
    ck_assert_ptr_nonnull(
        strstr(memory_report_text(&memory),
               "  request   at least 15,600 of the 16,384 bytes of schannel-16k (inferred)   "
               "CRIT, refused by 1 kind of client\n"));
    memory_report_close(&memory);
}
END_TEST

static const char *headline(const struct cas_counters *counters)
{
    static char line[200];
    struct memory_report memory = { 0 };
    const struct cas_stats_event stats = { .counters = counters };
    memory_report_open(&memory, &options);
    memory.sink.stats(memory.sink.user, &stats);
    memory.sink.end(memory.sink.user);
    const char *text = memory_report_text(&memory);
    snprintf(line, sizeof(line), "%.*s", (int)strcspn(text, "\n"), text);
    memory_report_close(&memory);
    return line;
}

START_TEST(without_tls_the_first_line_says_so)
{
    struct cas_counters counters = { 0 };
    ck_assert_str_eq(headline(&counters), "There was not one packet: the capture is empty, or "
                                          "the filter takes nothing.");
    counters.value[CAS_COUNT_FRAMES] = 1204;
    ck_assert_str_eq(headline(&counters), "No TLS handshake in 1,204 packets.");
    counters.value[CAS_COUNT_NOT_TLS] = 1;
    ck_assert_str_eq(headline(&counters), "No TLS handshake in 1,204 packets. 1 TCP connection "
                                          "carries something else.");
    counters.value[CAS_COUNT_NOT_TLS] = 0;
    counters.value[CAS_COUNT_NOT_TCP] = 602;
    ck_assert_str_eq(headline(&counters), "No TLS handshake in 1,204 packets.");
    counters.value[CAS_COUNT_NOT_TCP] = 603;
    ck_assert_str_eq(headline(&counters),
                     "No TLS handshake in 1,204 packets. 603 packets are not TCP: QUIC and "
                     "tunnels (GRE, VXLAN) are not read.");
}
END_TEST

START_TEST(servers_that_need_a_reader_come_first)
{
    static const struct cas_ca_list_info cut = { .truncation = CAS_TRUNCATION_CONFIRMED };
    static const struct cas_ca_list_info tight = { .truncation = CAS_TRUNCATION_NO_SIGN,
                                                   .headroom = CAS_HEADROOM_CRIT };
    static const struct cas_ca_list_info fine = { .truncation = CAS_TRUNCATION_NO_SIGN };
    const struct cas_server_event servers[] = {
        { .head.dest = { 4, { 1 }, 1 } },
        { .head.dest = { 4, { 2 }, 1 }, .ca_list = &fine },
        { .head.dest = { 4, { 3 }, 1 }, .ca_list = &tight },
        { .head.dest = { 4, { 4 }, 1 }, .ca_list = &cut },
        { .head.dest = { 4, { 5 }, 1 }, .failures_count = 1 },
        { .head.dest = { 4, { 6 }, 1 }, .doubtful_count = 1 },
    };
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    tell_servers(&memory.sink, servers, 6);
    const char *order[] = { "4.0.0.0:1", "5.0.0.0:1", "3.0.0.0:1",
                            "6.0.0.0:1", "1.0.0.0:1", "2.0.0.0:1" };
    const char *at = memory_report_text(&memory);
    for (size_t i = 0; i < 6; i++) {
        at = strstr(at, order[i]);
        ck_assert_msg(at != NULL, "%s comes too early", order[i]);
    }
    memory_report_close(&memory);
}
END_TEST

START_TEST(a_flood_of_servers_is_written_before_the_end)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    for (size_t i = 0; i < 50000; i++) {
        memory.sink.server(memory.sink.user, sample_server(SAMPLE_MINIMAL));
    }
    ck_assert_uint_gt(strlen(memory_report_text(&memory)), 4u << 20);
    memory.sink.end(memory.sink.user);
    memory_report_close(&memory);
}
END_TEST

/* What can be counted although nothing was missed. */
static bool is_harmless(enum cas_counter counter)
{
    static const enum cas_counter harmless[] = {
        CAS_COUNT_FRAMES,
        CAS_COUNT_FRAME_BYTES,
        CAS_COUNT_CAPTURE_RECEIVED,
        CAS_COUNT_NOT_IP,
        CAS_COUNT_IP_FRAGMENT, /* what could not be joined is told */
        CAS_COUNT_FRAGMENTS_JOINED,
        CAS_COUNT_FRAGMENTS_COPIES,
        CAS_COUNT_NOT_TCP,
        CAS_COUNT_TCP_CONTROL,
        CAS_COUNT_TCP_IGNORED,
        CAS_COUNT_TCP_DATA,
        CAS_COUNT_FLOWS,
        CAS_COUNT_SEGMENTS_OUT_OF_ORDER,
        CAS_COUNT_SEGMENTS_DUPLICATE,
        CAS_COUNT_OVERLAPS_DIFFERENT,
        CAS_COUNT_HOLE_BYTES, /* told by the holes */
        CAS_COUNT_RST_IGNORED,
        CAS_COUNT_EVIDENCE_SKIPPED,
        CAS_COUNT_URGENT,
        CAS_COUNT_NOT_TLS,
        CAS_COUNT_TLS_CONNECTIONS,
        CAS_COUNT_TLS13_CONNECTIONS, /* told by the hidden requests */
        CAS_COUNT_RENEGOTIATIONS,    /* as well */
        CAS_COUNT_FLOWS_WATCHED,
        CAS_COUNT_SYNC_FOUND, /* told as lost before */
        CAS_COUNT_CERT_REQUESTS,
        CAS_COUNT_CERT_LISTS_COMPLETE,
        CAS_COUNT_CERT_LISTS_MALFORMED,
        CAS_COUNT_KEYLOG_CONNECTIONS,
        CAS_COUNT_KEYLOG_WAITED,
        CAS_COUNT_KEYLOG_WAITED_IN_VAIN, /* told by the hidden requests */
        CAS_COUNT_ALERTS_TOLD,
        CAS_COUNT_ANOMALIES_TOLD,
        CAS_COUNT_EVIDENCE_HANDSHAKES, /* what -w lacks was seen all the same */
        CAS_COUNT_EVIDENCE_NOT_WHOLE,
        CAS_COUNT_EVIDENCE_FRAMES,
        CAS_COUNT_EVIDENCE_FRAMES_DROPPED,
        CAS_COUNT_OUTPUT_WRITTEN, /* the same */
        CAS_COUNT_OUTPUT_DROPPED,
        CAS_COUNT_OUTPUT_ERRORS,
        CAS_COUNT_MEMORY_PEAK_BYTES,
    };
    for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
        if (harmless[i] == counter) {
            return true;
        }
    }
    return false;
}

START_TEST(everything_was_seen_only_when_nothing_was_missed)
{
    for (int i = 0; i < CAS_COUNTERS; i++) {
        struct cas_counters counters = { 0 };
        counters.value[CAS_COUNT_TLS_CONNECTIONS] = 1;
        counters.value[i] = 1;
        const struct cas_stats_event stats = { .counters = &counters };
        struct memory_report memory = { 0 };
        memory_report_open(&memory, &options);
        memory.sink.stats(memory.sink.user, &stats);
        memory.sink.end(memory.sink.user);
        const char *expected =
            is_harmless((enum cas_counter)i) ? "\nNo gap was noticed: " : "\nNot seen:\n  1 ";
        ck_assert_msg(strstr(memory_report_text(&memory), expected) != NULL, "%s",
                      cas_counter_name((enum cas_counter)i));
        memory_report_close(&memory);
    }
}
END_TEST

START_TEST(what_was_not_seen_is_the_last_paragraph)
{
    struct cas_counters counters = { 0 };
    counters.value[CAS_COUNT_TLS_CONNECTIONS] = 2;
    counters.value[CAS_COUNT_CERT_REQUESTS_HIDDEN] = 1;
    counters.value[CAS_COUNT_FRAMES_CUT] = 1500;
    const struct cas_stats_event stats = { .counters = &counters };
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    memory.sink.stats(memory.sink.user, &stats);
    memory.sink.end(memory.sink.user);
    ck_assert_ptr_nonnull(
        strstr(memory_report_text(&memory),
               "\nNot seen:\n"
               "  1 connection may hide a request: TLS 1.3 or a renegotiation "
               "encrypts it\n"
               "  1,500 packets were cut when they were captured: capture "
               "whole packets (-s 0)\n"));
    memory_report_close(&memory);
}
END_TEST

START_TEST(anomalies_are_summed_up)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    for (int i = 0; i < 3; i++) {
        memory.sink.anomaly(memory.sink.user, sample_anomaly(SAMPLE_RICH));
    }
    memory.sink.end(memory.sink.user);
    ck_assert_ptr_nonnull(strstr(memory_report_text(&memory),
                                 "  overlap 3 times, first 2026-11-23T10:31:07.123456Z  "
                                 "10.0.0.1:40000 > 10.0.0.2:443  packet 17: Bytes were sent "
                                 "twice, and differ.\n"));
    memory_report_close(&memory);
}
END_TEST

START_TEST(kinds_of_anomalies_are_bounded_and_the_rest_is_counted)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    for (int i = 0; i < 20; i++) {
        char code[64];
        snprintf(code, sizeof(code), "kind_%d_with_a_name_longer_than_is_kept", i);
        const struct cas_anomaly_event event = { .code = code, .text = "text" };
        memory.sink.anomaly(memory.sink.user, &event);
    }
    memory.sink.end(memory.sink.user);
    ck_assert_ptr_nonnull(strstr(memory_report_text(&memory), "\n  4 of other kinds\n"));
    memory_report_close(&memory);
}
END_TEST

START_TEST(a_plan_tells_where_each_limit_cuts)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    memory.sink.plan(memory.sink.user, sample_plan(SAMPLE_RICH));
    memory.sink.end(memory.sink.user);
    const char *expected =
        "A server with this trust store would send 9 names in 18,000 bytes (the store holds 10 "
        "certificates).\n"
        "\n"
        "  limit                  bytes   counted      %\n"
        "  schannel-16k          16,384    18,000    109 %  TOO LONG: The rest is not sent.\n"
        "                    8 names are sent; the first that is not: CN=Root 9\n"
        "  tls-vector            65,535    18,000     27 %  fits, room for 23 more "
        "names\n"; /* 47,535 bytes of 2,000 each */
    ck_assert_mem_eq(memory_report_text(&memory), expected, strlen(expected));
    memory_report_close(&memory);
}
END_TEST

START_TEST(colour_carries_no_meaning_of_its_own)
{
    struct cas_report_options coloured = options;
    coloured.colour = true;
    struct memory_report plain = { 0 };
    struct memory_report colour = { 0 };
    memory_report_open(&plain, &options);
    memory_report_open(&colour, &coloured);
    sample_tell_all(&plain.sink);
    sample_tell_all(&colour.sink);
    /* Without its escape sequences, "ESC [ digits ; digits m", it is the same text. */
    struct cas_buf stripped = cas_buf_init(1u << 20, NULL);
    size_t painted = 0;
    for (const char *c = memory_report_text(&colour); *c != '\0'; c++) {
        if (*c == '\x1b') {
            c = &c[2 + strspn(&c[2], "0123456789;")];
            ck_assert_int_eq(*c, 'm');
            painted++;
        } else {
            cas_buf_append(&stripped, cas_view_of(c, 1));
        }
    }
    ck_assert_uint_gt(painted, 0);
    ck_assert_buf_eq(&stripped, memory_report_text(&plain));
    ck_assert_ptr_null(strchr(memory_report_text(&plain), '\x1b'));
    cas_buf_finish(&stripped);
    memory_report_close(&plain);
    memory_report_close(&colour);
}
END_TEST

START_TEST(connections_have_a_line_when_asked_for)
{
    struct cas_report_options verbose = options;
    verbose.verbose = true;
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &verbose);
    memory.sink.handshake(memory.sink.user, sample_handshake(SAMPLE_RICH));
    ck_assert_str_eq(
        memory_report_text(&memory),
        "2026-11-23T10:31:07.123456Z 10.0.0.1:40000 > 10.0.0.2:443 www.example.at, "
        "TLS 1.2, requested yes, answer empty, ISSUER_CUT_OFF, CLIENT_SENT_NONE\n");
    memory_report_close(&memory);
}
END_TEST

START_TEST(a_chain_that_may_have_been_longer_is_marked_in_its_line)
{
    struct cas_report_options verbose = options;
    verbose.verbose = true;
    for (int is_incomplete = 0; is_incomplete <= 1; is_incomplete++) {
        struct memory_report memory = { 0 };
        memory_report_open(&memory, &verbose);
        struct cas_handshake_event event = *sample_handshake(SAMPLE_RICH);
        event.client_auth.answer = CAS_ANSWER_CERTIFICATE;
        event.tls.client_certs_incomplete = is_incomplete == 1;
        memory.sink.handshake(memory.sink.user, &event);
        const char *wanted = is_incomplete == 1 ? ", answer certificate (read in part), "
                                                : ", answer certificate, ";
        ck_assert_ptr_nonnull(strstr(memory_report_text(&memory), wanted));
        memory_report_close(&memory);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report_text");
    TCase *tcase = tcase_create("report_text");
    tcase_add_test(tcase, a_cut_list_is_this_block);
    tcase_add_test(tcase, the_client_certificate_is_named_only_where_all_failed_over_it);
    tcase_add_test(tcase, without_a_list_the_first_line_says_why);
    tcase_add_test(tcase, without_tls_the_first_line_says_so);
    tcase_add_test(tcase, servers_that_need_a_reader_come_first);
    tcase_add_test(tcase, a_flood_of_servers_is_written_before_the_end);
    tcase_add_test(tcase, everything_was_seen_only_when_nothing_was_missed);
    tcase_add_test(tcase, what_was_not_seen_is_the_last_paragraph);
    tcase_add_test(tcase, anomalies_are_summed_up);
    tcase_add_test(tcase, kinds_of_anomalies_are_bounded_and_the_rest_is_counted);
    tcase_add_test(tcase, a_plan_tells_where_each_limit_cuts);
    tcase_add_test(tcase, colour_carries_no_meaning_of_its_own);
    tcase_add_test(tcase, connections_have_a_line_when_asked_for);
    tcase_add_test(tcase, a_chain_that_may_have_been_longer_is_marked_in_its_line);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
