/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/reader.h"

#include <string.h>

struct cas_view cas_reader_until(struct cas_reader *r, uint8_t last)
{
    const uint8_t *found = r->left > 0 ? memchr(r->at, last, r->left) : NULL;
    return cas_reader_bytes(r, found != NULL ? (size_t)(found - r->at) + 1 : r->left);
}

bool cas_view_equal(struct cas_view a, struct cas_view b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

int cas_view_compare(struct cas_view a, struct cas_view b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common > 0 ? memcmp(a.data, b.data, common) : 0;
    if (order != 0) {
        return order;
    }
    return (a.len > b.len) - (a.len < b.len);
}
