/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <casniff/capture.h>

#include "support/frames.h"
#include "support/support.h"

static char folder[] = "/tmp/casniff-test-XXXXXX";
static char path[sizeof(folder) + 32];

static void make_folder(void)
{
    strcpy(folder + sizeof(folder) - 7, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/capture", folder);
}

static void remove_folder(void)
{
    unlink(path);
    ck_assert_int_eq(rmdir(folder), 0);
}

static void write_file(struct cas_view bytes)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
    ck_assert_int_eq(fclose(file), 0);
}

static void write_hex(const char *hex)
{
    struct cas_view bytes = hex_copy(hex);
    write_file(bytes);
    exact_free(bytes);
}

static struct cas_capture *open_good(const char *filter)
{
    struct cas_error error = { 0 };
    struct cas_capture *capture = NULL;
    ck_assert_msg(cas_capture_open_file(path, filter, &capture, &error) == CAS_OK, "%s",
                  error.text);
    return capture;
}

static void assert_refused(const char *name, const char *filter, enum cas_err code,
                           const char *sentence)
{
    struct cas_error error = { 0 };
    struct cas_capture *capture = NULL;
    ck_assert_int_eq(cas_capture_open_file(name, filter, &capture, &error), code);
    ck_assert_ptr_null(capture);
    ck_assert_msg(strstr(error.text, sentence) != NULL, "\"%s\" is not in \"%s\"", sentence,
                  error.text);
}

static struct frames some_frames(void)
{
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    talk_handshake(&talk);
    talk_send(&talk, 0, text_view("hello"), 1460);
    talk_close(&talk);
    return frames;
}

#define PCAP_HEADER "a1b2c3d4 0002 0004 00000000 00000000 00040000 00000001 "

START_TEST(frames_come_as_they_were_written)
{
    struct frames frames = some_frames();
    struct cas_view pcap = frames_to_pcap(&frames);
    write_file(pcap);
    struct cas_capture *capture = open_good("");
    struct cas_frame frame;
    for (size_t i = 0; i < frames.len; i++) {
        ck_assert_int_eq(cas_capture_next(capture, &frame, NULL), CAS_CAPTURE_FRAME);
        ck_assert_uint_eq(frame.number, i + 1);
        ck_assert_uint_eq(frame.timestamp_us, frames.frame[i].timestamp_us);
        ck_assert_int_eq(frame.link_type, 1);
        ck_assert_uint_eq(frame.wire_len, frames.frame[i].wire_len);
        ck_assert(cas_view_equal(frame.bytes, frames.frame[i].bytes));
    }
    ck_assert_int_eq(cas_capture_next(capture, &frame, NULL), CAS_CAPTURE_END);
    uint64_t got = 0;
    uint64_t size = 0;
    cas_capture_progress(capture, &got, &size);
    ck_assert_uint_eq(got, pcap.len);
    ck_assert_uint_eq(size, pcap.len);
    cas_capture_close(capture);
    exact_free(pcap);
    frames_free(&frames);
}
END_TEST

START_TEST(a_filter_leaves_the_others_out)
{
    struct frames frames = some_frames();
    struct cas_view pcap = frames_to_pcap(&frames);
    write_file(pcap);
    struct cas_capture *capture = open_good("tcp[tcpflags] & tcp-syn != 0");
    struct cas_frame frame;
    ck_assert_int_eq(cas_capture_next(capture, &frame, NULL), CAS_CAPTURE_FRAME);
    ck_assert_int_eq(cas_capture_next(capture, &frame, NULL), CAS_CAPTURE_FRAME);
    ck_assert_uint_eq(frame.number, 2);
    ck_assert_int_eq(cas_capture_next(capture, &frame, NULL), CAS_CAPTURE_END);
    cas_capture_close(capture);
    exact_free(pcap);
    frames_free(&frames);
}
END_TEST

START_TEST(nanoseconds_become_microseconds)
{
    write_hex("a1b23c4d 0002 0004 00000000 00000000 00040000 00000001" /* file header */
              "00000001 00003039 00000001 00000001 ff");               /* 1 s, 12345 ns */
    struct cas_capture *capture = open_good(NULL);
    struct cas_frame frame;
    ck_assert_int_eq(cas_capture_next(capture, &frame, NULL), CAS_CAPTURE_FRAME);
    ck_assert_uint_eq(frame.timestamp_us, 1000012);
    cas_capture_close(capture);
}
END_TEST

START_TEST(pcapng_is_read)
{
    write_hex("0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c" /* section */
              "00000001 00000014 0001 0000 00040000 00000014"                  /* Ethernet */
              "00000006 00000024 00000000 00000000 000f4241 00000001 00000009" /* packet */
              "ab000000 00000024");
    struct cas_capture *capture = open_good(NULL);
    struct cas_frame frame;
    ck_assert_int_eq(cas_capture_next(capture, &frame, NULL), CAS_CAPTURE_FRAME);
    ck_assert_uint_eq(frame.timestamp_us, 1000001);
    ck_assert_uint_eq(frame.wire_len, 9);
    ck_assert_uint_eq(frame.bytes.len, 1);
    ck_assert_int_eq(cas_capture_next(capture, &frame, NULL), CAS_CAPTURE_END);
    cas_capture_close(capture);
}
END_TEST

START_TEST(odd_times_do_not_hurt)
{
    static const struct {
        const char *time;
        uint64_t wanted;
    } times[] = {
        { "ffffffff 000f423f", UINT64_C(4294967295999999) }, /* 2106 */
        { "80000000 00000000", UINT64_C(2147483648000000) }, /* 2038 */
        { "00000000 00000000", 0 },
        { "00000001 7fffffff", UINT64_C(1999999) }, /* more than a second of microseconds */
        { "00000001 ffffffff", UINT64_C(1999999) },
    };
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        char hex[200];
        snprintf(hex, sizeof(hex), PCAP_HEADER "%s 00000001 00000001 ff", times[i].time);
        write_hex(hex);
        struct cas_capture *capture = open_good(NULL);
        struct cas_frame frame;
        ck_assert_int_eq(cas_capture_next(capture, &frame, NULL), CAS_CAPTURE_FRAME);
        ck_assert_uint_eq(frame.timestamp_us, times[i].wanted);
        cas_capture_close(capture);
    }
}
END_TEST

START_TEST(a_capture_that_breaks_off_is_damaged_after_its_whole_packets)
{
    struct frames frames = some_frames();
    struct cas_view pcap = frames_to_pcap(&frames);
    struct cas_frame frame;
    for (size_t len = 25; len < pcap.len; len += 7) {
        write_file(cas_view_part(pcap, 0, len));
        struct cas_capture *capture = open_good(NULL);
        struct cas_error error = { 0 };
        size_t whole = 0;
        size_t end = 24;
        while (whole < frames.len && end + 16 + frames.frame[whole].bytes.len <= len) {
            end += 16 + frames.frame[whole++].bytes.len;
        }
        for (size_t i = 0; i < whole; i++) {
            ck_assert_int_eq(cas_capture_next(capture, &frame, &error), CAS_CAPTURE_FRAME);
        }
        enum cas_capture_next next = cas_capture_next(capture, &frame, &error);
        ck_assert_int_eq(next, end == len ? CAS_CAPTURE_END : CAS_CAPTURE_DAMAGED);
        if (next == CAS_CAPTURE_DAMAGED) {
            char wanted[64];
            snprintf(wanted, sizeof(wanted), "damaged after packet %zu: truncated", whole);
            ck_assert_msg(strstr(error.text, wanted) != NULL, "%s", error.text);
        }
        cas_capture_close(capture);
    }
    exact_free(pcap);
    frames_free(&frames);
}
END_TEST

START_TEST(absurd_lengths_do_not_hurt)
{
    static const char *const packets[] = {
        PCAP_HEADER "00000001 00000000 7fffffff 7fffffff ff", /* 2 GiB captured */
        PCAP_HEADER "00000001 00000000 ffffffff ffffffff ff",
        PCAP_HEADER "00000001 00000000 00000004 00000001 ffffffff", /* more than on the wire */
        "a1b2c3d4 0002 0004 00000000 00000000 ffffffff 00000001"    /* snaplen 2^32 - 1 */
        "00000001 00000000 00000001 00000001 ff",
        "a1b2c3d4 0002 0004 00000000 00000000 00000000 00000001" /* snaplen 0 */
        "00000001 00000000 00000001 00000001 ff",
    };
    for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
        write_hex(packets[i]);
        struct cas_error error = { 0 };
        struct cas_capture *capture = NULL;
        if (cas_capture_open_file(path, NULL, &capture, &error) == CAS_OK) {
            struct cas_frame frame;
            while (cas_capture_next(capture, &frame, &error) == CAS_CAPTURE_FRAME) {
                ck_assert_uint_ge(frame.wire_len, frame.bytes.len);
                ck_assert_uint_le(frame.bytes.len, 4);
            }
            cas_capture_close(capture);
        }
    }
}
END_TEST

START_TEST(what_cannot_be_opened_says_why)
{
    assert_refused("/nonexistent/file.pcap", NULL, CAS_ERR_IO, "No such file");
    assert_refused(folder, NULL, CAS_ERR_IO, "is a directory; name a capture file in it");
    write_file(text_view(""));
    assert_refused(path, NULL, CAS_ERR_FORMAT, "is empty");
    write_file(text_view("This is not a capture, but a text of some length."));
    assert_refused(path, NULL, CAS_ERR_FORMAT, "is not a capture (unknown file format)");
    write_file(text_view("no"));
    assert_refused(path, NULL, CAS_ERR_FORMAT, "is not a capture");
    write_hex(PCAP_HEADER);
    assert_refused(path, "tcp prot 443", CAS_ERR_USAGE, "bad filter \"tcp prot 443\": ");
    assert_refused(path, "tcp prot 443", CAS_ERR_USAGE, "syntax error");
    if (geteuid() != 0) {
        ck_assert_int_eq(chmod(path, 0), 0);
        assert_refused(path, NULL, CAS_ERR_IO, "run casniff as a user who may read it");
    }
}
END_TEST

START_TEST(standard_input_is_read_to_its_end)
{
    struct frames frames = some_frames();
    struct cas_view pcap = frames_to_pcap(&frames);
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], pcap.data, pcap.len), (ssize_t)pcap.len);
    close(ends[1]);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    struct cas_capture *capture = NULL;
    ck_assert_int_eq(cas_capture_open_file("-", NULL, &capture, NULL), CAS_OK);
    struct cas_frame frame;
    for (size_t i = 0; i < frames.len; i++) {
        ck_assert_int_eq(cas_capture_next(capture, &frame, NULL), CAS_CAPTURE_FRAME);
    }
    ck_assert_int_eq(cas_capture_next(capture, &frame, NULL), CAS_CAPTURE_END);
    uint64_t got = 1;
    uint64_t size = 1;
    cas_capture_progress(capture, &got, &size);
    ck_assert_uint_eq(got + size, 0);
    cas_capture_close(capture);
    ck_assert_int_ge(dup(STDIN_FILENO), 0); /* still open */
    exact_free(pcap);
    frames_free(&frames);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("capture");
    TCase *tcase = tcase_create("capture");
    tcase_add_checked_fixture(tcase, make_folder, remove_folder);
    tcase_add_test(tcase, frames_come_as_they_were_written);
    tcase_add_test(tcase, a_filter_leaves_the_others_out);
    tcase_add_test(tcase, nanoseconds_become_microseconds);
    tcase_add_test(tcase, pcapng_is_read);
    tcase_add_test(tcase, odd_times_do_not_hurt);
    tcase_add_test(tcase, a_capture_that_breaks_off_is_damaged_after_its_whole_packets);
    tcase_add_test(tcase, absurd_lengths_do_not_hurt);
    tcase_add_test(tcase, what_cannot_be_opened_says_why);
    tcase_add_test(tcase, standard_input_is_read_to_its_end);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
