/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/community_id.h"

#include <string.h>

#include "bytes/base64.h"
#include "bytes/buf.h"
#include "bytes/digest.h"
#include "bytes/reader.h"

#define PROTOCOL_TCP 6

static struct cas_view address_of(const struct cas_endpoint *endpoint)
{
    return cas_view_of(endpoint->address, endpoint->family == 6 ? 16 : 4);
}

static void append_port(struct cas_buf *buf, uint16_t port)
{
    cas_buf_append_u8(buf, (uint8_t)(port >> 8));
    cas_buf_append_u8(buf, (uint8_t)port);
}

static int compare(const struct cas_endpoint *a, const struct cas_endpoint *b)
{
    int order = cas_view_compare(address_of(a), address_of(b));
    return order != 0 ? order : (a->port > b->port) - (a->port < b->port);
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
    struct cas_buf bytes = cas_buf_init(64, NULL);
    append_port(&bytes, 0);
    cas_buf_append(&bytes, address_of(first));
    cas_buf_append(&bytes, address_of(second));
    cas_buf_append_u8(&bytes, PROTOCOL_TCP);
    cas_buf_append_u8(&bytes, 0);
    append_port(&bytes, first->port);
    append_port(&bytes, second->port);
    out_id[0] = '\0';
    if (cas_buf_ok(&bytes)) {
        uint8_t digest[CAS_SHA1_BYTES];
        cas_sha1(cas_buf_view(&bytes), digest);
        memcpy(out_id, "1:", 3);
        cas_base64_encode(cas_view_of(digest, sizeof(digest)), out_id + 2,
                          CAS_COMMUNITY_ID_MAX - 2);
    }
    cas_buf_finish(&bytes);
}
