/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Internet checksum (RFC 1071): sums of 16-bit words in one's complement. A sum begins at 0
 * and is of no use until it is folded: the order of its bytes is the machine's, and any carries
 * are still in it.
 */
#ifndef CAS_NET_CHECKSUM_H
#define CAS_NET_CHECKSUM_H

#include <stdint.h>

#include <casniff/types.h>

/* Adds bytes to sum, an odd last one as if a zero followed. */
uint64_t cas_checksum_add(uint64_t sum, struct cas_view bytes);

/* Adds a number as if its four bytes followed, the highest first. */
uint64_t cas_checksum_add_u32(uint64_t sum, uint32_t number);

/* The sum as 16 bits. A packet with a good checksum in it sums to 0xffff. */
uint16_t cas_checksum_fold(uint64_t sum);

#endif
