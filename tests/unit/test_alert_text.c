/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Alerts for syslog and for the journal, against bytes that were written by hand. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <casniff/alert_text.h>

#include "support/events.h"
#include "support/support.h"

static int keep(void *user, struct cas_view text)
{
    cas_buf_append(user, text);
    return 0;
}

static struct cas_buf syslog_of(enum sample sample, const char *hostname)
{
    struct cas_buf out = cas_buf_init(SIZE_MAX, NULL);
    const struct cas_writer writer = { .user = &out, .write = keep };
    ck_assert_int_eq(cas_alert_to_syslog(sample_alert(sample), hostname, 4711, &writer), 0);
    return out;
}

static struct cas_buf journal_of(const struct cas_alert_event *event)
{
    struct cas_buf out = cas_buf_init(SIZE_MAX, NULL);
    const struct cas_writer writer = { .user = &out, .write = keep };
    ck_assert_int_eq(cas_alert_to_journal(event, &writer), 0);
    return out;
}

START_TEST(a_syslog_line_has_the_facts_and_a_sentence)
{
    struct cas_buf line = syslog_of(SAMPLE_RICH, "web1.example.at");
    ck_assert_buf_eq(
        &line, "<27>1 2026-11-23T10:31:07.123456Z web1.example.at casniff 4711 list_shrank "
               "[casniff@32473 cause=\"list_shrank\" signature_id=\"6\" "
               "server=\"10.0.0.2:443\" sni=\"www.example.at\" tls=\"TLS 1.2\" "
               "ca_bytes=\"16301\" ca_names=\"9\" verdict=\"confirmed\" headroom=\"crit\" "
               "limit=\"schannel-16k\" limit_bytes=\"16384\" limit_percent=\"99\" "
               "missing=\"2\" ca_sha256="
               "\"0100000000000000000000000000000000000000000000000000000000000000\" "
               "previous_bytes=\"50003\" previous_names=\"405\" diagnosis=\"ISSUER_CUT_OFF\" "
               "sensor=\"web1\" iface=\"eth0\" pcap=\"dmz.pcap\" event_seq=\"7\" "
               "occurrences=\"1000\" suppressed=\"12\"] "
               "10.0.0.2:443 www.example.at: The CA list shrank from 405 names to 9.");
    cas_buf_finish(&line);
}
END_TEST

START_TEST(a_syslog_line_of_nothing_is_still_one)
{
    struct cas_buf line = syslog_of(SAMPLE_MINIMAL, NULL);
    ck_assert_buf_eq(&line, "<30>1 1970-01-01T00:00:00.000000Z - casniff 4711 list_near_limit "
                            "[casniff@32473 cause=\"list_near_limit\" signature_id=\"1\" "
                            "event_seq=\"1\" occurrences=\"0\" suppressed=\"0\"] ");
    cas_buf_finish(&line);
}
END_TEST

/* Of one without a list: what is true in any case of the request that it is in. */
START_TEST(an_inferred_alert_says_so_and_has_the_request_s_figures)
{
    struct cas_alert_event event = *sample_alert(SAMPLE_MINIMAL);
    const struct cas_request_size size = {
        .least = 16000,
        .most = 16001,
        .limit_name = "schannel-16k",
        .limit_bytes = 16384,
        .limit_percent_least = 95,
        .limit_percent = 97,
        .headroom_least = CAS_HEADROOM_CRIT,
    };
    event.how = CAS_HOW_INFERRED;
    event.request_size = &size;
    struct cas_buf out = cas_buf_init(SIZE_MAX, NULL);
    const struct cas_writer writer = { .user = &out, .write = keep };
    ck_assert_int_eq(cas_alert_to_syslog(&event, NULL, 4711, &writer), 0);
    ck_assert_buf_eq(&out, "<30>1 1970-01-01T00:00:00.000000Z - casniff 4711 list_near_limit "
                           "[casniff@32473 cause=\"list_near_limit\" signature_id=\"1\" "
                           "how=\"inferred\" request_bytes_min=\"16000\" "
                           "request_bytes_max=\"16001\" headroom=\"crit\" "
                           "limit=\"schannel-16k\" limit_bytes=\"16384\" "
                           "limit_percent=\"95\" "
                           "event_seq=\"1\" occurrences=\"0\" suppressed=\"0\"] ");
    cas_buf_finish(&out);
}
END_TEST

static bool contains(const struct cas_buf *buf, const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i + len <= buf->len; i++) {
        if (memcmp(&buf->data[i], text, len) == 0) {
            return true;
        }
    }
    return false;
}

/* What each unsafe character of the hostile sample is shown as. */
#define SHOWN "=\\1b[31m\"\\0d\\0a\\e2\\80\\ae\\ff\\f3\\a0\\81\\81,\\"

START_TEST(hostile_text_stays_inside_its_quotes)
{
    struct cas_buf line = syslog_of(SAMPLE_HOSTILE, "a b\n<1>\xc3\xa4");
    ck_assert(contains(&line, "<28>1 9999-12-31T23:59:59.999999Z a?b?<1>?? casniff 4711 "
                              "client_cut_off [casniff@32473 cause="));
    ck_assert(contains(&line, " sni=\"=\\\\1b[31m\\\"\\\\0d\\\\0a\\\\e2\\\\80\\\\ae\\\\ff\\\\f3"
                              "\\\\a0\\\\81\\\\81,\\\\\" "));
    ck_assert(contains(&line, "] [2001:db8::1]:8443 " SHOWN ": " SHOWN));
    for (size_t i = 0; i < line.len; i++) {
        ck_assert_uint_ge(line.data[i], 0x20);
        ck_assert_uint_lt(line.data[i], 0x7f);
    }
    cas_buf_finish(&line);
}
END_TEST

START_TEST(a_bracket_does_not_end_the_facts)
{
    struct cas_alert_event event = *sample_alert(SAMPLE_MINIMAL);
    struct cas_buf out = cas_buf_init(SIZE_MAX, NULL);
    const struct cas_writer writer = { .user = &out, .write = keep };
    event.sni = "a] [b c=\"d\"]";
    ck_assert_int_eq(cas_alert_to_syslog(&event, NULL, 1, &writer), 0);
    ck_assert(contains(&out, " sni=\"a\\] [b c=\\\"d\\\"\\]\" event_seq="));
    cas_buf_finish(&out);
}
END_TEST

START_TEST(a_syslog_line_is_cut_at_a_character)
{
    static char text[20001];
    struct cas_alert_event event = *sample_alert(SAMPLE_MINIMAL);
    struct cas_buf out = cas_buf_init(SIZE_MAX, NULL);
    const struct cas_writer writer = { .user = &out, .write = keep };
    for (size_t shift = 0; shift < 2; shift++) {
        for (size_t i = shift; i + 1 < sizeof(text); i += 2) {
            memcpy(&text[i], "\xc3\xa4", 2);
        }
        text[sizeof(text) - 1 - shift] = '\0';
        text[0] = shift > 0 ? 'a' : text[0];
        event.signature = text;
        ck_assert_int_eq(cas_alert_to_syslog(&event, NULL, 1, &writer), 0);
        ck_assert_uint_le(out.len, 8000);
        ck_assert_uint_ge(out.len, 7999);
        ck_assert_uint_eq(out.data[out.len - 1], 0xa4);
        cas_buf_clear(&out);
    }
    cas_buf_finish(&out);
}
END_TEST

/* The next field of a message of the journal: its key and its value as strings. */
static size_t next_field(const struct cas_buf *out, size_t at, char key[64], char value[512])
{
    size_t key_len = 0;
    while (out->data[at + key_len] != '=' && out->data[at + key_len] != '\n') {
        key_len++;
        ck_assert_uint_lt(at + key_len, out->len);
    }
    ck_assert_uint_lt(key_len, 64);
    memcpy(key, &out->data[at], key_len);
    key[key_len] = '\0';
    at += key_len + 1;
    size_t len = 0;
    if (out->data[at - 1] == '=') {
        const uint8_t *end = memchr(&out->data[at], '\n', out->len - at);
        ck_assert_ptr_nonnull(end);
        len = (size_t)(end - &out->data[at]);
    } else {
        ck_assert_uint_le(at + 8, out->len);
        for (size_t i = 8; i > 0; i--) {
            len = len << 8 | out->data[at + i - 1];
        }
        at += 8;
    }
    ck_assert_uint_lt(at + len, out->len);
    ck_assert_uint_eq(out->data[at + len], '\n');
    ck_assert_uint_lt(len, 512);
    memcpy(value, &out->data[at], len);
    value[len] = '\0';
    return at + len + 1;
}

/* The value of a field, which must be there once. */
static const char *field(const struct cas_buf *out, const char *wanted)
{
    static char found[512];
    char key[64];
    char value[512];
    unsigned times = 0;
    for (size_t at = 0; at < out->len;) {
        at = next_field(out, at, key, value);
        if (strcmp(key, wanted) == 0) {
            strcpy(found, value);
            times++;
        }
    }
    ck_assert_msg(times == 1, "%s is there %u times", wanted, times);
    return found;
}

START_TEST(the_journal_gets_these_bytes)
{
    struct cas_buf out = journal_of(sample_alert(SAMPLE_MINIMAL));
    static const char wanted[] = "MESSAGE\n\0\0\0\0\0\0\0\0\n"
                                 "PRIORITY=6\n"
                                 "MESSAGE_ID=b76b1097bee64cf785c5ff4a22c6c8c4\n"
                                 "SYSLOG_IDENTIFIER=casniff\n"
                                 "SYSLOG_FACILITY=3\n"
                                 "CASNIFF_CAUSE\n\x0f\0\0\0\0\0\0\0list_near_limit\n"
                                 "CASNIFF_SIGNATURE_ID\n\x01\0\0\0\0\0\0\0"
                                 "1\n"
                                 "CASNIFF_EVENT_SEQ\n\x01\0\0\0\0\0\0\0"
                                 "1\n"
                                 "CASNIFF_OCCURRENCES\n\x01\0\0\0\0\0\0\0"
                                 "0\n"
                                 "CASNIFF_SUPPRESSED\n\x01\0\0\0\0\0\0\0"
                                 "0\n";
    ck_assert_uint_eq(out.len, sizeof(wanted) - 1);
    ck_assert_mem_eq(out.data, wanted, out.len);
    cas_buf_finish(&out);
}
END_TEST

START_TEST(the_journal_gets_the_facts_as_fields)
{
    struct cas_buf out = journal_of(sample_alert(SAMPLE_RICH));
    ck_assert_str_eq(field(&out, "MESSAGE"),
                     "10.0.0.2:443 www.example.at: The CA list shrank from 405 names to 9.");
    ck_assert_str_eq(field(&out, "PRIORITY"), "3");
    ck_assert_str_eq(field(&out, "CASNIFF_SERVER"), "10.0.0.2:443");
    ck_assert_str_eq(field(&out, "CASNIFF_SNI"), "www.example.at");
    ck_assert_str_eq(field(&out, "CASNIFF_CA_BYTES"), "16301");
    ck_assert_str_eq(field(&out, "CASNIFF_CA_NAMES"), "9");
    ck_assert_str_eq(field(&out, "CASNIFF_VERDICT"), "confirmed");
    ck_assert_str_eq(field(&out, "CASNIFF_CAUSE"), "list_shrank");
    ck_assert_str_eq(field(&out, "CASNIFF_LIMIT_BYTES"), "16384");
    ck_assert_str_eq(field(&out, "CASNIFF_DIAGNOSIS"), "ISSUER_CUT_OFF");
    cas_buf_finish(&out);
}
END_TEST

START_TEST(hostile_text_begins_no_field)
{
    struct cas_alert_event event = *sample_alert(SAMPLE_HOSTILE);
    event.sni = "a\nPRIORITY=0\nCASNIFF_CAUSE=none";
    struct cas_buf out = journal_of(&event);
    ck_assert_str_eq(field(&out, "PRIORITY"), "4");
    ck_assert_str_eq(field(&out, "CASNIFF_CAUSE"), "client_cut_off");
    ck_assert_str_eq(field(&out, "CASNIFF_SNI"), "a\\0aPRIORITY=0\\0aCASNIFF_CAUSE=none");
    cas_buf_finish(&out);
}
END_TEST

START_TEST(each_cause_has_an_identifier_of_its_own)
{
    char seen[CAS_ALERT_CAUSES][64];
    for (int i = 0; i < CAS_ALERT_CAUSES; i++) {
        struct cas_alert_event event = *sample_alert(SAMPLE_MINIMAL);
        event.cause = (enum cas_alert_cause)i;
        struct cas_buf out = journal_of(&event);
        strcpy(seen[i], field(&out, "MESSAGE_ID"));
        ck_assert_uint_eq(strlen(seen[i]), 32);
        ck_assert_uint_eq(strspn(seen[i], "0123456789abcdef"), 32);
        for (int j = 0; j < i; j++) {
            ck_assert_str_ne(seen[i], seen[j]);
        }
        cas_buf_finish(&out);
    }
}
END_TEST

static int refuse(void *user, struct cas_view text)
{
    (void)user;
    (void)text;
    return EAGAIN;
}

START_TEST(what_the_writer_says_is_handed_back)
{
    const struct cas_writer writer = { .write = refuse };
    const struct cas_alert_event *event = sample_alert(SAMPLE_RICH);
    ck_assert_int_eq(cas_alert_to_syslog(event, "web1", 1, &writer), EAGAIN);
    ck_assert_int_eq(cas_alert_to_journal(event, &writer), EAGAIN);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("alert_text");
    TCase *tcase = tcase_create("alert_text");
    tcase_add_test(tcase, a_syslog_line_has_the_facts_and_a_sentence);
    tcase_add_test(tcase, a_syslog_line_of_nothing_is_still_one);
    tcase_add_test(tcase, an_inferred_alert_says_so_and_has_the_request_s_figures);
    tcase_add_test(tcase, hostile_text_stays_inside_its_quotes);
    tcase_add_test(tcase, a_bracket_does_not_end_the_facts);
    tcase_add_test(tcase, a_syslog_line_is_cut_at_a_character);
    tcase_add_test(tcase, the_journal_gets_these_bytes);
    tcase_add_test(tcase, the_journal_gets_the_facts_as_fields);
    tcase_add_test(tcase, hostile_text_begins_no_field);
    tcase_add_test(tcase, each_cause_has_an_identifier_of_its_own);
    tcase_add_test(tcase, what_the_writer_says_is_handed_back);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
