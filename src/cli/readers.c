/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/readers.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/say.h"

/* How often whoever waits looks whether it is to go on. */
#define WAIT_MS 200

static bool make_board(struct cas_cli_readers *readers)
{
    void *memory = mmap(NULL, sizeof(*readers->board), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return false;
    }
    readers->board = memory;
    atomic_init(&readers->board->next, 0);
    atomic_init(&readers->board->is_over, false);
    atomic_init(&readers->board->reopenings, 0);
    return true;
}

/* In the new process: it ends here. */
static _Noreturn void be_reader(const struct cas_cli_readers *readers, size_t i, int fd,
                                const struct cas_cli_readers_work *work)
{
    struct cas_cli_mail mail;
    for (size_t j = 0; j < i; j++) {
        close(readers->reader[j].fd);
        close(readers->reader[j].pid_fd);
        cas_cli_queue_close(&readers->reader[j].queue);
    }
    if (!cas_cli_mail_open(&mail, fd)) {
        _exit(CAS_EXIT_FAILED);
    }
    work->run(work->ctx, i, readers->board, &mail);
    cas_cli_mail_close(&mail);
    exit(CAS_EXIT_DONE);
}

/* A number may become another process's; a descriptor stays this one's. */
static int open_pid(pid_t pid)
{
#ifdef SYS_pidfd_open
    return (int)syscall(SYS_pidfd_open, pid, 0);
#else
    (void)pid;
    return -1;
#endif
}

static void kill_reader(const struct cas_cli_reader *reader)
{
#ifdef SYS_pidfd_send_signal
    if (reader->pid_fd >= 0) {
        (void)syscall(SYS_pidfd_send_signal, reader->pid_fd, SIGKILL, NULL, 0);
    }
#endif
    (void)reader;
}

static bool start(struct cas_cli_readers *readers, const struct cas_cli_readers_work *work)
{
    size_t i = readers->len;
    struct cas_cli_reader *reader = &readers->reader[i];
    int ends[2];
    if (pipe(ends) != 0) {
        return false;
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        be_reader(readers, i, ends[1], work);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return false;
    }
    *reader = (struct cas_cli_reader){
        .pid = pid,
        .pid_fd = open_pid(pid),
        .fd = ends[0],
        .queue = { .file = -1 },
    };
    readers->len++;
    return cas_cli_queue_open(&reader->queue);
}

bool cas_cli_readers_start(struct cas_cli_readers *out_readers, size_t len,
                           const struct cas_cli_readers_work *work)
{
    assert(len <= CAS_CLI_READERS_MAX);
    *out_readers = (struct cas_cli_readers){
        .reader = calloc(len, sizeof(*out_readers->reader)),
    };
    bool is_good = out_readers->reader != NULL && make_board(out_readers);
    while (is_good && out_readers->len < len) {
        is_good = start(out_readers, work);
    }
    if (!is_good) {
        cas_cli_say("cannot start the processes that read: %s", strerror(errno));
    }
    return is_good;
}

static void reap(struct cas_cli_reader *reader)
{
    close(reader->fd);
    reader->fd = -1;
    while (waitpid(reader->pid, &reader->status, 0) < 0 && errno == EINTR) {
    }
}

static void take_in(struct cas_cli_reader *reader)
{
    ssize_t len = cas_cli_queue_fill(&reader->queue, reader->fd);
    if (len == 0 || (len < 0 && errno != EINTR)) {
        reap(reader);
    }
}

void cas_cli_readers_poll(const struct cas_cli_readers *readers, struct pollfd *out_polls)
{
    for (size_t i = 0; i < readers->len; i++) {
        const struct cas_cli_reader *reader = &readers->reader[i];
        out_polls[i] = (struct pollfd){
            .fd = reader->queue.is_full ? -1 : reader->fd,
            .events = POLLIN,
        };
    }
}

void cas_cli_readers_take(struct cas_cli_readers *readers, const struct pollfd *polls)
{
    for (size_t i = 0; i < readers->len; i++) {
        if ((polls[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
            take_in(&readers->reader[i]);
        }
    }
}

bool cas_cli_readers_wait(struct cas_cli_readers *readers)
{
    struct pollfd polls[CAS_CLI_READERS_MAX] = { 0 };
    cas_cli_readers_poll(readers, polls);
    if (poll(polls, (nfds_t)readers->len, WAIT_MS) < 0 && errno != EINTR) {
        cas_cli_say("cannot wait for the processes that read: %s", strerror(errno));
        return false;
    }
    cas_cli_readers_take(readers, polls);
    return true;
}

bool cas_cli_readers_have_ended(const struct cas_cli_readers *readers)
{
    for (size_t i = 0; i < readers->len; i++) {
        if (readers->reader[i].fd >= 0) {
            return false;
        }
    }
    return true;
}

void cas_cli_readers_end(struct cas_cli_readers *readers)
{
    if (readers->board != NULL) {
        atomic_store(&readers->board->is_over, true);
    }
}

void cas_cli_readers_close(struct cas_cli_readers *readers)
{
    cas_cli_readers_end(readers);
    for (size_t i = 0; i < readers->len; i++) {
        if (readers->reader[i].fd >= 0) {
            kill_reader(&readers->reader[i]);
            reap(&readers->reader[i]);
        }
        if (readers->reader[i].pid_fd >= 0) {
            close(readers->reader[i].pid_fd);
        }
        cas_cli_queue_close(&readers->reader[i].queue);
    }
    if (readers->board != NULL) {
        (void)munmap(readers->board, sizeof(*readers->board));
    }
    free(readers->reader);
    *readers = (struct cas_cli_readers){ 0 };
}
