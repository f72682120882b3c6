/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A handshake behind the first, of which only the records' types and lengths are visible: a few
 * numbers of each side, whatever comes. Knows not what they mean.
 */
#ifndef CAS_TLS_LATER_H
#define CAS_TLS_LATER_H

#include <stdbool.h>
#include <stdint.h>

/* Handshake records kept of each side: a flight of one message a record, with a list or a chain
 * of some 64 KiB in it. More are counted. */
#define CAS_LATER_RECORDS_MAX 20

struct cas_later_side {
    uint16_t len[CAS_LATER_RECORDS_MAX]; /* of their bodies, in order */
    uint8_t records;                     /* how many came; UINT8_MAX: that many or more */
    uint8_t before_change;               /* of these, before ChangeCipherSpec */
    bool has_change;                     /* ChangeCipherSpec came */
    bool is_broken;                      /* a record may be missing among them */
    bool is_mixed; /* an alert came before, or data among them: not one handshake, maybe */
};

struct cas_later {
    struct cas_later_side side[2]; /* by the flow's ends */
    uint64_t last_us;              /* when the last of them came, and the frame's number */
    uint64_t last_frame;
};

static inline bool cas_later_is_complete(const struct cas_later_side *side)
{
    return side->has_change && side->records > side->before_change;
}

#endif
