/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/stores.h"

#include <errno.h>
#include <string.h>

#include "cli/say.h"
#include "cli/secrecy.h"

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

/* The two are easily swapped: -t wants authorities, --client-cert a client's own certificate.
 */
static bool are_not_swapped(const struct cas_cli_options *options,
                            const struct cas_cli_stores *stores)
{
    if (stores->store != NULL && cas_trust_store_authorities(stores->store) == 0) {
        cas_cli_say("%s: no CA's certificate is in it; a client's own certificate goes to "
                    "--client-cert",
                    options->stores.word[0]);
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
    for (size_t i = 0; i < options->captures.len; i++) {
        struct cas_error error = { 0 };
        bool is_file = strcmp(options->captures.word[i], "-") != 0;
        if (is_file &&
            cas_keylog_add_capture(keylog, options->captures.word[i], &error) ==
                CAS_ERR_FORMAT &&
            !options->is_quiet) {
            cas_cli_say("the secrets in it: %s; the rest is used", error.text);
        }
    }
}

bool cas_cli_stores_may_be_secret(const struct cas_cli_options *options)
{
    return options->keylogs.len > 0 || options->captures.len > 0;
}

/* Before the first secret is in memory. */
static bool keep_secrets(const struct cas_cli_options *options)
{
    if (cas_cli_stores_may_be_secret(options) && !cas_cli_secrecy_begin()) {
        cas_cli_say("secrets cannot be kept out of core files: %s", strerror(errno));
        return false;
    }
    return true;
}

bool cas_cli_stores_open(struct cas_cli_stores *out_stores,
                         const struct cas_cli_options *options)
{
    *out_stores = (struct cas_cli_stores){ 0 };
    if (options->stores.len > 0) {
        out_stores->store = open_store(options, options->stores.word, options->stores.len);
    }
    if (options->client_cert != NULL) {
        out_stores->client_cert = open_store(options, &options->client_cert, 1);
    }
    bool has_keys = keep_secrets(options) && cas_cli_key_logs_open(&out_stores->keys, options);
    if (has_keys) {
        take_capture_secrets(out_stores->keys.keylog, options);
    }
    return has_keys && (options->stores.len == 0 || out_stores->store != NULL) &&
           (options->client_cert == NULL || out_stores->client_cert != NULL) &&
           are_not_swapped(options, out_stores);
}

void cas_cli_stores_close(struct cas_cli_stores *stores)
{
    cas_trust_store_destroy(stores->store);
    cas_trust_store_destroy(stores->client_cert);
    cas_cli_key_logs_close(&stores->keys);
    *stores = (struct cas_cli_stores){ 0 };
}
