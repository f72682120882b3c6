/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/community_id.h"

#include <string.h>

#include "bytes/base64.h"
#include "bytes/digest.h"
#include "bytes/reader.h"

#define PROTOCOL_TCP 6

/* Of IPv6: seed, addresses, protocol, padding, ports. */
#define BYTES_MAX (2 + 16 + 16 + 1 + 1 + 2 + 2)

static struct cas_view address_of(const struct cas_endpoint *endpoint)
{
    return cas_view_of(endpoint->address, endpoint->family == 6 ? 16 : 4);
}

static int compare(const struct cas_endpoint *a, const struct cas_endpoint *b)
{
    int order = cas_view_compare(address_of(a), address_of(b));
    return order != 0 ? order : (a->port > b->port) - (a->port < b->port);
}

static size_t put_address(uint8_t *to, const struct cas_endpoint *endpoint)
{
    struct cas_view address = address_of(endpoint);
    memcpy(to, address.data, address.len);
    return address.len;
}

static size_t put_port(uint8_t *to, const struct cas_endpoint *endpoint)
{
    to[0] = (uint8_t)(endpoint->port >> 8);
    to[1] = (uint8_t)endpoint->port;
    return 2;
}

/*
 * SHA-1 over, in network order and the smaller endpoint first:
 *   u16 seed, address, address, u8 protocol, u8 0, u16 port, u16 port
 */
void cas_community_id(const struct cas_endpoint *a, const struct cas_endpoint *b,
                      char out_id[CAS_COMMUNITY_ID_MAX])
{
    const struct cas_endpoint *first = compare(a, b) <= 0 ? a : b;
    const struct cas_endpoint *second = first == a ? b : a;
    uint8_t bytes[BYTES_MAX] = { 0 };
    uint8_t digest[CAS_SHA1_BYTES];
    size_t len = 2;
    len += put_address(&bytes[len], first);
    len += put_address(&bytes[len], second);
    bytes[len] = PROTOCOL_TCP;
    len += 2;
    len += put_port(&bytes[len], first);
    len += put_port(&bytes[len], second);
    cas_sha1(cas_view_of(bytes, len), digest);
    memcpy(out_id, "1:", 3);
    cas_base64_encode(cas_view_of(digest, sizeof(digest)), out_id + 2,
                      CAS_COMMUNITY_ID_MAX - 2);
}
