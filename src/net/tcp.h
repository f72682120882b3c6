/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One TCP segment: its header and its checksum. Knows nothing of connections.
 */
#ifndef CAS_NET_TCP_H
#define CAS_NET_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#include "net/ip.h"

enum {
    CAS_TCP_FIN = 0x01,
    CAS_TCP_SYN = 0x02,
    CAS_TCP_RST = 0x04,
    CAS_TCP_PSH = 0x08,
    CAS_TCP_ACK = 0x10,
    CAS_TCP_URG = 0x20
};

enum cas_tcp_sum {
    CAS_TCP_SUM_UNKNOWN, /* not all of the segment was captured, or nobody looked */
    CAS_TCP_SUM_GOOD,
    CAS_TCP_SUM_PARTIAL, /* that of the pseudo header: the network card does the rest; or the
                            kernel joined segments whose sums were good (GRO) */
    CAS_TCP_SUM_BAD
};

struct cas_tcp_segment {
    uint16_t source_port;
    uint16_t destination_port;
    uint32_t seq;
    uint32_t ack;
    uint8_t flags;
    uint16_t urgent;         /* with CAS_TCP_URG: urgent data ends so far behind seq */
    struct cas_view payload; /* what was captured of it */
    size_t wire_len;         /* of the payload on the wire: never less than payload.len */
    enum cas_tcp_sum sum;    /* unknown, until somebody needs it */
};

/*
 * The segment in an IP packet. False when its header is short or contradicts itself: flags that
 * every receiver drops (SYN with FIN or RST; nothing of SYN, ACK and RST) are such. A header
 * whose options the snaplen cut is good.
 */
bool cas_tcp_parse(const struct cas_ip_packet *packet, struct cas_tcp_segment *out_segment);

/* The checksum of a packet that cas_tcp_parse() took. Reads all of its bytes. */
enum cas_tcp_sum cas_tcp_sum(const struct cas_ip_packet *packet);

/* Right, or as right as it can be before the card has seen it. */
static inline bool cas_tcp_has_good_sum(const struct cas_tcp_segment *segment)
{
    return segment->sum == CAS_TCP_SUM_GOOD || segment->sum == CAS_TCP_SUM_PARTIAL;
}

#endif
