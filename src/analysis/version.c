/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <casniff/version.h>

#include "x509/wolf.h"

const char *cas_version(void)
{
    return CAS_VERSION;
}

const char *cas_version_wolfssl(void)
{
    return cas_wolf_version();
}
