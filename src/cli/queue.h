/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes that wait for their turn: a little of them in memory, the others in a file that has no
 * name. Whole letters of mail.h come out.
 */
#ifndef CAS_CLI_QUEUE_H
#define CAS_CLI_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <casniff/types.h>

#include "cli/mail.h"

struct cas_cli_queue {
    uint8_t *memory;
    size_t size;
    size_t from; /* what is in memory, and comes before what is in the file */
    size_t to;
    int file; /* -1: there is none */
    off_t file_from;
    off_t file_to;
    uint8_t *held; /* what comes after the file, for the disk had no room for it */
    size_t held_len;
    bool is_full; /* no more is to come, until some has gone */
};

/* In $TMPDIR or /tmp; without a file where none can be made there. False without memory. */
bool cas_cli_queue_open(struct cas_cli_queue *out_queue);

/* Reads from fd what it has, once: the result of read(). Not while it is full. */
ssize_t cas_cli_queue_fill(struct cas_cli_queue *queue, int fd);

struct cas_cli_letter {
    unsigned kind;
    struct cas_view content; /* valid until the queue is next used */
};

enum cas_cli_next {
    CAS_CLI_NEXT_LETTER,
    CAS_CLI_NEXT_NONE, /* not a whole one, so far */
    CAS_CLI_NEXT_BAD   /* what is there is no letter, or cannot be read */
};
enum cas_cli_next cas_cli_queue_next(struct cas_cli_queue *queue,
                                     struct cas_cli_letter *out_letter);

void cas_cli_queue_close(struct cas_cli_queue *queue);

#endif
