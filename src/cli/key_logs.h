/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The key logs of a run: those of --keylog, read as they grow while packets still come, and
 * what captures carry in themselves.
 */
#ifndef CAS_CLI_KEY_LOGS_H
#define CAS_CLI_KEY_LOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/keylog.h>

#include "cli/options.h"
#include "cli/place.h"

struct cas_cli_key_log {
    const char *path;
    struct cas_keylog_file *file;
    struct cas_cli_place place; /* where another file may come to stand; none offline */
};

struct cas_cli_key_logs {
    struct cas_keylog *keylog; /* all secrets; always there, perhaps empty */
    struct cas_cli_key_log *log;
    size_t len;
    bool grow; /* packets come while lines do: files stay open */
    bool is_quiet;
    uint64_t read_ms;   /* when they were looked at last */
    uint64_t tell_ms;   /* bad lines are not told again before */
    uint64_t bad_lines; /* that were not told yet */
    struct cas_error first_bad;
};

/* Packets come while lines do: live, or through a pipe. */
bool cas_cli_key_logs_grow(const struct cas_cli_options *options);

/* Reads all there is. False when one is of no use: that has been said. To be closed in any
 * case. */
bool cas_cli_key_logs_open(struct cas_cli_key_logs *out_logs,
                           const struct cas_cli_options *options);

/* Reads on what has grown, not too much at once; nothing when it was called a moment ago. What
 * is wrong is said once a minute. */
void cas_cli_key_logs_read_on(struct cas_cli_key_logs *logs, uint64_t now_ms);

/* They may have been replaced: those that stand there now are read. */
void cas_cli_key_logs_reopen(struct cas_cli_key_logs *logs);

/* No line comes any more: a last one without an end is taken. */
void cas_cli_key_logs_end(struct cas_cli_key_logs *logs);

/* Wipes the secrets. */
void cas_cli_key_logs_close(struct cas_cli_key_logs *logs);

#endif
