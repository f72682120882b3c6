/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/tcp.h"

#include "bytes/reader.h"
#include "net/checksum.h"

#define HEADER_LEN   20
#define CHECKSUM_AT  16
#define CHECKSUM_LEN 2

static bool has_sane_flags(uint8_t flags)
{
    if ((flags & CAS_TCP_SYN) != 0) {
        return (flags & (CAS_TCP_FIN | CAS_TCP_RST)) == 0;
    }
    return (flags & (CAS_TCP_ACK | CAS_TCP_RST)) != 0;
}

/*
 * RFC 9293, 3.1:
 *   u16 source port, u16 destination port, u32 sequence number, u32 acknowledgment number,
 *   u4 data offset in words, u4 reserved, u8 flags, u16 window, u16 checksum,
 *   u16 urgent pointer, options
 */
bool cas_tcp_parse(const struct cas_ip_packet *packet, struct cas_tcp_segment *out_segment)
{
    struct cas_reader all = cas_reader_init(packet->payload);
    struct cas_view header = cas_reader_bytes(&all, HEADER_LEN);
    if (!cas_reader_ok(&all)) {
        return false; /* asked once: no read within the header can fail */
    }
    struct cas_reader r = cas_reader_init(header);
    struct cas_tcp_segment segment = { 0 };
    segment.source_port = cas_reader_u16(&r);
    segment.destination_port = cas_reader_u16(&r);
    segment.seq = cas_reader_u32(&r);
    segment.ack = cas_reader_u32(&r);
    size_t header_len = (size_t)(cas_reader_u8(&r) >> 4) * 4;
    segment.flags = cas_reader_u8(&r);
    cas_reader_skip(&r, 4);
    segment.urgent = cas_reader_u16(&r);
    if (header_len < HEADER_LEN || header_len > packet->wire_len ||
        !has_sane_flags(segment.flags)) {
        return false;
    }
    segment.payload = cas_view_part(packet->payload, header_len, SIZE_MAX);
    segment.wire_len = packet->wire_len - header_len;
    *out_segment = segment;
    return true;
}

static uint64_t add_address(uint64_t sum, struct cas_view address)
{
    struct cas_reader r = cas_reader_init(address);
    uint32_t number = cas_reader_u32(&r);
    return cas_reader_done(&r) ? cas_checksum_add_u32(sum, number)
                               : cas_checksum_add(sum, address);
}

/* RFC 9293, 3.1, and RFC 8200, 8.1: source, destination, u32 length, u32 protocol; IPv4's
 * shorter fields sum to the same. */
static uint64_t pseudo_sum(const struct cas_ip_packet *packet)
{
    uint64_t sum = cas_checksum_add_u32(0, CAS_IP_PROTOCOL_TCP);
    sum = add_address(sum, packet->source);
    return add_address(sum, packet->destination);
}

enum cas_tcp_sum cas_tcp_sum(const struct cas_ip_packet *packet)
{
    if (packet->payload.len < packet->wire_len) {
        return CAS_TCP_SUM_UNKNOWN;
    }
    uint64_t pseudo = pseudo_sum(packet);
    uint64_t with_len = cas_checksum_add_u32(pseudo, (uint32_t)packet->wire_len);
    if (cas_checksum_fold(cas_checksum_add(with_len, packet->payload)) == 0xffff) {
        return CAS_TCP_SUM_GOOD;
    }
    struct cas_view field = cas_view_part(packet->payload, CHECKSUM_AT, CHECKSUM_LEN);
    uint16_t checksum = cas_checksum_fold(cas_checksum_add(0, field));
    /* Linux leaves the length out where the card will cut the segment up (TSO). */
    if (checksum == cas_checksum_fold(with_len) || checksum == cas_checksum_fold(pseudo)) {
        return CAS_TCP_SUM_PARTIAL;
    }
    return CAS_TCP_SUM_BAD;
}
