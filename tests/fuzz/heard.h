/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold of whatever a conversation tells, for the targets that hear one. */
#ifndef CAS_FUZZ_HEARD_H
#define CAS_FUZZ_HEARD_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tls/conversation.h"

static void on_certificate(void *user, const struct cas_frame *frame, bool from_server,
                           const struct cas_certificate_message *message)
{
    (void)user;
    (void)frame;
    (void)from_server;
    if (message->list.len > message->sight.declared_len) {
        abort();
    }
}

static void on_anomaly(void *user, const struct cas_frame *frame, const char *code,
                       const char *text)
{
    (void)user;
    (void)frame;
    if (strlen(code) == 0 || strlen(text) == 0) {
        abort();
    }
}

#endif
