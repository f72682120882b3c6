/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bounded queue of whole records in front of one descriptor, for output that must never keep
 * the capture waiting. Knows nothing of what is in a record, and never says anything.
 *
 * Nothing here blocks. A pipe or a terminal that came from outside is opened once more through
 * /proc with O_NONBLOCK, for the flag on the descriptor itself would be everybody's who shares
 * it. Where that fails, and for sockets, which cannot be opened again, poll() is asked before
 * every write of at most PIPE_BUF bytes: a pipe takes that much when it says so, and so does a
 * stream socket; only a terminal, or another writer to the same socket, can then make a write
 * wait. Writes to a regular file go to the page cache.
 *
 * A record goes out whole: what was written of it is remembered, and the rest follows, after a
 * full disk as well. When the queue is full, the newest is dropped and counted. A reader that
 * has closed its end makes the outbox dead: it drops and counts.
 */
#ifndef CAS_CLI_OUTBOX_H
#define CAS_CLI_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

/* A stalled reader may stay away for seconds of a busy server's events. */
#define CAS_CLI_OUTBOX_BYTES ((size_t)4 * 1024 * 1024)

/* Nothing to wait for. */
#define CAS_CLI_NEVER UINT64_MAX

struct cas_cli_outbox;

struct cas_cli_outbox_stats {
    uint64_t written; /* records, whole ones */
    uint64_t dropped;
    uint64_t errors; /* writes that failed, the waits for a reader not among them */
    uint64_t queued;
};

/* What there is to say about an outbox now. */
enum cas_cli_trouble {
    CAS_CLI_TROUBLE_NONE,
    CAS_CLI_TROUBLE_FAILS, /* writing fails; errno_of tells how */
    CAS_CLI_TROUBLE_OVER   /* it works again */
};

/*
 * Each gives 0 or an errno. max_bytes bounds the queue, what it costs to keep included.
 * heading, "" or a whole line, is put at the top of a file that is empty and of a stream; kept
 * alive by the caller.
 *
 * A path is opened to be continued: made when it is not there (0640), never through a symbolic
 * link, and with a newline first if its last line was cut off. A FIFO needs no reader yet, and
 * none is missed when it leaves. The descriptor of the second stays the caller's.
 */
int cas_cli_outbox_open(struct cas_cli_outbox **out_box, const char *path, size_t max_bytes,
                        const char *heading);
int cas_cli_outbox_open_fd(struct cas_cli_outbox **out_box, int fd, size_t max_bytes,
                           const char *heading);

/* Queues a record, which is copied; false when it was dropped. */
bool cas_cli_outbox_push(struct cas_cli_outbox *box, struct cas_view record);

/* Until this time push() waits for room instead of dropping: for the last words of a run. */
void cas_cli_outbox_wait_until(struct cas_cli_outbox *box, uint64_t deadline_ms);

/*
 * Writes what can be written; after a failure not before its time has come. Times are those of
 * cas_cli_clock_ms().
 */
void cas_cli_outbox_flush(struct cas_cli_outbox *box, uint64_t now_ms);

/* To poll for writing; -1 when that is not what the queue waits for. */
int cas_cli_outbox_poll_fd(const struct cas_cli_outbox *box);
/* When to flush again after a failure; CAS_CLI_NEVER when there was none. */
uint64_t cas_cli_outbox_retry_ms(const struct cas_cli_outbox *box);

/*
 * Opens the path anew, in the directory as it was at the start; what is queued goes to the old
 * file as far as that takes it. A record that is half in the old file then goes to the new one
 * as a whole. 0, or the errno of an open that failed: the old file is kept. An outbox without a
 * path has nothing to do.
 */
int cas_cli_outbox_reopen(struct cas_cli_outbox *box, uint64_t now_ms);

/* Something but TROUBLE_NONE at most once a minute; asking takes it as said. */
enum cas_cli_trouble cas_cli_outbox_trouble(struct cas_cli_outbox *box, uint64_t now_ms);
/* Of the last failure; 0 before the first. */
int cas_cli_outbox_errno(const struct cas_cli_outbox *box);

bool cas_cli_outbox_is_dead(const struct cas_cli_outbox *box);
bool cas_cli_outbox_is_empty(const struct cas_cli_outbox *box);
struct cas_cli_outbox_stats cas_cli_outbox_stats(const struct cas_cli_outbox *box);

/* For confinement and to give the file away: what is written to, and its directory or -1. */
int cas_cli_outbox_fd(const struct cas_cli_outbox *box);
int cas_cli_outbox_dir_fd(const struct cas_cli_outbox *box);

/* What is still queued is lost. */
void cas_cli_outbox_destroy(struct cas_cli_outbox *box);

#endif
