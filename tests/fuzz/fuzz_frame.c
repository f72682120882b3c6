/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: cas_link_parse, cas_ip_parse, cas_tcp_parse, cas_tcp_sum on one frame. The first byte
 * chooses the link type, the second how much the snaplen cut off.
 */
#include <stdlib.h>
#include <string.h>

#include "bytes/reader.h"
#include "net/tcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int link_types[] = { 1,   0,   9,   12,  14,  50,  51, 101,
                                  108, 113, 219, 228, 229, 276, 105 };

static void need(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* inner lies within outer, or is empty. */
static void need_within(struct cas_view inner, struct cas_view outer)
{
    need(inner.len == 0 ||
         (inner.data >= outer.data && inner.data + inner.len <= outer.data + outer.len));
}

static void parse(const struct cas_frame *frame)
{
    struct cas_link_packet link;
    struct cas_ip_packet ip;
    struct cas_tcp_segment tcp;
    if (cas_link_parse(frame, &link) != CAS_LINK_OK) {
        return;
    }
    need(link.vlan_len <= CAS_VLAN_MAX);
    need_within(link.payload, frame->bytes);
    if (cas_ip_parse(&link, &ip) != CAS_IP_OK) {
        return;
    }
    need_within(ip.payload, link.payload);
    need(ip.source.len == ip.destination.len && (ip.source.len == 4 || ip.source.len == 16));
    need(ip.payload.len <= ip.wire_len);
    need(ip.wire_len <= link.payload.len + link.missing);
    if (ip.protocol == CAS_IP_PROTOCOL_TCP && cas_tcp_parse(&ip, &tcp)) {
        need_within(tcp.payload, ip.payload);
        need(tcp.payload.len <= tcp.wire_len && tcp.wire_len <= ip.wire_len);
        (void)cas_tcp_sum(&ip);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cas_reader r = cas_reader_init(cas_view_of(data, size));
    int link_type = link_types[cas_reader_u8(&r) % (sizeof(link_types) / sizeof(int))];
    uint32_t missing = cas_reader_u8(&r) * 10u;
    struct cas_view bytes = cas_reader_rest(&r);
    uint8_t *copy = malloc(bytes.len > 0 ? bytes.len : 1);
    if (copy == NULL) {
        return 0;
    }
    if (bytes.len > 0) {
        memcpy(copy, bytes.data, bytes.len);
    }
    struct cas_frame frame = {
        .number = 1,
        .link_type = link_type,
        .wire_len = (uint32_t)bytes.len + missing,
        .bytes = cas_view_of(copy, bytes.len),
    };
    parse(&frame);
    free(copy);
    return 0;
}
