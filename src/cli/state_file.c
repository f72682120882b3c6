/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <casniff/state.h>

#include "cli/say.h"

#define MODE 0640

bool cas_cli_state_file_open(struct cas_cli_state_file *out_file, const char *path)
{
    *out_file = (struct cas_cli_state_file){ .path = path };
    int reason = cas_cli_place_open(&out_file->place, path);
    if (reason != 0) {
        cas_cli_say("cannot keep the state in %s: %s", path, strerror(reason));
    }
    return reason == 0;
}

/* All of it, at most max bytes, to be freed; NULL, with errno set. */
static char *read_all(int fd, size_t max, size_t *out_len)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return NULL;
    }
    if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size > max) {
        errno = S_ISREG(status.st_mode) ? EFBIG : EINVAL;
        return NULL;
    }
    size_t size = (size_t)status.st_size;
    char *text = malloc(size + 1);
    size_t len = 0;
    while (text != NULL && len < size) {
        ssize_t part = read(fd, &text[len], size - len);
        if (part < 0 && errno != EINTR) {
            free(text);
            return NULL;
        }
        if (part == 0) {
            break; /* it was cut meanwhile: the checksum tells */
        }
        len += part > 0 ? (size_t)part : 0;
    }
    *out_len = len;
    return text;
}

char *cas_cli_state_file_read(const struct cas_cli_state_file *file, size_t *out_len)
{
    const struct cas_cli_place *place = &file->place;
    int fd = openat(place->dir_fd, place->name,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        return NULL;
    }
    char *text = read_all(fd, CAS_STATE_MAX, out_len);
    int reason = errno;
    close(fd);
    errno = reason;
    return text;
}

static bool set_aside(const struct cas_cli_state_file *file, const char *why)
{
    char name[NAME_MAX + 1];
    const struct cas_cli_place *place = &file->place;
    snprintf(name, sizeof(name), "%.*s.damaged", NAME_MAX - (int)sizeof(".damaged"),
             place->name);
    if (renameat(place->dir_fd, place->name, place->dir_fd, name) != 0) {
        cas_cli_say("%s: %s; it cannot be set aside: %s", file->path, why, strerror(errno));
        return false;
    }
    cas_cli_say("%s: %s; it is set aside as %s, and the run begins without it", file->path, why,
                name);
    return true;
}

bool cas_cli_state_file_load(const struct cas_cli_state_file *file, struct cas_sniffer *sniffer)
{
    struct cas_error error = { .text = "out of memory" };
    size_t len = 0;
    char *text = cas_cli_state_file_read(file, &len);
    if (text == NULL) {
        return errno == ENOENT || set_aside(file, strerror(errno));
    }
    const struct cas_view view = { .data = (const uint8_t *)text, .len = len };
    enum cas_err err = cas_sniffer_state_load(sniffer, view, &error);
    free(text);
    return err == CAS_OK || set_aside(file, error.text);
}

static int make(void *user, const struct cas_writer *writer)
{
    return cas_sniffer_state_save(user, writer->write, writer->user);
}

int cas_cli_state_file_save(const struct cas_cli_state_file *file, enum cas_cli_keep keep,
                            const struct cas_sniffer *sniffer)
{
    /* The maker takes what it is given as it is; saving changes nothing. */
    return cas_cli_replace_file(&file->place, MODE, keep, make, (void *)(uintptr_t)sniffer);
}

void cas_cli_state_file_close(struct cas_cli_state_file *file)
{
    cas_cli_place_close(&file->place);
}
