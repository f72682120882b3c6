/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/relay_shapes.h"

#include <string.h>

#include "tls/anomaly.h"

/* clang-format off */

#define AT(type, member)            offsetof(struct cas_##type, member)
#define FIELD(kind, type, member)   { CAS_SHAPE_##kind, AT(type, member), 0, 0, NULL }
#define UP_TO(kind, type, member, most) { CAS_SHAPE_##kind, AT(type, member), (most), 0, NULL }
#define ARRAY(kind, type, member, shape) \
    { CAS_SHAPE_##kind, AT(type, member), 0, AT(type, member##_len), (shape) }
#define PART(kind, type, member, shape) { CAS_SHAPE_##kind, AT(type, member), 0, 0, (shape) }
#define SHAPE(type, fields) { sizeof(struct cas_##type), (fields), sizeof(fields) / sizeof((fields)[0]) }

/* clang-format on */

#define MEMBER_SIZE(type, member) sizeof(((struct cas_##type *)0)->member)

static const struct cas_shape_field endpoint_fields[] = {
    UP_TO(U8, endpoint, family, 6),
    UP_TO(FIXED, endpoint, address, MEMBER_SIZE(endpoint, address)),
    FIELD(U16, endpoint, port),
};
static const struct cas_shape endpoint_shape = SHAPE(endpoint, endpoint_fields);

/* The number is the teller's, and so are the names of sensor and file. */
static const struct cas_shape_field head_fields[] = {
    FIELD(U64, event_head, timestamp_us),
    FIELD(U64, event_head, frame),
    FIELD(TEXT, event_head, in_iface),
    FIELD(U64, event_head, flow_id),
    UP_TO(CHARS, event_head, community_id, CAS_COMMUNITY_ID_MAX),
    PART(PART, event_head, src, &endpoint_shape),
    PART(PART, event_head, dest, &endpoint_shape),
    UP_TO(FIXED, event_head, vlan, MEMBER_SIZE(event_head, vlan)),
    UP_TO(SIZE, event_head, vlan_len, CAS_VLAN_MAX),
};
static const struct cas_shape head_shape = SHAPE(event_head, head_fields);

static const struct cas_shape_field alert_fields[] = {
    UP_TO(ENUM, alert_info, from, CAS_SIDE_SERVER),
    FIELD(TEXT, alert_info, level),
    FIELD(TEXT, alert_info, description),
    UP_TO(U8, alert_info, code, UINT8_MAX),
};
static const struct cas_shape alert_shape = SHAPE(alert_info, alert_fields);

static const struct cas_shape_field tls_fields[] = {
    FIELD(TEXT, tls_info, version),
    FIELD(TEXT, tls_info, cipher),
    FIELD(TEXT, tls_info, sni),
    ARRAY(WORDS, tls_info, alpn, NULL),
    FIELD(BOOL, tls_info, resumed),
    FIELD(BOOL, tls_info, is_renegotiation),
    UP_TO(ENUM, tls_info, established, CAS_ESTABLISHED_NO),
    FIELD(TEXT, tls_info, ja3),
    FIELD(TEXT, tls_info, ja3s),
    FIELD(TEXT, tls_info, ja4),
    ARRAY(ITEMS, tls_info, alerts, &alert_shape),
    UP_TO(SIZE, tls_info, server_certs_left_out, UINT32_MAX),
    UP_TO(SIZE, tls_info, client_certs_left_out, UINT32_MAX),
    FIELD(BOOL, tls_info, server_certs_incomplete),
    FIELD(BOOL, tls_info, client_certs_incomplete),
    ARRAY(WORDS, tls_info, hello_ca_names, NULL),
};
static const struct cas_shape tls_shape = SHAPE(tls_info, tls_fields);

static const struct cas_shape_field size_fields[] = {
    FIELD(U32, request_size, least),
    FIELD(U32, request_size, most),
    FIELD(TEXT, request_size, limit_name),
    FIELD(U32, request_size, limit_bytes),
    FIELD(U32, request_size, limit_counted),
    FIELD(U32, request_size, limit_percent_least),
    FIELD(U32, request_size, limit_percent),
    UP_TO(ENUM, request_size, headroom_least, CAS_HEADROOM_OVER),
    UP_TO(ENUM, request_size, headroom, CAS_HEADROOM_OVER),
    ARRAY(WORDS, request_size, clients_refusing, NULL),
};
static const struct cas_shape size_shape = SHAPE(request_size, size_fields);

static const struct cas_shape_field diagnosis_fields[] = {
    UP_TO(ENUM, diagnosis, code, CAS_DIAGNOSIS_RESUMED),
    UP_TO(ENUM, diagnosis, severity, CAS_SEVERITY_ERROR),
    FIELD(WORD, diagnosis, text),
};
static const struct cas_shape diagnosis_shape = SHAPE(diagnosis, diagnosis_fields);

static const struct cas_shape_field auth_fields[] = {
    UP_TO(ENUM, client_auth_info, requested, CAS_REQUESTED_HIDDEN),
    UP_TO(ENUM, client_auth_info, how, CAS_HOW_INFERRED),
    UP_TO(ENUM, client_auth_info, answer, CAS_ANSWER_HIDDEN),
    PART(OPTIONAL, client_auth_info, request_size, &size_shape),
    FIELD(BOOL, client_auth_info, encrypted_alert),
    ARRAY(ITEMS, client_auth_info, diagnosis, &diagnosis_shape),
};
static const struct cas_shape auth_shape = SHAPE(client_auth_info, auth_fields);

static const struct cas_shape_field handshake_fields[] = {
    PART(PART, handshake_event, head, &head_shape),
    PART(PART, handshake_event, tls, &tls_shape),
    PART(PART, handshake_event, client_auth, &auth_shape),
};
const struct cas_shape cas_relay_handshake_shape = SHAPE(handshake_event, handshake_fields);

static const struct cas_shape_field anomaly_fields[] = {
    PART(PART, relay_anomaly, head, &head_shape),
    FIELD(WORD, relay_anomaly, code),
    FIELD(WORD, relay_anomaly, text),
};
const struct cas_shape cas_relay_anomaly_shape = SHAPE(relay_anomaly, anomaly_fields);

static const struct cas_shape_field sight_fields[] = {
    FIELD(U32, message_sight, declared_len),
    FIELD(U32, message_sight, records),
    UP_TO(ENUM, message_sight, reasons, (1u << CAS_REASONS) - 1),
    FIELD(BOOL, message_sight, is_record_too_long),
    FIELD(BOOL, message_sight, is_message_too_long_for_record),
    FIELD(BOOL, message_sight, is_broken),
};
static const struct cas_shape sight_shape = SHAPE(message_sight, sight_fields);

static const struct cas_shape_field cert_request_fields[] = {
    PART(PART, cert_request, sight, &sight_shape),
    FIELD(BOOL, cert_request, has_signature_algorithms),
    FIELD(VIEW, cert_request, certificate_types),
    FIELD(VIEW, cert_request, signature_algorithms),
    FIELD(U32, cert_request, list_declared_len),
    FIELD(VIEW, cert_request, list),
    UP_TO(SIZE, cert_request, trailing_len, UINT32_MAX),
    FIELD(VIEW, cert_request, rest_of_message),
    FIELD(BOOL, cert_request, is_malformed),
};
static const struct cas_shape cert_request_shape = SHAPE(cert_request, cert_request_fields);

static const struct cas_shape_field request_fields[] = {
    PART(PART, relay_request, request, &cert_request_shape),
    FIELD(VIEW, relay_request, server_subject),
};
const struct cas_shape cas_relay_request_shape = SHAPE(relay_request, request_fields);

static const struct cas_shape_field before_fields[] = {
    UP_TO(ENUM, relay_before, requested, CAS_REQUESTED_HIDDEN),
    UP_TO(ENUM, relay_before, answer, CAS_ANSWER_HIDDEN),
};
const struct cas_shape cas_relay_before_shape = SHAPE(relay_before, before_fields);

static const struct cas_shape_field frame_fields[] = {
    FIELD(U64, frame, number),   FIELD(U64, frame, timestamp_us), FIELD(U32, frame, link_type),
    FIELD(U32, frame, wire_len), FIELD(VIEW, frame, bytes),
};
const struct cas_shape cas_relay_frame_shape = SHAPE(frame, frame_fields);

static const struct cas_shape_field late_frame_fields[] = {
    PART(PART, relay_late_frame, end[0], &endpoint_shape),
    PART(PART, relay_late_frame, end[1], &endpoint_shape),
    PART(PART, relay_late_frame, frame, &cas_relay_frame_shape),
};
const struct cas_shape cas_relay_late_frame_shape = SHAPE(relay_late_frame, late_frame_fields);

bool cas_relay_anomaly_settle(struct cas_relay_anomaly *anomaly)
{
    for (int i = 0; i < CAS_ANOMALIES; i++) {
        const struct cas_anomaly_text known = cas_anomaly_text((enum cas_talk_anomaly)i);
        if (strcmp(known.code, anomaly->code) == 0 && strcmp(known.text, anomaly->text) == 0) {
            anomaly->code = known.code;
            anomaly->text = known.text;
            return true;
        }
    }
    return false;
}
