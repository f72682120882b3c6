/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Internet checksum (RFC 1071): sums of 16-bit words in one's complement. */
#ifndef CAS_NET_CHECKSUM_H
#define CAS_NET_CHECKSUM_H

#include <stdint.h>

#include <casniff/types.h>

/* Adds bytes to sum, an odd last one as if a zero followed. Any carries stay in the sum. */
uint64_t cas_checksum_add(uint64_t sum, struct cas_view bytes);

/* The sum as 16 bits. A packet with a good checksum in it sums to 0xffff. */
uint16_t cas_checksum_fold(uint64_t sum);

#endif
