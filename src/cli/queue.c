/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/queue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is read at once, and what lies in memory before the file is used. */
#define CHUNK     ((size_t)64 * 1024)
#define IN_MEMORY (4 * CHUNK)

#define PATH_SIZE 4096

static int open_file(void)
{
    const char *folder = getenv("TMPDIR");
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof(path), "%s/casniff-XXXXXX",
                   folder != NULL && folder[0] == '/' ? folder : "/tmp");
    int fd = mkstemp(path);
    if (fd >= 0) {
        (void)unlink(path);
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    return fd;
}

bool cas_cli_queue_open(struct cas_cli_queue *out_queue)
{
    *out_queue = (struct cas_cli_queue){
        .memory = malloc(IN_MEMORY),
        .size = IN_MEMORY,
        .file = open_file(),
    };
    return out_queue->memory != NULL;
}

static size_t used(const struct cas_cli_queue *queue)
{
    return queue->to - queue->from;
}

static bool is_file_empty(const struct cas_cli_queue *queue)
{
    return queue->file_from == queue->file_to;
}

static void move_to_front(struct cas_cli_queue *queue)
{
    memmove(queue->memory, &queue->memory[queue->from], used(queue));
    queue->to -= queue->from;
    queue->from = 0;
}

/* Room for so many bytes behind what is there; false without memory. */
static bool make_room(struct cas_cli_queue *queue, size_t len)
{
    if (queue->size - queue->to >= len) {
        return true;
    }
    move_to_front(queue);
    if (queue->size - queue->to >= len) {
        return true;
    }
    uint8_t *grown = realloc(queue->memory, queue->to + len);
    if (grown == NULL) {
        return false;
    }
    queue->memory = grown;
    queue->size = queue->to + len;
    return true;
}

static bool write_file(struct cas_cli_queue *queue, const uint8_t *bytes, size_t len)
{
    size_t done = 0;
    if (lseek(queue->file, queue->file_to, SEEK_SET) != queue->file_to) {
        return false;
    }
    while (done < len) {
        ssize_t written = write(queue->file, &bytes[done], len - done);
        if (written <= 0 && errno != EINTR) {
            return false;
        }
        done += written > 0 ? (size_t)written : 0;
    }
    queue->file_to += (off_t)len;
    return true;
}

/* Bytes that could not go to the file stay in memory, behind what is in the file; then it is
 * full. False without memory. */
static bool put_aside(struct cas_cli_queue *queue, size_t len)
{
    const uint8_t *bytes = &queue->memory[queue->to];
    if (queue->file >= 0 && write_file(queue, bytes, len)) {
        return true;
    }
    queue->is_full = true;
    if (is_file_empty(queue)) {
        queue->to += len;
        return true;
    }
    queue->held = malloc(len);
    if (queue->held == NULL) {
        return false;
    }
    memcpy(queue->held, bytes, len);
    queue->held_len = len;
    return true;
}

/* All of the file is in memory again. */
static bool empty_file(struct cas_cli_queue *queue)
{
    queue->file_from = 0;
    queue->file_to = 0;
    queue->is_full = ftruncate(queue->file, 0) != 0; /* then it is waited for */
    if (queue->held == NULL) {
        return true;
    }
    if (!make_room(queue, queue->held_len)) {
        return false;
    }
    memcpy(&queue->memory[queue->to], queue->held, queue->held_len);
    queue->to += queue->held_len;
    free(queue->held);
    queue->held = NULL;
    queue->held_len = 0;
    return true;
}

ssize_t cas_cli_queue_fill(struct cas_cli_queue *queue, int fd)
{
    if (!make_room(queue, CHUNK)) {
        errno = ENOMEM;
        return -1;
    }
    ssize_t len = read(fd, &queue->memory[queue->to], CHUNK);
    if (len <= 0) {
        return len;
    }
    if (is_file_empty(queue) && used(queue) + (size_t)len <= IN_MEMORY) {
        queue->to += (size_t)len;
    } else if (!put_aside(queue, (size_t)len)) {
        return -1;
    }
    return len;
}

/* Some of the file's bytes, if there are any. */
static bool fetch(struct cas_cli_queue *queue, size_t wanted)
{
    size_t len = wanted > CHUNK ? wanted : CHUNK;
    off_t left = queue->file_to - queue->file_from;
    if (left < (off_t)len) {
        len = (size_t)left;
    }
    if (len == 0 || !make_room(queue, len) ||
        lseek(queue->file, queue->file_from, SEEK_SET) != queue->file_from) {
        return false;
    }
    ssize_t got = read(queue->file, &queue->memory[queue->to], len);
    if (got <= 0) {
        return false;
    }
    queue->to += (size_t)got;
    queue->file_from += got;
    return !is_file_empty(queue) || empty_file(queue);
}

/* That so many bytes are in memory. */
static enum cas_cli_next want(struct cas_cli_queue *queue, size_t len)
{
    while (used(queue) < len) {
        if (is_file_empty(queue)) {
            queue->is_full = false; /* it waits for more */
            return CAS_CLI_NEXT_NONE;
        }
        if (!fetch(queue, len - used(queue))) {
            return CAS_CLI_NEXT_BAD;
        }
    }
    return CAS_CLI_NEXT_LETTER;
}

enum cas_cli_next cas_cli_queue_next(struct cas_cli_queue *queue,
                                     struct cas_cli_letter *out_letter)
{
    enum cas_cli_next next = want(queue, CAS_CLI_LETTER_HEAD);
    if (next != CAS_CLI_NEXT_LETTER) {
        return next;
    }
    const uint8_t *head = &queue->memory[queue->from];
    size_t len = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
    if (len > CAS_RELAY_MESSAGE_MAX) {
        return CAS_CLI_NEXT_BAD;
    }
    next = want(queue, CAS_CLI_LETTER_HEAD + len);
    if (next != CAS_CLI_NEXT_LETTER) {
        return next;
    }
    head = &queue->memory[queue->from];
    *out_letter = (struct cas_cli_letter){
        .kind = head[0],
        .content = { &head[CAS_CLI_LETTER_HEAD], len },
    };
    queue->from += CAS_CLI_LETTER_HEAD + len;
    return CAS_CLI_NEXT_LETTER;
}

void cas_cli_queue_close(struct cas_cli_queue *queue)
{
    free(queue->memory);
    free(queue->held);
    if (queue->file >= 0) {
        close(queue->file);
    }
    *queue = (struct cas_cli_queue){ .file = -1 };
}
