/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Linked into the program with --wrap: one call that it makes fails, counted from its start.
 *
 *     CASNIFF_FAIL=memory:17       the seventeenth allocation, and no other
 *     CASNIFF_FAIL=memory:17+      and all behind it
 *     CASNIFF_FAIL=place:5         the first allocation at the fifth place of the program
 *     CASNIFF_FAIL=system:3        the third call of the system, with EIO
 *     CASNIFF_FAIL_COUNT=FILE      how many there were of that kind, written at the end
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define PLACES_MAX 1024

static struct {
    char kind; /* 'm', 'p' or 's'; 0: nothing is counted */
    unsigned long fails;
    bool goes_on;
    unsigned long count;
    const void *place[PLACES_MAX]; /* of 'p': those that were counted */
} calls;

__attribute__((constructor)) static void begin(void)
{
    const char *wanted = getenv("CASNIFF_FAIL");
    const char *number = wanted != NULL ? strchr(wanted, ':') : NULL;
    if (number != NULL) {
        char *end = NULL;
        calls.fails = strtoul(number + 1, &end, 10);
        calls.goes_on = *end == '+';
        calls.kind = wanted[0];
    }
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("CASNIFF_FAIL_COUNT");
    calls.kind = 0;
    FILE *file = path != NULL ? fopen(path, "w") : NULL;
    if (file != NULL) {
        fprintf(file, "%lu\n", calls.count);
        fclose(file);
    }
}

/* Are calls of this kind counted, and is this the first from its place where that matters? */
static bool is_counted(char kind, const void *place)
{
    if (kind != 'm' || calls.kind != 'p') {
        return calls.kind == kind;
    }
    for (unsigned long i = 0; i < calls.count; i++) {
        if (calls.place[i] == place) {
            return false;
        }
    }
    if (calls.count == PLACES_MAX) {
        return false;
    }
    calls.place[calls.count] = place;
    return true;
}

static bool is_refused(char kind, const void *place)
{
    if (!is_counted(kind, place)) {
        return false;
    }
    calls.count++;
    return calls.fails != 0 &&
           (calls.count == calls.fails || (calls.goes_on && calls.count > calls.fails));
}

/*
 * What the linker puts in the place of a call, and where the true one is. The names are the
 * linker's, so that those of the C library keep their declarations.
 */
#define FAILING(type, name, kind, failure, parameters, arguments)                              \
    type or_not_##name parameters __asm__("__wrap_" #name);                                    \
    type true_##name parameters __asm__("__real_" #name);                                      \
    type or_not_##name parameters                                                              \
    {                                                                                          \
        if (is_refused(kind, __builtin_return_address(0))) {                                   \
            errno = (kind) == 'm' ? ENOMEM : EIO;                                              \
            return failure;                                                                    \
        }                                                                                      \
        return true_##name arguments;                                                          \
    }

#define MEMORY(name, parameters, arguments)                                                    \
    FAILING(void *, name, 'm', NULL, parameters, arguments)
#define SYSTEM(type, name, failure, parameters, arguments)                                     \
    FAILING(type, name, 's', failure, parameters, arguments)

MEMORY(malloc, (size_t len), (len))
MEMORY(calloc, (size_t len, size_t size), (len, size))
MEMORY(realloc, (void *old, size_t len), (old, len))

SYSTEM(int, open64, -1, (const char *path, int flags, unsigned mode), (path, flags, mode))
SYSTEM(int, openat64, -1, (int at, const char *path, int flags, unsigned mode),
       (at, path, flags, mode))
SYSTEM(int, fcntl64, -1, (int fd, int command, long value), (fd, command, value))
SYSTEM(int, ioctl, -1, (int fd, unsigned long request, void *value), (fd, request, value))
SYSTEM(int, prctl, -1, (int option, long a, long b, long c, long d), (option, a, b, c, d))
SYSTEM(ssize_t, read, -1, (int fd, void *bytes, size_t len), (fd, bytes, len))
SYSTEM(ssize_t, pread64, -1, (int fd, void *bytes, size_t len, off_t at), (fd, bytes, len, at))
SYSTEM(ssize_t, write, -1, (int fd, const void *bytes, size_t len), (fd, bytes, len))
SYSTEM(ssize_t, writev, -1, (int fd, const struct iovec *parts, int len), (fd, parts, len))
SYSTEM(off_t, lseek64, -1, (int fd, off_t offset, int from), (fd, offset, from))
SYSTEM(int, fstat64, -1, (int fd, struct stat *status), (fd, status))
SYSTEM(int, stat64, -1, (const char *path, struct stat *status), (path, status))
SYSTEM(int, fstatat64, -1, (int at, const char *path, struct stat *status, int flags),
       (at, path, status, flags))
SYSTEM(int, ftruncate64, -1, (int fd, off_t len), (fd, len))
SYSTEM(int, fsync, -1, (int fd), (fd))
SYSTEM(int, fdatasync, -1, (int fd), (fd))
SYSTEM(int, fchmod, -1, (int fd, mode_t mode), (fd, mode))
SYSTEM(int, fchown, -1, (int fd, uid_t user, gid_t group), (fd, user, group))
SYSTEM(int, flock, -1, (int fd, int how), (fd, how))
SYSTEM(int, renameat, -1, (int at, const char *path, int to, const char *name),
       (at, path, to, name))
SYSTEM(int, unlinkat, -1, (int at, const char *path, int flags), (at, path, flags))
SYSTEM(int, pipe, -1, (int *ends), (ends))
SYSTEM(int, fork, -1, (void), ())
SYSTEM(int, socket, -1, (int domain, int type, int protocol), (domain, type, protocol))
SYSTEM(int, socketpair, -1, (int domain, int type, int protocol, int *ends),
       (domain, type, protocol, ends))
SYSTEM(int, connect, -1, (int fd, const struct sockaddr *to, socklen_t len), (fd, to, len))
SYSTEM(int, setsockopt, -1, (int fd, int level, int name, const void *value, socklen_t len),
       (fd, level, name, value, len))
SYSTEM(int, signalfd, -1, (int fd, const sigset_t *set, int flags), (fd, set, flags))
SYSTEM(int, sigaction, -1, (int number, const struct sigaction *new, struct sigaction *old),
       (number, new, old))
SYSTEM(int, timerfd_create, -1, (int clock, int flags), (clock, flags))
SYSTEM(int, timerfd_settime, -1,
       (int fd, int flags, const struct itimerspec *new, struct itimerspec *old),
       (fd, flags, new, old))
SYSTEM(int, setrlimit64, -1, (int which, const struct rlimit *limit), (which, limit))
SYSTEM(ssize_t, getrandom, -1, (void *bytes, size_t len, unsigned flags), (bytes, len, flags))
SYSTEM(int, gethostname, -1, (char *name, size_t len), (name, len))
SYSTEM(FILE *, fopen64, NULL, (const char *path, const char *mode), (path, mode))
SYSTEM(FILE *, fdopen, NULL, (int fd, const char *mode), (fd, mode))
SYSTEM(int, fflush, EOF, (FILE * file), (file))
SYSTEM(DIR *, opendir, NULL, (const char *path), (path))
