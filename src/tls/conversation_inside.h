/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the conversation. */
#ifndef CAS_TLS_CONVERSATION_INSIDE_H
#define CAS_TLS_CONVERSATION_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "tls/conversation.h"
#include "tls/direction.h"
#include "tls/follower.h"

/* What each packet needs comes first, for many of these are not in the cache. */
struct cas_conversation {
    const struct cas_tls_context *context;
    const struct cas_frame *frame; /* of the present call */
    void *user;
    int hello_end;     /* whose ClientHello is in facts; -1: nobody's */
    uint32_t next[2];  /* what the follower awaits: offsets */
    uint32_t heard[2]; /* how far each end has come */
    bool is_any_seen;  /* any bytes */
    bool has_facts;    /* TLS was found, and told something */
    bool is_midstream;
    bool is_told; /* done() was called early */
    bool is_done;
    bool is_closed;    /* the connection has ended */
    bool is_unlocked;  /* whether there are secrets has been settled */
    bool is_renewable; /* what lies behind the handshake that has ended can be read */
    bool is_renewed;   /* it is a handshake behind the first that is read */
    bool has_later_before_data[2]; /* another handshake was begun before that side ended */
    uint64_t heard_after[2];       /* bytes since that direction has ended */
    struct cas_follower follower;  /* of sides that have ended */
    struct cas_direction direction[2];
    struct cas_talk_handler handler;
    const struct cas_secrets *secrets; /* held; NULL: none */
    struct cas_key_wait wait;          /* for more of them */
    uint32_t anomalies_told;           /* each kind once */
    struct cas_conversation_facts facts;
};

/* --- conversation.c --- */

/* Brings the facts up to date. */
void cas_conversation_settle(struct cas_conversation *conversation);

/* Reads on with what secrets there are. No packet has brought this, and what is told of it
 * has the time of the last one that came. */
void cas_conversation_go_on(struct cas_conversation *conversation);

/* --- conversation_messages.c --- */

/* From here on the messages of its talks come to it. */
void cas_conversation_listen(struct cas_conversation *conversation);

/* Tells an anomaly, each kind once. */
void cas_conversation_remark(struct cas_conversation *conversation,
                             enum cas_talk_anomaly anomaly);

void cas_conversation_drop_hello(struct cas_conversation *conversation);

/* --- conversation_keys.c --- */

/* When both hellos are known: asks the key log for their secrets. */
void cas_conversation_unlock(struct cas_conversation *conversation);

/* Opens what the secrets that it has are for. */
void cas_conversation_unlock_sides(struct cas_conversation *conversation);

/* Something of it waits for secrets. */
bool cas_conversation_awaits_keys(const struct cas_conversation *conversation);

void cas_conversation_end_waiting(struct cas_conversation *conversation);

/* --- conversation_renewal.c --- */

/*
 * A handshake of TLS 1.2 or older is over: with its keys, are the records behind it readable?
 * Each side's Finished has to open.
 */
void cas_conversation_prepare_renewal(struct cas_conversation *conversation);

/* Reads what has come of a handshake behind the first; tells it when it is over. */
enum cas_want cas_conversation_read_renewed(struct cas_conversation *conversation);

/* Nothing more comes of it. */
void cas_conversation_close_renewed(struct cas_conversation *conversation,
                                    enum cas_reason reason);

/* Something of such a handshake has come. */
bool cas_conversation_has_begun(const struct cas_conversation *conversation);

#endif
