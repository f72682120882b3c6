/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interfaces of a live run: opened together, read in turn, watched once a second. One that
 * vanishes is opened again as soon as it is back, where the rights for that are left.
 */
#ifndef CAS_CLI_INTERFACES_H
#define CAS_CLI_INTERFACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/capture.h>
#include <casniff/sniffer.h>

#include "cli/options.h"

struct cas_cli_interface {
    char name[CAS_INTERFACE_NAME_MAX];
    char link_type[64];          /* as it is told */
    struct cas_capture *capture; /* NULL: gone, or other processes' */
    bool is_up;
    bool is_read_out;                /* stopped, and everything was read */
    struct cas_capture_stats stats;  /* over all times that it was open */
    struct cas_capture_stats closed; /* the part of those that were closed */
    uint64_t retry_us;               /* gone: when to try again */
    uint64_t wait_us;                /* gone: how long the next try but one waits */
};

struct cas_cli_interfaces {
    struct cas_cli_interface *interface;
    size_t len;
    const struct cas_cli_options *options;
    struct cas_capture_group *groups; /* NULL: their frames are shared with nobody */
    struct cas_sniffer *sniffer;
    uint64_t frames; /* read of all of them */
    bool can_reopen;
    bool has_lost; /* one is gone, and cannot be opened again */
    void *user;
    /* Hears what happens to the i-th, instead of the sniffer and the user; NULL: they do. */
    void (*changed)(void *user, size_t i, enum cas_iface_state state, const char *text);
};

/*
 * Opens those of the options, or the default one. An exit code; what is wrong has been said.
 * With groups, one for each that is named and one at least, they share their frames with the
 * others of the group.
 */
int cas_cli_interfaces_open(struct cas_cli_interfaces *out_interfaces,
                            const struct cas_cli_options *options,
                            struct cas_capture_group *groups);

/* The interface's state has changed: that is told. */
void cas_cli_interfaces_tell(struct cas_cli_interfaces *interfaces, size_t i,
                             enum cas_iface_state state, const char *text);

/* They are other processes' from now on; names and statistics stay. */
void cas_cli_interfaces_let_go(struct cas_cli_interfaces *interfaces);

/* Says on which interfaces it listens. */
void cas_cli_interfaces_announce(const struct cas_cli_interfaces *interfaces);

/* Hands what has come in to the sniffer, a bounded number of frames of each; false when nothing
 * had come. */
bool cas_cli_interfaces_read(struct cas_cli_interfaces *interfaces);

/* At every tick, for a cable may be out for a moment only: tells what went down, came up,
 * vanished or is back. */
void cas_cli_interfaces_watch(struct cas_cli_interfaces *interfaces, uint64_t now_us);

/* Takes the statistics of all, and hands their sum to the sniffer. */
void cas_cli_interfaces_count(struct cas_cli_interfaces *interfaces);

/* No new frames are taken; those that came are still read. */
void cas_cli_interfaces_stop(struct cas_cli_interfaces *interfaces);

/* After a stop: all has been read that will be. */
bool cas_cli_interfaces_are_read_out(const struct cas_cli_interfaces *interfaces);

/* The sum over all interfaces, as of the last count or stop. */
struct cas_capture_stats cas_cli_interfaces_stats(const struct cas_cli_interfaces *interfaces);

void cas_cli_interfaces_close(struct cas_cli_interfaces *interfaces);

#endif
