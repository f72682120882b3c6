/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lengths are those of real handshakes (tests/lab/matrix.py); what they mean was known from
 * the programs' options and by decryption.
 */
#include "analysis/inference.h"
#include "support/support.h"

#define SHA256 0x1301
#define SHA384 0x1302
#define CCM_8  0x1305

struct sample {
    const char *name;
    uint16_t cipher;
    uint16_t client[8]; /* lengths of encrypted records, up to a 0 */
    uint16_t server[12];
    enum cas_requested requested;
    enum cas_answer answer;
    uint32_t least;
    uint32_t most;
};

#define YES         CAS_REQUESTED_YES
#define NO          CAS_REQUESTED_NO
#define HIDDEN      CAS_REQUESTED_HIDDEN
#define NONE        CAS_ANSWER_NONE
#define EMPTY       CAS_ANSWER_EMPTY
#define CERTIFICATE CAS_ANSWER_CERTIFICATE
#define UNTOLD      CAS_ANSWER_HIDDEN

static struct cas_flight flight_of(enum cas_flight_side side, const uint16_t *lens, size_t max)
{
    struct cas_flight flight = { 0 };
    for (size_t i = 0; i < max && lens[i] != 0; i++) {
        if (!cas_flight_add(&flight, side, lens[i])) {
            break;
        }
    }
    return flight;
}

static struct cas_conversation_facts facts_of(const struct sample *sample)
{
    return (struct cas_conversation_facts){
        .is_tls = true,
        .client_hello = { .is_seen = true, .is_whole = true },
        .server_hello = { .is_seen = true,
                          .is_whole = true,
                          .version = CAS_TLS_VERSION_TLS13,
                          .cipher = sample->cipher },
        .client = { .is_seen = true,
                    .flight = flight_of(CAS_FLIGHT_CLIENT, sample->client, 8) },
        .server = { .is_seen = true,
                    .flight = flight_of(CAS_FLIGHT_SERVER, sample->server, 12) },
    };
}

#define SAMPLES 46

START_TEST(what_real_flights_tell)
{
    const struct sample samples[SAMPLES] = {
        { "openssl, nothing asked", SHA256, { 53, 35 }, { 23, 830, 281, 53, 234 }, NO, NONE },
        { "the same, SHA-384", SHA384, { 69, 35 }, { 23, 830, 281, 69, 250 }, NO, NONE },
        { "the same, CCM_8", CCM_8, { 45, 27 }, { 15, 822, 273, 45, 226 }, NO, NONE },
        { "java, nothing asked", SHA384, { 85 }, { 65, 846, 297, 85, 58 }, NO, NONE },
        { "a certificate",
          SHA256,
          { 562, 96, 53 },
          { 23, 719, 1423, 281, 53, 762 },
          YES,
          CERTIFICATE,
          702,
          702 },
        { "RSA",
          SHA384,
          { 799, 281, 69 },
          { 23, 719, 830, 281, 69, 937 },
          YES,
          CERTIFICATE,
          702,
          702 },
        { "CCM_8",
          CCM_8,
          { 554, 88, 45 },
          { 15, 711, 1415, 273, 45, 754 },
          YES,
          CERTIFICATE,
          702,
          702 },
        { "none to send",
          SHA256,
          { 25, 53 },
          { 23, 719, 1423, 281, 53, 234 },
          YES,
          EMPTY,
          702,
          702 },
        { "CCM_8, none",
          CCM_8,
          { 17, 45 },
          { 15, 711, 1415, 273, 45, 226 },
          YES,
          EMPTY,
          702,
          702 },
        { "java as client",
          SHA256,
          { 41, 69, 51 },
          { 23, 719, 830, 281, 53, 147 },
          YES,
          EMPTY,
          702,
          702 },
        { "java on both sides",
          SHA256,
          { 815, 297, 69 },
          { 65, 773, 846, 297, 69, 58 },
          YES,
          CERTIFICATE,
          740,
          740 },
        { "a certificate, for a server with a flight in a record",
          SHA256,
          { 562, 96, 53 },
          { 2451, 154, 19 },
          YES,
          CERTIFICATE,
          0,
          0 },
        { "java's certificate, for such a server",
          SHA384,
          { 578, 113, 85, 51 },
          { 2461, 154, 19 },
          YES,
          CERTIFICATE,
          0,
          0 },
        { "400 CAs",
          SHA256,
          { 799, 281, 53 },
          { 23, 16401, 16401, 15502, 1423, 281, 53, 1002 },
          YES,
          CERTIFICATE,
          48253,
          48253 },
        { "400 CAs of java",
          SHA256,
          { 25, 53 },
          { 65, 16400, 16400, 15590, 846, 297, 69, 58 },
          YES,
          EMPTY,
          48291,
          48291 },
        { "nss: a flight in a record",
          SHA256,
          { 1099, 35 },
          { 2451, 154, 19 },
          HIDDEN, /* it may be a padded Finished */
          UNTOLD },
        { "nss, none", SHA256, { 61, 35 }, { 2451, 154, 19 }, HIDDEN, UNTOLD },
        { "nss at a server that sends each message apart",
          SHA256,
          { 61, 35 },
          { 23, 719, 1423, 281, 53, 234 },
          YES,
          EMPTY,
          702,
          702 },
        { "the same with a certificate",
          SHA256,
          { 1099, 35 },
          { 23, 719, 1423, 281, 53, 234 },
          YES,
          CERTIFICATE,
          702,
          702 },
        /* RFC 8446, 5.4: what follows is computed, a length + 1 filled up to a multiple of B.
         */
        { "nothing asked, padded to 9 or 15",
          SHA256,
          { 61, 61 },
          { 2451, 154 },
          HIDDEN,
          UNTOLD },
        { "nothing asked, padded to 61", SHA384, { 77, 35 }, { 2451, 154 }, HIDDEN, UNTOLD },
        { "none to send, padded to 37", SHA256, { 53, 53, 53 }, { 2451, 154 }, HIDDEN, UNTOLD },
        { "none to send, padded to 53", SHA384, { 69, 69, 35 }, { 2451, 154 }, HIDDEN, UNTOLD },
        { "none to send, padded to 53: as long as java's Finished",
          SHA256,
          { 69, 69, 35 },
          { 2451, 154 },
          HIDDEN,
          UNTOLD },
        { "none to send, padded to 19: as long as java's alert",
          SHA256,
          { 35, 54 },
          { 23, 719, 1423, 281, 53, 762 },
          YES,
          UNTOLD,
          702,
          702 },
        { "none to send, padded to 1002",
          SHA256,
          { 1018, 1018, 35 },
          { 23, 719, 1423, 281, 53, 762 },
          YES,
          UNTOLD,
          702,
          702 },
        { "nothing asked, padded to 512; then data of 79 and 36 bytes",
          SHA256,
          { 528, 96, 53 },
          { 2451, 154 },
          HIDDEN,
          UNTOLD },
        { "a server that pads to 37",
          SHA256,
          { 25, 53 },
          { 53, 719 + 37, 1423 + 36, 127, 53, 274 },
          YES,
          EMPTY,
          15,
          739 },
        /* RFC 8879: compressed certificates are shorter, by how much nobody knows. */
        { "a compressed certificate of the server, shorter than its request",
          SHA256,
          { 25, 53 },
          { 23, 719, 600, 281, 53, 234 },
          YES,
          EMPTY,
          702,
          702 },
        { "the same, told by the server alone",
          SHA256,
          { 80, 80 },
          { 23, 719, 900, 281, 53, 234 },
          YES,
          UNTOLD,
          702,
          702 },
        { "a compressed certificate of the client",
          SHA256,
          { 390, 96, 53 },
          { 2451, 154, 19 },
          YES,
          CERTIFICATE,
          0,
          0 },
        { "one that is too short to be told from something else",
          SHA256,
          { 150, 96, 53 },
          { 2451, 154, 19 },
          HIDDEN,
          UNTOLD },
        { "four tickets and an alert behind them",
          SHA256,
          { 25, 53, 19 },
          { 23, 719, 1423, 281, 53, 234, 234, 234, 234, 19 },
          YES,
          EMPTY,
          702,
          702 },
        { "what is said before the certificate in two records",
          SHA256,
          { 300, 90 },
          { 23, 25, 830, 281, 53, 234 },
          HIDDEN,
          UNTOLD },
        { "a certificate that is none: a raw key in two records",
          SHA256,
          { 300, 90 },
          { 23, 40, 80, 281, 53, 234 },
          HIDDEN,
          UNTOLD },
        { "nss, two flights of full records",
          SHA256,
          { 25, 53 },
          { 16401, 15633, 16401, 1612 },
          YES,
          EMPTY,
          0,
          0 },
        /* The server alone shows it: a request smaller than the certificate behind it. */
        { "client padded to 64",
          SHA256,
          { 592, 144, 80, 80 },
          { 23, 719, 1423, 281, 53, 762 },
          YES,
          UNTOLD,
          702,
          702 },
        { "it broke off", SHA256, { 19 }, { 65, 773, 846, 297, 69 }, YES, NONE, 740, 740 },
        { "400 CAs were too many for it",
          SHA256,
          { 35 },
          { 23, 16401, 16401, 15502, 1423, 281, 53 },
          YES,
          NONE,
          48253,
          48253 },
        { "padded to 64, nothing asked",
          SHA256,
          { 80, 80 },
          { 23, 830, 281, 53, 234 },
          HIDDEN,
          UNTOLD },
        { "padded to 4096", SHA256, { 4112, 4112 }, { 4112, 4112, 4112 }, HIDDEN, UNTOLD },
        { "padded to 16", SHA256, { 576, 96, 64 }, { 32, 832, 288, 64, 240 }, HIDDEN, UNTOLD },
        { "split at 512",
          SHA256,
          { 529, 287, 281, 53 },
          { 23, 719, 1423, 281, 53, 1002 },
          YES,
          CERTIFICATE,
          702,
          702 },
        { "the certificate split at 4096",
          SHA256,
          { 80 },
          { 23, 4113, 1239, 281, 53, 762 },
          HIDDEN,
          UNTOLD },
        { "they contradict", SHA256, { 53 }, { 23, 719, 1423, 281, 53, 762 }, HIDDEN, UNTOLD },
        { "nothing encrypted", SHA256, { 0 }, { 0 }, HIDDEN, UNTOLD },
    };
    const struct sample *sample = &samples[_i];
    struct cas_conversation_facts facts = facts_of(sample);
    struct cas_inference inference = cas_infer(&facts);
    ck_assert_msg(inference.requested == sample->requested, "%s: requested %d", sample->name,
                  (int)inference.requested);
    ck_assert_msg(inference.answer == sample->answer, "%s: answer %d", sample->name,
                  (int)inference.answer);
    ck_assert_msg(
        inference.request_least == sample->least && inference.request_most == sample->most,
        "%s: %u to %u", sample->name, inference.request_least, inference.request_most);
}
END_TEST

static const struct sample asked = {
    "asked", SHA256, { 562, 96, 53 }, { 23, 719, 1423, 281, 53, 762 }, YES, CERTIFICATE, 0, 0
};

/* Everything that takes away the ground; each alone. */
static void spoil(struct cas_conversation_facts *facts, int how)
{
    switch (how) {
    case 0:
        facts->client.reasons = CAS_REASON_BIT(CAS_REASON_OVERLAP);
        break;
    case 1:
        facts->server.may_lack_messages = true;
        break;
    case 2:
        facts->client_hello.is_whole = false;
        break;
    case 3:
        facts->server_hello.is_psk_accepted = true;
        break;
    case 4:
        facts->server_hello.cipher = 0xc0b4; /* TLS_SHA256_SHA256: another overhead */
        break;
    case 5:
        facts->server.is_malformed = true;
        break;
    default:
        facts->server_hello.version = CAS_TLS_VERSION_TLS12;
        break;
    }
}

START_TEST(doubt_tells_nothing)
{
    struct cas_conversation_facts facts = facts_of(&asked);
    ck_assert_int_eq(cas_infer(&facts).requested, YES);
    spoil(&facts, _i);
    struct cas_inference inference = cas_infer(&facts);
    ck_assert_int_eq(inference.requested, HIDDEN);
    ck_assert_int_eq(inference.answer, UNTOLD);
    ck_assert_uint_eq(inference.request_most, 0);
}
END_TEST

START_TEST(early_data_hides_the_answer)
{
    struct cas_conversation_facts facts = facts_of(&asked);
    facts.client_hello.offers_early_data = true;
    struct cas_inference inference = cas_infer(&facts);
    ck_assert_int_eq(inference.requested, YES); /* the server's flight shows it */
    ck_assert_int_eq(inference.answer, UNTOLD);
}
END_TEST

/* How long a message is that the server may have had to split is not known; nor, by the
 * server's records alone, that there was one. */
START_TEST(short_records_that_the_client_wants_hide_the_size)
{
    struct sample sample = asked;
    struct cas_conversation_facts facts = facts_of(&sample);
    facts.client_hello.limits_records = true;
    struct cas_inference inference = cas_infer(&facts);
    ck_assert_int_eq(inference.requested, YES);
    ck_assert_int_eq(inference.answer, CERTIFICATE);
    ck_assert_uint_eq(inference.request_least, 15);
    ck_assert_uint_ge(inference.request_most, 702);
    sample.client[0] = 1099; /* all in one record */
    sample.client[1] = 35;
    facts = facts_of(&sample);
    ck_assert_int_eq(cas_infer(&facts).requested, YES);
    facts.client_hello.limits_records = true;
    ck_assert_int_eq(cas_infer(&facts).requested, HIDDEN);
}
END_TEST

START_TEST(an_alert_that_is_the_last_is_told)
{
    struct sample sample = asked;
    struct cas_conversation_facts facts = facts_of(&sample);
    ck_assert(!cas_infer(&facts).server_sent_alert);
    sample.server[5] = 19;
    facts = facts_of(&sample);
    ck_assert(cas_infer(&facts).server_sent_alert);
    sample.server[6] = 40; /* then it was application data */
    facts = facts_of(&sample);
    ck_assert(!cas_infer(&facts).server_sent_alert);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("inference");
    TCase *tcase = tcase_create("inference");
    tcase_add_loop_test(tcase, what_real_flights_tell, 0, SAMPLES);
    tcase_add_loop_test(tcase, doubt_tells_nothing, 0, 7);
    tcase_add_test(tcase, early_data_hides_the_answer);
    tcase_add_test(tcase, short_records_that_the_client_wants_hide_the_size);
    tcase_add_test(tcase, an_alert_that_is_the_last_is_told);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
