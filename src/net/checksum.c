/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/checksum.h"

#include <stddef.h>
#include <string.h>

/*
 * Sums do not care in which order the two bytes of all words are swapped (RFC 1071, 2B), nor
 * how many words are added at once (2C): words are added as the machine loads them, 64 bits at
 * a time, and the result is swapped at the end where the machine is little endian.
 */

/* One's complement: what is carried out comes in again below. */
static inline uint64_t add_word(uint64_t sum, uint64_t word)
{
    sum += word;
    return sum + (sum < word ? 1 : 0);
}

static inline uint64_t word64(const uint8_t *bytes)
{
    uint64_t word = 0;
    memcpy(&word, bytes, sizeof(word));
    return word;
}

static inline uint64_t word32(const uint8_t *bytes)
{
    uint32_t word = 0;
    memcpy(&word, bytes, sizeof(word));
    return word;
}

static inline uint64_t word16(uint8_t first, uint8_t second)
{
    const uint8_t bytes[sizeof(uint16_t)] = { first, second };
    uint16_t word = 0;
    memcpy(&word, bytes, sizeof(word));
    return word;
}

/* Less than 8 bytes. */
static inline uint64_t add_rest(uint64_t sum, const uint8_t *at, size_t left)
{
    if ((left & 4) != 0) {
        sum = add_word(sum, word32(at));
        at += 4;
    }
    if ((left & 2) != 0) {
        sum = add_word(sum, word16(at[0], at[1]));
        at += 2;
    }
    return (left & 1) != 0 ? add_word(sum, word16(at[0], 0)) : sum;
}

uint64_t cas_checksum_add(uint64_t sum, struct cas_view bytes)
{
    const uint8_t *at = bytes.data;
    size_t left = bytes.len;
    uint64_t odd = 0; /* two sums, so that neither waits for the other */
    for (; left >= 4 * sizeof(sum); left -= 4 * sizeof(sum)) {
        sum = add_word(sum, word64(&at[0]));
        odd = add_word(odd, word64(&at[8]));
        sum = add_word(sum, word64(&at[16]));
        odd = add_word(odd, word64(&at[24]));
        at += 4 * sizeof(sum);
    }
    for (; left >= sizeof(sum); left -= sizeof(sum)) {
        sum = add_word(sum, word64(at));
        at += sizeof(sum);
    }
    return add_rest(add_word(sum, odd), at, left);
}

uint64_t cas_checksum_add_u32(uint64_t sum, uint32_t number)
{
    sum = add_word(sum, word16((uint8_t)(number >> 24), (uint8_t)(number >> 16)));
    return add_word(sum, word16((uint8_t)(number >> 8), (uint8_t)number));
}

uint16_t cas_checksum_fold(uint64_t sum)
{
    uint8_t bytes[sizeof(uint16_t)];
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    uint16_t word = (uint16_t)sum;
    memcpy(bytes, &word, sizeof(bytes));
    return (uint16_t)((unsigned)bytes[0] << 8 | bytes[1]);
}
