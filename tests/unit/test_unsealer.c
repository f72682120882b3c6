/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "support/support.h"
#include "support/tls_records.h"
#include "tls/unsealer.h"

/*
 * An opener of the test's own: opens a record whose body begins with the number of the next
 * one, and whose second byte is its type. Counts what it was asked.
 */
struct fake {
    uint8_t next;
    unsigned updates;
    unsigned destroyed;
    bool is_without_memory;
};

static enum cas_opening open_fake(void *ctx, struct cas_view header, struct cas_view body,
                                  struct cas_buf *out_content, uint8_t *out_type)
{
    struct fake *fake = ctx;
    cas_buf_clear(out_content);
    ck_assert_uint_eq(header.len, 5);
    ck_assert_uint_eq(header.data[4], body.len);
    if (fake->is_without_memory) {
        return CAS_OPENING_NO_MEMORY;
    }
    if (body.len < 2 || body.data[0] != fake->next) {
        return CAS_OPENING_BAD;
    }
    fake->next++;
    *out_type = body.data[1];
    cas_buf_append(out_content, cas_view_part(body, 2, body.len));
    return CAS_OPENING_GOOD;
}

static void update_fake(void *ctx)
{
    ((struct fake *)ctx)->updates++;
}

static void destroy_fake(void *ctx)
{
    ((struct fake *)ctx)->destroyed++;
}

static const struct cas_opener_kind fake_kind = {
    .open = open_fake,
    .update = update_fake,
    .destroy = destroy_fake,
};

static struct cas_opener opener_of(struct fake *fake)
{
    return (struct cas_opener){ .kind = &fake_kind, .protection = fake };
}

/* A record with this number and type, and text; in parts of one byte. */
static void push(struct cas_unsealer *unsealer, uint64_t offset, uint8_t number, uint8_t type,
                 const char *text)
{
    struct cas_buf body = tls_buf();
    tls_u8(&body, number);
    tls_u8(&body, type);
    tls_text(&body, text);
    struct cas_record_part part = {
        .record = { .type = 23,
                    .version = 0x0303,
                    .len = (uint16_t)body.len,
                    .offset = offset },
    };
    for (part.at = 0; part.at < body.len; part.at++) {
        part.bytes = cas_view_part(cas_buf_view(&body), part.at, 1);
        cas_unsealer_push(unsealer, &part);
    }
    cas_buf_finish(&body);
}

static void expect(struct cas_unsealer *unsealer, uint64_t offset, uint8_t type,
                   const char *text)
{
    struct cas_unsealed_record record = { 0 };
    ck_assert_int_eq(cas_unsealer_next(unsealer, &record), CAS_UNSEALED_RECORD);
    ck_assert_uint_eq(record.type, type);
    ck_assert_uint_eq(record.offset, offset);
    ck_assert(cas_view_equal(record.content, text_view(text)));
}

static enum cas_unsealed next(struct cas_unsealer *unsealer)
{
    struct cas_unsealed_record record = { 0 };
    return cas_unsealer_next(unsealer, &record);
}

START_TEST(records_wait_for_their_keys_and_come_in_order)
{
    struct cas_budget budget = { .limit = 1 << 20 };
    struct cas_unsealer *unsealer = cas_unsealer_create(&budget);
    struct fake fake = { 0 };
    push(unsealer, 100, 0, 22, "one");
    push(unsealer, 110, 1, 22, "two");
    ck_assert_int_eq(next(unsealer), CAS_UNSEALED_NONE);
    ck_assert(!cas_unsealer_has_opener(unsealer) && !cas_unsealer_is_empty(unsealer));
    cas_unsealer_set_opener(unsealer, opener_of(&fake), CAS_UNSEALER_AT_ONCE);
    expect(unsealer, 100, 22, "one");
    push(unsealer, 120, 2, 21, "three"); /* while another one waits */
    expect(unsealer, 110, 22, "two");
    expect(unsealer, 120, 21, "three");
    ck_assert_int_eq(next(unsealer), CAS_UNSEALED_NONE);
    ck_assert(cas_unsealer_is_empty(unsealer));
    push(unsealer, 500, 3, 22, "four");
    expect(unsealer, 500, 22, "four");
    cas_unsealer_update(unsealer);
    ck_assert_uint_eq(fake.updates, 1);
    cas_unsealer_destroy(unsealer);
    ck_assert_uint_eq(fake.destroyed, 1);
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

START_TEST(of_application_data_nothing_is_handed_on)
{
    struct cas_budget budget = { .limit = 1 << 20 };
    struct cas_unsealer *unsealer = cas_unsealer_create(&budget);
    struct fake fake = { 0 };
    cas_unsealer_set_opener(unsealer, opener_of(&fake), CAS_UNSEALER_AT_ONCE);
    push(unsealer, 0, 0, 23, "a password");
    expect(unsealer, 0, 23, "");
    cas_unsealer_destroy(unsealer);
}
END_TEST

START_TEST(why_a_record_does_not_open_is_told)
{
    struct cas_budget budget = { .limit = 1 << 20 };
    struct cas_unsealer *unsealer = cas_unsealer_create(&budget);
    struct fake fake = { 0 };
    struct fake other = { 0 };
    cas_unsealer_set_opener(unsealer, opener_of(&fake), CAS_UNSEALER_AT_ONCE);
    push(unsealer, 0, 7, 22, "x");
    ck_assert_int_eq(next(unsealer), CAS_UNSEALED_WRONG_KEY);
    push(unsealer, 0, 0, 22, "x");
    ck_assert_int_eq(next(unsealer), CAS_UNSEALED_RECORD);
    push(unsealer, 0, 7, 22, "x");
    ck_assert_int_eq(next(unsealer), CAS_UNSEALED_DAMAGED);
    fake.is_without_memory = true;
    push(unsealer, 0, 1, 22, "x");
    ck_assert_int_eq(next(unsealer), CAS_UNSEALED_REFUSED);
    /* Of other keys nothing has opened yet. */
    cas_unsealer_set_opener(unsealer, opener_of(&other), CAS_UNSEALER_AT_ONCE);
    ck_assert_uint_eq(fake.destroyed, 1);
    push(unsealer, 0, 7, 22, "x");
    ck_assert_int_eq(next(unsealer), CAS_UNSEALED_WRONG_KEY);
    cas_unsealer_destroy(unsealer);
    ck_assert_uint_eq(other.destroyed, 1);
}
END_TEST

START_TEST(early_data_is_passed_over_up_to_a_bound)
{
    for (unsigned records = 64; records < 66; records++) {
        struct cas_budget budget = { .limit = 1 << 20 };
        struct cas_unsealer *unsealer = cas_unsealer_create(&budget);
        struct fake fake = { 0 };
        cas_unsealer_set_opener(unsealer, opener_of(&fake), CAS_UNSEALER_AFTER_EARLY_DATA);
        for (unsigned i = 0; i < records; i++) {
            push(unsealer, 0, 7, 22, "early");
        }
        push(unsealer, 0, 0, 22, "x");
        ck_assert_int_eq(next(unsealer),
                         records == 64 ? CAS_UNSEALED_RECORD : CAS_UNSEALED_REFUSED);
        push(unsealer, 0, 7, 22, "not early any more");
        ck_assert_int_eq(next(unsealer),
                         records == 64 ? CAS_UNSEALED_DAMAGED : CAS_UNSEALED_RECORD);
        cas_unsealer_destroy(unsealer);
    }
}
END_TEST

/* How much waits before it is refused, to a record of 205 bytes. */
static size_t room_of(struct cas_unsealer *unsealer)
{
    char text[199] = { 0 };
    size_t len = 0;
    memset(text, 'a', sizeof(text) - 1);
    while (next(unsealer) == CAS_UNSEALED_NONE) {
        push(unsealer, 0, 0, 22, text);
        len += 205;
    }
    ck_assert_int_eq(next(unsealer), CAS_UNSEALED_REFUSED);
    return len;
}

START_TEST(what_waits_is_bounded)
{
    struct cas_budget budget = { .limit = 1 << 20 };
    struct cas_unsealer *unsealer = cas_unsealer_create(&budget);
    size_t room = room_of(unsealer);
    ck_assert_uint_gt(room, 32768);
    ck_assert_uint_le(room, 32768 + 205);
    cas_unsealer_destroy(unsealer);
    unsealer = cas_unsealer_create(&budget);
    cas_unsealer_expect_keys(unsealer);
    room = room_of(unsealer);
    ck_assert_uint_gt(room, 262144);
    ck_assert_uint_le(room, 262144 + 205);
    cas_unsealer_destroy(unsealer);
    ck_assert_uint_eq(budget.used, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("unsealer");
    TCase *tcase = tcase_create("unsealer");
    tcase_add_test(tcase, records_wait_for_their_keys_and_come_in_order);
    tcase_add_test(tcase, of_application_data_nothing_is_handed_on);
    tcase_add_test(tcase, why_a_record_does_not_open_is_told);
    tcase_add_test(tcase, early_data_is_passed_over_up_to_a_bound);
    tcase_add_test(tcase, what_waits_is_bounded);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
