/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/secrecy.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#ifdef CAS_INSTRUMENTED
#define IS_DUMPABLE 1
#else
#define IS_DUMPABLE 0
#endif

/* Both: where core files go to a program, the kernel asks for the second only. */
bool cas_cli_secrecy_begin(void)
{
    const struct rlimit none = { 0 };
    return setrlimit(RLIMIT_CORE, &none) == 0 &&
           prctl(PR_SET_DUMPABLE, IS_DUMPABLE, 0, 0, 0) == 0;
}
