/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>

/* A handler can reach nothing but this. */
static volatile sig_atomic_t was_interrupted;

static void note(int signal_number)
{
    (void)signal_number;
    was_interrupted = 1;
}

void cas_cli_interrupt_catch(void)
{
    /* A read goes on: in `tcpdump -w - | casniff -r -` the interrupt reaches both, and what
     * tcpdump still writes is read to its end. */
    struct sigaction action = { .sa_flags = (int)(SA_RESTART | SA_RESETHAND) };
    action.sa_handler = note;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool cas_cli_is_interrupted(void)
{
    return was_interrupted != 0;
}
