/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the lengths of a renegotiation's records tell. The lengths are those of OpenSSL 3.0.19
 * as client and server, as tshark shows them; what was asked and answered is how it was
 * started, and the request's size is that of tshark with the key log.
 */
#include "analysis/inference_later.h"
#include "support/support.h"

enum {
    ECDHE_RSA_AES128_GCM = 0xc02f,
    ECDHE_RSA_AES128_SHA = 0xc013,
    RSA_AES128_GCM = 0x009c,
    PSK_AES128_GCM = 0x00a8,
    EXPORT_RC2 = 0x0006
};

#define TLS12 0x0303
#define END   0 /* of the handshake records before ChangeCipherSpec */

struct example {
    const char *name;
    uint16_t cipher;
    uint16_t client[8];
    uint16_t server[8];
    uint16_t finished;
    enum cas_requested requested;
    enum cas_answer answer;
    uint32_t least;
    uint32_t most;
};

static const struct example examples[] = {
    { "AEAD, a certificate",
      ECDHE_RSA_AES128_GCM,
      { 405, 815, 61, 288 },
      { 28, 141, 815, 324, 412, 28 },
      40,
      CAS_REQUESTED_YES,
      CAS_ANSWER_CERTIFICATE,
      388,
      388 },
    { "AEAD, none",
      ECDHE_RSA_AES128_GCM,
      { 405, 31, 61 },
      { 28, 141, 815, 324, 412, 28 },
      40,
      CAS_REQUESTED_YES,
      CAS_ANSWER_EMPTY,
      388,
      388 },
    { "AEAD, not asked",
      ECDHE_RSA_AES128_GCM,
      { 405, 61 },
      { 28, 141, 815, 324, 28 },
      40,
      CAS_REQUESTED_NO,
      CAS_ANSWER_NONE,
      0,
      0 },
    { "resumed",
      ECDHE_RSA_AES128_GCM,
      { 405 },
      { 28, 141 },
      40,
      CAS_REQUESTED_NO,
      CAS_ANSWER_NONE,
      0,
      0 },
    { "blocks, a certificate",
      ECDHE_RSA_AES128_SHA,
      { 420, 836, 84, 308 },
      { 52, 164, 836, 340, 436, 52 },
      68,
      CAS_REQUESTED_YES,
      CAS_ANSWER_CERTIFICATE,
      384,
      399 },
    { "blocks, none",
      ECDHE_RSA_AES128_SHA,
      { 420, 52, 84 },
      { 52, 164, 836, 340, 436, 52 },
      68,
      CAS_REQUESTED_YES,
      CAS_ANSWER_EMPTY,
      384,
      399 },
    /* 32 to 47 bytes: a key of 37, or an empty Certificate before it. */
    { "blocks, not asked",
      ECDHE_RSA_AES128_SHA,
      { 420, 84 },
      { 52, 164, 836, 340, 52 },
      68,
      CAS_REQUESTED_HIDDEN,
      CAS_ANSWER_HIDDEN,
      0,
      0 },

    /* The same flights in one record each, as Schannel sends them: the sums. */
    { "one record, none",
      ECDHE_RSA_AES128_GCM,
      { 405, 24 + 7 + 37 },
      { 28, 24 + 117 + 791 + 300 + 388 + 4 },
      40,
      CAS_REQUESTED_YES,
      CAS_ANSWER_EMPTY,
      12,
      117 + 791 + 300 + 388 + 4 - 42 - 160 - 4 },
    { "one record, a certificate",
      ECDHE_RSA_AES128_GCM,
      { 405, 24 + 791 + 37 + 264 },
      { 28, 24 + 117 + 791 + 300 + 388 + 4 },
      40,
      CAS_REQUESTED_YES,
      CAS_ANSWER_CERTIFICATE,
      12,
      117 + 791 + 300 + 388 + 4 - 42 - 160 - 4 },
    { "one record, not asked",
      ECDHE_RSA_AES128_GCM,
      { 405, 24 + 37 },
      { 28, 24 + 117 + 791 + 300 + 4 },
      40,
      CAS_REQUESTED_NO,
      CAS_ANSWER_NONE,
      0,
      0 },
    /* RSA of 4096 bits: 518 bytes, as long as a short certificate's flight may be. */
    { "a long key in one record",
      RSA_AES128_GCM,
      { 405, 24 + 518 },
      { 141, 815, 28 },
      40,
      CAS_REQUESTED_HIDDEN,
      CAS_ANSWER_HIDDEN,
      0,
      0 },
    { "a request in three records",
      ECDHE_RSA_AES128_GCM,
      { 405, 31, 61 },
      { 141, 815, 324, 16408, 16408, 1024, 28 },
      40,
      CAS_REQUESTED_YES,
      CAS_ANSWER_EMPTY,
      16384 + 16384 + 1000,
      16384 + 16384 + 1000 },

    { "pre-shared keys",
      PSK_AES128_GCM,
      { 405, 31, 61 },
      { 141, 815, 412, 28 },
      40,
      CAS_REQUESTED_HIDDEN,
      CAS_ANSWER_HIDDEN,
      0,
      0 },
    { "an unknown suite",
      EXPORT_RC2,
      { 405, 31, 61 },
      { 141, 815, 412, 28 },
      40,
      CAS_REQUESTED_HIDDEN,
      CAS_ANSWER_HIDDEN,
      0,
      0 },
    /* Compressed, say: Finished is 16 bytes long, and must look it. */
    { "another Finished",
      ECDHE_RSA_AES128_GCM,
      { 405, 31, 61 },
      { 28, 141, 815, 324, 412, 28 },
      43,
      CAS_REQUESTED_HIDDEN,
      CAS_ANSWER_HIDDEN,
      0,
      0 },
};

static struct cas_later_side side_of(const uint16_t len[8], uint16_t finished)
{
    struct cas_later_side side = { .has_change = true };
    while (len[side.records] != END) {
        side.len[side.records] = len[side.records];
        side.records++;
    }
    side.before_change = side.records;
    side.len[side.records++] = finished;
    return side;
}

static struct cas_later later_of(const struct example *example)
{
    return (struct cas_later){ .side = { side_of(example->server, example->finished),
                                         side_of(example->client, example->finished) } };
}

static struct cas_later_case case_of(const struct example *example,
                                     const struct cas_later *later)
{
    return (struct cas_later_case){
        .later = later,
        .client_end = 1,
        .version = TLS12,
        .cipher = example->cipher,
    };
}

START_TEST(what_lengths_tell)
{
    const struct example *example = &examples[_i];
    const struct cas_later later = later_of(example);
    const struct cas_later_case later_case = case_of(example, &later);
    struct cas_inference inference = cas_infer_later(&later_case);
    ck_assert_msg(inference.requested == example->requested, "%s: %d", example->name,
                  inference.requested);
    ck_assert_msg(inference.answer == example->answer, "%s: %d", example->name,
                  inference.answer);
    ck_assert_msg(inference.request_least == example->least, "%s: %u", example->name,
                  inference.request_least);
    ck_assert_msg(inference.request_most == example->most, "%s: %u", example->name,
                  inference.request_most);
}
END_TEST

static void expect_hidden(const struct cas_later_case *later_case)
{
    struct cas_inference inference = cas_infer_later(later_case);
    ck_assert_int_eq(inference.requested, CAS_REQUESTED_HIDDEN);
    ck_assert_int_eq(inference.answer, CAS_ANSWER_HIDDEN);
    ck_assert_uint_eq(inference.request_most, 0);
}

START_TEST(what_was_not_seen_whole_tells_nothing)
{
    for (unsigned end = 0; end < 2; end++) {
        const struct cas_later whole = later_of(&examples[0]);
        struct cas_later later = whole;
        const struct cas_later_case later_case = case_of(&examples[0], &later);
        later.side[end].is_broken = true;
        expect_hidden(&later_case);
        later = whole;
        later.side[end].is_mixed = true;
        expect_hidden(&later_case);
        later = whole;
        later.side[end].has_change = false;
        expect_hidden(&later_case);
        later = whole;
        later.side[end].records--; /* Finished */
        expect_hidden(&later_case);
        later = whole;
        later.side[end].records = CAS_LATER_RECORDS_MAX + 1;
        expect_hidden(&later_case);
    }
}
END_TEST

START_TEST(small_records_or_nothing_tell_nothing)
{
    const struct cas_later later = later_of(&examples[0]);
    struct cas_later_case later_case = case_of(&examples[0], &later);
    later_case.limits_records = true;
    expect_hidden(&later_case);
    later_case.limits_records = false;
    later_case.version = 0x0300; /* its Finished is another */
    expect_hidden(&later_case);
    later_case.version = TLS12;
    later_case.later = NULL;
    expect_hidden(&later_case);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("inference_later");
    TCase *tcase = tcase_create("inference_later");
    tcase_add_loop_test(tcase, what_lengths_tell, 0, sizeof(examples) / sizeof(examples[0]));
    tcase_add_test(tcase, what_was_not_seen_whole_tells_nothing);
    tcase_add_test(tcase, small_records_or_nothing_tell_nothing);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
