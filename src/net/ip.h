/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPv4 and IPv6 headers: from a packet to its payload, with the padding behind it cut off.
 * Of a fragment it says which part of which packet it is; net/fragments.h joins them. Knows
 * nothing of what is above.
 */
#ifndef CAS_NET_IP_H
#define CAS_NET_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#include "net/link.h"

#define CAS_IP_PROTOCOL_TCP 6

/* IPv6 extension headers walked; a packet with more is malformed to us. */
#define CAS_IP_EXTENSIONS_MAX 8

enum cas_ip_result {
    CAS_IP_OK,
    CAS_IP_NONE,     /* not IP */
    CAS_IP_FRAGMENT, /* a part of a packet, and not the whole of it (RFC 6946) */
    CAS_IP_MALFORMED
};

/* Where a fragment belongs. */
struct cas_ip_part {
    uint32_t id;  /* of the packet, between the two addresses (IPv4: and of the protocol) */
    uint32_t at;  /* offset of the payload, a multiple of 8 */
    bool is_last; /* no more fragments */
};

struct cas_ip_packet {
    struct cas_view source; /* 4 or 16 bytes, in the frame */
    struct cas_view destination;
    uint8_t protocol;        /* of an IPv6 fragment: of the header behind its own */
    struct cas_view payload; /* what was captured of it */
    size_t wire_len;         /* of the payload on the wire: never less than payload.len */
    struct cas_ip_part part; /* with CAS_IP_FRAGMENT only */
};

/* out_packet is filled only with CAS_IP_OK and CAS_IP_FRAGMENT. */
enum cas_ip_result cas_ip_parse(const struct cas_link_packet *link,
                                struct cas_ip_packet *out_packet);

/* An end of what the packet carries. */
struct cas_endpoint cas_ip_end(struct cas_view address, uint16_t port);

/* A fragment's protocol is TCP, or a header that may stand in front of it. */
bool cas_ip_may_be_tcp(const struct cas_ip_packet *fragment);

/*
 * A packet put together from fragments: passes over the IPv6 extension headers that were
 * fragmented with it. False when they are cut short, too many, or have a fragment inside.
 */
bool cas_ip_pass_extensions(struct cas_ip_packet *packet);

#endif
