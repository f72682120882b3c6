/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of a run on the disk: saved, found again, and set aside when it is damaged. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/state_file.h"
#include "support/folder.h"
#include "support/support.h"

static struct cas_cli_state_file file;
static struct cas_sniffer *sniffer;

static void begin(void)
{
    struct cas_sniffer_config config = cas_sniffer_defaults();
    folder_make();
    ck_assert(cas_cli_state_file_open(&file, folder_path("state")));
    sniffer = cas_sniffer_create(&config);
    ck_assert_ptr_nonnull(sniffer);
}

static void end(void)
{
    cas_sniffer_destroy(sniffer);
    cas_cli_state_file_close(&file);
    folder_remove();
}

START_TEST(no_state_is_a_fresh_start)
{
    ck_assert(cas_cli_state_file_load(&file, sniffer));
    ck_assert(!folder_has("state"));
    ck_assert(!folder_has("state.damaged"));
}
END_TEST

START_TEST(what_was_saved_is_taken_up)
{
    ck_assert_int_eq(cas_cli_state_file_save(&file, CAS_CLI_KEEP_DURABLE, sniffer), 0);
    ck_assert(cas_cli_state_file_load(&file, sniffer));
    ck_assert(folder_has("state"));
    ck_assert(!folder_has("state.damaged"));
    ck_assert(!folder_has(".state.new"));
}
END_TEST

START_TEST(a_damaged_state_is_set_aside)
{
    folder_write("state", "casniff-state 1\nsha256  of something else\n");
    ck_assert(cas_cli_state_file_load(&file, sniffer));
    ck_assert(!folder_has("state"));
    folder_check("state.damaged", "casniff-state 1\nsha256  of something else\n");
    ck_assert_int_eq(cas_cli_state_file_save(&file, CAS_CLI_KEEP_DURABLE, sniffer), 0);
    ck_assert(folder_has("state"));
}
END_TEST

START_TEST(a_file_without_contents_is_a_fresh_start)
{
    folder_write("state", "");
    ck_assert(cas_cli_state_file_load(&file, sniffer));
    ck_assert(!folder_has("state.damaged"));
}
END_TEST

START_TEST(a_link_is_left_alone)
{
    folder_write("secret", "casniff-state 1\n");
    ck_assert_int_eq(symlink("secret", folder_path("state")), 0);
    ck_assert(!cas_cli_state_file_load(&file, sniffer));
    ck_assert(folder_has("state"));
    ck_assert(!folder_has("state.damaged"));
    folder_check("secret", "casniff-state 1\n");
}
END_TEST

START_TEST(what_is_no_state_is_left_alone)
{
    folder_write("state", "casniff-statement\n");
    ck_assert(!cas_cli_state_file_load(&file, sniffer));
    folder_check("state", "casniff-statement\n");
    ck_assert_int_eq(unlink(folder_path("state")), 0);
    ck_assert_int_eq(mkdir(folder_path("state"), 0700), 0);
    ck_assert(!cas_cli_state_file_load(&file, sniffer));
    ck_assert_int_eq(rmdir(folder_path("state")), 0);
    ck_assert_int_eq(mkfifo(folder_path("state"), 0600), 0);
    ck_assert(!cas_cli_state_file_load(&file, sniffer));
    ck_assert(folder_has("state"));
    ck_assert(!folder_has("state.damaged"));
}
END_TEST

START_TEST(a_directory_in_its_place_fails_to_be_saved_over)
{
    ck_assert_int_eq(mkdir(folder_path("state"), 0700), 0);
    ck_assert_int_eq(cas_cli_state_file_save(&file, CAS_CLI_KEEP_DURABLE, sniffer), EISDIR);
    ck_assert(!folder_has(".state.new"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("state_file");
    TCase *tcase = tcase_create("state_file");
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, no_state_is_a_fresh_start);
    tcase_add_test(tcase, what_was_saved_is_taken_up);
    tcase_add_test(tcase, a_damaged_state_is_set_aside);
    tcase_add_test(tcase, a_file_without_contents_is_a_fresh_start);
    tcase_add_test(tcase, a_link_is_left_alone);
    tcase_add_test(tcase, what_is_no_state_is_left_alone);
    tcase_add_test(tcase, a_directory_in_its_place_fails_to_be_saved_over);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
