/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/ip.h"

#include <string.h>

#include "bytes/apart.h"
#include "bytes/reader.h"

#define IPV4_HEADER_LEN 20
#define IPV6_HEADER_LEN 40

/* IPv4 flags and fragment offset. */
#define MORE_FRAGMENTS 0x2000
#define OFFSET_MASK    0x1fff

/* IPv6 next headers (IANA "IPv6 Extension Header Types"). */
#define NEXT_HOP_BY_HOP  0
#define NEXT_ROUTING     43
#define NEXT_FRAGMENT    44
#define NEXT_AUTH        51
#define NEXT_DESTINATION 60
#define NEXT_MOBILITY    135
#define NEXT_HIP         139
#define NEXT_SHIM6       140

#define OPTION_PAD1  0x00
#define OPTION_JUMBO 0xc2

/*
 * A packet's payload: the next len bytes on the wire, of which the snaplen may have taken some.
 * What lies behind them is padding. False when the wire had fewer.
 */
static bool take_payload(struct cas_reader *r, size_t missing, size_t len,
                         struct cas_view *out_payload)
{
    size_t captured = cas_reader_left(r);
    if (!cas_reader_ok(r) || len > captured + missing) {
        return false;
    }
    *out_payload = cas_reader_bytes(r, len < captured ? len : captured);
    return true;
}

/*
 * RFC 791, 3.1:
 *   u4 version, u4 header length in words, u8 service, u16 total length, u16 identification,
 *   u3 flags, u13 fragment offset, u8 time to live, u8 protocol, u16 checksum,
 *   u32 source, u32 destination, options
 * A total length of 0 is a packet that the network card will cut up (TSO): all the rest.
 */
static enum cas_ip_result parse_v4(const struct cas_link_packet *link,
                                   struct cas_ip_packet *out_packet)
{
    struct cas_reader all = cas_reader_init(link->payload);
    struct cas_view header = cas_reader_bytes(&all, IPV4_HEADER_LEN);
    if (!cas_reader_ok(&all)) {
        return CAS_IP_MALFORMED; /* asked once: no read within the header can fail */
    }
    struct cas_reader r = cas_reader_init(header);
    uint8_t first = cas_reader_u8(&r);
    size_t header_len = (size_t)(first & 15) * 4;
    cas_reader_skip(&r, 1);
    size_t total_len = cas_reader_u16(&r);
    uint16_t id = cas_reader_u16(&r);
    uint16_t fragment = cas_reader_u16(&r);
    cas_reader_skip(&r, 1);
    uint8_t protocol = cas_reader_u8(&r);
    cas_reader_skip(&r, 2);
    if (first >> 4 != 4 || header_len < IPV4_HEADER_LEN) {
        return CAS_IP_MALFORMED;
    }
    if (total_len == 0) {
        total_len = link->payload.len + link->missing;
    }
    struct cas_view payload = { 0 };
    cas_reader_skip(&all, header_len - IPV4_HEADER_LEN);
    if (total_len < header_len ||
        !take_payload(&all, link->missing, total_len - header_len, &payload)) {
        return CAS_IP_MALFORMED;
    }
    bool is_last = (fragment & MORE_FRAGMENTS) == 0;
    uint32_t at = (fragment & OFFSET_MASK) * 8u;
    *out_packet = (struct cas_ip_packet){
        .source = cas_reader_bytes(&r, 4),
        .destination = cas_reader_bytes(&r, 4),
        .protocol = protocol,
        .payload = payload,
        .wire_len = total_len - header_len,
        .part = { .id = id, .at = at, .is_last = is_last },
    };
    return is_last && at == 0 ? CAS_IP_OK : CAS_IP_FRAGMENT;
}

/* RFC 8200, 4.2, options: u8 type, u8 length, data; RFC 2675: 0xc2, 4, u32 length. The jumbo
 * length, or 0. */
static uint32_t jumbo_len(struct cas_view options)
{
    struct cas_reader r = cas_reader_init(options);
    while (cas_reader_left(&r) > 0) {
        uint8_t type = cas_reader_u8(&r);
        if (type == OPTION_PAD1) {
            continue;
        }
        struct cas_view data = cas_reader_vec8(&r);
        if (type == OPTION_JUMBO && data.len == 4) {
            struct cas_reader jumbo = cas_reader_init(data);
            return cas_reader_u32(&jumbo);
        }
    }
    return 0;
}

struct walk {
    uint8_t next;
    uint32_t jumbo_len;
    bool is_fragment;
    struct cas_ip_part part;
};

/*
 * RFC 8200, 4.5: u8 next, u8 reserved, u13 offset, u2 reserved, u1 more, u32 id. With neither
 * offset nor more it is a whole packet (RFC 6946).
 */
static void read_fragment(struct cas_reader *r, struct walk *walk)
{
    walk->next = cas_reader_u8(r);
    cas_reader_skip(r, 1);
    uint16_t offset = cas_reader_u16(r);
    walk->part.at = offset & 0xfff8;
    walk->part.is_last = (offset & 1) == 0;
    walk->part.id = cas_reader_u32(r);
    walk->is_fragment = walk->part.at != 0 || !walk->part.is_last;
}

/* One extension header; false when `next` is none of them, or is no header because it stands
 * in a fragment. */
static bool step(struct cas_reader *r, struct walk *walk)
{
    uint8_t this = walk->next;
    if (walk->is_fragment) {
        return false;
    }
    switch (this) {
    case NEXT_FRAGMENT:
        read_fragment(r, walk);
        return true;
    case NEXT_AUTH:
        /* RFC 4302: its length counts words of 4 bytes, less 2. */
        walk->next = cas_reader_u8(r);
        cas_reader_skip(r, (size_t)cas_reader_u8(r) * 4 + 6);
        return true;
    case NEXT_HOP_BY_HOP:
    case NEXT_ROUTING:
    case NEXT_DESTINATION:
    case NEXT_MOBILITY:
    case NEXT_HIP:
    case NEXT_SHIM6: {
        walk->next = cas_reader_u8(r);
        struct cas_view body = cas_reader_bytes(r, (size_t)cas_reader_u8(r) * 8 + 6);
        if (this == NEXT_HOP_BY_HOP) {
            walk->jumbo_len = jumbo_len(body);
        }
        return true;
    }
    default:
        return false;
    }
}

/* All extension headers; false when there are too many, or one is cut short. */
static bool pass(struct cas_reader *r, struct walk *walk)
{
    for (unsigned i = 0; step(r, walk); i++) {
        if (i == CAS_IP_EXTENSIONS_MAX) {
            return false;
        }
    }
    return cas_reader_ok(r);
}

/*
 * RFC 8200, 3:
 *   u4 version, u8 class, u20 flow label, u16 payload length, u8 next header, u8 hop limit,
 *   u8 source[16], u8 destination[16], extension headers
 * A payload length of 0 is a jumbogram (RFC 2675; never in fragments), or left to the network
 * card (TSO).
 */
static CAS_APART enum cas_ip_result parse_v6(const struct cas_link_packet *link,
                                             struct cas_ip_packet *out_packet)
{
    struct cas_reader r = cas_reader_init(link->payload);
    uint32_t first = cas_reader_u32(&r);
    size_t payload_len = cas_reader_u16(&r);
    struct walk walk = { .next = cas_reader_u8(&r) };
    cas_reader_skip(&r, 1);
    struct cas_view source = cas_reader_bytes(&r, 16);
    struct cas_view destination = cas_reader_bytes(&r, 16);
    if (!pass(&r, &walk) || first >> 28 != 6 || (walk.is_fragment && walk.jumbo_len != 0)) {
        return CAS_IP_MALFORMED;
    }
    size_t on_wire = link->payload.len + link->missing - IPV6_HEADER_LEN;
    if (payload_len == 0) {
        payload_len = walk.jumbo_len != 0 ? walk.jumbo_len : on_wire;
    }
    struct cas_view payload = { 0 };
    size_t extensions_len = cas_reader_offset(&r) - IPV6_HEADER_LEN;
    if (payload_len < extensions_len ||
        !take_payload(&r, link->missing, payload_len - extensions_len, &payload)) {
        return CAS_IP_MALFORMED;
    }
    *out_packet = (struct cas_ip_packet){
        .source = source,
        .destination = destination,
        .protocol = walk.next,
        .payload = payload,
        .wire_len = payload_len - extensions_len,
        .part = walk.part,
    };
    return walk.is_fragment ? CAS_IP_FRAGMENT : CAS_IP_OK;
}

enum cas_ip_result cas_ip_parse(const struct cas_link_packet *link,
                                struct cas_ip_packet *out_packet)
{
    if (link->protocol == CAS_ETHERTYPE_IPV4) {
        return parse_v4(link, out_packet);
    }
    return link->protocol == CAS_ETHERTYPE_IPV6 ? parse_v6(link, out_packet) : CAS_IP_NONE;
}

bool cas_ip_pass_extensions(struct cas_ip_packet *packet)
{
    struct cas_reader r = cas_reader_init(packet->payload);
    struct walk walk = { .next = packet->protocol };
    if (packet->source.len == 4) {
        return true;
    }
    if (!pass(&r, &walk) || walk.is_fragment) {
        return false;
    }
    packet->protocol = walk.next;
    packet->wire_len -= cas_reader_offset(&r);
    packet->payload = cas_reader_rest(&r);
    return true;
}

struct cas_endpoint cas_ip_end(struct cas_view address, uint16_t port)
{
    struct cas_endpoint endpoint = { .family = address.len == 4 ? 4 : 6, .port = port };
    memcpy(endpoint.address, address.data, address.len);
    return endpoint;
}

bool cas_ip_may_be_tcp(const struct cas_ip_packet *fragment)
{
    switch (fragment->protocol) {
    case CAS_IP_PROTOCOL_TCP:
        return true;
    case NEXT_ROUTING:
    case NEXT_AUTH:
    case NEXT_DESTINATION:
    case NEXT_MOBILITY:
    case NEXT_HIP:
    case NEXT_SHIM6:
        return fragment->source.len != 4;
    default:
        return false;
    }
}
