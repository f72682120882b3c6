/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which system calls a confined process can make, and what happens with the others. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/confined.h"
#include "support/support.h"

/* Without the library, or instrumented, there is no list to test. */
#if defined(CAS_HAVE_SECCOMP) && !defined(CAS_INSTRUMENTED)
#define HAS_LIST true
#else
#define HAS_LIST false
#endif

static const struct cas_cli_confine_plan on = { .sandbox = CAS_CLI_SANDBOX_ON,
                                                .is_quiet = true };

static int pair[2] = { -1, -1 };
static int packets = -1; /* a packet socket */

/* What must not be possible. Each is the beginning of how a broken process is made use of. */

static int make_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0);
}

static int make_packet_socket(void)
{
    return socket(AF_PACKET, SOCK_RAW, 0);
}

static int execute(void)
{
    return execl("/bin/true", "true", (char *)NULL);
}

static int make_process(void)
{
    return (int)fork();
}

static int debug_parent(void)
{
    return (int)ptrace(PTRACE_ATTACH, getppid(), 0, 0);
}

static int signal_parent(void)
{
    return kill(getppid(), SIGTERM);
}

static int connect_pair(void)
{
    const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(9) };
    return connect(pair[0], (const struct sockaddr *)&address, sizeof(address));
}

static int map_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
           MAP_FAILED;
}

static int make_code(void)
{
    return mprotect((void *)((uintptr_t)make_code & ~(uintptr_t)4095), 4096, // NOLINT
                    PROT_READ | PROT_WRITE | PROT_EXEC);
}

static int type_into_terminal(void)
{
    return ioctl(0, TIOCSTI, "x");
}

static int double_descriptor(void)
{
    return dup(pair[0]);
}

static int change_limits(void)
{
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static int send_message(void)
{
    return send(pair[0], "x", 1, 0) < 0 ? errno : 0;
}

static int open_device(void)
{
    return open("/dev/null", O_RDONLY) < 0 ? errno : 0;
}

static int killed(int status)
{
    ck_assert_msg(WIFSIGNALED(status), "ended with status %d", WEXITSTATUS(status));
    return WTERMSIG(status);
}

START_TEST(what_is_not_on_the_list_kills)
{
    deed *const deeds[] = {
        make_socket,  make_packet_socket, execute,           make_process,
        debug_parent, signal_parent,      connect_pair,      map_code,
        make_code,    type_into_terminal, double_descriptor, change_limits,
    };
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
        int status = confined_does(&on, deeds[i]);
        ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "deed %zu: %x", i,
                      (unsigned)status);
    }
}
END_TEST

START_TEST(sending_and_opening_are_refused_quietly)
{
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    ck_assert_int_eq(WEXITSTATUS(confined_does(&on, send_message)), EPERM);
    ck_assert_int_eq(WEXITSTATUS(confined_does(&on, open_device)), EACCES);
}
END_TEST

START_TEST(log_mode_refuses_nothing)
{
    const struct cas_cli_confine_plan log = { .sandbox = CAS_CLI_SANDBOX_LOG,
                                              .is_quiet = true };
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    ck_assert_int_eq(confined_does(&log, send_message), 0);
    ck_assert_int_eq(confined_does(&log, open_device), 0);
    ck_assert(WIFEXITED(confined_does(&log, make_process)));
}
END_TEST

START_TEST(a_user_is_confined_as_root_is)
{
    ck_assert_int_eq(killed(confined_user_does(&on, make_socket)), SIGSYS);
    ck_assert_int_eq(WEXITSTATUS(confined_user_does(&on, open_device)), EACCES);
}
END_TEST

/* What must go on. */

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, 8);
}

static int use_the_c_library(void)
{
    char text[64];
    struct tm parts;
    time_t now = time(NULL);
    enum {
        LARGE = 64 * 1024 * 1024
    };
    char *bytes = calloc(LARGE, 1);
    char *more = bytes != NULL ? realloc(bytes, (size_t)LARGE * 2) : NULL;
    if (more == NULL) {
        return 1;
    }
    qsort(more, 100000, 8, compare);
    free(more);
    if (localtime_r(&now, &parts) == NULL || gmtime_r(&now, &parts) == NULL ||
        strftime(text, sizeof(text), "%Y %Z", &parts) == 0 ||
        snprintf(text, sizeof(text), "%.3f %s", 1.5, strerror(ENOSPC)) < 0) {
        return 2;
    }
    return printf("%s", "") != 0 || fflush(stdout) != 0 || isatty(pair[0]) != 0 ? 3 : 0;
}

static int use_the_loop(void)
{
    const struct itimerspec soon = { .it_value = { .tv_nsec = 1000 } };
    const struct timespec pause = { .tv_nsec = 1000 };
    uint64_t ticks = 0;
    struct pollfd wait[] = { { .fd = pair[1], .events = POLLIN }, { .fd = pair[0] } };
    struct timespec now;
    if (timerfd_settime(pair[1], 0, &soon, NULL) != 0 || poll(wait, 1, 1000) != 1 ||
        read(pair[1], &ticks, sizeof(ticks)) != (ssize_t)sizeof(ticks)) {
        return 1;
    }
    return nanosleep(&pause, NULL) + clock_gettime(CLOCK_MONOTONIC, &now);
}

static int give_up(void)
{
    abort();
}

START_TEST(the_c_library_and_the_loop_work)
{
    pair[0] = open("/dev/null", O_RDWR | O_CLOEXEC);
    pair[1] = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    ck_assert_int_eq(confined_does(&on, use_the_c_library), 0);
    ck_assert_int_eq(confined_does(&on, use_the_loop), 0);
    ck_assert_int_eq(killed(confined_does(&on, give_up)), SIGABRT);
}
END_TEST

/* Packet sockets: on the loopback, which is everywhere. */

static bool open_packet_socket(void)
{
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(0x0003), /* all */
        .sll_ifindex = (int)if_nametoindex("lo"),
    };
    packets = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, address.sll_protocol);
    ck_assert(packets >= 0 || !is_root());
    return packets >= 0 &&
           bind(packets, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

static const char frame[60];

static int transmit(void)
{
    return (int)write(packets, frame, sizeof(frame));
}

/* The kernel looks at the lower half of the argument only. */
static int transmit_by_another_number(void)
{
    uint64_t fd = (UINT64_C(1) << 32) | (unsigned)packets;
    return (int)syscall(SYS_write, fd, frame, sizeof(frame));
}

static int transmit_to(void)
{
    return (int)sendto(packets, frame, sizeof(frame), 0, NULL, 0);
}

static int write_beside(void)
{
    return write(pair[0], frame, sizeof(frame)) == (ssize_t)sizeof(frame) ? 0 : errno;
}

/* A report that was opened now must not come by the socket's number, which may not be written
 * to. */
static int close_and_open(void)
{
    if (close(packets) != 0) {
        return 1;
    }
    int fd = open("/dev/null", O_WRONLY);
    return fd < 0 || fd == packets || write(fd, "x", 1) != 1 ? 2 : 0;
}

static int look_after_interface(void)
{
    struct tpacket_stats stats;
    struct sockaddr_ll address;
    struct ifreq request = { .ifr_name = "lo" };
    socklen_t stats_len = sizeof(stats);
    socklen_t address_len = sizeof(address);
    int error = 0;
    socklen_t error_len = sizeof(error);
    return getsockopt(packets, SOL_PACKET, PACKET_STATISTICS, &stats, &stats_len) +
           getsockopt(packets, SOL_SOCKET, SO_ERROR, &error, &error_len) +
           getsockname(packets, (struct sockaddr *)&address, &address_len) +
           ioctl(packets, SIOCGIFFLAGS, &request);
}

static int read_statistics(void)
{
    int fd = open("/sys/class/net/lo/statistics/rx_missed_errors", O_RDONLY);
    char digit = 0;
    return fd >= 0 && read(fd, &digit, 1) == 1 ? 0 : errno;
}

static int change_filter(void)
{
    return setsockopt(packets, SOL_SOCKET, SO_DETACH_FILTER, "", 1);
}

START_TEST(nothing_is_ever_transmitted)
{
    if (open_packet_socket()) {
        pair[0] = open("/dev/null", O_WRONLY | O_CLOEXEC);
        ck_assert_int_eq(killed(confined_does(&on, transmit)), SIGSYS);
        ck_assert_int_eq(killed(confined_does(&on, transmit_by_another_number)), SIGSYS);
        ck_assert_int_eq(killed(confined_does(&on, transmit_to)), SIGSYS);
        ck_assert_int_eq(confined_does(&on, write_beside), 0);
        ck_assert_int_eq(killed(confined_does(&on, change_filter)), SIGSYS);
    }
}
END_TEST

START_TEST(a_closed_packet_sockets_number_is_not_used_again)
{
    const char *paths[] = { "/dev/null" };
    const struct cas_cli_confine_plan plan = { .sandbox = CAS_CLI_SANDBOX_ON,
                                               .is_quiet = true,
                                               .write_paths = paths,
                                               .write_paths_len = 1 };
    if (open_packet_socket()) {
        ck_assert_int_eq(confined_does(&plan, close_and_open), 0);
    }
}
END_TEST

START_TEST(an_interface_is_looked_after)
{
    if (open_packet_socket()) {
        ck_assert_int_eq(confined_does(&on, look_after_interface), 0);
        ck_assert_int_eq(confined_does(&on, read_statistics), 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("confine_calls");
    TCase *tcase = tcase_create("confine_calls");
    tcase_set_timeout(tcase, 60);
    if (HAS_LIST) {
        tcase_add_test(tcase, what_is_not_on_the_list_kills);
        tcase_add_test(tcase, sending_and_opening_are_refused_quietly);
        tcase_add_test(tcase, log_mode_refuses_nothing);
        tcase_add_test(tcase, a_user_is_confined_as_root_is);
        tcase_add_test(tcase, nothing_is_ever_transmitted);
        tcase_add_test(tcase, a_closed_packet_sockets_number_is_not_used_again);
    }
    tcase_add_test(tcase, the_c_library_and_the_loop_work);
    tcase_add_test(tcase, an_interface_is_looked_after);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
