/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one side says from its first TLS record on: follows its records, hands its handshake
 * messages up, and keeps the facts that need nothing but this side. Knows no searching.
 *
 * It is over
 *   - with its first application data: then its handshake has ended in every version but
 *     TLS 1.3, where the encrypted handshake looks like it: there a few records later
 *     (tls/flight.h). What comes between its Finished and that is still counted, so that a
 *     renegotiation at once is noticed;
 *   - after CAS_TALK_ENCRYPTED_MAX bytes of other encrypted records;
 *   - when the protocol is broken.
 * Where that is depends on its own bytes only, and nothing behind it costs anything.
 */
#ifndef CAS_TLS_TALK_H
#define CAS_TLS_TALK_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/budget.h"
#include "bytes/reader.h"
#include "tls/alert.h"
#include "tls/backlog.h"
#include "tls/conversation.h"
#include "tls/doubts.h"
#include "tls/handshake.h"
#include "tls/record.h"
#include "tls/unsealer.h"

/* Encrypted handshakes and alerts are followed so far: enough to see that there are some. */
#define CAS_TALK_ENCRYPTED_MAX 65536

/*
 * With keys, so many bytes of records are opened of a side's handshake: more than the longest
 * list and the longest chain that are kept. Behind it so many records and bytes are, in which
 * a server asks that asks at all: it does so before it answers the first requests.
 */
#define CAS_TALK_SEALED_MAX        1048576
#define CAS_TALK_LATER_RECORDS_MAX 64
#define CAS_TALK_LATER_BYTES_MAX   131072

enum cas_talk_anomaly {
    CAS_ANOMALY_BAD_RECORD,
    CAS_ANOMALY_RECORD_TOO_LONG,
    CAS_ANOMALY_EMPTY_RECORD,
    CAS_ANOMALY_INTERLEAVED,
    CAS_ANOMALY_BAD_CHANGE_CIPHER_SPEC,
    CAS_ANOMALY_BAD_MESSAGE,
    CAS_ANOMALY_WRONG_SIDE,
    CAS_ANOMALY_OVERLAP,
    CAS_ANOMALY_URGENT,
    CAS_ANOMALY_SEQUENCE,
    CAS_ANOMALY_WRONG_KEY,
    CAS_ANOMALY_DAMAGED_RECORD,
    CAS_ANOMALY_SEALED_TYPE,
    CAS_ANOMALIES
};

enum cas_talk_role {
    CAS_ROLE_UNKNOWN, /* no message of this side has told */
    CAS_ROLE_CLIENT,
    CAS_ROLE_SERVER
};

struct cas_talk;

struct cas_talk_handler {
    void *ctx;
    bool may_unseal; /* there is a key log */
    void (*message)(void *ctx, struct cas_talk *talk,
                    const struct cas_handshake_message *message);
    void (*anomaly)(void *ctx, struct cas_talk *talk, enum cas_talk_anomaly anomaly);
    /* An encrypted record behind the first handshake has begun; may be NULL. */
    void (*behind)(void *ctx, struct cas_talk *talk, const struct cas_record *record);
};

/* What is known once both hellos are. */
struct cas_unlocking {
    const struct cas_secrets *secrets; /* NULL: the key log has none of this connection */
    uint16_t cipher;
    bool is_after_early_data; /* records before the client's answer may be of other keys */
    bool may_be_asked_later;  /* what follows the handshake is looked through */
    bool may_come;            /* those that are missing: what they open is kept for a while */
};

/*
 * What differs between the versions once there are keys. Both are called with an unsealer, and
 * may end the talk or give up unsealing.
 */
struct cas_sealed_version {
    /* Gives the unsealer the keys of the next record; false when there are none. */
    bool (*set_keys)(struct cas_talk *talk);
    /* A record that was opened. */
    void (*take)(struct cas_talk *talk, const struct cas_unsealed_record *record);
    /* This side may send such a message now, encrypted. */
    bool (*may_come)(const struct cas_talk *talk, uint16_t type);
};
extern const struct cas_sealed_version cas_sealed_tls13;

/* What each record needs comes first. */
struct cas_talk {
    unsigned end; /* of the flow */
    enum cas_talk_role role;
    uint16_t version; /* negotiated, as this side's ServerHello says; 0 before it */
    bool is_over;
    bool has_client_hello; /* one came; its facts are the conversation's */
    bool expects_keys;     /* both hellos are there */
    bool is_renewed;       /* a handshake behind the first, read from there */
    bool has_begun;        /* a hello of it has come */
    bool is_unbroken;      /* and since then no record that may be another's than it says */
    bool is_given_up;      /* what remained of it could not be opened */
    bool is_end_doubted;   /* the header of the data with which it was over */
    bool is_unlocked;
    bool is_flight_over; /* its lengths tell no more; only what is in the records does */
    bool is_unsealing;   /* messages that are told were encrypted */
    bool is_traffic;     /* its handshake is over, and the traffic keys have begun */
    uint8_t clear_step;  /* how far its handshake has come in the clear: talk_roles.c */
    uint8_t sealed_step; /* how far its encrypted handshake has come */
    const struct cas_talk_handler *handler;
    struct cas_doubts *doubts;
    struct cas_unsealer *unsealer; /* NULL: encrypted records are only measured */
    /* TLS 1.2 and older: what is encrypted, for who reads on; NULL: nobody. */
    struct cas_backlog *backlog;
    struct cas_record_layer records;
    struct cas_handshake handshake;
    struct cas_side_alerts alerts;
    struct cas_direction_facts facts;
    uint64_t clear_end;  /* offset of the first encrypted record; UINT64_MAX before it */
    uint64_t flight_end; /* offset behind the last record of facts.flight; 0: none */
    uint64_t encrypted;  /* bytes of encrypted records */
    uint64_t begin;      /* offset of its first record */
    /* The first bytes of the first handshake record behind ChangeCipherSpec. */
    uint8_t peeked[CAS_HANDSHAKE_HEADER_LEN];
    uint8_t peeked_len;
    uint16_t first_encrypted_len; /* of that record's body */
    /* What was opened: of its handshake, then of what follows it. */
    uint32_t sealed_records;
    uint32_t sealed_bytes;
    struct cas_server_hello_facts server_hello;
    struct cas_unlocking unlocking;
    const struct cas_sealed_version *sealed; /* NULL before it is unlocked */
    struct cas_budget *budget;
};

/* budget, and the doubts and handler that it is given, must outlive it. begin is the offset of
 * its first record. NULL without memory. */
struct cas_talk *cas_talk_create(struct cas_budget *budget, uint64_t begin);
/* talk may be NULL. */
void cas_talk_destroy(struct cas_talk *talk);

/* Uses all of bytes, or is over. */
void cas_talk_bytes(struct cas_talk *talk, struct cas_reader *bytes);

/* A hole of *len bytes. False when it covers a record's header: *len bytes of it are left. */
bool cas_talk_miss(struct cas_talk *talk, uint64_t *len, enum cas_reason reason);

/* With keys: nothing of what came behind its handshake is left unread. */
bool cas_talk_has_read_all(const struct cas_talk *talk);

/* Nothing more of the present message comes. */
void cas_talk_cut(struct cas_talk *talk, enum cas_reason reason);

/* Nothing more comes: the facts stay, memory is given back. */
void cas_talk_end(struct cas_talk *talk);

/* Both hellos are there: the keys come, if there are any, once these bytes have been read. */
void cas_talk_expect_keys(struct cas_talk *talk);

/* The keys are known, or that there are none. It may be over then. */
void cas_talk_unlock(struct cas_talk *talk, const struct cas_unlocking *unlocking);

/*
 * What comes behind the end of a talk that has a backlog goes there: bytes, or a hole of len
 * bytes. And: where the next record begins is not known any more.
 */
void cas_talk_store(struct cas_talk *talk, struct cas_view bytes);
void cas_talk_store_missing(struct cas_talk *talk, uint64_t len);
void cas_talk_lose_backlog(struct cas_talk *talk);

/* The talk begins anew, for the next handshake, which is read from the backlog. */
void cas_talk_renew(struct cas_talk *talk);
/* Opens what waits there, and hands up the messages. */
void cas_talk_read_backlog(struct cas_talk *talk);
/* The Finished of the handshake that is over is there, and opens. */
bool cas_talk_open_finished(struct cas_talk *talk);

/*
 * Between the files of the talk: a piece of an encrypted record; nothing encrypted can be
 * opened any more, for this reason; the protocol is broken, and nothing that follows is
 * believed.
 */
void cas_talk_push_sealed(struct cas_talk *talk, const struct cas_record_part *part);
void cas_talk_give_up_unsealing(struct cas_talk *talk, enum cas_reason reason);
void cas_talk_break_off(struct cas_talk *talk, enum cas_talk_anomaly anomaly);

/* The keys of the next record are missing. False when they cannot come. */
bool cas_talk_await_keys(struct cas_talk *talk);
/* Records are kept for keys that may come. */
bool cas_talk_awaits_keys(const struct cas_talk *talk);
void cas_talk_tell(struct cas_talk *talk, struct cas_handshake_message *message);

/* Which side sends this message; unknown when both may, or nobody does. */
enum cas_talk_role cas_talk_sender_of(uint16_t type);

/* One of its hellos came. */
bool cas_talk_has_hello(const struct cas_talk *talk);

/*
 * A hello tells which side this is, whatever was said before it, for that may have been said to
 * mislead. True when that had told otherwise: the handshake begins with this hello then.
 */
bool cas_talk_correct_role(struct cas_talk *talk, uint16_t type);

/* The wrong side sends it, or not now, or not so: in the clear, encrypted. */
bool cas_talk_is_unexpected(const struct cas_talk *talk, uint16_t type);

/* Its only encrypted handshake is none, but the second ClientHello of TLS 1.3. */
bool cas_talk_has_second_hello(const struct cas_talk *talk);
/*
 * Of TLS 1.2 and older, and of the hellos of TLS 1.3: it comes again, or behind one that must
 * follow it, or in front of the hello. Nothing is said of a message whose beginning was guessed
 * behind a hole.
 */
bool cas_talk_is_out_of_order(const struct cas_talk *talk,
                              const struct cas_handshake_message *message);
/* A message was taken that was in order. */
void cas_talk_note_step(struct cas_talk *talk, uint16_t type);

/* Bytes before this offset belong to messages that have been told. */
uint64_t cas_talk_told_up_to(const struct cas_talk *talk);

/* Doubts about bytes from this offset on are still of use. */
uint64_t cas_talk_needs_from(const struct cas_talk *talk);

#endif
