/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "analysis/ca_list.h"
#include "bytes/digest.h"
#include "support/support.h"

static struct cas_budget budget = { .limit = 1u << 24 };

static struct cas_cert_request request_of(struct cas_view list)
{
    return (struct cas_cert_request){
        .sight = { .declared_len = (uint32_t)list.len + 5, .records = 1 },
        .list_declared_len = (uint32_t)list.len,
        .list = list,
        .rest_of_message = list,
    };
}

START_TEST(names_are_split_in_the_order_sent)
{
    struct cas_view bytes = hex_copy("0003 aabbcc" /* a name of 3 bytes */
                                     "0000"        /* an empty one: forbidden, but a name */
                                     "0001 dd");
    struct cas_arena arena = cas_arena_init(&budget);
    struct cas_cert_request request = request_of(bytes);
    struct cas_ca_list list = cas_ca_list_split(&request, &arena);
    ck_assert_uint_eq(list.len, 3);
    ck_assert_uint_eq(list.bytes, bytes.len);
    ck_assert_uint_eq(list.names[0].len, 3);
    ck_assert_uint_eq(list.names[1].len, 0);
    ck_assert_uint_eq(list.names[2].data[0], 0xdd);
    ck_assert_int_eq(list.seen, CAS_SEEN_COMPLETE);
    cas_arena_finish(&arena);
    exact_free(bytes);
}
END_TEST

START_TEST(every_prefix_keeps_its_whole_names_and_is_not_complete)
{
    struct cas_view whole = hex_copy("0002 aabb 0003 ccddee 0001 ff");
    const size_t ends[] = { 0, 4, 9, 12 }; /* where names end */
    for (size_t len = 0; len < whole.len; len++) {
        struct cas_view prefix = exact_copy(cas_view_part(whole, 0, len));
        struct cas_arena arena = cas_arena_init(&budget);
        struct cas_cert_request request = request_of(prefix);
        request.list_declared_len = (uint32_t)whole.len;
        request.sight.reasons = CAS_REASON_BIT(CAS_REASON_GAP);
        struct cas_ca_list list = cas_ca_list_split(&request, &arena);
        size_t names = 0;
        while (ends[names + 1] <= len) {
            names++;
        }
        ck_assert_uint_eq(list.len, names);
        ck_assert_int_eq(list.seen, CAS_SEEN_INCOMPLETE);
        cas_arena_finish(&arena);
        exact_free(prefix);
    }
    exact_free(whole);
}
END_TEST

START_TEST(a_last_name_that_is_too_long_is_malformed)
{
    struct cas_view bytes = hex_copy("0001 aa 0005 bbcc");
    struct cas_arena arena = cas_arena_init(&budget);
    struct cas_cert_request request = request_of(bytes);
    struct cas_ca_list list = cas_ca_list_split(&request, &arena);
    ck_assert_uint_eq(list.len, 1);
    ck_assert_int_eq(list.seen, CAS_SEEN_MALFORMED);
    cas_arena_finish(&arena);
    exact_free(bytes);
}
END_TEST

START_TEST(doubt_alone_is_ambiguous_and_with_loss_incomplete)
{
    struct cas_view bytes = hex_copy("0001 aa");
    struct cas_arena arena = cas_arena_init(&budget);
    struct cas_cert_request request = request_of(bytes);
    request.sight.reasons = CAS_REASON_BIT(CAS_REASON_OVERLAP);
    ck_assert_int_eq(cas_ca_list_split(&request, &arena).seen, CAS_SEEN_AMBIGUOUS);
    request.sight.reasons |= CAS_REASON_BIT(CAS_REASON_SNAPLEN);
    ck_assert_int_eq(cas_ca_list_split(&request, &arena).seen, CAS_SEEN_INCOMPLETE);
    cas_arena_finish(&arena);
    exact_free(bytes);
}
END_TEST

/* 700 names of 98 bytes each: 70,000 bytes of list, whose length field says 70,000 - 65,536. */
START_TEST(a_wrapped_length_is_seen_through)
{
    struct cas_buf bytes = cas_buf_init(100000, NULL);
    for (unsigned i = 0; i < 700; i++) {
        uint8_t name[100] = { 0, 98, (uint8_t)i };
        cas_buf_append(&bytes, cas_view_of(name, sizeof(name)));
    }
    struct cas_view whole = cas_buf_view(&bytes);
    struct cas_arena arena = cas_arena_init(&budget);
    struct cas_cert_request request = request_of(whole);
    request.list_declared_len = 70000 - 65536;
    request.list = cas_view_part(whole, 0, request.list_declared_len);
    request.trailing_len = 65536;
    struct cas_ca_list list = cas_ca_list_split(&request, &arena);
    ck_assert(list.is_wrapped);
    ck_assert_uint_eq(list.len, 700);
    ck_assert_uint_eq(list.bytes, 70000);
    ck_assert_int_eq(list.seen, CAS_SEEN_MALFORMED);
    cas_arena_finish(&arena);
    cas_buf_finish(&bytes);
}
END_TEST

START_TEST(other_bytes_after_the_list_are_trailing)
{
    struct cas_view bytes = hex_copy("0001 aa 00");
    struct cas_arena arena = cas_arena_init(&budget);
    struct cas_cert_request request = request_of(cas_view_part(bytes, 0, 3));
    request.rest_of_message = bytes;
    request.trailing_len = 1;
    struct cas_ca_list list = cas_ca_list_split(&request, &arena);
    ck_assert(!list.is_wrapped);
    ck_assert_uint_eq(list.trailing_len, 1);
    ck_assert_int_eq(list.seen, CAS_SEEN_MALFORMED);
    cas_arena_finish(&arena);
    exact_free(bytes);
}
END_TEST

START_TEST(the_set_digest_forgets_order_and_repetition)
{
    struct cas_view one = hex_copy("0001 bb 0001 aa 0001 bb");
    struct cas_arena arena = cas_arena_init(&budget);
    struct cas_cert_request request = request_of(one);
    struct cas_ca_list list = cas_ca_list_split(&request, &arena);
    uint8_t digest[CAS_SHA256_LEN];
    uint8_t wanted[CAS_SHA256_LEN];
    cas_ca_list_set_digest(&list, digest);
    cas_sha256(text_view("\xaa\xbb"), wanted);
    ck_assert_mem_eq(digest, wanted, sizeof(wanted));
    cas_arena_finish(&arena);
    exact_free(one);
}
END_TEST

START_TEST(without_memory_nothing_is_called_complete)
{
    struct cas_view bytes = hex_copy("0001 aa");
    struct cas_budget none = { .limit = 8 };
    struct cas_arena arena = cas_arena_init(&none);
    struct cas_cert_request request = request_of(bytes);
    struct cas_ca_list list = cas_ca_list_split(&request, &arena);
    ck_assert_int_eq(list.seen, CAS_SEEN_INCOMPLETE);
    ck_assert_uint_eq(list.reasons, CAS_REASON_BIT(CAS_REASON_MEMORY));
    exact_free(bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ca_list");
    TCase *tcase = tcase_create("ca_list");
    tcase_add_test(tcase, names_are_split_in_the_order_sent);
    tcase_add_test(tcase, every_prefix_keeps_its_whole_names_and_is_not_complete);
    tcase_add_test(tcase, a_last_name_that_is_too_long_is_malformed);
    tcase_add_test(tcase, doubt_alone_is_ambiguous_and_with_loss_incomplete);
    tcase_add_test(tcase, a_wrapped_length_is_seen_through);
    tcase_add_test(tcase, other_bytes_after_the_list_are_trailing);
    tcase_add_test(tcase, the_set_digest_forgets_order_and_repetition);
    tcase_add_test(tcase, without_memory_nothing_is_called_complete);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
