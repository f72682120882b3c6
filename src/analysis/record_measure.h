/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long the content of an encrypted record of TLS 1.0 to 1.2 is, from the length of its
 * body: exactly, or between two bounds where blocks are padded. Knows no keys.
 */
#ifndef CAS_ANALYSIS_RECORD_MEASURE_H
#define CAS_ANALYSIS_RECORD_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

struct cas_record_measure {
    uint32_t least_added; /* to every content: IV, MAC or tag, and the least padding */
    uint32_t most_added;  /* the same with a whole block of padding */
};

/* Bytes, at least and at most. */
struct cas_span {
    uint32_t least;
    uint32_t most;
};

/* False for a version or suite that is not known. */
bool cas_record_measure_find(uint16_t version, uint16_t cipher,
                             struct cas_record_measure *out_measure);

/*
 * The content of a body of this length. With blocks the sender is taken to pad to the next one,
 * as all do that are known today; cas_record_measure_is_least() tells whether it did so in a
 * record of which the content is known. The upper bound holds in any case.
 */
struct cas_span cas_record_measure_content(struct cas_record_measure measure, uint16_t body);

bool cas_record_measure_is_least(struct cas_record_measure measure, uint16_t body,
                                 uint32_t content);

#endif
