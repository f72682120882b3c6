/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/stage.h"

#include <stdlib.h>

#include "support/support.h"

struct stage *stage_create(void)
{
    struct stage *stage = calloc(1, sizeof(*stage));
    ck_assert_ptr_nonnull(stage);
    stage->talk = talk_init(&stage->frames);
    return stage;
}

void stage_destroy(struct stage *stage)
{
    frames_free(&stage->frames);
    free(stage);
}
