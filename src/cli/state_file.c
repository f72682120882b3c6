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

#include "cli/clock.h"
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

const char *cas_cli_state_file_why(int reason)
{
    switch (reason) {
    case ELOOP:
        return "it is a symbolic link";
    case EINVAL:
    case ENXIO:
        return "it is no regular file";
    case EFBIG:
        return "it is too long for a saved state";
    default:
        return strerror(reason);
    }
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

/* What there is in the state's place is not ours to move. */
static bool refuse(const struct cas_cli_state_file *file, const char *why)
{
    cas_cli_say("%s: %s; the state needs a file of its own", file->path, why);
    return false;
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

/* Only a state is set aside when it is of no use: the path may have been a slip. */
static bool is_state(struct cas_view text)
{
    const size_t len = sizeof(CAS_STATE_MAGIC) - 1;
    return text.len >= len && memcmp(text.data, CAS_STATE_MAGIC, len) == 0;
}

bool cas_cli_state_file_load(const struct cas_cli_state_file *file, struct cas_sniffer *sniffer)
{
    struct cas_error error = { .text = "out of memory" };
    size_t len = 0;
    char *text = cas_cli_state_file_read(file, &len);
    if (text == NULL) {
        return errno == ENOENT || refuse(file, cas_cli_state_file_why(errno));
    }
    const struct cas_view view = { .data = (const uint8_t *)text, .len = len };
    bool is_ours = is_state(view);
    /* An outage of the machine may leave a file without its contents. */
    enum cas_err err = len > 0 ? cas_sniffer_state_load(sniffer, view, &error) : CAS_OK;
    free(text);
    if (err == CAS_OK) {
        return true;
    }
    if (err == CAS_ERR_NOMEM) {
        cas_cli_say("%s: %s", file->path, error.text);
        return false;
    }
    return is_ours ? set_aside(file, error.text) : refuse(file, error.text);
}

static int make(void *user, const struct cas_writer *writer)
{
    return cas_sniffer_state_save(user, cas_cli_wall_us(), writer->write, writer->user);
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
