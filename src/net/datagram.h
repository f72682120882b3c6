/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One IP packet of which only fragments came so far: their bytes, each at its place, in pages
 * that are allocated as they are touched.
 *
 *     offset    0        8                    24                          total
 *     piece     [ first ][   the next one    ]  (missing)  [    last     ]
 *
 * Pieces begin at multiples of 8 and all but the last are such a multiple long, so that one
 * mark for each 8 bytes tells what is there. Any overlap of two pieces is told (RFC 5722, 4);
 * a piece that comes again just as it was is a copy (RFC 8200, 4.5). Knows offsets; knows
 * nothing of addresses or time.
 */
#ifndef CAS_NET_DATAGRAM_H
#define CAS_NET_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/budget.h"

/* The longest packet behind its header: IPv6's payload length (IPv4's is shorter). */
#define CAS_DATAGRAM_MAX 65535

#define CAS_DATAGRAM_PAGE  ((size_t)2048)
#define CAS_DATAGRAM_PAGES 32

struct cas_datagram_page;

/* All zero is empty. */
struct cas_datagram {
    struct cas_datagram_page *page[CAS_DATAGRAM_PAGES];
    size_t have;    /* bytes of all pieces */
    size_t reached; /* where the furthest piece ends */
    size_t total;   /* where the last one ends; 0: it did not come yet */
    size_t cut_at;  /* the first byte that the snaplen took, if is_cut */
    size_t size;    /* allocated */
    bool is_cut;
};

struct cas_piece {
    size_t at;             /* a multiple of 8 */
    struct cas_view bytes; /* captured */
    size_t wire_len;       /* on the wire: never less than bytes.len */
    bool is_last;
};

enum cas_datagram_result {
    CAS_DATAGRAM_KEPT,
    CAS_DATAGRAM_WHOLE,     /* kept, and nothing is missing any more */
    CAS_DATAGRAM_COPY,      /* known already */
    CAS_DATAGRAM_OVERLAP,   /* of another piece */
    CAS_DATAGRAM_MALFORMED, /* empty, not of 8 bytes, too far, or behind the end */
    CAS_DATAGRAM_NO_MEMORY
};

/* What cas_datagram_add() will allocate for this piece, at most. */
size_t cas_datagram_needs(const struct cas_datagram *datagram, const struct cas_piece *piece);

/* The bytes are copied. With the last three results the datagram is of no more use. */
enum cas_datagram_result cas_datagram_add(struct cas_datagram *datagram,
                                          struct cas_budget *budget,
                                          const struct cas_piece *piece);

/* Of a whole one: the piece says nothing else of it, however it was cut. */
bool cas_datagram_agrees(const struct cas_datagram *datagram, const struct cas_piece *piece);

/* What there is of its beginning without a gap, in the first page: enough for headers. */
struct cas_view cas_datagram_start(const struct cas_datagram *datagram);

/* Of a whole one: its bytes up to the first that the snaplen took; out_bytes has room for
 * datagram->total. How many. */
size_t cas_datagram_copy(const struct cas_datagram *datagram, uint8_t *out_bytes);

/* Frees the pages; it is empty. */
void cas_datagram_finish(struct cas_datagram *datagram, struct cas_budget *budget);

#endif
