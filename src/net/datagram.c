/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/datagram.h"

#include <string.h>

#include "bytes/reader.h"

/* Fragments begin at multiples of this (RFC 791, 3.1; RFC 8200, 4.5). */
#define UNIT          ((size_t)8)
#define UNITS_OF_PAGE (CAS_DATAGRAM_PAGE / UNIT)
#define UNITS         (UNITS_OF_PAGE * CAS_DATAGRAM_PAGES)

enum mark {
    ABSENT,
    BEGINS, /* a piece begins here */
    GOES_ON /* the piece of the unit before goes on */
};

struct cas_datagram_page {
    uint8_t mark[UNITS_OF_PAGE]; /* enum mark */
    uint8_t bytes[CAS_DATAGRAM_PAGE];
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t end_of(const struct cas_piece *piece)
{
    return piece->at + piece->wire_len;
}

/* The first unit behind a piece. */
static size_t last_unit(const struct cas_piece *piece)
{
    return (end_of(piece) + UNIT - 1) / UNIT;
}

static enum mark mark_of(const struct cas_datagram *d, size_t unit)
{
    if (unit >= UNITS || d->page[unit / UNITS_OF_PAGE] == NULL) {
        return ABSENT;
    }
    return d->page[unit / UNITS_OF_PAGE]->mark[unit % UNITS_OF_PAGE];
}

/* --- judging a piece --- */

static bool is_malformed(const struct cas_datagram *d, const struct cas_piece *piece)
{
    if (piece->wire_len == 0 || piece->wire_len > CAS_DATAGRAM_MAX ||
        end_of(piece) > CAS_DATAGRAM_MAX) {
        return true;
    }
    if (piece->is_last) {
        return end_of(piece) < d->reached || (d->total != 0 && d->total != end_of(piece));
    }
    return piece->wire_len % UNIT != 0 || (d->total != 0 && end_of(piece) >= d->total);
}

static bool is_touched(const struct cas_datagram *d, const struct cas_piece *piece)
{
    for (size_t unit = piece->at / UNIT; unit < last_unit(piece); unit++) {
        if (mark_of(d, unit) != ABSENT) {
            return true;
        }
    }
    return false;
}

/* There is a piece that begins and ends where this one does. */
static bool is_known(const struct cas_datagram *d, const struct cas_piece *piece)
{
    size_t unit = piece->at / UNIT;
    if (mark_of(d, unit) != BEGINS) {
        return false;
    }
    for (unit++; unit < last_unit(piece); unit++) {
        if (mark_of(d, unit) != GOES_ON) {
            return false;
        }
    }
    return mark_of(d, unit) != GOES_ON && (!piece->is_last || d->total == end_of(piece));
}

/* The part of a view of bytes at an offset that lies in one page. */
static struct cas_view in_page(struct cas_view bytes, size_t at, size_t done)
{
    size_t room = CAS_DATAGRAM_PAGE - (at + done) % CAS_DATAGRAM_PAGE;
    return cas_view_part(bytes, done, room);
}

/* The bytes are those that came before. What the snaplen took, of either, is not compared. */
static bool is_equal(const struct cas_datagram *d, const struct cas_piece *piece)
{
    size_t known = d->is_cut && d->cut_at < end_of(piece)
                       ? (d->cut_at > piece->at ? d->cut_at - piece->at : 0)
                       : piece->bytes.len;
    struct cas_view bytes = cas_view_part(piece->bytes, 0, known);
    size_t done = 0;
    while (done < bytes.len) {
        struct cas_view part = in_page(bytes, piece->at, done);
        size_t at = piece->at + done;
        const uint8_t *old = &d->page[at / CAS_DATAGRAM_PAGE]->bytes[at % CAS_DATAGRAM_PAGE];
        if (memcmp(old, part.data, part.len) != 0) {
            return false;
        }
        done += part.len;
    }
    return true;
}

bool cas_datagram_agrees(const struct cas_datagram *datagram, const struct cas_piece *piece)
{
    return end_of(piece) <= datagram->total &&
           piece->is_last == (end_of(piece) == datagram->total) && is_equal(datagram, piece);
}

/* --- keeping it --- */

size_t cas_datagram_needs(const struct cas_datagram *datagram, const struct cas_piece *piece)
{
    size_t needs = 0;
    size_t end = smaller(end_of(piece), CAS_DATAGRAM_MAX);
    for (size_t i = piece->at / CAS_DATAGRAM_PAGE; i * CAS_DATAGRAM_PAGE < end; i++) {
        needs += datagram->page[i] == NULL
                     ? sizeof(struct cas_datagram_page) + CAS_BUDGET_OVERHEAD
                     : 0;
    }
    return needs;
}

static bool need_pages(struct cas_datagram *d, struct cas_budget *budget,
                       const struct cas_piece *piece)
{
    for (size_t i = piece->at / CAS_DATAGRAM_PAGE; i * CAS_DATAGRAM_PAGE < end_of(piece); i++) {
        if (d->page[i] == NULL) {
            d->page[i] = cas_budget_alloc(budget, sizeof(*d->page[i]));
            if (d->page[i] == NULL) {
                return false;
            }
            d->size += sizeof(*d->page[i]) + CAS_BUDGET_OVERHEAD;
        }
    }
    return true;
}

static void put(struct cas_datagram *d, const struct cas_piece *piece)
{
    size_t unit = piece->at / UNIT;
    uint8_t mark = BEGINS;
    for (; unit < last_unit(piece); unit++) {
        d->page[unit / UNITS_OF_PAGE]->mark[unit % UNITS_OF_PAGE] = mark;
        mark = GOES_ON;
    }
    size_t done = 0;
    while (done < piece->bytes.len) {
        struct cas_view part = in_page(piece->bytes, piece->at, done);
        size_t at = piece->at + done;
        memcpy(&d->page[at / CAS_DATAGRAM_PAGE]->bytes[at % CAS_DATAGRAM_PAGE], part.data,
               part.len);
        done += part.len;
    }
}

static void note_cut(struct cas_datagram *d, const struct cas_piece *piece)
{
    size_t cut_at = piece->at + piece->bytes.len;
    if (piece->bytes.len < piece->wire_len && (!d->is_cut || cut_at < d->cut_at)) {
        d->is_cut = true;
        d->cut_at = cut_at;
    }
}

enum cas_datagram_result cas_datagram_add(struct cas_datagram *datagram,
                                          struct cas_budget *budget,
                                          const struct cas_piece *piece)
{
    struct cas_datagram *d = datagram;
    if (is_malformed(d, piece)) {
        return CAS_DATAGRAM_MALFORMED;
    }
    if (is_touched(d, piece)) {
        return is_known(d, piece) && is_equal(d, piece) ? CAS_DATAGRAM_COPY
                                                        : CAS_DATAGRAM_OVERLAP;
    }
    if (!need_pages(d, budget, piece)) {
        return CAS_DATAGRAM_NO_MEMORY;
    }
    put(d, piece);
    note_cut(d, piece);
    d->have += piece->wire_len;
    d->reached = end_of(piece) > d->reached ? end_of(piece) : d->reached;
    d->total = piece->is_last ? end_of(piece) : d->total;
    return d->have == d->total ? CAS_DATAGRAM_WHOLE : CAS_DATAGRAM_KEPT;
}

/* --- reading it --- */

struct cas_view cas_datagram_start(const struct cas_datagram *datagram)
{
    size_t unit = 0;
    while (unit < UNITS_OF_PAGE && mark_of(datagram, unit) != ABSENT) {
        unit++;
    }
    if (unit == 0) {
        return (struct cas_view){ 0 };
    }
    size_t len = smaller(unit * UNIT, datagram->reached);
    len = datagram->is_cut ? smaller(len, datagram->cut_at) : len;
    return cas_view_of(datagram->page[0]->bytes, len);
}

size_t cas_datagram_copy(const struct cas_datagram *datagram, uint8_t *out_bytes)
{
    size_t len = datagram->is_cut ? datagram->cut_at : datagram->total;
    for (size_t at = 0; at < len; at += CAS_DATAGRAM_PAGE) {
        memcpy(&out_bytes[at], datagram->page[at / CAS_DATAGRAM_PAGE]->bytes,
               smaller(len - at, CAS_DATAGRAM_PAGE));
    }
    return len;
}

void cas_datagram_finish(struct cas_datagram *datagram, struct cas_budget *budget)
{
    for (size_t i = 0; i < CAS_DATAGRAM_PAGES; i++) {
        cas_budget_free(budget, datagram->page[i], sizeof(*datagram->page[i]));
    }
    *datagram = (struct cas_datagram){ 0 };
}
