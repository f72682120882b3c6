/* SPDX-License-Identifier: GPL-2.0-or-later */
/* casniff: the command. Uses nothing but libcasniff's public headers. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <nss.h>
#endif

#include <casniff/casniff.h>

#include "cli/check_state.h"
#include "cli/completion.h"
#include "cli/files.h"
#include "cli/heap.h"
#include "cli/help.h"
#include "cli/interrupt.h"
#include "cli/jobs.h"
#include "cli/listing.h"
#include "cli/live.h"
#include "cli/options.h"
#include "cli/say.h"
#include "cli/session.h"
#include "cli/test_config.h"

static int plan(const struct cas_cli_options *options)
{
    struct cas_cli_session session;
    int ended = cas_cli_session_begin(&session, options);
    if (ended == CAS_EXIT_DONE) {
        ended = cas_cli_session_open(&session);
    }
    if (ended == CAS_EXIT_DONE) {
        ended = cas_cli_session_plan(&session);
    }
    return cas_cli_session_close(&session, ended);
}

static void print_version(void)
{
    printf("casniff %s\n%s\nwolfSSL %s\nfeatures: %s\n", cas_version(), cas_capture_library(),
           cas_version_wolfssl(), CAS_FEATURES);
}

static int end_output(void)
{
    errno = 0;
    if ((fflush(stdout) == 0 && ferror(stdout) == 0) || errno == EPIPE) {
        return CAS_EXIT_DONE;
    }
    cas_cli_say("cannot write to standard output: %s", strerror(errno));
    return CAS_EXIT_FAILED;
}

static int sniff(const struct cas_cli_options *options)
{
    cas_cli_heap_begin(options->memory_bytes);
    if (cas_cli_options_are_live(options)) {
        return cas_cli_live(options);
    }
    return options->jobs > 0 ? cas_cli_jobs(options) : cas_cli_files(options);
}

static int run(const struct cas_cli_options *options)
{
    int ended = CAS_EXIT_DONE;
    switch ((enum cas_cli_action)options->action) {
    case CAS_CLI_SNIFF:
        return sniff(options);
    case CAS_CLI_PLAN:
        return plan(options);
    case CAS_CLI_CHECK_STATE:
        return cas_cli_check_state(options);
    case CAS_CLI_LIST_INTERFACES:
        ended = cas_cli_list_interfaces();
        break;
    case CAS_CLI_LIST_LINK_TYPES:
        ended = cas_cli_list_link_types(options);
        break;
    case CAS_CLI_LIST_LIMITS:
        cas_cli_list_limits();
        break;
    case CAS_CLI_VERSION:
        print_version();
        break;
    case CAS_CLI_HELP:
        cas_cli_help();
        break;
    case CAS_CLI_TEST_CONFIG:
        ended = cas_cli_test_config(options);
        if (ended == CAS_EXIT_DONE) {
            puts("the configuration is good");
        }
        break;
    case CAS_CLI_COMPLETION:
        cas_cli_completion((enum cas_cli_shell)options->shell);
        break;
    }
    return ended == CAS_EXIT_DONE ? end_output() : ended;
}

/*
 * A filter may hold a host's name, and libpcap would ask the network for its address. Casniff
 * never does: names are looked up in /etc/hosts only.
 */
static void stay_off_the_network(void)
{
#ifdef __GLIBC__
    (void)__nss_configure_lookup("hosts", "files");
#endif
}

/*
 * A standard stream that is closed must not become something else: a packet socket, say, on
 * which every sentence would be a frame. Writing to what takes its place fails, as it should.
 * False when that cannot be had.
 */
static bool keep_standard_streams(void)
{
    int fd = -1;
    do {
        fd = open("/dev/null", O_RDONLY);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    return fd >= 0 && close(fd) == 0;
}

/* A plugin's caller wants a line and one of its codes whatever is wrong. */
static bool is_check(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--check") == 0) {
            return true;
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    struct cas_cli_options options = { 0 };
    int ended = CAS_EXIT_DONE;
    if (!keep_standard_streams()) {
        return CAS_EXIT_FAILED;
    }
    signal(SIGPIPE, SIG_IGN); /* `| head` is no failure: writing tells us */
    signal(SIGXFSZ, SIG_IGN); /* as a full disk */
    stay_off_the_network();
    if (cas_cli_options_parse(&options, argc, argv, &ended)) {
        ended = run(&options);
    } else if (is_check(argc, argv)) {
        ended = cas_cli_check_unknown();
    }
    cas_cli_options_finish(&options);
    return ended;
}
