/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A key log file that may grow, be cut, or be replaced while its lines are used. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/reader.h"
#include "tls/keylog_lines.h"

#define READ_BYTES ((size_t)16 * 1024)

struct cas_keylog_file {
    struct cas_keylog_lines lines;
    enum cas_keylog_access access;
    int fd;          /* -1: none */
    bool is_regular; /* else a pipe, whose length tells nothing */
    uint64_t offset; /* read so far */
};

struct cas_keylog_file *cas_keylog_file_create(struct cas_keylog *keylog, const char *name,
                                               enum cas_keylog_access access)
{
    struct cas_keylog_file *file = calloc(1, sizeof(*file));
    if (file != NULL) {
        file->lines = cas_keylog_lines_init(keylog, name);
        file->access = access;
        file->fd = -1;
    }
    return file;
}

static void start_over(struct cas_keylog_file *file)
{
    cas_keylog_lines_finish(&file->lines);
    file->lines.number = 0;
    file->offset = 0;
}

static enum cas_err judge(const struct cas_keylog_file *file, const struct stat *status,
                          struct cas_error *out_error)
{
    const char *name = file->lines.name;
    if (S_ISDIR(status->st_mode)) {
        return cas_error_set(out_error, CAS_ERR_IO, "%s is a directory; name the key log in it",
                             name);
    }
    if (!S_ISREG(status->st_mode) && !S_ISFIFO(status->st_mode)) {
        return cas_error_set(out_error, CAS_ERR_IO,
                             "%s is neither a file nor a pipe, so no key log", name);
    }
    if (file->access == CAS_KEYLOG_PRIVATE && (status->st_mode & S_IROTH) != 0) {
        return cas_error_set(out_error, CAS_ERR_USAGE,
                             "%s: everybody may read these secrets: chmod o-r it, or say "
                             "--keylog-world-readable",
                             name);
    }
    return CAS_OK;
}

static enum cas_err failed(const struct cas_keylog_file *file, struct cas_error *out_error)
{
    return cas_error_set(out_error, CAS_ERR_IO, "%s: %s", file->lines.name, strerror(errno));
}

enum cas_err cas_keylog_file_use(struct cas_keylog_file *file, int fd,
                                 struct cas_error *out_error)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return failed(file, out_error);
    }
    enum cas_err err = judge(file, &status, out_error);
    if (err != CAS_OK) {
        return err;
    }
    if (file->fd >= 0) {
        close(file->fd);
    }
    start_over(file);
    file->fd = fd;
    file->is_regular = S_ISREG(status.st_mode);
    return CAS_OK;
}

/* Whoever writes it has begun it anew. One that was cut and has grown beyond where we stood is
 * not noticed: its lines make no sense from there on, up to the next one. */
static enum cas_err notice_cut(struct cas_keylog_file *file, struct cas_keylog_news *news,
                               struct cas_error *out_error)
{
    struct stat status;
    if (!file->is_regular) {
        return CAS_OK;
    }
    if (fstat(file->fd, &status) != 0) {
        return failed(file, out_error);
    }
    if ((uint64_t)status.st_size < file->offset) {
        if (lseek(file->fd, 0, SEEK_SET) != 0) {
            return failed(file, out_error);
        }
        start_over(file);
        news->was_cut = true;
    }
    return CAS_OK;
}

static enum cas_err read_some(struct cas_keylog_file *file, size_t most,
                              struct cas_keylog_news *news, struct cas_error *out_error)
{
    uint8_t bytes[READ_BYTES];
    size_t sum = 0;
    ssize_t got = 1;
    while (got > 0 && sum < most) {
        do {
            got = read(file->fd, bytes, sizeof(bytes));
        } while (got < 0 && errno == EINTR);
        if (got > 0) {
            cas_keylog_lines_push(&file->lines, cas_view_of(bytes, (size_t)got));
            sum += (size_t)got;
        }
    }
    int reason = errno;
    explicit_bzero(bytes, sizeof(bytes));
    errno = reason;
    file->offset += sum;
    news->is_more = got > 0;
    return got < 0 && reason != EAGAIN ? failed(file, out_error) : CAS_OK;
}

static void take_bad(struct cas_keylog_file *file, struct cas_keylog_news *news)
{
    news->bad_lines = file->lines.bad;
    news->first_bad = file->lines.first_bad;
    file->lines.bad = 0;
}

enum cas_err cas_keylog_file_read(struct cas_keylog_file *file, size_t most,
                                  struct cas_keylog_news *out_news, struct cas_error *out_error)
{
    *out_news = (struct cas_keylog_news){ 0 };
    enum cas_err err = notice_cut(file, out_news, out_error);
    if (err == CAS_OK) {
        err = read_some(file, most, out_news, out_error);
    }
    take_bad(file, out_news);
    out_news->is_unfinished = cas_keylog_lines_is_begun(&file->lines);
    return err;
}

enum cas_err cas_keylog_file_end(struct cas_keylog_file *file, struct cas_error *out_error)
{
    struct cas_keylog_news news = { 0 };
    if (cas_keylog_lines_is_begun(&file->lines)) {
        cas_keylog_lines_end(&file->lines);
        take_bad(file, &news);
    }
    return news.bad_lines == 0
               ? CAS_OK
               : cas_error_set(out_error, CAS_ERR_FORMAT, "%s", news.first_bad.text);
}

void cas_keylog_file_destroy(struct cas_keylog_file *file)
{
    if (file == NULL) {
        return;
    }
    if (file->fd >= 0) {
        close(file->fd);
    }
    cas_keylog_lines_finish(&file->lines);
    free(file);
}
