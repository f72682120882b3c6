/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/checksum.h"

#include <stddef.h>
#include <string.h>

/*
 * Sums do not care in which order the two bytes of all words are swapped (RFC 1071, 2B), nor
 * how many words are added at once: words are added as the machine loads them, 32 bits at a
 * time, and the result is swapped at the end where the machine is little endian.
 */
static uint16_t from_machine(uint16_t word)
{
    uint8_t bytes[2];
    memcpy(bytes, &word, sizeof(bytes));
    return (uint16_t)((unsigned)bytes[0] << 8 | bytes[1]);
}

static uint64_t machine_sum(struct cas_view bytes)
{
    uint64_t sum = 0;
    size_t at = 0;
    for (; bytes.len - at >= sizeof(uint32_t); at += sizeof(uint32_t)) {
        uint32_t words = 0;
        memcpy(&words, &bytes.data[at], sizeof(words));
        sum += words;
    }
    if (at < bytes.len) {
        uint32_t words = 0;
        memcpy(&words, &bytes.data[at], bytes.len - at);
        sum += words;
    }
    return sum;
}

uint64_t cas_checksum_add(uint64_t sum, struct cas_view bytes)
{
    return sum + from_machine(cas_checksum_fold(machine_sum(bytes)));
}

uint16_t cas_checksum_fold(uint64_t sum)
{
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)sum;
}
