/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One TLS connection: the bytes of both directions in, what was said out. Finds TLS by content,
 * also after a plaintext start; follows records and handshake messages until encryption begins;
 * keeps the facts. Judges nothing: requested or not, answered or not, is concluded above.
 *
 * Every fact depends only on the bytes of the two directions, never on how they were split or
 * which direction's bytes came first. (Doubt is news, not bytes: it counts when it comes.)
 *
 * A direction is followed to the first record of application data with content, which in older
 * versions than TLS 1.3 lies behind its Finished, so that the handshake is over and a
 * renegotiation that begins at once has been seen; of what lies behind it, as long as the other
 * direction is not as far, record headers alone (tls/follower.h). In TLS 1.3 the encrypted
 * handshake looks the same, so that a few more are followed, for their lengths (tls/flight.h).
 * Not further than 64 KiB behind ChangeCipherSpec; and not further than lost framing or a
 * broken protocol. done() comes when both directions are there, or at close.
 *
 * Counted here: CAS_COUNT_NOT_TLS, _TLS_CONNECTIONS, _TLS13_CONNECTIONS, _TLS_MALFORMED,
 * _TLS_MESSAGES_CAPPED, _RENEGOTIATIONS, _CERT_REQUESTS.
 */
#ifndef CAS_TLS_CONVERSATION_H
#define CAS_TLS_CONVERSATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/counters.h>
#include <casniff/types.h>

#include "bytes/budget.h"
#include "bytes/buf.h"
#include "net/flows.h"
#include "tls/flight.h"
#include "tls/key_waits.h"
#include "tls/keylog.h"

/* Alerts kept of a connection; more are counted. */
#define CAS_TLS_ALERTS_MAX 8
/* Names of ALPN kept of a ClientHello; more are left out. */
#define CAS_TLS_ALPN_MAX 16

#define CAS_TLS_VERSION_SSL2  0x0002
#define CAS_TLS_VERSION_SSL3  0x0300
#define CAS_TLS_VERSION_TLS10 0x0301
#define CAS_TLS_VERSION_TLS11 0x0302
#define CAS_TLS_VERSION_TLS12 0x0303
#define CAS_TLS_VERSION_TLS13 0x0304

/* How a handshake message was seen. */
struct cas_message_sight {
    uint32_t declared_len; /* its body, as its header says */
    uint32_t records;      /* TLS records that it touches */
    uint32_t reasons; /* CAS_REASON_BIT()s: 0 when every byte was seen once and undoubted */
    bool is_record_too_long;             /* one of its records exceeds 2^14 bytes */
    bool is_message_too_long_for_record; /* that record held this message whole */
    bool is_broken; /* other records were interleaved: the protocol forbids it */
};

/*
 * A CertificateRequest, in the clear or decrypted. The views are valid during the call. When
 * sight.reasons is not 0, list is what lies before the first missing byte, and names in it that
 * are cut by it are not whole.
 */
struct cas_cert_request {
    struct cas_message_sight sight;
    bool has_signature_algorithms;        /* TLS 1.2 and later */
    struct cas_view certificate_types;    /* u8 each */
    struct cas_view signature_algorithms; /* u16 each */
    uint32_t list_declared_len;           /* the length field of the list */
    struct cas_view list;                 /* the vector without its length field */
    size_t trailing_len;                  /* bytes of the body after the list */
    struct cas_view rest_of_message;      /* list and those bytes: for a wrapped length */
    bool is_malformed; /* it contradicts itself; what could be read is there */
};

/* A Certificate message. */
struct cas_certificate_message {
    struct cas_message_sight sight;
    struct cas_view list; /* certificates, each with a u24 length in front */
    bool has_extensions;  /* TLS 1.3: behind each certificate, a u16 vector */
    bool is_raw_key;      /* RFC 7250: list is one public key */
    bool is_malformed;
};

struct cas_client_hello_facts {
    bool is_seen;
    bool is_whole;
    uint16_t version; /* legacy_version */
    uint8_t random[32];
    bool has_random;
    uint16_t version_max; /* from supported_versions where it is there; GREASE left out */
    char *sni;            /* escaped UTF-8; NULL when there is none */
    char *alpn[CAS_TLS_ALPN_MAX];
    size_t alpn_len;
    bool offers_ticket_or_psk;
    bool offers_tls13;
    bool offers_early_data; /* RFC 8446, 4.2.10: encrypted records may come before the rest */
    bool allows_later_request; /* RFC 8446, 4.2.6: post_handshake_auth */
    bool limits_records;       /* to less than 2^14 bytes: RFC 6066, 4, and RFC 8449 */
    bool offers_ech;           /* RFC 9849, or pretends to: what counts may be encrypted */
    /* Of the first 32 pre-shared keys, a bit each: it comes from a ticket, for it has an age.
     */
    uint32_t psks_with_age;
    uint8_t session_id[32];
    size_t session_id_len;
    char ja3[33]; /* "" when the hello was not seen whole */
    char ja4[40];
    struct cas_view ca_names; /* extension 47: the vector; kept; empty when absent */
    bool has_ca_names;
    struct cas_buf texts; /* where sni and alpn lie */
};

struct cas_server_hello_facts {
    bool is_seen;
    bool is_whole;
    bool is_retry;    /* a HelloRetryRequest came first */
    bool is_final;    /* this is no HelloRetryRequest itself, as its random says */
    uint16_t version; /* the negotiated one; 0 when so much of the hello was not read */
    uint16_t cipher;  /* 0 when it was not read */
    uint8_t random[32];
    bool has_random;
    bool is_encrypt_then_mac;
    bool is_protected_oddly; /* compressed, or with a truncated MAC: nothing here opens that */
    bool is_psk_accepted;    /* TLS 1.3: pre_shared_key in the ServerHello */
    uint16_t psk_index;
    bool has_certificates_also; /* RFC 8773: with that key */
    uint8_t session_id[32];
    size_t session_id_len;
    char ja3s[33];
};

struct cas_alert_facts {
    bool from_server;
    uint8_t level;
    uint8_t description;
};

/* One direction after its hello. */
struct cas_direction_facts {
    bool is_seen;             /* any TLS record of this direction */
    uint32_t certificates;    /* Certificate messages in the clear */
    uint32_t cert_requests;   /* CertificateRequest messages in the clear */
    bool has_refused_request; /* one that was not this side's to send: it is not told */
    bool has_hello_done;      /* ServerHelloDone */
    bool has_key_exchange;    /* ServerKeyExchange or ClientKeyExchange */
    bool has_certificate_verify;
    bool has_certificate_url; /* CertificateURL, which stands for Certificate: RFC 6066, 5 */
    bool has_change_cipher_spec;
    bool has_encrypted_handshake;  /* type 22 after ChangeCipherSpec: Finished and later ones */
    bool has_encrypted_alert;      /* type 21 after it */
    bool has_application_data;     /* in TLS 1.3 any encrypted record, its handshake too */
    struct cas_flight flight;      /* of TLS 1.3: those records */
    bool is_decrypted;             /* records of it were opened with a key log */
    bool has_finished;             /* its Finished was among them */
    bool is_decrypted_on;          /* records behind that, too, that were no alert */
    bool is_read_on;               /* and all there were, until nothing more came */
    bool has_closed;               /* that was a closing alert, which nobody can forge */
    bool is_unsealing_cut;         /* keys were there, but not all records could be opened */
    bool has_later_request;        /* a CertificateRequest was among these */
    bool has_ticket;               /* a NewSessionTicket was */
    bool has_hidden_certificate;   /* a Certificate that is compressed: RFC 8879 */
    bool has_wrong_key;            /* the key log's secret does not open them */
    uint32_t encrypted_handshakes; /* records of type 22 after ChangeCipherSpec */
    bool lost_framing;             /* from there on nothing is known */
    bool is_malformed;             /* broke the protocol: from there on nothing is believed */
    uint32_t reasons;              /* why parts of this direction's handshake were not seen */
    /* Bytes missing between messages, so that a whole message may have been among them. */
    bool may_lack_messages;
};

struct cas_conversation_facts {
    bool is_tls; /* any TLS was found */
    /* 0 or 1: the flow's end that is the client; -1 unknown: then client is end 0's. */
    int client_end;
    bool is_after_plaintext; /* STARTTLS and the like */
    struct cas_client_hello_facts client_hello;
    struct cas_server_hello_facts server_hello;
    struct cas_direction_facts client;
    struct cas_direction_facts server;
    /*
     * TLS 1.2 and older, with a key log: this handshake came encrypted, behind the first one.
     */
    bool is_renewed;
    bool has_later_handshake;      /* of TLS 1.2 and older: another one behind the first */
    const struct cas_later *later; /* its records; NULL when nothing of one was seen */
    /* In the clear: the client's, then the server's, at most half of the room for each. */
    struct cas_alert_facts alerts[CAS_TLS_ALERTS_MAX];
    size_t alerts_len;
    uint64_t alerts_count;
};

struct cas_conversation;

/* What a conversation calls. user is what cas_conversation_create() was given. */
struct cas_conversation_handler {
    void (*cert_request)(void *user, const struct cas_frame *frame,
                         const struct cas_cert_request *request);
    void (*certificate)(void *user, const struct cas_frame *frame, bool from_server,
                        const struct cas_certificate_message *message);
    /* code and text are constant strings. Each code once in a conversation. */
    void (*anomaly)(void *user, const struct cas_frame *frame, const char *code,
                    const char *text);
    /*
     * The handshake has ended, or nothing more of it can come: the facts are final. Called
     * once, also from cas_conversation_close(); not at all when no TLS was found. After
     * cas_conversation_tell() it is the second time: then something may have come in between.
     */
    void (*done)(void *user, const struct cas_frame *frame,
                 const struct cas_conversation_facts *facts);
};

struct cas_fingerprint_cache;

/* Shared by the conversations of one sniffer. */
struct cas_tls_context {
    struct cas_conversation_handler handler;
    struct cas_budget *budget;
    struct cas_counters *counters;
    struct cas_keylog *keylog;            /* NULL: none */
    struct cas_fingerprint_cache *prints; /* NULL: fingerprints are made each time */
    struct cas_key_waits *waits; /* for what is not in it yet; NULL: nothing comes any more */
};

/*
 * With waits: conversations whose secrets are not known keep what they would open for
 * CAS_KEY_WAIT_US, and are not over before that. A secret of this client has come; it is now
 * now_us, of a clock that starts anywhere. Both may call any handler, without a frame.
 */
void cas_tls_secret_came(const struct cas_tls_context *context,
                         const uint8_t client_random[CAS_RANDOM_LEN]);
void cas_tls_set_now(const struct cas_tls_context *context, uint64_t now_us);

/* NULL when the budget or memory refuses. context must outlive it. */
struct cas_conversation *cas_conversation_create(const struct cas_tls_context *context,
                                                 void *user, bool is_midstream);

/*
 * As struct cas_flow_handler's functions of the same names. CAS_WANT_NEITHER once done() was
 * called, or when no TLS can be found any more.
 */
enum cas_want cas_conversation_bytes(struct cas_conversation *conversation,
                                     const struct cas_frame *frame, unsigned end,
                                     uint64_t offset, struct cas_view bytes);
enum cas_want cas_conversation_hole(struct cas_conversation *conversation,
                                    const struct cas_frame *frame, unsigned end,
                                    uint64_t offset, uint64_t len, enum cas_reason reason);
void cas_conversation_doubt(struct cas_conversation *conversation,
                            const struct cas_frame *frame, unsigned end, uint64_t offset,
                            uint64_t len, enum cas_reason reason);

bool cas_conversation_again(struct cas_conversation *conversation, unsigned end,
                            uint64_t offset, struct cas_view bytes, uint64_t before);

/* Nothing of what came of this end can be of a handshake that is still to come. */
bool cas_conversation_has_nothing(const struct cas_conversation *conversation, unsigned end);

/*
 * Nothing more comes: messages that are not whole are told with reason among their reasons,
 * then done() is called unless it was.
 */
void cas_conversation_close(struct cas_conversation *conversation,
                            const struct cas_frame *frame, enum cas_reason reason);

/*
 * Once done() was called: where both sides stand behind their handshake, of TLS 1.2 or older.
 * The follower is the caller's from then on, who gives it to cas_follower_finish(); next is, by
 * the flow's ends, the offset of the header that it awaits (its lower 32 bits). False when
 * there is nothing to follow.
 */
struct cas_follower;
bool cas_conversation_take_follower(struct cas_conversation *conversation,
                                    struct cas_follower *out_follower, uint32_t out_next[2]);

/*
 * Once done() was called: with a key log, handshakes of TLS 1.2 and older behind it may be
 * read. True when they can: then the conversation begins anew for the next one, whose messages
 * go to the handler as those of the first did, and done() with is_renewed among its facts. Of
 * what has come already cas_conversation_read_on() tells. It wants bytes as long as it can be
 * read; not any more when it wants neither, and then this gives true again, or the follower
 * goes on.
 */
bool cas_conversation_renew(struct cas_conversation *conversation);
enum cas_want cas_conversation_read_on(struct cas_conversation *conversation,
                                       const struct cas_frame *frame);

/*
 * For those who cannot wait for the end: has all been seen that matters? So it has when
 *   - a fatal alert came in the clear;
 *   - the list was asked for in the clear, and the server has sent its Finished;
 *   - both sides have closed;
 *   - one side has reset, and the server had said all that it says at first. Before that a
 *     forged reset would hide what is still to come.
 * Not so where no list was asked for yet, and both Finished are there: a renegotiation may
 * follow, and the first application data shows that it does not.
 *
 * ending: CAS_CLOSE_FIN, CAS_CLOSE_RST, or anything else as long as it has not ended.
 */
bool cas_conversation_is_over(const struct cas_conversation *conversation,
                              enum cas_close ending);

/* Calls done() early, without a frame; the conversation goes on. */
void cas_conversation_tell(struct cas_conversation *conversation);

/* How far it has come: what the facts say of it, without making them. */
struct cas_conversation_progress {
    bool is_tls;
    bool has_client_hello;
    bool has_server_hello;
    bool has_server_certificate; /* in the clear */
};

struct cas_conversation_progress
cas_conversation_progress(const struct cas_conversation *conversation);

/* The flow's end that is the client, as far as it is known; -1: it is not. */
int cas_conversation_client_end(const struct cas_conversation *conversation);

/* It is closed soon: fetches it (bytes/fetch.h), or then what it points to. */
void cas_conversation_fetch(const struct cas_conversation *conversation, unsigned step);

/* Calls no handler; conversation may be NULL. */
void cas_conversation_destroy(struct cas_conversation *conversation);

#endif
