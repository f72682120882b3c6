/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The blocks of a pcapng capture, however its bytes are cut: takes the secrets of its
 * Decryption Secrets Blocks, which libpcap passes over, and looks at nothing else but the
 * lengths. Knows no files; but what would be passed over need not be pushed at all.
 */
#ifndef CAS_TLS_KEYLOG_BLOCKS_H
#define CAS_TLS_KEYLOG_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "tls/keylog.h"
#include "tls/keylog_lines.h"

/* Type, length, and what a section header or a block of secrets begins with. */
#define CAS_KEYLOG_BLOCK_HEAD_MAX 16

enum cas_keylog_blocks_state {
    CAS_KEYLOG_BLOCKS_IN_HEAD,
    CAS_KEYLOG_BLOCKS_IN_SECRETS,
    CAS_KEYLOG_BLOCKS_IN_REST,
    CAS_KEYLOG_BLOCKS_LOST /* no pcapng, or damaged: nothing that follows is looked at */
};

struct cas_keylog_blocks {
    struct cas_keylog_lines lines;
    enum cas_keylog_blocks_state state;
    bool is_any; /* a section has begun */
    bool is_little;
    uint32_t secrets_left; /* bytes of the key log in this block */
    uint32_t rest;         /* and of the block behind that */
    size_t head_len;
    uint8_t head[CAS_KEYLOG_BLOCK_HEAD_MAX];
};

struct cas_keylog_blocks cas_keylog_blocks_init(struct cas_keylog *keylog, const char *name);

/* So many of the next bytes would only be passed over; UINT64_MAX: all. */
uint64_t cas_keylog_blocks_passes_over(const struct cas_keylog_blocks *blocks);
/* They were, len of them. */
void cas_keylog_blocks_skip(struct cas_keylog_blocks *blocks, uint64_t len);

/* Wipes what has begun. */
void cas_keylog_blocks_finish(struct cas_keylog_blocks *blocks);

#endif
