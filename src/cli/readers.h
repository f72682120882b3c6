/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processes that read packets for this one. They are forked with all rights, before there
 * is any report, confine themselves, and send letters; what is theirs to read they find on a
 * board that all of them see. Knows nothing of what is in the letters.
 */
#ifndef CAS_CLI_READERS_H
#define CAS_CLI_READERS_H

#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "cli/mail.h"
#include "cli/queue.h"

/* The most of them at once. */
#define CAS_CLI_READERS_MAX 16

/* In memory that all processes share. */
struct cas_cli_board {
    atomic_size_t next; /* the first capture that nobody has taken */
    atomic_bool is_over;
    atomic_uint reopenings; /* of key logs, that the user has asked for */
};

struct cas_cli_reader {
    pid_t pid;
    int pid_fd; /* to end it; -1: the kernel has none */
    int fd;     /* its letters; -1: it has ended, and all is in the queue */
    struct cas_cli_queue queue;
    int status; /* how it ended, as waitpid() says it */
};

struct cas_cli_readers {
    struct cas_cli_reader *reader;
    size_t len;
    struct cas_cli_board *board;
};

/* What a reader does, in its own process; i is its number. */
struct cas_cli_readers_work {
    void *ctx;
    void (*run)(void *ctx, size_t i, struct cas_cli_board *board, struct cas_cli_mail *to);
};

/* Starts so many. False when that cannot be: it has been said. To be closed in any case. */
bool cas_cli_readers_start(struct cas_cli_readers *out_readers, size_t len,
                           const struct cas_cli_readers_work *work);

/* The same in two steps, for who waits for other things as well: where their letters come from,
 * one entry for each reader; and once that has been polled, takes in what has come. */
void cas_cli_readers_poll(const struct cas_cli_readers *readers, struct pollfd *out_polls);
void cas_cli_readers_take(struct cas_cli_readers *readers, const struct pollfd *polls);

/* Waits a moment for letters, and takes in what has come. False when that failed: it has been
 * said. */
bool cas_cli_readers_wait(struct cas_cli_readers *readers);

bool cas_cli_readers_have_ended(const struct cas_cli_readers *readers);

/* They are to end soon. */
void cas_cli_readers_end(struct cas_cli_readers *readers);

/* Ends them, and waits until they have. */
void cas_cli_readers_close(struct cas_cli_readers *readers);

#endif
