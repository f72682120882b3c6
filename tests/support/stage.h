/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A talk and the frames that it makes, which stay where they are. */
#ifndef CAS_TEST_STAGE_H
#define CAS_TEST_STAGE_H

#include "support/frames.h"

struct stage {
    struct frames frames;
    struct talk talk;
};

struct stage *stage_create(void);
void stage_destroy(struct stage *stage);

#endif
