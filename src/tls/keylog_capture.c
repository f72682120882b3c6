/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The secrets inside a saved capture, read beside libpcap and before it, from its first block
 * to its last: a capture that was written live has them where they came. Where the file can be
 * sought in, its packets are passed over.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/reader.h"
#include "net/compressed.h"
#include "tls/keylog_blocks.h"

#define READ_BYTES ((size_t)64 * 1024)

#define SECTION_HEADER 0x0a0d0d0au
#define GZIP_MAGIC     0x1f8bu
#define ZSTD_MAGIC     0x28b52ffdu

enum kind {
    KIND_OTHER,
    KIND_PLAIN,
    KIND_PACKED
};

static enum kind kind_of(int fd)
{
    uint8_t begin[sizeof(uint32_t)];
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ||
        pread(fd, begin, sizeof(begin), 0) != (ssize_t)sizeof(begin)) {
        return KIND_OTHER;
    }
    struct cas_reader r = cas_reader_init(cas_view_of(begin, sizeof(begin)));
    uint32_t magic = cas_reader_u32(&r);
    if (magic == SECTION_HEADER) {
        return KIND_PLAIN;
    }
    return magic == ZSTD_MAGIC || magic >> 16 == GZIP_MAGIC ? KIND_PACKED : KIND_OTHER;
}

/* Damage ends it, as it will end the reading of the packets, which tells. */
static void read_plain(struct cas_keylog_blocks *blocks, int fd, uint8_t *buffer)
{
    ssize_t got = 0;
    while ((got = read(fd, buffer, READ_BYTES)) > 0) {
        cas_keylog_blocks_push(blocks, cas_view_of(buffer, (size_t)got));
        uint64_t over = cas_keylog_blocks_passes_over(blocks);
        if (over == UINT64_MAX) {
            return;
        }
        if (over > READ_BYTES && lseek(fd, (off_t)over, SEEK_CUR) >= 0) {
            cas_keylog_blocks_skip(blocks, over);
        }
    }
}

static void read_packed(struct cas_keylog_blocks *blocks, FILE *stream, uint8_t *buffer)
{
    size_t got = 0;
    while ((got = fread(buffer, 1, READ_BYTES, stream)) > 0 &&
           cas_keylog_blocks_passes_over(blocks) != UINT64_MAX) {
        cas_keylog_blocks_push(blocks, cas_view_of(buffer, got));
    }
}

/* What cannot be unpacked cannot be read as a capture either, which is said there. */
static void unpack(struct cas_keylog_blocks *blocks, const char *path, uint8_t *buffer)
{
    const struct cas_capture_tap nobody = { 0 };
    struct cas_compressed *compressed = NULL;
    FILE *stream = NULL;
    if (cas_compressed_open(path, &nobody, &stream, &compressed, NULL) == CAS_OK) {
        read_packed(blocks, stream, buffer);
        fclose(stream);
        cas_compressed_close(compressed);
    }
}

enum cas_err cas_keylog_add_capture(struct cas_keylog *keylog, const char *path,
                                    struct cas_error *out_error)
{
    struct cas_keylog_blocks blocks = cas_keylog_blocks_init(keylog, path);
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
        return CAS_OK; /* what is read of a pipe would be gone */
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return cas_error_set(out_error, CAS_ERR_IO, "%s: %s", path, strerror(errno));
    }
    enum kind kind = kind_of(fd);
    uint8_t *buffer = kind != KIND_OTHER ? malloc(READ_BYTES) : NULL;
    if (kind != KIND_OTHER && buffer == NULL) {
        close(fd);
        return cas_error_set(out_error, CAS_ERR_NOMEM, "out of memory");
    }
    if (kind == KIND_PLAIN) {
        read_plain(&blocks, fd, buffer);
    } else if (kind == KIND_PACKED) {
        unpack(&blocks, path, buffer);
    }
    close(fd);
    if (buffer != NULL) {
        explicit_bzero(buffer, READ_BYTES);
        free(buffer);
    }
    cas_keylog_blocks_finish(&blocks);
    return cas_keylog_blocks_result(&blocks, out_error);
}
