/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/evidence_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE 0640 /* it is traffic */

/* What a link points to might be anybody's; without O_NONBLOCK a pipe would wait for a reader.
 */
int cas_cli_evidence_file_open(struct cas_cli_evidence_file *out_file,
                               const struct cas_cli_place *place)
{
    struct stat status = { 0 };
    int fd = openat(place->dir_fd, place->name,
                    O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, MODE);
    if (fd < 0) {
        return errno;
    }
    *out_file = (struct cas_cli_evidence_file){
        .fd = fd,
        .is_regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode),
    };
    return 0;
}

bool cas_cli_evidence_file_lock(const struct cas_cli_evidence_file *file)
{
    return !file->is_regular || flock(file->fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool read_at(void *user, uint64_t at, uint8_t *out, size_t len)
{
    return pread(*(const int *)user, out, len, (off_t)at) == (ssize_t)len;
}

bool cas_cli_evidence_file_resume(struct cas_cli_evidence_file *file,
                                  const struct cas_cli_place *place,
                                  struct cas_evidence_writer *writer, int link_type)
{
    struct stat ours = { 0 };
    struct stat named = { 0 };
    int fd = openat(place->dir_fd, place->name,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    bool is_resumed =
        fstat(fd, &named) == 0 && fstat(file->fd, &ours) == 0 && is_same(&named, &ours);
    if (is_resumed) {
        const struct cas_evidence_input input = { .user = &fd,
                                                  .size = (uint64_t)ours.st_size,
                                                  .read = read_at };
        file->written = cas_evidence_writer_resume(writer, &input, link_type);
        is_resumed = file->written > 0;
    }
    close(fd);
    return is_resumed;
}

int cas_cli_evidence_file_begin(struct cas_cli_evidence_file *file)
{
    bool is_cut = !file->is_regular || (ftruncate(file->fd, (off_t)file->written) == 0 &&
                                        lseek(file->fd, (off_t)file->written, SEEK_SET) >= 0);
    return is_cut ? 0 : errno;
}

void cas_cli_evidence_file_wait(const struct cas_cli_evidence_file *file)
{
    int flags = fcntl(file->fd, F_GETFL);
    if (flags >= 0) {
        (void)fcntl(file->fd, F_SETFL, flags & ~O_NONBLOCK);
    }
}

static int write_all(int fd, struct cas_view bytes)
{
    size_t done = 0;
    while (done < bytes.len) {
        ssize_t len = write(fd, &bytes.data[done], bytes.len - done);
        if (len < 0 && errno != EINTR) {
            return errno;
        }
        done += len > 0 ? (size_t)len : 0;
    }
    return 0;
}

/* All or nothing, so that a full disk leaves a capture that ends with a whole packet. */
static int put_in_file(struct cas_cli_evidence_file *file, struct cas_view bytes)
{
    int failed = write_all(file->fd, bytes);
    if (failed == 0) {
        file->written += bytes.len;
    } else if (ftruncate(file->fd, (off_t)file->written) == 0) {
        (void)lseek(file->fd, (off_t)file->written, SEEK_SET);
    }
    return failed;
}

static void forget_rest(struct cas_cli_evidence_file *file)
{
    free(file->rest);
    file->rest = NULL;
}

int cas_cli_evidence_file_drain(struct cas_cli_evidence_file *file)
{
    while (file->rest != NULL && file->rest_done < file->rest_len) {
        ssize_t len =
            write(file->fd, &file->rest[file->rest_done], file->rest_len - file->rest_done);
        if (len < 0 && errno != EINTR) {
            int failed = errno;
            if (failed != EAGAIN) {
                forget_rest(file); /* whoever reads next begins anew */
            }
            return failed;
        }
        file->rest_done += len > 0 ? (size_t)len : 0;
    }
    forget_rest(file);
    return 0;
}

/* Records that were begun are ended: what a pipe has no room for is kept for it. */
static int put_in_pipe(struct cas_cli_evidence_file *file, struct cas_view bytes)
{
    int failed = cas_cli_evidence_file_drain(file);
    uint8_t *copy = failed == 0 ? malloc(bytes.len) : NULL;
    if (copy == NULL) {
        return failed != 0 ? failed : ENOMEM;
    }
    ssize_t len = write(file->fd, bytes.data, bytes.len);
    if (len < 0) {
        failed = errno;
        free(copy);
        return failed == EINTR ? EAGAIN : failed;
    }
    memcpy(copy, bytes.data, bytes.len);
    file->rest = copy;
    file->rest_len = bytes.len;
    file->rest_done = (size_t)len;
    failed = cas_cli_evidence_file_drain(file);
    return failed == EAGAIN ? 0 : failed;
}

int cas_cli_evidence_file_put(void *user, struct cas_view bytes)
{
    struct cas_cli_evidence_file *file = user;
    return file->is_regular ? put_in_file(file, bytes) : put_in_pipe(file, bytes);
}

bool cas_cli_evidence_file_is_empty(const struct cas_cli_evidence_file *file)
{
    struct stat status = { 0 };
    return !file->is_regular || (fstat(file->fd, &status) == 0 && status.st_size == 0);
}

int cas_cli_evidence_file_close(struct cas_cli_evidence_file *file)
{
    int failed = file->fd >= 0 && close(file->fd) != 0 ? errno : 0;
    forget_rest(file);
    *file = (struct cas_cli_evidence_file){ .fd = -1 };
    return failed;
}
