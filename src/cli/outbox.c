/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/outbox.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "cli/clock.h"
#include "cli/sink_file.h"

/* Records a write; enough to make its price small. */
#define PARTS_MAX 64

/* After a failure: the first wait, doubled each time up to the last. */
#define RETRY_FIRST_MS 50
#define RETRY_LAST_MS  500 /* space that comes back is used within a second */

#define TROUBLE_EVERY_MS 60000

struct record {
    struct record *next;
    size_t len;
    uint8_t bytes[];
};

struct cas_cli_outbox {
    struct cas_cli_place place; /* without a name: of a descriptor */
    struct cas_cli_sink_file file;
    const char *heading;
    size_t max_bytes;
    struct cas_view lead; /* what is left of what goes before the first record */
    struct record *first;
    struct record **end;
    size_t first_sent; /* bytes of the first record that are written */
    size_t bytes;      /* that the queue costs */
    bool is_dead;
    bool is_waiting; /* for a reader */
    uint64_t wait_until_ms;
    uint64_t now_ms; /* of the last flush */
    uint64_t retry_ms;
    uint64_t pause_ms; /* 0: the last write was good */
    int last_errno;
    bool is_told; /* that writing fails */
    uint64_t tell_ms;
    struct cas_cli_outbox_stats stats;
};

static struct cas_view view_of(const char *text)
{
    return (struct cas_view){ .data = (const uint8_t *)text, .len = strlen(text) };
}

static void forget_first(struct cas_cli_outbox *box)
{
    struct record *record = box->first;
    box->first = record->next;
    if (box->first == NULL) {
        box->end = &box->first;
    }
    box->first_sent = 0;
    box->bytes -= sizeof(*record) + record->len;
    box->stats.queued--;
    free(record);
}

/* Nobody will read it any more. */
static void die(struct cas_cli_outbox *box)
{
    box->is_dead = true;
    box->pause_ms = 0;
    box->lead.len = 0;
    while (box->first != NULL) {
        forget_first(box);
        box->stats.dropped++;
    }
}

static void note_failure(struct cas_cli_outbox *box, int reason)
{
    box->is_waiting = reason == EAGAIN || reason == EWOULDBLOCK;
    if (box->is_waiting) {
        return;
    }
    box->stats.errors++;
    box->last_errno = reason;
    if (reason == EPIPE || reason == ECONNRESET || reason == ENOTCONN || reason == EBADF) {
        die(box);
        return;
    }
    box->pause_ms = box->pause_ms == 0 ? RETRY_FIRST_MS : box->pause_ms * 2;
    if (box->pause_ms > RETRY_LAST_MS) {
        box->pause_ms = RETRY_LAST_MS;
    }
    box->retry_ms = box->now_ms + box->pause_ms;
}

static void note_written(struct cas_cli_outbox *box, size_t len)
{
    box->is_waiting = false;
    box->pause_ms = 0;
    size_t of_lead = len < box->lead.len ? len : box->lead.len;
    box->lead = (struct cas_view){ &box->lead.data[of_lead], box->lead.len - of_lead };
    len -= of_lead;
    while (len > 0) {
        size_t left = box->first->len - box->first_sent;
        if (len < left) {
            box->first_sent += len;
            return;
        }
        len -= left;
        forget_first(box);
        box->stats.written++;
    }
}

static struct iovec part_of(const uint8_t *bytes, size_t len)
{
    /* What is written from is not changed; the type knows only one kind. */
    return (struct iovec){ .iov_base = (void *)(uintptr_t)bytes, .iov_len = len };
}

/* Gives the number of parts, of together at most `most` bytes. */
static int gather(const struct cas_cli_outbox *box, struct iovec parts[PARTS_MAX], size_t most)
{
    int len = 0;
    size_t sent = box->first_sent;
    if (box->lead.len > 0) {
        parts[len++] = part_of(box->lead.data, box->lead.len);
    }
    for (const struct record *r = box->first; r != NULL && len < PARTS_MAX; r = r->next) {
        parts[len++] = part_of(&r->bytes[sent], r->len - sent);
        sent = 0;
    }
    for (int i = 0; i < len; i++) {
        if (parts[i].iov_len >= most) {
            parts[i].iov_len = most;
            return i + 1;
        }
        most -= parts[i].iov_len;
    }
    return len;
}

static bool takes_more(int fd, int timeout_ms)
{
    struct pollfd poller = { .fd = fd, .events = POLLOUT };
    return poll(&poller, 1, timeout_ms) == 1;
}

/* One write; false when no more can be written now. */
static bool write_some(struct cas_cli_outbox *box)
{
    struct iovec parts[PARTS_MAX];
    bool is_polled = box->file.way == CAS_CLI_WAY_POLLED;
    int parts_len = gather(box, parts, is_polled ? PIPE_BUF : SSIZE_MAX);
    if (is_polled && !takes_more(box->file.fd, 0)) {
        note_failure(box, EAGAIN);
        return false;
    }
    ssize_t written = 0;
    do {
        written = writev(box->file.fd, parts, parts_len);
    } while (written < 0 && errno == EINTR);
    if (written <= 0) {
        note_failure(box, written < 0 ? errno : EIO);
        return false;
    }
    note_written(box, (size_t)written);
    return true;
}

static void drain(struct cas_cli_outbox *box)
{
    while (!cas_cli_outbox_is_empty(box) && write_some(box)) {
    }
}

/* The file begins, or goes on after another run. */
static void begin_file(struct cas_cli_outbox *box)
{
    box->first_sent = 0;
    box->lead = view_of(cas_cli_sink_file_lead(&box->file, box->heading));
}

static struct cas_cli_outbox *create(size_t max_bytes, const char *heading)
{
    struct cas_cli_outbox *box = calloc(1, sizeof(*box));
    if (box != NULL) {
        box->file.fd = -1;
        box->heading = heading;
        box->max_bytes = max_bytes;
        box->end = &box->first;
    }
    return box;
}

int cas_cli_outbox_open(struct cas_cli_outbox **out_box, const char *path, size_t max_bytes,
                        const char *heading)
{
    struct cas_cli_outbox *box = create(max_bytes, heading);
    if (box == NULL) {
        return ENOMEM;
    }
    int reason = cas_cli_place_open(&box->place, path);
    if (reason == 0) {
        reason = cas_cli_sink_file_open(&box->file, &box->place);
    }
    if (reason != 0) {
        cas_cli_outbox_destroy(box);
        return reason;
    }
    begin_file(box);
    *out_box = box;
    return 0;
}

int cas_cli_outbox_open_fd(struct cas_cli_outbox **out_box, int fd, size_t max_bytes,
                           const char *heading)
{
    struct cas_cli_outbox *box = create(max_bytes, heading);
    if (box == NULL) {
        return ENOMEM;
    }
    box->file = cas_cli_sink_file_of(fd);
    box->lead = view_of(heading); /* what was in it before is not ours to judge */
    *out_box = box;
    return 0;
}

static bool has_room(const struct cas_cli_outbox *box, size_t len)
{
    size_t room = box->max_bytes - box->bytes;
    return room > sizeof(struct record) && len <= room - sizeof(struct record);
}

/* Makes room by writing, waiting for the reader as long as that is allowed. */
static bool make_room(struct cas_cli_outbox *box, size_t len)
{
    while (!has_room(box, len) && box->pause_ms == 0 && !box->is_dead) {
        drain(box);
        if (has_room(box, len) || !box->is_waiting) {
            break;
        }
        uint64_t now_ms = cas_cli_clock_ms();
        if (now_ms >= box->wait_until_ms) {
            break;
        }
        takes_more(box->file.fd, (int)(box->wait_until_ms - now_ms));
    }
    return has_room(box, len) && !box->is_dead;
}

bool cas_cli_outbox_push(struct cas_cli_outbox *box, struct cas_view record)
{
    struct record *kept = NULL;
    assert(record.len > 0);
    if (make_room(box, record.len)) {
        kept = malloc(sizeof(*kept) + record.len);
    }
    if (kept == NULL) {
        box->stats.dropped++;
        return false;
    }
    kept->next = NULL;
    kept->len = record.len;
    memcpy(kept->bytes, record.data, record.len);
    *box->end = kept;
    box->end = &kept->next;
    box->bytes += sizeof(*kept) + record.len;
    box->stats.queued++;
    return true;
}

void cas_cli_outbox_wait_until(struct cas_cli_outbox *box, uint64_t deadline_ms)
{
    box->wait_until_ms = deadline_ms;
}

void cas_cli_outbox_flush(struct cas_cli_outbox *box, uint64_t now_ms)
{
    box->now_ms = now_ms;
    if (box->pause_ms == 0 || now_ms >= box->retry_ms) {
        drain(box);
    }
}

int cas_cli_outbox_poll_fd(const struct cas_cli_outbox *box)
{
    return box->is_waiting && !box->is_dead ? box->file.fd : -1;
}

uint64_t cas_cli_outbox_retry_ms(const struct cas_cli_outbox *box)
{
    return box->pause_ms > 0 && !box->is_dead ? box->retry_ms : CAS_CLI_NEVER;
}

int cas_cli_outbox_reopen(struct cas_cli_outbox *box, uint64_t now_ms)
{
    struct cas_cli_sink_file fresh;
    if (box->place.name == NULL) {
        return 0;
    }
    box->now_ms = now_ms;
    drain(box);
    int reason = cas_cli_sink_file_open(&fresh, &box->place);
    if (reason != 0) {
        return reason;
    }
    bool goes_on = cas_cli_sink_file_goes_on(&box->file, &fresh);
    cas_cli_sink_file_close(&box->file);
    box->file = fresh;
    if (!goes_on) {
        begin_file(box);
    }
    box->is_dead = false;
    box->is_waiting = false;
    box->pause_ms = 0;
    drain(box);
    return 0;
}

enum cas_cli_trouble cas_cli_outbox_trouble(struct cas_cli_outbox *box, uint64_t now_ms)
{
    bool is_failing = box->pause_ms > 0;
    bool is_news = is_failing || box->is_told;
    if (box->is_dead || !is_news || now_ms < box->tell_ms) {
        return CAS_CLI_TROUBLE_NONE;
    }
    box->tell_ms = now_ms + TROUBLE_EVERY_MS;
    box->is_told = is_failing;
    return is_failing ? CAS_CLI_TROUBLE_FAILS : CAS_CLI_TROUBLE_OVER;
}

int cas_cli_outbox_errno(const struct cas_cli_outbox *box)
{
    return box->last_errno;
}

bool cas_cli_outbox_is_dead(const struct cas_cli_outbox *box)
{
    return box->is_dead;
}

bool cas_cli_outbox_is_empty(const struct cas_cli_outbox *box)
{
    return box->first == NULL && box->lead.len == 0;
}

struct cas_cli_outbox_stats cas_cli_outbox_stats(const struct cas_cli_outbox *box)
{
    return box->stats;
}

int cas_cli_outbox_fd(const struct cas_cli_outbox *box)
{
    return box->file.fd;
}

int cas_cli_outbox_dir_fd(const struct cas_cli_outbox *box)
{
    return box->place.name != NULL ? box->place.dir_fd : -1;
}

void cas_cli_outbox_destroy(struct cas_cli_outbox *box)
{
    if (box == NULL) {
        return;
    }
    while (box->first != NULL) {
        forget_first(box);
    }
    cas_cli_sink_file_close(&box->file);
    cas_cli_place_close(&box->place);
    free(box);
}
