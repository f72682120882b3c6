/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The values of events as reports write them: numbers, times, addresses, and text that must not
 * harm a terminal. Knows no form of a report. Uses neither the locale nor the time zone.
 */
#ifndef CAS_OUTPUT_FORMAT_H
#define CAS_OUTPUT_FORMAT_H

#include <stdint.h>

#include <casniff/types.h>

#include "bytes/buf.h"

void cas_format_u64(struct cas_buf *out, uint64_t number);

/* "16,384" */
void cas_format_grouped(struct cas_buf *out, uint64_t number);

/* "2026-11-23T10:31:07.123456Z", RFC 3339; what is later than that can say is its last. */
void cas_format_time(struct cas_buf *out, uint64_t timestamp_us);

/* "192.0.2.1", "2001:db8::1" (RFC 5952); nothing for family 0. */
void cas_format_address(struct cas_buf *out, const struct cas_endpoint *endpoint);

/* "192.0.2.1:443", "[2001:db8::1]:443" */
void cas_format_endpoint(struct cas_buf *out, const struct cas_endpoint *endpoint);

/*
 * Text as it is. The strings of events are safe already; should one not be, its unsafe code
 * points and invalid bytes become a backslash and two hex digits a byte.
 */
void cas_format_view(struct cas_buf *out, struct cas_view utf8);
/* The same of a string; nothing for NULL. */
void cas_format_text(struct cas_buf *out, const char *text);

#endif
