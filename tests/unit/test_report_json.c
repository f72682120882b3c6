/* SPDX-License-Identifier: GPL-2.0-or-later */
/* That every line is valid by the schema is tested in integration/check_schema.py. */
#include <errno.h>
#include <string.h>

#include "support/events.h"
#include "support/report.h"
#include "support/support.h"

static const struct cas_report_options options = {
    .form = CAS_REPORT_JSON,
    .names = CAS_NAMES_DEFAULT,
};

START_TEST(a_minimal_handshake_is_this_line)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    memory.sink.handshake(memory.sink.user, sample_handshake(SAMPLE_MINIMAL));
    ck_assert_str_eq(memory_report_text(&memory),
                     "{\"v\":1,\"timestamp\":\"1970-01-01T00:00:00.000000Z\","
                     "\"event_type\":\"handshake\",\"event_seq\":1,"
                     "\"tls\":{\"alpn\":[],\"resumed\":false,\"established\":\"unknown\","
                     "\"alerts\":[],\"server_certs\":[],\"client_certs\":[],"
                     "\"hello_ca_names\":[]},"
                     "\"client_auth\":{\"requested\":\"unseen\",\"answer\":\"unseen\","
                     "\"diagnosis\":[]}}\n");
    memory_report_close(&memory);
}
END_TEST

START_TEST(the_envelope_is_spelt_as_in_eve)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    memory.sink.anomaly(memory.sink.user, sample_anomaly(SAMPLE_RICH));
    ck_assert_str_eq(memory_report_text(&memory),
                     "{\"v\":1,\"timestamp\":\"2026-11-23T10:31:07.123456Z\","
                     "\"event_type\":\"anomaly\",\"event_seq\":7,\"sensor_name\":\"web1\","
                     "\"in_iface\":\"eth0\",\"pcap_filename\":\"dmz.pcap\",\"pcap_cnt\":17,"
                     "\"flow_id\":9007199254740991,"
                     "\"community_id\":\"1:abcdefghijklmnopqrstuvwxyz0=\","
                     "\"src_ip\":\"10.0.0.1\",\"src_port\":40000,"
                     "\"dest_ip\":\"10.0.0.2\",\"dest_port\":443,\"proto\":\"TCP\","
                     "\"vlan\":[12,100],"
                     "\"anomaly\":{\"code\":\"overlap\","
                     "\"text\":\"Bytes were sent twice, and differ.\"}}\n");
    memory_report_close(&memory);
}
END_TEST

START_TEST(an_alert_is_nested_as_in_eve)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    memory.sink.alert(memory.sink.user, sample_alert(SAMPLE_RICH));
    const char *text = memory_report_text(&memory);
    ck_assert_ptr_nonnull(strstr(text, "\"event_type\":\"alert\""));
    ck_assert_ptr_nonnull(
        strstr(text, "\"alert\":{\"severity\":1,"
                     "\"signature\":\"The CA list shrank from 405 names to 9.\","
                     "\"category\":\"TLS client authentication\",\"signature_id\":6,"
                     "\"cause\":\"list_shrank\",\"occurrences\":1000,\"suppressed\":12,"
                     "\"previous\":{\"count\":405,\"bytes\":50003,\"sha256\":\"03"));
    ck_assert_ptr_nonnull(
        strstr(text, "\"tls\":{\"version\":\"TLS 1.2\",\"sni\":\"www.example.at\"}"));
    ck_assert_ptr_nonnull(strstr(text, "\"ca_list\":{\"count\":9,"));
    ck_assert_ptr_nonnull(strstr(text, "\"diagnosis\":[{\"code\":\"ISSUER_CUT_OFF\""));
    ck_assert_ptr_null(strstr(text, "\"names\":["));
    memory_report_close(&memory);
}
END_TEST

START_TEST(a_heartbeat_has_no_names)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    struct cas_ca_list_event event = *sample_ca_list(SAMPLE_RICH);
    event.is_heartbeat = true;
    memory.sink.ca_list(memory.sink.user, &event);
    const char *text = memory_report_text(&memory);
    ck_assert_ptr_nonnull(strstr(text, "\"heartbeat\":true,"));
    ck_assert_ptr_nonnull(strstr(text, "\"sha256\":\"01"));
    ck_assert_ptr_null(strstr(text, "\"names\":["));
    memory_report_close(&memory);
}
END_TEST

START_TEST(only_the_ca_list_event_has_the_names)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    memory.sink.handshake(memory.sink.user, sample_handshake(SAMPLE_RICH));
    memory.sink.server(memory.sink.user, sample_server(SAMPLE_RICH));
    const char *brief = memory_report_text(&memory);
    ck_assert_ptr_nonnull(strstr(brief, "],\"server_certs_left_out\":2,"
                                        "\"server_certs_complete\":false,\"client_certs\":["));
    ck_assert_ptr_nonnull(strstr(brief, "],\"client_certs_left_out\":1,"
                                        "\"client_certs_complete\":false,"));
    ck_assert_ptr_nonnull(strstr(brief, "\"missing_count\":2"));
    ck_assert_ptr_null(strstr(brief, "\"names_shown\""));
    ck_assert_ptr_null(strstr(brief, "\"missing\":["));
    size_t before = strlen(brief);
    memory.sink.ca_list(memory.sink.user, sample_ca_list(SAMPLE_RICH));
    const char *full = &memory_report_text(&memory)[before];
    ck_assert_ptr_nonnull(strstr(full, "\"missing\":[{\"dn\":\"CN=Root 134\",\"bytes\":22},"));
    ck_assert_ptr_nonnull(strstr(full, "\"extra\":[\"CN=Root 2\"]"));
    ck_assert_ptr_nonnull(
        strstr(full, "{\"dn\":\"CN=Root 2\",\"bytes\":20,\"in_store\":\"no\"}"));
    ck_assert_ptr_nonnull(strstr(full, "\"names_shown\":9"));
    memory_report_close(&memory);
}
END_TEST

/* The names that are printed, as "1 2 3 7 8 9", from the sample's "CN=Root 1" to "CN=Root 8"
 * and an empty one. */
static void check_names(size_t names, const char *shown, const char *count)
{
    struct cas_report_options cut = options;
    cut.names = names;
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &cut);
    memory.sink.ca_list(memory.sink.user, sample_ca_list(SAMPLE_RICH));
    const char *text = strstr(memory_report_text(&memory), "\"names\":[");
    ck_assert_ptr_nonnull(text);
    struct cas_buf found = cas_buf_init(100, NULL);
    for (const char *dn = strstr(text, "\"dn\":\""); dn != NULL;
         dn = strstr(&dn[1], "\"dn\":\"")) {
        const char *digit = strncmp(dn, "\"dn\":\"CN=Root ", 14) == 0 ? &dn[14] : "-";
        cas_buf_append(&found, cas_view_of(digit, 1));
    }
    cas_buf_append_u8(&found, '\0');
    ck_assert_str_eq((const char *)found.data, shown);
    ck_assert_ptr_nonnull(strstr(text, count));
    cas_buf_finish(&found);
    memory_report_close(&memory);
}

START_TEST(names_are_cut_as_asked_and_counted)
{
    check_names(CAS_NAMES_DEFAULT, "12345678-", "\"names_shown\":9}");
    check_names(CAS_NAMES_ALL, "12345678-", "\"names_shown\":9}");
    check_names(CAS_NAMES_FIRST, "12378-", "\"names_shown\":6}");
    check_names(100, "12345678-", "\"names_shown\":9}");
    check_names(9, "12345678-", "\"names_shown\":9}");
    check_names(1, "1", "\"names_shown\":1}");
    check_names(0, "", "\"names_shown\":0}");
}
END_TEST

START_TEST(counters_are_grouped)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    memory.sink.stats(memory.sink.user, sample_stats(SAMPLE_RICH));
    const char *text = memory_report_text(&memory);
    ck_assert_ptr_nonnull(strstr(text, "\"stats\":{\"capture\":{\"frames\":1000,\"bytes\":1001,"
                                       "\"frames_cut\":1002,\"kernel_packets\":1003,"
                                       "\"kernel_drops\":1004,\"interface_drops\":1005},"
                                       "\"outcome\":{"));
    ck_assert_ptr_nonnull(strstr(text, "\"memory\":{\"peak_bytes\":"));
    memory_report_close(&memory);
}
END_TEST

START_TEST(a_certificate_that_was_told_before_is_told_the_same)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    /* The hostile one takes the place of one of the rich ones. */
    memory.sink.handshake(memory.sink.user, sample_handshake(SAMPLE_RICH));
    memory.sink.handshake(memory.sink.user, sample_handshake(SAMPLE_RICH));
    memory.sink.handshake(memory.sink.user, sample_handshake(SAMPLE_HOSTILE));
    memory.sink.handshake(memory.sink.user, sample_handshake(SAMPLE_RICH));
    const char *first = memory_report_text(&memory);
    size_t len = strcspn(first, "\n") + 1;
    const char *second = &first[len];
    const char *hostile = &second[len];
    const char *last = &hostile[strcspn(hostile, "\n") + 1];
    ck_assert_mem_eq(first, second, len);
    ck_assert_uint_eq(strlen(last), len);
    ck_assert_mem_eq(first, last, len);
    ck_assert_ptr_nonnull(strstr(hostile, "\"client_certs\":[{\"subject\":\"=\\u001b[31m"));
    memory_report_close(&memory);
}
END_TEST

START_TEST(every_event_is_one_line)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    sample_tell_all(&memory.sink);
    size_t lines = 0;
    for (const char *end = memory_report_text(&memory); (end = strchr(end, '\n')) != NULL;
         end++) {
        lines++;
    }
    ck_assert_uint_eq(lines, 7 * SAMPLES + 1); /* and a heartbeat */
    memory_report_close(&memory);
}
END_TEST

START_TEST(a_stream_that_cannot_be_written_is_noticed)
{
    FILE *full = fopen("/dev/full", "w");
    if (full == NULL) {
        return; /* not on this system */
    }
    setvbuf(full, NULL, _IONBF, 0);
    const struct cas_writer writer = cas_writer_to_stream(full);
    struct cas_report *report = cas_report_create(&writer, &options);
    ck_assert_ptr_nonnull(report);
    struct cas_sink sink = cas_report_sink(report);
    sample_tell_all(&sink);
    ck_assert(!cas_report_is_good(report));
    ck_assert_int_eq(cas_report_errno(report), ENOSPC);
    cas_report_destroy(report);
    fclose(full);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report_json");
    TCase *tcase = tcase_create("report_json");
    tcase_add_test(tcase, a_minimal_handshake_is_this_line);
    tcase_add_test(tcase, the_envelope_is_spelt_as_in_eve);
    tcase_add_test(tcase, an_alert_is_nested_as_in_eve);
    tcase_add_test(tcase, a_heartbeat_has_no_names);
    tcase_add_test(tcase, only_the_ca_list_event_has_the_names);
    tcase_add_test(tcase, names_are_cut_as_asked_and_counted);
    tcase_add_test(tcase, counters_are_grouped);
    tcase_add_test(tcase, a_certificate_that_was_told_before_is_told_the_same);
    tcase_add_test(tcase, every_event_is_one_line);
    tcase_add_test(tcase, a_stream_that_cannot_be_written_is_noticed);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
