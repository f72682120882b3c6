/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Outboxes before readers that stall, leave, or take a byte at a time. Files and their rotation
 * are in test_outbox_files.c. No clock: the times are the tests' own.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/clock.h"
#include "cli/outbox.h"
#include "support/dice.h"
#include "support/folder.h"
#include "support/support.h"

#define SMALL       65536 /* a queue that fills up soon */
#define FAULTS      100000
#define LINE_DIGITS 8

/* What the wrapped writev() does to one call in three; off: nothing. */
static bool has_faults;
static struct dice dice;

/* The linker's --wrap gives them these names. */
ssize_t true_writev(int fd, const struct iovec *parts, int parts_len) __asm__("__real_writev");
ssize_t faulty_writev(int fd, const struct iovec *parts,
                      int parts_len) __asm__("__wrap_writev");

ssize_t faulty_writev(int fd, const struct iovec *parts, int parts_len)
{
    if (!has_faults) {
        return true_writev(fd, parts, parts_len);
    }
    switch (dice_roll(&dice, 9)) {
    case 0:
        errno = EINTR;
        return -1;
    case 1:
        errno = EAGAIN;
        return -1;
    case 2:
        return write(fd, parts[0].iov_base, 1);
    case 3:
        return write(fd, parts[0].iov_base, (parts[0].iov_len + 1) / 2);
    default:
        return true_writev(fd, parts, parts_len);
    }
}

static struct cas_view line_of(unsigned number)
{
    static char line[64];
    snprintf(line, sizeof(line), "line %0*u of many, to be read whole\n", LINE_DIGITS, number);
    return text_view(line);
}

static struct cas_cli_outbox *box_of(int fd, size_t max_bytes)
{
    struct cas_cli_outbox *box = NULL;
    ck_assert_int_eq(cas_cli_outbox_open_fd(&box, fd, max_bytes, ""), 0);
    return box;
}

static void push(struct cas_cli_outbox *box, const char *text)
{
    ck_assert(cas_cli_outbox_push(box, text_view(text)));
}

/* Counts the lines of a stream, each of which must be the next one, or a later one. */
struct reader {
    char part[128];
    size_t part_len;
    unsigned lines;
    unsigned next;
};

/* Asserts cost a call of the system each: only what is wrong gets to one. */
static void take_line(struct reader *reader)
{
    reader->part[reader->part_len] = '\0';
    unsigned number = (unsigned)strtoul(&reader->part[strlen("line ")], NULL, 10);
    struct cas_view whole = line_of(number);
    if (!cas_view_equal(text_view(reader->part), whole)) {
        ck_abort_msg("torn: \"%s\"", reader->part);
    }
    if (number < reader->next) {
        ck_abort_msg("line %u after line %u", number, reader->next - 1);
    }
    reader->next = number + 1;
    reader->lines++;
    reader->part_len = 0;
}

/* What is there now, at most most bytes; false at the end of the stream. */
static bool read_lines(struct reader *reader, int fd, size_t most)
{
    char bytes[4096];
    ssize_t len = read(fd, bytes, most < sizeof(bytes) ? most : sizeof(bytes));
    for (ssize_t i = 0; i < len; i++) {
        if (reader->part_len + 1 == sizeof(reader->part)) {
            ck_abort_msg("no line is that long");
        }
        reader->part[reader->part_len++] = bytes[i];
        if (bytes[i] == '\n') {
            take_line(reader);
        }
    }
    return len > 0;
}

static void check_counts(const struct cas_cli_outbox *box, const struct reader *reader,
                         unsigned pushed)
{
    struct cas_cli_outbox_stats stats = cas_cli_outbox_stats(box);
    ck_assert_uint_eq(stats.written, reader->lines);
    ck_assert_uint_eq(stats.written + stats.dropped, pushed);
    ck_assert_uint_eq(stats.queued, 0);
    ck_assert_uint_eq(reader->part_len, 0);
}

START_TEST(a_stalled_pipe_keeps_nobody_waiting)
{
    const unsigned many = 10000; /* several times what the pipe and the queue take */
    int ends[2];
    struct reader reader = { 0 };
    ck_assert_int_eq(pipe(ends), 0);
    struct cas_cli_outbox *box = box_of(ends[1], SMALL);
    for (unsigned i = 0; i < many; i++) {
        cas_cli_outbox_push(box, line_of(i));
        cas_cli_outbox_flush(box, i);
    }
    ck_assert_int_ge(cas_cli_outbox_poll_fd(box), 0);
    ck_assert_uint_gt(cas_cli_outbox_stats(box).dropped, 0);
    ck_assert_uint_eq(cas_cli_outbox_stats(box).errors, 0);
    while (!cas_cli_outbox_is_empty(box)) {
        read_lines(&reader, ends[0], SIZE_MAX);
        cas_cli_outbox_flush(box, many);
    }
    ck_assert_int_eq(cas_cli_outbox_poll_fd(box), -1);
    cas_cli_outbox_push(box, line_of(many));
    cas_cli_outbox_flush(box, many);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    while (read_lines(&reader, ends[0], SIZE_MAX)) {
    }
    ck_assert_uint_eq(reader.next, many + 1); /* the stream goes on after the loss */
    check_counts(box, &reader, many + 1);
    cas_cli_outbox_destroy(box);
}
END_TEST

START_TEST(the_flags_of_a_shared_descriptor_stay)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    struct cas_cli_outbox *box = box_of(ends[1], SMALL);
    ck_assert_int_eq(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
    ck_assert_int_ne(fcntl(cas_cli_outbox_fd(box), F_GETFL) & O_NONBLOCK, 0);
    cas_cli_outbox_destroy(box);
    ck_assert_int_ge(fcntl(ends[1], F_GETFL), 0); /* still open */
}
END_TEST

START_TEST(a_reader_that_leaves_makes_it_dead)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    struct cas_cli_outbox *box = box_of(ends[1], SMALL);
    close(ends[0]);
    push(box, "one\n");
    push(box, "two\n");
    cas_cli_outbox_flush(box, 0);
    ck_assert(cas_cli_outbox_is_dead(box));
    ck_assert(!cas_cli_outbox_push(box, text_view("three\n")));
    cas_cli_outbox_flush(box, 1000);
    ck_assert_int_eq(cas_cli_outbox_errno(box), EPIPE);
    ck_assert_int_eq(cas_cli_outbox_poll_fd(box), -1);
    ck_assert_uint_eq(cas_cli_outbox_retry_ms(box), CAS_CLI_NEVER);
    ck_assert_int_eq(cas_cli_outbox_trouble(box, 1000), CAS_CLI_TROUBLE_NONE);
    struct cas_cli_outbox_stats stats = cas_cli_outbox_stats(box);
    ck_assert_uint_eq(stats.dropped, 3);
    ck_assert_uint_eq(stats.errors, 1);
    ck_assert_uint_eq(stats.queued, 0);
    cas_cli_outbox_destroy(box);
}
END_TEST

START_TEST(a_record_longer_than_the_queue_is_dropped)
{
    int ends[2];
    static uint8_t bytes[SMALL];
    ck_assert_int_eq(pipe(ends), 0);
    struct cas_cli_outbox *box = box_of(ends[1], SMALL);
    memset(bytes, 'x', sizeof(bytes));
    ck_assert(!cas_cli_outbox_push(box, (struct cas_view){ bytes, sizeof(bytes) }));
    push(box, "short\n");
    ck_assert_uint_eq(cas_cli_outbox_stats(box).dropped, 1);
    cas_cli_outbox_destroy(box);
}
END_TEST

/* A socket cannot be opened once more; it stays as it was and is polled. */
START_TEST(a_small_socket_gets_whole_records)
{
    const unsigned many = 3000;
    const int size = 1; /* the least the system gives */
    int ends[2];
    struct reader reader = { 0 };
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    struct cas_cli_outbox *box = box_of(ends[1], SMALL);
    ck_assert_int_eq(fcntl(cas_cli_outbox_fd(box), F_GETFL) & O_NONBLOCK, 0);
    for (unsigned i = 0; i < many; i++) {
        cas_cli_outbox_push(box, line_of(i));
        cas_cli_outbox_flush(box, i);
        if (i % 2 == 0 && cas_cli_outbox_poll_fd(box) >= 0) {
            read_lines(&reader, ends[0], 7);
        }
    }
    ck_assert_uint_gt(cas_cli_outbox_stats(box).dropped, 0);
    while (!cas_cli_outbox_is_empty(box)) {
        cas_cli_outbox_flush(box, many);
        read_lines(&reader, ends[0], SIZE_MAX);
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    while (read_lines(&reader, ends[0], SIZE_MAX)) {
    }
    check_counts(box, &reader, many);
    cas_cli_outbox_destroy(box);
}
END_TEST

START_TEST(no_fault_of_a_write_tears_a_line)
{
    int ends[2];
    struct reader reader = { 0 };
    ck_assert_int_eq(pipe(ends), 0);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    struct cas_cli_outbox *box = box_of(ends[1], SMALL);
    dice.state = 1;
    has_faults = true;
    for (unsigned i = 0; i < FAULTS; i++) {
        cas_cli_outbox_push(box, line_of(i));
        if (i % 3 == 0) {
            cas_cli_outbox_flush(box, i);
            read_lines(&reader, ends[0], SIZE_MAX);
        }
    }
    while (!cas_cli_outbox_is_empty(box)) {
        cas_cli_outbox_flush(box, FAULTS);
        read_lines(&reader, ends[0], SIZE_MAX);
    }
    while (read_lines(&reader, ends[0], SIZE_MAX)) {
    }
    has_faults = false;
    check_counts(box, &reader, FAULTS);
    ck_assert_uint_gt(reader.lines, FAULTS / 2);
    cas_cli_outbox_destroy(box);
}
END_TEST

/* Reads slowly until the end; the number of lines is its exit code's business. */
static void read_slowly(int fd, unsigned lines)
{
    struct reader reader = { 0 };
    while (read_lines(&reader, fd, SIZE_MAX)) {
        poll(NULL, 0, 1);
    }
    _exit(reader.lines == lines && reader.part_len == 0 ? 0 : 1);
}

START_TEST(the_last_words_wait_for_a_slow_reader)
{
    const unsigned many = 10000;
    unsigned kept = 0;
    int ends[2];
    int status = 0;
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[1]);
        read_slowly(ends[0], many);
    }
    close(ends[0]);
    struct cas_cli_outbox *box = box_of(ends[1], SMALL);
    cas_cli_outbox_wait_until(box, cas_cli_clock_ms() + 30000);
    for (unsigned i = 0; i < many; i++) {
        kept += cas_cli_outbox_push(box, line_of(i)) ? 1 : 0;
    }
    ck_assert_uint_eq(kept, many);
    while (!cas_cli_outbox_is_empty(box)) {
        cas_cli_outbox_flush(box, 0);
    }
    cas_cli_outbox_destroy(box);
    close(ends[1]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(the_wait_for_a_stalled_reader_ends)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    struct cas_cli_outbox *box = box_of(ends[1], SMALL);
    uint64_t begin_ms = cas_cli_clock_ms();
    cas_cli_outbox_wait_until(box, begin_ms + 100);
    for (unsigned i = 0; i < 10000; i++) {
        cas_cli_outbox_push(box, line_of(i));
    }
    uint64_t took_ms = cas_cli_clock_ms() - begin_ms;
    ck_assert_uint_ge(took_ms, 100);
    ck_assert_uint_lt(took_ms, 2000);
    ck_assert_uint_gt(cas_cli_outbox_stats(box).dropped, 0);
    cas_cli_outbox_destroy(box);
}
END_TEST

START_TEST(a_fifo_needs_no_reader_and_outlives_one)
{
    struct cas_cli_outbox *box = NULL;
    struct reader reader = { 0 };
    ck_assert_int_eq(mkfifo(folder_path("fifo"), 0600), 0);
    ck_assert_int_eq(cas_cli_outbox_open(&box, folder_path("fifo"), SMALL, ""), 0);
    for (unsigned i = 0; i < 30; i++) {
        cas_cli_outbox_push(box, line_of(i));
        cas_cli_outbox_flush(box, i);
        if (i % 10 == 9) { /* a reader comes, reads and leaves */
            int fd = open(folder_path("fifo"), O_RDONLY | O_NONBLOCK);
            ck_assert(read_lines(&reader, fd, SIZE_MAX));
            close(fd);
        }
    }
    ck_assert_uint_eq(reader.lines, 30);
    ck_assert(!cas_cli_outbox_is_dead(box));
    cas_cli_outbox_destroy(box);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("outbox");
    TCase *tcase = tcase_create("outbox");
    signal(SIGPIPE, SIG_IGN);
    tcase_add_checked_fixture(tcase, folder_make, folder_remove);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_stalled_pipe_keeps_nobody_waiting);
    tcase_add_test(tcase, the_flags_of_a_shared_descriptor_stay);
    tcase_add_test(tcase, a_reader_that_leaves_makes_it_dead);
    tcase_add_test(tcase, a_record_longer_than_the_queue_is_dropped);
    tcase_add_test(tcase, a_small_socket_gets_whole_records);
    tcase_add_test(tcase, no_fault_of_a_write_tears_a_line);
    tcase_add_test(tcase, the_last_words_wait_for_a_slow_reader);
    tcase_add_test(tcase, the_wait_for_a_stalled_reader_ends);
    tcase_add_test(tcase, a_fifo_needs_no_reader_and_outlives_one);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
