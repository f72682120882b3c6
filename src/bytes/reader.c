/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/reader.h"

#include <string.h>

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
