/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/keyhash.h"

#include <stddef.h>

struct state {
    uint64_t v0, v1, v2, v3;
};

/* Little endian, at most 7 bytes. */
static uint64_t load_tail(const uint8_t *data, size_t len)
{
    uint64_t word = 0;
    for (size_t i = 0; i < len; i++) {
        word |= (uint64_t)data[i] << (8 * i);
    }
    return word;
}

/* 8 bytes, little endian, written out so that compilers make one load of it. */
static inline uint64_t load(const uint8_t *data)
{
    return (uint64_t)data[0] | (uint64_t)data[1] << 8 | (uint64_t)data[2] << 16 |
           (uint64_t)data[3] << 24 | (uint64_t)data[4] << 32 | (uint64_t)data[5] << 40 |
           (uint64_t)data[6] << 48 | (uint64_t)data[7] << 56;
}

static inline uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static inline void sip_round(struct state *s)
{
    s->v0 += s->v1;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v2 = rotate(s->v2, 32);
}

static inline void absorb(struct state *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

struct cas_keyhash cas_keyhash_init(const uint8_t key[CAS_KEYHASH_KEY_LEN])
{
    return (struct cas_keyhash){ .k0 = load(key), .k1 = load(key + 8) };
}

static inline struct state begin(const struct cas_keyhash *hash)
{
    return (struct state){
        .v0 = hash->k0 ^ 0x736f6d6570736575u,
        .v1 = hash->k1 ^ 0x646f72616e646f6du,
        .v2 = hash->k0 ^ 0x6c7967656e657261u,
        .v3 = hash->k1 ^ 0x7465646279746573u,
    };
}

static inline uint64_t end(struct state *s)
{
    s->v2 ^= 0xff;
    sip_round(s);
    sip_round(s);
    sip_round(s);
    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

uint64_t cas_keyhash_of(const struct cas_keyhash *hash, struct cas_view bytes)
{
    struct state s = begin(hash);
    size_t whole = bytes.len / 8 * 8;
    for (size_t i = 0; i < whole; i += 8) {
        absorb(&s, load(bytes.data + i));
    }
    uint64_t tail = (uint64_t)bytes.len << 56;
    if (bytes.len > whole) {
        tail |= load_tail(bytes.data + whole, bytes.len - whole);
    }
    absorb(&s, tail);
    return end(&s);
}

uint64_t cas_keyhash_of_two(const struct cas_keyhash *hash, uint64_t first, uint64_t second)
{
    struct state s = begin(hash);
    absorb(&s, first);
    absorb(&s, second);
    absorb(&s, (uint64_t)16 << 56);
    return end(&s);
}
