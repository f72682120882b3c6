/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Beginnings of TLS, and what differs from them in one field. */
#include "support/support.h"
#include "tls/signature.h"

/* 32 bytes of random, and the zero length of a session id behind them. */
#define RANDOM " 0001020304050607 08090a0b0c0d0e0f 1011121314151617 18191a1b1c1d1e1f "

struct sample {
    const char *what;
    const char *bytes;
    enum cas_match expected;
};

typedef enum cas_match matcher(struct cas_view bytes);

static void check(matcher *match, const struct sample *samples, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        struct cas_view bytes = hex_copy(samples[i].bytes);
        ck_assert_msg(match(bytes) == samples[i].expected, "%s", samples[i].what);
        exact_free(bytes);
    }
}

/* Of a whole beginning no prefix is refused, and none but the last of them is proof. */
static void check_prefixes(matcher *match, const char *hex, size_t proven_from)
{
    struct cas_view whole = hex_copy(hex);
    for (size_t len = 0; len <= whole.len; len++) {
        struct cas_view bytes = exact_copy(cas_view_part(whole, 0, len));
        ck_assert_msg(match(bytes) == (len < proven_from ? CAS_MATCH_MAYBE : CAS_MATCH_YES),
                      "%zu bytes", len);
        exact_free(bytes);
    }
    exact_free(whole);
}

#define CHECK(match, samples) check(match, samples, sizeof(samples) / sizeof((samples)[0]))

/* Record: type, version, length; message: type, length; version. */
START_TEST(hellos)
{
    const struct sample samples[] = {
        { "a ClientHello", "16 0301 0100  01 0000fc 0303" RANDOM "20", CAS_MATCH_YES },
        { "a ServerHello of a draft", "16 0303 0050  02 00004c 7f12" RANDOM "00",
          CAS_MATCH_YES },
        { "SSL 3.0", "16 0300 0100  01 0000fc 0300" RANDOM "00", CAS_MATCH_YES },
        { "no handshake record", "17 0301 0100  01 0000fc 0303" RANDOM "00", CAS_MATCH_NO },
        { "a version below SSL 3.0", "16 02ff 0100  01 0000fc 0303" RANDOM "00", CAS_MATCH_NO },
        { "a version above TLS 1.3", "16 0305 0100  01 0000fc 0303" RANDOM "00", CAS_MATCH_NO },
        { "an empty record", "16 0301 0000  01 0000fc 0303" RANDOM "00", CAS_MATCH_NO },
        { "a record that holds no start of a hello", "16 0301 0026  01 0000fc 0303" RANDOM "00",
          CAS_MATCH_NO },
        { "a record that is too long", "16 0301 4801  01 0000fc 0303" RANDOM "00",
          CAS_MATCH_NO },
        { "in records of one byte, the next of which is none",
          "16 0301 0001 01 17 0301 0001 00", CAS_MATCH_NO },
        { "the next of which is empty", "16 0301 0001 01 16 0301 0000 16", CAS_MATCH_NO },
        { "that make another message", "16 0301 0001 0b 16 0301 0001 00", CAS_MATCH_NO },
        { "that make a message that is too long",
          "16 0301 0001 01 16 0301 0001 ff 16 0301 0002 ffff", CAS_MATCH_NO },
        { "another message", "16 0301 0100  03 0000fc 0303" RANDOM "00", CAS_MATCH_NO },
        { "a message without room for the fields", "16 0301 0100  01 000025 0303" RANDOM "00",
          CAS_MATCH_NO },
        { "a message that is too long", "16 0301 0100  01 ffffff 0303" RANDOM "00",
          CAS_MATCH_NO },
        { "a version that never was", "16 0301 0100  01 0000fc 0403" RANDOM "00",
          CAS_MATCH_NO },
        { "a session id of 33 bytes", "16 0301 0100  01 0000fc 0303" RANDOM "21",
          CAS_MATCH_NO },
    };
    CHECK(cas_signature_hello, samples);
    check_prefixes(cas_signature_hello, samples[0].bytes, CAS_SIGNATURE_MAX);
    check_prefixes(cas_signature_hello,
                   "16 0301 0001 01 16 0301 0001 00 16 0301 0001 00 16 0301 0001 fc"
                   "16 0301 0001 03 16 0301 0001 03 16 0301 0001 5a 1603",
                   CAS_SIGNATURE_MAX);
    check_prefixes(cas_signature_hello, "16 0301 0026  01 0000fc 0303" RANDOM " 16",
                   CAS_SIGNATURE_MAX);
}
END_TEST

START_TEST(first_hellos_need_less)
{
    const struct sample samples[] = {
        { "nothing yet", "", CAS_MATCH_MAYBE },
        { "another protocol", "474554", CAS_MATCH_NO },
        { "one byte of it", "16", CAS_MATCH_MAYBE },
        { "a record of one byte", "16 0301 0001 01", CAS_MATCH_YES },
        { "a record of one byte that is no hello", "16 0301 0001 0b", CAS_MATCH_NO },
        { "a record that is not there yet", "16 0301 0004 010000", CAS_MATCH_MAYBE },
        { "an alert", "15 0301 0002 0228", CAS_MATCH_NO },
        { "a version that never was", "16 0401 0001 01", CAS_MATCH_NO },
        { "an empty record", "16 0301 0000 01", CAS_MATCH_NO },
    };
    CHECK(cas_signature_first_hello, samples);
}
END_TEST

START_TEST(other_messages_in_front_of_all)
{
    const struct sample samples[] = {
        { "HelloRequest", "16 0301 0004 00", CAS_MATCH_YES },
        { "CertificateRequest", "16 0303 0300 0d", CAS_MATCH_YES },
        { "a record of one byte of it", "16 0300 0001 0d", CAS_MATCH_YES },
        { "a ClientHello", "16 0303 0300 01", CAS_MATCH_NO },
        { "Finished", "16 0303 0010 14", CAS_MATCH_NO },
        { "no message", "16 0303 0200 47", CAS_MATCH_NO },
        { "another record", "17 0303 0300 0d", CAS_MATCH_NO },
        { "a version that never was", "16 0305 0300 0d", CAS_MATCH_NO },
        { "an empty record", "16 0303 0000 0d", CAS_MATCH_NO },
    };
    CHECK(cas_signature_first_handshake, samples);
    check_prefixes(cas_signature_first_handshake, samples[1].bytes, 6);
}
END_TEST

/* Length with its highest bit, type, version, lengths of ciphers, session id and challenge. */
START_TEST(hellos_of_ssl2)
{
    const struct sample samples[] = {
        { "with three ciphers", "8022 01 0301 0009 0000 0010", CAS_MATCH_YES },
        { "of SSL 2.0", "8022 01 0002 0009 0000 0010", CAS_MATCH_YES },
        { "the other header", "0022 01 0301 0009 0000 0010", CAS_MATCH_NO },
        { "another message", "8022 04 0301 0009 0000 0010", CAS_MATCH_NO },
        { "a version below", "8022 01 0003 0009 0000 0010", CAS_MATCH_NO },
        { "a version above", "8022 01 0305 0009 0000 0010", CAS_MATCH_NO },
        { "lengths that do not add up", "8023 01 0301 0009 0000 0010", CAS_MATCH_NO },
        { "ciphers of a wrong length", "8023 01 0301 000a 0000 0010", CAS_MATCH_NO },
        { "no ciphers", "8019 01 0301 0000 0000 0010", CAS_MATCH_NO },
        { "a session id of 33 bytes", "8043 01 0301 0009 0021 0010", CAS_MATCH_NO },
        { "a challenge of 15 bytes", "8021 01 0301 0009 0000 000f", CAS_MATCH_NO },
        { "a challenge of 33 bytes", "8033 01 0301 0009 0000 0021", CAS_MATCH_NO },
    };
    CHECK(cas_signature_ssl2_hello, samples);
    check_prefixes(cas_signature_ssl2_hello, samples[0].bytes, 11);
}
END_TEST

START_TEST(alerts_in_the_clear)
{
    const struct sample samples[] = {
        { "fatal, handshake_failure", "15 0303 0002 02 28", CAS_MATCH_YES },
        { "another record", "16 0303 0002 02 28", CAS_MATCH_NO },
        { "another version", "15 0305 0002 02 28", CAS_MATCH_NO },
        { "an encrypted one", "15 0303 001a 02 28", CAS_MATCH_NO },
        { "no such level", "15 0303 0002 03 28", CAS_MATCH_NO },
        { "no such alert", "15 0303 0002 02 ff", CAS_MATCH_NO },
    };
    CHECK(cas_signature_alert, samples);
    check_prefixes(cas_signature_alert, samples[0].bytes, 7);
}
END_TEST

START_TEST(other_messages_agree_with_their_length)
{
    const struct sample samples[] = {
        { "Certificate", "16 0303 0300  0b 0002fc  0002f9 0002f6", CAS_MATCH_YES },
        { "Certificate, another length", "16 0303 0300  0b 0002fc  0002f8", CAS_MATCH_NO },
        { "CertificateRequest", "16 0303 0300  0d 0002fc  02 01 40", CAS_MATCH_YES },
        { "of one type", "16 0303 0300  0d 0002fc  01 01", CAS_MATCH_YES },
        { "of no type", "16 0303 0300  0d 0002fc  00 01", CAS_MATCH_NO },
        { "of a first type that never was", "16 0303 0300  0d 0002fc  02 ff 40", CAS_MATCH_NO },
        { "of a second type that never was", "16 0303 0300  0d 0002fc  02 01 ff",
          CAS_MATCH_NO },
        { "of more types than it has room for", "16 0303 0300  0d 000007  05 01 40",
          CAS_MATCH_NO },
        { "too long to be kept", "16 0303 0300  0d ffffff  02 01 40", CAS_MATCH_NO },
        { "ServerHelloDone", "16 0303 0004  0e 000000", CAS_MATCH_YES },
        { "ServerHelloDone with a body", "16 0303 0005  0e 000001", CAS_MATCH_NO },
        { "ServerHelloDone and more", "16 0303 0008  0e 000000", CAS_MATCH_NO },
        { "ServerKeyExchange", "16 0303 0104  0c 000100", CAS_MATCH_YES },
        { "ServerKeyExchange and more", "16 0303 0105  0c 000100", CAS_MATCH_NO },
        { "Finished is never in the clear", "16 0303 0010  14 00000c", CAS_MATCH_NO },
        { "another record", "17 0303 0104  0c 000100", CAS_MATCH_NO },
        { "of an empty record", "16 0303 0000  0c 000100", CAS_MATCH_NO },
    };
    CHECK(cas_signature_handshake, samples);
    check_prefixes(cas_signature_handshake, "16 0303 0300  0d 0002fc  02 01 40", 12);
}
END_TEST

/* RFC 5246, 7.4: u8 msg_type, u24 length */
START_TEST(any_handshake_record)
{
    const struct sample samples[] = {
        { "a request", "16 0303 0300  0d 0002fc", CAS_MATCH_YES },
        { "what nobody knows", "16 0303 0300  63 000001", CAS_MATCH_YES },
        { "a message of several records", "16 0300 0004  0b 040000", CAS_MATCH_YES },
        { "longer than any", "16 0303 0300  0b 040001", CAS_MATCH_NO },
        { "three bytes of a message", "16 0303 0003  0d 0002", CAS_MATCH_YES },
        { "one byte of one", "16 0303 0001  0d", CAS_MATCH_YES },
        { "none", "16 0303 0000  0d 0002fc", CAS_MATCH_NO },
        { "another record", "17 0303 0300  0d 0002fc", CAS_MATCH_NO },
        { "another version", "16 0305 0300  0d 0002fc", CAS_MATCH_NO },
    };
    CHECK(cas_signature_any_handshake, samples);
    check_prefixes(cas_signature_any_handshake, samples[0].bytes, 9);
    check_prefixes(cas_signature_any_handshake, samples[5].bytes, 6);
}
END_TEST

START_TEST(a_change_of_keys_has_a_record_behind_it)
{
    const struct sample samples[] = {
        { "Finished behind it", "14 0303 0001 01  16 0303", CAS_MATCH_YES },
        { "another record", "15 0303 0001 01  16 0303", CAS_MATCH_NO },
        { "another version", "14 0203 0001 01  16 0203", CAS_MATCH_NO },
        { "a longer one", "14 0303 0002 01  16 0303", CAS_MATCH_NO },
        { "not the 1", "14 0303 0001 02  16 0303", CAS_MATCH_NO },
        { "no record below", "14 0303 0001 01  13 0303", CAS_MATCH_NO },
        { "no record above", "14 0303 0001 01  19 0303", CAS_MATCH_NO },
        { "another version behind it", "14 0303 0001 01  16 0302", CAS_MATCH_NO },
    };
    CHECK(cas_signature_change_cipher_spec, samples);
    check_prefixes(cas_signature_change_cipher_spec, samples[0].bytes, 9);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("signature");
    TCase *tcase = tcase_create("signature");
    tcase_add_test(tcase, hellos);
    tcase_add_test(tcase, first_hellos_need_less);
    tcase_add_test(tcase, other_messages_in_front_of_all);
    tcase_add_test(tcase, hellos_of_ssl2);
    tcase_add_test(tcase, alerts_in_the_clear);
    tcase_add_test(tcase, other_messages_agree_with_their_length);
    tcase_add_test(tcase, any_handshake_record);
    tcase_add_test(tcase, a_change_of_keys_has_a_record_behind_it);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
