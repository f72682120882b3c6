/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/option_table.h"

#include <string.h>

#include "cli/readers.h"
#include "cli/values.h"

#define AT(member) offsetof(struct cas_cli_options, member)

#define KIB UINT64_C(1024)
#define MIB (KIB * KIB)

/* Above these a number is a slip of the keyboard. */
#define MEMORY_MIB_MAX 1048576
#define BUFFER_KIB_MAX 2097151
#define JOBS_MAX       64

static const char *const directions[] = { "inout", "in", "out", NULL };
static const char *const checksums[] = { "auto", "check", "trust", NULL };
static const char *const selects[] = { "all", "requests", "findings", NULL };
static const char *const names[] = { "all", "first", "none", NULL };
static const char *const colours[] = { "auto", "always", "never", NULL };
static const char *const sandboxes[] = { "off", "log", "on", "require", NULL };
static const char *const shells[] = { "bash", "zsh", "fish", NULL };
static const char *const forms[] = { "text", "json", "csv", NULL };

/* The two actions that take a value set it beside their own member. */
static bool take_completion(const struct cas_cli_option *option,
                            struct cas_cli_options *options, const char *argument)
{
    options->action = CAS_CLI_COMPLETION;
    return cas_cli_word(option, argument, shells, &options->shell);
}

static const struct cas_cli_option table[] = {
    { CAS_CLI_SECTION_CAPTURE, 'r', "read", "FILE", CAS_CLI_KIND_LIST, AT(captures),
      .offer = CAS_CLI_OFFER_FILES, .is_repeatable = true, .is_command_line_only = true,
      .help = "read this capture, '-' is stdin; repeatable" },
    { CAS_CLI_SECTION_CAPTURE, 'j', "jobs", "N", CAS_CLI_KIND_NUMBER, AT(jobs), .least = 1,
      .most = CAS_CLI_READERS_MAX, .unit = 1, .is_command_line_only = true,
      .help = "read so many captures at once, each on its own" },
    { CAS_CLI_SECTION_CAPTURE, 'i', "interface", "IFACE", CAS_CLI_KIND_LIST, AT(interfaces),
      .offer = CAS_CLI_OFFER_INTERFACES, .is_repeatable = true,
      .help = "listen on this one, or on 'any'; repeatable" },
    { CAS_CLI_SECTION_CAPTURE, '\0', "workers", "N", CAS_CLI_KIND_NUMBER, AT(workers),
      .least = 1, .most = CAS_CLI_READERS_MAX, .unit = 1, .is_live_only = true,
      .help = "share the packets among so many processes [1]" },
    { CAS_CLI_SECTION_CAPTURE, 'F', "filter-file", "FILE", CAS_CLI_KIND_TEXT, AT(filter_path),
      .offer = CAS_CLI_OFFER_FILES, .help = "take the filter from this file" },
    { CAS_CLI_SECTION_CAPTURE, '\0', "filter", "EXPRESSION", CAS_CLI_KIND_TEXT,
      AT(filter_given), .help = "the same as FILTER behind the options" },
    { CAS_CLI_SECTION_CAPTURE, 's', "snapshot-length", "BYTES", CAS_CLI_KIND_FUNCTION,
      .take = cas_cli_take_snaplen, .is_live_only = true,
      .help = "bytes taken of a packet [262144]" },
    { CAS_CLI_SECTION_CAPTURE, 'B', "buffer-size", "KIB", CAS_CLI_KIND_NUMBER, AT(buffer_bytes),
      .least = 1, .most = BUFFER_KIB_MAX, .unit = KIB, .is_live_only = true,
      .help = "the kernel's buffer [8192]" },
    { CAS_CLI_SECTION_CAPTURE, 'p', "no-promiscuous-mode", NULL, CAS_CLI_KIND_FLAG,
      AT(is_not_promiscuous), .is_live_only = true, .help = "leave the interface as it is" },
    { CAS_CLI_SECTION_CAPTURE, 'Q', "direction", "WHICH", CAS_CLI_KIND_WORD, AT(direction),
      .words = directions, .is_live_only = true,
      .help = "packets taken: in, out or inout [inout]" },
    { CAS_CLI_SECTION_CAPTURE, 'y', "linktype", "TYPE", CAS_CLI_KIND_TEXT, AT(link_type),
      .is_live_only = true, .help = "one that -L shows" },
    { CAS_CLI_SECTION_CAPTURE, 'c', "count", "N", CAS_CLI_KIND_NUMBER, AT(packets_max),
      .least = 1, .most = UINT64_MAX / 16, .unit = 1, .help = "end after so many packets" },
    { CAS_CLI_SECTION_CAPTURE, '\0', "duration", "TIME", CAS_CLI_KIND_TIME, AT(duration_us),
      .least = 1, .help = "end after this time, live" },
    { CAS_CLI_SECTION_CAPTURE, '\0', "checksum", "HOW", CAS_CLI_KIND_WORD, AT(checksums),
      .words = checksums, .help = "TCP checksums: auto, check, trust [auto]" },
    { CAS_CLI_SECTION_CAPTURE, 'K', "dont-verify-checksums", NULL, CAS_CLI_KIND_SET,
      AT(checksums), .value = CAS_CHECKSUMS_TRUST, .help = "the same as --checksum trust" },
    { CAS_CLI_SECTION_CAPTURE, 'n', "numeric", NULL, CAS_CLI_KIND_FLAG, AT(has_nothing),
      .help = "accepted: names are never resolved" },

    { CAS_CLI_SECTION_COMPARE, 't', "trust-store", "PATH", CAS_CLI_KIND_LIST, AT(stores),
      .offer = CAS_CLI_OFFER_FILES, .is_repeatable = true,
      .help = "what the server should list; repeatable" },
    { CAS_CLI_SECTION_COMPARE, '\0', "client-cert", "PATH", CAS_CLI_KIND_TEXT, AT(client_cert),
      .offer = CAS_CLI_OFFER_FILES, .help = "would this certificate have been chosen?" },
    { CAS_CLI_SECTION_COMPARE, '\0', "keylog", "FILE", CAS_CLI_KIND_LIST, AT(keylogs),
      .offer = CAS_CLI_OFFER_FILES, .is_repeatable = true,
      .help = "decrypt handshakes with this NSS key log; repeatable" },
    { CAS_CLI_SECTION_COMPARE, '\0', "keylog-world-readable", NULL, CAS_CLI_KIND_FLAG,
      AT(may_keylog_be_public), .help = "take one that everybody may read" },
    { CAS_CLI_SECTION_COMPARE, '\0', "limit", "LIMIT", CAS_CLI_KIND_FUNCTION,
      .take = cas_cli_take_limit, .is_repeatable = true,
      .help = "a name or bytes; repeatable [schannel]" },
    { CAS_CLI_SECTION_COMPARE, '\0', "warn", "PCT", CAS_CLI_KIND_PERCENT, AT(warn_percent),
      .help = "a list this full is a WARN [80]" },
    { CAS_CLI_SECTION_COMPARE, '\0', "crit", "PCT", CAS_CLI_KIND_PERCENT, AT(crit_percent),
      .help = "a list this full is a CRIT [95]" },

    { CAS_CLI_SECTION_REPORT, 'T', "report", "FORM[:FILE]", CAS_CLI_KIND_FUNCTION,
      .take = cas_cli_take_report, .words = forms, .is_repeatable = true,
      .help = "text, json or csv; repeatable [text]" },
    { CAS_CLI_SECTION_REPORT, '\0', "json", NULL, CAS_CLI_KIND_FUNCTION,
      .take = cas_cli_take_json, .is_repeatable = true, .help = "the same as -T json" },
    { CAS_CLI_SECTION_REPORT, '\0', "select", "WHICH", CAS_CLI_KIND_WORD, AT(select),
      .words = selects, .help = "connections: all, requests, findings [all]" },
    { CAS_CLI_SECTION_REPORT, '\0', "names", "HOW", CAS_CLI_KIND_FUNCTION,
      .take = cas_cli_take_names, .words = names,
      .help = "names told: all, first, none or a number" },
    { CAS_CLI_SECTION_REPORT, '\0', "sensor-name", "NAME", CAS_CLI_KIND_TEXT, AT(sensor_name),
      .help = "put this into every event" },
    { CAS_CLI_SECTION_REPORT, '\0', "color", "WHEN", CAS_CLI_KIND_WORD, AT(colour),
      .words = colours, .help = "auto, always or never [auto]" },
    { CAS_CLI_SECTION_REPORT, 'l', "line-buffered", NULL, CAS_CLI_KIND_FLAG,
      AT(is_line_buffered), .help = "write each line at once" },
    { CAS_CLI_SECTION_REPORT, 'q', "quiet", NULL, CAS_CLI_KIND_FLAG, AT(is_quiet),
      .help = "no warnings, no progress, no statistics" },
    { CAS_CLI_SECTION_REPORT, 'v', "verbose", NULL, CAS_CLI_KIND_FLAG, AT(is_verbose),
      .help = "text: a line for every connection" },
    { CAS_CLI_SECTION_REPORT, 'w', "write", "FILE", CAS_CLI_KIND_TEXT, AT(evidence_path),
      .offer = CAS_CLI_OFFER_FILES, .help = "save packets of handshakes with findings" },
    { CAS_CLI_SECTION_REPORT, '\0', "stats", "TIME", CAS_CLI_KIND_TIME, AT(stats_us),
      .is_live_only = true, .help = "live: a stats event every so often" },
    { CAS_CLI_SECTION_REPORT, '\0', "heartbeat", "TIME", CAS_CLI_KIND_TIME, AT(heartbeat_us),
      .help = "tell an unchanged list again, in brief [1h]" },

    { CAS_CLI_SECTION_ALERT, '\0', "realert", "TIME", CAS_CLI_KIND_TIME, AT(realert_us),
      .help = "repeat an alert that still holds [1h]" },
    { CAS_CLI_SECTION_ALERT, '\0', "syslog", NULL, CAS_CLI_KIND_FLAG, AT(has_syslog),
      .help = "send alerts to syslog" },
    { CAS_CLI_SECTION_ALERT, '\0', "journal", NULL, CAS_CLI_KIND_FLAG, AT(has_journal),
      .help = "send alerts to systemd's journal" },
    { CAS_CLI_SECTION_ALERT, '\0', "alert-exec", "COMMAND", CAS_CLI_KIND_TEXT, AT(alert_exec),
      .offer = CAS_CLI_OFFER_COMMANDS, .help = "run this, an alert's event on its stdin" },
    { CAS_CLI_SECTION_ALERT, '\0', "alert-exec-jobs", "N", CAS_CLI_KIND_NUMBER,
      AT(alert_exec_jobs), .least = 1, .most = JOBS_MAX, .unit = 1,
      .help = "so many of them at once [4]" },
    { CAS_CLI_SECTION_ALERT, '\0', "alert-exec-timeout", "TIME", CAS_CLI_KIND_TIME,
      AT(alert_exec_timeout_us), .least = 1, .help = "end one that takes longer [10s]" },
    { CAS_CLI_SECTION_ALERT, '\0', "metrics", "FILE", CAS_CLI_KIND_TEXT, AT(metrics_path),
      .offer = CAS_CLI_OFFER_FILES, .help = "keep a file for Prometheus up to date" },
    { CAS_CLI_SECTION_ALERT, '\0', "state", "FILE", CAS_CLI_KIND_TEXT, AT(state_path),
      .offer = CAS_CLI_OFFER_FILES, .help = "remember servers and alerts across restarts" },

    { CAS_CLI_SECTION_RUN, '\0', "memory", "MIB", CAS_CLI_KIND_NUMBER, AT(memory_bytes),
      .least = 1, .most = MEMORY_MIB_MAX, .unit = MIB,
      .help = "budget for what traffic makes us keep [64]" },
    { CAS_CLI_SECTION_RUN, 'Z', "relinquish-privileges", "USER", CAS_CLI_KIND_TEXT, AT(user),
      .offer = CAS_CLI_OFFER_USERS, .help = "run as this user [casniff, or nobody]" },
    { CAS_CLI_SECTION_RUN, '\0', "sandbox", "HOW", CAS_CLI_KIND_WORD, AT(sandbox),
      .words = sandboxes, .help = "confinement: off, log, on or require [on]" },

    { CAS_CLI_SECTION_OTHER, '\0', "config", "FILE", CAS_CLI_KIND_TEXT, AT(config_path),
      .offer = CAS_CLI_OFFER_FILES, .is_command_line_only = true,
      .help = "take options from this file first" },
    { CAS_CLI_SECTION_OTHER, '\0', "test-config", NULL, CAS_CLI_KIND_SET, AT(action),
      .value = CAS_CLI_TEST_CONFIG, .is_command_line_only = true,
      .help = "check the options, and end" },
    { CAS_CLI_SECTION_OTHER, '\0', "check", NULL, CAS_CLI_KIND_FLAG, AT(is_check),
      .is_command_line_only = true, .help = "monitoring plugin: one line, exit 0 to 3" },
    { CAS_CLI_SECTION_OTHER, '\0', "plan", NULL, CAS_CLI_KIND_SET, AT(action),
      .value = CAS_CLI_PLAN, .is_command_line_only = true,
      .help = "where would each limit cut the store?" },
    { CAS_CLI_SECTION_OTHER, '\0', "list-limits", NULL, CAS_CLI_KIND_SET, AT(action),
      .value = CAS_CLI_LIST_LIMITS, .is_command_line_only = true,
      .help = "show the limits that are known" },
    { CAS_CLI_SECTION_OTHER, 'D', "list-interfaces", NULL, CAS_CLI_KIND_SET, AT(action),
      .value = CAS_CLI_LIST_INTERFACES, .is_command_line_only = true,
      .help = "show what -i can listen on" },
    { CAS_CLI_SECTION_OTHER, 'L', "list-data-link-types", NULL, CAS_CLI_KIND_SET, AT(action),
      .value = CAS_CLI_LIST_LINK_TYPES, .is_command_line_only = true,
      .help = "show what -y can be" },
    { CAS_CLI_SECTION_OTHER, '\0', "completion", "SHELL", CAS_CLI_KIND_FUNCTION,
      .take = take_completion, .words = shells, .is_command_line_only = true,
      .help = "print completion for bash, zsh or fish" },
    { CAS_CLI_SECTION_OTHER, 'V', "version", NULL, CAS_CLI_KIND_SET, AT(action),
      .value = CAS_CLI_VERSION, .is_command_line_only = true,
      .help = "show the versions of this and its libraries" },
    { CAS_CLI_SECTION_OTHER, 'h', "help", NULL, CAS_CLI_KIND_SET, AT(action),
      .value = CAS_CLI_HELP, .is_command_line_only = true, .help = "show this" },
};

const struct cas_cli_option *cas_cli_option_table(size_t *out_len)
{
    *out_len = sizeof(table) / sizeof(table[0]);
    return table;
}

const struct cas_cli_option *cas_cli_option_find(const char *name)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

const char *cas_cli_section_name(enum cas_cli_section section)
{
    switch (section) {
    case CAS_CLI_SECTION_CAPTURE:
        return "Capture";
    case CAS_CLI_SECTION_COMPARE:
        return "Compare";
    case CAS_CLI_SECTION_REPORT:
        return "Report";
    case CAS_CLI_SECTION_ALERT:
        return "Alert";
    case CAS_CLI_SECTION_RUN:
        return "Run";
    case CAS_CLI_SECTION_OTHER:
        break;
    }
    return "Other";
}
