/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table behind <casniff/keylog.h>: the secrets of a connection by its client's random. */
#ifndef CAS_TLS_KEYLOG_H
#define CAS_TLS_KEYLOG_H

#include <stddef.h>
#include <stdint.h>

#include <casniff/keylog.h>

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

/* The secrets in a pcapng file's bytes, as cas_keylog_add_capture(). */
enum cas_err cas_keylog_add_pcapng(struct cas_keylog *keylog, const char *name,
                                   struct cas_view bytes, struct cas_error *out_error);

/* NULL when none is known; valid until something is added. */
const struct cas_secrets *cas_keylog_find(const struct cas_keylog *keylog,
                                          const uint8_t client_random[CAS_RANDOM_LEN]);

#endif
