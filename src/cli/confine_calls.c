/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/confine_calls.h"

#ifdef CAS_HAVE_SECCOMP

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "cli/packet_sockets.h"

/* The kind of run that needs a call: any of these bits. */
enum need {
    NEED_ALWAYS = 1,
    NEED_CAPTURE = 2,  /* an interface is captured on */
    NEED_READ = 4,     /* files are opened, but only for reading */
    NEED_REPLACE = 8,  /* files are opened again, written aside and renamed */
    NEED_CONNECT = 16, /* a socket is connected again */
    NEED_CHILDREN = 32 /* other processes read, and are ended and waited for */
};

#define ARGS_MAX 2

struct call {
    int number;
    enum need need;
    unsigned args_len;
    struct scmp_arg_cmp args[ARGS_MAX];
};

/* clang-format off */

/* Conditions on an argument: it is this; it has this bit; it has none of these bits. */
#define IS(index, value)     { (index), SCMP_CMP_EQ, (scmp_datum_t)(value), 0 }
#define HAS(index, bit)      { (index), SCMP_CMP_MASKED_EQ, (bit), (bit) }
#define WITHOUT(index, bits) { (index), SCMP_CMP_MASKED_EQ, (bits), 0 }

/* A call as it is, and with one or two conditions. */
#define CALL(name, needed)           { SCMP_SYS(name), NEED_##needed, 0, { { 0 } } }
#define CALL_IF(name, needed, a)     { SCMP_SYS(name), NEED_##needed, 1, { a, { 0 } } }
#define CALL_IF2(name, needed, a, b) { SCMP_SYS(name), NEED_##needed, 2, { a, b } }

/* clang-format on */

#define NOT_READ_ONLY (O_ACCMODE | O_CREAT | O_TRUNC)

/*
 * All that is allowed. What a call is for stands with it: when the reason goes, so does the
 * row. libseccomp passes over what an architecture is without; the names with 64 in them are
 * other architectures' for the row above.
 */
static const struct call allowed[] = {
    /* What is open is read and written: captures, timers, signals, reports, alerts' sockets. */
    CALL(read, ALWAYS), CALL(readv, ALWAYS),   /* stdio of other C libraries */
    CALL(write, ALWAYS), CALL(writev, ALWAYS), /* the same, and the last words of abort() */
    CALL(lseek, ALWAYS), /* stdio: where a stream stands; how far a capture is read */
    CALL(_llseek, ALWAYS), CALL(fsync, ALWAYS), /* before a file is renamed to its place */
    CALL(fdatasync, ALWAYS),
    CALL(ftruncate, ALWAYS), /* half a line on a full disk is taken back */
    CALL(ftruncate64, ALWAYS), CALL(close, ALWAYS),
    CALL(fstat, ALWAYS), /* stdio's buffers; whether a report was renamed */
    CALL(fstat64, ALWAYS),
    CALL(newfstatat, ALWAYS), /* fstat() and stat() of newer C libraries */
    CALL(fstatat64, ALWAYS), CALL(statx, ALWAYS),
    CALL_IF(fcntl, ALWAYS, IS(1, F_GETFL)), /* fdopen() */
    CALL_IF(fcntl, ALWAYS, IS(1, F_SETFL)), /* an output that must not block */
    CALL_IF(fcntl, ALWAYS, IS(1, F_GETFD)),
    CALL_IF(fcntl, ALWAYS, IS(1, F_SETFD)), /* close on exec */
    CALL_IF(fcntl64, ALWAYS, IS(1, F_GETFL)), CALL_IF(fcntl64, ALWAYS, IS(1, F_SETFL)),
    CALL_IF(ioctl, ALWAYS, IS(1, TCGETS)),     /* isatty(), which stdio asks as well */
    CALL_IF(ioctl, ALWAYS, IS(1, TIOCGWINSZ)), /* how wide the terminal is */
    CALL_IF(ioctl, ALWAYS, IS(1, FIONREAD)),   /* how much lies in a pipe */

    /* Waiting, and the time. */
    CALL(poll, ALWAYS), CALL(ppoll, ALWAYS), /* poll() where the kernel has only this */
    CALL(ppoll_time64, ALWAYS), CALL(timerfd_settime, ALWAYS), CALL(timerfd_settime64, ALWAYS),
    CALL(nanosleep, ALWAYS), /* an interface that is down is looked at less often */
    CALL(clock_nanosleep, ALWAYS), CALL(clock_nanosleep_time64, ALWAYS),
    CALL(restart_syscall, ALWAYS), /* a wait that SIGSTOP has broken */
    CALL(clock_gettime, ALWAYS), /* where the vDSO has no clock, as in some virtual machines */
    CALL(clock_gettime64, ALWAYS), CALL(gettimeofday, ALWAYS), CALL(time, ALWAYS),

    /* Memory, never for code. */
    CALL(brk, ALWAYS), CALL_IF2(mmap, ALWAYS, WITHOUT(2, PROT_EXEC), HAS(3, MAP_ANONYMOUS)),
    CALL_IF2(mmap2, ALWAYS, WITHOUT(2, PROT_EXEC), HAS(3, MAP_ANONYMOUS)),
    CALL(munmap, ALWAYS),                         /* also the ring, by pcap_close() */
    CALL(mremap, ALWAYS),                         /* realloc() of what is large */
    CALL(madvise, ALWAYS), CALL(sysinfo, ALWAYS), /* qsort() asks how much memory there is */
    CALL(getrandom, ALWAYS), /* the keys of hash tables, also malloc's own */
    CALL(futex, ALWAYS),     /* stdio's locks */
    CALL(futex_time64, ALWAYS),

    /* Signals, and the end in both ways: exit() and abort(). */
    CALL(rt_sigreturn, ALWAYS), CALL(sigreturn, ALWAYS), CALL(rt_sigprocmask, ALWAYS),
    CALL(rt_sigaction, ALWAYS), CALL(getpid, ALWAYS), CALL(gettid, ALWAYS),
    CALL_IF(tgkill, ALWAYS, IS(2, SIGABRT)), CALL(exit, ALWAYS), CALL(exit_group, ALWAYS),

    /* libpcap: statistics; what to make of POLLERR when an interface goes down or away; and
     * pcap_close(), which takes the ring down. */
    CALL_IF2(getsockopt, CAPTURE, IS(1, SOL_PACKET), IS(2, PACKET_STATISTICS)),
    CALL_IF2(getsockopt, CAPTURE, IS(1, SOL_SOCKET), IS(2, SO_ERROR)),
    CALL(getsockname, CAPTURE),
    CALL_IF(ioctl, CAPTURE, IS(1, SIOCGIFFLAGS)), /* also whether a link is up */
    CALL_IF2(setsockopt, CAPTURE, IS(1, SOL_PACKET), IS(2, PACKET_RX_RING)),

    /* Names: an interface's own counters; reports after a rotation; the metrics and the state.
     * Which names, Landlock says. */
    CALL_IF(open, READ, WITHOUT(1, NOT_READ_ONLY)),
    CALL_IF(openat, READ, WITHOUT(2, NOT_READ_ONLY)), CALL(open, REPLACE),
    CALL(openat, REPLACE), CALL(rename, REPLACE), CALL(renameat, REPLACE),
    CALL(renameat2, REPLACE), CALL(unlink, REPLACE), /* what could not be written whole */
    CALL(unlinkat, REPLACE), CALL(fchmod, REPLACE),  /* metrics are for others to read */

    CALL(wait4, CHILDREN), CALL(waitid, CHILDREN), /* waitpid() where there is only this */
    CALL_IF(pidfd_send_signal, CHILDREN, IS(1, SIGKILL)), /* the descriptors are children's */

    CALL(connect,
         CONNECT), /* no new socket can be made, and packet sockets have no connect() */
};

/* With what error the rest is refused; what is not here either kills. */
static const struct {
    struct call call;
    enum need unless;
    uint32_t action;
} refused[] = {
    { CALL(sendto, ALWAYS), 0, SCMP_ACT_ERRNO(EPERM) }, /* it never sends */
    { CALL(sendmsg, ALWAYS), 0, SCMP_ACT_ERRNO(EPERM) },
    { CALL(sendmmsg, ALWAYS), 0, SCMP_ACT_ERRNO(EPERM) },
    /* C libraries open what they can do without: locales, zones, lists of processors. */
    { CALL(open, ALWAYS), NEED_READ | NEED_REPLACE, SCMP_ACT_ERRNO(EACCES) },
    { CALL(openat, ALWAYS), NEED_READ | NEED_REPLACE, SCMP_ACT_ERRNO(EACCES) },
};

/* What would put a frame on the wire when done to a packet socket. */
static const int sending[] = {
    SCMP_SYS(write),    SCMP_SYS(writev), SCMP_SYS(pwrite64), SCMP_SYS(pwritev),
    SCMP_SYS(pwritev2), SCMP_SYS(sendto), SCMP_SYS(sendmsg),  SCMP_SYS(sendmmsg),
};

static unsigned needs_of(const struct cas_cli_confine_plan *plan,
                         const struct cas_cli_packet_sockets *sockets)
{
    unsigned needs = NEED_ALWAYS;
    if (sockets->len > 0) {
        needs |= NEED_CAPTURE | NEED_READ;
    }
    if (plan->write_paths_len > 0) {
        needs |= NEED_REPLACE;
    }
    return needs | (plan->reconnects ? NEED_CONNECT : 0U) |
           (plan->has_children ? NEED_CHILDREN : 0U);
}

static bool is_logged(const struct cas_cli_confine_plan *plan)
{
    return plan->sandbox == CAS_CLI_SANDBOX_LOG;
}

/* Calls by the numbers of another architecture are never ours. */
static scmp_filter_ctx begin(uint32_t otherwise, uint32_t foreign)
{
    scmp_filter_ctx filter = seccomp_init(otherwise);
    if (filter != NULL) {
        (void)seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, foreign);
        (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree: log2 steps */
    }
    return filter;
}

static bool add(scmp_filter_ctx filter, uint32_t action, const struct call *call)
{
    return seccomp_rule_add_array(filter, action, call->number, call->args_len, call->args) ==
           0;
}

/*
 * A filter of its own, as an allow-list has no exceptions: the kernel takes the strictest of
 * all filters' answers. A descriptor's number stands for its socket, so the number must not
 * pass on to another file: close() says yes and does nothing, and dup() is not on the list.
 */
static bool guard_packet_sockets(const struct cas_cli_packet_sockets *sockets,
                                 uint32_t violated, bool is_closed)
{
    scmp_filter_ctx filter = begin(SCMP_ACT_ALLOW, violated);
    bool is_good = filter != NULL;
    for (size_t i = 0; i < sockets->len && is_good; i++) {
        /* The kernel takes a descriptor's lower 32 bits, whatever stands above. */
        struct call call = { 0,
                             NEED_ALWAYS,
                             1,
                             { { 0, SCMP_CMP_MASKED_EQ, UINT32_MAX,
                                 (scmp_datum_t)sockets->fd[i] } } };
        for (size_t j = 0; j < sizeof(sending) / sizeof(sending[0]) && is_good; j++) {
            call.number = sending[j];
            is_good = add(filter, violated, &call);
        }
        call.number = SCMP_SYS(close);
        is_good = is_good && (is_closed || add(filter, SCMP_ACT_ERRNO(0), &call));
    }
    is_good = is_good && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return is_good;
}

static bool load_list(unsigned needs, uint32_t violated, bool is_refused)
{
    scmp_filter_ctx filter = begin(violated, violated);
    bool is_good = filter != NULL;
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]) && is_good; i++) {
        if ((allowed[i].need & needs) != 0) {
            is_good = add(filter, SCMP_ACT_ALLOW, &allowed[i]);
        }
    }
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]) && is_good && is_refused; i++) {
        if ((refused[i].unless & needs) == 0) {
            is_good = add(filter, refused[i].action, &refused[i].call);
        }
    }
    is_good = is_good && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return is_good;
}

enum cas_cli_calls cas_cli_calls_confine(const struct cas_cli_confine_plan *plan)
{
    const struct cas_cli_packet_sockets sockets = cas_cli_packet_sockets_find();
    uint32_t violated = is_logged(plan) ? SCMP_ACT_LOG : SCMP_ACT_KILL_PROCESS;
    if ((sockets.len > 0 && !guard_packet_sockets(&sockets, violated, is_logged(plan))) ||
        !load_list(needs_of(plan, &sockets), violated, !is_logged(plan))) {
        return CAS_CLI_CALLS_FREE;
    }
    return is_logged(plan) ? CAS_CLI_CALLS_LOGGED : CAS_CLI_CALLS_KILLED;
}

#else

enum cas_cli_calls cas_cli_calls_confine(const struct cas_cli_confine_plan *plan)
{
    (void)plan;
    return CAS_CLI_CALLS_FREE;
}

#endif
