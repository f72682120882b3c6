/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: cas_keylog_blocks_push. A refusal says why; the same bytes in other pieces, and with
 * what is passed over left out, give the same secrets. A line that contradicts an earlier one
 * is counted as a bad one, but refuses nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "bytes/reader.h"
#include "tls/keylog_blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was found of them. */
struct found {
    size_t connections;
    uint64_t bad_lines;
    enum cas_err result;
    struct cas_error error;
};

static size_t at_once(const struct cas_keylog_blocks *blocks)
{
    (void)blocks;
    return SIZE_MAX;
}

static size_t byte_by_byte(const struct cas_keylog_blocks *blocks)
{
    (void)blocks;
    return 1;
}

static size_t none_that_is_passed_over(const struct cas_keylog_blocks *blocks)
{
    return cas_keylog_blocks_passes_over(blocks) > 0 ? 0 : 1;
}

/* piece(): so many bytes are pushed next; 0: so many as are passed over are left out. */
static struct found push_all(struct cas_view bytes,
                             size_t (*piece)(const struct cas_keylog_blocks *blocks))
{
    struct cas_keylog *keylog = cas_keylog_create();
    struct cas_keylog_blocks *blocks =
        keylog != NULL ? cas_keylog_blocks_create(keylog, "FILE") : NULL;
    struct found found = { 0 };
    if (blocks == NULL) {
        abort();
    }
    while (bytes.len > 0) {
        size_t len = piece(blocks);
        if (len == 0) {
            uint64_t over = cas_keylog_blocks_passes_over(blocks);
            cas_keylog_blocks_skip(blocks, over < bytes.len ? over : bytes.len);
            bytes = cas_view_part(bytes, over < bytes.len ? (size_t)over : bytes.len, SIZE_MAX);
        } else {
            cas_keylog_blocks_push(blocks, cas_view_part(bytes, 0, len));
            bytes = cas_view_part(bytes, len, SIZE_MAX);
        }
    }
    found.result = cas_keylog_blocks_result(blocks, &found.error);
    found.connections = cas_keylog_connections(keylog);
    found.bad_lines = cas_keylog_stats(keylog).bad_lines;
    cas_keylog_blocks_destroy(blocks);
    cas_keylog_destroy(keylog);
    return found;
}

static bool are_same(const struct found *one, const struct found *two)
{
    return one->connections == two->connections && one->bad_lines == two->bad_lines &&
           one->result == two->result && strcmp(one->error.text, two->error.text) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct found all = push_all(cas_view_of(data, size), at_once);
    const struct found pieces = push_all(cas_view_of(data, size), byte_by_byte);
    const struct found parts = push_all(cas_view_of(data, size), none_that_is_passed_over);
    if (!are_same(&all, &pieces) || !are_same(&all, &parts) ||
        (all.result != CAS_OK) != (all.error.text[0] != '\0') ||
        (all.result != CAS_OK && all.bad_lines == 0)) {
        abort();
    }
    return 0;
}
