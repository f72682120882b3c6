/* SPDX-License-Identifier: GPL-2.0-or-later */
/* That a CSV reader takes it is tested in integration/check_schema.py. */
#include <string.h>

#include "support/events.h"
#include "support/report.h"
#include "support/support.h"

static const struct cas_report_options options = { .form = CAS_REPORT_CSV };

/* Row `row` of the report, up to its CRLF. */
static void check_row(size_t row, const char *expected)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    for (int i = 0; i < SAMPLES; i++) {
        memory.sink.handshake(memory.sink.user, sample_handshake((enum sample)i));
    }
    const char *text = memory_report_text(&memory);
    for (size_t i = 0; i < row; i++) {
        text = strstr(text, "\r\n");
        ck_assert_ptr_nonnull(text);
        text = &text[2];
    }
    ck_assert_ptr_nonnull(strstr(text, "\r\n"));
    ck_assert_uint_eq(strcspn(text, "\r"), strlen(expected));
    ck_assert_mem_eq(text, expected, strlen(expected));
    memory_report_close(&memory);
}

START_TEST(the_first_row_names_the_columns)
{
    check_row(0, "timestamp,sensor_name,pcap_filename,pcap_cnt,client_ip,client_port,server_ip,"
                 "server_port,sni,version,cipher,resumed,established,requested,answer,severity,"
                 "diagnosis,alerts,client_subject,client_issuer,list_count,list_bytes,"
                 "message_bytes,list_sha256,limit_name,limit_bytes,limit_percent,headroom,"
                 "capture,capture_reasons,truncation,store_names,missing_count,first_missing");
}
END_TEST

START_TEST(a_handshake_is_a_row)
{
    check_row(1, "2026-11-23T10:31:07.123456Z,\"web1\",\"dmz.pcap\",17,10.0.0.1,40000,10.0.0.2,"
                 "443,\"www.example.at\",\"TLS 1.2\",\"TLS_RSA_WITH_AES_128_CBC_SHA\",\"no\","
                 "\"no\",\"yes\",\"empty\",\"error\",ISSUER_CUT_OFF CLIENT_SENT_NONE,"
                 "client:41 server:40 server:200,\"CN=alice,O=Example\","
                 "\"CN=Root 134,O=Example\",9,16301,16340,"
                 "0100000000000000000000000000000000000000000000000000000000000000,"
                 "\"schannel-16k\",16384,99,\"crit\",\"complete\",gap framing,\"confirmed\",10,"
                 "2,\"CN=Root 134\"");
}
END_TEST

START_TEST(what_is_unknown_is_an_empty_cell)
{
    check_row(2, "1970-01-01T00:00:00.000000Z,,,0,,0,,0,,,,\"no\",\"unknown\",\"unseen\","
                 "\"unseen\",,,,,,,,,,,,,,,,,,,");
}
END_TEST

START_TEST(quotes_are_doubled_and_formulas_disarmed)
{
    struct memory_report memory = { 0 };
    memory_report_open(&memory, &options);
    memory.sink.handshake(memory.sink.user, sample_handshake(SAMPLE_HOSTILE));
    const char *text = memory_report_text(&memory);
    ck_assert_ptr_nonnull(
        strstr(text, ",\"'=\\1b[31m\"\"\\0d\\0a\\e2\\80\\ae\\ff\\f3\\a0\\81\\81,\\\","));
    ck_assert_ptr_null(strstr(text, "\"=\\1b"));
    memory_report_close(&memory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report_csv");
    TCase *tcase = tcase_create("report_csv");
    tcase_add_test(tcase, the_first_row_names_the_columns);
    tcase_add_test(tcase, a_handshake_is_a_row);
    tcase_add_test(tcase, what_is_unknown_is_an_empty_cell);
    tcase_add_test(tcase, quotes_are_doubled_and_formulas_disarmed);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
