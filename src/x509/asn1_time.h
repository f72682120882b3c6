/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dates of certificates (RFC 5280, 4.1.2.5). Knows the calendar, no clock and no time zone. */
#ifndef CAS_X509_ASN1_TIME_H
#define CAS_X509_ASN1_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes/buf.h"
#include "x509/der.h"

/*
 * Seconds since 1970, also before it. Only what RFC 5280 allows: "YYMMDDHHMMSSZ" (1950 to 2049)
 * or "YYYYMMDDHHMMSSZ", a day that exists, no leap second. False and untouched otherwise.
 */
bool cas_asn1_time_parse(const struct cas_der *element, int64_t *out_s);

/* Appends "2026-11-23T23:59:59Z" (RFC 3339); the year must be 0 to 9999. */
void cas_asn1_time_format(int64_t s, struct cas_buf *out);

#endif
