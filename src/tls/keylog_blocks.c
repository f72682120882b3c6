/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/keylog_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "bytes/reader.h"

/* draft-ietf-opsawg-pcapng, 4.1, 4.7 */
#define SECTION_HEADER     0x0a0d0d0au /* the same in both byte orders */
#define ORDER_MAGIC        0x1a2b3c4du
#define DECRYPTION_SECRETS 0x0000000au
#define TLS_KEY_LOG        0x544c534bu
/* Type and length in front, the length again behind. */
#define BLOCK_FRAME 12
#define FRAME_HEAD  8
#define FRAME_TAIL  4
/* With the byte order's magic; with the kind of the secrets and their length. */
#define SECTION_HEAD 12
#define SECRETS_HEAD 16

struct cas_keylog_blocks cas_keylog_blocks_init(struct cas_keylog *keylog, const char *name)
{
    return (struct cas_keylog_blocks){ .lines = cas_keylog_lines_init(keylog, name) };
}

void cas_keylog_blocks_finish(struct cas_keylog_blocks *blocks)
{
    cas_keylog_lines_finish(&blocks->lines);
}

static uint32_t number(const struct cas_keylog_blocks *blocks, struct cas_reader *r)
{
    return blocks->is_little ? cas_reader_u32le(r) : cas_reader_u32(r);
}

static uint32_t type_of_head(const struct cas_keylog_blocks *blocks)
{
    struct cas_reader r = cas_reader_init(cas_view_of(blocks->head, blocks->head_len));
    return number(blocks, &r);
}

/* How much of the head must be there to tell how much of it there is, or what it says. */
static size_t head_needed(const struct cas_keylog_blocks *blocks)
{
    if (blocks->head_len < FRAME_HEAD) {
        return FRAME_HEAD;
    }
    switch (type_of_head(blocks)) {
    case SECTION_HEADER:
        return SECTION_HEAD;
    case DECRYPTION_SECRETS:
        return SECRETS_HEAD;
    default:
        return FRAME_HEAD;
    }
}

static void lose(struct cas_keylog_blocks *blocks)
{
    blocks->state = CAS_KEYLOG_BLOCKS_LOST;
}

/* The byte order is that of the section, which its first block tells behind its length. */
static bool learn_order(struct cas_keylog_blocks *blocks)
{
    struct cas_reader r = cas_reader_init(cas_view_of(blocks->head, blocks->head_len));
    cas_reader_skip(&r, FRAME_HEAD);
    struct cas_reader little = r;
    bool is_big = cas_reader_u32(&r) == ORDER_MAGIC;
    blocks->is_little = cas_reader_u32le(&little) == ORDER_MAGIC;
    blocks->is_any = true;
    return is_big || blocks->is_little;
}

/* Secrets of other protocols are not for us; a length that is longer than its block lies. */
static uint32_t secrets_in(const struct cas_keylog_blocks *blocks, struct cas_reader *r,
                           uint32_t body)
{
    uint32_t kind = number(blocks, r);
    uint32_t len = number(blocks, r);
    return kind == TLS_KEY_LOG && len <= body ? len : 0;
}

static void take_head(struct cas_keylog_blocks *blocks)
{
    uint32_t type = type_of_head(blocks);
    if (type == SECTION_HEADER ? !learn_order(blocks) : !blocks->is_any) {
        lose(blocks);
        return;
    }
    struct cas_reader r = cas_reader_init(cas_view_of(blocks->head, blocks->head_len));
    cas_reader_skip(&r, sizeof(uint32_t));
    uint32_t len = number(blocks, &r);
    if (len < blocks->head_len + FRAME_TAIL || len % 4 != 0) {
        lose(blocks);
        return;
    }
    uint32_t left = len - (uint32_t)blocks->head_len;
    blocks->secrets_left =
        type == DECRYPTION_SECRETS ? secrets_in(blocks, &r, left - FRAME_TAIL) : 0;
    blocks->rest = left - blocks->secrets_left;
    blocks->head_len = 0;
    blocks->state =
        blocks->secrets_left > 0 ? CAS_KEYLOG_BLOCKS_IN_SECRETS : CAS_KEYLOG_BLOCKS_IN_REST;
    blocks->lines.number = 0;
}

static struct cas_view push_head(struct cas_keylog_blocks *blocks, struct cas_view bytes)
{
    struct cas_view part = cas_view_part(bytes, 0, head_needed(blocks) - blocks->head_len);
    memcpy(blocks->head + blocks->head_len, part.data, part.len);
    blocks->head_len += part.len;
    if (blocks->head_len == head_needed(blocks)) {
        take_head(blocks);
    }
    return cas_view_part(bytes, part.len, SIZE_MAX);
}

static struct cas_view push_secrets(struct cas_keylog_blocks *blocks, struct cas_view bytes)
{
    struct cas_view part = cas_view_part(bytes, 0, blocks->secrets_left);
    cas_keylog_lines_push(&blocks->lines, part);
    blocks->secrets_left -= (uint32_t)part.len;
    if (blocks->secrets_left == 0) {
        cas_keylog_lines_end(&blocks->lines);
        blocks->state = CAS_KEYLOG_BLOCKS_IN_REST;
    }
    return cas_view_part(bytes, part.len, SIZE_MAX);
}

uint64_t cas_keylog_blocks_passes_over(const struct cas_keylog_blocks *blocks)
{
    switch (blocks->state) {
    case CAS_KEYLOG_BLOCKS_IN_REST:
        return blocks->rest;
    case CAS_KEYLOG_BLOCKS_LOST:
        return UINT64_MAX;
    case CAS_KEYLOG_BLOCKS_IN_HEAD:
    case CAS_KEYLOG_BLOCKS_IN_SECRETS:
        break;
    }
    return 0;
}

void cas_keylog_blocks_skip(struct cas_keylog_blocks *blocks, uint64_t len)
{
    if (blocks->state == CAS_KEYLOG_BLOCKS_IN_REST) {
        blocks->rest -= len < blocks->rest ? (uint32_t)len : blocks->rest;
        blocks->state =
            blocks->rest == 0 ? CAS_KEYLOG_BLOCKS_IN_HEAD : CAS_KEYLOG_BLOCKS_IN_REST;
    }
}

static struct cas_view push_rest(struct cas_keylog_blocks *blocks, struct cas_view bytes)
{
    uint64_t passed = cas_keylog_blocks_passes_over(blocks);
    size_t len = passed < bytes.len ? (size_t)passed : bytes.len;
    cas_keylog_blocks_skip(blocks, len);
    return cas_view_part(bytes, len, SIZE_MAX);
}

void cas_keylog_blocks_push(struct cas_keylog_blocks *blocks, struct cas_view bytes)
{
    while (bytes.len > 0) {
        switch (blocks->state) {
        case CAS_KEYLOG_BLOCKS_IN_HEAD:
            bytes = push_head(blocks, bytes);
            break;
        case CAS_KEYLOG_BLOCKS_IN_SECRETS:
            bytes = push_secrets(blocks, bytes);
            break;
        case CAS_KEYLOG_BLOCKS_IN_REST:
        case CAS_KEYLOG_BLOCKS_LOST:
            bytes = push_rest(blocks, bytes);
            break;
        }
    }
}

struct cas_keylog_blocks *cas_keylog_blocks_create(struct cas_keylog *keylog, const char *name)
{
    struct cas_keylog_blocks *blocks = malloc(sizeof(*blocks));
    if (blocks != NULL) {
        *blocks = cas_keylog_blocks_init(keylog, name);
    }
    return blocks;
}

enum cas_err cas_keylog_blocks_result(const struct cas_keylog_blocks *blocks,
                                      struct cas_error *out_error)
{
    return blocks->lines.bad == 0
               ? CAS_OK
               : cas_error_set(out_error, CAS_ERR_FORMAT, "%s", blocks->lines.first_bad.text);
}

void cas_keylog_blocks_destroy(struct cas_keylog_blocks *blocks)
{
    if (blocks != NULL) {
        cas_keylog_blocks_finish(blocks);
        free(blocks);
    }
}
