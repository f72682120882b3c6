/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "support/sealed_records.h"
#include "support/support.h"
#include "tls/protection12.h"
#include "tls/record.h"

#define HEADER_LEN 5

/* A record, split, and what opens it. */
struct bench {
    struct cas_budget budget;
    struct cas_protection12 *protection;
    struct cas_buf content;
};

static void copy_hex(const char *hex, size_t len, uint8_t *out_bytes)
{
    struct cas_view bytes = hex_copy(hex);
    ck_assert_uint_eq(bytes.len, len);
    memcpy(out_bytes, bytes.data, len);
    exact_free(bytes);
}

static struct cas_key_material material_of(const struct sealed_records *records)
{
    struct cas_key_material material = {
        .version = records->version,
        .cipher = records->cipher,
        .is_encrypt_then_mac = records->is_encrypt_then_mac,
        .master = { .len = 48 },
    };
    copy_hex(records->client_random, CAS_RANDOM_LEN, material.client_random);
    copy_hex(records->server_random, CAS_RANDOM_LEN, material.server_random);
    copy_hex(records->master, 48, material.master.bytes);
    return material;
}

static void begin(struct bench *bench, const struct cas_key_material *material,
                  enum cas_protection12_sender sender)
{
    *bench = (struct bench){ .budget = { .limit = 1 << 20 } };
    bench->protection = cas_protection12_create(material, sender, &bench->budget);
    bench->content = cas_buf_init(CAS_RECORD_CIPHERTEXT_MAX, &bench->budget);
    ck_assert_ptr_nonnull(bench->protection);
}

static void begin_of(struct bench *bench, const struct sealed_records *records)
{
    const struct cas_key_material material = material_of(records);
    begin(bench, &material, records->sender);
}

static void end(struct bench *bench)
{
    cas_buf_finish(&bench->content);
    cas_protection12_destroy(bench->protection);
    ck_assert_uint_eq(bench->budget.used, 0);
}

/* From a copy of its exact length. */
static enum cas_opening open_record(struct bench *bench, struct cas_view record)
{
    struct cas_view header = exact_copy(cas_view_part(record, 0, HEADER_LEN));
    struct cas_view body = exact_copy(cas_view_part(record, HEADER_LEN, record.len));
    enum cas_opening opening =
        cas_protection12_open(bench->protection, header, body, &bench->content);
    exact_free(header);
    exact_free(body);
    ck_assert(opening == CAS_OPENING_GOOD || bench->content.len == 0);
    return opening;
}

static bool pass(struct bench *bench, struct cas_view record)
{
    size_t tail_len = cas_protection12_tail_len(bench->protection);
    struct cas_view tail = exact_copy(cas_view_part(record, record.len - tail_len, tail_len));
    bool is_passed = cas_protection12_pass(bench->protection, record.len - HEADER_LEN, tail);
    exact_free(tail);
    return is_passed;
}

static void expect_begin(const struct bench *bench, const char *hex)
{
    struct cas_view expected = hex_copy(hex);
    ck_assert(cas_view_equal(cas_view_part(cas_buf_view(&bench->content), 0, expected.len),
                             expected));
    exact_free(expected);
}

START_TEST(records_of_real_programs_open_in_their_order)
{
    const struct sealed_records records = sealed_records(_i);
    struct cas_view first = hex_copy(records.first);
    struct cas_view second = hex_copy(records.second);
    struct bench bench;

    begin_of(&bench, &records);
    ck_assert_msg(open_record(&bench, first) == CAS_OPENING_GOOD, "%s", records.name);
    ck_assert_uint_eq(bench.content.len, strlen(records.finished) / 2);
    expect_begin(&bench, records.finished);
    ck_assert_msg(open_record(&bench, second) == CAS_OPENING_GOOD, "%s", records.name);
    expect_begin(&bench, records.second_begin);
    ck_assert_msg(open_record(&bench, second) == CAS_OPENING_BAD, "%s", records.name);
    end(&bench);
    exact_free(first);
    exact_free(second);
}
END_TEST

START_TEST(a_record_that_is_passed_over_counts)
{
    const struct sealed_records records = sealed_records(_i);
    struct cas_view first = hex_copy(records.first);
    struct cas_view second = hex_copy(records.second);
    struct bench bench;

    begin_of(&bench, &records);
    ck_assert_msg(open_record(&bench, second) == CAS_OPENING_BAD, "%s", records.name);
    end(&bench);
    begin_of(&bench, &records);
    ck_assert(pass(&bench, first));
    ck_assert_msg(open_record(&bench, second) == CAS_OPENING_GOOD, "%s", records.name);
    expect_begin(&bench, records.second_begin);
    end(&bench);
    exact_free(first);
    exact_free(second);
}
END_TEST

/* A type that somebody else wrote is told, and the next record opens even so. */
START_TEST(a_record_that_is_checked_counts_be_it_good_or_not)
{
    const struct sealed_records records = sealed_records(_i);
    struct cas_view first = hex_copy(records.first);
    struct cas_view second = hex_copy(records.second);
    struct cas_view body = cas_view_part(first, HEADER_LEN, first.len);
    uint8_t as_data[HEADER_LEN];
    struct bench bench;

    memcpy(as_data, first.data, HEADER_LEN);
    as_data[0] = CAS_RECORD_APPLICATION_DATA;
    const struct {
        struct cas_view header;
        enum cas_opening opening;
    } cases[] = {
        { cas_view_part(first, 0, HEADER_LEN), CAS_OPENING_GOOD },
        { cas_view_of(as_data, HEADER_LEN), CAS_OPENING_BAD },
    };
    for (size_t i = 0; i < 2; i++) {
        begin_of(&bench, &records);
        ck_assert_int_eq(
            cas_protection12_check(bench.protection, cases[i].header, body, &bench.content),
            cases[i].opening);
        ck_assert_uint_eq(bench.content.len, 0);
        ck_assert_msg(open_record(&bench, second) == CAS_OPENING_GOOD, "%s", records.name);
        expect_begin(&bench, records.second_begin);
        end(&bench);
    }
    exact_free(first);
    exact_free(second);
}
END_TEST

/*
 * Of the header only the record's length is not authenticated as it stands: it is as long as
 * the body that is given.
 */
START_TEST(no_altered_bit_and_no_prefix_passes)
{
    const struct sealed_records records = sealed_records(_i);
    const struct cas_key_material material = material_of(&records);
    struct cas_view first = hex_copy(records.first);
    uint8_t *bad = malloc(first.len);
    struct bench bench;

    for (size_t i = 0; i < 8 * first.len; i++) {
        if (i / 8 == 3 || i / 8 == 4) {
            continue;
        }
        memcpy(bad, first.data, first.len);
        bad[i / 8] ^= (uint8_t)(1u << (i % 8));
        begin(&bench, &material, records.sender);
        ck_assert_msg(open_record(&bench, cas_view_of(bad, first.len)) == CAS_OPENING_BAD,
                      "%s, bit %zu", records.name, i);
        end(&bench);
    }
    for (size_t len = HEADER_LEN; len < first.len; len++) {
        begin(&bench, &material, records.sender);
        ck_assert_msg(open_record(&bench, cas_view_part(first, 0, len)) == CAS_OPENING_BAD,
                      "%s, %zu bytes", records.name, len);
        end(&bench);
    }
    free(bad);
    exact_free(first);
}
END_TEST

START_TEST(another_secret_random_or_side_opens_nothing)
{
    const struct sealed_records records = sealed_records(_i);
    struct cas_view first = hex_copy(records.first);
    bool is_client = records.sender == CAS_SENT_BY_CLIENT;
    struct bench bench;

    for (int i = 0; i < 4; i++) {
        struct cas_key_material material = material_of(&records);
        material.master.bytes[47] ^= i == 0;
        material.client_random[31] ^= i == 1;
        material.server_random[0] ^= i == 2;
        begin(&bench, &material,
              is_client != (i == 3) ? CAS_SENT_BY_CLIENT : CAS_SENT_BY_SERVER);
        ck_assert_msg(open_record(&bench, first) == CAS_OPENING_BAD, "%s", records.name);
        end(&bench);
    }
    exact_free(first);
}
END_TEST

START_TEST(what_cannot_be_is_refused)
{
    const struct sealed_records records = sealed_records(0);
    struct cas_budget budget = { .limit = 1 << 20 };
    const struct cas_key_material good = material_of(&records);
    struct cas_key_material bad = good;

    bad.version = 0x0302; /* no AEAD before TLS 1.2 */
    ck_assert_ptr_null(cas_protection12_create(&bad, CAS_SENT_BY_CLIENT, &budget));
    bad.version = 0x0304;
    ck_assert_ptr_null(cas_protection12_create(&bad, CAS_SENT_BY_CLIENT, &budget));
    bad = good;
    bad.cipher = 0x002f;
    bad.version = 0x0300; /* SSL 3.0 */
    ck_assert_ptr_null(cas_protection12_create(&bad, CAS_SENT_BY_CLIENT, &budget));
    bad = good;
    bad.cipher = 0x1301;
    ck_assert_ptr_null(cas_protection12_create(&bad, CAS_SENT_BY_CLIENT, &budget));
    bad = good;
    bad.master.len = 0;
    ck_assert_ptr_null(cas_protection12_create(&bad, CAS_SENT_BY_CLIENT, &budget));
    struct cas_budget small = { .limit = 16 };
    ck_assert_ptr_null(cas_protection12_create(&good, CAS_SENT_BY_CLIENT, &small));
    ck_assert_uint_eq(budget.used, 0);
    ck_assert_uint_eq(small.used, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("protection12");
    TCase *tcase = tcase_create("protection12");
    tcase_add_loop_test(tcase, records_of_real_programs_open_in_their_order, 0, SEALED_RECORDS);
    tcase_add_loop_test(tcase, a_record_that_is_passed_over_counts, 0, SEALED_RECORDS);
    tcase_add_loop_test(tcase, a_record_that_is_checked_counts_be_it_good_or_not, 0,
                        SEALED_RECORDS);
    tcase_add_loop_test(tcase, no_altered_bit_and_no_prefix_passes, 0, SEALED_RECORDS);
    tcase_add_loop_test(tcase, another_secret_random_or_side_opens_nothing, 0, SEALED_RECORDS);
    tcase_add_test(tcase, what_cannot_be_is_refused);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
