/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Link headers: from a frame to the packet in it. Knows Ethernet, Linux cooked capture, BSD
 * loopback, raw IP, PPP, and what is stacked on them: VLAN tags, PPPoE, MPLS. Knows nothing of
 * what is in an IP packet but its version.
 */
#ifndef CAS_NET_LINK_H
#define CAS_NET_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#define CAS_ETHERTYPE_IPV4 0x0800
#define CAS_ETHERTYPE_IPV6 0x86dd

/* MPLS labels passed over before a packet is given up. */
#define CAS_LINK_LABELS_MAX 8

enum cas_link_result {
    CAS_LINK_OK,
    CAS_LINK_UNSUPPORTED, /* a link type, or a depth of tags, that is not decoded */
    CAS_LINK_MALFORMED    /* the header ends early or contradicts itself */
};

struct cas_link_packet {
    uint16_t protocol;           /* an EtherType; 0 for what has none */
    struct cas_view payload;     /* what was captured of the packet; lives as the frame does */
    size_t missing;              /* bytes of the frame that the snaplen cut off */
    uint16_t vlan[CAS_VLAN_MAX]; /* VLAN ids, outermost first */
    size_t vlan_len;
};

/* Whether frames of this link type are decoded at all. */
bool cas_link_is_decoded(int link_type);

/* out_packet is filled only with CAS_LINK_OK. */
enum cas_link_result cas_link_parse(const struct cas_frame *frame,
                                    struct cas_link_packet *out_packet);

#endif
