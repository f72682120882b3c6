/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands in the messages from a reader to a teller (casniff/relay.h): a byte that says
 * what it is, then these shapes.
 *
 *   anomaly         head, code, text
 *   handshake       shown, u32 anomalies, packets
 *   late list       shown
 *   doubt           shown, the list as it was told
 *   renegotiation   event, requested and answer as they were told
 *   late frame      sender, receiver, frame
 *   counters        their number and all of them, the last time and packet
 *
 *   shown           event, list, server certificates, client certificates
 *   certificates    u8 how many, each: u8 place or CAS_RELAY_NO_PLACE, u8 is it new there;
 *                   then, if it is, and without a place, its bytes
 *   list            u8 CAS_RELAY_LIST_NONE, or as a certificate with a request instead of bytes
 *   packets         u8 are there any; u64 missing, u32 how many, frames
 *
 * A place holds what came there last, so that what is known crosses once.
 */
#ifndef CAS_ANALYSIS_RELAY_SHAPES_H
#define CAS_ANALYSIS_RELAY_SHAPES_H

#include <casniff/events.h>

#include "analysis/shape.h"
#include "tls/conversation.h"

enum cas_relay_kind {
    CAS_RELAY_ANOMALY = 1,
    CAS_RELAY_HANDSHAKE,
    CAS_RELAY_LATE_LIST,
    CAS_RELAY_DOUBT,
    CAS_RELAY_RENEGOTIATION,
    CAS_RELAY_LATE_FRAME,
    CAS_RELAY_COUNTERS
};

/* Larger things have no place: they cross each time, and are not kept. */
#define CAS_RELAY_CERT_PLACES 128
#define CAS_RELAY_CERT_MAX    4096
#define CAS_RELAY_LIST_PLACES 16
#define CAS_RELAY_LIST_MAX    65536
#define CAS_RELAY_NO_PLACE    254
#define CAS_RELAY_LIST_NONE   255

/* A request as it was seen, with what else its report is made of. */
struct cas_relay_request {
    struct cas_cert_request request;
    struct cas_view server_subject;
};

/* How a connection was told before. */
struct cas_relay_before {
    enum cas_requested requested;
    enum cas_answer answer;
};

struct cas_relay_anomaly {
    struct cas_event_head head;
    const char *code;
    const char *text;
};

/* A frame behind a handshake that was told. */
struct cas_relay_late_frame {
    struct cas_endpoint end[2]; /* its sender's, its receiver's */
    struct cas_frame frame;
};

/* The anomaly with this code and text, in constant strings, for its code is remembered. False
 * when there is none. */
bool cas_relay_anomaly_settle(struct cas_relay_anomaly *anomaly);

extern const struct cas_shape cas_relay_handshake_shape; /* of a struct cas_handshake_event,
                                                          without certificates and list */
extern const struct cas_shape cas_relay_anomaly_shape;
extern const struct cas_shape cas_relay_request_shape;
extern const struct cas_shape cas_relay_before_shape;
extern const struct cas_shape cas_relay_frame_shape; /* of a struct cas_frame */
extern const struct cas_shape cas_relay_late_frame_shape;

#endif
