/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "." and "/" are directories without a name of their own in the path. */
static int open_directory(const char *path, size_t len)
{
    if (len == 0) {
        return open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    char *directory = strndup(path, len);
    if (directory == NULL) {
        errno = ENOMEM;
        return -1;
    }
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int reason = errno;
    free(directory);
    errno = reason;
    return fd;
}

int cas_cli_place_open(struct cas_cli_place *out_place, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t directory_len = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    const char *name = &path[directory_len];
    if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return EISDIR;
    }
    int fd = open_directory(path, directory_len);
    if (fd < 0) {
        return errno;
    }
    char *copy = strdup(name);
    if (copy == NULL) {
        close(fd);
        return ENOMEM;
    }
    *out_place = (struct cas_cli_place){ .dir_fd = fd, .name = copy };
    return 0;
}

bool cas_cli_place_is_free(const struct cas_cli_place *place)
{
    struct stat status;
    return fstatat(place->dir_fd, place->name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
           S_ISREG(status.st_mode);
}

void cas_cli_place_close(struct cas_cli_place *place)
{
    if (place->name != NULL) {
        close(place->dir_fd);
        free(place->name);
    }
    *place = (struct cas_cli_place){ 0 };
}
