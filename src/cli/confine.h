/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gives away every right that the run needs no longer: between opening everything and looking
 * at the first packet. Root becomes the service user, capabilities go, and the kernel is told
 * which files (Landlock) and which system calls (seccomp) are left.
 *
 * Knows nothing of packets and reports: the plan says what is still to be opened by name.
 */
#ifndef CAS_CLI_CONFINE_H
#define CAS_CLI_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"

/* What the run still needs. Paths and descriptors stay the caller's, until the call returns. */
struct cas_cli_confine_plan {
    /* OFF: the user and the capabilities go, nothing else. LOG: the kernel logs the calls that
     * are not on the list, and does them. REQUIRE: what the kernel or the build lacks is a
     * failure. */
    enum cas_cli_sandbox sandbox;
    const char
        *user; /* -Z; NULL: "casniff" where it exists, else "nobody"; "root" stays root */
    /* Files that this run has created: they are given to the service user. What is no regular
     * file, has another owner or a second name is left alone. */
    const int *created;
    size_t created_len;
    /* Files that will be opened again, or written aside and renamed, or removed: new ones may
     * be made in their directories. A device or a pipe may be opened for writing. */
    const char *const *write_paths;
    size_t write_paths_len;
    /* Files that will be opened again for reading: others may have taken their place, so what
     * stands beside them can be read as well. */
    const char *const *read_paths;
    size_t read_paths_len;
    bool reconnects;   /* a connected socket is connected again when its reader has restarted */
    bool has_children; /* that are waited for, and ended through their descriptors */
    bool has_secrets;  /* in memory: no core file, also where nothing is confined */
    bool is_quiet;     /* no line on what is missing */
};

/* Each may be done only after the one before. */
enum cas_cli_stage {
    CAS_CLI_STAGE_OPENED,   /* zeroed: with all rights */
    CAS_CLI_STAGE_CONFINED, /* no packet has been looked at */
    CAS_CLI_STAGE_RUNNING
};

enum cas_cli_calls {
    CAS_CLI_CALLS_FREE,
    CAS_CLI_CALLS_LOGGED,
    CAS_CLI_CALLS_KILLED
};

/* What holds now. */
struct cas_cli_confinement {
    enum cas_cli_stage stage;
    char user[33];         /* that root became; "" when there was nobody to become */
    bool has_capabilities; /* some were left, because this build cannot give them away */
    bool has_no_new_privs; /* no program that it starts gains rights: it can start none */
    int landlock_abi;      /* 0: files are not confined */
    enum cas_cli_calls calls;
};

/*
 * Confines this process, for good. Files, sockets, timers and the helpers of alert_exec.h are
 * open before; the process has one thread. Packet sockets are found by themselves: they can be
 * read, but not written to, and closing them has no effect before the process ends.
 *
 * CAS_EXIT_DONE, or CAS_EXIT_FAILED when it could not be done as asked: that has been said, and
 * the caller must end. What is missing but not required is said in one line.
 */
int cas_cli_confine(const struct cas_cli_confine_plan *plan,
                    struct cas_cli_confinement *confinement);

/* To be called right before the first packet; fails an assertion on a process that is not
 * confined. */
void cas_cli_confine_run(struct cas_cli_confinement *confinement);

/* The rights are left to open an interface again: with --sandbox off and -Z root. */
bool cas_cli_confine_can_capture(const struct cas_cli_confinement *confinement);

/* "user nobody, no capabilities, Landlock 3, seccomp": for the log and for systemctl status. */
void cas_cli_confine_tell(const struct cas_cli_confinement *confinement, char *out_text,
                          size_t size);

#endif
