/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/checksum.h"

#include <stddef.h>
#include <string.h>

#include "bytes/reader.h"

/*
 * Sums do not care in which order the two bytes of all words are swapped (RFC 1071, 2B), nor
 * how many words are added at once (2C): words are added as the machine loads them, 64 bits at
 * a time, and the result is swapped at the end where the machine is little endian.
 */
static uint16_t from_machine(uint16_t word)
{
    uint8_t bytes[2];
    memcpy(bytes, &word, sizeof(bytes));
    return (uint16_t)((unsigned)bytes[0] << 8 | bytes[1]);
}

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

/* Less than 4 bytes, as if zeros followed them. */
static uint64_t rest_of(struct cas_view bytes)
{
    uint8_t rest[sizeof(uint32_t)] = { 0 };
    for (size_t i = 0; i < bytes.len; i++) {
        rest[i] = bytes.data[i];
    }
    return word32(rest);
}

/* Below 2^33: the two halves of the sum, added. */
static uint64_t machine_sum(struct cas_view bytes)
{
    uint64_t even = 0;
    uint64_t odd = 0; /* two sums, so that neither waits for the other */
    size_t at = 0;
    for (; bytes.len - at >= 2 * sizeof(even); at += 2 * sizeof(even)) {
        even = add_word(even, word64(&bytes.data[at]));
        odd = add_word(odd, word64(&bytes.data[at + sizeof(even)]));
    }
    for (; bytes.len - at >= sizeof(uint32_t); at += sizeof(uint32_t)) {
        even = add_word(even, word32(&bytes.data[at]));
    }
    if (at < bytes.len) {
        odd = add_word(odd, rest_of(cas_view_part(bytes, at, SIZE_MAX)));
    }
    even = add_word(even, odd);
    return (even & UINT32_MAX) + (even >> 32);
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
