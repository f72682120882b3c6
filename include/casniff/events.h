/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What casniff tells: the events, and the sink that receives them. The JSON report prints
 * exactly these (man/casniff-events.schema.json); a library user receives the same structs.
 *
 * Everything an event points to belongs to the sniffer and is valid only during the call of the
 * sink. Strings are UTF-8, already escaped so that no control character, bidirectional mark or
 * invalid byte is left in them; NULL means unknown or absent.
 */
#ifndef CASNIFF_EVENTS_H
#define CASNIFF_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/api.h>
#include <casniff/counters.h>
#include <casniff/types.h>

#define CAS_EVENT_VERSION    1
#define CAS_SHA256_LEN       32
#define CAS_COMMUNITY_ID_MAX 32 /* "1:" and 28 base64 characters, with its end */

/* Where and when: common to all events that concern a connection. */
struct cas_event_head {
    uint64_t timestamp_us; /* of the packet that completed the event */
    uint64_t seq;          /* 1, 2, 3, ... of this run */
    uint64_t frame;        /* number of that packet; 0 when there is none */
    const char *sensor_name;
    const char *in_iface;      /* live; NULL offline */
    const char *pcap_filename; /* offline; NULL live */
    uint64_t flow_id;          /* below 2^53; 0 when the event is of no single connection */
    char community_id[CAS_COMMUNITY_ID_MAX]; /* "" when there is no flow */
    struct cas_endpoint src;  /* the client; family 0 in an event of no single connection */
    struct cas_endpoint dest; /* the server */
    uint16_t vlan[CAS_VLAN_MAX];
    size_t vlan_len;
};

enum cas_side {
    CAS_SIDE_CLIENT,
    CAS_SIDE_SERVER
};
enum cas_established {
    CAS_ESTABLISHED_UNKNOWN,
    CAS_ESTABLISHED_YES,
    CAS_ESTABLISHED_NO
};
enum cas_requested {
    CAS_REQUESTED_UNSEEN, /* that part of the handshake was not captured */
    CAS_REQUESTED_NO,
    CAS_REQUESTED_YES,
    CAS_REQUESTED_HIDDEN /* encrypted: it may have been */
};
enum cas_how {
    CAS_HOW_PLAINTEXT,
    CAS_HOW_DECRYPTED,
    CAS_HOW_INFERRED
};
enum cas_answer {
    CAS_ANSWER_UNSEEN,
    CAS_ANSWER_NONE,  /* no Certificate message: nothing was asked, it gave up, or skipped it */
    CAS_ANSWER_EMPTY, /* a Certificate message without a certificate (SSLv3: alert 41) */
    CAS_ANSWER_CERTIFICATE,
    CAS_ANSWER_HIDDEN
};
enum cas_severity {
    CAS_SEVERITY_INFO,
    CAS_SEVERITY_WARNING,
    CAS_SEVERITY_ERROR
};

/* What was seen of a list; says nothing about what the server did. */
enum cas_seen {
    CAS_SEEN_COMPLETE,   /* every byte, once, unambiguously */
    CAS_SEEN_INCOMPLETE, /* bytes are missing */
    CAS_SEEN_AMBIGUOUS,  /* bytes were sent twice and differ */
    CAS_SEEN_MALFORMED   /* all there, but it contradicts itself */
};

/* What the server did; CAS_TRUNCATION_UNKNOWN unless the list is CAS_SEEN_COMPLETE. */
enum cas_truncation {
    CAS_TRUNCATION_UNKNOWN,
    CAS_TRUNCATION_NONE,      /* a store was given and nothing is missing */
    CAS_TRUNCATION_NO_SIGN,   /* no store, and nothing near a limit */
    CAS_TRUNCATION_SUBSET,    /* something is missing, and size does not explain it */
    CAS_TRUNCATION_SUSPECTED, /* it looks cut */
    CAS_TRUNCATION_CONFIRMED  /* something is missing, and it would not have fitted */
};

enum cas_headroom {
    CAS_HEADROOM_OK,
    CAS_HEADROOM_WARN,
    CAS_HEADROOM_CRIT,
    CAS_HEADROOM_OVER
};

enum cas_lint {
    CAS_LINT_LENGTH_WRAPPED,  /* the list's length field wrapped at 65,536 */
    CAS_LINT_RECORD_TOO_LONG, /* a record above 2^14 bytes */
    CAS_LINT_LIST_OMITTED,    /* an empty list although a store was given */
    CAS_LINT_DUPLICATE_NAME,
    CAS_LINT_EMPTY_NAME,
    CAS_LINT_MALFORMED_NAME,
    CAS_LINT_NOT_IN_STORE,
    CAS_LINT_ENCODING_MISMATCH, /* equal to a store's name, but in other bytes */
    CAS_LINT_SERVER_LEAF,       /* the server's own certificate is no CA */
    CAS_LINT_NT_AUTHORITY,      /* Windows' own "NT AUTHORITY" */
    CAS_LINT_TRAILING_BYTES     /* bytes after the list */
};

enum cas_diagnosis_code {
    CAS_DIAGNOSIS_OK,
    CAS_DIAGNOSIS_NO_REQUEST,
    CAS_DIAGNOSIS_REQUEST_HIDDEN_TLS13,
    CAS_DIAGNOSIS_REQUEST_HIDDEN_RENEGOTIATION,
    CAS_DIAGNOSIS_REQUEST_EMPTY_LIST,
    CAS_DIAGNOSIS_CLIENT_SENT_NONE,
    CAS_DIAGNOSIS_CLIENT_SKIPPED_ANSWER,
    CAS_DIAGNOSIS_ISSUER_CUT_OFF,
    CAS_DIAGNOSIS_ISSUER_NOT_ADVERTISED,
    CAS_DIAGNOSIS_ENCODING_MISMATCH,
    CAS_DIAGNOSIS_KEYTYPE_NOT_ACCEPTED,
    CAS_DIAGNOSIS_NO_CLIENTAUTH_EKU,
    CAS_DIAGNOSIS_EXPIRED,
    CAS_DIAGNOSIS_NOT_YET_VALID,
    CAS_DIAGNOSIS_CHAIN_INCOMPLETE,
    CAS_DIAGNOSIS_REJECTED_BY_ALERT,
    CAS_DIAGNOSIS_MESSAGE_TOO_BIG_FOR_CLIENT,
    CAS_DIAGNOSIS_SERVER_CERT_REJECTED,
    CAS_DIAGNOSIS_RESUMED
};

/*
 * Why an alert goes out. All but the last are about a list that was seen whole: one that was
 * not raises nothing. LIST_NEAR_LIMIT, LIST_OVER_LIMIT and CLIENTS_REFUSING may be inferred
 * from the size of a request that is encrypted.
 */
enum cas_alert_cause {
    CAS_ALERT_LIST_NEAR_LIMIT,      /* headroom warn or crit */
    CAS_ALERT_LIST_OVER_LIMIT,      /* headroom over */
    CAS_ALERT_TRUNCATION_SUSPECTED, /* it looks cut */
    CAS_ALERT_TRUNCATION_CONFIRMED, /* it was cut */
    CAS_ALERT_LIST_CHANGED,         /* not the names that this server showed before */
    CAS_ALERT_LIST_SHRANK,          /* the same, and fewer than before */
    CAS_ALERT_CLIENTS_REFUSING,     /* some clients refuse a message of that size */
    CAS_ALERT_CLIENT_CUT_OFF,       /* a client failed over the list */
    CAS_ALERT_CAUSES                /* how many there are */
};

/* What happened to an interface. */
enum cas_iface_state {
    CAS_IFACE_UP,
    CAS_IFACE_DOWN,
    CAS_IFACE_GONE, /* it does not exist any more */
    CAS_IFACE_BACK  /* it exists again, and is read from */
};

/* Each enum value as events spell it; constant strings. */
CAS_API const char *cas_established_name(enum cas_established established);
CAS_API const char *cas_requested_name(enum cas_requested requested);
CAS_API const char *cas_how_name(enum cas_how how);
CAS_API const char *cas_answer_name(enum cas_answer answer);
CAS_API const char *cas_severity_name(enum cas_severity severity);
CAS_API const char *cas_seen_name(enum cas_seen seen);
CAS_API const char *cas_truncation_name(enum cas_truncation truncation);
CAS_API const char *cas_headroom_name(enum cas_headroom headroom);
CAS_API const char *cas_lint_name(enum cas_lint lint);
CAS_API const char *cas_diagnosis_name(enum cas_diagnosis_code code);
CAS_API const char *cas_side_name(enum cas_side side);
CAS_API const char *cas_alert_cause_name(enum cas_alert_cause cause);
CAS_API const char *cas_iface_state_name(enum cas_iface_state state);

/* A certificate as it was sent. What could not be read is NULL, and note says why. */
struct cas_cert_info {
    const char *subject; /* RFC 4514; "" for an empty name */
    const char *issuer;
    const char *serial;     /* lower-case hex without separators */
    const char *not_before; /* RFC 3339 UTC */
    const char *not_after;
    int64_t not_before_s; /* seconds since 1970, INT64_MIN when unknown */
    int64_t not_after_s;  /* INT64_MAX when unknown */
    uint8_t sha256[CAS_SHA256_LEN];
    size_t size;            /* bytes of DER */
    const char *const *san; /* "DNS:www.example.at", "IP:192.0.2.1", "email:...", ... */
    size_t san_len;
    const char *key_type;  /* "RSA", "EC", "Ed25519", ..., or a dotted OID */
    uint32_t key_bits;     /* 0 when unknown */
    const char *key_curve; /* "P-256", ...; NULL when it is no elliptic curve */
    const char *sig_alg;   /* "sha256WithRSAEncryption", ..., or a dotted OID */
    bool is_ca;
    const char *const *eku; /* "clientAuth", "serverAuth", ..., or a dotted OID */
    size_t eku_len;
    const char *note; /* what is remarkable, e.g. why it could not be parsed whole */
};

struct cas_alert_info {
    enum cas_side from;
    const char *level;       /* "warning", "fatal" */
    const char *description; /* RFC 8446, B.2, e.g. "certificate_required" */
    uint8_t code;
};

struct cas_tls_info {
    const char *version; /* "TLS 1.2"; NULL when no ServerHello was seen, or too little of it */
    const char *cipher;  /* IANA name, or "0x1234"; NULL likewise */
    const char *sni;
    const char *const *alpn; /* as the client offered */
    size_t alpn_len;
    bool resumed;
    bool is_renegotiation; /* a later handshake of a connection that had an event already */
    enum cas_established established;
    const char *ja3; /* 32 hex digits */
    const char *ja3s;
    const char *ja4;
    const struct cas_alert_info *alerts;
    size_t alerts_len;
    const struct cas_cert_info *const *server_certs;
    size_t server_certs_len;
    const struct cas_cert_info *const *client_certs;
    size_t client_certs_len;
    /* More were in the message: too many, or there was no memory for them. */
    size_t server_certs_left_out;
    size_t client_certs_left_out;
    /* Or others may have been: bytes of it are missing or in doubt, it is malformed, or the
     * side's messages are not in order. */
    bool server_certs_incomplete;
    bool client_certs_incomplete;
    const char *const *hello_ca_names; /* extension 47 of the ClientHello */
    size_t hello_ca_names_len;
};

struct cas_diagnosis {
    enum cas_diagnosis_code code;
    enum cas_severity severity;
    const char *text; /* one or two sentences, the remedy in them */
};

/* An encrypted CertificateRequest, measured by the lengths of the records around it. */
struct cas_request_size {
    uint32_t least; /* bytes of the message with its header; least and most equal: exactly */
    uint32_t most;
    /*
     * The limit that it comes nearest to, and how near; NULL unless the size is exact. What
     * surrounds the list in the message is not known, so that what the limit counts of it lies
     * between two bounds.
     */
    const char *limit_name;
    uint32_t limit_bytes;
    uint32_t limit_counted;              /* at least */
    uint32_t limit_percent_least;        /* of that */
    uint32_t limit_percent;              /* from the most that it can be */
    enum cas_headroom headroom_least;    /* by the least that it can be: true in any case */
    enum cas_headroom headroom;          /* by the most; OVER only when it is so in any case */
    const char *const *clients_refusing; /* as in cas_ca_list_info: in any case */
    size_t clients_refusing_len;
};

/* What is remembered of it: what is true in any case. */
struct cas_request_brief {
    uint32_t least;
    enum cas_headroom headroom;
    const char *limit_name; /* NULL when it has none: all that is of the limit is 0 then */
    uint32_t limit_bytes;
    uint32_t limit_counted;
    uint64_t clients_refusing; /* how many client profiles refuse it */
};

struct cas_client_auth_info {
    enum cas_requested requested;
    enum cas_how how; /* meaningful when requested is YES or NO */
    enum cas_answer answer;
    const struct cas_request_size *request_size; /* inferred; NULL when it is not known */
    bool encrypted_alert; /* behind the client's answer the server sent an alert and no more */
    const struct cas_diagnosis *diagnosis;
    size_t diagnosis_len;
};

enum cas_in_store {
    CAS_IN_STORE_UNKNOWN, /* no store was given */
    CAS_IN_STORE_NO,
    CAS_IN_STORE_YES,
    CAS_IN_STORE_OTHER_ENCODING /* equal only in the canonical form */
};

/* A name in the list, in the order sent. */
struct cas_name_info {
    const char *dn; /* RFC 4514; "#hex" of the DER when it cannot be read; "" when empty */
    uint32_t bytes; /* its share of the list: 2 + DER length */
    enum cas_in_store in_store;
    struct cas_view der;
};

/* A name of the store that the list lacks. */
struct cas_missing_info {
    const char *dn;
    uint32_t bytes;   /* what it would have added to the list */
    const char *note; /* "expired", "not a CA", or NULL: leaving those out is no fault */
};

struct cas_lint_info {
    enum cas_lint code;
    size_t index; /* of the name, from 0; SIZE_MAX when it is about the whole list */
    const char *text;
};

/* The comparison with the trust store; names counts a subject that is there twice once. */
struct cas_store_info {
    size_t names;
    size_t advertised; /* of them are in the list */
    size_t missing_count;
    size_t extra_count;
    bool is_ordered_prefix;    /* the list is the store's first names, in the store's order */
    const char *first_missing; /* NULL when nothing is missing */
    const struct cas_missing_info *missing; /* all missing_count, in store order */
    const char *const *extra;               /* all extra_count, in list order */
};

/* A CertificateRequest with its list and the verdict. */
struct cas_ca_list_info {
    uint64_t id;    /* the same for the same report in one run, and for no other; or 0 */
    size_t count;   /* names seen */
    uint32_t bytes; /* sum of (2 + DER length): Wireshark's dnames_len */
    uint32_t declared_bytes; /* the length field; differs from bytes when wrapped or cut */
    uint32_t message_bytes;  /* the handshake message with its 4-byte header, as declared */
    uint32_t records;        /* TLS records that it spans */
    uint8_t sha256[CAS_SHA256_LEN];     /* over the vector as sent */
    uint8_t set_sha256[CAS_SHA256_LEN]; /* over the sorted names: order does not count */
    const char *const *certificate_types;
    size_t certificate_types_len;
    const char *const *signature_algorithms;
    size_t signature_algorithms_len;

    enum cas_seen seen;
    uint32_t reasons; /* mask of CAS_REASON_BIT(enum cas_reason) */

    enum cas_truncation truncation;
    const char *verdict_text; /* one or two sentences for people */
    /* The limit that the verdict, or else the headroom, speaks of. */
    const char *limit_name;
    uint32_t limit_bytes;
    uint32_t limit_counted; /* what that limit counts of this message, in bytes */
    uint32_t limit_percent; /* limit_counted of limit_bytes, rounded down */
    int64_t slack_bytes;    /* limit_bytes - limit_counted; negative when over */
    uint32_t room_for;      /* how many more names of average size */
    enum cas_headroom headroom;
    const char *const *clients_refusing; /* client profiles whose maximum this exceeds */
    size_t clients_refusing_len;

    const struct cas_store_info *store; /* NULL when none was given */
    const struct cas_name_info *names;  /* all count of them */
    const struct cas_lint_info *lint;
    size_t lint_len;
};

/* One per TLS connection, when its handshake ends or nothing more can come. */
struct cas_handshake_event {
    struct cas_event_head head;
    struct cas_tls_info tls;
    struct cas_client_auth_info client_auth;
    const struct cas_ca_list_info *ca_list; /* NULL when no request was seen */
};

/* A server's list: when it is seen first, when it changes, and as a heartbeat. */
struct cas_ca_list_event {
    struct cas_event_head head;
    const char *sni; /* of the connection that showed it */
    const char *version;
    const struct cas_ca_list_info *ca_list;
    bool is_heartbeat; /* the list is known: reports leave its names out */
};

/* A list as it was before, for comparison. */
struct cas_list_brief {
    size_t count;
    uint32_t bytes;
    uint8_t sha256[CAS_SHA256_LEN];
    uint8_t set_sha256[CAS_SHA256_LEN];
};

/*
 * Something that an operator should hear of: once for each address and port, cause and list,
 * whatever the SNI, again when the verdict on it changes, and again after the config's
 * realert_us while it still holds.
 */
struct cas_alert_event {
    struct cas_event_head head; /* of the handshake that showed it */
    enum cas_alert_cause cause;
    enum cas_severity severity;
    uint32_t signature_id; /* of the cause; never changes its meaning */
    const char *signature; /* one sentence, with its figures */
    const char *category;  /* a constant string */
    const char *sni;
    const char *version; /* of TLS */
    enum cas_how how;    /* INFERRED: there is no list, only the size of its request */
    const struct cas_ca_list_info *ca_list;      /* NULL when it was inferred */
    const struct cas_request_size *request_size; /* NULL when it was not */
    const struct cas_list_brief *previous;       /* LIST_CHANGED, LIST_SHRANK; else NULL */
    const struct cas_diagnosis *diagnosis;       /* CLIENT_CUT_OFF: the worst; else NULL */
    uint64_t occurrences; /* handshakes that showed it since its last alert, and raised none */
    uint64_t suppressed;  /* alerts of any kind that the rate limit held back since the last */
};

/* An interface went down, vanished, came back: told by whoever reads from it. */
struct cas_capture_event {
    struct cas_event_head head;
    const char *iface;
    enum cas_iface_state state;
    const char *text; /* one sentence */
};

/*
 * A connection with a diagnosis above information. It failed when it was not established, or
 * when the diagnosis is an error; else it is doubtful: it was established, or nobody saw, and
 * what the server said to it is encrypted.
 */
struct cas_failure_info {
    uint64_t timestamp_us;
    uint64_t frame;
    struct cas_endpoint client;
    enum cas_answer answer;
    const struct cas_diagnosis *diagnosis; /* the worst first */
    size_t diagnosis_len;
    bool is_doubtful; /* else it failed */
};

/* One per server (address, port, SNI, list) at the end. */
struct cas_server_event {
    struct cas_event_head head; /* dest is the server; src is empty */
    const char *sni;
    const char *version; /* of the last handshake */
    uint64_t first_us;
    uint64_t last_us;
    uint64_t handshakes;
    uint64_t resumed;
    uint64_t requested[CAS_REQUESTED_HIDDEN + 1]; /* handshakes by enum cas_requested */
    uint64_t answers[CAS_ANSWER_HIDDEN + 1];      /* handshakes by enum cas_answer */
    uint64_t
        inferred; /* of those with a request, how many by inference: their list is hidden */
    const struct cas_ca_list_info *ca_list;  /* NULL when no list was seen */
    const struct cas_request_brief *request; /* the last inferred one; NULL with a list */
    const struct cas_failure_info *failures; /* the first of both kinds */
    size_t failures_len;                     /* how many are kept here */
    uint64_t failures_count;                 /* how many connections failed */
    uint64_t doubtful_count;                 /* how many are doubtful */
};

/* Something that honest traffic does not do. */
struct cas_anomaly_event {
    struct cas_event_head head;
    const char *code; /* "overlap", "malformed_record", ... */
    const char *text;
};

/* The counters, at the end or on demand. */
struct cas_stats_event {
    struct cas_event_head head;
    const struct cas_counters *counters;
};

/* Where one limit would cut what a server with this store sends (--plan). */
struct cas_plan_cut {
    const char *limit_name;
    uint32_t limit_bytes;
    uint32_t limit_counted; /* of the whole list */
    uint32_t limit_percent;
    size_t names_sent; /* all of them when it is not cut */
    const char *first_missing;
    const char *effect; /* what that implementation does above its limit */
};

struct cas_plan_event {
    struct cas_event_head head;
    size_t entries; /* certificates in the store */
    size_t names;   /* distinct subjects */
    uint32_t bytes; /* the list that they make */
    const struct cas_plan_cut *cuts;
    size_t cuts_len;
    const struct cas_name_info *name; /* all names, in the store's order */
};

/*
 * Receives the events. Any function may be NULL. The structs are valid during the call only.
 * user is handed to every call as it is.
 */
struct cas_sink {
    void *user;
    void (*handshake)(void *user, const struct cas_handshake_event *event);
    void (*ca_list)(void *user, const struct cas_ca_list_event *event);
    void (*server)(void *user, const struct cas_server_event *event);
    void (*anomaly)(void *user, const struct cas_anomaly_event *event);
    void (*stats)(void *user, const struct cas_stats_event *event);
    void (*plan)(void *user, const struct cas_plan_event *event);
    void (*alert)(void *user, const struct cas_alert_event *event);
    void (*capture)(void *user, const struct cas_capture_event *event);
    /* No more events come. */
    void (*end)(void *user);
};

#endif
