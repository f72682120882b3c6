/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/link.h"

#include <pcap/dlt.h>

#include "bytes/apart.h"
#include "bytes/reader.h"

/* IEEE 802 numbers. */
#define ETHERTYPE_MIN        0x0600 /* below it the field is a length: IEEE 802.3 */
#define ETHERTYPE_VLAN       0x8100
#define ETHERTYPE_QINQ       0x88a8
#define ETHERTYPE_QINQ_OLD   0x9100
#define ETHERTYPE_MPLS       0x8847
#define ETHERTYPE_MPLS_MULTI 0x8848
#define ETHERTYPE_PPPOE      0x8864
#define VLAN_ID_MASK         0x0fff

/* PPP protocol numbers. */
#define PPP_IPV4 0x0021
#define PPP_IPV6 0x0057
#define PPP_MPLS 0x0281

/* OpenBSD's and the file format's numbers of DLT_RAW, as a foreign file may carry them. */
#define RAW_OPENBSD  14
#define RAW_LINKTYPE 101

/* An IP packet tells its version itself. */
static uint16_t raw(struct cas_reader *r)
{
    struct cas_reader peek = *r;
    switch (cas_reader_u8(&peek) >> 4) {
    case 4:
        return CAS_ETHERTYPE_IPV4;
    case 6:
        return CAS_ETHERTYPE_IPV6;
    default:
        return 0;
    }
}

/* IEEE 802.2 with SNAP: u8 dsap, u8 ssap, u8 control, u24 organisation, u16 EtherType. */
static uint16_t snap(struct cas_reader *r)
{
    uint32_t llc = cas_reader_u24(r);
    uint32_t organisation = cas_reader_u24(r);
    uint16_t protocol = cas_reader_u16(r);
    return llc == 0xaaaa03 && organisation == 0 ? protocol : 0;
}

/* u8 destination[6], u8 source[6], u16 EtherType or length. */
static inline uint16_t ethernet(struct cas_reader *r)
{
    cas_reader_skip(r, 12);
    uint16_t protocol = cas_reader_u16(r);
    if (protocol < ETHERTYPE_MIN && cas_reader_ok(r)) {
        struct cas_reader llc = *r;
        protocol = snap(&llc);
        if (protocol != 0) {
            *r = llc;
        }
    }
    return protocol;
}

/* u16 packet type, u16 ARPHRD type, u16 address length, u8 address[8], u16 EtherType. */
static uint16_t cooked(struct cas_reader *r)
{
    cas_reader_skip(r, 14);
    return cas_reader_u16(r);
}

/* u16 EtherType, u16 reserved, u32 interface, u16 ARPHRD type, u8 packet type, u8 address
 * length, u8 address[8]. */
static uint16_t cooked2(struct cas_reader *r)
{
    uint16_t protocol = cas_reader_u16(r);
    cas_reader_skip(r, 18);
    return protocol;
}

/* u32 address family in the byte order of the machine that captured: small numbers, so that
 * the order shows. The number of IPv6 is each system's own. */
static uint16_t loopback(struct cas_reader *r)
{
    uint32_t family = cas_reader_u32(r);
    if (family > 0xffff) {
        family = family >> 24 | (family >> 8 & 0xff00);
    }
    switch (family) {
    case 2:
        return CAS_ETHERTYPE_IPV4;
    case 10: /* Linux */
    case 24: /* NetBSD, OpenBSD */
    case 28: /* FreeBSD */
    case 30: /* Darwin */
        return CAS_ETHERTYPE_IPV6;
    default:
        return 0;
    }
}

/* RFC 1661: u16 protocol, one byte when that is odd (RFC 1661, 6.5). */
static uint16_t ppp_protocol(struct cas_reader *r)
{
    uint16_t protocol = cas_reader_u8(r);
    if ((protocol & 1) == 0) {
        protocol = (uint16_t)(protocol << 8 | cas_reader_u8(r));
    }
    switch (protocol) {
    case PPP_IPV4:
        return CAS_ETHERTYPE_IPV4;
    case PPP_IPV6:
        return CAS_ETHERTYPE_IPV6;
    case PPP_MPLS:
        return ETHERTYPE_MPLS;
    default:
        return 0;
    }
}

/* RFC 1662: u8 address 0xff, u8 control 3 in front, or both left out. */
static uint16_t ppp(struct cas_reader *r)
{
    struct cas_reader peek = *r;
    if (cas_reader_u16(&peek) == 0xff03) {
        *r = peek;
    }
    return ppp_protocol(r);
}

/* RFC 2516: u4 version, u4 type, u8 code, u16 session, u16 length, then PPP. */
static uint16_t pppoe(struct cas_reader *r)
{
    cas_reader_skip(r, 6);
    return ppp_protocol(r);
}

/* RFC 3032: labels of 4 bytes, bit 8 marks the last; what follows has no number. */
static uint16_t mpls(struct cas_reader *r)
{
    for (unsigned i = 0; i < CAS_LINK_LABELS_MAX; i++) {
        uint32_t label = cas_reader_u32(r);
        if ((label & 0x100) != 0) {
            return raw(r);
        }
    }
    return ETHERTYPE_MPLS;
}

static uint16_t ipv4(struct cas_reader *r)
{
    (void)r;
    return CAS_ETHERTYPE_IPV4;
}

static uint16_t ipv6(struct cas_reader *r)
{
    (void)r;
    return CAS_ETHERTYPE_IPV6;
}

/* How each link type begins, the usual ones first: its function gives the EtherType of what
 * follows. */
static const struct {
    int link_type;
    uint16_t (*header)(struct cas_reader *r);
} link_types[] = {
    { DLT_EN10MB, ethernet }, { DLT_LINUX_SLL, cooked }, { DLT_LINUX_SLL2, cooked2 },
    { DLT_NULL, loopback },   { DLT_LOOP, loopback },    { DLT_RAW, raw },
    { RAW_OPENBSD, raw },     { RAW_LINKTYPE, raw },     { DLT_IPV4, ipv4 },
    { DLT_IPV6, ipv6 },       { DLT_PPP, ppp },          { DLT_PPP_SERIAL, ppp },
    { DLT_PPP_ETHER, pppoe }, { DLT_MPLS, mpls },
};

/* IEEE 802.1Q, 9.6: without an id the tag is about priority, and the frame is of no VLAN. */
static void take_tag(struct cas_link_packet *packet, unsigned id)
{
    if (id != 0) {
        packet->vlan[packet->vlan_len++] = (uint16_t)id;
    }
}

/* What may be stacked between the link header and the packet. */
static enum cas_link_result unwrap(struct cas_reader *r, struct cas_link_packet *packet)
{
    unsigned tags = 0;
    for (;;) {
        switch (packet->protocol) {
        case ETHERTYPE_VLAN:
        case ETHERTYPE_QINQ:
        case ETHERTYPE_QINQ_OLD:
            if (tags++ == CAS_VLAN_MAX) {
                return CAS_LINK_UNSUPPORTED;
            }
            take_tag(packet, cas_reader_u16(r) & VLAN_ID_MASK);
            packet->protocol = cas_reader_u16(r);
            break;
        case ETHERTYPE_PPPOE:
            packet->protocol = pppoe(r);
            break;
        case ETHERTYPE_MPLS:
        case ETHERTYPE_MPLS_MULTI:
            packet->protocol = mpls(r);
            if (packet->protocol == ETHERTYPE_MPLS) {
                return cas_reader_ok(r) ? CAS_LINK_UNSUPPORTED : CAS_LINK_MALFORMED;
            }
            break;
        default:
            return cas_reader_ok(r) ? CAS_LINK_OK : CAS_LINK_MALFORMED;
        }
    }
}

bool cas_link_is_decoded(int link_type)
{
    for (size_t i = 0; i < sizeof(link_types) / sizeof(link_types[0]); i++) {
        if (link_types[i].link_type == link_type) {
            return true;
        }
    }
    return false;
}

/* The EtherType of what follows; false when the link type is not decoded. */
static bool read_header(struct cas_reader *r, int link_type, uint16_t *out_protocol)
{
    if (link_type == DLT_EN10MB) { /* nearly always */
        *out_protocol = ethernet(r);
        return true;
    }
    for (size_t i = 0; i < sizeof(link_types) / sizeof(link_types[0]); i++) {
        if (link_types[i].link_type == link_type) {
            *out_protocol = link_types[i].header(r);
            return true;
        }
    }
    return false;
}

/* Bytes of the frame that were not captured. */
static size_t missing_of(const struct cas_frame *frame)
{
    return frame->wire_len > frame->bytes.len ? frame->wire_len - frame->bytes.len : 0;
}

static CAS_APART enum cas_link_result parse_stacked(const struct cas_frame *frame,
                                                    struct cas_reader r, uint16_t protocol,
                                                    struct cas_link_packet *out_packet)
{
    struct cas_link_packet packet = { .protocol = protocol };
    enum cas_link_result result = unwrap(&r, &packet);
    if (result == CAS_LINK_OK) {
        packet.payload = cas_reader_rest(&r);
        packet.missing = missing_of(frame);
        *out_packet = packet;
    }
    return result;
}

static bool is_ip(uint16_t protocol)
{
    return protocol == CAS_ETHERTYPE_IPV4 || protocol == CAS_ETHERTYPE_IPV6;
}

enum cas_link_result cas_link_parse(const struct cas_frame *frame,
                                    struct cas_link_packet *out_packet)
{
    struct cas_reader r = cas_reader_init(frame->bytes);
    uint16_t protocol = 0;
    if (!read_header(&r, frame->link_type, &protocol)) {
        return CAS_LINK_UNSUPPORTED;
    }
    if (!cas_reader_ok(&r) || !is_ip(protocol)) {
        return parse_stacked(frame, r, protocol, out_packet);
    }
    *out_packet = (struct cas_link_packet){
        .protocol = protocol,
        .payload = cas_reader_rest(&r),
        .missing = missing_of(frame),
    };
    return CAS_LINK_OK;
}
