/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Outboxes before files: begun, continued, rotated under them, and on disks that are full. No
 * clock: the times are the tests' own.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/outbox.h"
#include "support/folder.h"
#include "support/support.h"

#define SMALL     65536 /* a queue that fills up soon */
#define MANY      (4u * 1024 * 1024)
#define ROTATIONS 1000
#define MINUTE_MS 60000
#define SECOND_MS 1000

static struct cas_cli_outbox *box_in(const char *name, size_t max_bytes, const char *heading)
{
    struct cas_cli_outbox *box = NULL;
    ck_assert_int_eq(cas_cli_outbox_open(&box, folder_path(name), max_bytes, heading), 0);
    return box;
}

static void push(struct cas_cli_outbox *box, const char *text)
{
    ck_assert(cas_cli_outbox_push(box, text_view(text)));
}

static void rotate(const char *from, const char *to)
{
    ck_assert_int_eq(rename(folder_path(from), folder_path(to)), 0);
}

/* The disk is full at so many bytes a file: writes are cut there, then fail with EFBIG. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(a_file_is_made_and_continued)
{
    struct cas_cli_outbox *box = box_in("log", SMALL, "");
    struct stat status;
    push(box, "one\n");
    push(box, "two\n");
    folder_check("log", "");
    cas_cli_outbox_flush(box, 0);
    folder_check("log", "one\ntwo\n");
    cas_cli_outbox_destroy(box);
    ck_assert_int_eq(stat(folder_path("log"), &status), 0);
    ck_assert_uint_eq((status.st_mode | 0640u) & 0777u, 0640);
    box = box_in("log", SMALL, "");
    push(box, "three\n");
    cas_cli_outbox_flush(box, 0);
    folder_check("log", "one\ntwo\nthree\n");
    cas_cli_outbox_destroy(box);
}
END_TEST

START_TEST(behind_a_line_that_was_cut_off_a_new_one_begins)
{
    folder_write("log", "one\ntw");
    struct cas_cli_outbox *box = box_in("log", SMALL, "heading\n");
    push(box, "three\n");
    cas_cli_outbox_flush(box, 0);
    folder_check("log", "one\ntw\nthree\n");
    cas_cli_outbox_destroy(box);
}
END_TEST

START_TEST(every_new_file_has_its_heading_once)
{
    struct cas_cli_outbox *box = box_in("log", SMALL, "heading\n");
    push(box, "one\n");
    cas_cli_outbox_flush(box, 0);
    cas_cli_outbox_destroy(box);
    box = box_in("log", SMALL, "heading\n");
    push(box, "two\n");
    ck_assert_int_eq(cas_cli_outbox_reopen(box, 0), 0); /* nobody renamed it */
    rotate("log", "log.1");
    push(box, "three\n");
    ck_assert_int_eq(cas_cli_outbox_reopen(box, 0), 0);
    push(box, "four\n");
    cas_cli_outbox_flush(box, 0);
    folder_check("log.1", "heading\none\ntwo\nthree\n");
    folder_check("log", "heading\nfour\n");
    cas_cli_outbox_destroy(box);
}
END_TEST

START_TEST(a_symbolic_link_is_not_followed)
{
    struct cas_cli_outbox *box = NULL;
    folder_write("secret", "mine\n");
    ck_assert_int_eq(symlink("secret", folder_path("log")), 0);
    ck_assert_int_eq(cas_cli_outbox_open(&box, folder_path("log"), SMALL, ""), ELOOP);
    folder_check("secret", "mine\n");
    box = box_in("other", SMALL, "");
    rotate("log", "other"); /* the link takes its place */
    ck_assert_int_eq(cas_cli_outbox_reopen(box, 0), ELOOP);
    folder_check("secret", "mine\n");
    cas_cli_outbox_destroy(box);
}
END_TEST

START_TEST(a_path_that_is_no_file_is_refused)
{
    struct cas_cli_outbox *box = NULL;
    ck_assert_int_eq(cas_cli_outbox_open(&box, "/tmp/", SMALL, ""), EISDIR);
    ck_assert_int_eq(cas_cli_outbox_open(&box, "/tmp", SMALL, ""), EISDIR);
    ck_assert_int_eq(cas_cli_outbox_open(&box, folder_path("no/log"), SMALL, ""), ENOENT);
}
END_TEST

START_TEST(a_reopen_that_fails_keeps_the_old_file)
{
    struct cas_cli_outbox *box = box_in("log", SMALL, "");
    rotate("log", "log.1");
    ck_assert_int_eq(mkdir(folder_path("log"), 0700), 0);
    push(box, "one\n");
    ck_assert_int_eq(cas_cli_outbox_reopen(box, 0), EISDIR);
    push(box, "two\n");
    cas_cli_outbox_flush(box, 0);
    folder_check("log.1", "one\ntwo\n");
    ck_assert_int_eq(rmdir(folder_path("log")), 0);
    ck_assert_int_eq(cas_cli_outbox_reopen(box, 0), 0);
    push(box, "three\n");
    cas_cli_outbox_flush(box, 0);
    folder_check("log", "three\n");
    cas_cli_outbox_destroy(box);
}
END_TEST

START_TEST(a_record_that_was_cut_by_a_full_disk_is_completed)
{
    struct cas_cli_outbox *box = box_in("log", SMALL, "");
    limit_files(6);
    push(box, "one\n");
    push(box, "two\n");
    push(box, "three\n");
    cas_cli_outbox_flush(box, 0);
    folder_check("log", "one\ntw");
    ck_assert_int_eq(cas_cli_outbox_errno(box), EFBIG);
    limit_files(RLIM_INFINITY);
    cas_cli_outbox_flush(box, SECOND_MS);
    folder_check("log", "one\ntwo\nthree\n");
    ck_assert_uint_eq(cas_cli_outbox_stats(box).written, 3);
    ck_assert_uint_eq(cas_cli_outbox_stats(box).errors, 1);
    cas_cli_outbox_destroy(box);
}
END_TEST

START_TEST(a_new_file_gets_the_cut_record_whole)
{
    struct cas_cli_outbox *box = box_in("log", SMALL, "");
    limit_files(6);
    push(box, "one\n");
    push(box, "two\n");
    cas_cli_outbox_flush(box, 0);
    rotate("log", "log.1");
    ck_assert_int_eq(cas_cli_outbox_reopen(box, 0), 0);
    folder_check("log.1", "one\ntw");
    folder_check("log", "two\n");
    cas_cli_outbox_destroy(box);
    limit_files(RLIM_INFINITY);
}
END_TEST

START_TEST(reopening_the_same_file_goes_on_inside_a_record)
{
    struct cas_cli_outbox *box = box_in("log", SMALL, "");
    limit_files(6);
    push(box, "one\n");
    push(box, "two\n");
    cas_cli_outbox_flush(box, 0);
    ck_assert_int_eq(cas_cli_outbox_reopen(box, 0), 0);
    folder_check("log", "one\ntw");
    limit_files(RLIM_INFINITY);
    ck_assert_int_eq(cas_cli_outbox_reopen(box, 0), 0);
    folder_check("log", "one\ntwo\n");
    cas_cli_outbox_destroy(box);
}
END_TEST

START_TEST(a_full_disk_is_tried_twice_a_second_and_told_once_a_minute)
{
    struct cas_cli_outbox *box = NULL;
    unsigned told = 0;
    ck_assert_int_eq(cas_cli_outbox_open(&box, "/dev/full", SMALL, ""), 0);
    for (uint64_t now_ms = 0; now_ms < 3ull * MINUTE_MS; now_ms += 10) {
        cas_cli_outbox_push(box, text_view("a line of some length\n"));
        cas_cli_outbox_flush(box, now_ms);
        told += cas_cli_outbox_trouble(box, now_ms) == CAS_CLI_TROUBLE_FAILS ? 1 : 0;
        if (cas_cli_outbox_retry_ms(box) > now_ms + SECOND_MS / 2) {
            ck_abort_msg("the next try is too far away");
        }
    }
    struct cas_cli_outbox_stats stats = cas_cli_outbox_stats(box);
    ck_assert_uint_eq(told, 3);
    ck_assert_int_eq(cas_cli_outbox_errno(box), ENOSPC);
    ck_assert_uint_le(stats.errors, 3 * 60 * 2 + 10);
    ck_assert_uint_ge(stats.errors, 3 * 60 * 2 - 10);
    ck_assert_uint_eq(stats.written, 0);
    ck_assert_uint_eq(stats.dropped + stats.queued, 3ull * MINUTE_MS / 10);
    cas_cli_outbox_destroy(box);
}
END_TEST

START_TEST(the_end_of_the_trouble_is_told)
{
    struct cas_cli_outbox *box = box_in("log", SMALL, "");
    limit_files(2);
    push(box, "one\n");
    cas_cli_outbox_flush(box, 0);
    ck_assert_int_eq(cas_cli_outbox_trouble(box, 0), CAS_CLI_TROUBLE_FAILS);
    limit_files(RLIM_INFINITY);
    cas_cli_outbox_flush(box, SECOND_MS);
    ck_assert_int_eq(cas_cli_outbox_trouble(box, SECOND_MS), CAS_CLI_TROUBLE_NONE);
    ck_assert_int_eq(cas_cli_outbox_trouble(box, MINUTE_MS), CAS_CLI_TROUBLE_OVER);
    ck_assert_int_eq(cas_cli_outbox_trouble(box, 2 * MINUTE_MS), CAS_CLI_TROUBLE_NONE);
    cas_cli_outbox_destroy(box);
}
END_TEST

/* Reads "line N" from a file; gives the number after the last, failing at any other line. */
static unsigned read_numbers(const char *name, unsigned from)
{
    char line[64];
    char wanted[64];
    FILE *file = fopen(folder_path(name), "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        snprintf(wanted, sizeof(wanted), "line %u\n", from++);
        if (strcmp(line, wanted) != 0) {
            ck_abort_msg("%s: \"%s\" is not \"%s\"", name, line, wanted);
        }
    }
    fclose(file);
    return from;
}

static struct cas_view numbered(unsigned number)
{
    static char line[32];
    snprintf(line, sizeof(line), "line %u\n", number);
    return text_view(line);
}

/* A 1 MiB disk of its own; false when this may not be made here. */
static bool mount_disk(const char *name)
{
    ck_assert_int_eq(mkdir(folder_path(name), 0700), 0);
    return mount("tmpfs", folder_path(name), "tmpfs", 0, "size=1m") == 0;
}

static void fill_disk(const char *name)
{
    static const uint8_t block[65536];
    int fd = open(folder_path(name), O_WRONLY | O_CREAT, 0600);
    ck_assert_int_ge(fd, 0);
    while (write(fd, block, sizeof(block)) > 0) {
    }
    ck_assert_int_eq(errno, ENOSPC);
    close(fd);
}

static unsigned push_until_dropped(struct cas_cli_outbox *box)
{
    unsigned pushed = 0;
    while (cas_cli_outbox_push(box, numbered(pushed))) {
        cas_cli_outbox_flush(box, 0);
        pushed++;
    }
    return pushed;
}

START_TEST(a_full_disk_that_is_freed_gets_every_record_that_was_kept)
{
    if (!mount_disk("disk")) {
        return; /* not without the right to mount */
    }
    struct cas_cli_outbox *box = box_in("disk/log", SMALL, "");
    fill_disk("disk/ballast");
    unsigned kept = push_until_dropped(box);
    ck_assert_uint_gt(kept, 1000);
    ck_assert_int_eq(cas_cli_outbox_errno(box), ENOSPC);
    ck_assert_int_eq(unlink(folder_path("disk/ballast")), 0);
    cas_cli_outbox_flush(box, SECOND_MS);
    ck_assert(cas_cli_outbox_is_empty(box));
    ck_assert(cas_cli_outbox_push(box, numbered(kept)));
    cas_cli_outbox_flush(box, SECOND_MS);
    ck_assert_uint_eq(read_numbers("disk/log", 0), kept + 1);
    cas_cli_outbox_destroy(box);
    ck_assert_int_eq(umount(folder_path("disk")), 0);
}
END_TEST

static volatile sig_atomic_t is_hung_up;

static void note_hangup(int number)
{
    (void)number;
    is_hung_up = 1;
}

static const char *rotated(unsigned i)
{
    static char name[32];
    snprintf(name, sizeof(name), "log.%u", i);
    return name;
}

/* As logrotate does: renames, tells, and waits until the new file is there. */
static void rotate_all(pid_t writer)
{
    for (unsigned i = 0; i < ROTATIONS; i++) {
        while (rename(folder_path("log"), folder_path(rotated(i))) != 0) {
            usleep(100);
        }
        kill(writer, SIGHUP);
    }
    _exit(0);
}

START_TEST(a_thousand_rotations_lose_and_tear_no_line)
{
    struct cas_cli_outbox *box = box_in("log", MANY, "");
    struct sigaction action = { .sa_handler = note_hangup };
    unsigned pushed = 0;
    unsigned found = 0;
    pid_t writer = getpid();
    sigaction(SIGHUP, &action, NULL);
    pid_t child = fork();
    if (child == 0) {
        rotate_all(writer);
    }
    for (int status = 0; waitpid(child, &status, WNOHANG) == 0;) {
        cas_cli_outbox_push(box, numbered(pushed++));
        if (pushed % 3 == 0) {
            cas_cli_outbox_flush(box, 0);
        }
        if (is_hung_up) {
            is_hung_up = 0;
            ck_assert_int_eq(cas_cli_outbox_reopen(box, 0), 0);
        }
    }
    ck_assert_int_eq(cas_cli_outbox_reopen(box, 0), 0);
    for (unsigned i = 0; i < ROTATIONS; i++) {
        found = read_numbers(rotated(i), found);
    }
    found = read_numbers("log", found);
    ck_assert_uint_eq(found, pushed);
    ck_assert_uint_gt(pushed, ROTATIONS);
    ck_assert_uint_eq(cas_cli_outbox_stats(box).written, pushed);
    cas_cli_outbox_destroy(box);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("outbox_files");
    TCase *tcase = tcase_create("outbox_files");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    tcase_add_checked_fixture(tcase, folder_make, folder_remove);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_file_is_made_and_continued);
    tcase_add_test(tcase, behind_a_line_that_was_cut_off_a_new_one_begins);
    tcase_add_test(tcase, every_new_file_has_its_heading_once);
    tcase_add_test(tcase, a_symbolic_link_is_not_followed);
    tcase_add_test(tcase, a_path_that_is_no_file_is_refused);
    tcase_add_test(tcase, a_reopen_that_fails_keeps_the_old_file);
    tcase_add_test(tcase, a_record_that_was_cut_by_a_full_disk_is_completed);
    tcase_add_test(tcase, a_new_file_gets_the_cut_record_whole);
    tcase_add_test(tcase, reopening_the_same_file_goes_on_inside_a_record);
    tcase_add_test(tcase, a_full_disk_is_tried_twice_a_second_and_told_once_a_minute);
    tcase_add_test(tcase, the_end_of_the_trouble_is_told);
    tcase_add_test(tcase, a_full_disk_that_is_freed_gets_every_record_that_was_kept);
    tcase_add_test(tcase, a_thousand_rotations_lose_and_tear_no_line);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
