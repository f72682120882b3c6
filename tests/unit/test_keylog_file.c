/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key logs that grow, are cut and are replaced, and captures with key logs in them. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/reader.h"
#include "support/folder.h"
#include "support/support.h"
#include "tls/keylog.h"

#define ALL SIZE_MAX

static struct cas_keylog *keylog;
static struct cas_keylog_file *file;
static struct cas_keylog_news news;
static struct cas_error error;
static int out; /* whoever writes the key log */

/* A line of the connection of this number, without its end. */
static const char *line_of(unsigned number)
{
    static char line[256];
    snprintf(line, sizeof(line), "SERVER_TRAFFIC_SECRET_0 %064x %064x", number, number);
    return line;
}

static bool knows(unsigned number)
{
    const uint8_t random[CAS_RANDOM_LEN] = { [CAS_RANDOM_LEN - 2] = (uint8_t)(number >> 8),
                                             [CAS_RANDOM_LEN - 1] = (uint8_t)number };
    return cas_keylog_find(keylog, random) != NULL;
}

static void put(const char *text)
{
    ck_assert_int_eq(write(out, text, strlen(text)), (ssize_t)strlen(text));
}

static void put_line(unsigned number)
{
    put(line_of(number));
    put("\n");
}

static enum cas_err use(enum cas_keylog_access access)
{
    int fd = open(folder_path("keys.log"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    if (file == NULL) {
        file = cas_keylog_file_create(keylog, "keys.log", access);
    }
    enum cas_err err = cas_keylog_file_use(file, fd, &error);
    if (err != CAS_OK) {
        close(fd);
    }
    return err;
}

static void read_on(void)
{
    ck_assert_int_eq(cas_keylog_file_read(file, ALL, &news, &error), CAS_OK);
}

static void begin(void)
{
    folder_make();
    keylog = cas_keylog_create();
    file = NULL;
    out = open(folder_path("keys.log"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ck_assert_int_ge(out, 0);
}

static void end(void)
{
    cas_keylog_file_destroy(file);
    cas_keylog_destroy(keylog);
    close(out);
    folder_remove();
}

START_TEST(lines_are_taken_as_they_come)
{
    put_line(1);
    ck_assert_int_eq(use(CAS_KEYLOG_PRIVATE), CAS_OK);
    ck_assert(!knows(1));
    read_on();
    ck_assert(knows(1));
    read_on();
    put_line(2);
    ck_assert(!knows(2));
    read_on();
    ck_assert(knows(2));
    ck_assert_uint_eq(news.bad_lines, 0);
}
END_TEST

START_TEST(an_unfinished_line_waits_for_its_end)
{
    const char *line = line_of(3);
    ck_assert_int_eq(use(CAS_KEYLOG_PRIVATE), CAS_OK);
    for (size_t i = 0; i < strlen(line); i++) {
        const char byte[] = { line[i], '\0' };
        put(byte);
        read_on();
        ck_assert(news.is_unfinished && news.bad_lines == 0 && !knows(3));
    }
    put("\n");
    read_on();
    ck_assert(knows(3) && !news.is_unfinished);
}
END_TEST

START_TEST(a_last_line_without_an_end_is_taken_when_it_is_one)
{
    put(line_of(4));
    ck_assert_int_eq(use(CAS_KEYLOG_PRIVATE), CAS_OK);
    read_on();
    ck_assert(!knows(4));
    ck_assert_int_eq(cas_keylog_file_end(file, &error), CAS_OK);
    ck_assert(knows(4));
    ck_assert_int_eq(cas_keylog_file_end(file, &error), CAS_OK);
    put_line(5); /* which ends nothing: what was taken was a line */
    put("SERVER_TRAFFIC_SECRET_0 0011");
    read_on();
    ck_assert_int_eq(cas_keylog_file_end(file, &error), CAS_ERR_FORMAT);
    ck_assert_int_eq(strncmp(error.text, "keys.log:3: ", 12), 0);
}
END_TEST

START_TEST(a_bad_line_is_counted_and_the_rest_is_used)
{
    ck_assert_int_eq(use(CAS_KEYLOG_PRIVATE), CAS_OK);
    put_line(1);
    read_on();
    put("garbage\n");
    put_line(2);
    put("more garbage\n");
    read_on();
    ck_assert_uint_eq(news.bad_lines, 2);
    ck_assert_int_eq(strncmp(news.first_bad.text, "keys.log:2: this is no line", 27), 0);
    ck_assert(knows(2));
    read_on();
    ck_assert_uint_eq(news.bad_lines, 0);
    ck_assert_uint_eq(cas_keylog_stats(keylog).bad_lines, 2);
}
END_TEST

START_TEST(a_line_that_is_too_long_is_passed_over_up_to_its_end)
{
    ck_assert_int_eq(use(CAS_KEYLOG_PRIVATE), CAS_OK);
    for (unsigned i = 0; i < 5000; i++) {
        put("A");
    }
    read_on();
    ck_assert(news.is_unfinished && news.bad_lines == 0);
    put(" A\n");
    put_line(1);
    read_on();
    ck_assert_uint_eq(news.bad_lines, 1);
    ck_assert_str_eq(news.first_bad.text, "keys.log:1: this line is too long for a key log");
    ck_assert(knows(1));
}
END_TEST

START_TEST(little_is_read_at_once_when_little_may_be)
{
    for (unsigned i = 0; i < 1000; i++) {
        put_line(i);
    }
    ck_assert_int_eq(use(CAS_KEYLOG_PRIVATE), CAS_OK);
    ck_assert_int_eq(cas_keylog_file_read(file, 1, &news, &error), CAS_OK);
    ck_assert(news.is_more && knows(0) && !knows(999));
    while (news.is_more) {
        ck_assert_int_eq(cas_keylog_file_read(file, 1, &news, &error), CAS_OK);
    }
    ck_assert(knows(999));
}
END_TEST

START_TEST(a_file_that_was_cut_is_read_from_its_beginning)
{
    put_line(1);
    put("SERVER_TRAFFIC_SECRET_0 00");
    ck_assert_int_eq(use(CAS_KEYLOG_PRIVATE), CAS_OK);
    read_on();
    ck_assert(!news.was_cut);
    ck_assert_int_eq(ftruncate(out, 0), 0);
    put_line(2);
    read_on();
    ck_assert(news.was_cut && knows(1) && knows(2) && !news.is_unfinished);
    put("garbage\n");
    read_on();
    ck_assert_int_eq(strncmp(news.first_bad.text, "keys.log:2: ", 12), 0);
}
END_TEST

START_TEST(another_file_takes_its_place)
{
    put_line(1);
    put("SERVER_TRAFFIC");
    ck_assert_int_eq(use(CAS_KEYLOG_PRIVATE), CAS_OK);
    read_on();
    ck_assert_int_eq(rename(folder_path("keys.log"), folder_path("keys.log.1")), 0);
    close(out);
    out = open(folder_path("keys.log"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    put_line(2);
    ck_assert_int_eq(use(CAS_KEYLOG_PRIVATE), CAS_OK);
    read_on();
    ck_assert(knows(2) && news.bad_lines == 0);
}
END_TEST

START_TEST(a_pipe_is_read_as_it_fills)
{
    ck_assert_int_eq(unlink(folder_path("keys.log")), 0);
    ck_assert_int_eq(mkfifo(folder_path("keys.log"), 0600), 0);
    ck_assert_int_eq(use(CAS_KEYLOG_PRIVATE), CAS_OK);
    read_on(); /* nobody writes yet */
    close(out);
    out = open(folder_path("keys.log"), O_WRONLY);
    read_on(); /* somebody does, but nothing */
    put_line(1);
    read_on();
    ck_assert(knows(1) && !news.was_cut);
}
END_TEST

START_TEST(what_everybody_may_read_is_refused_unless_told_otherwise)
{
    put_line(1);
    ck_assert_int_eq(fchmod(out, 0644), 0);
    ck_assert_int_eq(use(CAS_KEYLOG_PRIVATE), CAS_ERR_USAGE);
    ck_assert_int_eq(fchmod(out, 0640), 0);
    ck_assert_int_eq(use(CAS_KEYLOG_PRIVATE), CAS_OK);
    cas_keylog_file_destroy(file);
    file = NULL;
    ck_assert_int_eq(fchmod(out, 0644), 0);
    ck_assert_int_eq(use(CAS_KEYLOG_ANY), CAS_OK);
}
END_TEST

START_TEST(a_directory_is_no_key_log)
{
    ck_assert_int_eq(unlink(folder_path("keys.log")), 0);
    ck_assert_int_eq(mkdir(folder_path("keys.log"), 0700), 0);
    ck_assert_int_eq(use(CAS_KEYLOG_PRIVATE), CAS_ERR_IO);
    ck_assert_str_eq(error.text, "keys.log is a directory; name the key log in it");
    ck_assert_int_eq(rmdir(folder_path("keys.log")), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keylog_file");
    TCase *tcase = tcase_create("keylog_file");
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, lines_are_taken_as_they_come);
    tcase_add_test(tcase, an_unfinished_line_waits_for_its_end);
    tcase_add_test(tcase, a_last_line_without_an_end_is_taken_when_it_is_one);
    tcase_add_test(tcase, a_bad_line_is_counted_and_the_rest_is_used);
    tcase_add_test(tcase, a_line_that_is_too_long_is_passed_over_up_to_its_end);
    tcase_add_test(tcase, little_is_read_at_once_when_little_may_be);
    tcase_add_test(tcase, a_file_that_was_cut_is_read_from_its_beginning);
    tcase_add_test(tcase, another_file_takes_its_place);
    tcase_add_test(tcase, a_pipe_is_read_as_it_fills);
    tcase_add_test(tcase, what_everybody_may_read_is_refused_unless_told_otherwise);
    tcase_add_test(tcase, a_directory_is_no_key_log);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
