/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/say.h"

struct meaning {
    int number;
    enum cas_cli_signal signal;
};

static const struct meaning meanings[] = {
    { SIGINT, CAS_CLI_SIGNAL_END },    { SIGTERM, CAS_CLI_SIGNAL_END },
    { SIGHUP, CAS_CLI_SIGNAL_REOPEN }, { SIGUSR1, CAS_CLI_SIGNAL_STATISTICS },
    { SIGUSR2, CAS_CLI_SIGNAL_FLUSH },
};

#define MEANINGS (sizeof(meanings) / sizeof(meanings[0]))

static sigset_t all_of_them(void)
{
    sigset_t all;
    sigemptyset(&all);
    for (size_t i = 0; i < MEANINGS; i++) {
        sigaddset(&all, meanings[i].number);
    }
    return all;
}

int cas_cli_signals_open(void)
{
    const sigset_t all = all_of_them();
    int fd = sigprocmask(SIG_BLOCK, &all, NULL) == 0
                 ? signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC)
                 : -1;
    if (fd < 0) {
        cas_cli_say("cannot wait for signals: %s", strerror(errno));
    }
    return fd;
}

void cas_cli_signals_ignore(void)
{
    for (size_t i = 0; i < MEANINGS; i++) {
        (void)signal(meanings[i].number, SIG_IGN);
    }
}

enum cas_cli_signal cas_cli_signals_next(int fd)
{
    struct signalfd_siginfo info;
    if (read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info)) {
        return CAS_CLI_SIGNAL_NONE;
    }
    for (size_t i = 0; i < MEANINGS; i++) {
        if (meanings[i].number == (int)info.ssi_signo) {
            return meanings[i].signal;
        }
    }
    return CAS_CLI_SIGNAL_NONE;
}

void cas_cli_signals_restore(void)
{
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    (void)sigprocmask(SIG_UNBLOCK, &ending, NULL);
}
