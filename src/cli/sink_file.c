/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/sink_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE        0640 /* names of servers and of clients are in it */
#define FD_PATH_MAX 32

static bool is_stream(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 &&
           (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || isatty(fd) == 1);
}

int cas_cli_sink_file_open(struct cas_cli_sink_file *out_file,
                           const struct cas_cli_place *place)
{
    const int flags = O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    /* Reading is for the last byte of a file; and a FIFO opens without a reader. */
    int fd = openat(place->dir_fd, place->name, O_RDWR | flags, MODE);
    if (fd < 0 && errno == EACCES) {
        fd = openat(place->dir_fd, place->name, O_WRONLY | flags, MODE);
    }
    if (fd < 0) {
        return errno;
    }
    *out_file = (struct cas_cli_sink_file){
        .fd = fd,
        .is_ours = true,
        .way = is_stream(fd) ? CAS_CLI_WAY_STREAM : CAS_CLI_WAY_FILE,
    };
    return 0;
}

struct cas_cli_sink_file cas_cli_sink_file_of(int fd)
{
    char path[FD_PATH_MAX];
    if (!is_stream(fd)) {
        return (struct cas_cli_sink_file){ .fd = fd, .way = CAS_CLI_WAY_FILE };
    }
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int twin = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (twin < 0) {
        return (struct cas_cli_sink_file){ .fd = fd, .way = CAS_CLI_WAY_POLLED };
    }
    return (struct cas_cli_sink_file){ .fd = twin, .is_ours = true, .way = CAS_CLI_WAY_STREAM };
}

void cas_cli_sink_file_close(struct cas_cli_sink_file *file)
{
    if (file->is_ours) {
        close(file->fd);
    }
    *file = (struct cas_cli_sink_file){ .fd = -1 };
}

const char *cas_cli_sink_file_lead(const struct cas_cli_sink_file *file, const char *heading)
{
    struct stat status;
    char last = '\n';
    if (fstat(file->fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0) {
        return heading;
    }
    /* Where it cannot be read, the last line is taken to be whole. */
    return pread(file->fd, &last, 1, status.st_size - 1) == 1 && last != '\n' ? "\n" : "";
}

bool cas_cli_sink_file_goes_on(const struct cas_cli_sink_file *old,
                               const struct cas_cli_sink_file *fresh)
{
    struct stat before;
    struct stat now;
    return fstat(old->fd, &before) == 0 && fstat(fresh->fd, &now) == 0 &&
           before.st_dev == now.st_dev && before.st_ino == now.st_ino &&
           !(S_ISREG(now.st_mode) && now.st_size == 0);
}
