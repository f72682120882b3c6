/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table behind <casniff/keylog.h>: the secrets of a connection by its client's random. */
#ifndef CAS_TLS_KEYLOG_H
#define CAS_TLS_KEYLOG_H

#include <stddef.h>
#include <stdint.h>

#include <casniff/keylog.h>

#include "bytes/budget.h"

#define CAS_RANDOM_LEN     32
#define CAS_SECRET_LEN_MAX 48

enum cas_secret_kind {
    CAS_SECRET_CLIENT_HANDSHAKE,
    CAS_SECRET_SERVER_HANDSHAKE,
    CAS_SECRET_CLIENT_TRAFFIC,
    CAS_SECRET_SERVER_TRAFFIC,
    CAS_SECRET_MASTER, /* of TLS 1.2 and older */
    CAS_SECRETS
};

struct cas_secret {
    uint8_t len; /* 0: not known */
    uint8_t bytes[CAS_SECRET_LEN_MAX];
};

struct cas_secrets {
    uint8_t client_random[CAS_RANDOM_LEN];
    struct cas_secret secret[CAS_SECRETS];
};

/* Who wants to know of every secret that comes. */
struct cas_keylog_listener {
    void *ctx;
    void (*secret)(void *ctx, const uint8_t client_random[CAS_RANDOM_LEN]);
};

/*
 * What is held is charged to the budget, and the listener hears of what comes, until
 * cas_keylog_leave(): one sniffer at a time. What does not fit is dropped.
 */
void cas_keylog_join(struct cas_keylog *keylog, struct cas_budget *budget,
                     const struct cas_keylog_listener *listener);
void cas_keylog_leave(struct cas_keylog *keylog);

/* Remembers a secret; the oldest connection goes when there is no room. The first one of a
 * kind stays, so that what is read with it does not depend on when the next one came. Without
 * memory it is counted as dropped; another one than before as a bad line. */
void cas_keylog_put(struct cas_keylog *keylog, const uint8_t client_random[CAS_RANDOM_LEN],
                    enum cas_secret_kind kind, const struct cas_secret *secret);

void cas_keylog_count_bad_line(struct cas_keylog *keylog);

/* NULL when none is known; valid until something is added. */
const struct cas_secrets *cas_keylog_find(const struct cas_keylog *keylog,
                                          const uint8_t client_random[CAS_RANDOM_LEN]);

/* The same, valid until it is released; those of them that come later come to stand there. */
const struct cas_secrets *cas_keylog_hold(struct cas_keylog *keylog,
                                          const uint8_t client_random[CAS_RANDOM_LEN]);
/* secrets may be NULL. */
void cas_keylog_release(struct cas_keylog *keylog, const struct cas_secrets *secrets);

#endif
