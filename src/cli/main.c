/* SPDX-License-Identifier: GPL-2.0-or-later */
/* casniff: the command. Uses nothing but libcasniff's public headers. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#ifdef __GLIBC__
#include <nss.h>
#endif

#include <casniff/casniff.h>

#include "cli/files.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/reports.h"
#include "cli/say.h"

static void complain(void *user, const char *where, const char *why)
{
    const bool *is_quiet = user;
    if (!*is_quiet) {
        cas_cli_say("%s: %s; the rest is used", where, why);
    }
}

/* NULL, and said, when a path is of no use. */
static struct cas_trust_store *open_store(const struct cas_cli_options *options,
                                          const char *const *paths, size_t paths_len)
{
    struct cas_trust_store *store = cas_trust_store_create();
    struct cas_error error = { .text = "out of memory" };
    bool is_quiet = options->is_quiet;
    bool is_good = store != NULL;
    for (size_t i = 0; is_good && i < paths_len; i++) {
        is_good = cas_trust_store_add(store, paths[i], complain, &is_quiet, &error) == CAS_OK;
    }
    if (!is_good) {
        cas_cli_say("%s", error.text);
        cas_trust_store_destroy(store);
        return NULL;
    }
    return store;
}

/* What the user brings along to compare with; a member is NULL when it was not given. */
struct stores {
    struct cas_trust_store *store;
    struct cas_trust_store *client_cert;
    struct cas_keylog *keylog;
};

/* The two are easily swapped: -t wants authorities, --client-cert a client's own certificate.
 */
static bool are_not_swapped(const struct cas_cli_options *options, const struct stores *stores)
{
    if (stores->store != NULL && cas_trust_store_authorities(stores->store) == 0) {
        cas_cli_say("%s: no CA's certificate is in it; a client's own certificate goes to "
                    "--client-cert",
                    options->stores[0]);
        return false;
    }
    if (stores->client_cert != NULL && !options->is_quiet &&
        cas_trust_store_begins_with_authority(stores->client_cert)) {
        cas_cli_say(
            "%s: its first certificate, which is taken for the client's, is a CA's; the "
            "trust store goes to -t",
            options->client_cert);
    }
    return true;
}

/* What a capture carries in itself is welcome, and no reason to fail when it is damaged. */
static void take_capture_secrets(struct cas_keylog *keylog,
                                 const struct cas_cli_options *options)
{
    for (size_t i = 0; i < options->captures_len; i++) {
        struct cas_error error = { 0 };
        bool is_file = strcmp(options->captures[i], "-") != 0;
        if (is_file &&
            cas_keylog_add_capture(keylog, options->captures[i], &error) == CAS_ERR_FORMAT &&
            !options->is_quiet) {
            cas_cli_say("the secrets in it: %s", error.text);
        }
    }
}

static bool open_keylogs(struct stores *out_stores, const struct cas_cli_options *options)
{
    enum cas_keylog_access access =
        options->may_keylog_be_public ? CAS_KEYLOG_ANY : CAS_KEYLOG_PRIVATE;
    struct cas_error error = { .text = "out of memory" };
    bool is_good = true;
    out_stores->keylog = cas_keylog_create();
    for (size_t i = 0; out_stores->keylog != NULL && is_good && i < options->keylogs_len; i++) {
        is_good = cas_keylog_add_file(out_stores->keylog, options->keylogs[i], access,
                                      &error) == CAS_OK;
    }
    if (out_stores->keylog == NULL || !is_good) {
        cas_cli_say("%s", error.text);
        return false;
    }
    take_capture_secrets(out_stores->keylog, options);
    return true;
}

static bool open_stores(struct stores *out_stores, const struct cas_cli_options *options)
{
    if (options->stores_len > 0) {
        out_stores->store = open_store(options, options->stores, options->stores_len);
    }
    if (options->client_cert != NULL) {
        out_stores->client_cert = open_store(options, &options->client_cert, 1);
    }
    return (options->stores_len == 0 || out_stores->store != NULL) &&
           open_keylogs(out_stores, options) &&
           (options->client_cert == NULL || out_stores->client_cert != NULL) &&
           are_not_swapped(options, out_stores);
}

static struct cas_sniffer_config config_of(const struct cas_cli_options *options,
                                           const struct stores *stores)
{
    struct cas_sniffer_config config = cas_sniffer_defaults();
    config.store = stores->store;
    config.client_cert = stores->client_cert;
    config.keylog = cas_keylog_connections(stores->keylog) > 0 ? stores->keylog : NULL;
    config.limits = options->limits_len > 0 ? options->limits : NULL;
    config.limits_len = options->limits_len;
    config.warn_percent = options->warn_percent;
    config.crit_percent = options->crit_percent;
    config.checksums = options->checksums;
    config.select = options->select;
    config.memory_bytes = options->memory_bytes;
    config.sensor_name = options->sensor_name;
    return config;
}

static int sniff(const struct cas_cli_options *options, const struct cas_sniffer_config *config,
                 const struct cas_cli_reports *reports)
{
    struct cas_sniffer *sniffer = cas_sniffer_create(config);
    if (sniffer == NULL) {
        cas_cli_say("no memory, or no random numbers, to begin with: try a smaller --memory");
        return CAS_EXIT_FAILED;
    }
    int ended = cas_cli_files_read(options, sniffer, reports);
    bool is_nothing = cas_sniffer_counters(sniffer)->value[CAS_COUNT_FRAMES] == 0 &&
                      (ended == CAS_EXIT_FAILED || ended == CAS_EXIT_USAGE);
    if (!is_nothing) {
        cas_sniffer_finish(sniffer);
    }
    cas_sniffer_destroy(sniffer);
    return ended;
}

static int plan(const struct cas_sniffer_config *config)
{
    if (cas_plan(config) != CAS_OK) {
        cas_cli_say("out of memory");
        return CAS_EXIT_FAILED;
    }
    return CAS_EXIT_DONE;
}

static int report_with(const struct cas_cli_options *options, const struct stores *stores)
{
    struct cas_cli_reports reports = { 0 };
    if (!cas_cli_reports_open(&reports, options)) {
        return CAS_EXIT_FAILED;
    }
    struct cas_sniffer_config config = config_of(options, stores);
    config.sink = cas_cli_reports_sink(&reports);
    int ended =
        options->action == CAS_CLI_PLAN ? plan(&config) : sniff(options, &config, &reports);
    if (cas_cli_reports_close(&reports) == CAS_CLI_UNWRITTEN) {
        return CAS_EXIT_FAILED;
    }
    return ended;
}

static int report(const struct cas_cli_options *options)
{
    struct stores stores = { 0 };
    int ended = CAS_EXIT_FAILED;
    if (open_stores(&stores, options)) {
        ended = report_with(options, &stores);
    }
    cas_trust_store_destroy(stores.store);
    cas_trust_store_destroy(stores.client_cert);
    cas_keylog_destroy(stores.keylog);
    return ended;
}

static void list_limits(void)
{
    size_t len = 0;
    const struct cas_limit *limits = cas_limits(&len);
    for (size_t i = 0; i < len; i++) {
        const struct cas_limit *limit = &limits[i];
        printf("%-16s %7u bytes of the %s; above: %s\n", limit->name, limit->bytes,
               cas_limit_counts_name(limit->counts), cas_limit_effect_name(limit->effect));
        printf("%-16s %s, %s; %s: %s\n", "", limit->stack, cas_limit_side_name(limit->side),
               limit->standing, limit->source);
    }
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

static int run(const struct cas_cli_options *options)
{
    switch (options->action) {
    case CAS_CLI_READ:
    case CAS_CLI_PLAN:
        return report(options);
    case CAS_CLI_LIST_LIMITS:
        list_limits();
        break;
    case CAS_CLI_VERSION:
        print_version();
        break;
    case CAS_CLI_HELP:
        cas_cli_options_help();
        break;
    }
    return end_output();
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

int main(int argc, char **argv)
{
    struct cas_cli_options options = { 0 };
    int ended = CAS_EXIT_DONE;
    signal(SIGPIPE, SIG_IGN); /* `| head` is no failure: writing tells us */
    stay_off_the_network();
    cas_cli_interrupt_catch();
    if (cas_cli_options_parse(&options, argc, argv, &ended)) {
        ended = run(&options);
    }
    cas_cli_options_finish(&options);
    return ended;
}
