/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/gaps.h"

#include <assert.h>
#include <string.h>

/* The first range that ends at offset or later; len when there is none. */
static size_t find(const struct cas_gaps *gaps, uint64_t offset)
{
    size_t low = 0;
    size_t high = gaps->len;
    /* Bytes in order touch the last range: the common case needs no search. */
    if (high > 0 && gaps->range[high - 1].begin <= offset) {
        low = high - 1;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (gaps->range[middle].end < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Puts range in the place of the ranges from..to-1. */
static void replace(struct cas_gaps *gaps, size_t from, size_t to, struct cas_range range)
{
    memmove(&gaps->range[from + 1], &gaps->range[to], (gaps->len - to) * sizeof(range));
    gaps->range[from] = range;
    gaps->len = gaps->len - (to - from) + 1;
}

bool cas_gaps_insert(struct cas_gaps *gaps, struct cas_range range)
{
    assert(range.begin <= range.end);
    if (range.begin == range.end) {
        return true;
    }
    size_t from = find(gaps, range.begin);
    size_t to = from;
    while (to < gaps->len && gaps->range[to].begin <= range.end) {
        to++;
    }
    if (from == to && gaps->len == CAS_GAPS_MAX) {
        return false;
    }
    if (from < to) {
        if (gaps->range[from].begin < range.begin) {
            range.begin = gaps->range[from].begin;
        }
        if (gaps->range[to - 1].end > range.end) {
            range.end = gaps->range[to - 1].end;
        }
    }
    replace(gaps, from, to, range);
    return true;
}

struct cas_range cas_gaps_first_new(const struct cas_gaps *gaps, struct cas_range range)
{
    size_t at = find(gaps, range.begin);
    if (at < gaps->len && gaps->range[at].begin <= range.begin) {
        /* Touching ranges are one, so behind this range's end there is a gap. */
        range.begin = gaps->range[at].end < range.end ? gaps->range[at].end : range.end;
        at++;
    }
    if (at < gaps->len && gaps->range[at].begin < range.end) {
        range.end = gaps->range[at].begin;
    }
    return range;
}

struct cas_range cas_gaps_first_known(const struct cas_gaps *gaps, struct cas_range range)
{
    size_t at = find(gaps, range.begin);
    if (at < gaps->len && gaps->range[at].end == range.begin) {
        at++;
    }
    if (at == gaps->len || gaps->range[at].begin >= range.end) {
        return (struct cas_range){ .begin = range.end, .end = range.end };
    }
    if (gaps->range[at].begin > range.begin) {
        range.begin = gaps->range[at].begin;
    }
    if (gaps->range[at].end < range.end) {
        range.end = gaps->range[at].end;
    }
    return range;
}

void cas_gaps_forget_below(struct cas_gaps *gaps, uint64_t offset)
{
    size_t gone = 0;
    while (gone < gaps->len && gaps->range[gone].end <= offset) {
        gone++;
    }
    if (gone > 0) {
        gaps->len -= gone;
        memmove(&gaps->range[0], &gaps->range[gone], gaps->len * sizeof(gaps->range[0]));
    }
    if (gaps->len > 0 && gaps->range[0].begin < offset) {
        gaps->range[0].begin = offset;
    }
}
