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

/* The last bytes, less than 8, from `at` on. */
static inline uint64_t add_rest(uint64_t sum, struct cas_view bytes, size_t at)
{
    size_t left = bytes.len - at;
    if ((left & 4) != 0) {
        sum = add_word(sum, word32(&bytes.data[at]));
        at += 4;
    }
    if ((left & 2) != 0) {
        sum = add_word(sum, word16(bytes.data[at], bytes.data[at + 1]));
        at += 2;
    }
    return (left & 1) != 0 ? add_word(sum, word16(bytes.data[at], 0)) : sum;
}

/* Words, and how often they carried out. That comes in again when all are added: with each word
 * it is a third of the work. */
struct sum {
    uint64_t words;
    uint64_t carries;
};

static inline void add_to(struct sum *sum, const uint8_t *bytes)
{
    uint64_t word = word64(bytes);
    sum->words += word;
    sum->carries += sum->words < word ? 1 : 0;
}

uint64_t cas_checksum_add(uint64_t sum, struct cas_view bytes)
{
    struct sum even = { .words = sum };
    struct sum odd = { 0 }; /* two sums, so that neither waits for the other */
    size_t at = 0;
    for (; bytes.len - at >= 32; at += 32) {
        add_to(&even, &bytes.data[at]);
        add_to(&odd, &bytes.data[at + 8]);
        add_to(&even, &bytes.data[at + 16]);
        add_to(&odd, &bytes.data[at + 24]);
    }
    for (; bytes.len - at >= 8; at += 8) {
        add_to(&even, &bytes.data[at]);
    }
    uint64_t all = add_word(add_word(even.words, odd.words), even.carries + odd.carries);
    return add_rest(all, bytes, at);
}

uint64_t cas_checksum_add_u32(uint64_t sum, uint32_t number)
{
    const uint8_t bytes[sizeof(number)] = {
        (uint8_t)(number >> 24),
        (uint8_t)(number >> 16),
        (uint8_t)(number >> 8),
        (uint8_t)number,
    };
    return add_word(sum, word32(bytes));
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
