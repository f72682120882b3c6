/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/window.h"

#include <assert.h>
#include <string.h>

#include "bytes/reader.h"

/* Pages a table has room for at first. */
#define PAGES_MIN 4

static struct cas_range range_of(uint64_t position, struct cas_view bytes)
{
    return (struct cas_range){ .begin = position, .end = position + bytes.len };
}

/* Where the page of this number is, or would be. */
static size_t find(const struct cas_window *window, uint64_t number)
{
    size_t low = 0;
    size_t high = window->pages_len;
    /* Bytes in order are on the last page or behind it. */
    if (high > 0 && window->page[high - 1].number <= number) {
        low = window->page[high - 1].number == number ? high - 1 : high;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (window->page[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool grow(struct cas_window *window)
{
    size_t size = window->pages_size == 0 ? PAGES_MIN : window->pages_size * 2;
    struct cas_window_page *page =
        cas_budget_alloc_raw(window->budget, size * sizeof(window->page[0]));
    if (page == NULL) {
        return false;
    }
    if (window->pages_len > 0) {
        memcpy(page, window->page, window->pages_len * sizeof(page[0]));
    }
    cas_budget_free(window->budget, window->page, window->pages_size * sizeof(window->page[0]));
    window->page = page;
    window->pages_size = size;
    return true;
}

/* The bytes of a page, which is made when it is not there; NULL when memory is refused. */
static uint8_t *need_page(struct cas_window *window, uint64_t number)
{
    size_t at = find(window, number);
    if (at < window->pages_len && window->page[at].number == number) {
        return window->page[at].bytes;
    }
    if (window->pages_len == window->pages_size && !grow(window)) {
        return NULL;
    }
    uint8_t *bytes = cas_budget_alloc_raw(window->budget, CAS_WINDOW_PAGE);
    if (bytes == NULL) {
        return NULL;
    }
    memmove(&window->page[at + 1], &window->page[at],
            (window->pages_len - at) * sizeof(window->page[0]));
    window->page[at] = (struct cas_window_page){ .number = number, .bytes = bytes };
    window->pages_len++;
    return bytes;
}

/* Copies bytes to their pages. A page that was made before memory ran out stays: it goes with
 * those around it. */
static bool fill(struct cas_window *window, uint64_t position, struct cas_view bytes)
{
    while (bytes.len > 0) {
        size_t at = (size_t)(position % CAS_WINDOW_PAGE);
        struct cas_view part = cas_view_part(bytes, 0, CAS_WINDOW_PAGE - at);
        uint8_t *page = need_page(window, position / CAS_WINDOW_PAGE);
        if (page == NULL) {
            return false;
        }
        memcpy(&page[at], part.data, part.len);
        position += part.len;
        bytes = cas_view_part(bytes, part.len, SIZE_MAX);
    }
    return true;
}

/* One range is not enough any more: it becomes the first of many. */
static bool make_gaps(struct cas_window *window)
{
    window->known = cas_budget_alloc(window->budget, sizeof(*window->known));
    if (window->known == NULL) {
        return false;
    }
    (void)cas_gaps_insert(window->known, window->only);
    window->only = (struct cas_range){ 0 };
    return true;
}

/* Bytes in order, the common case, make the one range longer. */
static enum cas_window_result note_known(struct cas_window *window, struct cas_range range)
{
    struct cas_range *only = &window->only;
    if (window->known == NULL) {
        if (cas_range_len(*only) == 0) {
            *only = range;
            return CAS_WINDOW_KEPT;
        }
        if (range.begin <= only->end && only->begin <= range.end) {
            only->begin = range.begin < only->begin ? range.begin : only->begin;
            only->end = range.end > only->end ? range.end : only->end;
            return CAS_WINDOW_KEPT;
        }
        if (!make_gaps(window)) {
            return CAS_WINDOW_MEMORY;
        }
    }
    return cas_gaps_insert(window->known, range) ? CAS_WINDOW_KEPT : CAS_WINDOW_RANGES;
}

enum cas_window_result cas_window_put(struct cas_window *window, uint64_t position,
                                      struct cas_view bytes)
{
    if (!fill(window, position, bytes)) {
        return CAS_WINDOW_MEMORY;
    }
    return note_known(window, range_of(position, bytes));
}

/* As cas_gaps_first_new(), of a set of one range. */
static struct cas_range first_not_in(struct cas_range only, struct cas_range range)
{
    if (only.begin <= range.begin && range.begin < only.end) {
        range.begin = only.end < range.end ? only.end : range.end;
    } else if (range.begin < only.begin && only.begin < range.end) {
        range.end = only.begin;
    }
    return range;
}

/* As cas_gaps_first_known(), of a set of one range. */
static struct cas_range first_in(struct cas_range only, struct cas_range range)
{
    if (only.end <= range.begin || only.begin >= range.end) {
        return (struct cas_range){ .begin = range.end, .end = range.end };
    }
    range.begin = only.begin > range.begin ? only.begin : range.begin;
    range.end = only.end < range.end ? only.end : range.end;
    return range;
}

struct cas_range cas_window_first_new(const struct cas_window *window, struct cas_range range)
{
    return window->known == NULL ? first_not_in(window->only, range)
                                 : cas_gaps_first_new(window->known, range);
}

struct cas_range cas_window_first_known(const struct cas_window *window, struct cas_range range)
{
    return window->known == NULL ? first_in(window->only, range)
                                 : cas_gaps_first_known(window->known, range);
}

/* Of a known range, what lies in its first page. */
static struct cas_view in_first_page(const struct cas_window *window, struct cas_range known)
{
    struct cas_view page = {
        .data = window->page[find(window, known.begin / CAS_WINDOW_PAGE)].bytes,
        .len = CAS_WINDOW_PAGE,
    };
    return cas_view_part(page, (size_t)(known.begin % CAS_WINDOW_PAGE),
                         (size_t)cas_range_len(known));
}

struct cas_view cas_window_at(const struct cas_window *window, uint64_t position)
{
    uint64_t page_end = (position / CAS_WINDOW_PAGE + 1) * CAS_WINDOW_PAGE;
    struct cas_range range = { .begin = position, .end = page_end };
    struct cas_range known = cas_window_first_known(window, range);
    if (cas_range_len(known) == 0 || known.begin > position) {
        return (struct cas_view){ 0 };
    }
    return in_first_page(window, known);
}

/* The first run of differing bytes in two views of the same length. */
static struct cas_range difference(struct cas_view a, struct cas_view b)
{
    size_t begin = 0;
    if (cas_view_equal(a, b)) {
        return (struct cas_range){ .begin = a.len, .end = a.len };
    }
    assert(a.len == b.len && a.data != NULL && b.data != NULL);
    while (begin < a.len && a.data[begin] == b.data[begin]) {
        begin++;
    }
    size_t end = begin;
    while (end < a.len && a.data[end] != b.data[end]) {
        end++;
    }
    return (struct cas_range){ .begin = begin, .end = end };
}

struct cas_range cas_window_first_difference(const struct cas_window *window, uint64_t position,
                                             struct cas_view bytes)
{
    struct cas_range range = range_of(position, bytes);
    struct cas_range known;
    while (cas_range_len(known = cas_window_first_known(window, range)) > 0) {
        struct cas_view kept = in_first_page(window, known);
        struct cas_view came = cas_view_part(bytes, (size_t)(known.begin - position), kept.len);
        struct cas_range found = difference(kept, came);
        if (cas_range_len(found) > 0) {
            return (struct cas_range){ .begin = known.begin + found.begin,
                                       .end = known.begin + found.end };
        }
        range.begin = known.begin + kept.len;
    }
    return (struct cas_range){ .begin = range.end, .end = range.end };
}

static void forget_known_below(struct cas_window *window, uint64_t position)
{
    struct cas_range *only = &window->only;
    if (window->known != NULL) {
        cas_gaps_forget_below(window->known, position);
    } else if (only->end <= position) {
        *only = (struct cas_range){ 0 };
    } else if (only->begin < position) {
        only->begin = position;
    }
}

void cas_window_forget_below(struct cas_window *window, uint64_t position)
{
    if (window->pages_len == 0) {
        return;
    }
    forget_known_below(window, position);
    uint64_t number = position / CAS_WINDOW_PAGE;
    size_t gone = 0;
    while (gone < window->pages_len && window->page[gone].number < number) {
        cas_budget_free(window->budget, window->page[gone].bytes, CAS_WINDOW_PAGE);
        gone++;
    }
    if (gone > 0) {
        window->pages_len -= gone;
        memmove(&window->page[0], &window->page[gone],
                window->pages_len * sizeof(window->page[0]));
    }
}

void cas_window_finish(struct cas_window *window)
{
    for (size_t i = 0; i < window->pages_len; i++) {
        cas_budget_free(window->budget, window->page[i].bytes, CAS_WINDOW_PAGE);
    }
    cas_budget_free(window->budget, window->page, window->pages_size * sizeof(window->page[0]));
    cas_budget_free(window->budget, window->known, sizeof(*window->known));
    *window = (struct cas_window){ .budget = window->budget };
}
