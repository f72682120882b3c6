/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run, of saved captures or live: everything that stands around its sniffer. Opened with
 * all rights, confined, then fed, then closed.
 */
#ifndef CAS_CLI_SESSION_H
#define CAS_CLI_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/check.h>
#include <casniff/sniffer.h>

#include "cli/alerting.h"
#include "cli/confine.h"
#include "cli/evidence.h"
#include "cli/files.h"
#include "cli/interfaces.h"
#include "cli/metrics_file.h"
#include "cli/options.h"
#include "cli/reports.h"
#include "cli/state_file.h"
#include "cli/stores.h"

/* Who looks at the packets. */
enum cas_cli_part {
    CAS_CLI_PART_ALL,    /* this process does everything */
    CAS_CLI_PART_READER, /* it does, and hands over what it sees */
    CAS_CLI_PART_TELLER  /* others do, and it tells what they saw */
};

struct cas_cli_session {
    enum cas_cli_part part;
    size_t readers; /* that share the memory; 0 where there are none */
    const struct cas_cli_options *options;
    struct cas_cli_stores stores;
    struct cas_cli_reports reports;
    struct cas_cli_evidence evidence;
    struct cas_cli_alerting alerting;
    struct cas_cli_metrics_file metrics;
    struct cas_cli_state_file state;
    struct cas_check *check; /* NULL without --check */
    struct cas_sniffer *sniffer;
    struct cas_cli_confinement confinement;
    struct cas_cli_files *captures; /* that are read, and may hold secrets; NULL: live */
    int link_type;                  /* live, of the first interface: a DLT_ value */
    uint64_t start_us;              /* since 1970 */
    uint64_t tell_state_ms;         /* a state that cannot be saved is not told again before */
};

/*
 * In two steps, with the captures opened between them: where there is nothing to capture no
 * report is begun. An exit code each; what is wrong has been said. To be closed in any case.
 */
int cas_cli_session_begin(struct cas_cli_session *out_session,
                          const struct cas_cli_options *options);
int cas_cli_session_open(struct cas_cli_session *session);

/*
 * Gives all rights away but those to replace its own files; everything else is open. Then
 * writes the state and the metrics once, for what cannot be written now never will be.
 * interfaces is NULL offline.
 */
int cas_cli_session_confine(struct cas_cli_session *session,
                            const struct cas_cli_interfaces *interfaces);

/* Keeps the state file up to date; false when it cannot be, which has been said. */
bool cas_cli_session_save_state(struct cas_cli_session *session, enum cas_cli_keep keep);

/* The same for the metrics, whose failures are counted and said by the file. */
void cas_cli_session_write_metrics(struct cas_cli_session *session,
                                   const struct cas_cli_interfaces *interfaces);
/* It is time to, by cas_cli_clock_ms(). */
bool cas_cli_session_owes_metrics(const struct cas_cli_session *session, uint64_t now_ms);

/*
 * The sniffer of a reader, in its own process: what it sees goes to the relay. NULL, and said,
 * when there is no memory. To be destroyed by the caller.
 */
struct cas_sniffer *cas_cli_session_reader(const struct cas_cli_session *session,
                                           const struct cas_relay *relay);

/* Gives all rights of a reader away; *confinement is zeroed before. An exit code; what is wrong
 * has been said. */
int cas_cli_session_confine_reader(const struct cas_cli_session *session,
                                   struct cas_cli_confinement *confinement);

/* --plan, instead of a run. */
int cas_cli_session_plan(struct cas_cli_session *session);

/*
 * The exit code that the run comes to: ended, or that of a failure to write, or the plugin's,
 * whose line is printed.
 */
int cas_cli_session_close(struct cas_cli_session *session, int ended);

#endif
