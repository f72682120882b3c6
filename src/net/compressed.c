/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fopencookie() and __fsetlocking() are glibc's and musl's. */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

#include "net/compressed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef CAS_HAVE_ZLIB
#define ZLIB_CONST /* next_in may point to what must not be changed */
#include <zlib.h>
#endif
#ifdef CAS_HAVE_ZSTD
#include <zstd.h>
#endif

#include "bytes/reader.h"

/* Read from the file at once, and buffered for libpcap: large enough that calls do not count,
 * small enough to stay in a processor's cache. */
#define RAW_LEN    ((size_t)128 * 1024)
#define STREAM_LEN ((size_t)128 * 1024)

#define GZIP_MAGIC 0x1f8b
#define ZSTD_MAGIC 0x28b52ffd

/* zlib's number of bits for the largest window, plus "expect a gzip header". */
#define GZIP_WINDOW (15 + 16)

struct cas_compressed {
    int fd;
    bool owns_fd; /* it is neither standard input nor the stream's */
    bool is_regular;
    bool is_plain; /* stdio reads it itself */
    bool at_end;   /* the file has no more */
    bool is_open;  /* within a packed member: the end would come too early */
    uint64_t read;
    uint64_t size;
    const char *damage;
    struct cas_capture_tap tap;
    size_t (*unpack)(struct cas_compressed *c, char *out, size_t len);
    struct cas_view raw; /* read and not yet used; in buffer */
    uint8_t buffer[RAW_LEN];
    char stream[STREAM_LEN]; /* stdio's; setvbuf() makes none of a size that is asked for */
#ifdef CAS_HAVE_ZLIB
    z_stream gzip;
#endif
#ifdef CAS_HAVE_ZSTD
    ZSTD_DStream *zstd;
#endif
};

/* Reads once, whatever comes; false on an error. */
static bool fill(struct cas_compressed *c, uint8_t *into, size_t len, size_t *out_got)
{
    ssize_t got = -1;
    do {
        got = read(c->fd, into, len);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return false;
    }
    c->at_end = got == 0;
    c->read += (uint64_t)got;
    *out_got = (size_t)got;
    return true;
}

#if defined(CAS_HAVE_ZLIB) || defined(CAS_HAVE_ZSTD)
static bool refill(struct cas_compressed *c)
{
    size_t got = 0;
    if (c->raw.len == 0 && !c->at_end) {
        if (!fill(c, c->buffer, sizeof(c->buffer), &got)) {
            return false;
        }
        c->raw = cas_view_of(c->buffer, got);
    }
    return true;
}
#endif

#ifdef CAS_HAVE_ZLIB
/* One step of zlib: unpacks what fits. False when the data is bad. */
static bool gzip_step(struct cas_compressed *c, size_t *out_used)
{
    c->gzip.next_in = c->raw.data;
    c->gzip.avail_in = (uInt)c->raw.len;
    int result = inflate(&c->gzip, Z_NO_FLUSH);
    *out_used = c->raw.len - c->gzip.avail_in;
    if (result == Z_STREAM_END) {
        /* Another member may follow (RFC 1952, 2.2). */
        c->is_open = false;
        return inflateReset(&c->gzip) == Z_OK;
    }
    return result == Z_OK || result == Z_BUF_ERROR;
}

static size_t gzip_unpack(struct cas_compressed *c, char *out, size_t len)
{
    c->gzip.next_out = (Bytef *)out;
    c->gzip.avail_out = (uInt)len;
    while (c->gzip.avail_out == len && c->damage == NULL && refill(c)) {
        if (c->raw.len == 0) {
            c->damage = c->is_open ? "the gzip data breaks off" : NULL;
            break;
        }
        bool was_open = c->is_open;
        size_t used = 0;
        c->is_open = true;
        if (!gzip_step(c, &used)) {
            /* What follows the last member is padding (gzip(1) ignores it as well). */
            c->damage = was_open ? "the gzip data is damaged" : NULL;
            c->is_open = false;
            c->at_end = true;
            c->raw.len = 0;
            break;
        }
        c->raw = cas_view_part(c->raw, used, SIZE_MAX);
    }
    return len - c->gzip.avail_out;
}

static bool gzip_start(struct cas_compressed *c)
{
    c->unpack = gzip_unpack;
    c->is_open = true;
    return inflateInit2(&c->gzip, GZIP_WINDOW) == Z_OK;
}
#endif

#ifdef CAS_HAVE_ZSTD
static size_t zstd_unpack(struct cas_compressed *c, char *out, size_t len)
{
    ZSTD_outBuffer to = { .dst = out, .size = len };
    while (to.pos == 0 && c->damage == NULL && refill(c)) {
        if (c->raw.len == 0 && !c->is_open) {
            break;
        }
        if (c->raw.len == 0) {
            c->damage = "the zstd data breaks off";
            break;
        }
        ZSTD_inBuffer from = { .src = c->raw.data, .size = c->raw.len };
        size_t result = ZSTD_decompressStream(c->zstd, &to, &from);
        if (ZSTD_isError(result)) {
            c->damage = "the zstd data is damaged, or needs a larger window than 128 MiB";
            break;
        }
        c->is_open = result != 0;
        c->raw = cas_view_part(c->raw, from.pos, SIZE_MAX);
    }
    return to.pos;
}

static bool zstd_start(struct cas_compressed *c)
{
    c->unpack = zstd_unpack;
    c->is_open = true;
    c->zstd = ZSTD_createDStream();
    return c->zstd != NULL;
}
#endif

/* Not packed: what was read to see that first, then straight from the file. */
static size_t plain(struct cas_compressed *c, char *out, size_t len)
{
    if (c->raw.len > 0) {
        struct cas_view part = cas_view_part(c->raw, 0, len);
        memcpy(out, part.data, part.len);
        c->raw = cas_view_part(c->raw, part.len, SIZE_MAX);
        return part.len;
    }
    size_t got = 0;
    if (!c->at_end && !fill(c, (uint8_t *)out, len, &got)) {
        c->damage = "it cannot be read";
    }
    return got;
}

static ssize_t cookie_read(void *cookie, char *out, size_t len)
{
    struct cas_compressed *c = cookie;
    size_t got = c->unpack(c, out, len);
    if (c->tap.bytes != NULL && got > 0) {
        c->tap.bytes(c->tap.user, cas_view_of(out, got));
    }
    return (ssize_t)got;
}

void cas_compressed_close(struct cas_compressed *compressed)
{
    struct cas_compressed *c = compressed;
    if (c == NULL) {
        return;
    }
#ifdef CAS_HAVE_ZLIB
    (void)inflateEnd(&c->gzip);
#endif
#ifdef CAS_HAVE_ZSTD
    (void)ZSTD_freeDStream(c->zstd);
#endif
    if (c->owns_fd) {
        close(c->fd);
    }
    explicit_bzero(c, sizeof(*c)); /* a capture may hold secrets */
    free(c);
}

static enum cas_err open_path(struct cas_compressed *c, const char *path,
                              struct cas_error *out_error)
{
    bool is_stdin = strcmp(path, "-") == 0;
    c->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    c->owns_fd = !is_stdin && c->fd >= 0;
    if (c->fd < 0) {
        const char *remedy = errno == ENOENT   ? "; check the path"
                             : errno == EACCES ? "; run casniff as a user who may read it"
                                               : "";
        return cas_error_set(out_error, CAS_ERR_IO, "cannot open %s: %s%s", path,
                             strerror(errno), remedy);
    }
    struct stat st;
    if (fstat(c->fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        return cas_error_set(out_error, CAS_ERR_IO,
                             "%s is a directory; name a capture file in it", path);
    }
    c->is_regular = fstat(c->fd, &st) == 0 && S_ISREG(st.st_mode);
    c->size = c->is_regular ? (uint64_t)st.st_size : 0;
    return CAS_OK;
}

/* Reads until the first bytes tell what it is. */
static enum cas_err look(struct cas_compressed *c, const char *path,
                         struct cas_error *out_error)
{
    size_t len = 0;
    while (len < 4 && !c->at_end) {
        size_t got = 0;
        if (!fill(c, &c->buffer[len], sizeof(c->buffer) - len, &got)) {
            return cas_error_set(out_error, CAS_ERR_IO, "cannot read %s: %s", path,
                                 strerror(errno));
        }
        len += got;
    }
    c->raw = cas_view_of(c->buffer, len);
    if (len == 0) {
        return cas_error_set(out_error, CAS_ERR_FORMAT,
                             "%s is empty; the capture may still be running, or was stopped "
                             "before it wrote anything",
                             path);
    }
    return CAS_OK;
}

static enum cas_err choose(struct cas_compressed *c, const char *path,
                           struct cas_error *out_error)
{
    struct cas_reader r = cas_reader_init(c->raw);
    uint32_t magic = cas_reader_u32(&r);
    bool is_started = true;
    const char *lacks = NULL;
    c->unpack = plain;
    if (magic >> 16 == GZIP_MAGIC) {
#ifdef CAS_HAVE_ZLIB
        is_started = gzip_start(c);
#else
        lacks = "gzip (zlib); unpack it with gunzip";
#endif
    } else if (magic == ZSTD_MAGIC) {
#ifdef CAS_HAVE_ZSTD
        is_started = zstd_start(c);
#else
        lacks = "zstd (libzstd); unpack it with unzstd";
#endif
    }
    if (lacks != NULL) {
        return cas_error_set(out_error, CAS_ERR_FORMAT,
                             "%s is compressed, and this casniff was built without %s first",
                             path, lacks);
    }
    return is_started ? CAS_OK : cas_error_set(out_error, CAS_ERR_NOMEM, "out of memory");
}

/*
 * A file that is not packed needs nobody between it and stdio, whose own streams take a
 * record's few bytes at a tenth of what a cookie's do. False: it is a cookie's.
 */
static bool open_plain(struct cas_compressed *c, FILE **out_stream)
{
    if (!c->owns_fd || !c->is_regular || c->unpack != plain || c->tap.bytes != NULL ||
        lseek(c->fd, 0, SEEK_SET) != 0) {
        return false;
    }
    *out_stream = fdopen(c->fd, "rb");
    if (*out_stream == NULL) {
        return false;
    }
    c->owns_fd = false;
    c->is_plain = true;
    (void)posix_fadvise(c->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return true;
}

static enum cas_err open_stream(struct cas_compressed *c, FILE **out_stream,
                                struct cas_error *out_error)
{
    const cookie_io_functions_t functions = { .read = cookie_read };
    FILE *stream = NULL;
    if (!open_plain(c, &stream)) {
        stream = fopencookie(c, "rb", functions);
    }
    if (stream == NULL) {
        return cas_error_set(out_error, CAS_ERR_NOMEM, "out of memory");
    }
    (void)setvbuf(stream, c->stream, _IOFBF, sizeof(c->stream));
    /* Only one thread reads it. */
    (void)__fsetlocking(stream, FSETLOCKING_BYCALLER);
    *out_stream = stream;
    return CAS_OK;
}

enum cas_err cas_compressed_open(const char *path, const struct cas_capture_tap *tap,
                                 FILE **out_stream, struct cas_compressed **out_compressed,
                                 struct cas_error *out_error)
{
    struct cas_compressed *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        return cas_error_set(out_error, CAS_ERR_NOMEM, "out of memory");
    }
    c->tap = *tap;
    enum cas_err err = open_path(c, path, out_error);
    if (err == CAS_OK) {
        err = look(c, path, out_error);
    }
    if (err == CAS_OK) {
        err = choose(c, path, out_error);
    }
    if (err == CAS_OK) {
        err = open_stream(c, out_stream, out_error);
    }
    if (err != CAS_OK) {
        cas_compressed_close(c);
        return err;
    }
    *out_compressed = c;
    return CAS_OK;
}

void cas_compressed_progress(const struct cas_compressed *compressed, uint64_t *out_read,
                             uint64_t *out_size)
{
    off_t at = compressed->is_plain ? lseek(compressed->fd, 0, SEEK_CUR) : -1;
    uint64_t read = at >= 0 ? (uint64_t)at : compressed->read;
    *out_read = compressed->is_regular ? read : 0;
    *out_size = compressed->size;
}

const char *cas_compressed_damage(const struct cas_compressed *compressed)
{
    return compressed->damage;
}
