/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/confine_user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef CAS_HAVE_CAPNG
#include <cap-ng.h>
#endif

#include "cli/say.h"

/* In this order; the second is on every system. */
static const char *const default_users[] = { "casniff", "nobody" };

static void take_user(const struct passwd *entry, struct cas_cli_user *out_user)
{
    (void)snprintf(out_user->name, sizeof(out_user->name), "%s", entry->pw_name);
    out_user->uid = entry->pw_uid;
    out_user->gid = entry->pw_gid;
    out_user->is_change = entry->pw_uid != 0;
}

static bool find_chosen(const char *wanted, struct cas_cli_user *out_user)
{
    const struct passwd *entry = getpwnam(wanted);
    if (entry == NULL) {
        cas_cli_say("there is no user %s to become (-Z)", wanted);
        return false;
    }
    if (geteuid() != 0) {
        bool is_already = entry->pw_uid == geteuid();
        if (!is_already) {
            cas_cli_say("only root can become %s: start casniff as root, or without -Z",
                        wanted);
        }
        return is_already;
    }
    take_user(entry, out_user);
    out_user->is_chosen = true;
    return true;
}

bool cas_cli_user_find(const char *wanted, struct cas_cli_user *out_user)
{
    *out_user = (struct cas_cli_user){ 0 };
    if (wanted != NULL) {
        return find_chosen(wanted, out_user);
    }
    if (geteuid() != 0) {
        return true;
    }
    for (size_t i = 0; i < sizeof(default_users) / sizeof(default_users[0]); i++) {
        const struct passwd *entry = getpwnam(default_users[i]);
        if (entry != NULL && entry->pw_uid != 0) {
            take_user(entry, out_user);
            return true;
        }
    }
    cas_cli_say("there is no user casniff or nobody to become: name one with -Z");
    return false;
}

void cas_cli_user_give(const struct cas_cli_user *user, int fd)
{
    struct stat file;
    /* A second name could be one that another user has put where we were to write. */
    if (user->is_change && fstat(fd, &file) == 0 && S_ISREG(file.st_mode) &&
        file.st_uid == geteuid() && file.st_nlink == 1) {
        (void)!fchown(fd, user->uid, user->gid);
    }
}

#ifdef CAS_HAVE_CAPNG

/* libcap-ng tells by negative numbers of its own which step failed. */
static enum cas_cli_became change_ids(const struct cas_cli_user *user)
{
    capng_clear(CAPNG_SELECT_ALL);
    errno = 0;
    int result = capng_change_id(
        (int)user->uid, (int)user->gid,
        (capng_flags_t)(CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING | CAPNG_CLEAR_AMBIENT));
    if (result == 0) {
        return CAS_CLI_BECAME;
    }
    errno = errno != 0 ? errno : EPERM;
    return CAS_CLI_BECAME_NOT;
}

/* The bounding set is narrowed where CAP_SETPCAP allows it; it gives no rights by itself. */
static void clear_capabilities(void)
{
    capng_clear(CAPNG_SELECT_ALL);
    if (capng_get_caps_process() == 0 &&
        capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) != 0) {
        capng_clear(CAPNG_SELECT_BOUNDS);
        (void)capng_apply(CAPNG_SELECT_BOUNDS);
    }
    capng_clear(CAPNG_SELECT_ALL);
    (void)capng_apply(CAPNG_SELECT_AMBIENT);
    (void)capng_apply(CAPNG_SELECT_CAPS);
}

bool cas_cli_has_capabilities(void)
{
    capng_clear(CAPNG_SELECT_ALL);
    return capng_get_caps_process() != 0 ||
           capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE;
}

#else

/* Without libcap-ng: the kernel takes root's capabilities along with its user. */
static enum cas_cli_became change_ids(const struct cas_cli_user *user)
{
    if (setgroups(0, NULL) != 0 || setgid(user->gid) != 0 || setuid(user->uid) != 0) {
        return CAS_CLI_BECAME_NOT;
    }
    return CAS_CLI_BECAME;
}

static void clear_capabilities(void)
{
}

/* The sets in words of /proc: "CapPrm:\t0000000000000000". */
bool cas_cli_has_capabilities(void)
{
    char line[128];
    unsigned long long set = 0;
    bool has_some = false;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof(line), status) != NULL) {
        if (sscanf(line, "CapPrm: %llx", &set) == 1 && set != 0) {
            has_some = true;
        }
    }
    if (status != NULL) {
        fclose(status);
    }
    return has_some || status == NULL;
}

#endif

/* Neither the old user nor root can be taken back. */
static bool is_for_good(const struct cas_cli_user *user)
{
    return getuid() == user->uid && geteuid() == user->uid && getgid() == user->gid &&
           getegid() == user->gid && getgroups(0, NULL) == 0 && setuid(0) != 0 &&
           seteuid(0) != 0;
}

enum cas_cli_became cas_cli_user_become(const struct cas_cli_user *user)
{
    enum cas_cli_became became = user->is_change ? change_ids(user) : CAS_CLI_BECAME;
    int why = errno;
    if (became == CAS_CLI_BECAME && user->is_change && !is_for_good(user)) {
        return CAS_CLI_BECAME_BADLY;
    }
    clear_capabilities();
    errno = why;
    return became;
}
