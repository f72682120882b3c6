/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this is: for --version and for bug reports. */
#ifndef CASNIFF_VERSION_H
#define CASNIFF_VERSION_H

#include <casniff/api.h>

/* "0.1.0" */
CAS_API const char *cas_version(void);

/* The version of wolfSSL in use, e.g. "5.5.4". */
CAS_API const char *cas_version_wolfssl(void);

#endif
