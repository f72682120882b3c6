/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/tcp.h"
#include "support/frames.h"
#include "support/support.h"

/* A segment as its IP packet has it; bytes are freed with exact_free(). */
static struct cas_ip_packet packet_of(const struct frame_spec *spec)
{
    struct cas_buf buf = cas_buf_init((size_t)1 << 20, NULL);
    append_tcp(&buf, spec);
    struct cas_ip_packet packet = {
        .source = cas_view_of(spec->from.address, spec->from.family == 6 ? 16 : 4),
        .destination = cas_view_of(spec->to.address, spec->from.family == 6 ? 16 : 4),
        .protocol = CAS_IP_PROTOCOL_TCP,
        .payload = exact_copy(cas_buf_view(&buf)),
        .wire_len = buf.len,
    };
    cas_buf_finish(&buf);
    return packet;
}

static struct frame_spec spec_of(unsigned family)
{
    return (struct frame_spec){
        .from = family == 6 ? endpoint("2001:db8::1", 50000) : endpoint("192.0.2.1", 50000),
        .to = family == 6 ? endpoint("2001:db8::2", 443) : endpoint("198.51.100.1", 443),
        .seq = 0x01020304,
        .ack = 0x05060708,
        .flags = ACK | PSH,
        .payload = text_view("hello"),
    };
}

/* Written by hand, sum and all. */
START_TEST(a_segment_by_hand_is_read)
{
    struct cas_view bytes = hex_copy("c350 01bb"      /* ports 50000 and 443 */
                                     "01020304"       /* sequence number */
                                     "05060708"       /* acknowledgment */
                                     "60 18"          /* 24 bytes of header; ACK, PSH */
                                     "faf0 0000 0000" /* window, checksum, urgent */
                                     "01010101"       /* four times "no operation" */
                                     "6869");         /* data */
    struct cas_ip_packet packet = { .payload = bytes, .wire_len = bytes.len };
    struct cas_tcp_segment segment;
    ck_assert(cas_tcp_parse(&packet, &segment));
    ck_assert_uint_eq(segment.source_port, 50000);
    ck_assert_uint_eq(segment.destination_port, 443);
    ck_assert_uint_eq(segment.seq, 0x01020304);
    ck_assert_uint_eq(segment.ack, 0x05060708);
    ck_assert_uint_eq(segment.flags, CAS_TCP_ACK | CAS_TCP_PSH);
    ck_assert(cas_view_equal(segment.payload, text_view("hi")));
    ck_assert_uint_eq(segment.wire_len, 2);
    exact_free(bytes);
}
END_TEST

START_TEST(every_prefix_ends)
{
    struct frame_spec spec = spec_of(4);
    spec.tcp_options = cas_view_of("\x01\x01\x01\x01", 4);
    struct cas_ip_packet packet = packet_of(&spec);
    struct cas_view whole = packet.payload;
    for (size_t len = 0; len < whole.len; len++) {
        packet.payload = exact_copy(cas_view_part(whole, 0, len));
        struct cas_tcp_segment segment;
        /* Cut by the snaplen: the fixed header is enough. */
        ck_assert(cas_tcp_parse(&packet, &segment) == (len >= 20));
        if (len >= 20) {
            ck_assert_uint_eq(segment.wire_len, 5);
            ck_assert_uint_eq(segment.payload.len, len > 24 ? len - 24 : 0);
            ck_assert_int_eq(cas_tcp_sum(&packet), CAS_TCP_SUM_UNKNOWN);
        }
        /* Cut on the wire: all of the header must be there. */
        struct cas_ip_packet shorter = packet;
        shorter.wire_len = len;
        ck_assert(cas_tcp_parse(&shorter, &segment) == (len >= 24));
        exact_free(packet.payload);
    }
    exact_free(whole);
}
END_TEST

START_TEST(bad_headers_are_refused)
{
    static const struct {
        const char *what;
        uint8_t offset;
        uint8_t flags;
        bool is_good;
    } headers[] = {
        { "offset 4", 0x40, ACK, false },
        { "offset 0", 0x00, ACK, false },
        { "offset 5", 0x50, ACK, true },
        { "offset 15", 0xf0, ACK, false },
        { "no flag", 0x50, 0, false },
        { "FIN alone", 0x50, FIN, false },
        { "URG and PSH", 0x50, URG | PSH, false },
        { "SYN", 0x50, SYN, true },
        { "SYN and FIN", 0x50, SYN | FIN, false },
        { "SYN and RST", 0x50, SYN | RST, false },
        { "RST", 0x50, RST, true },
        { "FIN and ACK", 0x50, FIN | ACK, true },
        { "ECN's flags", 0x50, SYN | 0xc0, true },
    };
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        uint8_t bytes[24] = { [12] = headers[i].offset, [13] = headers[i].flags };
        struct cas_ip_packet packet = { .payload = cas_view_of(bytes, sizeof(bytes)),
                                        .wire_len = sizeof(bytes) };
        struct cas_tcp_segment segment;
        ck_assert_msg(cas_tcp_parse(&packet, &segment) == headers[i].is_good, "%s",
                      headers[i].what);
    }
}
END_TEST

/* T20 */
START_TEST(sums_are_told_apart)
{
    static const enum cas_tcp_sum wanted[] = {
        [FRAME_SUM_GOOD] = CAS_TCP_SUM_GOOD,
        [FRAME_SUM_PARTIAL] = CAS_TCP_SUM_PARTIAL,
        [FRAME_SUM_PARTIAL_TSO] = CAS_TCP_SUM_PARTIAL,
        [FRAME_SUM_BAD] = CAS_TCP_SUM_BAD,
    };
    struct dice dice = dice_init("sums");
    for (unsigned round = 0; round < 2000; round++) {
        struct frame_spec spec = spec_of(round % 2 == 0 ? 4 : 6);
        enum frame_sum sum = (enum frame_sum)dice_roll(&dice, 4);
        struct cas_view payload = dice_bytes(&dice, dice_roll(&dice, 90));
        spec.payload = payload;
        spec.seq = dice_roll(&dice, UINT32_MAX);
        spec.sum = sum;
        struct cas_ip_packet packet = packet_of(&spec);
        ck_assert_int_eq(cas_tcp_sum(&packet), wanted[sum]);
        exact_free(packet.payload);
        exact_free(payload);
    }
}
END_TEST

START_TEST(a_single_wrong_bit_is_a_bad_sum)
{
    struct frame_spec spec = spec_of(4);
    struct cas_ip_packet packet = packet_of(&spec);
    struct cas_buf buf = cas_buf_init(1000, NULL);
    cas_buf_append(&buf, packet.payload);
    exact_free(packet.payload);
    packet.payload = cas_buf_view(&buf);
    for (size_t bit = 0; bit < buf.len * 8; bit++) {
        buf.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_assert_int_eq(cas_tcp_sum(&packet), CAS_TCP_SUM_BAD);
        buf.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    ck_assert_int_eq(cas_tcp_sum(&packet), CAS_TCP_SUM_GOOD);
    cas_buf_finish(&buf);
}
END_TEST

START_TEST(a_jumbo_segment_is_summed_whole)
{
    struct dice dice = dice_init("jumbo");
    struct frame_spec spec = spec_of(6);
    struct cas_view payload = dice_bytes(&dice, 185000);
    spec.payload = payload;
    struct cas_ip_packet packet = packet_of(&spec);
    ck_assert_int_eq(cas_tcp_sum(&packet), CAS_TCP_SUM_GOOD);
    exact_free(packet.payload);
    exact_free(payload);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp");
    TCase *tcase = tcase_create("tcp");
    tcase_add_test(tcase, a_segment_by_hand_is_read);
    tcase_add_test(tcase, every_prefix_ends);
    tcase_add_test(tcase, bad_headers_are_refused);
    tcase_add_test(tcase, sums_are_told_apart);
    tcase_add_test(tcase, a_single_wrong_bit_is_a_bad_sum);
    tcase_add_test(tcase, a_jumbo_segment_is_summed_whole);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
