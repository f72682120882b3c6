/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/replace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The file aside: hidden, and without the suffix by which a reader of the directory would take
 * it for the file itself. Always the same name, so that what a killed run left is cleared away.
 */
static void name_aside(char name[NAME_MAX + 1], const struct cas_cli_place *place)
{
    snprintf(name, NAME_MAX + 1, ".%.*s.new", NAME_MAX - (int)sizeof(".new"), place->name);
}

static FILE *open_aside(const struct cas_cli_place *place, const char *name, mode_t mode)
{
    (void)unlinkat(place->dir_fd, name, 0);
    int fd =
        openat(place->dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0) {
        return NULL;
    }
    FILE *stream = fchmod(fd, mode) == 0 ? fdopen(fd, "w") : NULL; /* whatever the umask */
    if (stream == NULL) {
        int reason = errno;
        close(fd);
        errno = reason;
    }
    return stream;
}

static int errno_or_eio(void)
{
    return errno != 0 ? errno : EIO;
}

static int fill(FILE *stream, enum cas_cli_keep keep, cas_cli_make *make, void *user)
{
    const struct cas_writer writer = cas_writer_to_stream(stream);
    int reason = make(user, &writer);
    errno = 0;
    if (reason == 0 && fflush(stream) != 0) {
        reason = errno_or_eio();
    }
    if (reason == 0 && keep == CAS_CLI_KEEP_DURABLE && fsync(fileno(stream)) != 0) {
        reason = errno_or_eio();
    }
    errno = 0;
    if (fclose(stream) != 0 && reason == 0) {
        reason = errno_or_eio();
    }
    return reason;
}

int cas_cli_replace_file(const struct cas_cli_place *place, mode_t mode, enum cas_cli_keep keep,
                         cas_cli_make *make, void *user)
{
    char name[NAME_MAX + 1];
    name_aside(name, place);
    FILE *stream = open_aside(place, name, mode);
    if (stream == NULL) {
        return errno_or_eio();
    }
    int reason = fill(stream, keep, make, user);
    if (reason == 0 && renameat(place->dir_fd, name, place->dir_fd, place->name) != 0) {
        reason = errno_or_eio();
    }
    if (reason != 0) {
        (void)unlinkat(place->dir_fd, name, 0);
    }
    return reason;
}
