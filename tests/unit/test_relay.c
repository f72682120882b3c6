/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a reader hands over, and that nothing else is taken for it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <casniff/capture.h>
#include <casniff/relay.h>
#include <casniff/sniffer.h>

#include "analysis/relay_shapes.h"
#include "bytes/buf.h"
#include "support/report.h"
#include "support/support.h"

#define MESSAGES_MAX 4096

static const char *const captures[] = {
    "pcaps/founding-case.pcap",
    "pcaps/mbedtls-cut.pcap",
    "pcaps/hello-ca-names.pcap",
    "pcaps/400-cas.pcapng",
};

/* A reader's messages. */
struct messages {
    struct cas_view message[MESSAGES_MAX];
    size_t len;
};

static void keep(void *user, struct cas_view message)
{
    struct messages *messages = user;
    uint8_t *copy = malloc(message.len); /* exactly, for who reads too far */
    ck_assert_uint_lt(messages->len, MESSAGES_MAX);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, message.data, message.len);
    messages->message[messages->len++] = (struct cas_view){ copy, message.len };
}

static void free_messages(struct messages *messages)
{
    for (size_t i = 0; i < messages->len; i++) {
        free((void *)(uintptr_t)messages->message[i].data);
    }
    messages->len = 0;
}

static struct cas_sniffer *sniffer_of(const struct cas_sink *sink, struct messages *relay)
{
    struct cas_sniffer_config config = cas_sniffer_defaults();
    if (sink != NULL) {
        config.sink = *sink;
    }
    if (relay != NULL) {
        config.relay = (struct cas_relay){ .user = relay, .message = keep };
    }
    config.max_flows = 256;
    struct cas_sniffer *sniffer = cas_sniffer_create(&config);
    ck_assert_ptr_nonnull(sniffer);
    return sniffer;
}

/* As a capture would have it that keeps so many bytes of each frame. */
static void read_snapped(struct cas_sniffer *sniffer, const char *path, size_t snaplen)
{
    struct cas_capture *capture = NULL;
    struct cas_frame frame;
    ck_assert_int_eq(cas_capture_open_file(path, "", &capture, NULL), CAS_OK);
    while (cas_capture_next(capture, &frame, NULL) == CAS_CAPTURE_FRAME) {
        frame.bytes = cas_view_part(frame.bytes, 0, snaplen);
        cas_sniffer_push(sniffer, &frame);
    }
    cas_sniffer_finish(sniffer);
    cas_capture_close(capture);
}

static void read_capture(struct cas_sniffer *sniffer, const char *path)
{
    read_snapped(sniffer, path, SIZE_MAX);
}

static struct messages snapped_messages_of(const char *path, size_t snaplen)
{
    struct messages messages = { .len = 0 };
    struct cas_sniffer *reader = sniffer_of(NULL, &messages);
    read_snapped(reader, path, snaplen);
    cas_sniffer_destroy(reader);
    return messages;
}

static struct messages messages_of(const char *path)
{
    return snapped_messages_of(path, SIZE_MAX);
}

static void open_report(struct memory_report *report)
{
    const struct cas_report_options options = { .form = CAS_REPORT_JSON, .names = SIZE_MAX };
    memory_report_open(report, &options);
}

/* Two processes take other memory than one. */
static void cut_memory(char *text)
{
    char *memory = strstr(text, "\"memory\":{");
    char *end = memory != NULL ? strchr(memory, '}') : NULL;
    ck_assert_ptr_nonnull(end);
    memmove(memory, end, strlen(end) + 1);
}

static char *told_alone(const char *path, size_t snaplen)
{
    struct memory_report report;
    open_report(&report);
    struct cas_sniffer *sniffer = sniffer_of(&report.sink, NULL);
    read_snapped(sniffer, path, snaplen);
    char *text = strdup(memory_report_text(&report));
    cas_sniffer_destroy(sniffer);
    memory_report_close(&report);
    cut_memory(text);
    return text;
}

static char *told_together(const struct messages *messages)
{
    struct memory_report report;
    open_report(&report);
    struct cas_sniffer *teller = sniffer_of(&report.sink, NULL);
    struct cas_relayed *relayed = cas_relayed_open(teller);
    ck_assert_ptr_nonnull(relayed);
    for (size_t i = 0; i < messages->len; i++) {
        ck_assert_int_eq(cas_relayed_take(relayed, messages->message[i]), CAS_OK);
    }
    cas_relayed_close(relayed);
    cas_sniffer_finish(teller);
    char *text = strdup(memory_report_text(&report));
    cas_sniffer_destroy(teller);
    memory_report_close(&report);
    cut_memory(text);
    return text;
}

START_TEST(two_sniffers_tell_what_one_tells)
{
    struct messages messages = messages_of(source_path(captures[_i]));
    char *alone = told_alone(source_path(captures[_i]), SIZE_MAX);
    char *together = told_together(&messages);
    ck_assert_uint_gt(messages.len, 1);
    ck_assert_str_eq(together, alone);
    free(together);
    free(alone);
    free_messages(&messages);
}
END_TEST

/* The client's one certificate and the server's two lie in frames of more than 700 bytes. */
START_TEST(chains_that_are_cut_are_told_as_one_sniffer_tells_them)
{
    const char *path = source_path("pcaps/no-intermediate.pcap");
    const struct {
        size_t snaplen;
        bool is_client_cut;
        bool is_server_cut;
    } cases[] = { { 300, true, true }, { 1000, false, true }, { 2000, false, false } };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct messages messages = snapped_messages_of(path, cases[i].snaplen);
        char *alone = told_alone(path, cases[i].snaplen);
        char *together = told_together(&messages);
        ck_assert_str_eq(together, alone);
        ck_assert((strstr(alone, "\"client_certs_complete\":false") != NULL) ==
                  cases[i].is_client_cut);
        ck_assert((strstr(alone, "\"server_certs_complete\":false") != NULL) ==
                  cases[i].is_server_cut);
        free(together);
        free(alone);
        free_messages(&messages);
    }
}
END_TEST

/* --- what is no message --- */

/* A teller, and how much it has told. */
struct scene {
    struct memory_report report;
    struct cas_sniffer *teller;
    struct cas_relayed *relayed;
};

static void open_scene(struct scene *scene)
{
    open_report(&scene->report);
    scene->teller = sniffer_of(&scene->report.sink, NULL);
    scene->relayed = cas_relayed_open(scene->teller);
    ck_assert_ptr_nonnull(scene->relayed);
}

static void close_scene(struct scene *scene)
{
    cas_relayed_close(scene->relayed);
    cas_sniffer_destroy(scene->teller);
    memory_report_close(&scene->report);
}

/* The message is refused, and nothing of it is told. */
static void refuse(struct scene *scene, struct cas_view message)
{
    ck_assert_int_eq(cas_relayed_take(scene->relayed, message), CAS_ERR_FORMAT);
    ck_assert_str_eq(memory_report_text(&scene->report), "");
}

START_TEST(every_cut_message_and_every_longer_one_is_refused)
{
    struct messages messages = messages_of(source_path(captures[_i]));
    for (size_t i = 0; i < messages.len; i++) {
        const struct cas_view whole = messages.message[i];
        size_t step = 1 + whole.len / 512; /* lists are long, and all bytes in them alike */
        for (size_t len = 0; len < whole.len; len += step) {
            struct scene scene;
            uint8_t *exact = malloc(len > 0 ? len : 1);
            memcpy(exact, whole.data, len);
            open_scene(&scene);
            refuse(&scene, (struct cas_view){ exact, len });
            close_scene(&scene);
            free(exact);
        }
        struct scene scene;
        uint8_t *longer = calloc(1, whole.len + 1);
        memcpy(longer, whole.data, whole.len);
        open_scene(&scene);
        ck_assert_int_ne(
            cas_relayed_take(scene.relayed, (struct cas_view){ longer, whole.len + 1 }),
            CAS_OK);
        close_scene(&scene);
        free(longer);
        i += messages.len / 8; /* some of them will do */
    }
    free_messages(&messages);
}
END_TEST

/* Where these bytes stand in the message; fails when they do not. */
static size_t find(struct cas_view message, const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i + len <= message.len; i++) {
        if (memcmp(&message.data[i], text, len) == 0) {
            return i;
        }
    }
    ck_abort_msg("%s is not there", text);
    return 0;
}

/* The first handshake of a capture with one byte of a text in it changed. */
static void refuse_text(const char *text, uint8_t byte)
{
    struct messages messages = messages_of(source_path(captures[0]));
    struct scene scene;
    size_t i = 0;
    while (messages.message[i].data[0] != CAS_RELAY_HANDSHAKE) {
        i++;
    }
    uint8_t *bytes = (uint8_t *)(uintptr_t)messages.message[i].data;
    bytes[find(messages.message[i], text)] = byte;
    open_scene(&scene);
    refuse(&scene, messages.message[i]);
    close_scene(&scene);
    free_messages(&messages);
}

START_TEST(a_text_that_is_not_safe_to_print_is_refused)
{
    refuse_text("TLS_", '\x1b');
    refuse_text("TLS_", '\n');
    refuse_text("TLS_", 0);
    refuse_text("TLS_", 0xff);
}
END_TEST

/* The second handshake of this one shows the certificates of the first. */
START_TEST(what_never_came_cannot_be_referred_to)
{
    struct messages messages = messages_of(source_path("pcaps/sslv3.pcap"));
    struct scene scene;
    open_scene(&scene);
    ck_assert_uint_eq(messages.message[1].data[0], CAS_RELAY_HANDSHAKE);
    refuse(&scene, messages.message[1]);
    ck_assert_int_eq(cas_relayed_take(scene.relayed, messages.message[0]), CAS_OK);
    ck_assert_int_eq(cas_relayed_take(scene.relayed, messages.message[1]), CAS_OK);
    close_scene(&scene);
    free_messages(&messages);
}
END_TEST

START_TEST(an_unknown_kind_is_refused)
{
    struct scene scene;
    open_scene(&scene);
    for (unsigned kind = 0; kind < 256; kind++) {
        const uint8_t byte = (uint8_t)kind;
        refuse(&scene, (struct cas_view){ &byte, 1 });
    }
    close_scene(&scene);
}
END_TEST

/* --- counters --- */

static struct cas_view counters_of(const struct messages *messages)
{
    struct cas_view last = messages->message[messages->len - 1];
    ck_assert_uint_eq(last.data[0], CAS_RELAY_COUNTERS);
    return last;
}

START_TEST(what_readers_counted_is_added_and_told_again_counts_once)
{
    struct messages messages = messages_of(source_path(captures[0]));
    struct cas_sniffer *alone = sniffer_of(NULL, NULL);
    read_capture(alone, source_path(captures[0]));
    uint64_t frames = cas_sniffer_counters(alone)->value[CAS_COUNT_FRAMES];
    struct scene scene;
    open_scene(&scene);
    struct cas_relayed *other = cas_relayed_open(scene.teller);
    ck_assert_ptr_nonnull(other);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(cas_relayed_take(scene.relayed, counters_of(&messages)), CAS_OK);
        ck_assert_int_eq(cas_relayed_take(other, counters_of(&messages)), CAS_OK);
    }
    ck_assert_uint_eq(cas_sniffer_counters(scene.teller)->value[CAS_COUNT_FRAMES], 2 * frames);
    cas_relayed_close(other);
    close_scene(&scene);
    cas_sniffer_destroy(alone);
    free_messages(&messages);
}
END_TEST

/* --- evidence --- */

struct evidence {
    unsigned handshakes;
    unsigned late;
};

static void count_evidence(void *user, const struct cas_evidence *packets)
{
    struct evidence *evidence = user;
    evidence->handshakes += !packets->is_late;
    evidence->late += packets->is_late;
}

static void hear_alert(void *user, const struct cas_alert_event *event)
{
    (void)user;
    (void)event;
}

static struct cas_sniffer *saving_sniffer(struct evidence *evidence, struct messages *relay,
                                          uint32_t per_hour)
{
    struct cas_sniffer_config config = cas_sniffer_defaults();
    config.evidence = (struct cas_evidence_sink){ .user = evidence, .packets = count_evidence };
    config.evidence_per_hour = per_hour;
    config.sink.alert = hear_alert;
    config.max_flows = 256;
    if (relay != NULL) {
        config.relay = (struct cas_relay){ .user = relay, .message = keep };
    }
    struct cas_sniffer *sniffer = cas_sniffer_create(&config);
    ck_assert_ptr_nonnull(sniffer);
    return sniffer;
}

/* A frame of the capture as one that comes late, from its sender or from its receiver. The
 * places are those of IPv4 without options, in Ethernet. */
static struct cas_buf late_of(const struct cas_frame *frame, bool is_back)
{
    const uint8_t *bytes = frame->bytes.data;
    struct cas_relay_late_frame late = { .frame = *frame };
    for (size_t i = 0; i < 2; i++) {
        struct cas_endpoint *end = &late.end[is_back ? 1 - i : i];
        end->family = 4;
        memcpy(end->address, &bytes[26 + 4 * i], 4);
        end->port = (uint16_t)(bytes[34 + 2 * i] << 8 | bytes[35 + 2 * i]);
    }
    struct cas_buf message = cas_buf_init(SIZE_MAX, NULL);
    cas_buf_append_u8(&message, CAS_RELAY_LATE_FRAME);
    cas_shape_write(&cas_relay_late_frame_shape, &late, &message);
    return message;
}

/* The messages of the capture's only connection, and two frames that come behind it. */
static void read_with_late(const char *path, struct messages *messages, struct cas_buf late[2])
{
    struct cas_capture *capture = NULL;
    struct cas_frame frame;
    struct evidence none = { 0 };
    struct cas_sniffer *reader = saving_sniffer(&none, messages, 0);
    read_capture(reader, path);
    cas_sniffer_destroy(reader);
    ck_assert_uint_eq(none.handshakes + none.late, 0);
    ck_assert_int_eq(cas_capture_open_file(path, "", &capture, NULL), CAS_OK);
    ck_assert_int_eq(cas_capture_next(capture, &frame, NULL), CAS_CAPTURE_FRAME);
    late[0] = late_of(&frame, false);
    late[1] = late_of(&frame, true);
    cas_capture_close(capture);
}

/* That connection so many times in one run: what was saved. */
static struct evidence saved_of(const char *path, unsigned times, uint32_t per_hour)
{
    struct evidence saved = { 0 };
    struct messages messages = { .len = 0 };
    struct cas_buf late[2];
    read_with_late(path, &messages, late);
    struct cas_sniffer *teller = saving_sniffer(&saved, NULL, per_hour);
    struct cas_relayed *relayed = cas_relayed_open(teller);
    ck_assert_ptr_nonnull(relayed);
    size_t len = messages.len + 2;
    for (size_t i = 0; i < times * len; i++) {
        size_t at = i % len;
        struct cas_view message =
            at < messages.len ? messages.message[at] : cas_buf_view(&late[at - messages.len]);
        ck_assert_int_eq(cas_relayed_take(relayed, message), CAS_OK);
    }
    cas_relayed_close(relayed);
    cas_sniffer_finish(teller);
    cas_sniffer_destroy(teller);
    cas_buf_finish(&late[0]);
    cas_buf_finish(&late[1]);
    free_messages(&messages);
    return saved;
}

START_TEST(what_comes_behind_a_handshake_is_saved_if_it_was)
{
    const struct evidence all = saved_of(source_path(captures[0]), 12, 0);
    const struct evidence some = saved_of(source_path(captures[0]), 12, 2);
    ck_assert_uint_eq(all.handshakes, 12);
    ck_assert_uint_eq(all.late, 24);
    ck_assert_uint_eq(some.handshakes, 3); /* one for its alert, and two */
    ck_assert_uint_eq(some.late, 6);
}
END_TEST

/* Those of tests/fuzz/corpus/relay that tests/fuzz/save_relay.c made: what is refused at once
 * shows a fuzzer no way in. */
static const char *const units[] = {
    "encoding-mismatch",   "few-cas",     "hello-ca-names",
    "renegotiation-later", "sslv3",       "starttls",
    "tls13-java",          "tls13-retry", "vlan",
    "wrong-purpose",
};

START_TEST(units_of_the_fuzz_target_are_taken)
{
    char path[128];
    size_t taken = 0;
    snprintf(path, sizeof(path), "tests/fuzz/corpus/relay/%s", units[_i]);
    struct cas_view unit = file_copy(source_path(path));
    struct cas_reader r = cas_reader_init(cas_view_part(unit, 1, unit.len));
    struct cas_sniffer *teller = sniffer_of(NULL, NULL);
    struct cas_relayed *relayed = cas_relayed_open(teller);
    ck_assert_ptr_nonnull(relayed);
    for (; cas_reader_left(&r) > 0; taken++) {
        enum cas_err err = cas_relayed_take(relayed, cas_reader_vec24(&r));
        ck_assert_msg(err == CAS_OK, "%s, message %zu: make it again", units[_i], taken);
    }
    ck_assert(cas_reader_done(&r));
    ck_assert_uint_gt(taken, 1);
    cas_relayed_close(relayed);
    cas_sniffer_destroy(teller);
    exact_free(unit);
}
END_TEST

int main(void)
{
    const int len = (int)(sizeof(captures) / sizeof(source_path(captures[0])));
    Suite *suite = suite_create("relay");
    TCase *tcase = tcase_create("relay");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, two_sniffers_tell_what_one_tells, 0, len);
    tcase_add_test(tcase, chains_that_are_cut_are_told_as_one_sniffer_tells_them);
    tcase_add_loop_test(tcase, every_cut_message_and_every_longer_one_is_refused, 0, len);
    tcase_add_test(tcase, a_text_that_is_not_safe_to_print_is_refused);
    tcase_add_test(tcase, what_never_came_cannot_be_referred_to);
    tcase_add_test(tcase, an_unknown_kind_is_refused);
    tcase_add_test(tcase, what_readers_counted_is_added_and_told_again_counts_once);
    tcase_add_test(tcase, what_comes_behind_a_handshake_is_saved_if_it_was);
    tcase_add_loop_test(tcase, units_of_the_fuzz_target_are_taken, 0,
                        (int)(sizeof(units) / sizeof(units[0])));
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
