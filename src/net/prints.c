/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/prints.h"

#include <stdbool.h>
#include <string.h>

#include "bytes/reader.h"

/* Room at first: of short connections there are many. */
#define PRINTS_MIN 4

/* The bits of a print that say how long the segment is; IP knows none that is longer. */
#define LEN_MASK UINT64_C(0xffff)

static size_t bytes_of(uint32_t size)
{
    return sizeof(struct cas_prints) + size * sizeof(uint64_t);
}

static uint64_t print_of(const struct cas_keyhash *hash, struct cas_view bytes)
{
    return (cas_keyhash_of(hash, bytes) & ~LEN_MASK) | bytes.len;
}

static bool grow(struct cas_prints **prints, struct cas_budget *budget)
{
    const struct cas_prints *old = *prints;
    uint32_t size = old == NULL ? PRINTS_MIN : old->size * 2;
    struct cas_prints *grown = cas_budget_alloc(budget, bytes_of(size));
    if (grown == NULL) {
        return false;
    }
    if (old != NULL) {
        memcpy(grown, old, bytes_of(old->len));
    }
    grown->size = size;
    cas_prints_forget(prints, budget);
    *prints = grown;
    return true;
}

/* The older half goes: seldom, so that many are not moved for each segment. */
static void forget_half(struct cas_prints *prints)
{
    uint32_t gone = prints->len / 2;
    prints->len -= gone;
    memmove(prints->print, prints->print + gone, prints->len * sizeof(prints->print[0]));
}

void cas_prints_add(struct cas_prints **prints, struct cas_budget *budget,
                    const struct cas_keyhash *hash, uint64_t position, struct cas_view bytes)
{
    if (*prints != NULL && (*prints)->end != position) {
        (*prints)->len = 0;
    }
    if (*prints != NULL && (*prints)->len == CAS_PRINTS_MAX) {
        forget_half(*prints);
    }
    bool is_full = *prints == NULL || (*prints)->len == (*prints)->size;
    if (bytes.len <= LEN_MASK && (!is_full || grow(prints, budget))) {
        (*prints)->print[(*prints)->len++] = print_of(hash, bytes);
        (*prints)->end = position + bytes.len;
    }
}

/* The position of the first one. */
static uint64_t begin_of(const struct cas_prints *prints)
{
    uint64_t begin = prints->end;
    for (uint32_t i = 0; i < prints->len; i++) {
        begin -= prints->print[i] & LEN_MASK;
    }
    return begin;
}

struct cas_range cas_prints_first_same(const struct cas_prints *prints,
                                       const struct cas_keyhash *hash, struct cas_range range,
                                       struct cas_view bytes)
{
    struct cas_range found = { .end = begin_of(prints) };
    for (uint32_t i = 0; i < prints->len; i++) {
        found = (struct cas_range){ .begin = found.end,
                                    .end = found.end + (prints->print[i] & LEN_MASK) };
        if (found.end > range.end) {
            break;
        }
        if (found.begin < range.begin) {
            continue;
        }
        struct cas_view part = cas_view_part(bytes, (size_t)(found.begin - range.begin),
                                             (size_t)cas_range_len(found));
        if (print_of(hash, part) == prints->print[i]) {
            return found;
        }
    }
    return (struct cas_range){ .begin = range.end, .end = range.end };
}

void cas_prints_forget(struct cas_prints **prints, struct cas_budget *budget)
{
    if (*prints != NULL) {
        cas_budget_free(budget, *prints, bytes_of((*prints)->size));
        *prints = NULL;
    }
}
