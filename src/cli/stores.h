/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user brings along to compare with: -t, --client-cert and --keylog. */
#ifndef CAS_CLI_STORES_H
#define CAS_CLI_STORES_H

#include <stdbool.h>

#include <casniff/trust_store.h>

#include "cli/key_logs.h"
#include "cli/options.h"

/* A store is NULL when it was not given. */
struct cas_cli_stores {
    struct cas_trust_store *store;
    struct cas_trust_store *client_cert;
    struct cas_cli_key_logs keys;
};

/* False when one is of no use: that has been said. To be closed in any case. */
bool cas_cli_stores_open(struct cas_cli_stores *out_stores,
                         const struct cas_cli_options *options);
/* Secrets may be among them, or in a capture. */
bool cas_cli_stores_may_be_secret(const struct cas_cli_options *options);

void cas_cli_stores_close(struct cas_cli_stores *stores);

#endif
