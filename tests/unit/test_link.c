/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "net/link.h"
#include "support/support.h"

/* DLT_ numbers, from the list at tcpdump.org. */
enum {
    NULL_LOOPBACK = 0,
    ETHERNET = 1,
    PPP = 9,
    RAW = 12,
    RAW_OPENBSD = 14,
    PPP_SERIAL = 50,
    PPP_ETHER = 51,
    RAW_FILE = 101,
    LOOP = 108,
    COOKED = 113,
    MPLS = 219,
    IPV4 = 228,
    IPV6 = 229,
    COOKED2 = 276
};

#define MACS "020000000001 020000000002 "

/* "45" stands for an IPv4 packet, "60" for one of IPv6. */
static const struct {
    const char *what;
    int link_type;
    const char *hex;
    enum cas_link_result result;
    uint16_t protocol;
    size_t payload_len;
    uint16_t vlan[4];
    size_t vlan_len;
} cases[] = {
    { "Ethernet, IPv4", ETHERNET, MACS "0800 45", CAS_LINK_OK, 0x0800, 1, { 0 }, 0 },
    { "Ethernet, IPv6", ETHERNET, MACS "86dd 6000", CAS_LINK_OK, 0x86dd, 2, { 0 }, 0 },
    { "Ethernet, ARP", ETHERNET, MACS "0806 0001", CAS_LINK_OK, 0x0806, 2, { 0 }, 0 },
    { "Ethernet, 802.3 with SNAP",
      ETHERNET,
      MACS "0009 aaaa03 000000 0800 45",
      CAS_LINK_OK,
      0x0800,
      1,
      { 0 },
      0 },
    { "Ethernet, 802.3, spanning tree",
      ETHERNET,
      MACS "0003 424203",
      CAS_LINK_OK,
      0,
      3,
      { 0 },
      0 },
    { "no VLAN, priority 7",
      ETHERNET,
      MACS "8100 e000 0800 45",
      CAS_LINK_OK,
      0x0800,
      1,
      { 0 },
      0 },
    { "VLAN 5, priority 7",
      ETHERNET,
      MACS "8100 e005 0800 45",
      CAS_LINK_OK,
      0x0800,
      1,
      { 5 },
      1 },
    { "QinQ",
      ETHERNET,
      MACS "88a8 0fff 8100 0001 0800 45",
      CAS_LINK_OK,
      0x0800,
      1,
      { 4095, 1 },
      2 },
    { "three tags",
      ETHERNET,
      MACS "9100 0002 88a8 0003 8100 0004 86dd 60",
      CAS_LINK_OK,
      0x86dd,
      1,
      { 2, 3, 4 },
      3 },
    { "nine tags",
      ETHERNET,
      MACS "8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001"
           "8100 0001 0800 45",
      CAS_LINK_UNSUPPORTED,
      0,
      0,
      { 0 },
      0 },
    { "PPPoE session",
      ETHERNET,
      MACS "8864 1100 0001 0003 0021 45",
      CAS_LINK_OK,
      0x0800,
      1,
      { 0 },
      0 },
    { "PPPoE, LCP", ETHERNET, MACS "8864 1100 0001 0003 c021 01", CAS_LINK_OK, 0, 1, { 0 }, 0 },
    { "MPLS, one label", ETHERNET, MACS "8847 000011ff 45", CAS_LINK_OK, 0x0800, 1, { 0 }, 0 },
    { "MPLS, three labels",
      ETHERNET,
      MACS "8848 000010ff 000020ff 000031ff 60",
      CAS_LINK_OK,
      0x86dd,
      1,
      { 0 },
      0 },
    { "MPLS, nine labels",
      ETHERNET,
      MACS "8847 000010ff 000010ff 000010ff 000010ff 000010ff 000010ff 000010ff 000010ff"
           "000011ff 45",
      CAS_LINK_UNSUPPORTED,
      0,
      0,
      { 0 },
      0 },
    { "MPLS, no last label",
      ETHERNET,
      MACS "8847 000010ff",
      CAS_LINK_MALFORMED,
      0,
      0,
      { 0 },
      0 },
    { "MPLS itself", MPLS, "000011ff 45", CAS_LINK_OK, 0x0800, 1, { 0 }, 0 },
    { "cooked",
      COOKED,
      "0000 0001 0006 0200000000010000 0800 45",
      CAS_LINK_OK,
      0x0800,
      1,
      { 0 },
      0 },
    { "cooked, VLAN",
      COOKED,
      "0000 0001 0006 0200000000010000 8100 0007 0800 45",
      CAS_LINK_OK,
      0x0800,
      1,
      { 7 },
      1 },
    { "cooked 2",
      COOKED2,
      "86dd 0000 00000002 0001 00 06 0200000000010000 60",
      CAS_LINK_OK,
      0x86dd,
      1,
      { 0 },
      0 },
    { "loopback, little endian",
      NULL_LOOPBACK,
      "02000000 45",
      CAS_LINK_OK,
      0x0800,
      1,
      { 0 },
      0 },
    { "loopback, big endian", NULL_LOOPBACK, "00000002 45", CAS_LINK_OK, 0x0800, 1, { 0 }, 0 },
    { "loopback, IPv6, Darwin",
      NULL_LOOPBACK,
      "1e000000 60",
      CAS_LINK_OK,
      0x86dd,
      1,
      { 0 },
      0 },
    { "loopback, IPv6, FreeBSD",
      NULL_LOOPBACK,
      "0000001c 60",
      CAS_LINK_OK,
      0x86dd,
      1,
      { 0 },
      0 },
    { "OpenBSD loop, IPv6", LOOP, "00000018 60", CAS_LINK_OK, 0x86dd, 1, { 0 }, 0 },
    { "loopback, another family", NULL_LOOPBACK, "07000000 45", CAS_LINK_OK, 0, 1, { 0 }, 0 },
    { "raw", RAW, "45", CAS_LINK_OK, 0x0800, 1, { 0 }, 0 },
    { "raw, IPv6", RAW_OPENBSD, "6000", CAS_LINK_OK, 0x86dd, 2, { 0 }, 0 },
    { "raw, as in a file", RAW_FILE, "45", CAS_LINK_OK, 0x0800, 1, { 0 }, 0 },
    { "raw, version 5", RAW, "55", CAS_LINK_OK, 0, 1, { 0 }, 0 },
    { "IPv4 itself", IPV4, "45", CAS_LINK_OK, 0x0800, 1, { 0 }, 0 },
    { "IPv6 itself", IPV6, "60", CAS_LINK_OK, 0x86dd, 1, { 0 }, 0 },
    { "PPP", PPP, "0021 45", CAS_LINK_OK, 0x0800, 1, { 0 }, 0 },
    { "PPP, address and control", PPP, "ff03 0057 60", CAS_LINK_OK, 0x86dd, 1, { 0 }, 0 },
    { "PPP, short protocol", PPP_SERIAL, "ff03 21 45", CAS_LINK_OK, 0x0800, 1, { 0 }, 0 },
    { "PPP, MPLS", PPP_SERIAL, "ff03 0281 000011ff 45", CAS_LINK_OK, 0x0800, 1, { 0 }, 0 },
    { "PPPoE itself", PPP_ETHER, "1100 0001 0003 0021 45", CAS_LINK_OK, 0x0800, 1, { 0 }, 0 },
    { "IEEE 802.11", 105, "0800", CAS_LINK_UNSUPPORTED, 0, 0, { 0 }, 0 },
};

static struct cas_frame frame_of(int link_type, struct cas_view bytes)
{
    return (struct cas_frame){
        .number = 1, .link_type = link_type, .wire_len = (uint32_t)bytes.len, .bytes = bytes
    };
}

START_TEST(each_link_type_leads_to_its_packet)
{
    struct cas_view bytes = hex_copy(cases[_i].hex);
    struct cas_frame frame = frame_of(cases[_i].link_type, bytes);
    struct cas_link_packet packet = { 0 };
    ck_assert_msg(cas_link_parse(&frame, &packet) == cases[_i].result, "%s", cases[_i].what);
    if (cases[_i].result == CAS_LINK_OK) {
        ck_assert_msg(packet.protocol == cases[_i].protocol, "%s", cases[_i].what);
        ck_assert_msg(packet.payload.len == cases[_i].payload_len, "%s", cases[_i].what);
        ck_assert_msg(packet.vlan_len == cases[_i].vlan_len, "%s", cases[_i].what);
        ck_assert_mem_eq(packet.vlan, cases[_i].vlan, sizeof(cases[_i].vlan));
        ck_assert_uint_eq(packet.missing, 0);
    }
    exact_free(bytes);
}
END_TEST

/* A header cut short is malformed, or its protocol is not known; what is left is never more
 * than there was. */
START_TEST(every_prefix_ends)
{
    struct cas_view whole = hex_copy(cases[_i].hex);
    for (size_t len = 0; len < whole.len; len++) {
        struct cas_view bytes = exact_copy(cas_view_part(whole, 0, len));
        struct cas_frame frame = frame_of(cases[_i].link_type, bytes);
        struct cas_link_packet packet = { 0 };
        if (cas_link_parse(&frame, &packet) == CAS_LINK_OK) {
            ck_assert_uint_le(packet.payload.len, len);
        }
        exact_free(bytes);
    }
    exact_free(whole);
}
END_TEST

START_TEST(what_the_snaplen_cut_is_known)
{
    struct cas_view bytes = hex_copy(MACS "0800 45");
    struct cas_frame frame = frame_of(ETHERNET, bytes);
    frame.wire_len = 100;
    struct cas_link_packet packet = { 0 };
    ck_assert_int_eq(cas_link_parse(&frame, &packet), CAS_LINK_OK);
    ck_assert_uint_eq(packet.missing, 85);
    frame.wire_len = 3; /* less than was captured: nonsense in the file */
    ck_assert_int_eq(cas_link_parse(&frame, &packet), CAS_LINK_OK);
    ck_assert_uint_eq(packet.missing, 0);
    exact_free(bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("link");
    TCase *tcase = tcase_create("link");
    int last = (int)(sizeof(cases) / sizeof(cases[0]));
    tcase_add_loop_test(tcase, each_link_type_leads_to_its_packet, 0, last);
    tcase_add_loop_test(tcase, every_prefix_ends, 0, last);
    tcase_add_test(tcase, what_the_snaplen_cut_is_known);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
