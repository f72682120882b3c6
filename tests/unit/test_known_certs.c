/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/known_certs.h"
#include "support/support.h"
#include "support/tls_records.h"

static const uint8_t hash_key[CAS_KEYHASH_KEY_LEN] = { 3 };

struct fixture {
    struct cas_budget budget;
    struct cas_cert_cache cache;
    struct cas_known_certs certs;
};

static void begin(struct fixture *f)
{
    *f = (struct fixture){ .budget = { .limit = 1u << 22 } };
    ck_assert(cas_cert_cache_init(&f->cache, &f->budget, hash_key));
}

static void end(struct fixture *f)
{
    cas_known_certs_finish(&f->certs, &f->cache);
    cas_cert_cache_finish(&f->cache);
    ck_assert_uint_eq(f->budget.used, 0);
}

/* Nothing of it is a certificate; each is one byte that tells them apart. */
static void append_cert(struct cas_buf *list, size_t i, bool has_extensions)
{
    tls_u8(list, 0);
    tls_u16(list, 1);
    tls_u8(list, (uint8_t)i);
    if (has_extensions) {
        tls_u16(list, 2);
        tls_u16(list, 0xffff);
    }
}

/* The message's list is this. */
static void take_as(struct fixture *f, const struct cas_buf *list,
                    struct cas_certificate_message message)
{
    struct cas_view copy = exact_copy(cas_buf_view(list));
    message.list = copy;
    cas_known_certs_take(&f->certs, &f->cache, &message);
    exact_free(copy);
}

static void take(struct fixture *f, const struct cas_buf *list, bool has_extensions)
{
    take_as(f, list, (struct cas_certificate_message){ .has_extensions = has_extensions });
}

START_TEST(a_chain_is_kept_in_its_order)
{
    struct fixture f;
    for (int has_extensions = 0; has_extensions < 2; has_extensions++) {
        struct cas_buf list = tls_buf();
        begin(&f);
        for (size_t i = 0; i < 3; i++) {
            append_cert(&list, i, has_extensions != 0);
        }
        take(&f, &list, has_extensions != 0);
        ck_assert_uint_eq(f.certs.len, 3);
        ck_assert_uint_eq(f.certs.left_out, 0);
        ck_assert(!f.certs.is_incomplete);
        for (size_t i = 0; i < 3; i++) {
            ck_assert_uint_eq(f.certs.cert[i]->der.len, 1);
            ck_assert_uint_eq(f.certs.cert[i]->der.data[0], i);
        }
        cas_buf_finish(&list);
        end(&f);
    }
}
END_TEST

START_TEST(what_is_beyond_the_cap_is_counted)
{
    const struct {
        size_t number;
        size_t kept;
    } chains[] = { { 0, 0 },   { 1, 1 },   { 16, 16 }, { 17, 17 },
                   { 64, 64 }, { 65, 64 }, { 200, 64 } };
    for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++) {
        struct fixture f;
        struct cas_buf list = tls_buf();
        begin(&f);
        for (size_t k = 0; k < chains[i].number; k++) {
            append_cert(&list, k, false);
        }
        take(&f, &list, false);
        ck_assert_uint_eq(f.certs.len, chains[i].kept);
        ck_assert_uint_eq(f.certs.left_out, chains[i].number - chains[i].kept);
        ck_assert(f.certs.is_incomplete == (chains[i].number > chains[i].kept));
        cas_buf_finish(&list);
        end(&f);
    }
}
END_TEST

START_TEST(a_certificate_that_is_cut_does_not_count)
{
    struct fixture f;
    struct cas_buf list = tls_buf();
    begin(&f);
    append_cert(&list, 1, false);
    tls_u8(&list, 0);
    tls_u16(&list, 2);
    tls_u8(&list, 2); /* one of two bytes */
    take(&f, &list, false);
    ck_assert_uint_eq(f.certs.len, 1);
    ck_assert_uint_eq(f.certs.left_out, 0);
    ck_assert(f.certs.is_incomplete);
    cas_buf_finish(&list);
    end(&f);
}
END_TEST

/* None for the array; then for the array but for no certificate. */
START_TEST(what_there_is_no_memory_for_is_counted)
{
    const size_t room[] = { 0, 3 * sizeof(void *) + CAS_BUDGET_OVERHEAD };
    for (size_t i = 0; i < sizeof(room) / sizeof(room[0]); i++) {
        struct fixture f;
        struct cas_buf list = tls_buf();
        begin(&f);
        for (size_t k = 0; k < 3; k++) {
            append_cert(&list, k, false);
        }
        f.budget.limit = f.budget.used + room[i];
        take(&f, &list, false);
        ck_assert_uint_eq(f.certs.len, 0);
        ck_assert_uint_eq(f.certs.left_out, 3);
        ck_assert(f.certs.is_incomplete);
        cas_buf_finish(&list);
        end(&f);
    }
}
END_TEST

START_TEST(the_same_certificate_is_held_once_for_each_place)
{
    struct fixture f;
    struct cas_buf list = tls_buf();
    begin(&f);
    append_cert(&list, 5, false);
    append_cert(&list, 5, false);
    take(&f, &list, false);
    ck_assert_ptr_eq(f.certs.cert[0], f.certs.cert[1]);
    ck_assert_uint_eq(f.certs.cert[0]->item.holders, 2);
    cas_buf_finish(&list);
    end(&f);
}
END_TEST

/* Each message has one certificate, whole. */
START_TEST(what_may_have_had_others_is_incomplete)
{
    const struct {
        const char *what;
        struct cas_certificate_message message;
        bool is_incomplete;
    } cases[] = {
        { "whole", { .sight = { 0 } }, false },
        { "a gap", { .sight = { .reasons = CAS_REASON_BIT(CAS_REASON_GAP) } }, true },
        { "in doubt", { .sight = { .reasons = CAS_REASONS_OF_DOUBT } }, true },
        { "malformed", { .is_malformed = true }, true },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture f;
        struct cas_buf list = tls_buf();
        begin(&f);
        append_cert(&list, 1, false);
        take_as(&f, &list, cases[i].message);
        ck_assert_uint_eq(f.certs.len, 1);
        ck_assert_msg(f.certs.is_incomplete == cases[i].is_incomplete, "%s", cases[i].what);
        cas_known_certs_finish(&f.certs, &f.cache);
        ck_assert(!f.certs.is_incomplete);
        cas_buf_finish(&list);
        end(&f);
    }
}
END_TEST

START_TEST(a_raw_public_key_is_no_certificate_and_lacks_none)
{
    struct fixture f;
    struct cas_buf list = tls_buf();
    begin(&f);
    tls_u16(&list, 0x3000);
    take_as(&f, &list, (struct cas_certificate_message){ .is_raw_key = true });
    ck_assert_uint_eq(f.certs.len, 0);
    ck_assert(!f.certs.is_incomplete);
    cas_buf_finish(&list);
    end(&f);
}
END_TEST

START_TEST(one_by_one_what_could_not_be_kept_is_missing)
{
    struct fixture f;
    begin(&f);
    cas_known_certs_reserve(&f.certs, &f.cache, 2);
    cas_known_certs_add(&f.certs, &f.cache, cas_cert_cache_get(&f.cache, text_view("a")));
    ck_assert(!f.certs.is_incomplete);
    cas_known_certs_add(&f.certs, &f.cache, NULL);
    ck_assert_uint_eq(f.certs.len, 1);
    ck_assert_uint_eq(f.certs.left_out, 1);
    ck_assert(f.certs.is_incomplete);
    end(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("known_certs");
    TCase *tcase = tcase_create("known_certs");
    tcase_add_test(tcase, a_chain_is_kept_in_its_order);
    tcase_add_test(tcase, what_is_beyond_the_cap_is_counted);
    tcase_add_test(tcase, a_certificate_that_is_cut_does_not_count);
    tcase_add_test(tcase, what_there_is_no_memory_for_is_counted);
    tcase_add_test(tcase, the_same_certificate_is_held_once_for_each_place);
    tcase_add_test(tcase, what_may_have_had_others_is_incomplete);
    tcase_add_test(tcase, a_raw_public_key_is_no_certificate_and_lacks_none);
    tcase_add_test(tcase, one_by_one_what_could_not_be_kept_is_missing);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
