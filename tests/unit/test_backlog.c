/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "support/sealed_records.h"
#include "support/support.h"
#include "tls/backlog.h"

#define HEADER_LEN 5

/* What real programs have sent: a Finished, and a handshake record behind it. */
struct bench {
    struct cas_budget budget;
    struct cas_record_layer layer;
    struct cas_backlog *backlog;
    struct sealed_records records;
    struct cas_view first;
    struct cas_view second;
};

static void begin(struct bench *bench, int i)
{
    *bench = (struct bench){
        .budget = { .limit = 1 << 20 },
        .layer = cas_record_layer_init(0),
        .records = sealed_records(i),
    };
    bench->layer.is_encrypted = true;
    bench->backlog = cas_backlog_create(&bench->budget);
    bench->first = hex_copy(bench->records.first);
    bench->second = hex_copy(bench->records.second);
}

static void end(struct bench *bench)
{
    cas_backlog_destroy(bench->backlog);
    ck_assert_uint_eq(bench->budget.used, 0);
    exact_free(bench->first);
    exact_free(bench->second);
}

static void copy_hex(const char *hex, size_t len, uint8_t *out_bytes)
{
    struct cas_view bytes = hex_copy(hex);
    ck_assert_uint_eq(bytes.len, len);
    memcpy(out_bytes, bytes.data, len);
    exact_free(bytes);
}

static void unlock(struct bench *bench, uint8_t wrong)
{
    const struct sealed_records *records = &bench->records;
    struct cas_key_material material = {
        .version = records->version,
        .cipher = records->cipher,
        .is_encrypt_then_mac = records->is_encrypt_then_mac,
        .master = { .len = 48 },
    };
    copy_hex(records->client_random, CAS_RANDOM_LEN, material.client_random);
    copy_hex(records->server_random, CAS_RANDOM_LEN, material.server_random);
    copy_hex(records->master, 48, material.master.bytes);
    material.master.bytes[0] ^= wrong;
    struct cas_protection12 *protection =
        cas_protection12_create(&material, records->sender, &bench->budget);
    ck_assert_ptr_nonnull(protection);
    cas_backlog_set_keys(bench->backlog, protection);
}

static void push(struct bench *bench, struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);
    struct cas_record_part part = { 0 };
    while (cas_record_next(&bench->layer, &r, &part) == CAS_RECORD_PART) {
        cas_backlog_push(bench->backlog, &part);
    }
}

static void push_in_pieces(struct bench *bench, struct cas_view bytes, size_t len)
{
    for (size_t at = 0; at < bytes.len; at += len) {
        struct cas_view piece = exact_copy(cas_view_part(bytes, at, len));
        push(bench, piece);
        exact_free(piece);
    }
}

static void miss(struct bench *bench, uint64_t len)
{
    struct cas_record_part part = { 0 };
    while (cas_record_next_missing(&bench->layer, &len, &part) == CAS_RECORD_PART) {
        cas_backlog_push(bench->backlog, &part);
    }
    ck_assert_uint_eq(len, 0);
}

static void expect_record(struct bench *bench, const char *begin_hex)
{
    struct cas_backlog_record record = { 0 };
    struct cas_view expected = hex_copy(begin_hex);
    ck_assert_int_eq(cas_backlog_next(bench->backlog, CAS_BACKLOG_PASS_DATA, &record),
                     CAS_BACKLOG_RECORD);
    ck_assert_uint_eq(record.type, CAS_RECORD_HANDSHAKE);
    ck_assert(cas_view_equal(cas_view_part(record.content, 0, expected.len), expected));
    exact_free(expected);
}

static void expect_step(struct bench *bench, enum cas_backlog_step step)
{
    struct cas_backlog_record record = { 0 };
    ck_assert_msg(cas_backlog_next(bench->backlog, CAS_BACKLOG_PASS_DATA, &record) == step,
                  "%s", bench->records.name);
}

static void expect_checked(struct bench *bench, enum cas_backlog_step step)
{
    struct cas_backlog_record record = { 0 };
    ck_assert_msg(cas_backlog_next(bench->backlog, CAS_BACKLOG_CHECK_DATA, &record) == step,
                  "%s", bench->records.name);
}

/* The record as one of application data: nobody opens that. */
static struct cas_view as_data(struct cas_view record)
{
    struct cas_view data = exact_copy(record);
    uint8_t *bytes = (uint8_t *)(uintptr_t)data.data;
    bytes[0] = CAS_RECORD_APPLICATION_DATA;
    return data;
}

START_TEST(records_open_in_every_split_with_early_keys_and_late_ones)
{
    struct bench bench;
    for (size_t i = 0; i < 12; i++) {
        const size_t lens[] = { 1, 2, 5, 13, 40, 90 };
        size_t len = lens[i / 2];
        begin(&bench, _i);
        if (i % 2 == 0) {
            unlock(&bench, 0);
        }
        push_in_pieces(&bench, bench.first, len);
        push_in_pieces(&bench, bench.second, len);
        if (i % 2 == 1) {
            expect_step(&bench, CAS_BACKLOG_EMPTY);
            unlock(&bench, 0);
        }
        ck_assert_uint_eq(cas_backlog_peek(bench.backlog), CAS_RECORD_HANDSHAKE);
        expect_record(&bench, bench.records.finished);
        expect_record(&bench, bench.records.second_begin);
        expect_step(&bench, CAS_BACKLOG_EMPTY);
        ck_assert_uint_eq(cas_backlog_peek(bench.backlog), 0);
        end(&bench);
    }
}
END_TEST

/* RFC 2246, 6.2.3.2: only there a record goes on from the end of the one before it. */
static bool is_chained(const struct bench *bench)
{
    return bench->records.version == 0x0301 && strstr(bench->records.name, "ARCFOUR") == NULL;
}

START_TEST(application_data_may_be_missing_but_for_the_end_that_the_next_goes_on_from)
{
    struct bench bench;
    begin(&bench, _i);
    size_t len = bench.first.len;
    end(&bench);
    for (size_t hole = HEADER_LEN; hole < len; hole += 3) {
        begin(&bench, _i);
        struct cas_view data = as_data(bench.first);
        push(&bench, cas_view_part(data, 0, hole));
        miss(&bench, 1);
        push(&bench, cas_view_part(data, hole + 1, len));
        push(&bench, bench.second);
        unlock(&bench, 0);
        /* All of so short a record is its end. */
        if (is_chained(&bench)) {
            expect_step(&bench, CAS_BACKLOG_LOST);
        } else {
            expect_record(&bench, bench.records.second_begin);
        }
        exact_free(data);
        end(&bench);
    }
}
END_TEST

START_TEST(application_data_is_passed_over_and_counts)
{
    struct bench bench;
    begin(&bench, _i);
    struct cas_view data = as_data(bench.first);
    push_in_pieces(&bench, data, 7);
    push_in_pieces(&bench, bench.second, 7);
    unlock(&bench, 0);
    expect_record(&bench, bench.records.second_begin);
    exact_free(data);
    end(&bench);
}
END_TEST

/* RFC 5246, 6.2.3.3: the type is authenticated. */
START_TEST(a_record_that_is_made_to_look_like_data_is_told_when_data_is_checked)
{
    struct bench bench;
    begin(&bench, _i);
    struct cas_view data = as_data(bench.second);
    push_in_pieces(&bench, bench.first, 7);
    push_in_pieces(&bench, data, 7);
    unlock(&bench, 0);
    expect_record(&bench, bench.records.finished);
    expect_checked(&bench, CAS_BACKLOG_NO_DATA);
    expect_checked(&bench, CAS_BACKLOG_EMPTY);
    exact_free(data);
    end(&bench);
}
END_TEST

static void push_data(struct bench *bench, uint16_t len)
{
    static const uint8_t body[0x4000];
    const uint8_t header[] = { 23, 3, 3, (uint8_t)(len >> 8), (uint8_t)len };
    push(bench, cas_view_of(header, sizeof(header)));
    push(bench, cas_view_of(body, len));
}

START_TEST(data_that_did_not_come_whole_is_not_checked)
{
    const uint8_t header[] = { 23, 3, 3, 0x40, 0 };
    static const uint8_t body[0x3fff];
    struct bench bench;
    begin(&bench, 0);
    push(&bench, bench.first);
    push(&bench, cas_view_of(header, sizeof(header)));
    miss(&bench, 1);
    push(&bench, cas_view_of(body, sizeof(body)));
    unlock(&bench, 0);
    expect_record(&bench, bench.records.finished);
    expect_checked(&bench, CAS_BACKLOG_UNCHECKED);
    end(&bench);
}
END_TEST

/* A download is not opened. */
START_TEST(no_more_data_is_checked_than_may_be_behind_another_record)
{
    struct bench bench;
    begin(&bench, 0);
    unlock(&bench, 0);
    push(&bench, bench.first);
    expect_record(&bench, bench.records.finished);
    for (size_t sent = 0; sent < CAS_BACKLOG_CHECKED_MAX; sent += 0x4000) {
        push_data(&bench, 0x4000);
        expect_checked(&bench, CAS_BACKLOG_NO_DATA);
    }
    push_data(&bench, 100);
    expect_checked(&bench, CAS_BACKLOG_UNCHECKED);
    push(&bench, bench.first);
    push_data(&bench, 100);
    expect_step(&bench, CAS_BACKLOG_DAMAGED);
    expect_checked(&bench, CAS_BACKLOG_NO_DATA);
    end(&bench);
}
END_TEST

START_TEST(a_hole_in_another_record_ends_it_behind_those_before_it)
{
    struct bench bench;
    begin(&bench, _i);
    push(&bench, bench.first);
    push(&bench, cas_view_part(bench.second, 0, HEADER_LEN + 1));
    miss(&bench, 1);
    push(&bench, cas_view_part(bench.second, HEADER_LEN + 2, bench.second.len));
    push(&bench, bench.first);
    ck_assert(cas_backlog_is_lost(bench.backlog));
    unlock(&bench, 0);
    expect_record(&bench, bench.records.finished);
    expect_step(&bench, CAS_BACKLOG_LOST);
    end(&bench);
}
END_TEST

START_TEST(a_wrong_key_is_told_from_a_damaged_record)
{
    struct bench bench;
    begin(&bench, _i);
    push(&bench, bench.first);
    unlock(&bench, 1);
    expect_step(&bench, CAS_BACKLOG_WRONG_KEY);
    end(&bench);

    begin(&bench, _i);
    push(&bench, bench.first);
    push(&bench, bench.first); /* in the place of the second */
    unlock(&bench, 0);
    expect_record(&bench, bench.records.finished);
    expect_step(&bench, CAS_BACKLOG_DAMAGED);
    end(&bench);
}
END_TEST

START_TEST(no_more_waits_for_keys_than_may)
{
    const uint8_t header[] = { 22, 3, 3, 0x40, 0 };
    static const uint8_t body[0x4000];
    struct bench bench;
    begin(&bench, 0);
    push(&bench, bench.first);
    for (size_t sent = 0; sent <= CAS_BACKLOG_EARLY_MAX; sent += sizeof(body)) {
        push(&bench, cas_view_of(header, sizeof(header)));
        push(&bench, cas_view_of(body, sizeof(body)));
    }
    ck_assert(cas_backlog_is_lost(bench.backlog));
    ck_assert_uint_lt(bench.budget.used, (size_t)2 * CAS_BACKLOG_EARLY_MAX);
    end(&bench);
}
END_TEST

/* A whole download behind the keys: nothing of it stays. */
START_TEST(long_application_data_takes_no_memory)
{
    const uint8_t header[] = { 23, 3, 3, 0x40, 0 };
    static const uint8_t body[0x4000];
    struct bench bench;
    begin(&bench, 0);
    unlock(&bench, 0);
    push(&bench, bench.first);
    expect_record(&bench, bench.records.finished);
    size_t used = bench.budget.used;
    for (int i = 0; i < 1000; i++) {
        push(&bench, cas_view_of(header, sizeof(header)));
        push(&bench, cas_view_of(body, sizeof(body)));
        expect_step(&bench, CAS_BACKLOG_EMPTY);
    }
    ck_assert_uint_le(bench.budget.used, used + 1024);
    end(&bench);
}
END_TEST

START_TEST(without_memory_it_is_lost)
{
    struct bench bench;
    begin(&bench, 0);
    bench.budget.limit = bench.budget.used;
    push(&bench, bench.first);
    ck_assert(cas_backlog_is_lost(bench.backlog));
    end(&bench);
    struct cas_budget none = { .limit = 1 };
    ck_assert_ptr_null(cas_backlog_create(&none));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("backlog");
    TCase *tcase = tcase_create("backlog");
    tcase_add_loop_test(tcase, records_open_in_every_split_with_early_keys_and_late_ones, 0,
                        SEALED_RECORDS);
    tcase_add_loop_test(
        tcase, application_data_may_be_missing_but_for_the_end_that_the_next_goes_on_from, 0,
        SEALED_RECORDS);
    tcase_add_loop_test(tcase, application_data_is_passed_over_and_counts, 0, SEALED_RECORDS);
    tcase_add_loop_test(tcase,
                        a_record_that_is_made_to_look_like_data_is_told_when_data_is_checked, 0,
                        SEALED_RECORDS);
    tcase_add_test(tcase, data_that_did_not_come_whole_is_not_checked);
    tcase_add_test(tcase, no_more_data_is_checked_than_may_be_behind_another_record);
    tcase_add_loop_test(tcase, a_hole_in_another_record_ends_it_behind_those_before_it, 0,
                        SEALED_RECORDS);
    tcase_add_loop_test(tcase, a_wrong_key_is_told_from_a_damaged_record, 0, SEALED_RECORDS);
    tcase_add_test(tcase, no_more_waits_for_keys_than_may);
    tcase_add_test(tcase, long_application_data_takes_no_memory);
    tcase_add_test(tcase, without_memory_it_is_lost);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
