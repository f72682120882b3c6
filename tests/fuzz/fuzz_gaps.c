/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: cas_gaps. Each three bytes are one step: insert or forget, where, how much. After
 * each step the set says the same as a plain map of bytes.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "bytes/reader.h"
#include "net/gaps.h"

#define MAP_LEN 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void agree(const struct cas_gaps *gaps, const bool *map)
{
    size_t at = 0;
    struct cas_range left = { .begin = 0, .end = MAP_LEN };
    while (left.begin < left.end) {
        struct cas_range known = cas_gaps_first_known(gaps, left);
        struct cas_range new = cas_gaps_first_new(gaps, left);
        struct cas_range first = known.begin < new.begin ? known : new;
        if (first.begin != at || cas_range_len(first) == 0) {
            abort();
        }
        for (; at < first.end; at++) {
            if (map[at] != (known.begin < new.begin)) {
                abort();
            }
        }
        left.begin = first.end;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cas_reader r = cas_reader_init(cas_view_of(data, size));
    struct cas_gaps gaps = { 0 };
    bool map[MAP_LEN] = { false };
    while (cas_reader_left(&r) >= 3) {
        bool is_forgetting = cas_reader_u8(&r) % 16 == 0;
        size_t begin = cas_reader_u8(&r);
        size_t end = begin + cas_reader_u8(&r) % 8;
        end = end < MAP_LEN ? end : MAP_LEN;
        if (is_forgetting) {
            cas_gaps_forget_below(&gaps, begin);
        } else if (!cas_gaps_insert(&gaps, (struct cas_range){ .begin = begin, .end = end })) {
            continue;
        }
        for (size_t i = 0; i < MAP_LEN; i++) {
            map[i] = is_forgetting ? map[i] && i >= begin : map[i] || (i >= begin && i < end);
        }
        agree(&gaps, map);
    }
    return 0;
}
