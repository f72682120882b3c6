/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For O_PATH: a pipe is named to the kernel without being opened. */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#include "cli/confine_files.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/say.h"

#ifdef CAS_HAVE_LANDLOCK
#include <fcntl.h>
#include <linux/landlock.h>
#include <net/if.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "cli/packet_sockets.h"
#endif

/* What is opened again by name: the directory of a file, but a device or a pipe itself. */
enum opened {
    OPENED_NOT,
    OPENED_IN_DIRECTORY,
    OPENED_ITSELF
};

static enum opened place_of(const char *path, char *out_place, size_t size)
{
    char copy[PATH_MAX];
    struct stat file;
    bool is_there = stat(path, &file) == 0;
    if (strlen(path) >= sizeof(copy)) {
        return OPENED_NOT;
    }
    (void)snprintf(copy, sizeof(copy), "%s", path);
    if (is_there && !S_ISREG(file.st_mode)) {
        (void)snprintf(out_place, size, "%s", copy);
        return S_ISDIR(file.st_mode) ? OPENED_IN_DIRECTORY : OPENED_ITSELF;
    }
    (void)snprintf(out_place, size, "%s", dirname(copy));
    return OPENED_IN_DIRECTORY;
}

void cas_cli_files_judge(const struct cas_cli_confine_plan *plan, const char *user)
{
    char said[PATH_MAX] = "";
    char place[PATH_MAX];
    for (size_t i = 0; i < plan->write_paths_len; i++) {
        bool is_bad =
            place_of(plan->write_paths[i], place, sizeof(place)) == OPENED_IN_DIRECTORY &&
            access(place, W_OK | X_OK) != 0 && strcmp(place, said) != 0;
        if (is_bad) {
            cas_cli_say("%s: %s may not make files there, so %s cannot be opened again or "
                        "replaced: give the directory to that user, or choose another with -Z",
                        place, user[0] != '\0' ? user : "this user", plan->write_paths[i]);
            (void)snprintf(said, sizeof(said), "%s", place);
        }
    }
}

#ifdef CAS_HAVE_LANDLOCK

/*
 * The kernel's interface grows by versions. Headers are often older than the kernel, so what
 * came after the second version has its numbers here.
 */
#define RIGHT_TRUNCATE  (UINT64_C(1) << 14)
#define RIGHT_IOCTL_DEV (UINT64_C(1) << 15)
#define NET_BIND_TCP    (UINT64_C(1) << 0)
#define NET_CONNECT_TCP (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT  (UINT64_C(1) << 0)
#define SCOPE_SIGNAL    (UINT64_C(1) << 1)

struct ruleset_attr {
    uint64_t files;
    uint64_t net;
    uint64_t scoped;
};

struct ruleset {
    int fd;
    struct ruleset_attr handled;
};

/* The first version has all rights up to LANDLOCK_ACCESS_FS_MAKE_SYM. */
static const struct {
    int abi;
    struct ruleset_attr adds;
} versions[] = {
    { 1, { .files = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1 } },
    { 2, { .files = LANDLOCK_ACCESS_FS_REFER } },
    { 3, { .files = RIGHT_TRUNCATE } },
    { 4, { .net = NET_BIND_TCP | NET_CONNECT_TCP } },
    { 5, { .files = RIGHT_IOCTL_DEV } },
    { 6, { .scoped = SCOPE_ABSTRACT | SCOPE_SIGNAL } },
};

/* Rights to a file itself; others can only be given for a directory. */
#define RIGHTS_READ  ((uint64_t)LANDLOCK_ACCESS_FS_READ_FILE)
#define RIGHTS_WRITE (LANDLOCK_ACCESS_FS_WRITE_FILE | RIGHT_TRUNCATE)

/* A directory is opened to be synced, so it may be read; what lies in it may not. */
#define RIGHTS_REPLACE                                                                         \
    (RIGHTS_WRITE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE |             \
     LANDLOCK_ACCESS_FS_READ_DIR)

static int version(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi > 0 ? (int)abi : 0;
}

static struct ruleset_attr all_of(int abi)
{
    struct ruleset_attr all = { 0 };
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        if (versions[i].abi <= abi) {
            all.files |= versions[i].adds.files;
            all.net |= versions[i].adds.net;
            all.scoped |= versions[i].adds.scoped;
        }
    }
    return all;
}

/* What is not there cannot be opened later either. */
static void allow(const struct ruleset *ruleset, const char *path, uint64_t rights)
{
    struct landlock_path_beneath_attr beneath = {
        .allowed_access = rights & ruleset->handled.files,
        .parent_fd = open(path, O_PATH | O_CLOEXEC),
    };
    if (beneath.parent_fd >= 0) {
        (void)syscall(SYS_landlock_add_rule, ruleset->fd, LANDLOCK_RULE_PATH_BENEATH, &beneath,
                      0);
        close(beneath.parent_fd);
    }
}

static void allow_place(const struct ruleset *ruleset, const char *path)
{
    char place[PATH_MAX];
    switch (place_of(path, place, sizeof(place))) {
    case OPENED_IN_DIRECTORY:
        allow(ruleset, place, RIGHTS_REPLACE);
        break;
    case OPENED_ITSELF:
        allow(ruleset, place, RIGHTS_WRITE);
        break;
    case OPENED_NOT:
        break;
    }
}

static void allow_reading(const struct ruleset *ruleset, const char *path)
{
    char place[PATH_MAX];
    if (place_of(path, place, sizeof(place)) == OPENED_IN_DIRECTORY) {
        allow(ruleset, place, RIGHTS_READ);
    }
}

/* libpcap reads an interface's own drops from files there, and opens them each time. */
static void allow_statistics(const struct ruleset *ruleset)
{
    const struct cas_cli_packet_sockets sockets = cas_cli_packet_sockets_find();
    for (size_t i = 0; i < sockets.len; i++) {
        char name[IF_NAMESIZE];
        char path[sizeof("/sys/class/net/") + IF_NAMESIZE];
        if (sockets.ifindex[i] != 0 && if_indextoname(sockets.ifindex[i], name) != NULL) {
            (void)snprintf(path, sizeof(path), "/sys/class/net/%s", name);
            allow(ruleset, path, RIGHTS_READ);
        }
    }
}

int cas_cli_files_confine(const struct cas_cli_confine_plan *plan)
{
    int abi = version();
    struct ruleset ruleset = { .handled = all_of(abi) };
    if (abi == 0) {
        return 0;
    }
    /* An older kernel takes the longer structure as long as the rest is zero. */
    ruleset.fd =
        (int)syscall(SYS_landlock_create_ruleset, &ruleset.handled, sizeof(ruleset.handled), 0);
    if (ruleset.fd < 0) {
        return 0;
    }
    allow_statistics(&ruleset);
    for (size_t i = 0; i < plan->write_paths_len; i++) {
        allow_place(&ruleset, plan->write_paths[i]);
    }
    for (size_t i = 0; i < plan->read_paths_len; i++) {
        allow_reading(&ruleset, plan->read_paths[i]);
    }
    long result = syscall(SYS_landlock_restrict_self, ruleset.fd, 0);
    close(ruleset.fd);
    return result == 0 ? abi : 0;
}

#else

int cas_cli_files_confine(const struct cas_cli_confine_plan *plan)
{
    (void)plan;
    return 0;
}

#endif
