/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secrets inside a capture: the Decryption Secrets Blocks of a pcapng file, which libpcap
 * passes over. Read beside it, from the file's beginning: that is where editcap and Wireshark
 * put them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bytes/reader.h"
#include "tls/keylog.h"

/* So much of a file is looked through. */
#define SEARCHED_MAX (16u << 20)

/* draft-ietf-opsawg-pcapng, 4.1, 4.7 */
#define SECTION_HEADER     0x0a0d0d0au /* the same in both byte orders */
#define ORDER_MAGIC        0x1a2b3c4du
#define DECRYPTION_SECRETS 0x0000000au
#define TLS_KEY_LOG        0x544c534bu
/* type and length in front, the length again behind */
#define BLOCK_FRAME 12
#define BLOCK_MIN   BLOCK_FRAME

struct blocks {
    struct cas_reader bytes;
    bool is_little;
};

static uint32_t number(const struct blocks *blocks, struct cas_reader *r)
{
    return blocks->is_little ? cas_reader_u32le(r) : cas_reader_u32(r);
}

/* The byte order is that of the section, which its first block tells behind its length. */
static void learn_order(struct blocks *blocks)
{
    struct cas_reader ahead = blocks->bytes;
    if (cas_reader_u32(&ahead) == SECTION_HEADER) {
        cas_reader_skip(&ahead, sizeof(uint32_t));
        blocks->is_little = cas_reader_u32(&ahead) != ORDER_MAGIC;
    }
}

/* The next block's body; false at the end, or where blocks cannot be followed. */
static bool next_block(struct blocks *blocks, uint32_t *out_type, struct cas_view *out_body)
{
    learn_order(blocks);
    *out_type = number(blocks, &blocks->bytes);
    uint32_t len = number(blocks, &blocks->bytes);
    if (!cas_reader_ok(&blocks->bytes) || len < BLOCK_MIN || len % 4 != 0) {
        return false;
    }
    *out_body = cas_reader_bytes(&blocks->bytes, len - BLOCK_FRAME);
    cas_reader_skip(&blocks->bytes, sizeof(uint32_t));
    return cas_reader_ok(&blocks->bytes);
}

enum cas_err cas_keylog_add_pcapng(struct cas_keylog *keylog, const char *name,
                                   struct cas_view bytes, struct cas_error *out_error)
{
    struct blocks blocks = { .bytes = cas_reader_init(bytes) };
    struct cas_reader magic = blocks.bytes;
    enum cas_err err = CAS_OK;
    uint32_t type = 0;
    struct cas_view body = { 0 };

    if (cas_reader_u32(&magic) != SECTION_HEADER) {
        return CAS_OK; /* another kind of capture */
    }
    while (err == CAS_OK && next_block(&blocks, &type, &body)) {
        if (type == DECRYPTION_SECRETS) {
            struct cas_reader r = cas_reader_init(body);
            uint32_t kind = number(&blocks, &r);
            struct cas_view secrets = cas_reader_bytes(&r, number(&blocks, &r));
            if (cas_reader_ok(&r) && kind == TLS_KEY_LOG) {
                err = cas_keylog_add_text(keylog, name, secrets, out_error);
            }
        }
    }
    return err;
}

enum cas_err cas_keylog_add_capture(struct cas_keylog *keylog, const char *path,
                                    struct cas_error *out_error)
{
    enum cas_err err = CAS_OK;
    uint8_t magic[4] = { 0 };
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
        return CAS_OK; /* what is read of a pipe would be gone */
    }
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return cas_error_set(out_error, CAS_ERR_IO, "%s: %s", path, strerror(errno));
    }
    struct cas_reader r =
        cas_reader_init(cas_view_of(magic, fread(magic, 1, sizeof(magic), file)));
    if (cas_reader_u32(&r) == SECTION_HEADER) {
        uint8_t *bytes = malloc(SEARCHED_MAX);
        if (bytes != NULL) {
            memcpy(bytes, magic, sizeof(magic));
            size_t len = sizeof(magic) +
                         fread(bytes + sizeof(magic), 1, SEARCHED_MAX - sizeof(magic), file);
            err = cas_keylog_add_pcapng(keylog, path, cas_view_of(bytes, len), out_error);
            explicit_bzero(bytes, len);
            free(bytes);
        } else {
            err = cas_error_set(out_error, CAS_ERR_NOMEM, "out of memory");
        }
    }
    fclose(file);
    return err;
}
