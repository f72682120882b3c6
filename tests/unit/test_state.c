/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <casniff/capture.h>
#include <casniff/sniffer.h>
#include <casniff/state.h>

#include "bytes/digest.h"
#include "support/scarce.h"
#include "support/support.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define ONES  "1111111111111111111111111111111111111111111111111111111111111111"

#define SAVED_US UINT64_C(1700000000000000)

#define HEAD_LINES "casniff-state 1\nrun\tsaved=1700000000000000\n"
#define SERVER_LINE                                                                            \
    "server\taddress=192.0.2.20\tport=443\tfirst=1\tlast=2\thandshakes=3\trequests=2\t"        \
    "hidden=1\tfailures=1\tsni=www.example.at\n"
#define LIST_LINE                                                                              \
    "list\tcount=405\tbytes=50003\tsha256=" ZEROS "\tset_sha256=" ONES                         \
    "\tmessage_bytes=50030\tcapture=complete\ttruncation=none\theadroom=over\t"                \
    "limit_bytes=16384\tlimit_counted=50003\tlimit_percent=305\tclients_refusing=2\t"          \
    "limit=schannel-16k\n"

#define INFERRED_LINE                                                                          \
    "inferred\trequest=16000\theadroom=crit\tlimit_bytes=16384\tlimit_counted=15600\t"         \
    "clients_refusing=1\tlimit=schannel-16k\n"

static int append_piece(void *user, struct cas_view text)
{
    cas_buf_append(user, text);
    return 0;
}

/* These lines as a whole state: the first line in front, the checksum behind. */
static struct cas_buf state_of(const char *lines)
{
    struct cas_buf buf = cas_buf_init(CAS_STATE_MAX * 2, NULL);
    uint8_t digest[CAS_SHA256_BYTES];
    cas_buf_append_text(&buf, HEAD_LINES);
    cas_buf_append_text(&buf, lines);
    cas_sha256(cas_buf_view(&buf), digest);
    cas_buf_append_text(&buf, "sha256\t");
    cas_buf_append_hex(&buf, cas_view_of(digest, sizeof(digest)));
    cas_buf_append_text(&buf, "\n");
    ck_assert(cas_buf_ok(&buf));
    return buf;
}

struct taken {
    struct cas_state_server servers[4];
    struct cas_state_alerts alerts[4];
    size_t len;
    char sni[64];
};

static void take_server(void *user, const struct cas_state_server *server)
{
    struct taken *taken = user;
    ck_assert_uint_lt(taken->len, 4);
    ck_assert_ptr_nonnull(server->alerts);
    taken->alerts[taken->len] = *server->alerts;
    taken->servers[taken->len++] = *server;
    if (server->sni != NULL) {
        ck_assert_uint_lt(strlen(server->sni), sizeof(taken->sni));
        snprintf(taken->sni, sizeof(taken->sni), "%s", server->sni);
    }
}

static enum cas_err read_lines(const char *lines, struct taken *taken, struct cas_error *error)
{
    struct cas_buf buf = state_of(lines);
    struct cas_view copy = exact_copy(cas_buf_view(&buf));
    *taken = (struct taken){ .len = 0 };
    enum cas_err err = cas_state_read(copy, take_server, taken, error);
    exact_free(copy);
    cas_buf_finish(&buf);
    return err;
}

struct told {
    size_t alerts;
    size_t lists;
    struct cas_list_brief previous;
    enum cas_alert_cause last_cause;
};

static void take_alert(void *user, const struct cas_alert_event *event)
{
    struct told *told = user;
    told->alerts++;
    told->last_cause = event->cause;
    if (event->previous != NULL) {
        told->previous = *event->previous;
    }
}

static void take_list(void *user, const struct cas_ca_list_event *event)
{
    struct told *told = user;
    told->lists++;
    ck_assert(!event->is_heartbeat);
}

static struct cas_sniffer *open_sniffer(struct told *told)
{
    struct cas_sniffer_config config = cas_sniffer_defaults();
    config.sink = (struct cas_sink){ .user = told, .alert = take_alert, .ca_list = take_list };
    config.hash_key[0] = 1;
    struct cas_sniffer *sniffer = cas_sniffer_create(&config);
    ck_assert_ptr_nonnull(sniffer);
    return sniffer;
}

static void push_founding_case(struct cas_sniffer *sniffer)
{
    struct cas_capture *capture = NULL;
    struct cas_frame frame;
    ck_assert_int_eq(
        cas_capture_open_file(source_path("pcaps/founding-case.pcap"), NULL, &capture, NULL),
        CAS_OK);
    while (cas_capture_next(capture, &frame, NULL) == CAS_CAPTURE_FRAME) {
        cas_sniffer_push(sniffer, &frame);
    }
    cas_capture_close(capture);
}

/* What was saved before, if anything, then the founding case; gives what is saved after it. */
static struct cas_buf run_with(struct cas_view saved, struct told *told)
{
    *told = (struct told){ 0 };
    struct cas_sniffer *sniffer = open_sniffer(told);
    if (saved.len > 0) {
        ck_assert_int_eq(cas_sniffer_state_load(sniffer, saved, NULL), CAS_OK);
    }
    push_founding_case(sniffer);
    cas_sniffer_finish(sniffer);
    struct cas_buf out = cas_buf_init(CAS_STATE_MAX, NULL);
    ck_assert_int_eq(cas_sniffer_state_save(sniffer, SAVED_US, append_piece, &out), 0);
    ck_assert(cas_buf_ok(&out));
    cas_sniffer_destroy(sniffer);
    return out;
}

START_TEST(a_state_of_nothing_is_these_bytes)
{
    struct told told = { 0 };
    struct cas_sniffer *sniffer = open_sniffer(&told);
    struct cas_buf out = cas_buf_init(CAS_STATE_MAX, NULL);
    ck_assert_int_eq(cas_sniffer_state_save(sniffer, SAVED_US, append_piece, &out), 0);
    /* The digest is coreutils' sha256sum's. */
    ck_assert_buf_eq(
        &out, "casniff-state 1\nrun\tsaved=1700000000000000\n"
              "sha256\t12fa9dae2d2062bb0383dffd3dc607eecbf277fbe2a3eda6931fa52f86b076f2\n");
    ck_assert_uint_eq(cas_state_saved_us(cas_buf_view(&out)), SAVED_US);
    cas_buf_finish(&out);
    cas_sniffer_destroy(sniffer);
}
END_TEST

START_TEST(a_restart_repeats_no_alert)
{
    struct told told;
    struct cas_buf first = run_with((struct cas_view){ 0 }, &told);
    ck_assert_uint_eq(told.alerts, 3); /* near its limit, looks cut, a client that failed */
    ck_assert_uint_eq(told.lists, 1);
    struct cas_buf second = run_with(cas_buf_view(&first), &told);
    ck_assert_uint_eq(told.alerts, 0);
    ck_assert_uint_eq(told.lists, 1);
    struct taken taken = { .len = 0 };
    ck_assert_int_eq(cas_state_read(cas_buf_view(&second), take_server, &taken, NULL), CAS_OK);
    ck_assert_uint_eq(taken.len, 1);
    ck_assert_str_eq(taken.sni, "www.example.at");
    ck_assert_uint_eq(taken.servers[0].handshakes, 2);
    ck_assert_uint_eq(taken.servers[0].requests, 2);
    ck_assert_uint_eq(taken.servers[0].list.brief.count, 133);
    ck_assert_uint_eq(taken.alerts[0].told_len, 3);
    ck_assert_uint_eq(taken.alerts[0].held[CAS_ALERT_CLIENT_CUT_OFF], 1);
    cas_buf_finish(&first);
    cas_buf_finish(&second);
}
END_TEST

START_TEST(a_change_across_a_restart_is_noticed)
{
    struct told told;
    struct cas_buf before = state_of(SERVER_LINE LIST_LINE);
    struct cas_buf after = run_with(cas_buf_view(&before), &told);
    ck_assert_uint_eq(told.alerts, 4);
    ck_assert_uint_eq(told.previous.count, 405);
    ck_assert_uint_eq(told.previous.bytes, 50003);
    cas_buf_finish(&before);
    cas_buf_finish(&after);
}
END_TEST

START_TEST(what_was_loaded_is_saved_as_it_was)
{
    static const char lines[] = SERVER_LINE LIST_LINE
        "base\tcount=1\tbytes=2\tsha256=" ONES "\tset_sha256=" ZEROS "\n" INFERRED_LINE
        "told\tcause=list_shrank\tat=18446744073709551615\tsubstance=18446744073709551615\n"
        "held\tcause=client_cut_off\toccurrences=1000\n"
        "server\taddress=2001:db8::1\tport=8443\tfirst=0\tlast=0\thandshakes=0\trequests=0\t"
        "hidden=0\tfailures=0\n"
        "server\taddress=2001:db8::1\tport=8443\tfirst=0\tlast=0\thandshakes=0\trequests=0\t"
        "hidden=0\tfailures=0\tsni=\n"
        "inferred\trequest=20\theadroom=ok\tlimit_bytes=0\tlimit_counted=0\t"
        "clients_refusing=0\n";
    struct told told = { 0 };
    struct cas_buf saved = state_of(lines);
    struct cas_buf out = cas_buf_init(CAS_STATE_MAX, NULL);
    struct cas_sniffer *sniffer = open_sniffer(&told);
    ck_assert_int_eq(cas_sniffer_state_load(sniffer, cas_buf_view(&saved), NULL), CAS_OK);
    ck_assert_int_eq(cas_sniffer_state_save(sniffer, SAVED_US, append_piece, &out), 0);
    ck_assert(cas_view_equal(cas_buf_view(&out), cas_buf_view(&saved)));
    cas_sniffer_destroy(sniffer);
    cas_buf_finish(&out);
    cas_buf_finish(&saved);
}
END_TEST

START_TEST(alerts_are_of_an_address_and_port_whatever_the_sni)
{
    static const char told_line[] = "told\tcause=list_near_limit\tat=5\tsubstance=6\n"
                                    "held\tcause=list_near_limit\toccurrences=7\n";
    static const char other[] =
        "server\taddress=192.0.2.20\tport=443\tfirst=1\tlast=1\thandshakes=1\trequests=0\t"
        "hidden=0\tfailures=0\tsni=other.example.at\n";
    struct told told = { 0 };
    struct cas_buf lines = cas_buf_init(CAS_STATE_MAX, NULL);
    cas_buf_append_text(&lines, SERVER_LINE);
    cas_buf_append_text(&lines, told_line);
    cas_buf_append_text(&lines, other);
    cas_buf_append_u8(&lines, '\0');
    struct cas_buf saved = state_of((const char *)lines.data);
    struct cas_buf out = cas_buf_init(CAS_STATE_MAX, NULL);
    struct cas_sniffer *sniffer = open_sniffer(&told);
    ck_assert_int_eq(cas_sniffer_state_load(sniffer, cas_buf_view(&saved), NULL), CAS_OK);
    ck_assert_int_eq(cas_sniffer_state_save(sniffer, SAVED_US, append_piece, &out), 0);
    ck_assert(cas_view_equal(cas_buf_view(&out), cas_buf_view(&saved)));
    cas_sniffer_destroy(sniffer);
    cas_buf_finish(&out);
    cas_buf_finish(&saved);
    cas_buf_finish(&lines);
}
END_TEST

static void count_remembered(void *user, const struct cas_state_server *server)
{
    ck_assert_uint_eq(server->list.brief.count, 405);
    ++*(size_t *)user;
}

/* Not those that never showed a list. */
START_TEST(a_list_is_remembered_until_it_is_seen_again)
{
    struct told told = { 0 };
    size_t remembered = 0;
    struct cas_buf saved = state_of(
        SERVER_LINE LIST_LINE
        "server\taddress=192.0.2.21\tport=443\tfirst=1\tlast=1\thandshakes=1\trequests=0\t"
        "hidden=0\tfailures=0\n");
    struct cas_sniffer *sniffer = open_sniffer(&told);
    ck_assert_int_eq(cas_sniffer_state_load(sniffer, cas_buf_view(&saved), NULL), CAS_OK);
    cas_sniffer_remembered(sniffer, count_remembered, &remembered);
    ck_assert_uint_eq(remembered, 1);
    push_founding_case(sniffer);
    cas_sniffer_finish(sniffer);
    cas_sniffer_remembered(sniffer, count_remembered, &remembered);
    ck_assert_uint_eq(remembered, 1);
    cas_sniffer_destroy(sniffer);
    cas_buf_finish(&saved);
}
END_TEST

START_TEST(every_member_is_read)
{
    struct taken taken;
    struct cas_error error = { 0 };
    ck_assert_int_eq(read_lines(SERVER_LINE LIST_LINE INFERRED_LINE
                                "told\tcause=list_near_limit\tat=5\tsubstance=6\n"
                                "held\tcause=list_changed\toccurrences=7\n",
                                &taken, &error),
                     CAS_OK);
    ck_assert_uint_eq(taken.len, 1);
    const struct cas_state_server *server = &taken.servers[0];
    ck_assert_uint_eq(server->endpoint.family, 4);
    ck_assert_uint_eq(server->endpoint.address[3], 20);
    ck_assert_uint_eq(server->endpoint.port, 443);
    ck_assert_uint_eq(server->first_us, 1);
    ck_assert_uint_eq(server->last_us, 2);
    ck_assert_uint_eq(server->handshakes, 3);
    ck_assert_uint_eq(server->requests, 2);
    ck_assert_uint_eq(server->requests_hidden, 1);
    ck_assert_uint_eq(server->failures, 1);
    ck_assert_uint_eq(server->list.brief.count, 405);
    ck_assert_uint_eq(server->list.brief.set_sha256[31], 0x11);
    ck_assert_uint_eq(server->base.bytes, 50003);
    ck_assert_int_eq(server->list.headroom, CAS_HEADROOM_OVER);
    ck_assert_int_eq(server->list.truncation, CAS_TRUNCATION_NONE);
    ck_assert_uint_eq(server->list.limit_percent, 305);
    ck_assert_uint_eq(server->list.clients_refusing, 2);
    ck_assert_uint_eq(server->base_us, 2);
    ck_assert(server->has_request);
    ck_assert_uint_eq(server->request.least, 16000);
    ck_assert_int_eq(server->request.headroom, CAS_HEADROOM_CRIT);
    ck_assert_uint_eq(server->request.limit_bytes, 16384);
    ck_assert_uint_eq(server->request.limit_counted, 15600);
    ck_assert_uint_eq(server->request.clients_refusing, 1);
    const struct cas_state_alerts *alerts = &taken.alerts[0];
    ck_assert_uint_eq(alerts->told_len, 1);
    ck_assert_uint_eq(alerts->told[0].at_us, 5);
    ck_assert_uint_eq(alerts->told[0].substance, 6);
    ck_assert_uint_eq(alerts->held[CAS_ALERT_LIST_CHANGED], 7);
}
END_TEST

START_TEST(every_prefix_and_every_changed_byte_is_damage)
{
    struct cas_buf buf = state_of(SERVER_LINE LIST_LINE);
    struct taken taken = { .len = 0 };
    for (size_t len = 0; len < buf.len; len++) {
        struct cas_error error = { 0 };
        struct cas_view copy = exact_copy(cas_view_of(buf.data, len));
        ck_assert_int_eq(cas_state_read(copy, take_server, &taken, &error), CAS_ERR_FORMAT);
        ck_assert_int_eq(error.code, CAS_ERR_FORMAT);
        ck_assert_uint_gt(strlen(error.text), 0);
        exact_free(copy);
    }
    for (size_t i = 0; i < buf.len; i++) {
        struct cas_view copy = exact_copy(cas_buf_view(&buf));
        ((uint8_t *)(uintptr_t)copy.data)[i] ^= 1;
        ck_assert_int_eq(cas_state_read(copy, take_server, &taken, NULL), CAS_ERR_FORMAT);
        exact_free(copy);
    }
    ck_assert_uint_eq(taken.len, 0);
    cas_buf_finish(&buf);
}
END_TEST

/* Whole by its checksum, and yet no state. */
static const char *const bad_lines[] = {
    "\n",
    "server\n",
    LIST_LINE,
    "told\tcause=list_shrank\tat=1\tsubstance=1\n",
    SERVER_LINE LIST_LINE LIST_LINE,
    INFERRED_LINE,
    SERVER_LINE INFERRED_LINE INFERRED_LINE,
    SERVER_LINE "inferred\trequest=4294967296\theadroom=ok\tlimit_bytes=0\t"
                "limit_counted=0\tclients_refusing=0\n",
    SERVER_LINE "base\tcount=1\tbytes=2\tsha256=" ONES "\tset_sha256=" ZEROS "\n",
    SERVER_LINE "told\tcause=surprise\tat=1\tsubstance=1\n",
    SERVER_LINE "told\tcause=list_shrank\tat=01\tsubstance=1\n",
    SERVER_LINE "told\tcause=list_shrank\tat=-1\tsubstance=1\n",
    SERVER_LINE "told\tcause=list_shrank\tat=\tsubstance=1\n",
    SERVER_LINE "told\tcause=list_shrank\tat=18446744073709551616\tsubstance=1\n",
    SERVER_LINE "told\tat=1\tcause=list_shrank\tsubstance=1\n",
    SERVER_LINE "told\tcause=list_shrank\tat=1\tsubstance=1\t\n",
    SERVER_LINE "told\tcause=list_shrank\tat=1\tsubstance=1\tmore=1\n",
    SERVER_LINE "surprise\n",
    SERVER_LINE "\n",
    SERVER_LINE "server\taddress=192.0.2.020\tport=443\tfirst=1\tlast=2\thandshakes=3\t"
                "requests=2\thidden=1\tfailures=1\n",
    SERVER_LINE "server\taddress=2001:DB8::1\tport=443\tfirst=1\tlast=2\thandshakes=3\t"
                "requests=2\thidden=1\tfailures=1\n",
    SERVER_LINE "server\taddress=192.0.2.20\tport=65536\tfirst=1\tlast=2\thandshakes=3\t"
                "requests=2\thidden=1\tfailures=1\n",
    SERVER_LINE "server\taddress=192.0.2.20\tport=443\tfirst=1\tlast=2\thandshakes=3\t"
                "requests=2\thidden=1\tfailures=1\tsni=\x1b[31m\n",
    SERVER_LINE "server\taddress=192.0.2.20\tport=443\tfirst=1\tlast=2\thandshakes=3\t"
                "requests=2\thidden=1\tfailures=1\tsni=\xff\n",
};

START_TEST(a_line_that_is_not_as_it_is_written_is_refused)
{
    struct taken taken;
    struct cas_error error = { 0 };
    ck_assert_msg(read_lines(bad_lines[_i], &taken, &error) == CAS_ERR_FORMAT, "case %d", _i);
    ck_assert_ptr_nonnull(strstr(error.text, "line "));
    ck_assert_uint_eq(taken.len, 0);
}
END_TEST

START_TEST(another_file_and_another_version_are_told_apart)
{
    struct cas_error error = { 0 };
    ck_assert_int_eq(cas_state_read(text_view("<?xml version=\"1.0\"?>\n"), NULL, NULL, &error),
                     CAS_ERR_FORMAT);
    ck_assert_str_eq(error.text, "this is no saved state of casniff");
    ck_assert_int_eq(
        cas_state_read(text_view("casniff-state 2\nwhatever\n"), NULL, NULL, &error),
        CAS_ERR_FORMAT);
    ck_assert_str_eq(error.text, "this state is of another version of casniff, only version 1 "
                                 "can be read");
    ck_assert_int_eq(cas_state_read(text_view(""), NULL, NULL, &error), CAS_ERR_FORMAT);
}
END_TEST

/* Whole by its checksum. */
START_TEST(a_state_without_its_time_is_refused)
{
    static const char *const heads[] = { "", "run\n", "run\tsaved=\n",
                                         "run\tsaved=1\tmore=1\n" };
    struct cas_error error = { 0 };
    struct cas_buf buf = cas_buf_init(CAS_STATE_MAX, NULL);
    uint8_t digest[CAS_SHA256_BYTES];
    cas_buf_append_format(&buf, "casniff-state 1\n%s", heads[_i]);
    cas_sha256(cas_buf_view(&buf), digest);
    cas_buf_append_text(&buf, "sha256\t");
    cas_buf_append_hex(&buf, cas_view_of(digest, sizeof(digest)));
    cas_buf_append_text(&buf, "\n");
    ck_assert_int_eq(cas_state_read(cas_buf_view(&buf), NULL, NULL, &error), CAS_ERR_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.text, "line 2 "));
    ck_assert_uint_eq(cas_state_saved_us(cas_buf_view(&buf)), 0);
    cas_buf_finish(&buf);
}
END_TEST

/* Checks assert with memory: who hears without it only counts. */
static void count_server(void *user, const struct cas_state_server *server)
{
    (void)server;
    ++*(unsigned *)user;
}

/* Found by fuzzing with failing allocations: a good state was called damaged, and set aside; or
 * half of it was taken. */
START_TEST(without_memory_a_good_state_is_not_damaged)
{
    struct cas_buf state = state_of(SERVER_LINE LIST_LINE INFERRED_LINE);
    unsigned long k = 0;
    unsigned long made = 0;
    do {
        unsigned taken = 0;
        k++;
        scarce_begin(k, SCARCE_ONCE);
        enum cas_err err = cas_state_read(cas_buf_view(&state), count_server, &taken, NULL);
        made = scarce_end();
        ck_assert_int_eq(err, k <= made ? CAS_ERR_NOMEM : CAS_OK);
        ck_assert_uint_eq(taken, k <= made ? 0 : 1);
    } while (k <= made);
    ck_assert_uint_ge(made, 3); /* for its three texts */
    cas_buf_finish(&state);
}
END_TEST

START_TEST(what_is_too_large_is_not_read)
{
    struct cas_error error = { 0 };
    uint8_t *large = calloc(1, CAS_STATE_MAX + 1);
    ck_assert_ptr_nonnull(large);
    const struct cas_view first = text_view("casniff-state 1\n");
    memcpy(large, first.data, first.len);
    ck_assert_int_eq(cas_state_read(cas_view_of(large, CAS_STATE_MAX + 1), NULL, NULL, &error),
                     CAS_ERR_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.text, "16777216"));
    free(large);
}
END_TEST

static int refuse(void *user, struct cas_view text)
{
    (void)text;
    ++*(int *)user;
    return ENOSPC;
}

START_TEST(a_failing_write_ends_it)
{
    struct told told = { 0 };
    int calls = 0;
    struct cas_sniffer *sniffer = open_sniffer(&told);
    ck_assert_int_eq(cas_sniffer_state_save(sniffer, SAVED_US, refuse, &calls), ENOSPC);
    ck_assert_int_eq(calls, 1);
    cas_sniffer_destroy(sniffer);
}
END_TEST

START_TEST(more_servers_than_fit_are_left_out_and_counted)
{
    struct cas_sniffer_config config = cas_sniffer_defaults();
    config.memory_bytes = 1u << 22;
    config.max_flows = 256;
    struct cas_sniffer *sniffer = cas_sniffer_create(&config);
    ck_assert_ptr_nonnull(sniffer);
    struct cas_buf lines = cas_buf_init(CAS_STATE_MAX, NULL);
    for (unsigned port = 1; port <= 4000; port++) {
        cas_buf_append_format(&lines,
                              "server\taddress=192.0.2.1\tport=%u\tfirst=0\tlast=0\t"
                              "handshakes=0\trequests=0\thidden=0\tfailures=0\n",
                              port);
    }
    cas_buf_append_u8(&lines, '\0');
    struct cas_buf saved = state_of((const char *)lines.data);
    struct cas_buf out = cas_buf_init(CAS_STATE_MAX, NULL);
    ck_assert_int_eq(cas_sniffer_state_load(sniffer, cas_buf_view(&saved), NULL), CAS_OK);
    ck_assert_uint_gt(cas_sniffer_counters(sniffer)->value[CAS_COUNT_SERVERS_CAPPED], 0);
    ck_assert_int_eq(cas_sniffer_state_save(sniffer, SAVED_US, append_piece, &out), 0);
    /* The first ones, which were seen last, are there. */
    size_t common = out.len - 72;
    ck_assert_uint_gt(common, 1000);
    ck_assert_int_eq(memcmp(out.data, saved.data, common), 0);
    cas_buf_finish(&out);
    cas_buf_finish(&saved);
    cas_buf_finish(&lines);
    cas_sniffer_destroy(sniffer);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("state");
    TCase *tcase = tcase_create("state");
    tcase_add_test(tcase, a_state_of_nothing_is_these_bytes);
    tcase_add_test(tcase, a_restart_repeats_no_alert);
    tcase_add_test(tcase, a_change_across_a_restart_is_noticed);
    tcase_add_test(tcase, what_was_loaded_is_saved_as_it_was);
    tcase_add_test(tcase, alerts_are_of_an_address_and_port_whatever_the_sni);
    tcase_add_test(tcase, a_list_is_remembered_until_it_is_seen_again);
    tcase_add_test(tcase, every_member_is_read);
    tcase_add_test(tcase, every_prefix_and_every_changed_byte_is_damage);
    tcase_add_loop_test(tcase, a_line_that_is_not_as_it_is_written_is_refused, 0,
                        (int)(sizeof(bad_lines) / sizeof(bad_lines[0])));
    tcase_add_test(tcase, another_file_and_another_version_are_told_apart);
    tcase_add_loop_test(tcase, a_state_without_its_time_is_refused, 0, 4);
    tcase_add_test(tcase, without_memory_a_good_state_is_not_damaged);
    tcase_add_test(tcase, what_is_too_large_is_not_read);
    tcase_add_test(tcase, a_failing_write_ends_it);
    tcase_add_test(tcase, more_servers_than_fit_are_left_out_and_counted);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
