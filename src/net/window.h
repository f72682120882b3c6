/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of one direction that are kept: those that came too early, and the last ones that
 * went out, to compare repetitions with. Sparse: a range, or cas_gaps when there are several,
 * says which are there, pages hold them. Knows nothing of what is to be delivered.
 *
 *     position   0x1000        0x1400        0x1800        0x1c00
 *     kept         ....########|####..........|....##########|##..
 *     pages      [   number 4   ][   number 5  ][   number 6  ][ ...
 *
 * Every byte is charged to the budget.
 */
#ifndef CAS_NET_WINDOW_H
#define CAS_NET_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/budget.h"
#include "net/gaps.h"

/* Small, so that a lone byte costs little; one segment of an Ethernet needs three or four. */
#define CAS_WINDOW_PAGE 512

struct cas_window_page {
    uint64_t number; /* position / CAS_WINDOW_PAGE */
    uint8_t *bytes;
};

/* All zero but for the budget is an empty window. */
struct cas_window {
    struct cas_budget *budget;
    struct cas_range only;        /* what is known, while known is NULL */
    struct cas_gaps *known;       /* NULL as long as one range was enough */
    struct cas_window_page *page; /* ascending */
    size_t pages_len;
    size_t pages_size;
};

enum cas_window_result {
    CAS_WINDOW_KEPT,
    CAS_WINDOW_RANGES, /* too many ranges: CAS_GAPS_MAX */
    CAS_WINDOW_MEMORY  /* the budget or the system refused */
};

/* Keeps bytes at a position; none of them may be known. All or nothing. */
enum cas_window_result cas_window_put(struct cas_window *window, uint64_t position,
                                      struct cas_view bytes);

/* The parts of a range that are new, or known, one by one, as cas_gaps_first_...() */
struct cas_range cas_window_first_new(const struct cas_window *window, struct cas_range range);
struct cas_range cas_window_first_known(const struct cas_window *window,
                                        struct cas_range range);

/* The bytes from position on that lie together, at most to the end of their page; empty when
 * the first is not known. Valid until the next put or forget. */
struct cas_view cas_window_at(const struct cas_window *window, uint64_t position);

/*
 * The first run of bytes that are known at position but differ from these, as positions; empty
 * when there is none.
 */
struct cas_range cas_window_first_difference(const struct cas_window *window, uint64_t position,
                                             struct cas_view bytes);

/* Forgets everything below a position. */
void cas_window_forget_below(struct cas_window *window, uint64_t position);

/* Forgets everything; the window is empty and usable. */
void cas_window_finish(struct cas_window *window);

#endif
