/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The members of a line of a saved state: "<tab>key=value", each in the one form in which it is
 * written. One that is missing, or wrong, fails the line's reader, and gives 0.
 */
#ifndef CAS_ANALYSIS_STATE_FIELDS_H
#define CAS_ANALYSIS_STATE_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/state.h>

#include "bytes/buf.h"
#include "bytes/reader.h"

#define CAS_STATE_FIELD_END '\t'

struct cas_view cas_state_view(const char *text);

/* Up to the next tab, which stays. */
struct cas_view cas_state_part(struct cas_reader *line);

/* A decimal number, at most max, which is at least 9. */
uint64_t cas_state_u64(struct cas_reader *line, const char *key, uint64_t max);

/* Lower-case hexadecimal digits, exactly; false when it is not that. */
bool cas_state_parse_digest(struct cas_view text, uint8_t out_digest[CAS_SHA256_LEN]);
void cas_state_digest(struct cas_reader *line, const char *key,
                      uint8_t out_digest[CAS_SHA256_LEN]);

/* The value, from 0 to last, of this name. */
unsigned cas_state_enum(struct cas_reader *line, const char *key,
                        const char *(*name)(unsigned value), unsigned last);

/* Text for people, safe to show, in buf; NULL when the line has ended before it. */
const char *cas_state_text(struct cas_reader *line, const char *key, struct cas_buf *buf);

void cas_state_address(struct cas_reader *line, struct cas_endpoint *out_endpoint);

#endif
