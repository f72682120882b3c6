/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who the process is: from root to the service user, and from capabilities to none. */
#ifndef CAS_CLI_CONFINE_USER_H
#define CAS_CLI_CONFINE_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct cas_cli_user {
    bool is_change; /* false: the process stays who it is */
    bool is_chosen; /* by -Z, so that nothing else will do */
    char name[33];
    uid_t uid;
    gid_t gid;
};

/*
 * Whom to become: looks the user up, so it comes before the confinement. wanted is -Z's or
 * NULL. False when that user does not exist, or takes root to become: that has been said.
 */
bool cas_cli_user_find(const char *wanted, struct cas_cli_user *out_user);

/*
 * Gives the regular file behind fd to the user, if it is this process' and has only one name.
 * A file that cannot be given stays as it is: opening it again will tell.
 */
void cas_cli_user_give(const struct cas_cli_user *user, int fd);

enum cas_cli_became {
    CAS_CLI_BECAME,      /* that user, or nobody was to become */
    CAS_CLI_BECAME_NOT,  /* errno says why; the capabilities are gone */
    CAS_CLI_BECAME_BADLY /* rights are left that should not be */
};

/* No supplementary groups, the user's ids, no capabilities in any set. */
enum cas_cli_became cas_cli_user_become(const struct cas_cli_user *user);

/* Whether a capability is left in the effective or the permitted set. */
bool cas_cli_has_capabilities(void);

#endif
