/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pcap file of the packets of a finding. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <casniff/evidence.h>

#include "net/kept.h"
#include "support/frames.h"
#include "support/support.h"

/* A file in memory that can refuse. */
struct file {
    struct cas_buf bytes;
    size_t calls;
    int failing; /* an errno, or 0 */
    struct cas_evidence_writer *writer;
};

static int put(void *user, struct cas_view bytes)
{
    struct file *file = user;
    file->calls++;
    if (file->failing == 0) {
        cas_buf_append(&file->bytes, bytes);
    }
    return file->failing;
}

static struct file *file_create(void)
{
    struct file *file = calloc(1, sizeof(*file));
    ck_assert_ptr_nonnull(file);
    file->bytes = cas_buf_init(SIZE_MAX / 2, NULL);
    const struct cas_evidence_output output = { .user = file, .write = put };
    file->writer = cas_evidence_writer_create(&output);
    ck_assert_ptr_nonnull(file->writer);
    return file;
}

static void file_destroy(struct file *file)
{
    cas_evidence_writer_destroy(file->writer);
    cas_buf_finish(&file->bytes);
    free(file);
}

static int write_one(struct file *file, const struct cas_frame *frame)
{
    const struct cas_evidence evidence = { .is_late = true, .frames_len = 1, .late = frame };
    return cas_evidence_write(file->writer, &evidence);
}

static void assert_hex(const struct file *file, const char *hex)
{
    struct cas_view wanted = hex_copy(hex);
    ck_assert_uint_eq(file->bytes.len, wanted.len);
    ck_assert(cas_view_equal(cas_buf_view(&file->bytes), wanted));
    exact_free(wanted);
}

/* Magic, 2.4, zone, accuracy, 262144, link type. */
#define HEADER "d4c3b2a1 0200 0400 00000000 00000000 00000400 "

START_TEST(an_empty_file_is_a_header)
{
    struct file *file = file_create();
    ck_assert_int_eq(cas_evidence_writer_begin(file->writer, 113), 0);
    ck_assert_int_eq(cas_evidence_writer_begin(file->writer, 1), 0);
    assert_hex(file, HEADER "71000000");
    file_destroy(file);
}
END_TEST

START_TEST(a_packet_keeps_its_time_and_its_lengths)
{
    static const uint8_t bytes[] = { 0xaa, 0xbb, 0xcc };
    const struct cas_frame frame = {
        .timestamp_us = UINT64_C(0x68000001) * 1000000 + 7,
        .link_type = 1,
        .wire_len = 1514,
        .bytes = { bytes, sizeof(bytes) },
    };
    struct file *file = file_create();
    ck_assert_int_eq(write_one(file, &frame), 0);
    assert_hex(file, HEADER "01000000 01000068 07000000 03000000 ea050000 aabbcc");
    ck_assert_uint_eq(cas_evidence_writer_counts(file->writer).bytes, file->bytes.len);
    file_destroy(file);
}
END_TEST

/* DLT_RAW differs between systems; in files it is 101. */
START_TEST(raw_ip_has_the_number_of_files)
{
    static const int numbers[] = { 12, 14, 101 };
    for (size_t i = 0; i < 3; i++) {
        struct file *file = file_create();
        ck_assert_int_eq(cas_evidence_writer_begin(file->writer, numbers[i]), 0);
        assert_hex(file, HEADER "65000000");
        file_destroy(file);
    }
}
END_TEST

START_TEST(another_link_type_is_left_out_and_counted)
{
    const struct cas_frame ethernet = { .link_type = 1 };
    const struct cas_frame cooked = { .link_type = 276 };
    struct file *file = file_create();
    ck_assert_int_eq(write_one(file, &ethernet), 0);
    ck_assert_int_eq(write_one(file, &cooked), 0);
    ck_assert_uint_eq(file->bytes.len, 24 + 16);
    ck_assert_uint_eq(cas_evidence_writer_counts(file->writer).frames_other_link, 1);
    cas_evidence_writer_restart(file->writer); /* a new file may have the other one */
    ck_assert_int_eq(write_one(file, &cooked), 0);
    ck_assert_uint_eq(file->bytes.len, 2 * (24 + 16));
    ck_assert_uint_eq(cas_evidence_writer_counts(file->writer).frames, 2);
    file_destroy(file);
}
END_TEST

/* A failure is the caller's to tell; the header comes with what is written first after it. */
START_TEST(after_a_failure_the_file_goes_on_well)
{
    const struct cas_frame frame = { .link_type = 1 };
    struct file *file = file_create();
    file->failing = ENOSPC;
    ck_assert_int_eq(write_one(file, &frame), ENOSPC);
    ck_assert_uint_eq(file->bytes.len, 0);
    ck_assert_uint_eq(cas_evidence_writer_counts(file->writer).frames_failed, 1);
    file->failing = 0;
    ck_assert_int_eq(write_one(file, &frame), 0);
    assert_hex(file, HEADER "01000000 00000000 00000000 00000000 00000000");
    file_destroy(file);
}
END_TEST

/* Batches of whole records, in which the header is only once. */
START_TEST(a_long_handshake_goes_out_in_a_few_whole_pieces)
{
    static uint8_t bytes[9000];
    struct cas_budget budget = { .limit = (size_t)8 << 20 };
    struct cas_counters counters = { 0 };
    struct cas_kept_pool pool = { &budget, &counters, 0, (size_t)4 << 20 };
    struct cas_kept kept = { 0 };
    const struct cas_frame frame = { .link_type = 1, .bytes = { bytes, sizeof(bytes) } };
    for (unsigned i = 0; i < 50; i++) {
        cas_kept_add(&kept, &pool, &frame);
    }
    const struct cas_evidence evidence = { .frames_len = kept.len, .kept = &kept };
    struct file *file = file_create();
    ck_assert_int_eq(cas_evidence_write(file->writer, &evidence), 0);
    ck_assert_uint_eq(file->bytes.len, 24 + 50 * (16 + sizeof(bytes)));
    ck_assert_uint_lt(file->calls, 10);
    const struct cas_evidence_counts counts = cas_evidence_writer_counts(file->writer);
    ck_assert_uint_eq(counts.handshakes, 1);
    ck_assert_uint_eq(counts.frames, 50);
    file->failing = EIO;
    ck_assert_int_eq(cas_evidence_write(file->writer, &evidence), EIO);
    ck_assert_uint_eq(cas_evidence_writer_counts(file->writer).frames_failed, 50);
    cas_kept_finish(&kept, &pool);
    file_destroy(file);
}
END_TEST

static bool read_at(void *user, uint64_t at, uint8_t *out, size_t len)
{
    const struct cas_view *bytes = user;
    if (at > bytes->len || len > bytes->len - at) {
        return false;
    }
    memcpy(out, &bytes->data[at], len);
    return true;
}

static uint64_t resume(struct cas_view bytes, int link_type)
{
    struct file *file = file_create();
    const struct cas_evidence_input input = { &bytes, bytes.len, read_at };
    uint64_t end = cas_evidence_writer_resume(file->writer, &input, link_type);
    ck_assert_int_eq(cas_evidence_writer_begin(file->writer, 1), 0);
    ck_assert_uint_eq(file->bytes.len, end > 0 ? 0 : 24);
    file_destroy(file);
    return end;
}

START_TEST(a_file_goes_on_behind_its_last_whole_record)
{
    struct cas_view one = hex_copy(HEADER "01000000"
                                          "01000068 40420f00 03000000 ea050000 aabbcc");
    struct cas_view two = hex_copy(HEADER "01000000"
                                          "01000068 07000000 03000000 ea050000 aabbcc"
                                          "01000068 07000000 03000000 ea050000 aabbcc");
    ck_assert_uint_eq(resume(one, 1), 24); /* a million microseconds are none */
    for (size_t len = 0; len <= two.len; len++) {
        struct cas_view part = exact_copy(cas_view_of(two.data, len));
        uint64_t end = len < 24 ? 0 : len < 43 ? 24 : len < 62 ? 43 : 62;
        ck_assert_uint_eq(resume(part, 1), end);
        ck_assert_uint_eq(resume(part, 113), 0);
        exact_free(part);
    }
    exact_free(one);
    exact_free(two);
}
END_TEST

START_TEST(what_is_no_torn_end_is_not_resumed)
{
    static uint8_t zeros[1u << 20];
    struct cas_view header = hex_copy(HEADER "01000000");
    memcpy(zeros, header.data, header.len);
    ck_assert_uint_eq(resume(cas_view_of(zeros, 70000), 1), 24);
    ck_assert_uint_eq(resume(cas_view_of(zeros, sizeof(zeros)), 1), 0);
    exact_free(header);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("evidence_writer");
    TCase *tcase = tcase_create("evidence_writer");
    tcase_add_test(tcase, an_empty_file_is_a_header);
    tcase_add_test(tcase, a_packet_keeps_its_time_and_its_lengths);
    tcase_add_test(tcase, raw_ip_has_the_number_of_files);
    tcase_add_test(tcase, another_link_type_is_left_out_and_counted);
    tcase_add_test(tcase, after_a_failure_the_file_goes_on_well);
    tcase_add_test(tcase, a_file_goes_on_behind_its_last_whole_record);
    tcase_add_test(tcase, what_is_no_torn_end_is_not_resumed);
    tcase_add_test(tcase, a_long_handshake_goes_out_in_a_few_whole_pieces);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
