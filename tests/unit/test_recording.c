/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tests' own oracle is tested as well: on bytes made by hand. */
#include <string.h>

#include <pcap/dlt.h>

#include "support/recording.h"
#include "support/support.h"
#include "support/tls_walk.h"

/* 10.0.0.1:1024 to 10.0.0.2:443, sequence number 1000, "abc"; tshark calls the checksums good.
 */
static const char *const segment = "0200 0000 0002 0200 0000 0001 0800" /* Ethernet, IPv4 */
                                   "45 00 002b 0001 0000 40 06 66ca"    /* 43 bytes, TCP */
                                   "0a000001 0a000002"                  /* addresses */
                                   "0400 01bb 000003e8 000007d0"        /* ports, seq, ack */
                                   "50 18 2000 a5f1 0000"               /* PSH and ACK */
                                   "616263"                             /* the payload */
                                   "000000";                            /* Ethernet's padding */

static struct wire_packet packet_of(const char *hex)
{
    struct cas_view bytes = hex_copy(hex);
    struct wire_packet p =
        wire_packet_of(bytes.data, bytes.len, (uint32_t)bytes.len, DLT_EN10MB);
    exact_free(bytes);
    return p;
}

START_TEST(a_segment_is_taken_apart_without_its_padding)
{
    struct wire_packet p = packet_of(segment);
    ck_assert(p.is_tcp);
    ck_assert_uint_eq(wire_payload_len(&p), 3);
    ck_assert_mem_eq(p.frame + p.payload, "abc", 3);
    ck_assert_uint_eq(p.seq, 1000);
    ck_assert_uint_eq(p.ack, 2000);
    ck_assert_uint_eq(wire_port(&p, 0), 1024);
    ck_assert_uint_eq(wire_port(&p, 1), 443);
    ck_assert_uint_eq(wire_address(&p, 1)[3], 2);
    wire_free(&p);
}
END_TEST

START_TEST(sealing_gives_the_checksums_back)
{
    struct wire_packet p = packet_of(segment);
    struct wire_packet sealed = wire_copy(&p);
    memset(sealed.frame + sealed.ip + 10, 0xaa, 2);
    memset(sealed.frame + sealed.tcp + 16, 0xaa, 2);
    wire_seal(&sealed);
    ck_assert_mem_eq(sealed.frame, p.frame, p.frame_len);
    wire_free(&sealed);
    wire_free(&p);
}
END_TEST

START_TEST(a_fragment_is_no_segment)
{
    struct wire_packet p = packet_of(segment);
    p.frame[p.ip + 6] = 0x20; /* more fragments */
    struct wire_packet fragment = wire_packet_of(p.frame, p.frame_len, 0, DLT_EN10MB);
    ck_assert(!fragment.is_tcp);
    wire_free(&fragment);
    wire_free(&p);
}
END_TEST

START_TEST(a_stream_keeps_the_first_bytes_and_doubts_what_differs)
{
    struct wire_packet p = packet_of(segment);
    struct recorded_connection c = { .family = 4, .port = { 1024, 443 } };
    memcpy(c.address[0], wire_address(&p, 0), 4);
    memcpy(c.address[1], wire_address(&p, 1), 4);
    c.start[0] = 999;
    struct wire_row row = { 0 };
    wire_row_add(&row, wire_with(&p, 1001, WIRE_ACK, (const uint8_t *)"bX", 2));
    wire_row_add(&row, p);
    struct recorded_stream stream = recorded_stream_of(&c, &row, 0);
    ck_assert_uint_eq(stream.len, 4);
    ck_assert(!stream.is_there[0]);
    ck_assert_mem_eq(stream.data + 1, "abX", 3);
    ck_assert(!stream.is_doubtful[2]);
    ck_assert(stream.is_doubtful[3]);
    recorded_stream_finish(&stream);
    wire_row_finish(&row);
}
END_TEST

START_TEST(a_request_is_found_behind_other_messages_and_plaintext)
{
    struct cas_view bytes = hex_copy("320d0a"                  /* "2", CR, LF: not yet TLS */
                                     "16 0303 0004 02000000"   /* ServerHello, empty */
                                     "16 0303 0003 0d0000"     /* CertificateRequest ... */
                                     "16 0303 0003 02 0101"    /* ... of two bytes */
                                     "14 0303 0001 01"         /* ChangeCipherSpec */
                                     "16 0303 0004 0d000000"); /* encrypted */
    struct recorded_stream stream = { (uint8_t *)(uintptr_t)bytes.data, NULL, NULL, bytes.len };
    struct tls_walk walk = tls_walk(&stream);
    ck_assert(walk.is_tls && walk.is_encrypted);
    ck_assert_uint_eq(walk.requests, 1);
    ck_assert_uint_eq(walk.request[0].from, 17);
    ck_assert_uint_eq(walk.request[0].to, 28);
    exact_free(bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("recording");
    TCase *tcase = tcase_create("recording");
    tcase_add_test(tcase, a_segment_is_taken_apart_without_its_padding);
    tcase_add_test(tcase, sealing_gives_the_checksums_back);
    tcase_add_test(tcase, a_fragment_is_no_segment);
    tcase_add_test(tcase, a_stream_keeps_the_first_bytes_and_doubts_what_differs);
    tcase_add_test(tcase, a_request_is_found_behind_other_messages_and_plaintext);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
