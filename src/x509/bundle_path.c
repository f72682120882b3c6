/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "bytes/reader.h"
#include "x509/bundle.h"

#define CHUNK 16384

static enum cas_err fail_io(const char *path, struct cas_error *out_error)
{
    return cas_error_set(out_error, CAS_ERR_IO, "%s: %s", path, strerror(errno));
}

/* An open regular file, for a FIFO could wait for ever. -1 and an error otherwise. */
static int open_file(const char *path, struct cas_error *out_error)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) != 0) {
        (void)fail_io(path, out_error);
    } else if (!S_ISREG(st.st_mode)) {
        (void)cas_error_set(out_error, CAS_ERR_IO,
                            "%s: is no regular file: write its content to one first", path);
    } else {
        return fd;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return -1;
}

static enum cas_err read_all(int fd, const char *path, struct cas_buf *bytes,
                             struct cas_error *out_error)
{
    uint8_t chunk[CHUNK];
    ssize_t got = 0;
    while ((got = read(fd, chunk, sizeof(chunk))) > 0) {
        if ((size_t)got > bytes->cap - bytes->len) {
            return cas_error_set(out_error, CAS_ERR_FORMAT,
                                 "%s: longer than the %u MiB that are read", path,
                                 CAS_BUNDLE_SIZE_MAX >> 20);
        }
        cas_buf_append(bytes, cas_view_of(chunk, (size_t)got));
    }
    if (got < 0) {
        return fail_io(path, out_error);
    }
    if (!cas_buf_ok(bytes)) {
        return cas_error_set(out_error, CAS_ERR_NOMEM, "%s: not enough memory", path);
    }
    return CAS_OK;
}

static enum cas_err read_file(const char *path, const struct cas_bundle_handler *handler,
                              struct cas_error *out_error)
{
    struct cas_error error = { .code = CAS_OK };
    int fd = open_file(path, &error);
    if (fd >= 0) {
        struct cas_buf bytes = cas_buf_init(CAS_BUNDLE_SIZE_MAX, NULL);
        error.code = read_all(fd, path, &bytes, &error);
        (void)close(fd);
        if (error.code == CAS_OK) {
            error.code = cas_bundle_read(cas_buf_view(&bytes), path, handler, &error);
        }
        cas_buf_finish(&bytes);
    }
    if (error.code != CAS_OK && out_error != NULL) {
        *out_error = error;
    }
    return error.code;
}

/* A file of a directory; links to the same file have device and number in common. */
struct file {
    char *path;
    dev_t device;
    ino_t number;
};

struct folder {
    struct file *files;
    size_t num_files;
    size_t size;
};

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

static int by_identity(const void *a, const void *b)
{
    const struct file *left = a;
    const struct file *right = b;
    if (left->device != right->device) {
        return left->device < right->device ? -1 : 1;
    }
    if (left->number != right->number) {
        return left->number < right->number ? -1 : 1;
    }
    return by_path(a, b);
}

static bool keep(struct folder *folder, struct file file)
{
    if (folder->num_files == folder->size) {
        size_t size = folder->size > 0 ? 2 * folder->size : 64;
        struct file *files = realloc(folder->files, size * sizeof(files[0]));
        if (files == NULL) {
            return false;
        }
        folder->files = files;
        folder->size = size;
    }
    folder->files[folder->num_files++] = file;
    return true;
}

static char *join(const char *path, const char *name)
{
    struct cas_buf joined = cas_buf_init(SIZE_MAX / 2, NULL);
    cas_buf_append_text(&joined, path);
    if (path[0] != '\0' && path[strlen(path) - 1] != '/') {
        cas_buf_append_u8(&joined, '/');
    }
    cas_buf_append_text(&joined, name);
    return cas_buf_take_string(&joined);
}

/* Keeps a regular file, or a link to one; tells a link to nowhere; passes over the rest. */
static bool look_at(struct folder *folder, char *path, const struct cas_bundle_handler *handler)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        handler->bad(handler->user, &(struct cas_bundle_origin){ .path = path },
                     strerror(errno));
    } else if (S_ISREG(st.st_mode)) {
        return keep(folder, (struct file){ path, st.st_dev, st.st_ino });
    }
    free(path);
    return true;
}

static enum cas_err list(const char *path, const struct cas_bundle_handler *handler,
                         struct folder *folder, struct cas_error *out_error)
{
    DIR *dir = opendir(path);
    struct dirent *entry = NULL;
    enum cas_err err = CAS_OK;
    if (dir == NULL) {
        return fail_io(path, out_error);
    }
    while (err == CAS_OK && (entry = readdir(dir)) != NULL) {
        char *file = join(path, entry->d_name);
        if (file == NULL || !look_at(folder, file, handler)) {
            err = cas_error_set(out_error, CAS_ERR_NOMEM, "%s: not enough memory", path);
        }
    }
    (void)closedir(dir);
    return err;
}

/* Of several links to one file the first by name stays; the order is that of the names. */
static void sort_out(struct folder *folder)
{
    size_t kept = 0;
    qsort(folder->files, folder->num_files, sizeof(folder->files[0]), by_identity);
    for (size_t i = 0; i < folder->num_files; i++) {
        struct file *file = &folder->files[i];
        const struct file *last = kept > 0 ? &folder->files[kept - 1] : NULL;
        if (last != NULL && last->device == file->device && last->number == file->number) {
            free(file->path);
        } else {
            folder->files[kept++] = *file;
        }
    }
    folder->num_files = kept;
    qsort(folder->files, folder->num_files, sizeof(folder->files[0]), by_path);
}

/* What stands behind "path: ": whoever is told an origin knows the path. */
static const char *reason_in(const struct cas_error *error, const char *path)
{
    size_t prefix = strlen(path) + strlen(": ");
    return strlen(error->text) > prefix ? &error->text[prefix] : error->text;
}

static enum cas_err read_each(const struct folder *folder,
                              const struct cas_bundle_handler *handler,
                              struct cas_error *out_error)
{
    for (size_t i = 0; i < folder->num_files; i++) {
        const char *path = folder->files[i].path;
        struct cas_error error = { 0 };
        enum cas_err err = read_file(path, handler, &error);
        if (err == CAS_ERR_NOMEM) {
            return cas_error_set(out_error, err, "%s", error.text);
        }
        if (err != CAS_OK) {
            handler->bad(handler->user, &(struct cas_bundle_origin){ .path = path },
                         reason_in(&error, path));
        }
    }
    return CAS_OK;
}

static enum cas_err read_folder(const char *path, const struct cas_bundle_handler *handler,
                                struct cas_error *out_error)
{
    struct folder folder = { 0 };
    enum cas_err err = list(path, handler, &folder, out_error);
    if (err == CAS_OK && folder.num_files == 0) {
        err = cas_error_set(out_error, CAS_ERR_FORMAT, "%s: no file is in the directory", path);
    } else if (err == CAS_OK) {
        sort_out(&folder);
        err = read_each(&folder, handler, out_error);
    }
    for (size_t i = 0; i < folder.num_files; i++) {
        free(folder.files[i].path);
    }
    free(folder.files);
    return err;
}

enum cas_err cas_bundle_read_path(const char *path, const struct cas_bundle_handler *handler,
                                  struct cas_error *out_error)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return fail_io(path, out_error);
    }
    return S_ISDIR(st.st_mode) ? read_folder(path, handler, out_error)
                               : read_file(path, handler, out_error);
}
