/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of metrics; tests/integration/check_metrics.py checks their form. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/metrics.h"
#include "support/events.h"
#include "support/support.h"

static struct cas_metrics_servers servers;
static struct cas_buf out;

static void begin(void)
{
    servers = (struct cas_metrics_servers){ 0 };
    out = cas_buf_init(SIZE_MAX, NULL);
}

static void end(void)
{
    cas_metrics_servers_finish(&servers);
    cas_buf_finish(&out);
}

/* What a test says of a server; the rest is of no matter. */
struct said {
    uint8_t host; /* 192.0.2.host:443 */
    const char *sni;
    uint64_t handshakes;
    uint64_t last_us;
    uint32_t bytes;
    enum cas_seen seen;
};

static void take(struct said said)
{
    const struct cas_ca_list_info list = {
        .count = said.bytes / 100,
        .bytes = said.bytes,
        .seen = said.seen,
        .limit_name = "schannel",
        .limit_bytes = 16384,
        .limit_counted = said.bytes,
        .truncation = CAS_TRUNCATION_NO_SIGN,
    };
    const struct cas_server_event event = {
        .head.dest = { .family = 4, .address = { 192, 0, 2, said.host }, .port = 443 },
        .sni = said.sni,
        .handshakes = said.handshakes,
        .last_us = said.last_us,
        .ca_list = &list,
    };
    cas_metrics_servers_take(&servers, &event);
}

static const char *text_of(const struct cas_counters *counters,
                           const struct cas_metrics_facts *facts)
{
    cas_metrics_put(&out, counters, facts, &servers);
    cas_buf_append_u8(&out, '\0');
    ck_assert(cas_buf_ok(&out));
    return (const char *)out.data;
}

static void check_line(const char *text, const char *line)
{
    char whole[512];
    snprintf(whole, sizeof(whole), "\n%s\n", line);
    const char *found = strstr(text, whole);
    ck_assert_msg(found != NULL, "no line \"%s\"", line);
    ck_assert_msg(strstr(&found[1], whole) == NULL, "twice \"%s\"", line);
}

static unsigned count_of(const char *text, const char *part)
{
    unsigned times = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(&at[1], part)) {
        times++;
    }
    return times;
}

START_TEST(counters_and_facts_are_told)
{
    struct cas_counters counters = { 0 };
    const struct cas_metrics_iface ifaces[] = { { "eth0", true, 1000, 7, 2 },
                                                { "eth1", false, 0, 0, 0 } };
    const struct cas_metrics_output outputs[] = { { "/var/log/a.json", 5, 3, 1 } };
    const struct cas_metrics_facts facts = {
        .start_us = 1795429867123456,
        .memory_limit_bytes = 67108864,
        .ifaces = ifaces,
        .ifaces_len = 2,
        .outputs = outputs,
        .outputs_len = 1,
        .alerts = { [CAS_ALERT_LIST_SHRANK] = 4 },
        .alerts_inferred = 3,
    };
    counters.value[CAS_COUNT_FRAMES] = 991;
    counters.value[CAS_COUNT_FRAME_BYTES] = 900;
    counters.value[CAS_COUNT_HOLE_BYTES] = 100;
    counters.value[CAS_COUNT_TCP_CHECKSUM_BAD] = 11;
    counters.value[CAS_COUNT_TLS_CONNECTIONS] = 10;
    counters.value[CAS_COUNT_TLS13_CONNECTIONS] = 4;
    counters.value[CAS_COUNT_CERT_LISTS_COMPLETE] = 6;
    const char *text = text_of(&counters, &facts);
    check_line(text, "casniff_start_time_seconds 1795429867.123456");
    check_line(text, "casniff_capture_up{interface=\"eth0\"} 1");
    check_line(text, "casniff_capture_up{interface=\"eth1\"} 0");
    check_line(text, "casniff_packets_received_total{interface=\"eth0\"} 1000");
    check_line(text, "casniff_packets_dropped_total{interface=\"eth0\",reason=\"kernel\"} 7");
    check_line(text,
               "casniff_packets_dropped_total{interface=\"eth0\",reason=\"interface\"} 2");
    check_line(text, "casniff_packets_total 991");
    check_line(text, "casniff_packets_ignored_total{reason=\"checksum\"} 11");
    check_line(text, "casniff_capture_loss_ratio 0.100000");
    check_line(text, "casniff_handshakes_total{version=\"1.2_or_older\"} 6");
    check_line(text, "casniff_handshakes_total{version=\"1.3\"} 4");
    check_line(text, "casniff_ca_lists_total{verdict=\"complete\"} 6");
    check_line(text, "casniff_alerts_total{cause=\"list_shrank\"} 4");
    check_line(text, "casniff_alerts_total{cause=\"client_cut_off\"} 0");
    check_line(text, "casniff_alerts_inferred_total 3");
    check_line(text, "casniff_memory_limit_bytes 67108864");
    check_line(text, "casniff_events_written_total{output=\"/var/log/a.json\"} 5");
    check_line(text, "casniff_events_dropped_total{output=\"/var/log/a.json\"} 3");
    check_line(text, "casniff_output_errors_total{output=\"/var/log/a.json\"} 1");
    check_line(text, "casniff_ca_list_servers 0");
    ck_assert_ptr_null(strstr(text, "casniff_ca_list_bytes"));
}
END_TEST

START_TEST(a_server_is_told_with_its_list)
{
    const struct cas_counters counters = { 0 };
    const struct cas_metrics_facts facts = { 0 };
    take((struct said){ 7, "www.example.at", 3, 1795429867123456, 16301 });
    const char *text = text_of(&counters, &facts);
#define SERVER "{server=\"192.0.2.7:443\",sni=\"www.example.at\"} "
    check_line(text, "casniff_ca_list_servers 1");
    check_line(text, "casniff_ca_list_bytes" SERVER "16301");
    check_line(text, "casniff_ca_list_names" SERVER "163");
    check_line(text, "casniff_ca_list_limit_bytes" SERVER "16384");
    check_line(text, "casniff_ca_list_usage_ratio" SERVER "0.994");
    check_line(text, "casniff_ca_list_truncated" SERVER "0");
    check_line(text, "casniff_ca_list_last_seen_timestamp_seconds" SERVER "1795429867.123456");
#undef SERVER
}
END_TEST

START_TEST(of_several_lists_the_last_is_told)
{
    const struct cas_counters counters = { 0 };
    const struct cas_metrics_facts facts = { 0 };
    take((struct said){ 7, NULL, 100, 1000000, 1000 });
    take((struct said){ 7, NULL, 1, 3000000, 3000 });
    take((struct said){ 7, NULL, 10, 2000000, 2000 });
    take((struct said){ 7, "other.example.at", 10, 2000000, 4000 });
    const char *text = text_of(&counters, &facts);
    check_line(text, "casniff_ca_list_servers 2");
    check_line(text, "casniff_ca_list_bytes{server=\"192.0.2.7:443\",sni=\"\"} 3000");
    ck_assert_uint_eq(count_of(text, "\ncasniff_ca_list_bytes{"), 2);
}
END_TEST

START_TEST(a_list_that_was_not_seen_whole_is_not_told)
{
    const struct cas_counters counters = { 0 };
    const struct cas_metrics_facts facts = { 0 };
    take((struct said){ 1, NULL, 1, 1, 1000, CAS_SEEN_INCOMPLETE });
    take((struct said){ 2, NULL, 1, 1, 1000, CAS_SEEN_AMBIGUOUS });
    take((struct said){ 3, NULL, 1, 1, 1000, CAS_SEEN_MALFORMED });
    cas_metrics_servers_take(&servers, &(const struct cas_server_event){ 0 });
    check_line(text_of(&counters, &facts), "casniff_ca_list_servers 0");
}
END_TEST

START_TEST(the_busiest_have_names_and_the_worst_stands_for_the_others)
{
    const struct cas_counters counters = { 0 };
    const struct cas_metrics_facts facts = { 0 };
    for (unsigned i = 0; i < 250; i++) {
        /* The busier, the shorter the list; a hundred have more than 150 handshakes. */
        take((struct said){ (uint8_t)i, NULL, 1 + i, 1, 20000 - 10 * i });
    }
    const char *text = text_of(&counters, &facts);
    check_line(text, "casniff_ca_list_servers 250");
    ck_assert_uint_eq(count_of(text, "\ncasniff_ca_list_bytes{"), 101);
    check_line(text, "casniff_ca_list_bytes{server=\"192.0.2.150:443\",sni=\"\"} 18500");
    ck_assert_ptr_null(strstr(text, "\"192.0.2.149:443\""));
    check_line(text, "casniff_ca_list_bytes{server=\"other\",sni=\"\"} 20000");
    check_line(text, "casniff_ca_list_usage_ratio{server=\"other\",sni=\"\"} 1.220");
}
END_TEST

START_TEST(the_order_is_always_the_same)
{
    const struct cas_counters counters = { 0 };
    const struct cas_metrics_facts facts = { 0 };
    take((struct said){ 9, "b", 9, 1, 100 });
    take((struct said){ 1, "z", 1, 1, 100 });
    take((struct said){ 9, "a", 5, 1, 100 });
    const char *text = text_of(&counters, &facts);
    const char *first = strstr(text, "\ncasniff_ca_list_bytes{server=\"192.0.2.1:443\"");
    const char *second =
        strstr(text, "\ncasniff_ca_list_bytes{server=\"192.0.2.9:443\",sni=\"a\"");
    const char *third =
        strstr(text, "\ncasniff_ca_list_bytes{server=\"192.0.2.9:443\",sni=\"b\"");
    ck_assert(first != NULL && second > first && third > second);
}
END_TEST

START_TEST(a_hostile_name_stays_inside_its_quotes)
{
    const struct cas_counters counters = { 0 };
    const struct cas_metrics_facts facts = { 0 };
    take((struct said){ 7, "a\"} 1\nb\\", 1, 1, 100 });
    check_line(
        text_of(&counters, &facts),
        "casniff_ca_list_bytes{server=\"192.0.2.7:443\",sni=\"a\\\"} 1\\\\0ab\\\\\"} 100");
}
END_TEST

START_TEST(a_remembered_server_is_told_but_for_what_the_store_says)
{
    const struct cas_counters counters = { 0 };
    const struct cas_metrics_facts facts = { 0 };
    const struct cas_state_server known = {
        .endpoint = { .family = 4, .address = { 192, 0, 2, 9 }, .port = 443 },
        .last_us = 5000000,
        .has_list = true,
        .list = { .brief = { .count = 80, .bytes = 8192 },
                  .limit_name = "schannel",
                  .limit_bytes = 16384,
                  .limit_counted = 8192 },
    };
    begin();
    cas_metrics_servers_recall(&servers, &known);
    const char *text = text_of(&counters, &facts);
    check_line(text, "casniff_ca_list_bytes{server=\"192.0.2.9:443\",sni=\"\"} 8192");
    check_line(text, "casniff_ca_list_names{server=\"192.0.2.9:443\",sni=\"\"} 80");
    check_line(text, "casniff_ca_list_limit_bytes{server=\"192.0.2.9:443\",sni=\"\"} 16384");
    check_line(text, "casniff_ca_list_last_seen_timestamp_seconds"
                     "{server=\"192.0.2.9:443\",sni=\"\"} 5.000000");
    ck_assert_uint_eq(count_of(text, "\ncasniff_ca_list_missing_names{"), 0);
    end();
}
END_TEST

START_TEST(versions_are_numbers)
{
    const struct cas_counters counters = { 0 };
    const struct cas_metrics_facts facts = { 0 };
    char version[16] = "";
    begin();
    const char *at = strstr(text_of(&counters, &facts), ",libpcap=\"");
    ck_assert_ptr_nonnull(at);
    ck_assert_int_eq(sscanf(at, ",libpcap=\"%15[0-9.]\",wolfssl=", version), 1);
    ck_assert_ptr_nonnull(strstr(at, "\",wolfssl=\""));
    ck_assert_ptr_nonnull(strstr(cas_capture_library(), version));
    ck_assert_ptr_null(strstr(at, "libpcap version"));
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics");
    TCase *tcase = tcase_create("metrics");
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, a_remembered_server_is_told_but_for_what_the_store_says);
    tcase_add_test(tcase, versions_are_numbers);
    tcase_add_test(tcase, counters_and_facts_are_told);
    tcase_add_test(tcase, a_server_is_told_with_its_list);
    tcase_add_test(tcase, of_several_lists_the_last_is_told);
    tcase_add_test(tcase, a_list_that_was_not_seen_whole_is_not_told);
    tcase_add_test(tcase, the_busiest_have_names_and_the_worst_stands_for_the_others);
    tcase_add_test(tcase, the_order_is_always_the_same);
    tcase_add_test(tcase, a_hostile_name_stays_inside_its_quotes);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
