/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/ip.h"
#include "support/support.h"

/* 192.0.2.1 to 198.51.100.1 */
#define V4_ENDS "c0000201 c6336401 "
#define V6_ENDS                                                                                \
    "20010db8000000000000000000000001 "                                                        \
    "20010db8000000000000000000000002 "

static const struct {
    const char *what;
    uint16_t protocol; /* EtherType */
    const char *hex;
    size_t missing; /* cut off by the snaplen */
    enum cas_ip_result result;
    uint8_t above;
    size_t payload_len;
    size_t wire_len;
} cases[] = {
    { "IPv4", 0x0800, "45000018 00004000 4006 0000" V4_ENDS "01020304", 0, CAS_IP_OK, 6, 4, 4 },
    { "IPv4, UDP", 0x0800, "45000015 00004000 4011 0000" V4_ENDS "01", 0, CAS_IP_OK, 17, 1, 1 },
    { "IPv4, padding behind", 0x0800, "45000016 00004000 4006 0000" V4_ENDS "0102 00000000", 0,
      CAS_IP_OK, 6, 2, 2 },
    { "IPv4, options", 0x0800, "4700001e 00004000 4006 0000" V4_ENDS "0101010101010100 0102", 0,
      CAS_IP_OK, 6, 2, 2 },
    { "IPv4, total length 0", 0x0800, "45000000 00004000 4006 0000" V4_ENDS "010203", 0,
      CAS_IP_OK, 6, 3, 3 },
    { "IPv4, total length 0, cut", 0x0800, "45000000 00004000 4006 0000" V4_ENDS "010203",
      70000, CAS_IP_OK, 6, 3, 70003 },
    { "IPv4, cut", 0x0800, "45000078 00004000 4006 0000" V4_ENDS "0102", 98, CAS_IP_OK, 6, 2,
      100 },
    { "IPv4, longer than its frame", 0x0800, "45000018 00004000 4006 0000" V4_ENDS "010203", 0,
      CAS_IP_MALFORMED, 0, 0, 0 },
    { "IPv4, total length below header", 0x0800, "45000013 00004000 4006 0000" V4_ENDS "01", 0,
      CAS_IP_MALFORMED, 0, 0, 0 },
    { "IPv4, header of 16 bytes", 0x0800, "44000018 00004000 4006 0000" V4_ENDS "01020304", 0,
      CAS_IP_MALFORMED, 0, 0, 0 },
    { "IPv4, header longer than the packet", 0x0800, "4f000018 00004000 4006 0000" V4_ENDS "01",
      0, CAS_IP_MALFORMED, 0, 0, 0 },
    { "version 6 under IPv4's number", 0x0800, "65000018 00004000 4006 0000" V4_ENDS "01020304",
      0, CAS_IP_MALFORMED, 0, 0, 0 },
    { "IPv4, first fragment", 0x0800, "45000018 00002000 4006 0000" V4_ENDS "01020304", 0,
      CAS_IP_FRAGMENT, 6, 4, 4 },
    { "IPv4, last fragment", 0x0800, "45000018 00000001 4006 0000" V4_ENDS "01020304", 0,
      CAS_IP_FRAGMENT, 6, 4, 4 },
    { "IPv6", 0x86dd, "60000000 0002 06 40" V6_ENDS "0102", 0, CAS_IP_OK, 6, 2, 2 },
    { "IPv6, padding behind", 0x86dd, "60000000 0002 06 40" V6_ENDS "0102 0000", 0, CAS_IP_OK,
      6, 2, 2 },
    { "IPv6, hop by hop and destination options", 0x86dd,
      "60000000 0014 00 40" V6_ENDS "3c00 0502 0000 0100 0600 0104 00000000 01020304", 0,
      CAS_IP_OK, 6, 4, 4 },
    { "IPv6, routing", 0x86dd, "60000000 000a 2b 40" V6_ENDS "0600 0000 00000000 0102", 0,
      CAS_IP_OK, 6, 2, 2 },
    { "IPv6, AH", 0x86dd,
      "60000000 001a 33 40" V6_ENDS "0604 0000 00000001 00000001 000102030405060708090a0b 0102",
      0, CAS_IP_OK, 6, 2, 2 },
    { "IPv6, atomic fragment", 0x86dd, "60000000 000a 2c 40" V6_ENDS "0600 0000 12345678 0102",
      0, CAS_IP_OK, 6, 2, 2 },
    { "IPv6, fragment", 0x86dd, "60000000 000a 2c 40" V6_ENDS "0600 0001 12345678 0102", 0,
      CAS_IP_FRAGMENT, 6, 2, 2 },
    { "IPv6, fragment, what is in it is not looked at", 0x86dd,
      "60000000 000a 2c 40" V6_ENDS "3c00 0008 12345678 0102", 0, CAS_IP_FRAGMENT, 60, 2, 2 },
    { "IPv6, fragment of a jumbogram", 0x86dd,
      "60000000 0000 00 40" V6_ENDS "2c00 c204 00000012 0600 0001 12345678 0102", 0,
      CAS_IP_MALFORMED, 0, 0, 0 },
    { "IPv6, jumbogram", 0x86dd, "60000000 0000 00 40" V6_ENDS "0600 c204 0001116a 0102", 69984,
      CAS_IP_OK, 6, 2, 69986 },
    { "IPv6, length 0, presumed TSO", 0x86dd, "60000000 0000 06 40" V6_ENDS "010203", 0,
      CAS_IP_OK, 6, 3, 3 },
    { "IPv6, no next header", 0x86dd, "60000000 0000 3b 40" V6_ENDS, 0, CAS_IP_OK, 59, 0, 0 },
    { "IPv6, eight extension headers", 0x86dd,
      "60000000 0042 3c 40" V6_ENDS "3c00 0104 00000000 3c00 0104 00000000 3c00 0104 00000000"
      "3c00 0104 00000000 3c00 0104 00000000 3c00 0104 00000000 3c00 0104 00000000"
      "0600 0104 00000000 0102",
      0, CAS_IP_OK, 6, 2, 2 },
    { "IPv6, nine extension headers", 0x86dd,
      "60000000 0048 3c 40" V6_ENDS "3c00 0104 00000000 3c00 0104 00000000 3c00 0104 00000000"
      "3c00 0104 00000000 3c00 0104 00000000 3c00 0104 00000000 3c00 0104 00000000"
      "3c00 0104 00000000 0600 0104 00000000",
      0, CAS_IP_MALFORMED, 0, 0, 0 },
    { "IPv6, extension behind its length", 0x86dd,
      "60000000 0004 3c 40" V6_ENDS "0600 0104 00000000 0102", 0, CAS_IP_MALFORMED, 0, 0, 0 },
    { "ARP", 0x0806, "00010800", 0, CAS_IP_NONE, 0, 0, 0 },
};

static struct cas_link_packet link_of(size_t i, struct cas_view bytes)
{
    return (struct cas_link_packet){ .protocol = cases[i].protocol,
                                     .payload = bytes,
                                     .missing = cases[i].missing };
}

START_TEST(each_header_leads_to_its_payload)
{
    size_t i = (size_t)_i;
    struct cas_view bytes = hex_copy(cases[i].hex);
    struct cas_link_packet link = link_of(i, bytes);
    struct cas_ip_packet packet = { 0 };
    ck_assert_msg(cas_ip_parse(&link, &packet) == cases[i].result, "%s", cases[i].what);
    ck_assert_msg(packet.payload.len == cases[i].payload_len, "%s", cases[i].what);
    ck_assert_msg(packet.wire_len == cases[i].wire_len, "%s", cases[i].what);
    if (cases[i].result == CAS_IP_OK || cases[i].result == CAS_IP_FRAGMENT) {
        ck_assert_msg(packet.protocol == cases[i].above, "%s", cases[i].what);
        ck_assert_uint_eq(packet.source.len, cases[i].protocol == 0x0800 ? 4 : 16);
        ck_assert_uint_eq(packet.destination.data[packet.destination.len - 1],
                          cases[i].protocol == 0x0800 ? 1 : 2);
    }
    exact_free(bytes);
}
END_TEST

START_TEST(a_fragment_says_where_it_belongs)
{
    static const struct {
        uint16_t protocol;
        const char *hex;
        struct cas_ip_part part;
    } of[] = {
        { 0x0800, "45000018 abcd2000 4006 0000" V4_ENDS "01020304", { 0xabcd, 0, false } },
        { 0x0800, "45000018 abcd20b9 4006 0000" V4_ENDS "01020304", { 0xabcd, 1480, false } },
        { 0x0800, "45000018 00011fff 4006 0000" V4_ENDS "01020304", { 1, 65528, true } },
        { 0x86dd,
          "60000000 000a 2c 40" V6_ENDS "0600 0001 12345678 0102",
          { 0x12345678, 0, false } },
        { 0x86dd,
          "60000000 000a 2c 40" V6_ENDS "06ff 05ae 12345678 0102",
          { 0x12345678, 1448, true } },
        { 0x86dd,
          "60000000 000a 2c 40" V6_ENDS "0600 ffff 00000000 0102",
          { 0, 65528, false } },
    };
    for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
        struct cas_view bytes = hex_copy(of[i].hex);
        struct cas_link_packet link = { .protocol = of[i].protocol, .payload = bytes };
        struct cas_ip_packet packet = { 0 };
        ck_assert_int_eq(cas_ip_parse(&link, &packet), CAS_IP_FRAGMENT);
        ck_assert_uint_eq(packet.part.id, of[i].part.id);
        ck_assert_uint_eq(packet.part.at, of[i].part.at);
        ck_assert(packet.part.is_last == of[i].part.is_last);
        exact_free(bytes);
    }
}
END_TEST

/* Without its bytes, and nothing missing by the snaplen, no prefix is a packet, but where the
 * length is not in the header. */
START_TEST(no_prefix_is_a_packet)
{
    size_t i = (size_t)_i;
    struct cas_view whole = hex_copy(cases[i].hex);
    for (size_t len = 0; len < whole.len; len++) {
        struct cas_view bytes = exact_copy(cas_view_part(whole, 0, len));
        struct cas_link_packet link = link_of(i, bytes);
        struct cas_ip_packet packet = { 0 };
        link.missing = 0;
        if (cas_ip_parse(&link, &packet) == CAS_IP_OK) {
            ck_assert_uint_le(packet.payload.len, len);
            ck_assert_uint_eq(packet.payload.len, packet.wire_len);
        }
        exact_free(bytes);
    }
    exact_free(whole);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ip");
    TCase *tcase = tcase_create("ip");
    int last = (int)(sizeof(cases) / sizeof(cases[0]));
    tcase_add_loop_test(tcase, each_header_leads_to_its_payload, 0, last);
    tcase_add_test(tcase, a_fragment_says_where_it_belongs);
    tcase_add_loop_test(tcase, no_prefix_is_a_packet, 0, last);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
