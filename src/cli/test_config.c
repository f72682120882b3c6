/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/test_config.h"

#include <string.h>

#include <casniff/capture.h>

#include "cli/confine_user.h"
#include "cli/place.h"
#include "cli/say.h"
#include "cli/stores.h"

static int end_with(enum cas_err err, const struct cas_error *error)
{
    if (err != CAS_OK) {
        cas_cli_say("%s", error->text);
    }
    return cas_cli_exit_of(err);
}

static int test_interfaces(const struct cas_cli_options *options)
{
    int ended = CAS_EXIT_DONE;
    for (size_t i = 0; i < options->interfaces.len; i++) {
        struct cas_error error = { 0 };
        enum cas_err err = cas_capture_check_name(options->interfaces.word[i], &error);
        int one = end_with(err, &error);
        ended = ended == CAS_EXIT_DONE ? one : ended;
    }
    return ended;
}

static int test_filter(const struct cas_cli_options *options)
{
    struct cas_error error = { 0 };
    return end_with(cas_capture_check_filter(options->filter, &error), &error);
}

static int test_stores(const struct cas_cli_options *options)
{
    struct cas_cli_stores stores;
    int ended = cas_cli_stores_open(&stores, options) ? CAS_EXIT_DONE : CAS_EXIT_FAILED;
    cas_cli_stores_close(&stores);
    return ended;
}

static int test_user(const struct cas_cli_options *options)
{
    struct cas_cli_user user;
    return cas_cli_user_find(options->user, &user) ? CAS_EXIT_DONE : CAS_EXIT_FAILED;
}

/* path may be NULL. */
static int test_folder(const char *path)
{
    struct cas_cli_place place = { 0 };
    int reason = path != NULL ? cas_cli_place_open(&place, path) : 0;
    cas_cli_place_close(&place);
    if (reason != 0) {
        cas_cli_say("cannot write %s: %s", path, strerror(reason));
        return CAS_EXIT_FAILED;
    }
    return CAS_EXIT_DONE;
}

static int test_folders(const struct cas_cli_options *options)
{
    const char *const others[] = { options->evidence_path, options->metrics_path,
                                   options->state_path };
    int ended = CAS_EXIT_DONE;
    for (size_t i = 0; i < options->reports_len; i++) {
        int one = test_folder(options->reports[i].path);
        ended = ended == CAS_EXIT_DONE ? one : ended;
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        int one = test_folder(others[i]);
        ended = ended == CAS_EXIT_DONE ? one : ended;
    }
    return ended;
}

/* In the order in which a run comes to them: its code is that of the first. */
int cas_cli_test_config(const struct cas_cli_options *options)
{
    static int (*const tests[])(const struct cas_cli_options *options) = {
        test_stores, test_interfaces, test_filter, test_folders, test_user,
    };
    int ended = CAS_EXIT_DONE;
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        int one = tests[i](options);
        ended = ended == CAS_EXIT_DONE ? one : ended;
    }
    return ended;
}
