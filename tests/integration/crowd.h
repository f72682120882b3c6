/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recording whose connections come several times at once, from other ports of the clients. */
#ifndef CAS_TEST_CROWD_H
#define CAS_TEST_CROWD_H

#include <stddef.h>

#include "support/recording.h"

struct recording *crowd_of(const struct recording *recording, size_t times);

#endif
