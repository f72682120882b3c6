/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file that is replaced is the old one or the new one: in trouble, and when we are killed. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/replace_file.h"
#include "support/folder.h"
#include "support/support.h"

#define KILLS      200
#define FILE_LINES 2000

static struct cas_cli_place place;

static void begin(void)
{
    folder_make();
    ck_assert_int_eq(cas_cli_place_open(&place, folder_path("file")), 0);
}

static void end(void)
{
    cas_cli_place_close(&place);
    folder_remove();
}

static int make_text(void *user, const struct cas_writer *writer)
{
    return writer->write(writer->user, text_view(user));
}

static int replace(char *text, mode_t mode, enum cas_cli_keep keep)
{
    return cas_cli_replace_file(&place, mode, keep, make_text, text);
}

START_TEST(a_file_is_made_and_replaced)
{
    struct stat status;
    char one[] = "one\n";
    char two[] = "two\n";
    umask(0077);
    ck_assert_int_eq(replace(one, 0644, CAS_CLI_KEEP_ATOMIC), 0);
    folder_check("file", "one\n");
    ck_assert_int_eq(stat(folder_path("file"), &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777u, 0644);
    ck_assert_int_eq(replace(two, 0600, CAS_CLI_KEEP_DURABLE), 0);
    folder_check("file", "two\n");
    ck_assert_int_eq(stat(folder_path("file"), &status), 0);
    ck_assert_uint_eq(status.st_mode & 07777u, 0600);
    ck_assert(!folder_has(".file.new"));
}
END_TEST

static int make_half(void *user, const struct cas_writer *writer)
{
    ck_assert_int_eq(writer->write(writer->user, text_view("half of it")), 0);
    return *(const int *)user;
}

START_TEST(contents_that_fail_keep_the_old_file)
{
    int reason = ENOMEM;
    folder_write("file", "old\n");
    ck_assert_int_eq(
        cas_cli_replace_file(&place, 0644, CAS_CLI_KEEP_ATOMIC, make_half, &reason), ENOMEM);
    folder_check("file", "old\n");
    ck_assert(!folder_has(".file.new"));
}
END_TEST

START_TEST(a_full_disk_keeps_the_old_file)
{
    const struct rlimit limit = { .rlim_cur = 2, .rlim_max = RLIM_INFINITY };
    char text[] = "new\n";
    folder_write("file", "old\n");
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(replace(text, 0644, CAS_CLI_KEEP_ATOMIC), EFBIG);
    folder_check("file", "old\n");
    ck_assert(!folder_has(".file.new"));
}
END_TEST

START_TEST(what_a_killed_run_left_is_cleared_away)
{
    char text[] = "new\n";
    folder_write("secret", "mine\n");
    folder_write(".file.new", "half of");
    ck_assert_int_eq(replace(text, 0644, CAS_CLI_KEEP_ATOMIC), 0);
    folder_check("file", "new\n");
    ck_assert_int_eq(symlink("secret", folder_path(".file.new")), 0); /* or laid there */
    ck_assert_int_eq(replace(text, 0644, CAS_CLI_KEEP_ATOMIC), 0);
    folder_check("secret", "mine\n");
    ck_assert(!folder_has(".file.new"));
}
END_TEST

START_TEST(a_link_in_its_place_is_replaced_and_not_followed)
{
    char text[] = "new\n";
    folder_write("secret", "mine\n");
    ck_assert_int_eq(symlink("secret", folder_path("file")), 0);
    ck_assert_int_eq(replace(text, 0644, CAS_CLI_KEEP_ATOMIC), 0);
    folder_check("secret", "mine\n");
    folder_check("file", "new\n");
}
END_TEST

START_TEST(a_place_outlives_the_right_to_walk_there)
{
    char text[] = "new\n";
    char moved[512];
    const char *file = folder_path("file");
    char *folder = strndup(file, strlen(file) - strlen("/file"));
    snprintf(moved, sizeof(moved), "%s-moved", folder);
    ck_assert_int_eq(rename(folder, moved), 0);
    ck_assert_int_eq(replace(text, 0644, CAS_CLI_KEEP_ATOMIC), 0);
    ck_assert_int_eq(rename(moved, folder), 0);
    folder_check("file", "new\n");
    free(folder);
}
END_TEST

/* All lines are the same letter. */
static int make_letters(void *user, const struct cas_writer *writer)
{
    char line[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n";
    memset(line, *(const char *)user, sizeof(line) - 2);
    for (unsigned i = 0; i < FILE_LINES; i++) {
        if (writer->write(writer->user, text_view(line)) != 0) {
            return EIO;
        }
    }
    return 0;
}

static void replace_for_ever(void)
{
    for (char letter = 'a';; letter = letter == 'z' ? 'a' : (char)(letter + 1)) {
        (void)cas_cli_replace_file(&place, 0644, CAS_CLI_KEEP_ATOMIC, make_letters, &letter);
    }
}

static void check_letters(void)
{
    struct cas_view text = file_copy(folder_path("file"));
    ck_assert_uint_eq(text.len, FILE_LINES * 32);
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] != (i % 32 == 31 ? '\n' : text.data[0])) {
            ck_abort_msg("the file is a mixture");
        }
    }
    exact_free(text);
}

START_TEST(killed_at_any_time_the_file_is_whole)
{
    char letter = 'A';
    ck_assert_int_eq(
        cas_cli_replace_file(&place, 0644, CAS_CLI_KEEP_ATOMIC, make_letters, &letter), 0);
    for (unsigned i = 0; i < KILLS; i++) {
        pid_t child = fork();
        if (child == 0) {
            replace_for_ever();
        }
        usleep(i * 17 % 3000);
        kill(child, SIGKILL);
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
        check_letters();
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("replace_file");
    TCase *tcase = tcase_create("replace_file");
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_file_is_made_and_replaced);
    tcase_add_test(tcase, contents_that_fail_keep_the_old_file);
    tcase_add_test(tcase, a_full_disk_keeps_the_old_file);
    tcase_add_test(tcase, what_a_killed_run_left_is_cleared_away);
    tcase_add_test(tcase, a_link_in_its_place_is_replaced_and_not_followed);
    tcase_add_test(tcase, a_place_outlives_the_right_to_walk_there);
    tcase_add_test(tcase, killed_at_any_time_the_file_is_whole);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
