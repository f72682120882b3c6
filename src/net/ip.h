/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPv4 and IPv6 headers: from a packet to its payload, with the padding behind it cut off.
 * Fragments are told apart, not joined. Knows nothing of what is above.
 */
#ifndef CAS_NET_IP_H
#define CAS_NET_IP_H

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
    CAS_IP_FRAGMENT, /* a part of a packet */
    CAS_IP_MALFORMED
};

struct cas_ip_packet {
    struct cas_view source; /* 4 or 16 bytes, in the frame */
    struct cas_view destination;
    uint8_t protocol;
    struct cas_view payload; /* what was captured of it */
    size_t wire_len;         /* of the payload on the wire: never less than payload.len */
};

/* out_packet is filled only with CAS_IP_OK. */
enum cas_ip_result cas_ip_parse(const struct cas_link_packet *link,
                                struct cas_ip_packet *out_packet);

#endif
